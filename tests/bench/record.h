// record.h -- what one run of lc3bench found out, and where.
//
// Written as JSON, read back for comparison, drawn as a page.  Times are kept as
// they were measured, each with that of the calibration loop beside it and the
// process it was measured in: where a process and its memory happen to lie changes
// times by more than what repeating inside of it shows.
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/writer.h"

enum { PARTS = 5, CURVE_POINTS = 13 };
extern const double curve_percentiles[CURVE_POINTS]; // 0, 10, ... 99.99, 100

// What the seconds are of: this thread alone; or of the clock; or of this thread, while
// another one's work decides how much it has to do itself.  The less that is in the
// measurer's hands, the larger a change must be until compare believes it.
typedef enum { BENCH_CPU, BENCH_WALL, BENCH_COLD } BenchClock;
extern const char *const bench_clocks[]; // "cpu", ...

// One repetition: the seconds of its work, and of the calibration loop beside it.
typedef struct {
    double seconds, calibration;
    int part; // the process that it was measured in
} Sample;

typedef struct {
    double middle, low, high; // the median and its interval
} Interval;

typedef struct {
    const char *suite, *name, *subject; // "engines", "fib", "jit"
    const char *unit;                   // of what is counted: "instruction"
    BenchClock clock;
    uint64_t count; // of units in one repetition
    Sample *samples;
    int sample_count;
    double seconds, spread; // median, and (highest - lowest) / median
    Interval ns;            // per unit
    Interval loops;         // per repetition, in calibration loops; of the clock: seconds
} Result;

typedef struct {
    const char *suite, *name, *subject;
    uint64_t count;
    double ns[CURVE_POINTS];
} Curve;

typedef struct {
    const char *version, *date, *processor, *kernel, *compiler;
    int cores;
    double load_before, load_after; // the machine's, over a minute
    double calibration;             // seconds, the shortest seen
    LIST(Result) results;
    LIST(Curve) curves;
} Record;

// Says where this is and when.
void record_begin(Record *r, Arena *a);
void record_end(Record *r);
// Adds the samples of another part of the same run.
void record_merge(Record *r, Arena *a, const Record *part);
// Whether nobody disturbed the machine beside this sample, where `least` is the
// shortest calibration.
bool sample_is_clean(const Sample *s, double least);
// Fills in what follows from a result's samples.
void result_finish(Result *r);
void record_write(const Record *r, Writer *w);
// Reads what record_write wrote; says with file and place what is wrong.
bool record_read(Record *r, Arena *a, const char *path, Error *err);

#endif
