// test_rules.c -- what every engine promises about counts, addresses and stops.
//
//   test_rules ISA.def
//
// The lock-step test shows that engines and evaluator agree; here is what they
// must agree on, case by case, from the contract of runtime/engine.h.  Every case
// runs on the evaluator, every engine and the hooked run of the 3rd edition.
#include <stdio.h>
#include <string.h>

#include "test_machine.h"

enum { AT = 0x3000, USER = 0x8002, SYSTEM = 0x0002, STACK = 0x2F00, ANY = 0x10000, CASES = 64 };

typedef struct { uint16_t address, value; } Word;

typedef struct {
    const char *claim;
    Word words[8];              // memory; address 0 ends the list
    uint16_t psr;
    uint16_t r0, r6;
    unsigned unhandled;         // bits by exception
    bool native_off;
    int status;                 // what hosts answer
    uint16_t gives;             // by hosts and devices; 0 stands for x8111
    bool attends;               // devices and hosts ask for attention
    bool attention_before;      // somebody asked already
    uint64_t budget;
    // What must be then; ANY is not looked at.
    Stop stop;
    unsigned pc, count, psr_after, r0_after, r6_after;
    int fault;                  // vector, 0 for none
    Word then;                  // a word of memory, or address 0
    unsigned seen;              // instructions when the world was called, or ANY
} Case;

