// html.c -- the page.  Words and figures are HTML, so that they stay readable at any
// width; only what is drawn is SVG.
#include "html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    ":root{--paper:#f6f7f9;--card:#fff;--ink:#1a1d23;--soft:#59616e;--line:#d9dde3;--bar:#1f66d1;--whisker:#"
    "111827;"
    "--c0:#1f66d1;--c1:#b4500b;--c2:#1b7a43;--c3:#8a3ab9;--c4:#b3261e;--c5:#00707a}\n"
    "@media(prefers-color-scheme:dark){:root{color-scheme:dark;--paper:#14171c;--card:#1c2027;--ink:#e8eaee;"
    "--soft:#a2abb8;--line:#343b46;--bar:#4a86dc;--whisker:#f4f6fa;--c0:#6aa6f8;--c1:#f0a35e;--c2:#63c78c;--"
    "c3:#c792ea;"
    "--c4:#f28b82;--c5:#5fd0d8}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,"
    "'Segoe UI','DejaVu Sans',sans-serif;font-variant-numeric:tabular-nums}"
    "header,main{max-width:1280px;margin:0 auto;padding:0 16px}h1{font-size:22px;margin:18px 0 4px}"
    "h2{font-size:18px;margin:26px 0 8px;text-transform:capitalize}h3{font-size:15px;margin:0}"
    "p{margin:4px 0;max-width:75ch}.soft{color:var(--soft);font-size:13px}"
    "dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 14px;margin:8px "
    "0}dt{color:var(--soft)}"
    "dd{margin:0;overflow-wrap:anywhere}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:14px;align-"
    "items:start}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px "
    "14px;min-width:0}"
    ".wide{grid-column:1/-1}"
    ".bars{display:grid;grid-template-columns:minmax(4em,max-content) minmax(60px,1fr) max-content;gap:5px "
    "10px;"
    "align-items:center;margin-top:8px}.bars .name{overflow-wrap:anywhere;max-width:13em}.bars "
    ".value{text-align:right;white-space:nowrap}"
    ".bars svg{display:block;width:100%;height:18px}.bar{fill:var(--bar)}"
    ".whisker{stroke:var(--whisker);stroke-width:1.5;vector-effect:non-scaling-stroke;fill:none}"
    ".times{color:var(--soft);font-size:13px}"
    ".plot{display:block;width:100%;max-width:620px;height:auto;margin-top:6px}.plot "
    "text{fill:var(--soft);font-size:11px}"
    ".grid{stroke:var(--line);stroke-width:1}.curve{fill:none;stroke-width:2;stroke-linejoin:round}"
    ".legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px}.legend "
    "i{display:inline-block;width:14px;height:3px;"
    "margin-right:6px;vertical-align:middle}footer{margin:30px 0}\n"
    "@media(max-width:480px){body{font-size:14px}.bars{grid-template-columns:minmax(3em,7.5em) "
    "minmax(50px,1fr) max-content;"
    "gap:5px 8px}}\n";

static void write_escaped(Writer *w, const char *s)
{
    for (; *s; s++) {
        const char *name = *s == '<'   ? "&lt;"
                           : *s == '>' ? "&gt;"
                           : *s == '&' ? "&amp;"
                           : *s == '"' ? "&quot;"
                                       : NULL;
        if (name)
            write_text(w, name);
        else
            write_bytes(w, s, 1);
    }
}

// 0.0832 ns, 12.3 us, 1.23 ms: three digits and a unit that fits.
static void write_time(Writer *w, double ns)
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    int unit = 0;
    for (; ns >= 1000 && unit < 3; unit++)
        ns /= 1000;
    const int digits = ns >= 100 ? 0 : ns >= 10 ? 1 : ns >= 1 ? 2 : ns >= 0.1 ? 3 : 4;
    write_format(w, "%.*f&nbsp;%s", digits, ns, units[unit]);
}

// --------------------------------------------------------------------- bars

static bool is_of(const Result *r, const Result *first)
{
    return !strcmp(r->suite, first->suite) && !strcmp(r->name, first->name);
}

static bool is_first_result(const Record *r, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_of(&r->results.at[i], &r->results.at[index]))
            return false;
    return true;
}

static void write_bar(Writer *w, const Result *r, double most, double least)
{
    const double scale = 100 / most;
    const double low = r->ns.low * scale, high = r->ns.high * scale;
    write_text(w, "<span class=name>");
    write_escaped(w, r->subject);
    write_format(w,
                 "</span><svg viewBox='0 0 100 18' preserveAspectRatio=none role=img aria-label='%.4g ns, "
                 "between %.4g "
                 "and %.4g'><rect class=bar x=0 y=2 width='%.2f' height=14 rx=0.6 />"
                 "<path class=whisker d='M%.2f 9H%.2fM%.2f 5V13M%.2f 5V13'/></svg><span class=value>",
                 r->ns.middle, r->ns.low, r->ns.high, r->ns.middle * scale, low, high, low, high);
    write_time(w, r->ns.middle);
    write_format(w, " <span class=times>%.2fx</span></span>\n", r->ns.middle / least);
}

