// suite_engines.c -- eight programs on every engine, and the same in C.
//
// "interp" is the default interpreter, "naive" the generated one that a textbook
// would write (switch, raw decode, eager codes), "jit" compiles before the clock
// starts, "auto" starts cold, "C" is the twin, compiled with -O2.
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit_machines.h"
#include "machine.h"
#include "os.h"
#include "programs.h"

// Instructions at once, as lc3run gives them; the part of a program that is run, and
// that of an engine that begins cold.
enum { SLICE = 100000, QUICK = 128, QUICK_COLD = 8 };
enum { TWINS = 10 }; // runs of the C program in a row, which alone are too short to measure

typedef struct {
    const Program *program;
    Image image;
    uint16_t rounds, rounds_at, expected;
    uint64_t instructions, hash; // of the plain engine; the others must end in the same state
} Case;

typedef struct {
    Case *c;
    const Lc3Engine *engine;
    int way; // JIT_AUTO, JIT_NOW, or -1 for the interpreter alone
} EngineSubject;

// A build that is slower on purpose, to see whether it is noticed: beside each slice a
// second machine runs so many hundredths of one.
#ifndef BENCH_SLOWER
#define BENCH_SLOWER 0
#endif
enum { MACHINES = BENCH_SLOWER ? 2 : 1 };

static bool open_machine(Machine ***machines, const EngineSubject *s, Error *err)
{
    Image *const images[] = { &s->c->image, &s->c->image };
    const MachineOptions options = { .dialect = &dialects[0], .engine = s->engine, .has_native = true };
    if (!machines_open(machines, MACHINES, images, &options, err))
        return false;
    for (int i = 0; i < MACHINES; i++)
        (*machines)[i]->s.M[s->c->rounds_at] = s->c->rounds;
    return true;
}

static bool check(const Case *c, const Machine *m, Error *err)
{
    if (m->end != END_HALT)
        return fail(err, "stopped with \"%s\" at x%04X", end_names[m->end], m->s.PC);
    if (m->s.R[0] != c->expected)
        return fail(err, "the result is %u, and %u is right", m->s.R[0], c->expected);
    if (c->hash && state_hash(m) != c->hash)
        return fail(err, "another state than the plain engine's, after %llu instructions, not %llu",
                    (unsigned long long)m->s.instructions, (unsigned long long)c->instructions);
    return true;
}

static bool measure_engine(void *user, double *seconds, uint64_t *count, Error *err)
{
    EngineSubject *s = user;
    Machine **machines;
    Jit *jit = NULL;
    if (!open_machine(&machines, s, err))
        return false;
    Machine *m = machines[0];
    bool fine = s->way < 0 || jit_machines_start(&jit, machines, MACHINES, s->engine,
                                                 &(JitOptions){ .way = (JitWay)s->way }, err);
    const double start = bench_cpu_seconds();
    while (fine && machine_run(m, SLICE) == RUN_BUDGET)
        if (MACHINES > 1)
            machine_run(machines[1], SLICE * BENCH_SLOWER / 100);
    *seconds = bench_cpu_seconds() - start;
    *count = m->s.instructions;
    fine = fine && check(s->c, m, err);
    if (fine && !s->c->hash) {
        s->c->instructions = m->s.instructions;
        s->c->hash = state_hash(m);
    }
    jit_machines_stop(jit, machines, MACHINES);
    machines_close(machines, MACHINES);
    return fine;
}

static bool measure_twin(void *user, double *seconds, uint64_t *count, Error *err)
{
    const EngineSubject *s = user;
    const double start = bench_cpu_seconds();
    uint16_t result = s->c->expected;
    for (int i = 0; i < TWINS && result == s->c->expected; i++)
        result = s->c->program->twin(s->c->rounds);
    *seconds = bench_cpu_seconds() - start;
    *count = s->c->instructions * TWINS;
    return result == s->c->expected || fail(err, "the result is %u, and %u is right", result, s->c->expected);
}

