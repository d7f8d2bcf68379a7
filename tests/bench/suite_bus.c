// suite_bus.c -- the ring beside other rings, and machines that talk through it.
//
// The bare rings (bus_rings.h) run in this process, the machines in lc3run, with the
// programs of tests/bench/bus.  Two threads work on two cores, so the clock on the wall
// counts; every word is checked by the side that takes it.
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_rings.h"
#include "bus_run.h"
#include "clock.h"

enum { WORDS = 20000000, BATCH_WORDS = 64000000, TRIPS = 200000, RIVALS_MAX = 8, REPETITIONS_MAX = 101 };

// ------------------------------------------------------------------- bare rings

static bool measure_words(void *user, double *seconds, uint64_t *count, Error *err)
{
    const RingRival *r = user;
    *count = WORDS;
    return r->words(WORDS, seconds, err);
}

static bool measure_batches(void *user, double *seconds, uint64_t *count, Error *err)
{
    const RingRival *r = user;
    *count = BATCH_WORDS;
    return r->batches(BATCH_WORDS, seconds, err);
}

// A trip has two figures, and a case one: the second one's case shows what the first
// one's runs left behind.
typedef struct {
    double p99[REPETITIONS_MAX];
    int taken, given;
} Tail;

static void leave(Tail *tail, double seconds)
{
    if (tail->taken < REPETITIONS_MAX)
        tail->p99[tail->taken++] = seconds;
}

static bool measure_tail(void *user, double *seconds, uint64_t *count, Error *err)
{
    Tail *tail = user;
    if (!tail->taken)
        return fail(err, "was not measured");
    *seconds = tail->p99[tail->given++ % tail->taken];
    *count = 1;
    return true;
}

typedef struct {
    const RingRival *rival;
    Histogram *all; // ticks of all repetitions
    Tail tail;
} Trip;

static bool measure_trips(void *user, double *seconds, uint64_t *count, Error *err)
{
    Trip *t = user;
    Histogram *ticks = calloc(1, sizeof *ticks);
    if (!ticks)
        return fail(err, "no memory");
    const bool good = t->rival->trips(TRIPS, ticks, err);
    const HistogramSummary h = histogram_summary(ticks, clock_ns_per_tick() * 1e-9);
    histogram_add(t->all, ticks);
    free(ticks);
    *seconds = h.p50;
    *count = 1;
    if (good)
        leave(&t->tail, h.p99);
    return good;
}

static void run_trips(Bench *b)
{
    Subject half[RIVALS_MAX], tail[RIVALS_MAX];
    Trip *trips[RIVALS_MAX];
    for (int i = 0; i < ring_rival_count; i++) {
        Trip *t = trips[i] = arena_new(b->arena, Trip);
        *t = (Trip){ .rival = &ring_rivals[i], .all = arena_new(b->arena, Histogram) };
        half[i] = (Subject){ t->rival->name, measure_trips, t, BENCH_WALL };
        tail[i] = (Subject){ t->rival->name, measure_tail, &t->tail, BENCH_WALL };
    }
    bench_case(b, "bus", "bus-trip-p50", "trip", half, ring_rival_count);
    bench_case(b, "bus", "bus-trip-p99", "trip", tail, ring_rival_count);
    for (int i = 0; i < ring_rival_count; i++)
        bench_curve(b, "bus", "bus-trip", trips[i]->rival->name, trips[i]->all, clock_ns_per_tick());
}

static void run_rings(Bench *b)
{
    Subject words[RIVALS_MAX], batches[RIVALS_MAX];
    int word_count = 0, batch_count = 0;
    for (int i = 0; i < ring_rival_count; i++) {
        const RingRival *r = &ring_rivals[i];
        if (r->words)
            words[word_count++] = (Subject){ r->name, measure_words, (void *)r, BENCH_WALL };
        if (r->batches)
            batches[batch_count++] = (Subject){ r->name, measure_batches, (void *)r, BENCH_WALL };
    }
    if (bench_wants(b, "bus-word"))
        bench_case(b, "bus", "bus-word", "word", words, word_count);
    if (bench_wants(b, "bus-batch"))
        bench_case(b, "bus", "bus-batch", "word", batches, batch_count);
    if (bench_wants(b, "bus-trip"))
        run_trips(b);
}

