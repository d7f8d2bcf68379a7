// compare.c -- two runs side by side.
//
// What disturbs a measurement only ever adds time, so what a run took is told by its
// shortest repetitions: the least, and the one below which a twentieth of them lie, which
// no single lucky repetition decides.  The processor's own pace differs by some hundredths
// from run to run: each of the two is measured in the calibration loops of its run, in the
// shortest and in that below which a twentieth of them lie.  A difference counts when both
// exceed the least change that is believed at all, and how well the least is known: in a
// second process it should be nearly the same, and where no repetition near it was
// undisturbed, as the calibration beside it shows, it may lie too high by as much as the
// calibration does.  These rules were found by trying: see prove_compare.py.
#include "compare.h"

#include <math.h>
#include <string.h>

// By the clock: of what is measured by it, smaller changes are not believed.
static const double least_change[] = { [BENCH_CPU] = 0.025, [BENCH_WALL] = 0.1, [BENCH_COLD] = 0.25 };
static const double near = 1.02;            // the least
static const double undisturbed = 1.03;     // the shortest calibration of all
static const double machine_differs = 1.08; // the shortest calibrations of one machine are alike
enum { LOW = 20 };                          // the second look: a LOWth of the repetitions is shorter

typedef struct {
    double least;       // nanoseconds of a unit
    double low;         // the same, of the repetition below which a LOWth lies
    double second;      // how far above the least, relative, the least of the next process is
    double calibration; // the shortest beside a repetition near the least
} Estimate;

// A processor's, while a run was measured: seconds of calibration loops.
typedef struct {
    double least, low;
} Pace;

static void sort(double *values, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && values[k] < values[k - 1]; k--) {
            const double v = values[k];
            values[k] = values[k - 1];
            values[k - 1] = v;
        }
}

static double low(const double *sorted, int n)
{
    return sorted[n / LOW > 0 ? n / LOW : n > 1];
}

static Pace pace_of(const Record *r, Arena *a)
{
    int n = 0, count = 0;
    for (size_t i = 0; i < r->results.count; i++)
        n += r->results.at[i].sample_count;
    double *values = arena_array(a, double, (size_t)n);
    for (size_t i = 0; i < r->results.count; i++)
        for (int k = 0; k < r->results.at[i].sample_count; k++)
            values[count++] = r->results.at[i].samples[k].calibration;
    sort(values, n);
    return n ? (Pace){ values[0], low(values, n) } : (Pace){ 1, 1 };
}

static Estimate estimate(const Result *r, Arena *a)
{
    double best[PARTS] = { 0 }, parts[PARTS], *values = arena_array(a, double, (size_t)r->sample_count);
    int count = 0;
    for (int i = 0; i < r->sample_count; i++) {
        const Sample *s = &r->samples[i];
        values[i] = s->seconds;
        if (!best[s->part] || s->seconds < best[s->part])
            best[s->part] = s->seconds;
    }
    for (int i = 0; i < PARTS; i++)
        if (best[i])
            parts[count++] = best[i];
    sort(values, r->sample_count);
    sort(parts, count);
    double calibration = INFINITY;
    for (int i = 0; i < r->sample_count; i++)
        if (r->samples[i].seconds < values[0] * near)
            calibration = fmin(calibration, r->samples[i].calibration);
    const double unit = 1e9 / (double)r->count;
    return (Estimate){ .calibration = calibration,
                       .least = values[0] * unit,
                       .low = low(values, r->sample_count) * unit,
                       .second = count > 1 ? log(parts[1] / parts[0]) : 1 };
}

// How far, relative, the least may lie too high.
static double excess(const Estimate *e, const Pace *pace)
{
    return fmax(0, log(e->calibration / pace->least / undisturbed));
}

static const Result *find(const Record *r, const Result *like)
{
    for (size_t i = 0; i < r->results.count; i++) {
        const Result *at = &r->results.at[i];
        if (!strcmp(at->suite, like->suite) && !strcmp(at->name, like->name) &&
            !strcmp(at->subject, like->subject))
            return at;
    }
    return NULL;
}

typedef struct {
    int compared, changed, unclear, missing;
} Counts;

typedef struct {
    double least, low; // relative, of the two looks
    double noise;
} Change;

