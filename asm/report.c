// Findings: said once each, with the calls of macros and files that lead to them.
#include "unit.h"

#include <stdio.h>
#include <string.h>

enum { CROWD = 20 }; // findings of one line; a line may be a megabyte long

// Counts what a line has against it, so that the time for a report stays in
// proportion to the source.
static bool is_crowded(Unit *u, Span at)
{
    // All that a macro call stands for is one line, however often macros call others.
    for (const File *file = (const File *)at.source; file && file->is_macro; file = file->parent)
        at = file->call;
    if (!at.source)
        return false;
    if (at.source != u->crowded || at.begin < u->crowded_begin || at.begin >= u->crowded_end) {
        const uint32_t *lines = at.source->lines.at;
        size_t low = 0, high = at.source->lines.count;
        while (high - low > 1) {
            const size_t mid = (low + high) / 2;
            if (lines[mid] <= at.begin)
                low = mid;
            else
                high = mid;
        }
        u->crowded = at.source;
        u->crowded_begin = lines[low];
        u->crowded_end = high < at.source->lines.count ? lines[high] : at.source->size + 1;
        u->crowd = 0;
    }
    return ++u->crowd > CROWD;
}

static void add_calls(Unit *u, Span at)
{
    enum { NEAREST = 3 }; // and the outermost
    int n = 0;
    for (const File *file = (const File *)at.source; file && file->parent; file = file->parent)
        if (n++ < NEAREST || !file->parent->parent)
            diag_note(u->diag, file->call,
                      file->is_macro ? "in the macro called here" : "in the file included here");
}

// The text is cut at a kilobyte: source words in it are shorter (SHOWN).
static void add_finding(Unit *u, DiagKind kind, const char *name, Span at, const char *format, va_list args)
{
    char text[1024];
    const int len = vsnprintf(text, sizeof text, format, args);
    const size_t kept = len < 0 ? 0 : len < (int)sizeof text ? (size_t)len : sizeof text - 1;
    const Finding f = { kind, name, at, arena_copy(u->diag->arena, text, kept) };
    LIST_ADD(u->diag->arena, &u->diag->list, f);
}

// Counts an error; false when it is not to be shown.
static bool count_error(Unit *u)
{
    u->has_failed = true;
    u->diag->errors++;
    u->is_muted |= u->diag->limit && u->diag->errors > u->diag->limit;
    return !u->is_muted;
}

void unit_error(Unit *u, Span at, const char *format, ...)
{
    u->is_muted = is_crowded(u, at);
    if (!count_error(u))
        return;
    va_list args;
    va_start(args, format);
    add_finding(u, DIAG_ERROR, NULL, at, format, args);
    va_end(args);
    add_calls(u, at);
}

void unit_note(Unit *u, Span at, const char *format, ...)
{
    if (u->is_muted)
        return;
    va_list args;
    va_start(args, format);
    add_finding(u, DIAG_NOTE, NULL, at, format, args);
    va_end(args);
}

void unit_hint(Unit *u, const char *format, ...)
{
    if (u->is_muted)
        return;
    va_list args;
    va_start(args, format);
    add_finding(u, DIAG_HINT, NULL, (Span){ 0 }, format, args);
    va_end(args);
}

bool unit_warn(Unit *u, Warning warning, Span at, const char *format, ...)
{
    const bool is_strict = u->options->is_strict && warning_info[warning].is_departure && !u->is_library;
    if (!is_strict && !(u->warnings & WARNING_BIT(warning)))
        return false;
    const bool is_error = is_strict || u->options->has_fatal_warnings;
    u->is_muted = is_crowded(u, at);
    if (is_error ? !count_error(u) : u->is_muted)
        return false;
    u->diag->warnings += !is_error;
    va_list args;
    va_start(args, format);
    add_finding(u, is_error ? DIAG_ERROR : DIAG_WARNING, warning_info[warning].name, at, format, args);
    va_end(args);
    add_calls(u, at);
    return true;
}
