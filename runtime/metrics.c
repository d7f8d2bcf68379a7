#include "metrics.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

const MetricBounds metric_bounds_instruction = {
    .count = 32,
    .text = { "1e-10", "1.5e-10", "2e-10", "3e-10",   "4e-10",   "5e-10",  "6e-10",   "7e-10",
              "8e-10", "9e-10",   "1e-09", "1.2e-09", "1.5e-09", "2e-09",  "2.5e-09", "3e-09",
              "4e-09", "5e-09",   "7e-09", "1e-08",   "1.5e-08", "2e-08",  "3e-08",   "5e-08",
              "1e-07", "2e-07",   "5e-07", "1e-06",   "1e-05",   "0.0001", "0.001",   "0.01" },
    .at = { 1e-10,  1.5e-10, 2e-10, 3e-10,  4e-10, 5e-10, 6e-10, 7e-10, 8e-10, 9e-10,  1e-9,
            1.2e-9, 1.5e-9,  2e-9,  2.5e-9, 3e-9,  4e-9,  5e-9,  7e-9,  1e-8,  1.5e-8, 2e-8,
            3e-8,   5e-8,    1e-7,  2e-7,   5e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2 },
};

const MetricBounds metric_bounds_latency = {
    .count = 32,
    .text = { "1e-08",  "2e-08",   "5e-08", "1e-07",   "1.5e-07", "2e-07", "3e-07",  "4e-07",
              "5e-07",  "7e-07",   "1e-06", "1.5e-06", "2e-06",   "3e-06", "5e-06",  "7e-06",
              "1e-05",  "1.5e-05", "2e-05", "3e-05",   "5e-05",   "7e-05", "0.0001", "0.0002",
              "0.0005", "0.001",   "0.002", "0.005",   "0.01",    "0.1",   "1.0",    "10.0" },
    .at = { 1e-8,   2e-8, 5e-8, 1e-7, 1.5e-7, 2e-7, 3e-7,   4e-7, 5e-7, 7e-7, 1e-6,
            1.5e-6, 2e-6, 3e-6, 5e-6, 7e-6,   1e-5, 1.5e-5, 2e-5, 3e-5, 5e-5, 7e-5,
            1e-4,   2e-4, 5e-4, 1e-3, 2e-3,   5e-3, 1e-2,   0.1,  1,    10 },
};

const MetricBounds metric_bounds_word = {
    .count = 32,
    .text = { "0.0",     "1.0",     "2.0",     "3.0",     "5.0",     "7.0",     "10.0",    "15.0",
              "20.0",    "30.0",    "50.0",    "70.0",    "100.0",   "150.0",   "200.0",   "300.0",
              "500.0",   "700.0",   "1000.0",  "1500.0",  "2000.0",  "3000.0",  "5000.0",  "7000.0",
              "10000.0", "15000.0", "20000.0", "30000.0", "40000.0", "50000.0", "60000.0", "65535.0" },
    .at = { 0,    1,    2,     3,     5,     7,     10,    15,    20,    30,   50,
            70,   100,  150,   200,   300,   500,   700,   1000,  1500,  2000, 3000,
            5000, 7000, 10000, 15000, 20000, 30000, 40000, 50000, 60000, 65535 },
};

static double wall_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void metrics_init(Metrics *m)
{
    *m = (Metrics){ .created = wall_clock() };
    pthread_mutex_init(&m->lock, NULL);
    clock_start();
}

void metrics_free(Metrics *m)
{
    pthread_mutex_destroy(&m->lock);
    arena_free(&m->arena);
}

void metrics_on_gather(Metrics *m, MetricGather *gather, void *arg)
{
    m->gather = gather;
    m->gather_arg = arg;
}

void metrics_begin(Metrics *m)
{
    pthread_mutex_lock(&m->lock);
    if (m->seconds_per_tick == 0)
        m->seconds_per_tick = clock_ns_per_tick() * 1e-9;
    if (m->gather)
        m->gather(m, m->gather_arg);
}

void metrics_end(Metrics *m)
{
    pthread_mutex_unlock(&m->lock);
}

