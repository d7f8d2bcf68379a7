// run_vectors.c -- 600 programs with known ends, on every engine.
//
//   run_vectors ISA.def lc3-programs.txt lc3-expected.jsonl
//
// The expected states come from simulators written elsewhere.  Each program runs
// on the reference evaluator, on every generated engine with one large budget, and
// on every engine with budgets of 1, 7 and a random number of instructions, after each of
// which it must be where the evaluator is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_machine.h"

typedef struct { uint16_t address, value; } Word;

typedef struct {
    unsigned id, halt, cc, pc;
    uint64_t count;
    uint16_t reg[8];
    Word changed[4096];
    int changed_count;
    uint16_t memory[TEST_WORDS]; // as loaded
} Vector;

static bool read_program(FILE *in, Vector *v)
{
    static char line[1 << 16];
    if (!fgets(line, sizeof line, in))
        return false;
    char *at = line;
    v->id = (unsigned)strtoul(at, &at, 10);
    v->halt = (unsigned)strtoul(at, &at, 10);
    memset(v->memory, 0, sizeof v->memory);
    for (uint16_t address = 0x3000;; address++) {
        char *end;
        const unsigned long word = strtoul(at, &end, 16);
        if (end == at)
            return true;
        v->memory[address] = (uint16_t)word;
        at = end;
    }
}

static unsigned long number_after(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    if (!at) {
        fprintf(stderr, "no %s in: %s\n", key, line);
        exit(2);
    }
    return strtoul(at + strlen(key), NULL, 10);
}

static bool read_expected(FILE *in, Vector *v)
{
    static char line[1 << 16];
    if (!fgets(line, sizeof line, in))
        return false;
    v->count = number_after(line, "\"n\":");
    v->pc = (unsigned)number_after(line, "\"pc\":");
    v->cc = (unsigned)number_after(line, "\"cc\":");
    char *at = strstr(line, "\"reg\":[") + strlen("\"reg\":[");
    for (int i = 0; i < 8; i++)
        v->reg[i] = (uint16_t)strtoul(at, &at, 10), at++;
    at = strstr(line, "\"mem\":{") + strlen("\"mem\":{");
    v->changed_count = 0;
    while (*at == '"') {
        Word *w = &v->changed[v->changed_count++];
        w->address = (uint16_t)strtoul(at + 1, &at, 16);
        w->value = (uint16_t)strtoul(at + 2, &at, 10);
        at += *at == ',';
    }
    return strtoul(line, NULL, 10) == v->id;
}

static int failures;

static void complain(const Vector *v, const char *who, const char *what)
{
    if (failures++ < 20)
        fprintf(stderr, "program %u, %s: %s\n", v->id, who, what);
}

static bool as_expected(const Vector *v, const Lc3State *s, char *why, size_t size)
{
    static uint16_t memory[TEST_WORDS];
    memcpy(memory, v->memory, sizeof memory);
    for (int i = 0; i < v->changed_count; i++)
        memory[v->changed[i].address] = v->changed[i].value;
    if (s->PC != v->pc || s->instructions != v->count || (s->PSR & 7) != v->cc)
        return snprintf(why, size, "pc x%04X count %llu psr x%04X", s->PC, (unsigned long long)s->instructions, s->PSR) < 0;
    for (int i = 0; i < 8; i++)
        if (s->R[i] != v->reg[i])
            return snprintf(why, size, "R%d is x%04X, not x%04X", i, s->R[i], v->reg[i]) < 0;
    for (int i = 0; i < TEST_WORDS; i++)
        if (s->M[i] != memory[i])
            return snprintf(why, size, "M[x%04X] is x%04X, not x%04X", i, s->M[i], memory[i]) < 0;
    return true;
}

static TestMachine machine;

static TestStart start_of(const Vector *v)
{
    return (TestStart){ .PC = 0x3000, .PSR = 0x8002, .SSP = 0x3000, .unhandled = 0xFF, .native = 1, .quiet = true,
                        .memory = v->memory };
}

