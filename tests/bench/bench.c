#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SUBJECTS_MAX = 16, REPETITIONS_MAX = 101 };

double bench_cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool bench_wants(const Bench *b, const char *name)
{
    return !b->filter || strstr(name, b->filter);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add(Bench *b, Result r, double *seconds, int n)
{
    if (!n)
        return;
    qsort(seconds, (size_t)n, sizeof *seconds, ascending);
    r.seconds = n % 2 ? seconds[n / 2] : (seconds[n / 2 - 1] + seconds[n / 2]) / 2;
    r.spread = (seconds[n - 1] - seconds[0]) / r.seconds;
    LIST_ADD(b->arena, &b->results, r);
}

static void show_progress(const Bench *b, const char *suite, const char *name, const char *subject)
{
    if (b->has_progress)
        fprintf(stderr, "\r\033[K%s: %s, %s", suite, name, subject);
}

void bench_case(Bench *b, const char *suite, const char *name, const char *unit, const Subject *subjects,
                int subject_count)
{
    static double seconds[SUBJECTS_MAX][REPETITIONS_MAX];
    int done[SUBJECTS_MAX] = { 0 };
    uint64_t count[SUBJECTS_MAX] = { 0 };
    bool is_wrong[SUBJECTS_MAX] = { false };
    for (int r = 0; r < b->repetitions && r < REPETITIONS_MAX; r++)
        for (int i = 0; i < subject_count && i < SUBJECTS_MAX; i++) {
            Error err;
            if (is_wrong[i])
                continue;
            show_progress(b, suite, name, subjects[i].name);
            if (subjects[i].measure(subjects[i].user, &seconds[i][done[i]], &count[i], &err)) {
                done[i]++;
                continue;
            }
            is_wrong[i] = true;
            b->failures++;
            fprintf(stderr, "%slc3bench: %s, %s: %s\n", b->has_progress ? "\r\033[K" : "", name, subjects[i].name,
                    err.text);
        }
    if (b->has_progress)
        fprintf(stderr, "\r\033[K");
    for (int i = 0; i < subject_count && i < SUBJECTS_MAX; i++)
        if (!is_wrong[i])
            add(b, (Result){ suite, name, subjects[i].name, unit, count[i], 0, 0 }, seconds[i], done[i]);
}

const Result *bench_find(const Bench *b, const char *suite, const char *name, const char *subject)
{
    for (size_t i = 0; i < b->results.count; i++) {
        const Result *r = &b->results.at[i];
        if (!strcmp(r->suite, suite) && !strcmp(r->name, name) && !strcmp(r->subject, subject))
            return r;
    }
    return NULL;
}
