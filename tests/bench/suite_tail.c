// suite_tail.c -- the slowest slices of 1,000 instructions, beside the machine's own noise.
//
// Whole runs of lc3run with metrics on; the figures are its own (slice_ns_per_instruction
// of --stats=json).  "first" is the first run of --engine=auto with an empty cache, the
// compiler at work on the other core.  After every run a spin as long as its slices is
// stamped in the same way: the floor, what the machine does to a program that touches no
// memory.
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "histogram.h"
#include "place.h"

enum { SLICE = 1000, SPINS = 200000, ROWS_MAX = 3 * PLACE_PROGRAMS };

typedef struct {
    double mean, p50, p99, p999; // ns
} Spread;

typedef struct {
    const char *program, *name;
    Spread slice, floor; // of a slice; of a spin as long
} Row;

static Row rows[ROWS_MAX];
static int row_count;

static bool read_spread(const char *path, Spread *s, Error *err)
{
    char line[65536] = "";
    FILE *in = fopen(path, "r");
    const char *at = NULL;
    while (in && !at && fgets(line, sizeof line, in))
        at = strstr(line, "\"slice_ns_per_instruction\"");
    if (in)
        fclose(in);
    if (!at || sscanf(at, "\"slice_ns_per_instruction\":{\"mean\":%lf,\"p50\":%lf,\"p99\":%lf,\"p999\":%lf", &s->mean,
                      &s->p50, &s->p99, &s->p999) != 4)
        return fail(err, "%s: no statistics", path);
    return true;
}

// Nothing but the core itself.
static void spin(uint64_t turns)
{
    for (uint64_t i = 0; i < turns; i++)
        __asm__ volatile("" : "+r"(i));
}

static void spin_all(uint64_t turns, int times, Histogram *h)
{
    memset(h, 0, sizeof *h);
    for (int i = 0; i < times; i++) {
        const uint64_t at = clock_ticks();
        spin(turns);
        histogram_record(h, clock_ticks() - at);
    }
}

static Spread measure_floor(double slice_ns)
{
    static Histogram h;
    spin_all(10000, 1000, &h);
    const double turn_ns = histogram_summary(&h, clock_ns_per_tick()).p50 / 10000;
    spin_all((uint64_t)(slice_ns / turn_ns) + 1, SPINS, &h);
    const HistogramSummary s = histogram_summary(&h, clock_ns_per_tick());
    return (Spread){ s.mean, s.p50, s.p99, s.p999 };
}

static bool run_row(const Place *p, const char *program, const char *name, const char *engine, Error *err)
{
    Row *r = &rows[row_count];
    char *arguments[] = { BENCH_LC3RUN, "-q", (char *)engine, "--stats=json", "--metrics=0", (char *)p->program, NULL };
    *r = (Row){ .program = program, .name = name };
    if (!place_run(arguments, p->note, err) || !read_spread(p->note, &r->slice, err))
        return false;
    r->floor = measure_floor(r->slice.p50 * SLICE);
    row_count++;
    return true;
}

static bool run_program(const Bench *b, Place *p, const char *program, Error *err)
{
    if (b->has_progress)
        fprintf(stderr, "\r\033[Ktail: %s", program);
    place_empty_cache(p);
    return place_assemble(p, program, err) && run_row(p, program, "interp", "--engine=interp", err) &&
           run_row(p, program, "jit", "--engine=jit", err) &&
           (place_empty_cache(p), run_row(p, program, "first", "--engine=auto", err));
}

static bool run_tail(Bench *b, Error *err)
{
    if (b->part || !b->filter || strncmp(b->filter, "tail", 4))
        return true; // only when asked for: programs at full size
    Place p;
    clock_start();
    if (!place_open(&p, err))
        return false;
    bool fine = true;
    for (int i = 0; fine && i < PLACE_PROGRAMS; i++)
        if (b->filter[4] != '-' || strstr(place_programs[i], b->filter + 5))
            fine = run_program(b, &p, place_programs[i], err);
    place_close(&p);
    if (b->has_progress)
        fprintf(stderr, "\r\033[K");
    return fine;
}

static void print_tail(const Bench *b)
{
    (void)b;
    if (!row_count)
        return;
    printf("ns per instruction over slices of 1,000; in brackets a spin as long as a slice\n%-9s%-7s%8s%8s%17s%17s%17s\n",
           "", "", "mean", "p50", "p99", "p99.9", "p99 / mean");
    for (int i = 0; i < row_count; i++) {
        const Row *r = &rows[i];
        printf("%-9s%-7s%8.3f%8.3f%8.3f (%6.3f)%8.3f (%6.3f)%8.2f (%6.2f)\n", r->program, r->name, r->slice.mean,
               r->slice.p50, r->slice.p99, r->floor.p99 / SLICE, r->slice.p999, r->floor.p999 / SLICE,
               r->slice.p99 / r->slice.mean, r->floor.p99 / r->floor.mean);
    }
}

const Suite suite_tail = { "tail", "the slowest slices of 1,000 instructions (--filter=tail)", run_tail, print_tail };
