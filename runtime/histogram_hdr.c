#include "histogram_hdr.h"

#include <math.h>
#include <string.h>

enum { TICKS_PER_HALF = 5 };

// The next percentile to report: the ticks get closer the nearer it is to 100.
static double next_level(double level)
{
    const double halves = floor(log2(100 / (100 - level))) + 1;
    return level + 100 / (TICKS_PER_HALF * exp2(halves));
}

static void write_line(Writer *w, double value, double level, uint64_t seen)
{
    write_format(w, "%12.3f %2.12f %10llu", value, level / 100, (unsigned long long)seen);
    if (level < 100)
        write_format(w, " %14.2f", 1 / (1 - level / 100));
    write_text(w, "\n");
}

static double top_of(unsigned index, uint64_t max)
{
    const uint64_t high = histogram_high(index);
    return (double)(high < max ? high : max);
}

static double deviation(const Histogram *h, uint64_t count, double mean)
{
    double sum = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        const double middle = ((double)histogram_low(i) + (double)histogram_high(i)) / 2 - mean;
        sum += middle * middle * (double)h->bucket[i];
    }
    return count ? sqrt(sum / (double)count) : 0;
}

// A copy that stands still while it is written.
static uint64_t take(const Histogram *from, Histogram *to)
{
    memset(to, 0, sizeof *to);
    histogram_add(to, from);
    uint64_t count = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        count += to->bucket[i];
    return count;
}

void histogram_write_hdr(Writer *w, const Histogram *from, double scale)
{
    Histogram h;
    const uint64_t count = take(from, &h);
    uint64_t seen = 0;
    double level = 0;
    write_format(w, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS && seen < count; i++) {
        seen += h.bucket[i];
        // The last bucket has one line of its own and the line of 100 %.
        while (h.bucket[i] && 100.0 * (double)seen / (double)count >= level && level < 100) {
            write_line(w, top_of(i, h.max) * scale, level, seen);
            level = next_level(level);
            if (seen == count)
                break;
        }
    }
    if (count)
        write_line(w, (double)h.max * scale, 100, count);
    const double mean = count ? (double)h.sum / (double)count : 0;
    write_format(w, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean * scale,
                 deviation(&h, count, mean) * scale);
    write_format(w, "#[Max     = %12.3f, Total count    = %12llu]\n", (double)h.max * scale,
                 (unsigned long long)count);
    write_format(w, "#[Buckets = %12d, SubBuckets     = %12d]\n", HISTOGRAM_TOP_BIT - HISTOGRAM_PART_BITS + 2,
                 1 << HISTOGRAM_PART_BITS);
}