// ------------------------------------------------------------------ families

static bool has_unit(const char *name, const char *unit)
{
    const size_t n = strlen(name), u = strlen(unit);
    return u == 0 || (n > u && name[n - u - 1] == '_' && strcmp(name + n - u, unit) == 0);
}

const MetricFamily *metrics_find(const Metrics *m, const char *name)
{
    for (size_t i = 0; i < m->families.count; i++)
        if (strcmp(m->families.at[i]->name, name) == 0)
            return m->families.at[i];
    return NULL;
}

static const char *copy(Metrics *m, const char *s)
{
    return arena_copy(&m->arena, s, strlen(s));
}

MetricFamily *metrics_family(Metrics *m, MetricKind kind, const char *name, const char *unit,
                             const char *help)
{
    assert(has_unit(name, unit));
    MetricFamily *f = (MetricFamily *)metrics_find(m, name);
    if (f) {
        assert(f->kind == kind);
        return f;
    }
    f = arena_new(&m->arena, MetricFamily);
    f->kind = kind;
    f->name = copy(m, name);
    f->unit = copy(m, unit);
    f->help = copy(m, help);
    LIST_ADD(&m->arena, &m->families, f);
    return f;
}

MetricFamily *metrics_histograms(Metrics *m, const char *name, const char *unit, const char *help,
                                 const MetricBounds *bounds)
{
    MetricFamily *f = metrics_family(m, METRIC_HISTOGRAM, name, unit, help);
    f->bounds = bounds;
    return f;
}

const char *metrics_clean_name(Arena *a, const char *name)
{
    char *clean = arena_format(a, "%s%s", isdigit((unsigned char)*name) || !*name ? "_" : "", name);
    for (char *c = clean; *c; c++)
        *c = isalnum((unsigned char)*c) && !(*c & 0x80) ? (char)tolower((unsigned char)*c) : '_';
    return clean;
}

// -------------------------------------------------------------------- labels

// The length of the UTF-8 character at `s`, or 0: file names may be anything, but
// one bad byte would make a scraper throw away the whole page.
static size_t utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = { { 0x80, 0x00, 0 }, { 0xE0, 0xC0, 0x80 }, { 0xF0, 0xE0, 0x800 }, { 0xF8, 0xF0, 0x10000 } };
    for (size_t n = 0; n < 4; n++) {
        if ((s[0] & forms[n].mask) != forms[n].lead)
            continue;
        uint32_t code = s[0] & (unsigned char)~forms[n].mask;
        for (size_t i = 1; i <= n; i++) {
            if ((s[i] & 0xC0) != 0x80)
                return 0;
            code = code << 6 | (s[i] & 0x3F);
        }
        return code >= forms[n].least && code < 0x110000 && (code < 0xD800 || code > 0xDFFF) ? n + 1 : 0;
    }
    return 0;
}

static void write_escaped(Writer *w, const char *value)
{
    while (*value) {
        const size_t len = utf8_length((const unsigned char *)value);
        if (*value == '\n')
            write_text(w, "\\n");
        else if (*value == '"' || *value == '\\')
            write_format(w, "\\%c", *value);
        else if (len)
            write_bytes(w, value, len);
        else
            write_text(w, "\xEF\xBF\xBD"); // the replacement character
        value += len ? len : 1;
    }
}

const char *metrics_labels(Metrics *m, ...)
{
    Writer w = { 0 };
    va_list args;
    va_start(args, m);
    for (const char *name; (name = va_arg(args, const char *));) {
        write_format(&w, "%s%s=\"", w.len ? "," : "", name);
        write_escaped(&w, va_arg(args, const char *));
        write_text(&w, "\"");
    }
    va_end(args);
    const char *labels = arena_copy(&m->arena, w.len ? w.at : "", w.len);
    writer_free(&w);
    return labels;
}

// The end of a quoted value that begins at `at`, after its first quote.
static const char *value_end(const char *at)
{
    while (*at && *at != '"')
        at += *at == '\\' && at[1] ? 2 : 1;
    return at;
}