static Change change_between(const Estimate *a, const Estimate *b, BenchClock clock, const Pace *old, const Pace *new)
{
    Change c = { log(b->least / a->least), log(b->low / a->low), hypot(a->second, b->second) };
    if (clock == BENCH_WALL)
        return c;
    c.least -= log(new->least / old->least);
    c.low -= log(new->low / old->low);
    c.noise = fmax(c.noise, hypot(excess(a, old), excess(b, new)));
    return c;
}

static void write_row(Writer *w, const Result *r, const Estimate *a, const Estimate *b, double change,
                      double noise, const char *mark)
{
    write_format(w, "%-10s %-14s %-12s %12.4g %12.4g %+8.1f %%  (noise %.1f %%)  %s\n", r->suite, r->name,
                 r->subject, a->least, b->least, expm1(change) * 100, noise * 100, mark);
}

static void compare_one(const Result *old, const Result *new, const Pace *old_pace, const Pace *new_pace,
                        Arena *arena, Writer *w, Counts *counts)
{
    const Estimate a = estimate(old, arena), b = estimate(new, arena);
    const Change c = change_between(&a, &b, new->clock, old_pace, new_pace);
    const double least = least_change[new->clock], noise = fmax(c.noise, fabs(c.least - c.low)),
                 change = c.least * c.low > 0 ? fmin(fabs(c.least), fabs(c.low)) : 0;
    counts->compared++;
    if (change > fmax(least, c.noise)) {
        counts->changed++;
        write_row(w, new, &a, &b, c.least, noise, c.least > 0 ? "slower" : "faster");
    } else if (noise > least) {
        counts->unclear++;
        write_row(w, new, &a, &b, c.least, noise, "cannot tell");
    }
}

static bool is_same_machine(const Record *a, const Record *b, const char *old_path, const char *new_path,
                            Error *err)
{
    if (strcmp(a->processor, b->processor) || a->cores != b->cores)
        return fail(err, "measured on different machines: %s on %s with %d cores, %s on %s with %d", old_path,
                    a->processor, a->cores, new_path, b->processor, b->cores);
    const double ratio =
        a->calibration > b->calibration ? a->calibration / b->calibration : b->calibration / a->calibration;
    if (!(ratio < machine_differs))
        return fail(
            err,
            "%s was measured on a machine that was %.2f times slower all the time: another one, or never "
            "undisturbed; measure again",
            a->calibration > b->calibration ? old_path : new_path, ratio);
    return true;
}

static void write_notes(Writer *w, const Record *a, const Record *b)
{
    write_format(w, "old: %s, lc3 %s, %s, load %.1f to %.1f\n", a->date, a->version, a->compiler,
                 a->load_before, a->load_after);
    write_format(w, "new: %s, lc3 %s, %s, load %.1f to %.1f\n", b->date, b->version, b->compiler,
                 b->load_before, b->load_after);
}

int compare(const char *old_path, const char *new_path, Writer *w, Error *err)
{
    Arena arena = { 0 };
    Record old, new;
    Counts counts = { 0 };
    bool fine = record_read(&old, &arena, old_path, err) && record_read(&new, &arena, new_path, err) &&
                is_same_machine(&old, &new, old_path, new_path, err);
    if (fine) {
        const Pace old_pace = pace_of(&old, &arena), new_pace = pace_of(&new, &arena);
        Writer rows = { 0 };
        for (size_t i = 0; i < new.results.count; i++) {
            const Result *r = &new.results.at[i], *before = find(&old, r);
            if (before && before->count && r->count && !strcmp(before->unit, r->unit))
                compare_one(before, r, &old_pace, &new_pace, &arena, &rows, &counts);
            else
                counts.missing++;
        }
        for (size_t i = 0; i < old.results.count; i++)
            counts.missing += !find(&new, &old.results.at[i]);
        write_notes(w, &old, &new);
        if (rows.len)
            write_format(w, "%-10s %-14s %-12s %12s %12s\n", "suite", "case", "subject", "old ns", "new ns");
        write_bytes(w, rows.at, rows.len);
        write_format(w, "%d compared: %d changed beyond noise, %d too noisy to tell; %d in one file only\n",
                     counts.compared, counts.changed, counts.unclear, counts.missing);
        writer_free(&rows);
        if (!counts.compared)
            fine = fail(err, "%s and %s have no case in common", old_path, new_path);
    }
    arena_free(&arena);
    return fine ? counts.changed > 0 : 2;
}
