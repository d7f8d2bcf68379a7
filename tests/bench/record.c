#include "record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

const char *const bench_clocks[] = { "cpu", "wall", "cold" };

const double curve_percentiles[CURVE_POINTS] = {
    0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100
};

// --------------------------------------------------------------- statistics

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The median of n values, and the interval that holds the true one in 95 of 100
// cases, whatever their distribution: between two of the values themselves, found
// by the binomial distribution (its normal approximation).
static Interval median_of(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, ascending);
    const double middle = n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
    int k = (int)floor((n - 1.96 * sqrt(n)) / 2);
    if (k < 0)
        k = 0;
    return (Interval){ middle, values[k], values[n - 1 - k] };
}

static Interval scaled(Interval i, double by)
{
    return (Interval){ i.middle * by, i.low * by, i.high * by };
}

bool sample_is_clean(const Sample *s, double least)
{
    return s->calibration < least * 1.05;
}

void result_finish(Result *r)
{
    const int n = r->sample_count;
    if (!n)
        return;
    double *values = malloc((size_t)n * sizeof *values);
    if (!values)
        return;
    for (int i = 0; i < n; i++)
        values[i] = r->samples[i].seconds;
    const Interval seconds = median_of(values, n);
    r->seconds = seconds.middle;
    r->spread = (values[n - 1] - values[0]) / seconds.middle;
    r->ns = scaled(seconds, r->count ? 1e9 / (double)r->count : 0);
    free(values);
}

// -------------------------------------------------------------- the machine

static double load_now(void)
{
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : 0;
}

static const char *processor_name(Arena *a)
{
    char line[256];
    FILE *in = fopen("/proc/cpuinfo", "r");
    while (in && fgets(line, sizeof line, in)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon)
            continue;
        fclose(in);
        return arena_copy(a, colon + 2, strcspn(colon + 2, "\n"));
    }
    if (in)
        fclose(in);
    struct utsname u;
    return uname(&u) ? "unknown" : arena_copy(a, u.machine, strlen(u.machine));
}

void record_begin(Record *r, Arena *a)
{
    struct utsname u = { 0 };
    uname(&u);
    const time_t now = time(NULL);
    char date[32];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    *r = (Record){ .version = LC3_VERSION,
                   .date = arena_copy(a, date, strlen(date)),
                   .processor = processor_name(a),
                   .kernel = arena_format(a, "%s %s", u.sysname, u.release),
#ifdef __clang__
                   .compiler = "clang " __clang_version__,
#else
                   .compiler = "gcc " __VERSION__,
#endif
                   .cores = (int)sysconf(_SC_NPROCESSORS_ONLN),
                   .load_before = load_now() };
}

void record_end(Record *r)
{
    r->load_after = load_now();
    for (size_t i = 0; i < r->results.count; i++)
        for (int k = 0; k < r->results.at[i].sample_count; k++) {
            const double c = r->results.at[i].samples[k].calibration;
            if (!r->calibration || c < r->calibration)
                r->calibration = c;
        }
}

static Result *find(Record *r, const Result *like)
{
    for (size_t i = 0; i < r->results.count; i++) {
        Result *at = &r->results.at[i];
        if (!strcmp(at->suite, like->suite) && !strcmp(at->name, like->name) &&
            !strcmp(at->subject, like->subject))
            return at;
    }
    return NULL;
}

void record_merge(Record *r, Arena *a, const Record *part)
{
    for (size_t i = 0; i < part->results.count; i++) {
        const Result *from = &part->results.at[i];
        Result *to = find(r, from);
        if (!to) {
            LIST_ADD(a, &r->results, *from);
            continue;
        }
        const size_t own = (size_t)to->sample_count, more = (size_t)from->sample_count;
        Sample *samples = arena_array(a, Sample, own + more);
        memcpy(samples, to->samples, own * sizeof *samples);
        memcpy(samples + own, from->samples, more * sizeof *samples);
        to->samples = samples;
        to->sample_count += from->sample_count;
        result_finish(to);
    }
}

// ------------------------------------------------------------------ writing

static void write_member(Writer *w, const char *name, const char *value)
{
    write_format(w, "\"%s\":", name);
    write_json_string(w, value);
    write_text(w, ",");
}

static void write_interval(Writer *w, const char *name, Interval i)
{
    write_format(w, "\"%s\":{\"median\":%.9g,\"low\":%.9g,\"high\":%.9g},", name, i.middle, i.low, i.high);
}

static void write_names(Writer *w, const char *suite, const char *name, const char *subject)
{
    write_member(w, "suite", suite);
    write_member(w, "name", name);
    write_member(w, "subject", subject);
}

static void write_result(Writer *w, const Result *r)
{
    write_text(w, "\n  {");
    write_names(w, r->suite, r->name, r->subject);
    write_member(w, "unit", r->unit);
    write_member(w, "clock", bench_clocks[r->clock]);
    write_format(w, "\"count\":%llu,\"repetitions\":%d,\"spread\":%.4g,", (unsigned long long)r->count,
                 r->sample_count, r->spread);
    write_interval(w, "ns", r->ns);
    write_text(w, "\n   \"samples\":[");
    for (int i = 0; i < r->sample_count; i++)
        write_format(w, "%s[%d,%.9g,%.9g]", i ? "," : "", r->samples[i].part, r->samples[i].seconds,
                     r->samples[i].calibration);
    write_text(w, "]}");
}

