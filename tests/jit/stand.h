// stand.h -- a machine just large enough to run engines side by side.
//
// Its devices and hosts answer by rules that depend on the machine's state alone
// and write down what they saw, the exact instruction count included, so that two
// engines that differ anywhere soon differ in the log.
#ifndef TEST_STAND_H
#define TEST_STAND_H

#include "jit.h"

typedef struct {
    const char *name;
    const JitMachine *jit;
    const Lc3Engine *engines;
    const int *engine_count;
    int (*step)(Lc3State *s);
    void (*forget)(Lc3State *s, uint16_t address);
    void (*interrupt)(Lc3State *s, int exception);
} StandDialect;

extern const StandDialect stand_dialects[2]; // ed3, ed2

typedef struct {
    Lc3State s; // first
    const StandDialect *dialect;
    JitVm *vm;        // or NULL
    uint64_t log;     // of all that devices and hosts saw
    uint64_t attempt; // counts blocked traps: a host that waits now is done later
    uint16_t device[512];
    uint16_t memory[65536];
    uint8_t code[65536];
    uint64_t decoded[65537];
} Stand;

Stand *stand_new(const StandDialect *dialect);
void stand_free(Stand *m);

// Copies the machine at rest; what engines keep about it starts anew.
void stand_copy(Stand *to, const Stand *from);

// What differs first, as text in `out`; false when nothing does.
bool stand_differs(const Stand *a, const Stand *b, char *out, size_t size);

// A program made of random instructions that stay near each other: loops, calls,
// stores into code, device addresses, wraps.
void stand_random(Stand *m, uint64_t *random);
uint64_t next_random(uint64_t *state);

#endif