// ---------------------------------------------------------------- two machines

typedef struct {
    Arena *arena;
    const char *arguments[BUS_ARGUMENTS_MAX + 1];
    Tail *tail;
    double clock_p50; // of reading the clock alone
} Pair;

static bool is_right(const BusRun *run, Error *err)
{
    return strstr(run->text, "right\n") || fail(err, "the words are wrong: %.300s", run->text);
}

static bool measure_pair(void *user, double *seconds, uint64_t *count, Error *err)
{
    const Pair *p = user;
    BusRun run;
    double received[2];
    if (!bus_run(&run, p->arena, p->arguments, 0, err) || !is_right(&run, err))
        return false;
    if (bus_numbers(&run, "received", received, 2) != 2 || received[1] == 0)
        return fail(err, "nothing was received: %.300s", run.text);
    *seconds = run.elapsed_s;
    *count = (uint64_t)received[1];
    return true;
}

// The first "p50" of ping's line is that of its messages, then come its histograms.
static bool measure_ping(void *user, double *seconds, uint64_t *count, Error *err)
{
    Pair *p = user;
    BusRun run, observed;
    double p50[2], p99[2];
    if (!bus_run(&run, p->arena, p->arguments, 0, err) || !is_right(&run, err))
        return false;
    observed.text = strstr(run.text, "\"observed\":");
    if (!observed.text)
        return fail(err, "nothing was observed: %.300s", run.text);
    observed.text = arena_format(p->arena, "{\"elapsed_s\":0%s", observed.text);
    if (bus_numbers(&observed, "p50", p50, 2) != 2 || bus_numbers(&observed, "p99", p99, 2) != 2)
        return fail(err, "the histograms are not there: %.300s", observed.text);
    *seconds = p50[0] * 1e-9;
    *count = 1;
    leave(p->tail, p99[0] * 1e-9);
    p->clock_p50 = p50[1];
    return true;
}

enum { JIT, INTERP, ENGINES };
static const char *const engine_options[] = { "--engine=jit", "--engine=interp" };
static const char *const engine_names[] = { "jit", "interp" };
static bool has_jit;
static double clock_p50[ENGINES];

#define PROGRAM(name) BENCH_BUS "/" name ".asm"

static Pair *make_pair(Bench *b, int engine, const char *first, const char *second, const char *link)
{
    Pair *p = arena_new(b->arena, Pair);
    *p = (Pair){ b->arena, { engine_options[engine], "--wait=spin", first, second, link } };
    return p;
}

static void run_pairs(Bench *b, const char *name, const char *first, const char *second)
{
    Subject subjects[ENGINES];
    int count = 0;
    for (int e = has_jit ? JIT : INTERP; e < ENGINES; e++)
        subjects[count++] =
            (Subject){ engine_names[e], measure_pair, make_pair(b, e, first, second, NULL), BENCH_WALL };
    bench_case(b, "bus", name, "word", subjects, count);
}

static void run_pings(Bench *b)
{
    Subject half[ENGINES], tail[ENGINES];
    Pair *pairs[ENGINES];
    int count = 0;
    for (int e = has_jit ? JIT : INTERP; e < ENGINES; e++, count++) {
        Pair *p = pairs[count] = make_pair(b, e, PROGRAM("ping"), PROGRAM("pong"), "--link=ring");
        p->tail = arena_new(b->arena, Tail);
        half[count] = (Subject){ engine_names[e], measure_ping, p, BENCH_WALL };
        tail[count] = (Subject){ engine_names[e], measure_tail, p->tail, BENCH_WALL };
    }
    bench_case(b, "bus", "bus-vm-trip-p50", "trip", half, count);
    bench_case(b, "bus", "bus-vm-trip-p99", "trip", tail, count);
    for (int i = 0; i < count; i++)
        clock_p50[has_jit ? i : i + INTERP] = pairs[i]->clock_p50;
}

// ------------------------------------------------------------------ many machines

enum { STATIONS = 10000, FEW_STATIONS = 100, BUSY = 1000 };

typedef struct {
    Arena *arena;
    const char *name, *arguments[BUS_ARGUMENTS_MAX + 1];
    double resident_kib;
} Crowd;