static const Case cases[] = {
    { "a budget of nothing does nothing", { { AT, 0x1021 } }, USER, .budget = 0, .stop = STOP_BUDGET, .pc = AT,
      .psr_after = USER, .r6_after = 0, .seen = ANY },
    { "a budget is used up exactly", { { AT, 0x1021 }, { AT + 1, 0x1021 }, { AT + 2, 0x1021 } }, USER, .budget = 2,
      .stop = STOP_BUDGET, .pc = AT + 2, .count = 2, .psr_after = 0x8001, .r0_after = 2, .seen = ANY },
    { "HALT counts, and the pc is after it", { { AT, 0xF025 } }, USER, .budget = 9, .stop = STOP_HALT, .pc = AT + 1,
      .count = 1, .psr_after = USER, .seen = ANY },
    { "a host that waits leaves the pc at the TRAP and counts nothing", { { AT, 0x1021 }, { AT + 1, 0xF031 } }, USER,
      .status = HOST_WAIT, .budget = 9, .stop = STOP_BLOCKED, .pc = AT + 1, .count = 1, .psr_after = 0x8001,
      .r0_after = 1, .seen = 1 },
    { "so does one whose other side has ended", { { AT, 0xF030 } }, USER, .status = HOST_CLOSED, .budget = 9,
      .stop = STOP_CLOSED, .pc = AT, .count = 0, .psr_after = USER, .seen = 0 },
    { "what a host gives is stored and sets CC", { { AT, 0xF031 }, { AT + 1, 0xF025 } }, USER, .budget = 1,
      .stop = STOP_BUDGET, .pc = AT + 1, .count = 1, .psr_after = 0x8004, .r0_after = 0x8111, .seen = 0 },
    { "a host that halts is done first", { { AT, 0xF031 } }, USER, .status = HOST_HALT, .budget = 9, .stop = STOP_HALT,
      .pc = AT + 1, .count = 1, .psr_after = 0x8004, .r0_after = 0x8111, .seen = 0 },
    { "a host that wants attention is done first", { { AT, 0xF031 } }, USER, .status = HOST_ATTENTION, .budget = 9,
      .stop = STOP_ATTENTION, .pc = AT + 1, .count = 1, .psr_after = 0x8004, .r0_after = 0x8111, .seen = 0 },
    { "a host's fault counts, and the pc is at the TRAP", { { AT, 0xF031 } }, USER, .status = HOST_FAULT, .budget = 9,
      .stop = STOP_FAULT, .pc = AT, .count = 1, .psr_after = USER, .fault = -1, .seen = 0 },
    { "a host may raise, at the TRAP", { { AT, 0xF031 }, { 0x0101, 0x3010 } }, USER, .r6 = 0xFD00,
      .status = HOST_RAISE, .budget = 1, .stop = STOP_BUDGET, .pc = 0x3010, .count = 1, .psr_after = SYSTEM,
      .r6_after = STACK - 2, .then = { STACK - 2, AT }, .seen = 0 },
    { "attention leaves after the instruction", { { AT, 0xA001 }, { AT + 1, 0x1021 }, { AT + 2, 0xFE00 } }, SYSTEM,
      .attends = true, .budget = 9, .stop = STOP_ATTENTION, .pc = AT + 1, .count = 1, .psr_after = 0x0004,
      .r0_after = 0x8111, .seen = 0 },
    { "also at the end of the budget", { { AT, 0xA001 }, { AT + 2, 0xFE00 } }, SYSTEM, .attends = true, .budget = 1,
      .stop = STOP_ATTENTION, .pc = AT + 1, .count = 1, .psr_after = 0x0004, .r0_after = 0x8111, .seen = 0 },
    { "attention asked for before waits for a reason to look", { { AT, 0x1021 }, { AT + 1, 0x1021 } }, USER,
      .attention_before = true, .budget = 2, .stop = STOP_BUDGET, .pc = AT + 2, .count = 2, .psr_after = 0x8001,
      .r0_after = 2, .seen = ANY },
    { "an RTI is one", { { AT, 0x8000 }, { STACK - 2, 0x3050 }, { STACK - 1, 0x8001 } }, SYSTEM, .r6 = STACK - 2,
      .attention_before = true, .budget = 9, .stop = STOP_ATTENTION, .pc = 0x3050, .count = 1, .psr_after = 0x8001,
      .r6_after = 0, .seen = ANY },
    { "a device sees the instructions before its own", { { AT, 0x1021 }, { AT + 1, 0x1021 }, { AT + 2, 0xB001 },
      { AT + 4, 0xFE06 } }, SYSTEM, .budget = 3, .stop = STOP_BUDGET, .pc = AT + 3, .count = 3, .psr_after = 0x0001,
      .r0_after = 2, .seen = 2 },
    { "an exception pushes the address of its instruction and counts", { { AT, 0x1021 }, { AT + 1, 0xD000 },
      { 0x0101, 0x3010 } }, USER, .r6 = 0xFD00, .budget = 2, .stop = STOP_BUDGET, .pc = 0x3010, .count = 2,
      .psr_after = 0x0001, .r0_after = 1, .r6_after = STACK - 2, .then = { STACK - 2, AT + 1 }, .seen = ANY },
    { "one that nobody handles stops at its instruction and counts", { { AT, 0x1021 }, { AT + 1, 0xD000 } }, USER,
      .unhandled = 1 << LC3_EXC_ILL, .budget = 9, .stop = STOP_FAULT, .pc = AT + 1, .count = 2, .psr_after = 0x8001,
      .r0_after = 1, .fault = 0x0101, .seen = ANY },
    { "RTI in user mode raises", { { AT, 0x8000 } }, USER, .unhandled = 7, .budget = 9, .stop = STOP_FAULT, .pc = AT,
      .count = 1, .psr_after = USER, .fault = 0x0100, .seen = ANY },
    { "user code may not read a device", { { AT, 0xA001 }, { AT + 2, 0xFE00 } }, USER, .unhandled = 7, .budget = 9,
      .stop = STOP_FAULT, .pc = AT, .count = 1, .psr_after = USER, .fault = 0x0102, .seen = ANY },
    { "nor store into the system", { { AT, 0xB001 }, { AT + 2, 0x2FFF } }, USER, .r0 = 7, .unhandled = 7, .budget = 9,
      .stop = STOP_FAULT, .pc = AT, .count = 1, .psr_after = USER, .r0_after = 7, .fault = 0x0102,
      .then = { 0x2FFF, 0 }, .seen = ANY },
    { "a fetch that is not allowed raises at that address", { { AT, 0xC000 }, { 0x0200, 0x1021 } }, USER, .r0 = 0x0200,
      .unhandled = 7, .budget = 9, .stop = STOP_FAULT, .pc = 0x0200, .count = 2, .psr_after = USER, .r0_after = 0x0200,
      .fault = 0x0102, .seen = ANY },
    { "the same fetch is allowed to the system", { { AT, 0xC000 }, { 0x0200, 0x1021 } }, SYSTEM, .r0 = 0x0200,
      .budget = 2, .stop = STOP_BUDGET, .pc = 0x0201, .count = 2, .psr_after = 0x0001, .r0_after = 0x0201, .seen = ANY },
    { "a TRAP pushes the next address", { { AT, 0xF077 }, { 0x0077, 0x3010 } }, USER, .r6 = 0xFD00, .budget = 1,
      .stop = STOP_BUDGET, .pc = 0x3010, .count = 1, .psr_after = SYSTEM, .r6_after = STACK - 2,
      .then = { STACK - 2, AT + 1 }, .seen = ANY },
    { "a TRAP whose native body is off does that, too", { { AT, 0xF025 }, { 0x0025, 0x3010 } }, USER, .r6 = 0xFD00,
      .native_off = true, .budget = 1, .stop = STOP_BUDGET, .pc = 0x3010, .count = 1, .psr_after = SYSTEM,
      .r6_after = STACK - 2, .then = { STACK - 1, USER }, .seen = ANY },
    { "a store to the next instruction is seen", { { AT, 0x3000 }, { AT + 1, 0x0000 } }, USER, .r0 = 0x1027,
      .budget = 2, .stop = STOP_BUDGET, .pc = AT + 2, .count = 2, .psr_after = 0x8001, .r0_after = 0x102E, .seen = ANY },
    { "CC of no result reads as written and takes no branch", { { AT, 0x8000 }, { STACK - 2, 0x3050 },
      { STACK - 1, 0x8000 }, { 0x3050, 0x0E20 } }, SYSTEM, .r6 = STACK - 2, .budget = 2, .stop = STOP_BUDGET,
      .pc = 0x3051, .count = 2, .psr_after = 0x8000, .r6_after = 0, .seen = ANY },
    { "CC of several results takes every branch of theirs", { { AT, 0x8000 }, { STACK - 2, 0x3050 },
      { STACK - 1, 0x8006 }, { 0x3050, 0x0801 }, { 0x3052, 0x0401 }, { 0x3054, 0x0201 } }, SYSTEM, .r6 = STACK - 2,
      .budget = 4, .stop = STOP_BUDGET, .pc = 0x3055, .count = 4, .psr_after = 0x8006, .r6_after = 0, .seen = ANY },
    { "until the next that sets CC", { { AT, 0x8000 }, { STACK - 2, 0x3050 }, { STACK - 1, 0x8006 },
      { 0x3050, 0x1021 } }, SYSTEM, .r6 = STACK - 2, .budget = 2, .stop = STOP_BUDGET, .pc = 0x3051, .count = 2,
      .psr_after = 0x8001, .r0_after = 1, .r6_after = 0, .seen = ANY },
    { "behind xFFFF comes x0000", { { AT, 0xC000 } }, SYSTEM, .r0 = 0xFFFF, .gives = 0x0E00, .budget = 3,
      .stop = STOP_BUDGET, .pc = 0x0001, .count = 3, .psr_after = SYSTEM, .r0_after = 0xFFFF, .seen = 1 },
};

