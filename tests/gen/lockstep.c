// lockstep.c -- random programs: every engine against the reference evaluator.
//
//   lockstep ISA.def [INSTRUCTIONS [SEED]]
//
// Programs are made to hurt: near targets, stores into the code that runs, stacks
// and pointers into guarded memory and devices, the wrap behind xFFFF, returns
// into every mode with condition codes that no result gives, hosts that wait,
// close, fault, raise and write into the program.  After every slice all engines
// must be in the evaluator's state, in every register, word and count.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_machine.h"

typedef struct {
    uint64_t seed;
    uint16_t memory[TEST_WORDS];
    TestStart start;
} Program;

static uint16_t pick(uint64_t *r, const uint16_t *from, int count)
{
    return from[test_random(r) % (uint64_t)count];
}

// Addresses near the places where something special happens.
static uint16_t random_address(uint64_t *r, uint16_t base)
{
    static const uint16_t edges[] = { 0x0000, 0x0001, 0x0100, 0x01FE, 0x2FFE, 0x2FFF, 0x3000, 0xFDFE, 0xFDFF, 0xFE00,
                                      0xFE02, 0xFFFC, 0xFFFE, 0xFFFF };
    const uint64_t dice = test_random(r) % 16;
    if (dice < 9)
        return (uint16_t)(base + test_random(r) % 64);
    if (dice < 12)
        return (uint16_t)(0x4000 + test_random(r) % 16);
    if (dice < 15)
        return (uint16_t)(pick(r, edges, sizeof edges / sizeof *edges) + test_random(r) % 3 - 1);
    return (uint16_t)test_random(r);
}

static uint16_t near_offset(uint64_t *r, int bits)
{
    const int span = test_random(r) % 4 ? 8 : 1 << (bits - 2);
    return (uint16_t)((int)(test_random(r) % (uint64_t)(2 * span)) - span) & (uint16_t)((1 << bits) - 1);
}

// A word of any of the sixteen opcodes, branches and calls mostly short.
static uint16_t random_word(uint64_t *r)
{
    const uint16_t any = (uint16_t)test_random(r);
    const uint16_t top = any & 0xF000;
    switch (test_random(r) % 8) {
    case 0:
        return any;
    case 1: case 2:
        return (uint16_t)(top | (any & 0x0E00) | near_offset(r, 9));
    case 3:
        return (uint16_t)(0x1000 | (any & 0x4FFF)); // arithmetic
    case 4:
        return (uint16_t)((any & 0x0E00) | near_offset(r, 9)); // a branch
    case 5:
        return (uint16_t)(0x6000 | (any & 0x1FC0) | near_offset(r, 6)); // through a register
    case 6:
        return (uint16_t)(test_random(r) % 4 ? 0x1020 | (any & 0x0FDF) : 0x8000 | (any & 0x7000));
    default:
        return (uint16_t)(test_random(r) % 3 ? top | (any & 0x0FFF) : 0xF000 | pick(r, (const uint16_t[]){ 0x20, 0x21,
                          0x22, 0x25, 0x30, 0x31, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x3B, 0x40, 0x00 }, 15));
    }
}

// A loop of arithmetic and short branches, good to fuse, that stores instructions
// from R4 to R7 over itself.
static void make_rewriting_loop(Program *p, uint64_t *r)
{
    const int length = 6 + (int)(test_random(r) % 20);
    for (int i = 0; i < length; i++) {
        const uint16_t any = (uint16_t)test_random(r); // its registers are cut to R0 to R3
        uint16_t word;
        switch (test_random(r) % 8) {
        case 0: // a negation and a branch: two pairs that overlap
            word = (uint16_t)(0x903F | (any & 0x0600) | (any & 0x00C0));
            if (i + 2 < length) {
                p->memory[0x3000 + i++] = word;
                p->memory[0x3000 + i++] = (uint16_t)(0x1021 | (any & 0x0600) | (any >> 3 & 0x00C0));
                word = (uint16_t)((any << 4 & 0x0E00) | (any >> 14));
            }
            break;
        case 1: word = (uint16_t)(0x3800 | (any & 0x0600) | near_offset(r, 9)); break;
        case 2: word = (uint16_t)((any & 0x0E00) | (test_random(r) % 3)); break;
        case 3: word = (uint16_t)(0x5020 | (any & 0x0600) | (any & 0x00C0) | (any & 0x000F)); break;
        default: word = (uint16_t)(0x1020 | (any & 0x0600) | (any & 0x00DF)); break;
        }
        p->memory[0x3000 + i] = word;
    }
    p->memory[0x3000 + length] = (uint16_t)(0x0E00 | ((-length - 1) & 0x1FF));
    for (int i = 4; i < 8; i++)
        p->start.R[i] = p->memory[0x3000 + test_random(r) % (uint64_t)length];
    p->start.PC = 0x3000;
}