static Crowd crowds[] = {
    { .name = "100, one worker", .arguments = { "--link=ring", "--threads=1", "100*" PROGRAM("hop") } },
    { .name = "10000, one worker", .arguments = { "--link=ring", "--threads=1", "10000*" PROGRAM("hop") } },
    { .name = "10000, two workers", .arguments = { "--link=ring", "--threads=2", "10000*" PROGRAM("hop") } },
};
enum { CROWDS = sizeof crowds / sizeof *crowds };

static bool measure_crowd(void *user, double *seconds, uint64_t *count, Error *err)
{
    Crowd *c = user;
    BusRun run;
    static double received[STATIONS];
    Arena own = { 0 }; // megabytes of statistics
    bool good = bus_run(&run, &own, c->arguments, 0, err);
    *count = 0;
    if (good) {
        const int stations = bus_numbers(&run, "received", received, STATIONS);
        for (int i = 0; i < stations; i++)
            *count += (uint64_t)received[i];
        for (int i = 0; i < stations && good; i++)
            good = received[i] == received[0] ||
                   fail(err, "station %d had %.0f words, the first %.0f", i, received[i], received[0]);
        good = good && (stations > 1 || fail(err, "no stations"));
        *seconds = run.elapsed_s;
        c->resident_kib = run.resident_kib;
    }
    arena_free(&own);
    return good;
}

static double slowest_share; // of the last run of the busy ones

// They run for a while; what counts is the slowest machine's instructions over the mean.
static bool measure_fairness(void *user, double *seconds, uint64_t *count, Error *err)
{
    static double instructions[BUSY];
    static const char *const arguments[] = { "--threads=2", "--timeout=3", "1000*" PROGRAM("busy"), NULL };
    BusRun run;
    double sum = 0, least = 0;
    if (!bus_run(&run, user, arguments, 3, err))
        return false;
    if (bus_numbers(&run, "instructions", instructions, BUSY) != BUSY)
        return fail(err, "not all machines say something");
    for (int i = 0; i < BUSY; i++) {
        sum += instructions[i];
        least = !i || instructions[i] < least ? instructions[i] : least;
    }
    slowest_share = least * BUSY / sum;
    *seconds = run.elapsed_s;
    *count = BUSY;
    return true;
}

static void run_crowds(Bench *b)
{
    if (bench_wants(b, "bus-crowd")) {
        Subject subjects[CROWDS];
        for (int i = 0; i < CROWDS; i++)
            subjects[i] = (Subject){ crowds[i].name, measure_crowd, &crowds[i], BENCH_WALL };
        bench_case(b, "bus", "bus-crowd", "hop", subjects, CROWDS);
    }
    if (bench_wants(b, "bus-fair")) {
        const Subject subjects[] = { { "busy", measure_fairness, b->arena, BENCH_WALL } };
        bench_case(b, "bus", "bus-fair", "machine", subjects, 1);
    }
}

static bool run_bus(Bench *b, Error *err)
{
    int cores[2];
    const char *const names[] = { "bus-word",   "bus-batch",   "bus-trip",  "bus-machines",
                                  "bus-blocks", "bus-vm-trip", "bus-crowd", "bus-fair" };
    bool is_wanted = false;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        is_wanted |= bench_wants(b, names[i]);
    if (!is_wanted)
        return true;
    if (!ring_cores(cores)) {
        fprintf(stderr, "lc3bench: without the bus: it needs two cores\n");
        return true;
    }
    run_rings(b);
    BusRun run;
    Error why;
    has_jit = bus_run(&run, b->arena, (const char *const[]){ "--engine=jit", BENCH_EXAMPLES "/hello.asm", NULL }, 0, &why);
    if (bench_wants(b, "bus-machines"))
        run_pairs(b, "bus-machines", PROGRAM("send"), PROGRAM("recv"));
    if (bench_wants(b, "bus-blocks"))
        run_pairs(b, "bus-blocks", PROGRAM("sendn"), PROGRAM("recvn"));
    if (bench_wants(b, "bus-vm-trip"))
        run_pings(b);
    run_crowds(b);
    return true;
}

// ------------------------------------------------------------------- the tables