static void write_curve(Writer *w, const Curve *c)
{
    write_text(w, "\n  {");
    write_names(w, c->suite, c->name, c->subject);
    write_format(w, "\"count\":%llu,\"ns\":[", (unsigned long long)c->count);
    for (int i = 0; i < CURVE_POINTS; i++)
        write_format(w, "%s[%g,%.9g]", i ? "," : "", curve_percentiles[i], c->ns[i]);
    write_text(w, "]}");
}

void record_write(const Record *r, Writer *w)
{
    write_text(w, "{\"lc3bench\":1,\n ");
    write_member(w, "version", r->version);
    write_member(w, "date", r->date);
    write_text(w, "\n \"machine\":{");
    write_member(w, "processor", r->processor);
    write_member(w, "kernel", r->kernel);
    write_format(w, "\"cores\":%d},\n ", r->cores);
    write_member(w, "compiler", r->compiler);
    write_format(w, "\"load\":[%.2f,%.2f],\"calibration\":%.9g,\n \"results\":[", r->load_before,
                 r->load_after, r->calibration);
    for (size_t i = 0; i < r->results.count; i++) {
        write_text(w, i ? "," : "");
        write_result(w, &r->results.at[i]);
    }
    write_text(w, "],\n \"curves\":[");
    for (size_t i = 0; i < r->curves.count; i++) {
        write_text(w, i ? "," : "");
        write_curve(w, &r->curves.at[i]);
    }
    write_text(w, "]}\n");
}

// ------------------------------------------------------------------ reading

static int length(const Json *j)
{
    int n = 0;
    for (const Json *m = j ? j->first : NULL; m; m = m->next)
        n++;
    return n;
}

static double number_at(const Json *list, int index)
{
    const Json *m = list->first;
    while (m && index--)
        m = m->next;
    return m && m->kind == JSON_NUMBER ? m->number : 0;
}

static BenchClock read_clock(const char *name)
{
    int clock = BENCH_COLD;
    while (clock && strcmp(bench_clocks[clock], name))
        clock--;
    return (BenchClock)clock;
}

static bool read_result(Record *r, Arena *a, const Json *j)
{
    const Json *samples = json_find(j, "samples");
    Result result = { .suite = json_text(j, "suite"),
                      .name = json_text(j, "name"),
                      .subject = json_text(j, "subject"),
                      .unit = json_text(j, "unit"),
                      .clock = read_clock(json_text(j, "clock")),
                      .count = (uint64_t)json_number(j, "count"),
                      .samples = arena_array(a, Sample, (size_t)length(samples) + 1) };
    for (const Json *s = samples ? samples->first : NULL; s; s = s->next) {
        const Sample sample = { number_at(s, 1), number_at(s, 2), (int)number_at(s, 0) };
        if (!(sample.seconds > 0) || !(sample.calibration > 0) || sample.part < 0 || sample.part >= PARTS)
            return false;
        result.samples[result.sample_count++] = sample;
    }
    result_finish(&result);
    LIST_ADD(a, &r->results, result);
    return *result.suite && *result.name && *result.subject && result.sample_count;
}

static bool read_curve(Record *r, Arena *a, const Json *j)
{
    Curve c = { json_text(j, "suite"),
                json_text(j, "name"),
                json_text(j, "subject"),
                (uint64_t)json_number(j, "count"),
                { 0 } };
    const Json *point = json_find(j, "ns");
    point = point ? point->first : NULL;
    for (int i = 0; i < CURVE_POINTS && point; i++, point = point->next)
        c.ns[i] = number_at(point, 1);
    LIST_ADD(a, &r->curves, c);
    return *c.suite && *c.name && *c.subject;
}

bool record_read(Record *r, Arena *a, const char *path, Error *err)
{
    const Json *j = json_read(a, path, err);
    if (!j)
        return false;
    if (json_number(j, "lc3bench") != 1)
        return fail(err, "%s: not a result of lc3bench --json, or one of another version", path);
    const Json *machine = json_find(j, "machine"), *load = json_find(j, "load");
    *r = (Record){ .version = json_text(j, "version"),
                   .date = json_text(j, "date"),
                   .processor = json_text(machine, "processor"),
                   .kernel = json_text(machine, "kernel"),
                   .cores = (int)json_number(machine, "cores"),
                   .compiler = json_text(j, "compiler"),
                   .calibration = json_number(j, "calibration"),
                   .load_before = load ? number_at(load, 0) : 0,
                   .load_after = load ? number_at(load, 1) : 0 };
    const Json *results = json_find(j, "results"), *curves = json_find(j, "curves");
    int i = 0;
    for (const Json *m = results ? results->first : NULL; m; m = m->next, i++)
        if (!read_result(r, a, m))
            return fail(err, "%s: result %d is not whole", path, i + 1);
    i = 0;
    for (const Json *m = curves ? curves->first : NULL; m; m = m->next, i++)
        if (!read_curve(r, a, m))
            return fail(err, "%s: curve %d is not whole", path, i + 1);
    return true;
}
