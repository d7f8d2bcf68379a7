// metrics.h -- what is measured, under which name, and how to read it.
//
// A registry holds families (one name, one meaning), a family holds series (one
// set of labels each), and a series points at a word or a histogram that
// somebody else stores into while everything runs.  Nothing is copied and nobody
// is stopped: a reader loads each word once, relaxed, at the moment it is asked.
// The registry knows nothing of machines; vm_metrics.h says what a VM shows.
//
// What a reader may rely on:
//   - counters and histogram buckets never go back between two readings;
//   - the count of a histogram is the sum of the buckets that were read, so
//     _count, the +Inf bucket and the buckets below always agree.  The sum is
//     read before the buckets and may lack what was recorded in between;
//   - time measured in ticks is turned into seconds with one factor, fixed at
//     the first reading, so a bucket's edges never move.
//
// A registry may be filled and read by several threads: it locks itself.
#ifndef RUNTIME_METRICS_H
#define RUNTIME_METRICS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/writer.h"
#include "histogram.h"

typedef enum { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_INFO } MetricKind;

// Upper bounds of the classic buckets, as they are printed; the last is followed by +Inf.
typedef struct {
    const char *text[32];
    double at[32];
    unsigned count;
} MetricBounds;

extern const MetricBounds metric_bounds_instruction; // seconds an instruction: 0.1 ns to 10 ms
extern const MetricBounds metric_bounds_latency;     // seconds: 10 ns to 10 s
extern const MetricBounds metric_bounds_word;        // what fits a word: 0 to 65535

// What one unit of a stored number is worth in the unit of the name.
typedef struct {
    double factor;
    bool ticks; // the number counts ticks of the clock: times seconds per tick, too
} MetricScale;

#define METRIC_ONE ((MetricScale){ 1, false })
#define METRIC_NS ((MetricScale){ 1e-9, false })
#define METRIC_TICKS ((MetricScale){ 1, true })

typedef double MetricRead(const void *source);

// The slowest of what a histogram has seen, and where it was: an exemplar.  One
// writer; a version that is odd, or that changes under a reader, says "not now".
typedef struct {
    uint32_t version;
    uint64_t value; // as recorded in the histogram
    uint64_t at;    // what `place` names: the number of the instruction, of the message
} MetricExemplar;

static inline void metric_exemplar_store(MetricExemplar *e, uint64_t value, uint64_t at)
{
    __atomic_store_n(&e->version, e->version + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE); // with the acquire fence in metric_exemplar_load
    __atomic_store_n(&e->value, value, __ATOMIC_RELAXED);
    __atomic_store_n(&e->at, at, __ATOMIC_RELAXED);
    __atomic_store_n(&e->version, e->version + 1, __ATOMIC_RELEASE);
}

// False: there is none yet, or it is being stored.
bool metric_exemplar_load(const MetricExemplar *e, uint64_t *value, uint64_t *at);

typedef struct {
    const char *labels; // `vm="0",name="fib"`, escaped, without braces; "" for none
    const void *source; // a uint64_t, a Histogram, or what `read` wants
    MetricRead *read;   // NULL: source is a word (or, in a histogram family, a Histogram)
    MetricScale scale;
    const MetricExemplar *exemplar; // of a histogram, or NULL
    const char *place;              // the label of exemplar->at
} MetricSeries;

typedef struct {
    MetricKind kind;
    const char *name; // without the _total of a counter or the _info of an info
    const char *unit; // the end of the name if it is a unit, or ""
    const char *help;
    const MetricBounds *bounds; // of a histogram
    LIST(MetricSeries) series;
} MetricFamily;

// A histogram as it was read: bucket, sum and max of `h`, and the sum of the buckets.
typedef struct {
    Histogram h;
    uint64_t count;
    unsigned used; // buckets from here on are zero
} MetricReading;

typedef struct Metrics Metrics;
typedef void MetricGather(Metrics *m, void *arg);

struct Metrics {
    pthread_mutex_t lock;
    Arena arena;
    LIST(MetricFamily *) families; // in the order they were made
    MetricGather *gather;          // called, locked, before every reading
    void *gather_arg;
    double created;          // seconds since 1970
    double seconds_per_tick; // 0 until the first reading
    MetricReading scratch;   // what is being read
};

void metrics_init(Metrics *m);
void metrics_free(Metrics *m);

// Before every reading `gather` is called; it may add families and series.
void metrics_on_gather(Metrics *m, MetricGather *gather, void *arg);

// Returns the family of this name, made now if there is none; an existing one
// must have the same kind.  Strings are copied.
MetricFamily *metrics_family(Metrics *m, MetricKind kind, const char *name, const char *unit,
                             const char *help);
MetricFamily *metrics_histograms(Metrics *m, const char *name, const char *unit, const char *help,
                                 const MetricBounds *bounds);
const MetricFamily *metrics_find(const Metrics *m, const char *name); // or NULL

// Labels from name, value, ..., NULL; values are escaped.
const char *metrics_labels(Metrics *m, ...) __attribute__((sentinel));
// The value of one label in such a text, unescaped, or NULL.
const char *metrics_label_value(Arena *a, const char *labels, const char *name);

// Add a series.  What they point at must live as long as the registry; labels
// come from metrics_labels, or are NULL.
void metrics_add_word(Metrics *m, MetricFamily *f, const char *labels, const uint64_t *word,
                      MetricScale scale);
void metrics_add_call(Metrics *m, MetricFamily *f, const char *labels, MetricRead *read, const void *source);
MetricSeries *metrics_add_histogram(Metrics *m, MetricFamily *f, const char *labels, const Histogram *h,
                                    MetricScale scale); // valid until the next series of the family
void metrics_add_info(Metrics *m, MetricFamily *f, const char *labels); // a 1 whose labels are the news

// The whole registry.  Prometheus text 0.0.4, OpenMetrics 1.0, and JSON for the
// live page, in which one histogram is given bucket by bucket: `family` (or
// NULL), all its series together, or only those whose label vm is `vm`.
void metrics_write_text(Metrics *m, Writer *w);
void metrics_write_openmetrics(Metrics *m, Writer *w);
void metrics_write_json(Metrics *m, Writer *w, const char *family, const char *vm);

// True when an Accept header prefers OpenMetrics to the plain text format.
bool metrics_wants_openmetrics(const char *accept);

// A name that metrics and labels may have: letters, digits and _, no digit first,
// lower case; everything else becomes _.
const char *metrics_clean_name(Arena *a, const char *name);

// Numbers as both formats have them: digits for whole ones.
void metrics_write_unsigned(Writer *w, uint64_t value);
void metrics_write_real(Writer *w, double value, int digits); // finite

// For those who write a registry out: both need the lock.
void metrics_begin(Metrics *m); // locks, gathers, fixes the factor
void metrics_end(Metrics *m);
double metrics_read(const Metrics *m, const MetricSeries *s);
double metrics_factor(const Metrics *m, const MetricSeries *s);
// Reads a histogram; `to` is zero or was read before.
void metrics_take(const Histogram *from, MetricReading *to);

#endif
