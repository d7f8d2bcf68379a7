#include "histogram.h"

static uint64_t look(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

uint64_t histogram_low(unsigned index)
{
    const unsigned part = 1u << HISTOGRAM_PART_BITS;
    if (index < 2 * part)
        return index;
    const unsigned shift = (index >> HISTOGRAM_PART_BITS) - 1;
    return (uint64_t)(index - (shift << HISTOGRAM_PART_BITS)) << shift;
}

uint64_t histogram_high(unsigned index)
{
    return histogram_low(index + 1) - 1;
}

// Above the largest value's bucket nothing was recorded; not to look there keeps pages
// that nobody has touched out of memory, which counts with thousands of histograms.
static uint64_t count_all(const Histogram *h, uint64_t max)
{
    uint64_t count = 0;
    for (unsigned i = 0; i <= histogram_index(max); i++)
        count += look(&h->bucket[i]);
    return count;
}

// The value that `rank` values (from 1) do not exceed.
static uint64_t value_at(const Histogram *h, uint64_t rank, uint64_t max)
{
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += look(&h->bucket[i]);
        if (seen >= rank)
            return histogram_high(i) < max ? histogram_high(i) : max;
    }
    return max;
}

static double percentile(const Histogram *h, uint64_t count, uint64_t max, unsigned per_mille, double scale)
{
    uint64_t rank = (uint64_t)(((__uint128_t)count * per_mille + 999) / 1000);
    return (double)value_at(h, rank ? rank : 1, max) * scale;
}

HistogramSummary histogram_summary(const Histogram *h, double scale)
{
    const uint64_t max = look(&h->max), count = count_all(h, max);
    if (!count)
        return (HistogramSummary){ 0 };
    return (HistogramSummary){
        .count = count,
        .max = (uint64_t)((double)max * scale + 0.5),
        .mean = (double)look(&h->sum) / (double)count * scale,
        .p50 = percentile(h, count, max, 500, scale),
        .p99 = percentile(h, count, max, 990, scale),
        .p999 = percentile(h, count, max, 999, scale),
    };
}

void histogram_add(Histogram *to, const Histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        to->bucket[i] += look(&from->bucket[i]);
    to->sum += look(&from->sum);
    if (look(&from->max) > to->max)
        to->max = look(&from->max);
}

uint64_t histogram_count_to(const Histogram *h, uint64_t value)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS && histogram_high(i) <= value; i++)
        count += look(&h->bucket[i]);
    return count;
}
