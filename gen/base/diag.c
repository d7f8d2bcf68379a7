#include "diag.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *format_text(Arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(a, (size_t)len + 1, 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

static void add(Diag *d, DiagKind kind, const char *name, Span at, const char *format, va_list args)
{
    const Finding f = { kind, name, at, format_text(d->arena, format, args) };
    LIST_ADD(d->arena, &d->list, f);
}

static bool over_limit(const Diag *d)
{
    return d->limit && d->errors > d->limit;
}

void diag_error(Diag *d, Span at, const char *format, ...)
{
    d->errors++;
    if (over_limit(d))
        return;
    va_list args;
    va_start(args, format);
    add(d, DIAG_ERROR, NULL, at, format, args);
    va_end(args);
}

void diag_warn(Diag *d, const char *name, Span at, const char *format, ...)
{
    d->warnings++;
    va_list args;
    va_start(args, format);
    add(d, DIAG_WARNING, name, at, format, args);
    va_end(args);
}

void diag_note(Diag *d, Span at, const char *format, ...)
{
    if (over_limit(d))
        return;
    va_list args;
    va_start(args, format);
    add(d, DIAG_NOTE, NULL, at, format, args);
    va_end(args);
}

void diag_hint(Diag *d, const char *format, ...)
{
    if (over_limit(d))
        return;
    va_list args;
    va_start(args, format);
    add(d, DIAG_HINT, NULL, (Span){ 0 }, format, args);
    va_end(args);
}

// ------------------------------------------------------------------ order

typedef struct {
    Span at;
    size_t first, count; // findings that stay together
} Group;

static bool leads(const Finding *f)
{
    return f->kind == DIAG_ERROR || f->kind == DIAG_WARNING;
}

// Groups of different files keep the order in which the files were first seen,
// which is the order of `first`; so only groups of one file are compared by place.
static int by_place(const void *a, const void *b)
{
    const Group *x = a, *y = b;
    if (x->at.source == y->at.source && x->at.begin != y->at.begin)
        return x->at.begin < y->at.begin ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void sort_groups(Group *groups, size_t count)
{
    for (size_t begin = 0; begin < count;) { // runs of one source
        size_t end = begin + 1;
        while (end < count && groups[end].at.source == groups[begin].at.source)
            end++;
        qsort(groups + begin, end - begin, sizeof *groups, by_place);
        begin = end;
    }
}

static Group *find_groups(Diag *d, size_t *count)
{
    *count = 0;
    if (d->list.count == 0)
        return NULL;
    Group *groups = arena_array(d->arena, Group, d->list.count);
    size_t n = 0;
    for (size_t i = 0; i < d->list.count; i++) {
        if (leads(&d->list.at[i]) || n == 0)
            groups[n++] = (Group){ d->list.at[i].span, i, 0 };
        groups[n - 1].count++;
    }
    sort_groups(groups, n);
    *count = n;
    return groups;
}

// ------------------------------------------------------------------- text

bool diag_wants_colour(FILE *out)
{
    const char *no = getenv("NO_COLOR");
    return !(no && *no) && isatty(fileno(out));
}

enum { SHOWN = 160 }; // longer lines are cut around the span

static bool is_inner_byte(char c)
{
    return (c & 0xC0) == 0x80;
}

static void print_line(FILE *out, Span at, bool colour)
{
    const Place place = source_place(at.source, at.begin);
    const Text line = source_line(at.source, place.line);
    const size_t line_begin = (size_t)(line.at - at.source->at);
    size_t from = at.begin - line_begin, to = at.end - line_begin;
    if (from > line.len)
        from = line.len;
    if (to > line.len)
        to = line.len;
    size_t first = from > SHOWN - 20 ? from - SHOWN / 2 : 0;
    while (first > 0 && is_inner_byte(line.at[first]))
        first--;
    size_t last = line.len - first > SHOWN ? first + SHOWN : line.len;
    while (last < line.len && is_inner_byte(line.at[last]))
        last++;
    if (to > last)
        to = last;
    fputs("    ", out);
    for (size_t i = first; i < last; i++) {
        const unsigned char c = (unsigned char)line.at[i];
        fputc(c == '\t' || c >= ' ' ? (c == 127 ? '?' : c) : '?', out);
    }
    fputs("\n    ", out);
    for (size_t i = first; i < from; i++)
        if (!is_inner_byte(line.at[i]))
            fputc(line.at[i] == '\t' ? '\t' : ' ', out);
    fputs(colour ? "\033[1;32m^" : "^", out);
    for (size_t i = from + 1; i < to; i++)
        if (!is_inner_byte(line.at[i]))
            fputc('~', out);
    fputs(colour ? "\033[0m\n" : "\n", out);
}

static const char *kind_name(DiagKind kind)
{
    static const char *const names[] = { "error", "warning", "note", "hint" };
    return names[kind];
}

static void print_finding(FILE *out, const Finding *f, bool colour)
{
    static const char *const colours[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m", "\033[1;36m" };
    if (f->span.source) {
        const Place place = source_place(f->span.source, f->span.begin);
        fprintf(out, "%s:%u:%u: ", f->span.source->name, place.line, place.column);
    } else if (f->kind == DIAG_HINT) {
        fputs("    ", out);
    }
    fprintf(out, "%s%s:%s %s", colour ? colours[f->kind] : "", kind_name(f->kind), colour ? "\033[0m" : "",
            f->text);
    if (f->name)
        fprintf(out, " [-W%s]", f->name);
    fputc('\n', out);
    if (f->span.source)
        print_line(out, f->span, colour);
}

void diag_print(Diag *d, FILE *out, bool colour)
{
    size_t count;
    const Group *groups = find_groups(d, &count);
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < groups[g].count; i++)
            print_finding(out, &d->list.at[groups[g].first + i], colour);
    if (over_limit(d))
        fprintf(out, "%d more errors are not shown\n", d->errors - d->limit);
}

// ------------------------------------------------------------------- JSON

static void json_string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < ' ' || c == 127)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void json_place(FILE *out, Span at)
{
    if (!at.source)
        return;
    const Place begin = source_place(at.source, at.begin), end = source_place(at.source, at.end);
    fputs("\"file\":", out);
    json_string(out, at.source->name);
    fprintf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u,", begin.line, begin.column,
            end.line, end.column);
}

static void json_group(FILE *out, const Finding *f, size_t count)
{
    fputc('{', out);
    json_place(out, f->span);
    fprintf(out, "\"severity\":\"%s\",\"name\":", kind_name(f->kind));
    if (f->name)
        json_string(out, f->name);
    else
        fputs("null", out);
    fputs(",\"message\":", out);
    json_string(out, f->text);
    fputs(",\"notes\":[", out);
    const char *hint = NULL, *comma = "";
    for (size_t i = 1; i < count; i++) {
        if (f[i].kind == DIAG_HINT) {
            hint = f[i].text;
            continue;
        }
        fprintf(out, "%s{", comma);
        json_place(out, f[i].span);
        fputs("\"message\":", out);
        json_string(out, f[i].text);
        fputc('}', out);
        comma = ",";
    }
    fputs("],\"hint\":", out);
    if (hint)
        json_string(out, hint);
    else
        fputs("null", out);
    fputc('}', out);
}

void diag_print_json(Diag *d, FILE *out)
{
    size_t count;
    const Group *groups = find_groups(d, &count);
    fputc('[', out);
    for (size_t g = 0; g < count; g++) {
        if (g)
            fputs(",\n ", out);
        json_group(out, &d->list.at[groups[g].first], groups[g].count);
    }
    fputs("]\n", out);
}