// Two pairs that overlap, both fused: a store into the second pair's branch undoes
// the second pair, whose entry holds operands of the first.
static void make_overlap(Program *p)
{
    static const uint16_t words[] = {
        0x0E01, // x3000 BRnzp x3002, so that the pair ADD, BR is decoded first
        0x94BF, // x3001 NOT R2, R2
        0x14A1, // x3002 ADD R2, R2, #1
        0x0E00, // x3003 BRnzp x3004
        0x1260, // x3004 ADD R1, R1, #0
        0x0401, // x3005 BRz x3007
        0x39FC, // x3006 ST R4, x3003
        0x1261, // x3007 ADD R1, R1, #1
        0x0FF8, // x3008 BRnzp x3001
    };
    memset(p, 0, sizeof *p);
    memcpy(p->memory + 0x3000, words, sizeof words);
    p->start = (TestStart){ .PC = 0x3000, .PSR = 0x8002, .R = { [2] = 0x1234, [4] = 0x0A00 }, .seed = 1,
                            .memory = p->memory };
}

static void make_program(Program *p, uint64_t seed)
{
    if (seed == 0) {
        make_overlap(p);
        return;
    }
    uint64_t r = seed * 0x9E3779B97F4A7C15u | 1;
    for (int i = 0; i < 8; i++)
        test_random(&r);
    memset(p->memory, 0, sizeof p->memory);
    static const uint16_t bases[] = { 0x3000, 0x3000, 0x3000, 0x3000, 0xFDD0, 0xFFD8, 0x2FE8, 0x0200, 0x5000 };
    const uint16_t base = pick(&r, bases, sizeof bases / sizeof *bases);
    for (int i = 0; i < 64; i++)
        p->memory[(uint16_t)(base + i)] = random_word(&r);
    for (int i = 0; i < 16; i++) {
        p->memory[0x4000 + i] = random_address(&r, base);
        p->memory[0x0000 + i] = random_word(&r);
        p->memory[0x2FF0 + i] = random_address(&r, base);
    }
    for (int i = 0; i < 0x200; i++) // vectors lead into the program or to an RTI
        p->memory[i] = test_random(&r) % 3 ? random_address(&r, base) : 0x0210;
    p->memory[0x0210] = 0x8000;
    p->start = (TestStart){ .PC = base, .SSP = test_random(&r) % 4 ? 0x2FF8 : random_address(&r, base),
                            .USP = random_address(&r, base), .native = test_random(&r) % 8 != 0, .seed = r,
                            .memory = p->memory };
    static const uint16_t psr[] = { 0x8002, 0x8001, 0x8004, 0x0002, 0x0002, 0x8000, 0x8007, 0x0003, 0x0702 };
    p->start.PSR = pick(&r, psr, sizeof psr / sizeof *psr);
    p->start.unhandled = test_random(&r) % 4 ? 0 : (uint8_t)test_random(&r);
    for (int i = 0; i < 8; i++)
        p->start.R[i] = random_address(&r, base);
    p->seed = seed;
    if (test_random(&r) % 3 == 0)
        make_rewriting_loop(p, &r);
}

enum { MAX_ENGINES = 64, SLICES = 40 };

static TestMachine *machines[MAX_ENGINES]; // one per engine, then one for the hooked run
static int failures;
static uint64_t stops[STOP_ATTENTION + 1], calls; // what the evaluator saw: the test must not be tame