static bool open_case(Case *c, const Program *p, const Object *os, const Bench *b, int part, Error *err)
{
    Object *obj = arena_new(b->arena, Object);
    uint16_t full;
    *c = (Case){ .program = p };
    if (!program_assemble(p, obj, b->arena, &c->rounds_at, &full, err))
        return false;
    c->rounds = b->is_full ? full : full < part ? 1 : (uint16_t)(full / part);
    c->expected = p->twin(c->rounds);
    if (!image_open(&c->image, obj, os, 0, err))
        return false;
    EngineSubject plain = { c, plain_engine(), -1 };
    double seconds;
    uint64_t count;
    return measure_engine(&plain, &seconds, &count, err);
}

static void run_case(Bench *b, Case *c, Case *cold, bool has_jit)
{
    const Lc3Engine *best = &dialects[0].engines[0];
    EngineSubject interp = { c, best, -1 }, naive = { c, plain_engine(), -1 }, jit = { c, best, JIT_NOW },
                  automatic = { cold, best, JIT_AUTO }, twin = { c, NULL, -1 };
    const Subject subjects[] = {
        { "interp", measure_engine, &interp },
        { "naive", measure_engine, &naive },
        { "C", measure_twin, &twin },
        { "jit", measure_engine, &jit },
        { "auto", measure_engine, &automatic, BENCH_COLD },
    };
    bench_case(b, "engines", c->program->name, "instruction", subjects, has_jit ? 5 : 3);
}

static bool run_engines(Bench *b, Error *err)
{
    Object *os = arena_new(b->arena, Object);
    if (!os_read(os, b->arena, dialects[0].name, err))
        return false;
    Error why;
    Jit *jit = jit_open(&(JitOptions){ .way = JIT_NOW }, &why);
    const bool has_jit = jit;
    if (jit)
        jit_close(jit);
    else
        fprintf(stderr, "lc3bench: without the JIT: %s\n", why.text);
    for (int i = 0; i < PROGRAMS; i++) {
        Case c, cold;
        if (!bench_wants(b, programs[i].name))
            continue;
        if (!open_case(&c, &programs[i], os, b, QUICK, err) ||
            !open_case(&cold, &programs[i], os, b, QUICK_COLD, err))
            return false;
        run_case(b, &c, &cold, has_jit);
        image_close(&c.image);
        image_close(&cold.image);
    }
    return true;
}

// ------------------------------------------------------------------- the table

static const char *const columns[] = { "naive", "interp", "auto", "jit", "C" };
enum { COLUMNS = sizeof columns / sizeof *columns };

static void print_head(void)
{
    printf("%-9s", "ns/instr");
    for (int i = 0; i < COLUMNS; i++)
        printf("%9s", columns[i]);
    printf("%9s%9s%9s\n", "interp/j", "jit/C", "auto/jit");
}

static void print_engines(const Bench *b)
{
    double product[COLUMNS] = { 1, 1, 1, 1, 1 };
    int rows = 0;
    bool has_head = false;
    for (int p = 0; p < PROGRAMS; p++) {
        const Result *r[COLUMNS];
        bool is_whole = true;
        for (int i = 0; i < COLUMNS; i++) {
            r[i] = bench_find(b, "engines", programs[p].name, columns[i]);
            is_whole &= r[i] != NULL;
        }
        if (!r[1])
            continue;
        if (!has_head)
            print_head();
        has_head = true;
        printf("%-9s", programs[p].name);
        for (int i = 0; i < COLUMNS; i++)
            r[i] ? printf("%9.3f", r[i]->ns.middle) : printf("%9s", "-");
        if (is_whole) {
            printf("%9.2f%9.2f%9.2f", r[1]->ns.middle / r[3]->ns.middle, r[3]->ns.middle / r[4]->ns.middle,
                   r[2]->ns.middle / r[3]->ns.middle);
            for (int i = 0; i < COLUMNS; i++)
                product[i] *= r[i]->ns.middle;
            rows++;
        }
        printf("\n");
    }
    if (!rows)
        return;
    printf("%-9s", "geomean");
    for (int i = 0; i < COLUMNS; i++)
        printf("%9.3f", product[i] = pow(product[i], 1.0 / rows));
    printf("%9.2f%9.2f%9.2f\n", product[1] / product[3], product[3] / product[4], product[2] / product[3]);
}

const Suite suite_engines = { "engines", "eight programs on every engine, and their twins in C", run_engines,
                              print_engines };