static void expect_end(const Vector *v, const char *who, Stop (*run)(Lc3State *, uint64_t))
{
    Lc3State *s = &machine.s;
    char why[200] = "";
    if (!as_expected(v, s, why, sizeof why))
        complain(v, who, why);
    if (run(s, 1) != STOP_HALT || s->PC != (uint16_t)(v->halt + 1) || s->instructions != v->count + 1)
        complain(v, who, "HALT does not end it");
}

// Where the evaluator is after 1, 7 more, a random number more, and all instructions.
enum { PLACES = 4 };
static TestTwin places[PLACES];
static uint16_t memories[PLACES][TEST_WORDS];
static uint64_t slices[PLACES];

static void run_evaluator(const Vector *v, const Isa *isa)
{
    const TestStart start = start_of(v);
    uint64_t seed = v->id + 1, left = v->count;
    const uint64_t wanted[PLACES] = { 1, 7, 1 + test_random(&seed) % v->count, v->count };
    for (int i = 0; i < PLACES; i++) {
        slices[i] = wanted[i] < left ? wanted[i] : left;
        left -= slices[i];
        twin_start(&places[i], isa, 0, &start);
        if (eval_run(&places[i].e, v->count - left) != EVAL_BUDGET)
            complain(v, "evaluator", "did not use up its budget");
        twin_memory(&places[i], memories[i]);
    }
}

static void run_in_slices(const Vector *v, const TestDialect *d, const char *who, Stop (*run)(Lc3State *, uint64_t))
{
    const TestStart start = start_of(v);
    machine_start(&machine, d, &start);
    char why[200] = "";
    for (int i = 0; i < PLACES; i++) {
        if (run(&machine.s, slices[i]) != STOP_BUDGET)
            complain(v, who, "did not use up its budget");
        if (!machines_agree(&machine, &places[i], memories[i], why, sizeof why))
            complain(v, who, why);
    }
    expect_end(v, who, run);
}

static void run_at_once(const Vector *v, const TestDialect *d, const char *who, Stop (*run)(Lc3State *, uint64_t))
{
    const TestStart start = start_of(v);
    machine_start(&machine, d, &start);
    if (run(&machine.s, v->count) != STOP_BUDGET)
        complain(v, who, "did not use up its budget");
    expect_end(v, who, run);
}

static void run_vector(const Vector *v, const Isa *isa, const TestDialect *d)
{
    run_evaluator(v, isa);
    for (int i = 0; i <= d->engine_count; i++) {
        const Lc3Engine *e = i < d->engine_count ? &d->engines[i] : NULL;
        char who[80];
        snprintf(who, sizeof who, "%s %s %s%s", e ? e->dispatch : "hooked", e ? e->decode : "", e ? e->flags : "",
                 e && e->fused ? " fused" : "");
        run_in_slices(v, d, who, e ? e->run : d->run_hooked);
        run_at_once(v, d, who, e ? e->run : d->run_hooked);
    }
    if (eval_run(&places[PLACES - 1].e, 1) != EVAL_HALT)
        complain(v, "evaluator", "HALT does not end it");
    for (int i = 0; i < PLACES; i++)
        twin_free(&places[i]);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: run_vectors ISA.def PROGRAMS EXPECTED\n");
        return 2;
    }
    Arena arena = { 0 };
    Source source;
    const Isa *isa = test_isa(&arena, &source, argv[1]);
    FILE *programs = fopen(argv[2], "r"), *expected = fopen(argv[3], "r");
    if (!isa || !programs || !expected)
        return 2;
    const TestDialect d = test_dialect(0);
    static Vector v;
    int count = 0;
    while (read_program(programs, &v)) {
        if (!read_expected(expected, &v)) {
            fprintf(stderr, "program %u has no expectation\n", v.id);
            return 1;
        }
        run_vector(&v, isa, &d);
        count++;
    }
    fclose(programs);
    fclose(expected);
    arena_free(&arena);
    printf("%d programs, %d engines, %d failures\n", count, d.engine_count, failures);
    return failures || count == 0;
}