static void complain(const Program *p, const char *dialect, const Lc3Engine *e, uint64_t before, const char *why)
{
    if (failures++ < 20)
        fprintf(stderr, "program %llu in %s, %s %s %s %s, slice from %llu: %s\n", (unsigned long long)p->seed, dialect,
                e ? e->dispatch : "hooked", e ? e->decode : "", e ? e->flags : "", e && e->fused ? "fused" : "",
                (unsigned long long)before, why);
}

static bool same_stop(Stop stop, EvalStop eval)
{
    static_assert((int)STOP_BUDGET == EVAL_BUDGET && (int)STOP_HALT == EVAL_HALT && (int)STOP_BLOCKED == EVAL_BLOCKED &&
                      (int)STOP_CLOSED == EVAL_CLOSED && (int)STOP_FAULT == EVAL_FAULT &&
                      (int)STOP_ATTENTION == EVAL_ATTENTION, "the evaluator stops as engines do");
    return (int)stop == (int)eval;
}

// Returns the instructions that the evaluator ran.
static uint64_t run_program(const Program *p, const Isa *isa, int dialect)
{
    const TestDialect d = test_dialect(dialect);
    static uint16_t memory[TEST_WORDS];
    TestTwin twin;
    twin_start(&twin, isa, dialect, &p->start);
    for (int i = 0; i <= d.engine_count; i++)
        machine_start(machines[i], &d, &p->start);
    uint64_t r = p->seed * 77 + 5;
    static const uint64_t small[] = { 1, 2, 7 };
    const uint64_t style = p->seed ? test_random(&r) % 16 : 12;
    for (int slice = 0; slice < SLICES && !failures; slice++) {
        const uint64_t budget = style < 11 ? small[style / 4] : 1 + test_random(&r) % (style < 15 ? 60 : 3000);
        const uint64_t before = twin.e.instructions;
        const EvalStop wanted = eval_run(&twin.e, budget);
        stops[wanted]++;
        twin_memory(&twin, memory);
        for (int i = 0; i <= d.engine_count; i++) {
            const Lc3Engine *e = i < d.engine_count ? &d.engines[i] : NULL;
            const Stop stop = (e ? e->run : d.run_hooked)(&machines[i]->s, budget);
            char why[200];
            if (!same_stop(stop, wanted)) {
                snprintf(why, sizeof why, "stops with %d, the evaluator with %d", stop, wanted);
                complain(p, d.name, e, before, why);
            }
            if (!machines_agree(machines[i], &twin, memory, why, sizeof why))
                complain(p, d.name, e, before, why);
        }
        if (wanted == EVAL_FAULT)
            break;
        if (test_random(&r) % 8 == 0) { // a device wants service
            const int interrupt = LC3_EXC_KBD + (int)(test_random(&r) % 2);
            eval_interrupt(&twin.e, isa->exceptions.at[interrupt]);
            for (int i = 0; i <= d.engine_count; i++)
                d.interrupt(&machines[i]->s, interrupt);
        }
    }
    const uint64_t ran = twin.e.instructions;
    calls += twin.world.calls;
    twin_free(&twin);
    return ran;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: lockstep ISA.def [INSTRUCTIONS [SEED]]\n");
        return 2;
    }
    const uint64_t wanted = argc > 2 ? strtoull(argv[2], NULL, 10) : 30000;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    Arena arena = { 0 };
    Source source;
    const Isa *isa = test_isa(&arena, &source, argv[1]);
    if (!isa)
        return 2;
    for (int i = 0; i < MAX_ENGINES; i++)
        machines[i] = arena_new(&arena, TestMachine);
    static Program program;
    uint64_t total = 0, programs = 0;
    for (; total < wanted && !failures; seed++, programs++) {
        make_program(&program, seed);
        total += run_program(&program, isa, (int)(seed & 1));
    }
    const int engines = test_dialect(0).engine_count;
    printf("%llu programs, %llu instructions on the evaluator and %d engines, %d failures\n",
           (unsigned long long)programs, (unsigned long long)total, engines + 1, failures);
    printf("%llu calls of devices and hosts; slices ended by", (unsigned long long)calls);
    static const char *const names[] = { "budget", "halt", "blocked", "closed", "fault", "attention" };
    for (int i = 0; i <= STOP_ATTENTION; i++)
        printf(" %s %llu", names[i], (unsigned long long)stops[i]);
    printf("\n");
    arena_free(&arena);
    return failures != 0;
}
