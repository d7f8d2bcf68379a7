// The text formats: Prometheus 0.0.4 and OpenMetrics 1.0.  They differ in the
// names that carry HELP and TYPE, in units, in times of creation, exemplars and
// the end mark; sample lines are the same.
//
// A scrape of a thousand VMs is a hundred thousand lines, so a line is put
// together from pieces that are made once per series, not by printf.
#include "metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void metrics_write_unsigned(Writer *w, uint64_t value)
{
    char digits[20];
    unsigned at = sizeof digits;
    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    write_bytes(w, digits + at, sizeof digits - at);
}

void metrics_write_real(Writer *w, double value, int digits)
{
    char text[40];
    if (value >= 0 && value < 9e15 && value == floor(value))
        metrics_write_unsigned(w, (uint64_t)value);
    else
        write_bytes(w, text, (size_t)snprintf(text, sizeof text, "%.*g", digits, value));
}

static void write_real(Writer *w, double value)
{
    if (isnan(value))
        write_text(w, "NaN");
    else if (isinf(value))
        write_text(w, value < 0 ? "-Inf" : "+Inf");
    else
        metrics_write_real(w, value, 15);
}

static const char *const type_names[] = { [METRIC_COUNTER] = "counter",
                                          [METRIC_GAUGE] = "gauge",
                                          [METRIC_HISTOGRAM] = "histogram",
                                          [METRIC_INFO] = "info" };

static const char *suffix(MetricKind kind)
{
    return kind == METRIC_COUNTER ? "_total" : kind == METRIC_INFO ? "_info" : "";
}

static void write_help(Writer *w, const MetricFamily *f, bool open)
{
    const char *after = open ? "" : suffix(f->kind);
    const char *type = !open && f->kind == METRIC_INFO ? "gauge" : type_names[f->kind];
    write_format(w, "# HELP %s%s ", f->name, after);
    for (const char *c = f->help; *c; c++)
        if (*c == '\n' || *c == '\\' || (open && *c == '"'))
            write_format(w, "\\%c", *c == '\n' ? 'n' : *c);
        else
            write_bytes(w, c, 1);
    write_format(w, "\n# TYPE %s%s %s\n", f->name, after, type);
    if (open && *f->unit)
        write_format(w, "# UNIT %s %s\n", f->name, f->unit);
}

static void write_name(Writer *w, const MetricFamily *f, const char *after, const char *labels)
{
    write_text(w, f->name);
    write_text(w, after);
    if (*labels) {
        write_bytes(w, "{", 1);
        write_text(w, labels);
        write_bytes(w, "}", 1);
    }
    write_bytes(w, " ", 1);
}

static void write_created(const Metrics *m, Writer *w, const MetricFamily *f, const MetricSeries *s)
{
    write_name(w, f, "_created", s->labels);
    write_format(w, "%.3f\n", m->created);
}

static void write_sample(const Metrics *m, Writer *w, const MetricFamily *f, const MetricSeries *s, bool open)
{
    write_name(w, f, suffix(f->kind), s->labels);
    if (!s->read && s->scale.factor == 1 && !s->scale.ticks)
        metrics_write_unsigned(w, __atomic_load_n((const uint64_t *)s->source, __ATOMIC_RELAXED));
    else
        write_real(w, metrics_read(m, s));
    write_text(w, "\n");
    if (open && f->kind == METRIC_COUNTER)
        write_created(m, w, f, s);
}

// ---------------------------------------------------------------- histograms

// How many of the fine buckets lie at or below a bound: those whose largest
// value does.
static unsigned fine_buckets(double bound, double factor)
{
    const double value = bound / factor * (1 + 1e-12);
    if (value >= (double)histogram_low(HISTOGRAM_BUCKETS - 1))
        return HISTOGRAM_BUCKETS - 1;
    const unsigned index = histogram_index((uint64_t)value);
    return histogram_high(index) <= (uint64_t)value ? index + 1 : index;
}

// A line of a histogram from its pieces; what comes before the bound is the same in all.
static void write_bucket(Writer *w, const Writer *start, const char *bound, uint64_t seen)
{
    write_bytes(w, start->at, start->len);
    write_text(w, bound);
    write_bytes(w, "\"} ", 3);
    metrics_write_unsigned(w, seen);
}

static void write_exemplar(const MetricSeries *s, Writer *w, double factor, double below, double bound)
{
    uint64_t value, at;
    if (!s->exemplar || !metric_exemplar_load(s->exemplar, &value, &at))
        return;
    const double seconds = (double)value * factor;
    if (seconds <= below || seconds > bound)
        return;
    write_format(w, " # {%s=\"%llu\"} ", s->place, (unsigned long long)at);
    write_real(w, seconds);
}

