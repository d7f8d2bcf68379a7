// The registry as JSON, for the live page and for scripts:
//
//   {"now":S,"created":S,"families":{"lc3_instructions":{"kind":"counter","unit":"","help":"...",
//     "series":[{"labels":{"vm":"0"},"value":N}]},
//     "lc3_message_latency_seconds":{...,"series":[{"labels":{},"count":N,"sum":X,"max":X,
//       "p50":X,"p90":X,"p99":X,"p999":X}]}},
//    "histogram":{"family":"lc3_message_latency_seconds","vm":null,"count":N,"sum":X,"max":X,...,
//       "buckets":[[LOW,HIGH,COUNT],...]}}
//
// Names, values and counts are those of the text formats; only quantiles and the
// buckets of the one histogram that was asked for are finer.
#include "metrics.h"

#include <math.h>
#include <string.h>
#include <time.h>

static void write_number(Writer *w, double value)
{
    if (isfinite(value))
        metrics_write_real(w, value, 12);
    else
        write_text(w, "null");
}

// {"vm":"0"} from vm="0": the escapes of the text format are those of JSON, too,
// as long as no control characters are in the value but \n, which is escaped.
static void write_labels(Writer *w, const char *at)
{
    write_text(w, "{");
    while (*at) {
        const char *equals = strchr(at, '=');
        const char *end = equals + 2;
        while (*end != '"')
            end += *end == '\\' ? 2 : 1;
        write_bytes(w, "\"", 1);
        write_bytes(w, at, (size_t)(equals - at));
        write_bytes(w, "\":", 2);
        for (const char *c = equals + 1; c <= end; c++)
            if ((unsigned char)*c < ' ')
                write_format(w, "\\u%04x", (unsigned char)*c);
            else
                write_bytes(w, c, 1);
        at = end + 1;
        if (*at == ',') {
            at++;
            write_text(w, ",");
        }
    }
    write_text(w, "}");
}

static double quantile(const Histogram *h, uint64_t count, double q, double factor)
{
    uint64_t rank = (uint64_t)ceil(q * (double)count), seen = 0;
    if (rank < 1)
        rank = 1;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen >= rank)
            return fmin((double)histogram_high(i), (double)h->max) * factor;
    }
    return (double)h->max * factor;
}

static void write_summary(Writer *w, const Histogram *h, uint64_t count, double factor)
{
    static const struct {
        const char *name;
        double q;
    } quantiles[] = {
        { ",\"p50\":", 0.5 }, { ",\"p90\":", 0.9 }, { ",\"p99\":", 0.99 }, { ",\"p999\":", 0.999 }
    };
    write_text(w, "\"count\":");
    metrics_write_unsigned(w, count);
    write_text(w, ",\"sum\":");
    write_number(w, (double)h->sum * factor);
    write_text(w, ",\"max\":");
    write_number(w, count ? (double)h->max * factor : NAN);
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        write_text(w, quantiles[i].name);
        write_number(w, count ? quantile(h, count, quantiles[i].q, factor) : NAN);
    }
}

static void write_series(Metrics *m, Writer *w, const MetricFamily *f, const MetricSeries *s)
{
    write_text(w, "{\"labels\":");
    write_labels(w, s->labels);
    write_text(w, ",");
    if (f->kind == METRIC_HISTOGRAM) {
        metrics_take(s->source, &m->scratch);
        write_summary(w, &m->scratch.h, m->scratch.count, metrics_factor(m, s));
    } else {
        write_text(w, "\"value\":");
        write_number(w, metrics_read(m, s));
    }
    write_text(w, "}");
}

static void write_family(Metrics *m, Writer *w, const MetricFamily *f)
{
    static const char *const kinds[] = { "counter", "gauge", "histogram", "info" };
    write_json_string(w, f->name);
    write_format(w, ":{\"kind\":\"%s\",\"unit\":\"%s\",\"help\":", kinds[f->kind], f->unit);
    write_json_string(w, f->help);
    write_text(w, ",\"series\":[");
    for (size_t i = 0; i < f->series.count; i++) {
        write_text(w, i ? ",\n" : "");
        write_series(m, w, f, &f->series.at[i]);
    }
    write_text(w, "]}");
}

// ------------------------------------------------- one histogram, all buckets

static bool is_of_vm(const MetricSeries *s, const char *vm)
{
    Arena a = { 0 };
    const char *value = metrics_label_value(&a, s->labels, "vm");
    const bool is = value && strcmp(value, vm) == 0;
    arena_free(&a);
    return is;
}

// Adds up the series of a family; all have the same scale.  Returns the count.
static uint64_t take_all(Metrics *m, const MetricFamily *f, const char *vm, Histogram *to)
{
    uint64_t count = 0;
    for (size_t i = 0; i < f->series.count; i++) {
        const MetricSeries *s = &f->series.at[i];
        if (vm && !is_of_vm(s, vm))
            continue;
        metrics_take(s->source, &m->scratch);
        histogram_add(to, &m->scratch.h);
        count += m->scratch.count;
    }
    return count;
}

static void write_buckets(Metrics *m, Writer *w, const char *name, const char *vm)
{
    const MetricFamily *f = name ? metrics_find(m, name) : NULL;
    if (!f || f->kind != METRIC_HISTOGRAM || !f->series.count) {
        write_text(w, "null");
        return;
    }
    Arena a = { 0 };
    Histogram *all = arena_new(&a, Histogram);
    const double factor = metrics_factor(m, &f->series.at[0]);
    const uint64_t count = take_all(m, f, vm, all);
    write_text(w, "{\"family\":");
    write_json_string(w, name);
    write_text(w, ",\"vm\":");
    if (vm)
        write_json_string(w, vm);
    else
        write_text(w, "null");
    write_text(w, ",");
    write_summary(w, all, count, factor);
    write_text(w, ",\"buckets\":[");
    const char *comma = "";
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        if (all->bucket[i]) {
            write_format(w, "%s[%.6g,%.6g,%llu]", comma, (double)histogram_low(i) * factor,
                         (double)(histogram_high(i) + 1) * factor, (unsigned long long)all->bucket[i]);
            comma = ",";
        }
    write_text(w, "]}");
    arena_free(&a);
}

void metrics_write_json(Metrics *m, Writer *w, const char *family, const char *vm)
{
    struct timespec now;
    metrics_begin(m);
    clock_gettime(CLOCK_REALTIME, &now);
    write_format(w, "{\"now\":%.6f,\"created\":%.3f,\"families\":{\n",
                 (double)now.tv_sec + (double)now.tv_nsec * 1e-9, m->created);
    const char *comma = "";
    for (size_t i = 0; i < m->families.count; i++) {
        if (!m->families.at[i]->series.count)
            continue;
        write_text(w, comma);
        write_family(m, w, m->families.at[i]);
        comma = ",\n";
    }
    write_text(w, "},\n\"histogram\":");
    write_buckets(m, w, family, vm);
    write_text(w, "}\n");
    metrics_end(m);
}
