// odd_lockstep.c -- odd.def: what is generated fits machines that are no LC-3.
//
//   odd_lockstep odd.def [INSTRUCTIONS]
//
// Random words, every engine against the reference evaluator, slice by slice.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval.h"
#include "odd_state.h"

enum { WORDS = 256, MAX_ENGINES = 64, SLICES = 60 };

typedef struct {
    OddState s;
    uint16_t memory[WORDS];
    uint8_t code[WORDS];
    uint64_t decoded[WORDS + 1];
} Machine;

uint16_t odd_device_read(OddState *m, uint16_t address)
{
    return 0;
}

void odd_device_write(OddState *m, uint16_t address, uint16_t value)
{
}

void odd_code_changed(OddState *m, uint16_t address)
{
    if (m->code[address] & CODE_DECODED)
        odd_forget(m, address);
}

bool odd_hook_step(OddState *m, uint16_t at, uint16_t word)
{
    return true;
}

void odd_hook_load(OddState *m, uint16_t address)
{
}

void odd_hook_store(OddState *m, uint16_t address, uint16_t value)
{
}

static uint64_t random_number(uint64_t *r)
{
    *r ^= *r << 13;
    *r ^= *r >> 7;
    *r ^= *r << 17;
    return *r;
}

static Machine machines[MAX_ENGINES];
static int failures;

static void complain(uint64_t seed, const OddEngine *e, const char *what, uint64_t is, uint64_t wanted)
{
    if (failures++ < 20)
        fprintf(stderr, "program %llu, %s %s %s %s: %s is x%llX, the evaluator has x%llX\n", (unsigned long long)seed,
                e ? e->dispatch : "hooked", e ? e->decode : "", e ? e->flags : "", e && e->fused ? "fused" : "", what,
                (unsigned long long)is, (unsigned long long)wanted);
}

static void compare(uint64_t seed, const OddEngine *engine, const Machine *m, const Eval *e)
{
    const struct { const char *what; uint64_t is, wanted; } rows[] = {
        { "count", m->s.instructions, e->instructions }, { "PC", m->s.PC, e->reg[0] }, { "ST", m->s.ST, e->reg[1] },
        { "FL", m->s.FL, e->reg[2] }, { "LINK", m->s.LINK, e->reg[3] }, { "A", m->s.R[0], e->regs[0][0] }, { "B", m->s.R[1], e->regs[0][1] },
        { "C", m->s.R[2], e->regs[0][2] }, { "D", m->s.R[3], e->regs[0][3] },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].is != rows[i].wanted)
            complain(seed, engine, rows[i].what, rows[i].is, rows[i].wanted);
    for (int i = 0; i < WORDS; i++)
        if (m->memory[i] != e->mem[0][i])
            complain(seed, engine, "a word", m->memory[i], e->mem[0][i]);
}

static void start(Machine *m, const Eval *e)
{
    memset(m, 0, sizeof *m);
    m->s = (OddState){ .M = m->memory, .code = m->code, .decoded = m->decoded, .ST = (uint16_t)e->reg[1] };
    for (int i = 0; i < WORDS; i++)
        m->memory[i] = (uint16_t)e->mem[0][i];
    for (int i = 0; i < 4; i++)
        m->s.R[i] = (uint16_t)e->regs[0][i];
}

static uint64_t run_program(const Isa *isa, uint64_t seed)
{
    uint64_t r = seed * 0x9E3779B97F4A7C15u | 1;
    Eval e;
    eval_init(&e, isa, 0);
    for (int i = 0; i < WORDS; i++) // mostly near offsets; ADD and what fuses with it often
        e.mem[0][i] = (random_number(&r) % 3 ? 0x7000 : random_number(&r) & 0xF000) | (random_number(&r) & 0x0FFF);
    for (int i = 0; i < 4; i++)
        e.regs[0][i] = random_number(&r) & 0xFFFF;
    e.reg[1] = random_number(&r) & 0xFFFF;
    for (int i = 0; i <= odd_engine_count; i++)
        start(&machines[i], &e);
    for (int slice = 0; slice < SLICES && !failures; slice++) {
        const uint64_t budget = 1 + random_number(&r) % (slice % 2 ? 3 : 90);
        const EvalStop wanted = eval_run(&e, budget);
        for (int i = 0; i <= odd_engine_count; i++) {
            const OddEngine *engine = i < odd_engine_count ? &odd_engines[i] : NULL;
            const Stop stop = (engine ? engine->run : odd_run_hooked)(&machines[i].s, budget);
            if ((int)stop != (int)wanted)
                complain(seed, engine, "the stop", stop, (uint64_t)wanted);
            compare(seed, engine, &machines[i], &e);
        }
    }
    const uint64_t ran = e.instructions;
    eval_free(&e);
    return ran;
}

int main(int argc, char **argv)
{
    Arena arena = { 0 };
    Source source;
    Error err;
    if (argc < 2 || !source_read(&source, &arena, argv[1], &err)) {
        fprintf(stderr, "usage: odd_lockstep odd.def [INSTRUCTIONS]\n");
        return 2;
    }
    Diag diag = { .arena = &arena };
    Isa *isa = isa_parse(&source, &arena, &diag);
    if (!diag.errors)
        isa_check(isa, &diag);
    diag_print(&diag, stderr, false);
    if (diag.errors)
        return 2;
    const uint64_t wanted = argc > 2 ? strtoull(argv[2], NULL, 10) : 200000;
    uint64_t total = 0, seed = 0;
    while (total < wanted && seed < wanted && !failures)
        total += run_program(isa, ++seed);
    printf("%llu programs, %llu instructions on the evaluator and %d engines, %d failures\n", (unsigned long long)seed,
           (unsigned long long)total, odd_engine_count + 1, failures);
    arena_free(&arena);
    return failures != 0;
}
