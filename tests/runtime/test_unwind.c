// test_unwind.c -- calls that were counted, and calls that were found.
//
//   test_unwind [--every=N] PROG.asm...
//
// Runs each program instruction by instruction on the plain engine, its service
// routines as LC-3 code, and keeps a list of the calls that it made and has not come
// back from.  After every Nth instruction (1) the unwinder, which sees only the
// machine as it stands, must find the same calls from the same places.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "machine.h"
#include "os.h"
#include "unwind.h"

enum { CALLS_MOST = 4096, INSTRUCTIONS_MOST = 300000, PRIORITY = 7 << 8 };

typedef struct {
    uint16_t entry, back;       // the routine's first word, and where it returns to
    bool is_interrupt, is_last; // does not come back, so nothing shows from where it was called
} Call;

static Call calls[CALLS_MOST];
static int depth;
static Unwinder unwinder;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

// One instruction, and what it did to the calls.
static bool step(Machine *m)
{
    const uint16_t at = m->s.PC, word = m->s.M[at], psr = m->s.PSR;
    const unsigned roles = unwind_roles(&unwinder, word);
    if (machine_run(m, 1) != RUN_BUDGET)
        return false;
    const bool is_interrupted = (m->s.PSR & PRIORITY) > (psr & PRIORITY);
    const uint16_t now = is_interrupted ? m->s.M[m->s.R[6]] : m->s.PC; // or where it was going
    if (roles & ISA_RETURN && depth && now == calls[depth - 1].back)
        depth--;
    else if (roles & (ISA_CALL | ISA_TRAP) && now != (uint16_t)(at + 1))
        calls[depth++] = (Call){ now, (uint16_t)(at + 1), false, roles & ISA_HALT };
    if (is_interrupted)
        calls[depth++] = (Call){ 0, now, true, false };
    if (depth == CALLS_MOST)
        die(m->image->name, "calls without end");
    return true;
}

static bool is_same(const Unwinder *u)
{
    if ((int)u->count != depth + 1)
        return false;
    for (int i = 0; i < depth; i++) { // from the innermost
        const Call *c = &calls[depth - 1 - i];
        const UnwindFrame *f = &u->frames[i];
        if (f->is_interrupt != c->is_interrupt || (f->has_entry && f->entry != c->entry) ||
            u->frames[i + 1].at != (uint16_t)(c->back - !c->is_interrupt))
            return false;
    }
    return true;
}

static void show(const Machine *m)
{
    fprintf(stderr, "%s, at x%04X after %llu instructions:\n  made ", m->image->name, m->s.PC,
            (unsigned long long)m->s.instructions);
    for (int i = depth; i-- > 0;)
        fprintf(stderr, " x%04X<x%04X", calls[i].entry, calls[i].back);
    fprintf(stderr, "\n  found");
    for (uint32_t i = 0; i < unwinder.count; i++)
        fprintf(stderr, " x%04X@x%04X", unwinder.frames[i].entry, unwinder.frames[i].at);
    fprintf(stderr, "\n");
}

static uint64_t check(Machine *m, int every, int *deepest)
{
    Error err;
    uint64_t looks = 0, wrong = 0;
    depth = *deepest = 0;
    if (!unwind_open(&unwinder, m, &err))
        die(m->image->name, err.text);
    while (m->s.instructions < INSTRUCTIONS_MOST && step(m)) {
        *deepest = depth > *deepest ? depth : *deepest;
        if (m->s.instructions % (unsigned)every || (depth && calls[depth - 1].is_last))
            continue;
        unwind(&unwinder, m);
        looks++;
        if (!is_same(&unwinder) && wrong++ < 3)
            show(m);
    }
    unwind_close(&unwinder);
    printf("%s: %llu instructions, %llu looks, up to %d calls deep, %llu wrong\n", m->image->name,
           (unsigned long long)m->s.instructions, (unsigned long long)looks, *deepest,
           (unsigned long long)wrong);
    return wrong || !looks;
}

static bool run(const char *path, int every)
{
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    Object *obj = arena_new(&arena, Object), *os = arena_new(&arena, Object);
    Image image, *const images[] = { &image };
    Machine **machines = NULL;
    Error err;
    const Dialect *d = &dialects[0];
    const Lc3Engine *plain = NULL;
    for (int i = 0; i < *d->engine_count; i++)
        if (!strcmp(d->engines[i].decode, "raw"))
            plain = &d->engines[i];
    const MachineOptions options = { .dialect = d, .engine = plain };
    if (!assemble_file(obj, &arena, path, NULL, &diag, &err))
        die(path, diag.list.count ? diag.list.at[0].text : err.text);
    obj->name = path;
    if (!os_read(os, &arena, d->name, &err) || !image_open(&image, obj, os, 0, &err) ||
        !machines_open(&machines, 1, images, &options, &err))
        die(path, err.text);
    machines[0]->output.file = -1;
    int deepest;
    const bool is_right = !check(machines[0], every, &deepest) && deepest > 0;
    machines_close(machines, 1);
    image_close(&image);
    arena_free(&arena);
    return is_right;
}

int main(int argc, char **argv)
{
    int every = 1, wrong = 0;
    for (int i = 1; i < argc; i++)
        if (!strncmp(argv[i], "--every=", 8) && atoi(argv[i] + 8) > 0)
            every = atoi(argv[i] + 8);
        else
            wrong += !run(argv[i], every);
    return wrong ? 1 : 0;
}
