// The histogram against raw data: percentiles of ten distributions, merging,
// HdrHistogram's text, and a thousand million records.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "histogram_hdr.h"

enum { VALUES = 200000 };

static uint64_t seed = 42;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static double constant(int i)
{
    return 777;
}
static double even(int i)
{
    return uniform() * 1e6;
}
static double small(int i)
{
    return floor(uniform() * 100);
}
static double exponential(int i)
{
    return -log(uniform()) * 5e4;
}
static double log_normal(int i)
{
    return exp(7 + 1.5 * normal());
}
static double pareto(int i)
{
    return 200 / pow(uniform(), 0.8);
}
static double two_humps(int i)
{
    return fabs(uniform() < 0.9 ? 250 + 20 * normal() : 50000 + 900 * normal());
}
static double steps(int i)
{
    return (double)((i % 10) * 1000);
}
static double wide(int i)
{
    return pow(10, uniform() * 12.5);
}
static double spikes(int i)
{
    return i % 1000 == 0 ? 1.8e7 : 67 + uniform() * 3;
}

static int ascending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static bool is_close(double got, double exact)
{
    return fabs(got - exact) <= exact / 128 + 1e-9;
}

Test(histogram, percentiles_agree_with_sorted_values_of_ten_distributions)
{
    static const struct {
        const char *name;
        double (*draw)(int i);
    } rows[] = { { "constant", constant },
                 { "even", even },
                 { "small", small },
                 { "exponential", exponential },
                 { "log-normal", log_normal },
                 { "Pareto", pareto },
                 { "two humps", two_humps },
                 { "steps", steps },
                 { "wide", wide },
                 { "spikes", spikes } };
    static uint64_t values[VALUES];
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        Histogram *h = calloc(1, sizeof *h);
        double sum = 0;
        for (int i = 0; i < VALUES; i++) {
            values[i] = (uint64_t)rows[r].draw(i);
            histogram_record(h, values[i]);
            sum += (double)values[i];
        }
        qsort(values, VALUES, sizeof *values, ascending);
        const HistogramSummary s = histogram_summary(h, 1);
        cr_expect(s.count == VALUES && s.max == values[VALUES - 1], "%s: count, maximum", rows[r].name);
        cr_expect(is_close(s.mean, sum / VALUES), "%s: mean %g, exact %g", rows[r].name, s.mean,
                  sum / VALUES);
        cr_expect(is_close(s.p50, (double)values[VALUES / 2 - 1]), "%s: p50 %g", rows[r].name, s.p50);
        cr_expect(is_close(s.p99, (double)values[VALUES / 100 * 99 - 1]), "%s: p99 %g", rows[r].name, s.p99);
        cr_expect(is_close(s.p999, (double)values[VALUES / 1000 * 999 - 1]), "%s: p99.9 %g", rows[r].name,
                  s.p999);
        free(h);
    }
}

Test(histogram, one_nanosecond_to_one_hour_keeps_two_digits)
{
    for (double v = 1; v < 3.7e12; v *= 1.37) {
        const unsigned index = histogram_index((uint64_t)v);
        const uint64_t low = histogram_low(index), high = histogram_high(index);
        cr_expect(low <= (uint64_t)v && (uint64_t)v <= high, "%g: %llu to %llu", v, (unsigned long long)low,
                  (unsigned long long)high);
        cr_expect((double)(high - low) <= (double)low / 128, "%g: too wide", v);
    }
    cr_expect(histogram_index(UINT64_MAX) == HISTOGRAM_BUCKETS - 1);
}

Test(histogram, a_thousand_million_records_do_not_overflow)
{
    Histogram *h = calloc(1, sizeof *h);
    for (uint64_t i = 0; i < 1000000000; i++)
        histogram_record(h, 3600000000000u + (i & 1023));
    const HistogramSummary s = histogram_summary(h, 1);
    cr_expect(s.count == 1000000000);
    cr_expect(s.max == 3600000001023u);
    free(h);
}

Test(histogram, merging_is_recording_both)
{
    Histogram *a = calloc(3, sizeof *a), *b = a + 1, *both = a + 2;
    for (int i = 0; i < 5000; i++) {
        const uint64_t v = (uint64_t)wide(i);
        histogram_record(i % 3 ? a : b, v);
        histogram_record(both, v);
    }
    histogram_add(a, b);
    cr_expect(memcmp(a, both, sizeof *a) == 0);
    free(a);
}

// The values 1 to 10.  hdr-histogram-js 3.0.1 prints these lines, too (with two decimals
// when it is asked for two digits).
static const char hdr_of_ten[] = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
                                 "       1.000 0.000000000000          1           1.00\n"
                                 "       1.000 0.100000000000          1           1.11\n"
                                 "       2.000 0.200000000000          2           1.25\n"
                                 "       3.000 0.300000000000          3           1.43\n"
                                 "       4.000 0.400000000000          4           1.67\n"
                                 "       5.000 0.500000000000          5           2.00\n"
                                 "       6.000 0.550000000000          6           2.22\n"
                                 "       6.000 0.600000000000          6           2.50\n"
                                 "       7.000 0.650000000000          7           2.86\n"
                                 "       7.000 0.700000000000          7           3.33\n"
                                 "       8.000 0.750000000000          8           4.00\n"
                                 "       8.000 0.775000000000          8           4.44\n"
                                 "       8.000 0.800000000000          8           5.00\n"
                                 "       9.000 0.825000000000          9           5.71\n"
                                 "       9.000 0.850000000000          9           6.67\n"
                                 "       9.000 0.875000000000          9           8.00\n"
                                 "       9.000 0.887500000000          9           8.89\n"
                                 "       9.000 0.900000000000          9          10.00\n"
                                 "      10.000 0.912500000000         10          11.43\n"
                                 "      10.000 1.000000000000         10\n"
                                 "#[Mean    =        5.500, StdDeviation   =        2.872]\n"
                                 "#[Max     =       10.000, Total count    =           10]\n";

Test(histogram, text_is_that_of_hdr_histogram)
{
    Histogram *h = calloc(1, sizeof *h);
    Writer w = { 0 };
    for (uint64_t v = 1; v <= 10; v++)
        histogram_record(h, v);
    histogram_write_hdr(&w, h, 1);
    write_bytes(&w, "", 1);
    cr_expect(strncmp(w.at, hdr_of_ten, sizeof hdr_of_ten - 1) == 0, "%s", w.at);
    w.len = 0;
    memset(h, 0, sizeof *h);
    histogram_write_hdr(&w, h, 1);
    cr_expect(w.len > 100);
    writer_free(&w);
    free(h);
}
