// bench.h -- measurements that stand side by side.
//
// A suite measures a few subjects of one case (the engines on fib).  The runner
// repeats all subjects in turn, so that whatever else the machine does meets all
// of them, checks every result against the expected one, and keeps the median.
// Time is the CPU time of the measuring thread: what others run meanwhile does not
// count.
//
// A suite is one file, suite_*.c, and one line in the table of lc3bench.c.
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

// What one subject needed for one case: medians over the repetitions.
typedef struct {
    const char *suite, *name, *subject; // "engines", "fib", "jit"
    const char *unit;                   // of what is counted: "instruction"
    uint64_t count;                     // of them in one repetition
    double seconds, spread;             // median, and (highest - lowest) / median
} Result;

typedef struct {
    Arena *arena;
    const char *filter; // cases whose name does not hold it are left out; or NULL
    bool is_full;       // programs at their full size
    int repetitions;
    bool has_progress;  // a terminal is watching
    LIST(Result) results;
    int failures;       // wrong results; each was printed
} Bench;

// One repetition: sets the seconds and the count, and returns false with a message
// when the result is wrong.
typedef bool Measure(void *user, double *seconds, uint64_t *count, Error *err);

typedef struct {
    const char *name;
    Measure *measure;
    void *user;
} Subject;

bool bench_wants(const Bench *b, const char *name);
// Measures all subjects of one case and adds their results.
void bench_case(Bench *b, const char *suite, const char *name, const char *unit, const Subject *subjects,
                int subject_count);
const Result *bench_find(const Bench *b, const char *suite, const char *name, const char *subject);
double bench_cpu_seconds(void); // of this thread

typedef struct {
    const char *name, *help;
    bool (*run)(Bench *b, Error *err);
    void (*print)(const Bench *b); // the suite's results as a table on standard output
} Suite;

extern const Suite suite_asm, suite_engines, suite_metrics, suite_nic;

#endif
