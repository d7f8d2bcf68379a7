// histogram.h -- how often each value came, in buckets of equal relative width.
//
// Values below 256 have a bucket each; above, every power of two is cut into 128
// parts, so a bucket is at most 1/128 wide (two significant digits).  The range
// reaches one hour in nanoseconds or in ticks of a 4 GHz counter; larger values
// count in the last bucket.  (The idea is Gil Tene's HdrHistogram.)
//
// One thread records, with plain stores; any thread may read at any time.  Every
// field is one aligned word, so a reader sees each of them whole, and derives
// the count from the buckets: a snapshot is never torn, only a few records old.
#ifndef RUNTIME_HISTOGRAM_H
#define RUNTIME_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_PART_BITS = 7,
    HISTOGRAM_TOP_BIT = 43, // of the largest value told apart
    HISTOGRAM_BUCKETS = (HISTOGRAM_TOP_BIT - HISTOGRAM_PART_BITS + 2) << HISTOGRAM_PART_BITS,
};

// All zero is an empty histogram.  Writer: the thread that records.
typedef struct {
    uint64_t sum, max;
    uint64_t bucket[HISTOGRAM_BUCKETS];
} Histogram;

static inline unsigned histogram_index(uint64_t value)
{
    const uint64_t limit = (UINT64_C(2) << HISTOGRAM_TOP_BIT) - 1;
    if (value > limit)
        value = limit;
    const unsigned shift = 63 - HISTOGRAM_PART_BITS - (unsigned)__builtin_clzll(value | 255);
    return (shift << HISTOGRAM_PART_BITS) + (unsigned)(value >> shift);
}

// Relaxed stores are plain stores; the type system only has to know that others
// look.  A histogram orders nothing else, so relaxed suffices everywhere.
static inline void histogram_record(Histogram *h, uint64_t value)
{
    uint64_t *bucket = &h->bucket[histogram_index(value)];
    __atomic_store_n(bucket, *bucket + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&h->sum, h->sum + value, __ATOMIC_RELAXED);
    if (value > h->max)
        __atomic_store_n(&h->max, value, __ATOMIC_RELAXED);
}

// The smallest and the largest value that count in a bucket.
uint64_t histogram_low(unsigned index);
uint64_t histogram_high(unsigned index);

typedef struct {
    uint64_t count, max;
    double mean, p50, p99, p999;
} HistogramSummary;

// Summary in the histogram's own unit times `scale`.  Percentiles are the upper
// ends of their buckets, never above the maximum.
HistogramSummary histogram_summary(const Histogram *h, double scale);

// Adds `from` to `to`, which nobody else may be recording into.
void histogram_add(Histogram *to, const Histogram *from);

// How many recorded values lie at or below `value` (whole buckets).
uint64_t histogram_count_to(const Histogram *h, uint64_t value);

#endif
