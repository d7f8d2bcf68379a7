// Metrics: what a record costs the thread that records, and what an answer about a
// thousand VMs costs the thread that writes it.
//
// Records are of 4,096 values as latencies are distributed; "nothing" walks over
// the same values, so the difference is the record's own.
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "vm_metrics.h"

enum { VALUES = 4096, ROUNDS = 5000, VMS = 1000, ANSWERS = 5 };

static uint64_t values[VALUES];

static void draw_values(void)
{
    uint64_t seed = 7;
    for (int i = 0; i < VALUES; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        values[i] = 150 + (seed >> 40) % (seed >> 60 ? 700 : 60000);
    }
}

// ------------------------------------------------------------------- records

static bool measure_record(void *user, double *seconds, uint64_t *count, Error *err)
{
    Histogram *h = calloc(1, sizeof *h);
    if (!h)
        return fail(err, "out of memory");
    const double begin = bench_cpu_seconds();
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < VALUES; i++)
            histogram_record(h, values[i]);
    *seconds = bench_cpu_seconds() - begin;
    *count = (uint64_t)ROUNDS * VALUES;
    const bool is_right = histogram_summary(h, 1).count == *count;
    free(h);
    return is_right || fail(err, "records are missing");
}

static bool measure_nothing(void *user, double *seconds, uint64_t *count, Error *err)
{
    const double begin = bench_cpu_seconds();
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < VALUES; i++)
            __asm__ volatile("" : : "r"(values[i])); // loaded, and that is all
    *seconds = bench_cpu_seconds() - begin;
    *count = (uint64_t)ROUNDS * VALUES;
    return true;
}

static bool measure_stamp(void *user, double *seconds, uint64_t *count, Error *err)
{
    uint64_t last = clock_ticks();
    const double begin = bench_cpu_seconds();
    for (int i = 0; i < ROUNDS * 200; i++) {
        const uint64_t now = clock_ticks();
        if (now < last)
            return fail(err, "the clock went back");
        last = now;
    }
    *seconds = bench_cpu_seconds() - begin;
    *count = ROUNDS * 200;
    return true;
}

// ------------------------------------------------------------------- answers

typedef struct {
    Metrics metrics;
    uint64_t word;
    Histogram *histograms; // two per VM
    Writer w;              // kept between answers, as the exporter does
} Registry;

static double read_word(const void *source)
{
    return (double)((const Registry *)source)->word;
}

static void fill_registry(Registry *r)
{
    metrics_init(&r->metrics);
    for (unsigned i = 0; i < VMS; i++) {
        Histogram *h = &r->histograms[2 * i];
        for (int k = 0; k < VALUES; k++)
            histogram_record(&h[k & 1], values[k]);
        vm_metrics_add(&r->metrics, &(VmMetrics){ .vm = i,
                                                  .name = "hop",
                                                  .program = "hop.obj",
                                                  .engine = "jit",
                                                  .instructions = &r->word,
                                                  .spins = &r->word,
                                                  .sent = read_word,
                                                  .received = read_word,
                                                  .native = read_word,
                                                  .state = read_word,
                                                  .source = r,
                                                  .slice = h,
                                                  .slice_unit = 1000,
                                                  .latency = h + 1 });
        vm_metrics_add_trap(&r->metrics, i, "hop", "one", &r->word);
        vm_metrics_add_trap(&r->metrics, i, "hop", "two", &r->word);
        vm_metrics_add_ring(&r->metrics, &(RingMetrics){ .ring = i,
                                                         .from = "0",
                                                         .to = "1",
                                                         .capacity = 4096,
                                                         .words_in = &r->word,
                                                         .words_out = &r->word,
                                                         .occupancy_max = &r->word });
    }
}

static bool finish_answers(Registry *r, double begin, double *seconds, uint64_t *count, Error *err)
{
    *seconds = bench_cpu_seconds() - begin;
    *count = ANSWERS;
    return r->w.len > VMS * 1000 || fail(err, "an answer of %zu bytes", r->w.len);
}

static bool measure_text(void *user, double *seconds, uint64_t *count, Error *err)
{
    Registry *r = user;
    const double begin = bench_cpu_seconds();
    for (int i = 0; i < ANSWERS; i++) {
        r->w.len = 0;
        metrics_write_text(&r->metrics, &r->w);
    }
    return finish_answers(r, begin, seconds, count, err);
}

static bool measure_openmetrics(void *user, double *seconds, uint64_t *count, Error *err)
{
    Registry *r = user;
    const double begin = bench_cpu_seconds();
    for (int i = 0; i < ANSWERS; i++) {
        r->w.len = 0;
        metrics_write_openmetrics(&r->metrics, &r->w);
    }
    return finish_answers(r, begin, seconds, count, err);
}

static bool measure_json(void *user, double *seconds, uint64_t *count, Error *err)
{
    Registry *r = user;
    const double begin = bench_cpu_seconds();
    for (int i = 0; i < ANSWERS; i++) {
        r->w.len = 0;
        metrics_write_json(&r->metrics, &r->w, "lc3_instruction_seconds", NULL);
    }
    return finish_answers(r, begin, seconds, count, err);
}

// --------------------------------------------------------------------- suite

static bool measure_answers(Bench *b, Error *err)
{
    Registry *r = arena_new(b->arena, Registry);
    r->histograms = calloc(2 * VMS, sizeof *r->histograms);
    if (!r->histograms)
        return fail(err, "out of memory");
    fill_registry(r);
    const Subject subjects[] = { { "text", measure_text, r },
                                 { "openmetrics", measure_openmetrics, r },
                                 { "json", measure_json, r } };
    bench_case(b, "metrics", "answer", "answer", subjects, 3);
    writer_free(&r->w);
    metrics_free(&r->metrics);
    free(r->histograms);
    return true;
}

static bool run_metrics(Bench *b, Error *err)
{
    draw_values();
    const Subject subjects[] = { { "record", measure_record, NULL },
                                 { "nothing", measure_nothing, NULL },
                                 { "stamp", measure_stamp, NULL } };
    if (bench_wants(b, "record"))
        bench_case(b, "metrics", "record", "record", subjects, 3);
    return !bench_wants(b, "answer") || measure_answers(b, err);
}

static void print_one(const Bench *b, const char *name, const char *subject, double scale, const char *unit)
{
    const Result *r = bench_find(b, "metrics", name, subject);
    if (r)
        printf("%-12s %9.2f %s\n", subject, r->seconds / (double)r->count * scale, unit);
}

static void print_metrics(const Bench *b)
{
    static const char *const answers[] = { "text", "openmetrics", "json" };
    if (bench_find(b, "metrics", "record", "record"))
        printf("\nmetrics\n");
    print_one(b, "record", "record", 1e9, "ns a record");
    print_one(b, "record", "nothing", 1e9, "ns a value, not recorded");
    print_one(b, "record", "stamp", 1e9, "ns a stamp");
    for (int i = 0; i < 3; i++)
        print_one(b, "answer", answers[i], 1e3, "ms an answer about 1,000 VMs");
}

const Suite suite_metrics = { "metrics", "a histogram record, a stamp, an answer about a thousand VMs",
                              run_metrics, print_metrics };