static double rate(const Result *r)
{
    return r ? (double)r->count / r->seconds * 1e-6 : 0;
}

static double ns(const Result *r)
{
    return r ? r->seconds * 1e9 / (double)r->count : 0;
}

// A figure, and the first row's over it.
static void print_figure(double figure, double of_first)
{
    if (figure > 0)
        printf(" %9.1f %7.2f", figure, of_first);
    else
        printf(" %9s %7s", "-", "-");
}

static void print_rings(const Bench *b)
{
    const char *const ours = ring_rivals[0].name;
    const double word = rate(bench_find(b, "bus", "bus-word", ours)),
                 batch = rate(bench_find(b, "bus", "bus-batch", ours)),
                 p50 = ns(bench_find(b, "bus", "bus-trip-p50", ours)),
                 p99 = ns(bench_find(b, "bus", "bus-trip-p99", ours));
    if (word + batch + p50 == 0)
        return;
    printf("\n%-13s %9s %7s %9s %7s %9s %7s %9s %7s\n", "bare rings", "M words/s", "ours/", "in 64s", "ours/",
           "trip p50", "ours/", "p99 ns", "ours/");
    for (int i = 0; i < ring_rival_count; i++) {
        const char *name = ring_rivals[i].name;
        const double w = rate(bench_find(b, "bus", "bus-word", name)),
                     n = rate(bench_find(b, "bus", "bus-batch", name)),
                     h = ns(bench_find(b, "bus", "bus-trip-p50", name)),
                     t = ns(bench_find(b, "bus", "bus-trip-p99", name));
        printf("%-13s", name);
        print_figure(w, word / w);
        print_figure(n, batch / n);
        print_figure(h, p50 / h);
        print_figure(t, p99 / t);
        printf("\n");
    }
    if (*ring_rivals_missing)
        printf("not installed when this was built:%s\n", ring_rivals_missing);
}

static void print_pairs(const Bench *b)
{
    for (int e = 0; e < ENGINES; e++) {
        const Result *words = bench_find(b, "bus", "bus-machines", engine_names[e]),
                     *blocks = bench_find(b, "bus", "bus-blocks", engine_names[e]),
                     *p50 = bench_find(b, "bus", "bus-vm-trip-p50", engine_names[e]),
                     *p99 = bench_find(b, "bus", "bus-vm-trip-p99", engine_names[e]);
        if (words)
            printf("\ntwo machines, %-6s SEND/RECV %.1f M words/s", engine_names[e], rate(words));
        if (blocks)
            printf("\ntwo machines, %-6s SENDN/RECVN of 64 %.1f M words/s", engine_names[e], rate(blocks));
        if (p50 && p99)
            printf(
                "\ntwo machines, %-6s round trip p50 %.0f ns, p99 %.0f ns, of which reading the clock %.0f",
                engine_names[e], ns(p50), ns(p99), clock_p50[e]);
    }
    printf("\n");
}

static void print_crowds(const Bench *b)
{
    const Result *few = bench_find(b, "bus", "bus-crowd", crowds[0].name),
                 *many = bench_find(b, "bus", "bus-crowd", crowds[1].name);
    for (int i = 0; i < CROWDS; i++) {
        const Result *r = bench_find(b, "bus", "bus-crowd", crowds[i].name);
        if (r)
            printf("ring of %-19s %7.1f M hops/s, %.1f ns a hop\n", crowds[i].name, rate(r), ns(r));
    }
    if (few && many)
        printf("a hop among %d costs %.2f times one among %d; a machine has %.1f KiB resident\n", STATIONS,
               ns(many) / ns(few), FEW_STATIONS,
               (crowds[1].resident_kib - crowds[0].resident_kib) / (STATIONS - FEW_STATIONS));
    if (bench_find(b, "bus", "bus-fair", "busy"))
        printf("%d busy machines on two workers: the slowest had %.3f of the mean\n", BUSY, slowest_share);
}

static void print_bus(const Bench *b)
{
    print_rings(b);
    print_pairs(b);
    print_crowds(b);
}

const Suite suite_bus = { "bus", "the ring beside other rings, machines that talk, ten thousand of them",
                          run_bus, print_bus };
