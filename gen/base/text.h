// text.h -- pieces of text, and the source files they were cut from.
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"

// A piece of somebody else's text; not terminated.
typedef struct {
    const char *at;
    size_t len;
} Text;

Text text_of(const char *s);
bool text_is(Text a, const char *b);
bool text_same(Text a, Text b);
bool text_same_case(Text a, Text b); // ASCII letters of either case are equal

// The number of single-letter edits (insert, delete, replace, swap of
// neighbours) between two words of either case, or `limit` if it is not below it.
int text_distance(Text a, Text b, int limit);

// For printf("%.*s", TEXT(t)).
#define TEXT(t) (int)(t).len, (t).at

// A whole file.  `at[size]` is a zero byte, so that a lexer needs no end check;
// zero bytes may also stand inside.
typedef struct Source {
    const char *name;
    const char *at;
    uint32_t size;
    LIST(uint32_t) lines; // start offset of every line
} Source;

// A place in a source: bytes begin..end-1.  All zero means no place.
typedef struct {
    const Source *source;
    uint32_t begin, end;
} Span;

typedef struct {
    uint32_t line, column; // from 1; columns count characters (UTF-8), a tab is one
} Place;

// Reads the file ("-" is standard input) into the arena.  Files of 2 GiB and
// more are refused.
bool source_read(Source *src, Arena *a, const char *path, Error *err);
void source_init(Source *src, Arena *a, const char *name, const char *text, size_t size);
Place source_place(const Source *src, uint32_t offset);
Text source_line(const Source *src, uint32_t line); // without its newline
Text span_text(Span s);
Span span_join(Span first, Span last);

#endif
