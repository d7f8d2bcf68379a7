// bench.h -- measurements that stand side by side.
//
// A suite measures a few subjects of one case (the engines on fib).  The frame runs
// all subjects in turn, once to warm up and then again and again, so that whatever
// else the machine does meets all of them; before and after every repetition it
// measures a loop of its own, so that a machine that is slow just now is seen as
// such; and it keeps the numbers only when every repetition's result was right.
// All of that happens in PARTS processes one after the other (parts.h).
//
// A suite is one file, suite_*.c, and one line in the table of lc3bench.c:
//
//     const Subject subjects[] = { { "one", measure_one, &one }, { "two", measure_two, &two } };
//     bench_case(b, "bus", "bus-words", "word", subjects, 2);
//
// where measure_one sets the seconds and the count of one repetition (best 10 to 100
// ms, always the same work) and returns false with a message when the result is
// wrong.  Most suites take bench_cpu_seconds; one whose threads work together takes
// the clock and says BENCH_WALL.
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "histogram.h"
#include "record.h"

typedef struct {
    Arena *arena;
    const char *filter;  // cases whose name does not hold it are left out; or NULL
    const char *matrix;  // axes of the matrix, instead of the other suites; or NULL
    bool is_full;        // programs at their full size
    int part;            // which process of the run this is
    int repetitions;     // of each case in each part; 0: until there are enough or the time is up
    double case_seconds; // that time, of the processor
    bool has_progress;   // a terminal is watching
    Record record;       // what was measured
    int failures;        // wrong results; each was printed
} Bench;

// One repetition: sets the seconds and the count, and returns false with a message
// when the result is wrong.
typedef bool Measure(void *user, double *seconds, uint64_t *count, Error *err);

typedef struct {
    const char *name;
    Measure *measure;
    void *user;
    BenchClock clock;
} Subject;

bool bench_wants(const Bench *b, const char *name);
// Measures all subjects of one case and adds their results.
void bench_case(Bench *b, const char *suite, const char *name, const char *unit, const Subject *subjects,
                int subject_count);
// Adds a distribution: its percentiles, in the histogram's unit times `scale`, are
// nanoseconds.  The report draws those of one suite and name in one plot.
void bench_curve(Bench *b, const char *suite, const char *name, const char *subject, const Histogram *h,
                 double scale);
const Result *bench_find(const Bench *b, const char *suite, const char *name, const char *subject);
double bench_cpu_seconds(void);  // of this thread
double bench_wall_seconds(void); // of the clock

typedef struct {
    const char *name, *help;
    bool (*run)(Bench *b, Error *err);
    void (*print)(const Bench *b); // the suite's results as a table on standard output
} Suite;

extern const Suite suite_asm, suite_auto, suite_bus, suite_engines, suite_matrix, suite_metrics, suite_nic,
    suite_tail, suite_svm;

#endif