static const char *unescape(Arena *a, const char *at, const char *end)
{
    char *out = arena_copy(a, at, (size_t)(end - at)), *to = out;
    for (; at < end; at++) {
        if (*at == '\\' && at + 1 < end)
            *to++ = *++at == 'n' ? '\n' : *at;
        else
            *to++ = *at;
    }
    *to = 0;
    return out;
}

const char *metrics_label_value(Arena *a, const char *labels, const char *name)
{
    const size_t len = strlen(name);
    while (*labels) {
        const char *equals = strchr(labels, '='), *value = equals + 2, *end = value_end(value);
        if ((size_t)(equals - labels) == len && memcmp(labels, name, len) == 0)
            return unescape(a, value, end);
        labels = end[1] == ',' ? end + 2 : end + 1;
    }
    return NULL;
}

// -------------------------------------------------------------------- series

static MetricSeries *add(Metrics *m, MetricFamily *f, const char *labels, MetricSeries s)
{
    s.labels = labels ? labels : "";
    LIST_ADD(&m->arena, &f->series, s);
    return &f->series.at[f->series.count - 1];
}

void metrics_add_word(Metrics *m, MetricFamily *f, const char *labels, const uint64_t *word,
                      MetricScale scale)
{
    assert(f->kind != METRIC_HISTOGRAM);
    add(m, f, labels, (MetricSeries){ .source = word, .scale = scale });
}

void metrics_add_call(Metrics *m, MetricFamily *f, const char *labels, MetricRead *read, const void *source)
{
    assert(f->kind != METRIC_HISTOGRAM);
    add(m, f, labels, (MetricSeries){ .source = source, .read = read, .scale = METRIC_ONE });
}

MetricSeries *metrics_add_histogram(Metrics *m, MetricFamily *f, const char *labels, const Histogram *h,
                                    MetricScale scale)
{
    assert(f->kind == METRIC_HISTOGRAM);
    return add(m, f, labels, (MetricSeries){ .source = h, .scale = scale });
}

static double one(const void *source)
{
    return 1;
}

void metrics_add_info(Metrics *m, MetricFamily *f, const char *labels)
{
    metrics_add_call(m, f, labels, one, NULL);
}

// ------------------------------------------------------------------- reading

double metrics_factor(const Metrics *m, const MetricSeries *s)
{
    return s->scale.ticks ? s->scale.factor * m->seconds_per_tick : s->scale.factor;
}

double metrics_read(const Metrics *m, const MetricSeries *s)
{
    if (s->read)
        return s->read(s->source) * metrics_factor(m, s);
    return (double)__atomic_load_n((const uint64_t *)s->source, __ATOMIC_RELAXED) * metrics_factor(m, s);
}

void metrics_take(const Histogram *from, MetricReading *to)
{
    to->h.sum = __atomic_load_n(&from->sum, __ATOMIC_RELAXED);
    // A record stores its bucket before the maximum: what is above it is new, and
    // comes with the next reading.  Most histograms use a small part of the range.
    to->h.max = __atomic_load_n(&from->max, __ATOMIC_RELAXED);
    const unsigned end = histogram_index(to->h.max) + 1;
    to->count = 0;
    for (unsigned i = 0; i < end; i++)
        to->count += to->h.bucket[i] = __atomic_load_n(&from->bucket[i], __ATOMIC_RELAXED);
    if (to->used > end)
        memset(to->h.bucket + end, 0, (to->used - end) * sizeof *to->h.bucket);
    to->used = end;
}

bool metric_exemplar_load(const MetricExemplar *e, uint64_t *value, uint64_t *at)
{
    const uint32_t before = __atomic_load_n(&e->version, __ATOMIC_ACQUIRE);
    *value = __atomic_load_n(&e->value, __ATOMIC_RELAXED);
    *at = __atomic_load_n(&e->at, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_ACQUIRE); // with the release fence in metric_exemplar_store
    return before != 0 && before % 2 == 0 && __atomic_load_n(&e->version, __ATOMIC_RELAXED) == before;
}
