// compare.c -- two runs side by side.
//
// What disturbs a measurement only ever adds time, so a part's time is the least of
// its undisturbed repetitions, and a run's the median of its parts'.  How much such a
// time wanders from run to run is estimated by how the parts differ, in both runs,
// never taken for less than `floor_noise`: five values can agree by chance.  A
// difference counts when it is more than four of its standard errors, which for the
// few dozen cases of a run leaves chance about one in a hundred.
#include "compare.h"

#include <math.h>
#include <string.h>

static const double floor_noise = 0.005; // of a part's time, relative
static const double least_change = 0.02; // smaller ones concern nobody
static const double errors_apart = 4;
static const double machine_differs = 1.08; // the shortest calibrations of one machine are alike

typedef struct {
    double middle;     // seconds of a repetition, per unit
    double noise;      // of a part, relative
    int parts;         // that had undisturbed repetitions
    bool is_disturbed; // none had enough; this is of all repetitions
} Estimate;

static void sort(double *values, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && values[k] < values[k - 1]; k--) {
            const double v = values[k];
            values[k] = values[k - 1];
            values[k - 1] = v;
        }
}

static double median(const double *values, int n)
{
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// The least time of each part, sorted; returns how many parts there are.
static int part_times(const Result *r, double least, bool wants_clean, double *times)
{
    double best[PARTS] = { 0 };
    int count = 0;
    for (int i = 0; i < r->sample_count; i++) {
        const Sample *s = &r->samples[i];
        if (wants_clean && !r->is_wall && !sample_is_clean(s, least))
            continue;
        if (!best[s->part] || s->seconds < best[s->part])
            best[s->part] = s->seconds;
    }
    for (int i = 0; i < PARTS; i++)
        if (best[i])
            times[count++] = best[i];
    sort(times, count);
    return count;
}

// The standard deviation by the mean distance of pairs: no single outlier decides.
static double deviation(const double *times, int n)
{
    double pairs[PARTS * PARTS / 2];
    int count = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            pairs[count++] = log(times[i] / times[k]);
    sort(pairs, count);
    return count ? median(pairs, count) * 1.05 : 0; // of normal values, |a - b| has the median 0.954 sd
}

static Estimate estimate(const Result *r, double least)
{
    double times[PARTS];
    Estimate e = { .parts = part_times(r, least, true, times) };
    if (e.parts < (PARTS + 1) / 2) {
        e.is_disturbed = true;
        e.parts = part_times(r, least, false, times);
    }
    e.middle = median(times, e.parts) / (double)(r->count ? r->count : 1);
    e.noise = deviation(times, e.parts);
    return e;
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

static void write_row(Writer *w, const Result *r, const Estimate *a, const Estimate *b, double error,
                      const char *mark)
{
    write_format(w, "%-10s %-14s %-12s %12.4g %12.4g %+8.1f %% +-%.1f  %s%s\n", r->suite, r->name, r->subject,
                 a->middle * 1e9, b->middle * 1e9, (b->middle / a->middle - 1) * 100,
                 error * errors_apart * 100, mark, a->is_disturbed || b->is_disturbed ? " (disturbed)" : "");
}

// A median of n values has about 1.25 times the error of their mean.
static double error_of(const Estimate *e, double noise)
{
    return 1.25 * noise / sqrt(e->parts);
}

static void compare_one(const Result *old, const Result *new, double least, Writer *w, Counts *counts)
{
    const Estimate a = estimate(old, least), b = estimate(new, least);
    const double noise = fmax(floor_noise, sqrt((a.noise * a.noise + b.noise * b.noise) / 2));
    const double error = hypot(error_of(&a, noise), error_of(&b, noise));
    const double change = log(b.middle / a.middle);
    counts->compared++;
    if (fabs(change) > least_change && fabs(change) > errors_apart * error) {
        counts->changed++;
        write_row(w, new, &a, &b, error, change > 0 ? "slower" : "faster");
    } else if (errors_apart * error > 0.05) {
        counts->unclear++;
        write_row(w, new, &a, &b, error, "cannot tell");
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
        const double least = fmin(old.calibration, new.calibration);
        Writer rows = { 0 };
        for (size_t i = 0; i < new.results.count; i++) {
            const Result *r = &new.results.at[i], *before = find(&old, r);
            if (before && before->count && !strcmp(before->unit, r->unit))
                compare_one(before, r, least, &rows, &counts);
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
