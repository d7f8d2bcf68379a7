#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "calibrate.h"

enum {
    SUBJECTS_MAX = 64,
    REPETITIONS_MIN = 3, // in one part
    REPETITIONS_MAX = 101,
    CLEAN_ENOUGH = 6, // repetitions that nobody disturbed
};

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double bench_cpu_seconds(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double bench_wall_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

bool bench_wants(const Bench *b, const char *name)
{
    return !b->filter || strstr(name, b->filter);
}

static void say(const Bench *b, const Result *r, int repetition)
{
    if (b->has_progress)
        fprintf(stderr, "\r\033[K%s: %s, %s, %d", r->suite, r->name, r->subject, repetition);
}

static bool measure_once(Bench *b, const Subject *s, Result *r, bool is_kept)
{
    Error err;
    Sample sample;
    uint64_t count = 0;
    const double before = calibrate();
    bool fine = s->measure(s->user, &sample.seconds, &count, &err);
    if (fine && r->count && count != r->count)
        fine = fail(&err, "%llu %ss, and %llu before", (unsigned long long)count, r->unit,
                    (unsigned long long)r->count);
    if (!fine) {
        fprintf(stderr, "%slc3bench: %s, %s: %s\n", b->has_progress ? "\r\033[K" : "", r->name, s->name,
                err.text);
        b->failures++;
        return false;
    }
    const double after = calibrate();
    sample.calibration = before > after ? before : after;
    sample.part = b->part;
    r->count = count;
    if (is_kept)
        r->samples[r->sample_count++] = sample;
    return true;
}

// Enough: so many repetitions while the machine was not disturbed, as far as is
// known yet.
static bool has_enough(const Result *r)
{
    int count = 0;
    double least = r->samples[0].calibration;
    for (int i = 1; i < r->sample_count; i++)
        least = r->samples[i].calibration < least ? r->samples[i].calibration : least;
    for (int i = 0; i < r->sample_count; i++)
        count += sample_is_clean(&r->samples[i], least);
    return count >= CLEAN_ENOUGH;
}

static bool is_over(const Bench *b, const Result *results, const bool *is_wrong, int count, int rounds,
                    double begin)
{
    if (rounds > REPETITIONS_MAX)
        return true;
    if (b->repetitions)
        return rounds > b->repetitions;
    if (rounds <= REPETITIONS_MIN)
        return false;
    if (bench_wall_seconds() - begin > b->case_seconds)
        return true;
    for (int i = 0; i < count; i++)
        if (!is_wrong[i] && !has_enough(&results[i]))
            return false;
    return true;
}

void bench_case(Bench *b, const char *suite, const char *name, const char *unit, const Subject *subjects,
                int subject_count)
{
    Result results[SUBJECTS_MAX];
    bool is_wrong[SUBJECTS_MAX] = { false };
    for (int i = 0; i < subject_count; i++)
        results[i] = (Result){ .suite = suite,
                               .name = name,
                               .subject = subjects[i].name,
                               .unit = unit,
                               .clock = subjects[i].clock,
                               .samples = arena_array(b->arena, Sample, REPETITIONS_MAX) };
    const double begin = bench_wall_seconds();
    for (int round = 0; !is_over(b, results, is_wrong, subject_count, round, begin); round++)
        for (int i = 0; i < subject_count; i++) {
            say(b, &results[i], round);
            is_wrong[i] = is_wrong[i] || !measure_once(b, &subjects[i], &results[i], round > 0);
        }
    if (b->has_progress)
        fprintf(stderr, "\r\033[K");
    for (int i = 0; i < subject_count; i++) {
        if (is_wrong[i])
            continue;
        result_finish(&results[i]);
        LIST_ADD(b->arena, &b->record.results, results[i]);
    }
}

static double percentile(const Histogram *h, uint64_t count, double percent)
{
    const double rank = percent / 100 * (double)count;
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (h->bucket[i] && (double)seen >= rank) {
            const uint64_t high = histogram_high(i);
            return (double)(high < h->max ? high : h->max);
        }
    }
    return (double)h->max;
}

void bench_curve(Bench *b, const char *suite, const char *name, const char *subject, const Histogram *h,
                 double scale)
{
    Curve c = { .suite = suite, .name = name, .subject = subject };
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        c.count += h->bucket[i];
    for (int i = 0; i < CURVE_POINTS && c.count; i++)
        c.ns[i] = percentile(h, c.count, curve_percentiles[i]) * scale;
    if (c.count)
        LIST_ADD(b->arena, &b->record.curves, c);
}

const Result *bench_find(const Bench *b, const char *suite, const char *name, const char *subject)
{
    for (size_t i = 0; i < b->record.results.count; i++) {
        const Result *r = &b->record.results.at[i];
        if (!strcmp(r->suite, suite) && !strcmp(r->name, name) && !strcmp(r->subject, subject))
            return r;
    }
    return NULL;
}
