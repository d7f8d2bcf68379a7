// suite_auto.c -- --engine=auto beside the better of the two fixed engines, by length of run.
//
// Every measurement is a whole process of lc3run, from start to exit, by the clock on
// the wall: what a user waits for, with everything an engine loads and compiles.  A run
// is cut by --max-instructions, so that one program serves all lengths.  "cold" begins
// with an empty cache, "warm" with one that both JITs have filled.  The engines run in
// turns, so that a slow moment of the machine meets all three, two processes each, of
// which the second counts: what the processor's caches hold is the engine's own, not
// what a compiler before it left.  All three must leave the same state.
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "place.h"

static const uint64_t lengths[] = {
    10000, 100000, 1000000, 3000000, 10000000, 30000000, 100000000, 300000000
};
enum { LENGTHS = sizeof lengths / sizeof *lengths, SHORT_LENGTHS = LENGTHS - 1, TURNS = 4 };

static const char *const engines[] = { "interp", "jit", "auto" };
static const char *const caches[] = { "cold", "warm" };
enum { ENGINES = 3, CACHES = 2 };

typedef struct {
    const Place *place;
    const char *engine;
    uint64_t length;
    bool is_cold;
} AutoSubject;

// One run; `dump` is where its final state goes, or NULL.
static bool run_once(const AutoSubject *s, const char *dump, Error *err)
{
    char engine[32], limit[64], to[128];
    snprintf(engine, sizeof engine, "--engine=%s", s->engine);
    snprintf(limit, sizeof limit, "--max-instructions=%llu", (unsigned long long)s->length);
    snprintf(to, sizeof to, "--dump=%s", dump ? dump : "");
    char *arguments[] = {
        BENCH_LC3RUN, "-q", engine, limit, (char *)s->place->program, dump ? to : NULL, NULL
    };
    return place_run(arguments, NULL, err);
}

static bool measure_process(void *user, double *seconds, uint64_t *count, Error *err)
{
    const AutoSubject *s = user;
    for (int i = 0; i < 2; i++) {
        if (s->is_cold)
            place_empty_cache(s->place);
        const double start = bench_wall_seconds();
        if (!run_once(s, NULL, err))
            return false;
        *seconds = bench_wall_seconds() - start;
    }
    *count = 1;
    return true;
}

static bool read_dump(const Place *p, Writer *w, const AutoSubject *s, Error *err)
{
    if (!run_once(s, p->note, err))
        return false;
    FILE *in = fopen(p->note, "rb");
    char part[4096];
    w->len = 0;
    for (size_t n; in && (n = fread(part, 1, sizeof part, in)) > 0;)
        write_bytes(w, part, n);
    if (in)
        fclose(in);
    return in ? true : fail(err, "%s: %s", p->note, strerror(errno));
}

// Fills the cache on the way.
static bool check_states(const Place *p, uint64_t length, Error *err)
{
    Writer first = { 0 }, other = { 0 };
    bool fine = true;
    for (int e = 0; fine && e < ENGINES; e++) {
        Writer *w = e ? &other : &first;
        fine = read_dump(p, w, &(AutoSubject){ p, engines[e], length, false }, err);
        if (fine && e && (w->len != first.len || memcmp(w->at, first.at, first.len)))
            fine = fail(err, "%s leaves another state than %s after %llu instructions", engines[e],
                        engines[0], (unsigned long long)length);
    }
    writer_free(&first);
    writer_free(&other);
    return fine;
}

static const char *case_name(Bench *b, const char *program, int length, int cache)
{
    return arena_format(b->arena, "auto-%s-%g-%s", program, (double)lengths[length], caches[cache]);
}

static bool run_program(Bench *b, Place *p, const char *program, Error *err)
{
    const int count = b->is_full ? LENGTHS : SHORT_LENGTHS;
    if (!place_assemble(p, program, err))
        return false;
    for (int i = 0; b->part == 0 && i < count; i++)
        if (!check_states(p, lengths[i], err))
            return false;
    for (int c = 0; c < CACHES; c++) {
        if (c == 1 && !check_states(p, lengths[SHORT_LENGTHS - 1], err))
            return false;
        for (int i = 0; i < count; i++) {
            AutoSubject s[ENGINES];
            Subject subjects[ENGINES];
            for (int e = 0; e < ENGINES; e++) {
                s[e] = (AutoSubject){ p, engines[e], lengths[i], c == 0 };
                subjects[e] = (Subject){ engines[e], measure_process, &s[e], BENCH_WALL };
            }
            bench_case(b, "auto", case_name(b, program, i, c), "run", subjects, ENGINES);
        }
    }
    return true;
}

static bool run_auto(Bench *b, Error *err)
{
    if (!b->filter || strncmp(b->filter, "auto", 4))
        return true; // only when asked for: whole processes take their time
    Place p;
    if (!place_open(&p, err))
        return false;
    const int asked = b->repetitions;
    b->repetitions = asked ? asked : TURNS;
    bool fine = true;
    for (int i = 0; fine && i < PLACE_PROGRAMS; i++) {
        char name[32];
        snprintf(name, sizeof name, "auto-%s", place_programs[i]);
        if (!strncmp(name, b->filter, strlen(b->filter)))
            fine = run_program(b, &p, place_programs[i], err);
    }
    b->repetitions = asked;
    place_close(&p);
    return fine;
}

// ------------------------------------------------------------------- the table

static double ratio_of(const Bench *b, const char *program, int length, int cache)
{
    char name[64];
    const Result *r[ENGINES];
    snprintf(name, sizeof name, "auto-%s-%g-%s", program, (double)lengths[length], caches[cache]);
    for (int e = 0; e < ENGINES; e++)
        if (!(r[e] = bench_find(b, "auto", name, engines[e])))
            return 0;
    const double best = r[0]->seconds < r[1]->seconds ? r[0]->seconds : r[1]->seconds;
    return r[2]->seconds / best;
}

static void print_auto(const Bench *b)
{
    double worst = 0;
    for (int c = 0; c < CACHES; c++)
        for (int p = 0; p < PLACE_PROGRAMS; p++) {
            if (ratio_of(b, place_programs[p], 0, c) == 0)
                continue;
            if (worst == 0) {
                printf("auto / best of interp and jit, whole processes, by instructions run\n%-14s", "");
                for (int i = 0; i < LENGTHS; i++)
                    printf("%8g", (double)lengths[i]);
                printf("\n");
            }
            printf("%-8s %-5s", place_programs[p], caches[c]);
            for (int i = 0; i < LENGTHS; i++) {
                const double ratio = ratio_of(b, place_programs[p], i, c);
                if (ratio > 0)
                    printf("%8.2f", ratio);
                worst = ratio > worst ? ratio : worst;
            }
            printf("\n");
        }
    if (worst > 0)
        printf("worst %.2f\n", worst);
}

const Suite suite_auto = { "auto", "tiering beside the better fixed engine, by length (--filter=auto)",
                           run_auto, print_auto };