static int failures;

static void expect(const Case *c, const char *who, const char *what, uint64_t is, uint64_t wanted)
{
    if (wanted != ANY && is != wanted && failures++ < 40)
        fprintf(stderr, "%s: %s: %s is x%llX, not x%llX\n", c->claim, who, what, (unsigned long long)is,
                (unsigned long long)wanted);
}

static void expect_state(const Case *c, const char *who, const TestMachine *m, int stop)
{
    const Lc3State *s = &m->s;
    expect(c, who, "stop", (uint64_t)stop, c->stop);
    expect(c, who, "PC", s->PC, c->pc);
    expect(c, who, "count", s->instructions, c->count);
    expect(c, who, "PSR", s->PSR, c->psr_after);
    expect(c, who, "R0", s->R[0], c->r0_after);
    expect(c, who, "R6", s->R[6], c->r6_after);
    expect(c, who, "attention", s->attention, c->stop == STOP_ATTENTION ? 0 : c->attention_before);
    expect(c, who, "fault", s->fault.kind, c->fault > 0 ? FAULT_EXCEPTION : c->fault < 0 ? FAULT_HOST : FAULT_NONE);
    if (c->fault > 0) {
        expect(c, who, "fault vector", s->fault.vector, (uint64_t)c->fault);
        expect(c, who, "fault at", s->fault.at, c->pc);
    }
    if (c->then.address)
        expect(c, who, "memory", s->M[c->then.address], c->then.value);
    if (c->seen != ANY)
        expect(c, who, "instructions seen by the world", m->world.seen, c->seen);
}

