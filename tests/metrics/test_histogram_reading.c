// test_histogram_reading.c -- a reader beside a writer at full speed: nothing goes
// back, every count is the sum of its buckets, and in the end nothing is missing.
// A plain program, so that ThreadSanitizer can run it.
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "metrics.h"

enum { RECORDS = 20000000 };

static Histogram shared;
static MetricExemplar slowest;
static int done;

static void *record(void *arg)
{
    uint64_t seed = 1;
    for (uint64_t i = 0; i < RECORDS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const uint64_t value = seed >> (24 + (seed >> 20 & 31));
        if (i % 64 == 0)
            metric_exemplar_store(&slowest, i, 3 * i + 1);
        histogram_record(&shared, value);
    }
    __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
    return NULL;
}

static int check(const MetricReading *now, const MetricReading *before)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (now->h.bucket[i] < before->h.bucket[i])
            return printf("not ok: bucket %u went back\n", i);
        sum += now->h.bucket[i];
    }
    if (sum != now->count || now->h.sum < before->h.sum || now->h.max < before->h.max)
        return printf("not ok: count, sum or maximum\n");
    uint64_t value, at;
    for (int i = 0; i < 1000; i++)
        if (metric_exemplar_load(&slowest, &value, &at) && at != 3 * value + 1)
            return printf("not ok: an exemplar of two halves\n");
    return 0;
}

int main(void)
{
    static MetricReading now, before;
    pthread_t writer;
    unsigned readings = 0;
    pthread_create(&writer, NULL, record, NULL);
    for (int last = 0; !last; readings++) {
        last = __atomic_load_n(&done, __ATOMIC_ACQUIRE);
        metrics_take(&shared, &now);
        if (check(&now, &before))
            return 1;
        before = now;
    }
    pthread_join(writer, NULL);
    if (now.count != RECORDS)
        return printf("not ok: %llu of %d\n", (unsigned long long)now.count, RECORDS);
    printf("ok: %d records, %u readings\n", RECORDS, readings);
    return 0;
}
