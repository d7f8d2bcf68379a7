// Bytes as a machine: registers, then words of a program.  Every interpreter leaves
// the state that the plain step leaves, after every slice; so does the JIT, which is
// asked when the first bit is set (it takes a thousand times as long).
#include <stdio.h>

#include "../jit/stand.h"
#include "fuzz.h"

enum { WORDS_MAX = 256, SLICES = 2 };

static void make(Stand *m, FuzzInput *in)
{
    static const uint16_t bases[] = { 0x3000, 0x3000, 0xFDD0, 0xFFD8, 0x2FE8, 0x0200, 0x5000, 0x3000 };
    static const uint16_t modes[] = { 0x8002, 0x8001, 0x8004, 0x0002, 0x8000, 0x8007, 0x0003, 0x0702 };
    const uint8_t how = fuzz_byte(in), more = fuzz_byte(in);
    const uint16_t base = bases[how >> 2 & 7];
    m->s.PSR = modes[more & 7];
    m->s.SSP = 0x2F00;
    m->s.PC = base;
    for (int i = 0; i < 256; i++) {
        m->s.native[i] = more >> 3 & 1;
        m->memory[i] = (uint16_t)(base + (fuzz_byte(in) & 63)); // vectors
        if (i == (more >> 4 & 15))
            i = 239; // many of them, but not a page of input
    }
    for (int i = 0; i < 8; i++)
        m->s.R[i] = fuzz_word(in);
    for (int i = 0; in->left && i < WORDS_MAX; i++)
        m->memory[(uint16_t)(base + i)] = fuzz_word(in);
}

static Stop run_steps(Stand *m, uint64_t budget)
{
    while (budget--) {
        const int stop = m->dialect->step(&m->s);
        if (stop != LC3_GO_ON)
            return (Stop)stop;
    }
    return STOP_BUDGET;
}

static void compare(const Stand *lead, const Stand *m, Stop want, Stop got, const char *who)
{
    char what[100] = "the stop", text[200];
    if (!stand_differs(lead, m, what, sizeof what) && want == got)
        return;
    snprintf(text, sizeof text, "%s leaves what the plain step leaves: %s", who, what);
    fuzz_check(false, text);
}

// The plain step's way: where it stood at the start and after each slice.
static struct {
    Stand *start, *end[SLICES];
    Stop stop[SLICES];
} lead;

static const uint64_t budgets[SLICES] = { 7, 3000 };

static void run_lead(const StandDialect *d, FuzzInput *in)
{
    Stand *m = stand_new(d);
    make(m, in);
    *lead.start = *m;
    for (int i = 0; i < SLICES; i++) {
        lead.stop[i] = run_steps(m, budgets[i]);
        *lead.end[i] = *m;
    }
    stand_free(m);
}

static void follow(Stand *m, const Lc3Engine *engine, Jit *jit)
{
    stand_copy(m, lead.start);
    if (jit)
        m->vm = jit_attach(jit, &(JitVmOptions){ .state = &m->s,
                                                 .machine = m->dialect->jit,
                                                 .interpret = m->dialect->engines[0].run });
    for (int i = 0; i < SLICES; i++) {
        const Stop got = jit ? jit_run(m->vm, budgets[i]) : engine->run(&m->s, budgets[i]);
        compare(lead.end[i], m, lead.stop[i], got, jit ? "the JIT" : engine->dispatch);
        if (got != STOP_BUDGET)
            break; // the next slice would go on behind a stop
    }
    if (jit)
        jit_detach(m->vm);
    m->vm = NULL;
}

static Jit *open_jit(void)
{
    static Jit *jit;
    Error err = { "" };
    if (!jit)
        jit = jit_open(&(JitOptions){ .way = JIT_NOW, .module = FUZZ_JIT }, &err);
    fuzz_check(jit, err.text);
    return jit;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static Stand *m;
    if (size < 2)
        return 0;
    const StandDialect *d = &stand_dialects[bytes[0] >> 1 & 1];
    FuzzInput in = { bytes, size };
    if (!m) {
        m = stand_new(d);
        lead.start = stand_new(d);
        for (int i = 0; i < SLICES; i++)
            lead.end[i] = stand_new(d);
    }
    run_lead(d, &in);
    for (int i = 0; i < *d->engine_count; i++)
        follow(m, &d->engines[i], NULL);
    if (bytes[0] & 1)
        follow(m, NULL, open_jit());
    return 0;
}