// Adds up fine buckets from `from` to `to`, each read once.
static uint64_t add_up(const Histogram *h, unsigned from, unsigned to)
{
    uint64_t sum = 0;
    for (; from < to; from++)
        sum += __atomic_load_n(&h->bucket[from], __ATOMIC_RELAXED);
    return sum;
}

// As metrics_take: the sum first, then nothing above the maximum as it is now.
static void write_histogram(const Metrics *m, Writer *w, const MetricFamily *f, const MetricSeries *s,
                            bool open)
{
    const double factor = metrics_factor(m, s);
    const Histogram *h = s->source;
    const uint64_t sum = __atomic_load_n(&h->sum, __ATOMIC_RELAXED);
    const unsigned end = histogram_index(__atomic_load_n(&h->max, __ATOMIC_RELAXED)) + 1;
    Writer start = { 0 };
    write_format(&start, "%s_bucket{%s%sle=\"", f->name, s->labels, *s->labels ? "," : "");
    uint64_t seen = 0;
    unsigned fine = 0;
    double below = -1;
    for (unsigned i = 0; i <= f->bounds->count; i++) {
        const bool last = i == f->bounds->count;
        const double bound = last ? INFINITY : f->bounds->at[i];
        const unsigned limit = last ? end : fine_buckets(bound, factor), to = limit < end ? limit : end;
        seen += add_up(h, fine, to);
        fine = to > fine ? to : fine;
        write_bucket(w, &start, last ? "+Inf" : f->bounds->text[i], seen);
        if (open)
            write_exemplar(s, w, factor, below, bound);
        write_bytes(w, "\n", 1);
        below = bound;
    }
    writer_free(&start);
    write_name(w, f, "_sum", s->labels);
    write_real(w, (double)sum * factor);
    write_bytes(w, "\n", 1);
    write_name(w, f, "_count", s->labels);
    metrics_write_unsigned(w, seen);
    write_bytes(w, "\n", 1);
    if (open)
        write_created(m, w, f, s);
}

// ------------------------------------------------------------ whole registry

static void write_all(Metrics *m, Writer *w, bool open)
{
    metrics_begin(m);
    for (size_t i = 0; i < m->families.count; i++) {
        const MetricFamily *f = m->families.at[i];
        if (!f->series.count)
            continue;
        write_help(w, f, open);
        for (size_t k = 0; k < f->series.count; k++)
            if (f->kind == METRIC_HISTOGRAM)
                write_histogram(m, w, f, &f->series.at[k], open);
            else
                write_sample(m, w, f, &f->series.at[k], open);
    }
    if (open)
        write_text(w, "# EOF\n");
    metrics_end(m);
}

void metrics_write_text(Metrics *m, Writer *w)
{
    write_all(m, w, false);
}

void metrics_write_openmetrics(Metrics *m, Writer *w)
{
    write_all(m, w, true);
}

// --------------------------------------------------------------- negotiation

// The q of one media range, 0 to 1; without one it is 1.
static double quality(const char *at, const char *end)
{
    for (; at < end; at++)
        if (*at == ';') {
            const char *p = at + 1;
            while (p < end && (*p == ' ' || *p == '\t'))
                p++;
            if (end - p > 2 && (p[0] == 'q' || p[0] == 'Q') && p[1] == '=')
                return strtod(p + 2, NULL);
        }
    return 1;
}

static bool is_type(const char *at, const char *end, const char *type)
{
    const size_t len = strlen(type);
    if ((size_t)(end - at) < len || strncasecmp(at, type, len) != 0)
        return false;
    return at + len == end || strchr("; \t", at[len]) != NULL;
}

// Versions that this exporter speaks; none named is the newest.
static bool is_our_version(const char *at, const char *end)
{
    const char *version = memmem(at, (size_t)(end - at), "version=", 8);
    if (!version)
        return true;
    version += 8;
    version += *version == '"';
    return strncmp(version, "1.0.0", 5) == 0 || strncmp(version, "0.0.1", 5) == 0;
}

bool metrics_wants_openmetrics(const char *accept)
{
    double open = 0, plain = 0, any = -1;
    while (accept && *accept) {
        accept += strspn(accept, " \t,");
        const char *end = accept + strcspn(accept, ",");
        const double q = quality(accept, end);
        if (is_type(accept, end, "application/openmetrics-text") && is_our_version(accept, end))
            open = fmax(open, q);
        else if (is_type(accept, end, "text/plain"))
            plain = fmax(plain, q);
        else if (is_type(accept, end, "*/*") || is_type(accept, end, "text/*"))
            any = fmax(any, q);
        accept = end;
    }
    return open > 0 && open >= fmax(plain, any);
}