static int by_time(const void *a, const void *b)
{
    const Result *x = a, *y = b;
    return (x->ns.middle > y->ns.middle) - (x->ns.middle < y->ns.middle);
}

// One plot.  Many bars are read better in the order of their length.
static void write_bars(Writer *w, Result *bars, int count)
{
    enum { MANY = 8 };
    double most = 0, least = INFINITY;
    for (int i = 0; i < count; i++) {
        most = fmax(most, bars[i].ns.high);
        least = fmin(least, bars[i].ns.middle);
    }
    if (count > MANY)
        qsort(bars, (size_t)count, sizeof *bars, by_time);
    write_text(w, "<section class=card><h3>");
    write_escaped(w, bars->name);
    write_text(w, "</h3><p class=soft>per ");
    write_escaped(w, bars->unit);
    write_format(w, ", %s time</p><div class=bars>\n", bars->clock == BENCH_WALL ? "clock" : "processor");
    for (int i = 0; i < count; i++)
        write_bar(w, &bars[i], most, least);
    write_text(w, "</div></section>\n");
}

enum { BARS_MOST = 128 };

static void write_case(Writer *w, const Record *r, const Result *first)
{
    Result bars[BARS_MOST];
    int count = 0;
    for (size_t i = 0; i < r->results.count && count < BARS_MOST; i++)
        if (is_of(&r->results.at[i], first))
            bars[count++] = r->results.at[i];
    write_bars(w, bars, count);
}

// Over all cases of a suite, where there are several and every one has this subject.
static bool mean_of(const Record *r, const Result *first, int cases, Result *mean)
{
    Interval logs = { 0 };
    int count = 0;
    for (size_t i = 0; i < r->results.count; i++) {
        const Result *at = &r->results.at[i];
        if (strcmp(at->suite, first->suite) || strcmp(at->subject, first->subject) ||
            strcmp(at->unit, first->unit))
            continue;
        logs.middle += log(at->ns.middle);
        logs.low += log(at->ns.low);
        logs.high += log(at->ns.high);
        count++;
    }
    *mean = *first;
    mean->name = "geometric mean of all";
    mean->ns = (Interval){ exp(logs.middle / count), exp(logs.low / count), exp(logs.high / count) };
    return count == cases;
}

static void write_means(Writer *w, const Record *r, const char *suite, int cases)
{
    Result bars[BARS_MOST];
    const Result *first = NULL;
    int count = 0;
    for (size_t i = 0; i < r->results.count && count < BARS_MOST; i++) {
        const Result *at = &r->results.at[i];
        first = first || strcmp(at->suite, suite) ? first : at;
        if (first && is_of(at, first) && mean_of(r, at, cases, &bars[count]))
            count++;
    }
    if (count)
        write_bars(w, bars, count);
}

// ------------------------------------------------------------------- curves

enum { LEFT = 50, RIGHT = 340, TOP = 8, BOTTOM = 190 };

// 0, 90, 99, 99.9 ... stand at equal distances, as tails are looked at.
static double x_of(double percentile)
{
    const double decades = percentile >= 100 ? 4.6 : log10(100 / (100 - percentile));
    return LEFT + (RIGHT - LEFT) * decades / 4.6;
}

static bool is_curve_of(const Curve *c, const Curve *first)
{
    return !strcmp(c->suite, first->suite) && !strcmp(c->name, first->name);
}

static bool is_first_curve(const Record *r, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_curve_of(&r->curves.at[i], &r->curves.at[index]))
            return false;
    return true;
}

static void write_grid(Writer *w, double low, double high)
{
    static const struct {
        double percentile;
        const char *name;
    } marks[] = { { 0, "0" },       { 50, "50" },       { 90, "90" },  { 99, "99" },
                  { 99.9, "99.9" }, { 99.99, "99.99" }, { 100, "max" } };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const double x = x_of(marks[i].percentile);
        write_format(w, "<path class=grid d='M%.1f %dV%d'/><text x='%.1f' y='%d' text-anchor=%s>%s</text>", x,
                     TOP, BOTTOM, x, BOTTOM + 14, marks[i].percentile == 99.99 ? "end" : "middle",
                     marks[i].name);
    }
    for (double d = low; d <= high + 0.5; d++) {
        const double y = BOTTOM - (BOTTOM - TOP) * (d - low) / (high - low);
        write_format(w, "<path class=grid d='M%d %.1fH%d'/><text x='%d' y='%.1f' text-anchor=end>", LEFT, y,
                     RIGHT, LEFT - 5, y + 4);
        write_time(w, pow(10, d));
        write_text(w, "</text>");
    }
}

