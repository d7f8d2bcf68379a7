// test_machine.h -- a small machine around generated engines, and its twin
// around the reference evaluator.
//
// Devices and hosts are a World: a few numbers that every access stirs, together
// with all that the running program could have seen.  Two worlds that are asked
// the same in the same states answer the same for ever; one wrong register in
// one call and they never agree again.
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

#include "eval.h"
#include "lc3_state.h"

enum { TEST_WORDS = 65536 };

typedef struct {
    uint64_t stirred;
    uint64_t calls;
    bool quiet; // hosts are always done, devices read 0: for programs that use neither
    // Of a quiet world, for tests that say what happens:
    int status;         // what a host answers
    bool attends;       // every call asks for attention
    uint16_t out;       // what hosts and devices give
    uint64_t seen;      // instructions at the last call
    uint16_t seen_pc;
} World;

typedef struct {
    Lc3State s; // first: engines know only this
    World world;
    void (*forget)(Lc3State *m, uint16_t address);
    int (*guard)(const Lc3State *m, uint16_t address);
    uint64_t hooks; // stirred by every hook call
    uint16_t memory[TEST_WORDS];
    uint8_t code[TEST_WORDS];
    uint64_t decoded[TEST_WORDS + 1];
} TestMachine;

typedef struct {
    Eval e; // first
    World world;
} TestTwin;

typedef struct {
    const char *name;
    void (*forget)(Lc3State *m, uint16_t address);
    int (*guard)(const Lc3State *m, uint16_t address);
    int (*step)(Lc3State *m);
    Stop (*run_hooked)(Lc3State *m, uint64_t budget);
    void (*interrupt)(Lc3State *m, int exception);
    const Lc3Engine *engines;
    int engine_count;
} TestDialect;

TestDialect test_dialect(int index); // 0 ed3, 1 ed2, as in isa.def

// What both start from.
typedef struct {
    uint16_t R[8], PC, PSR, SSP, USP;
    uint8_t unhandled, native; // bit per exception; bit 0 of native: all of them
    uint64_t seed;
    bool quiet;
    const uint16_t *memory;
} TestStart;

void machine_start(TestMachine *m, const TestDialect *dialect, const TestStart *start);
void twin_start(TestTwin *t, const Isa *isa, int dialect, const TestStart *start);
void twin_free(TestTwin *t);

// The evaluator's memory as words, to compare many machines with.
void twin_memory(const TestTwin *t, uint16_t *memory);
// True when both are in the same state; otherwise says the first difference in `why`.
bool machines_agree(const TestMachine *m, const TestTwin *t, const uint16_t *twin_memory, char *why, size_t size);

// xorshift: the same numbers on every machine.
uint64_t test_random(uint64_t *state);

// Reads and checks a description; prints what is wrong and returns NULL.
Isa *test_isa(Arena *arena, Source *source, const char *path);

#endif
