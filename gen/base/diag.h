// diag.h -- what is wrong with the user's text, and where.
//
// A Diag collects every finding of one run; the caller prints them at the end,
// in source order.  A finding may carry notes ("the earlier definition is
// here") and a hint ("did you mean ADD?").
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stdio.h>

#include "text.h"

typedef enum { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE, DIAG_HINT } DiagKind;

typedef struct {
    DiagKind kind;
    const char *name; // of a warning, for -Wno-NAME; NULL otherwise
    Span span;
    const char *text;
} Finding;

typedef struct {
    Arena *arena;
    LIST(Finding) list; // notes and hints follow what they belong to
    int errors, warnings;
    int limit; // errors after which further ones are only counted; 0 is none
} Diag;

void diag_error(Diag *d, Span at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_warn(Diag *d, const char *name, Span at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// These two belong to the latest error or warning.
void diag_note(Diag *d, Span at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_hint(Diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Prints "file:line:column: error: text", the line, and a caret under the span.
// Sorts by place first.  Colours only when `colour`.
void diag_print(Diag *d, FILE *out, bool colour);

// One JSON array of {"file","line","column","end_line","end_column","severity",
// "name","message","notes":[...],"hint"}.
void diag_print_json(Diag *d, FILE *out);

// True when `out` is a terminal and NO_COLOR is not set.
bool diag_wants_colour(FILE *out);

#endif
