#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

typedef struct {
    Arena *arena;
    const char *text, *at, *why; // why: what is wrong at `at`
    int depth;
} Reader;

static void skip_blank(Reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool refuse(Reader *r, const char *why)
{
    if (!r->why)
        r->why = why;
    return false;
}

static bool take(Reader *r, char c)
{
    skip_blank(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

// Escapes of characters beyond ASCII become a question mark: nothing that we write
// has any.
static bool read_string(Reader *r, const char **out)
{
    if (!take(r, '"'))
        return refuse(r, "a string is expected");
    char *copy = arena_alloc(r->arena, strcspn(r->at, "\n") + 1, 1), *to = copy;
    for (; *r->at != '"'; r->at++) {
        if ((unsigned char)*r->at < ' ')
            return refuse(r, "the string does not end");
        if (*r->at != '\\') {
            *to++ = *r->at;
            continue;
        }
        static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
        const char *name = *++r->at ? strchr(names, *r->at) : NULL;
        if (*r->at == 'u' && strspn(r->at + 1, "0123456789abcdefABCDEF") >= 4) {
            const char digits[5] = { r->at[1], r->at[2], r->at[3], r->at[4] };
            const unsigned long code = strtoul(digits, NULL, 16);
            *to++ = code && code < 128 ? (char)code : '?';
            r->at += 4;
        } else if (name)
            *to++ = values[name - names];
        else
            return refuse(r, "no such escape");
    }
    r->at++;
    *out = copy;
    return true;
}

static bool read_value(Reader *r, Json *j);

static bool read_members(Reader *r, Json *j, char end)
{
    Json **last = &j->first;
    if (++r->depth > DEPTH_MAX)
        return refuse(r, "too deep");
    if (!take(r, end))
        do {
            Json *member = *last = arena_new(r->arena, Json);
            last = &member->next;
            if (j->kind == JSON_OBJECT &&
                (!read_string(r, &member->name) || (!take(r, ':') && !refuse(r, "':' is expected"))))
                return false;
            if (!read_value(r, member))
                return false;
            if (take(r, end))
                break;
        } while (take(r, ',') || refuse(r, "',' is expected"));
    r->depth--;
    return !r->why;
}

static bool read_word(Reader *r, Json *j, const char *word, JsonKind kind, double number)
{
    const size_t len = strlen(word);
    if (strncmp(r->at, word, len))
        return refuse(r, "a value is expected");
    r->at += len;
    j->kind = kind;
    j->number = number;
    return true;
}

static bool read_number(Reader *r, Json *j)
{
    char *end;
    j->kind = JSON_NUMBER;
    j->number = strtod(r->at, &end);
    if (end == r->at)
        return refuse(r, "a value is expected");
    r->at = end;
    return true;
}

static bool read_value(Reader *r, Json *j)
{
    skip_blank(r);
    switch (*r->at) {
    case '{':
        r->at++;
        j->kind = JSON_OBJECT;
        return read_members(r, j, '}');
    case '[':
        r->at++;
        j->kind = JSON_LIST;
        return read_members(r, j, ']');
    case '"':
        j->kind = JSON_STRING;
        return read_string(r, &j->text);
    case 't':
        return read_word(r, j, "true", JSON_BOOL, 1);
    case 'f':
        return read_word(r, j, "false", JSON_BOOL, 0);
    case 'n':
        return read_word(r, j, "null", JSON_NULL, 0);
    default:
        return read_number(r, j);
    }
}

static char *read_file(Arena *a, const char *path, Error *err)
{
    FILE *in = fopen(path, "rb");
    if (!in) {
        fail(err, "%s: %s", path, strerror(errno));
        return NULL;
    }
    Writer w = { 0 };
    char block[65536];
    size_t len;
    while ((len = fread(block, 1, sizeof block, in)) > 0)
        write_bytes(&w, block, len);
    const bool is_bad = ferror(in);
    const int reason = errno;
    fclose(in);
    char *text = arena_copy(a, w.len ? w.at : "", w.len);
    writer_free(&w);
    if (is_bad)
        fail(err, "%s: %s", path, strerror(reason));
    return is_bad ? NULL : text;
}

const Json *json_read(Arena *a, const char *path, Error *err)
{
    Reader r = { .arena = a };
    r.text = r.at = read_file(a, path, err);
    if (!r.text)
        return NULL;
    Json *j = arena_new(a, Json);
    if (read_value(&r, j)) {
        skip_blank(&r);
        if (!*r.at)
            return j;
        refuse(&r, "more text follows");
    }
    fail(err, "%s: not JSON at byte %zu: %s", path, (size_t)(r.at - r.text), r.why);
    return NULL;
}

const Json *json_find(const Json *j, const char *name)
{
    if (j && j->kind == JSON_OBJECT)
        for (const Json *m = j->first; m; m = m->next)
            if (!strcmp(m->name, name))
                return m;
    return NULL;
}

double json_number(const Json *j, const char *name)
{
    const Json *m = json_find(j, name);
    return m && (m->kind == JSON_NUMBER || m->kind == JSON_BOOL) ? m->number : 0;
}

const char *json_text(const Json *j, const char *name)
{
    const Json *m = json_find(j, name);
    return m && m->kind == JSON_STRING ? m->text : "";
}
