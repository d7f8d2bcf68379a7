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

#include "assemble.h"
#include "jit_machines.h"
#include "machine.h"
#include "os.h"
#include "bench_programs.h"
#include "programs/twins.h"

#define PROGRAM(name)                                                                                              \
    extern const char program_##name[], program_##name##_end[];                                                   \
    __asm__(".pushsection .rodata\nprogram_" #name ":\n.incbin \"" BENCH_PROGRAMS "/" #name                         \
            ".asm\"\nprogram_" #name "_end:\n.byte 0\n.popsection\n");

PROGRAM(fib)
PROGRAM(sort)
PROGRAM(sieve)
PROGRAM(lfsr)
PROGRAM(matmul)
PROGRAM(strings)
PROGRAM(queens)
PROGRAM(life)

typedef struct {
    const char *name, *text, *end;
    uint16_t (*twin)(uint16_t rounds);
} Program;

#define ROW(name) { #name, program_##name, program_##name##_end, twin_##name }
static const Program programs[] = { ROW(fib),    ROW(sort),    ROW(sieve),  ROW(lfsr),
                                    ROW(matmul), ROW(strings), ROW(queens), ROW(life) };
enum { PROGRAMS = sizeof programs / sizeof *programs };

enum { SLICE = 100000, QUICK = 8 }; // instructions at once, as lc3run gives them; the part that is run

typedef struct {
    const Program *program;
    Image image;
    uint16_t rounds, rounds_at, expected;
    uint64_t instructions; // of the first run; the others must need as many
} Case;

typedef struct {
    Case *c;
    const Lc3Engine *engine;
    int way; // JIT_AUTO, JIT_NOW, or -1 for the interpreter alone
} EngineSubject;

static bool open_machine(Machine ***machines, const EngineSubject *s, Error *err)
{
    Image *const images[] = { &s->c->image };
    const MachineOptions options = { .dialect = &dialects[0], .engine = s->engine, .has_native = true };
    if (!machines_open(machines, 1, images, &options, err))
        return false;
    (*machines)[0]->s.M[s->c->rounds_at] = s->c->rounds;
    return true;
}

static bool check(const Case *c, const Machine *m, Error *err)
{
    if (m->end != END_HALT)
        return fail(err, "stopped with \"%s\" at x%04X", end_names[m->end], m->s.PC);
    if (m->s.R[0] != c->expected)
        return fail(err, "the result is %u, and %u is right", m->s.R[0], c->expected);
    if (c->instructions && m->s.instructions != c->instructions)
        return fail(err, "%llu instructions, and %llu are right", (unsigned long long)m->s.instructions,
                    (unsigned long long)c->instructions);
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
    bool fine = s->way < 0 || jit_machines_start(&jit, machines, 1, s->engine, &(JitOptions){ .way = (JitWay)s->way }, err);
    const double start = bench_cpu_seconds();
    while (fine && machine_run(m, SLICE) == RUN_BUDGET)
        ;
    *seconds = bench_cpu_seconds() - start;
    *count = m->s.instructions;
    fine = fine && check(s->c, m, err);
    if (fine)
        s->c->instructions = m->s.instructions;
    jit_machines_stop(jit, machines, 1);
    machines_close(machines, 1);
    return fine;
}

static bool measure_twin(void *user, double *seconds, uint64_t *count, Error *err)
{
    const EngineSubject *s = user;
    const double start = bench_cpu_seconds();
    const uint16_t result = s->c->program->twin(s->c->rounds);
    *seconds = bench_cpu_seconds() - start;
    *count = s->c->instructions;
    return result == s->c->expected || fail(err, "the result is %u, and %u is right", result, s->c->expected);
}

static const Lc3Engine *find_engine(const char *dispatch, const char *decode, const char *flags)
{
    const Dialect *d = &dialects[0];
    for (int i = 0; i < *d->engine_count; i++)
        if (!strcmp(d->engines[i].dispatch, dispatch) && !strcmp(d->engines[i].decode, decode) &&
            !strcmp(d->engines[i].flags, flags) && !d->engines[i].fused)
            return &d->engines[i];
    return &d->engines[0];
}

static bool open_case(Case *c, const Program *p, const Object *os, const Bench *b, Error *err)
{
    Object *obj = arena_new(b->arena, Object);
    Diag diag = { .arena = b->arena };
    *c = (Case){ .program = p };
    if (!assemble_text(obj, b->arena, p->name, p->text, (size_t)(p->end - p->text), NULL, &diag))
        return fail(err, "%s.asm: %s", p->name, diag.list.count ? diag.list.at[0].text : "does not assemble");
    const ObjectSymbol *rounds = object_symbol_find(obj, "ROUNDS");
    uint16_t full;
    if (!rounds || !object_word(obj, rounds->address, &full))
        return fail(err, "%s.asm: no ROUNDS", p->name);
    c->rounds_at = rounds->address;
    c->rounds = b->is_full ? full : (uint16_t)(full / QUICK);
    c->expected = p->twin(c->rounds);
    return image_open(&c->image, obj, os, 0, err);
}

static void run_case(Bench *b, Case *c, bool has_jit)
{
    const Lc3Engine *best = &dialects[0].engines[0];
    EngineSubject interp = { c, best, -1 }, naive = { c, find_engine("switch", "raw", "eager"), -1 },
                  jit = { c, best, JIT_NOW }, automatic = { c, best, JIT_AUTO }, twin = { c, NULL, -1 };
    const Subject subjects[] = {
        { "interp", measure_engine, &interp }, { "naive", measure_engine, &naive }, { "C", measure_twin, &twin },
        { "jit", measure_engine, &jit },       { "auto", measure_engine, &automatic },
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
        Case c;
        if (!bench_wants(b, programs[i].name))
            continue;
        if (!open_case(&c, &programs[i], os, b, err))
            return false;
        run_case(b, &c, has_jit);
        image_close(&c.image);
    }
    return true;
}

// ------------------------------------------------------------------- the table

static const char *const columns[] = { "naive", "interp", "auto", "jit", "C" };
enum { COLUMNS = sizeof columns / sizeof *columns };

static void print_engines(const Bench *b)
{
    double product[COLUMNS] = { 1, 1, 1, 1, 1 };
    int rows = 0;
    printf("%-9s", "ns/instr");
    for (int i = 0; i < COLUMNS; i++)
        printf("%9s", columns[i]);
    printf("%9s%9s%9s\n", "interp/j", "jit/C", "auto/jit");
    for (int p = 0; p < PROGRAMS; p++) {
        const Result *r[COLUMNS];
        bool is_whole = true;
        for (int i = 0; i < COLUMNS; i++) {
            r[i] = bench_find(b, "engines", programs[p].name, columns[i]);
            is_whole &= r[i] != NULL;
        }
        if (!r[1])
            continue;
        printf("%-9s", programs[p].name);
        for (int i = 0; i < COLUMNS; i++)
            r[i] ? printf("%9.3f", r[i]->seconds * 1e9 / (double)r[i]->count) : printf("%9s", "-");
        if (is_whole) {
            printf("%9.2f%9.2f%9.2f", r[1]->seconds / r[3]->seconds, r[3]->seconds / r[4]->seconds,
                   r[2]->seconds / r[3]->seconds);
            for (int i = 0; i < COLUMNS; i++)
                product[i] *= r[i]->seconds * 1e9 / (double)r[i]->count;
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