static TestStart start_of(const Case *c, uint16_t *memory)
{
    memset(memory, 0, TEST_WORDS * sizeof *memory);
    for (int i = 0; i < 8 && c->words[i].address; i++)
        memory[c->words[i].address] = c->words[i].value;
    return (TestStart){ .R = { [0] = c->r0, [6] = c->r6 }, .PC = AT, .PSR = c->psr, .SSP = STACK,
                        .unhandled = (uint8_t)c->unhandled, .native = !c->native_off, .quiet = true, .memory = memory };
}

static void set_world(World *w, const Case *c)
{
    w->status = c->status;
    w->attends = c->attends;
    w->out = c->gives ? c->gives : 0x8111;
}

static TestMachine machine;

static void run_case(const Case *c, const Isa *isa, const TestDialect *d)
{
    static uint16_t memory[TEST_WORDS];
    const TestStart start = start_of(c, memory);
    for (int i = 0; i <= d->engine_count; i++) {
        const Lc3Engine *e = i < d->engine_count ? &d->engines[i] : NULL;
        char who[80];
        snprintf(who, sizeof who, "%s %s %s%s", e ? e->dispatch : "hooked", e ? e->decode : "", e ? e->flags : "",
                 e && e->fused ? " fused" : "");
        machine_start(&machine, d, &start);
        set_world(&machine.world, c);
        machine.s.attention = c->attention_before;
        const Stop stop = (e ? e->run : d->run_hooked)(&machine.s, c->budget);
        expect_state(c, who, &machine, (int)stop);
    }
    // The last machine's state is right or complained of; now the evaluator must have the same.
    TestTwin twin;
    twin_start(&twin, isa, 0, &start);
    set_world(&twin.world, c);
    twin.e.attention = c->attention_before;
    expect(c, "evaluator", "stop", (uint64_t)eval_run(&twin.e, c->budget), c->stop);
    char why[200];
    twin_memory(&twin, memory);
    if (!machines_agree(&machine, &twin, memory, why, sizeof why) && failures++ < 40)
        fprintf(stderr, "%s: hooked run and evaluator: %s\n", c->claim, why);
    twin_free(&twin);
}

int main(int argc, char **argv)
{
    Arena arena = { 0 };
    Source source;
    const Isa *isa = argc == 2 ? test_isa(&arena, &source, argv[1]) : NULL;
    if (!isa)
        return 2;
    const TestDialect d = test_dialect(0);
    const int count = sizeof cases / sizeof *cases;
    for (int i = 0; i < count; i++)
        run_case(&cases[i], isa, &d);
    printf("%d cases, %d engines, %d failures\n", count, d.engine_count + 1, failures);
    arena_free(&arena);
    return failures != 0;
}