static void write_line(Writer *w, const Curve *c, int colour, double low, double high)
{
    write_format(w, "<path class=curve style='stroke:var(--c%d)' d='", colour);
    for (int i = 0; i < CURVE_POINTS; i++) {
        const double y = BOTTOM - (BOTTOM - TOP) * (log10(fmax(c->ns[i], pow(10, low))) - low) / (high - low);
        write_format(w, "%c%.1f %.1f", i ? 'L' : 'M', x_of(curve_percentiles[i]), y);
    }
    write_text(w, "'/>");
}

static void write_plot(Writer *w, const Record *r, const Curve *first)
{
    enum { COLOURS = 6 };
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < r->curves.count; i++)
        for (int k = 0; k < CURVE_POINTS && is_curve_of(&r->curves.at[i], first); k++) {
            low = fmin(low, log10(fmax(r->curves.at[i].ns[k], 1e-2)));
            high = fmax(high, log10(fmax(r->curves.at[i].ns[k], 1e-2)));
        }
    low = floor(low);
    high = fmax(ceil(high), low + 1);
    write_text(w, "<section class=card><h3>");
    write_escaped(w, first->name);
    write_format(
        w, "</h3><p class=soft>time at each percentile</p><svg class=plot viewBox='0 0 366 210' role=img "
           "aria-label='percentile curves'>");
    write_grid(w, low, high);
    int colour = 0;
    for (size_t i = 0; i < r->curves.count; i++)
        if (is_curve_of(&r->curves.at[i], first))
            write_line(w, &r->curves.at[i], colour++ % COLOURS, low, high);
    write_text(w, "</svg><div class=legend>");
    colour = 0;
    for (size_t i = 0; i < r->curves.count; i++) {
        const Curve *c = &r->curves.at[i];
        if (!is_curve_of(c, first))
            continue;
        write_format(w, "<span><i style='background:var(--c%d)'></i>", colour++ % COLOURS);
        write_escaped(w, c->subject);
        write_format(w, " <span class=times>%llu</span></span>", (unsigned long long)c->count);
    }
    write_text(w, "</div></section>\n");
}

// ----------------------------------------------------------------- the page

static void write_fact(Writer *w, const char *name, const char *value)
{
    write_format(w, "<dt>%s</dt><dd>", name);
    write_escaped(w, value);
    write_text(w, "</dd>");
}

static void write_head(Writer *w, const Record *r)
{
    write_text(w, "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport "
                  "content='width=device-width,initial-scale=1'><title>lc3bench</title><style>\n");
    write_text(w, style);
    write_text(w, "</style></head><body><header><h1>lc3bench</h1><dl>");
    write_fact(w, "when", r->date);
    write_fact(w, "processor", r->processor);
    write_format(w, "<dt>cores</dt><dd>%d</dd>", r->cores);
    write_fact(w, "system", r->kernel);
    write_fact(w, "compiler", r->compiler);
    write_fact(w, "version", r->version);
    write_format(w, "<dt>load</dt><dd>%.2f before, %.2f after</dd></dl>", r->load_before, r->load_after);
    write_format(
        w,
        "<p>Bars are medians over all repetitions in %d processes, with the interval that holds the true "
        "median in 95 of 100 cases; the factor is against the fastest of the same plot. Every result was "
        "checked against a reference.</p></header><main>\n",
        PARTS);
}

static bool is_new_suite(const Record *r, const char *suite, size_t results, size_t curves)
{
    for (size_t i = 0; i < results; i++)
        if (!strcmp(r->results.at[i].suite, suite))
            return false;
    for (size_t i = 0; i < curves; i++)
        if (!strcmp(r->curves.at[i].suite, suite))
            return false;
    return true;
}

static void write_suite(Writer *w, const Record *r, const char *suite)
{
    write_text(w, "<h2>");
    write_escaped(w, suite);
    write_text(w, "</h2><div class=cards>\n");
    int cases = 0;
    for (size_t i = 0; i < r->results.count; i++)
        cases += !strcmp(r->results.at[i].suite, suite) && is_first_result(r, i);
    if (cases > 2)
        write_means(w, r, suite, cases);
    for (size_t i = 0; i < r->results.count; i++)
        if (!strcmp(r->results.at[i].suite, suite) && is_first_result(r, i))
            write_case(w, r, &r->results.at[i]);
    for (size_t i = 0; i < r->curves.count; i++)
        if (!strcmp(r->curves.at[i].suite, suite) && is_first_curve(r, i))
            write_plot(w, r, &r->curves.at[i]);
    write_text(w, "</div>\n");
}

void html_write(const Record *r, Writer *w)
{
    write_head(w, r);
    for (size_t i = 0; i < r->results.count; i++)
        if (is_new_suite(r, r->results.at[i].suite, i, 0))
            write_suite(w, r, r->results.at[i].suite);
    for (size_t i = 0; i < r->curves.count; i++)
        if (is_new_suite(r, r->curves.at[i].suite, r->results.count, i))
            write_suite(w, r, r->curves.at[i].suite);
    write_text(w, "</main></body></html>\n");
}
