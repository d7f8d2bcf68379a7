// Golden tests of findings.  Each source says what is found in it:
//
//     ; expect error 4:25-27: 17 does not fit in 5 bits (-16 to 15)
//     ; expect hint: ...            belongs to the finding before it, as notes do
//     ; expect warning unused-label 3:1-4: ...
//     ; option strict               -Werror, -WNAME and -Wno-NAME without the '-'
//     ; with other.asm              linked with it
//
// Line, first and last column, in characters.  Nothing else may be found, and
// what is printed has its caret under these columns.
#include "assemble.h"
#include "warnings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *text; // "error 4:25-27: text", for findings and expectations alike
} Line;

typedef struct {
    Line lines[256];
    size_t count;
} Lines;

typedef struct {
    AssembleOptions options;
    const Source *sources[8];
    size_t source_count;
} Case;

static int failures;
static Arena texts; // of the lines of one case

static void add(Lines *l, const char *format, const char *a, const char *b)
{
    char text[2048];
    snprintf(text, sizeof text, format, a, b);
    if (l->count < 256)
        l->lines[l->count++].text = arena_copy(&texts, text, strlen(text));
}

static bool take_option(Case *c, const char *name)
{
    const bool is_off = strncmp(name, "Wno-", 4) == 0;
    const int warning = name[0] == 'W' ? warning_find(text_of(name + (is_off ? 4 : 1))) : -1;
    if (strcmp(name, "strict") == 0)
        c->options.is_strict = true;
    else if (strcmp(name, "Werror") == 0)
        c->options.has_fatal_warnings = true;
    else if (warning >= 0 && is_off)
        c->options.hidden |= WARNING_BIT(warning);
    else if (warning >= 0)
        c->options.shown |= WARNING_BIT(warning);
    else
        return false;
    return true;
}

static bool read_case(Case *c, Arena *a, const char *path, Lines *expected)
{
    Error err;
    Source *source = arena_new(a, Source);
    if (!source_read(source, a, path, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    c->sources[c->source_count++] = source;
    for (uint32_t i = 1; i <= source->lines.count; i++) {
        const Text text = source_line(source, i);
        const char *line = arena_copy(a, text.at, text.len);
        if (strncmp(line, "; expect ", 9) == 0)
            add(expected, "%s%s", line + 9, "");
        else if (strncmp(line, "; option ", 9) == 0 && !take_option(c, line + 9))
            return false;
        if (strncmp(line, "; with ", 7) != 0)
            continue;
        Source *other = arena_new(a, Source);
        if (!source_read(other, a, arena_copy(a, line + 7, strlen(line + 7)), &err))
            return false;
        c->sources[c->source_count++] = other;
    }
    return true;
}

static void skip_string(const char **at, char *out, size_t size)
{
    size_t n = 0;
    const char *p = *at + 1;
    for (; *p && *p != '"'; p++) {
        char c = *p;
        if (c == '\\' && p[1]) {
            c = *++p;
            if (c == 'u') {
                c = (char)strtol((char[]){ p[3], p[4], 0 }, NULL, 16);
                p += 4;
            }
        }
        if (n + 1 < size)
            out[n++] = c;
    }
    out[n] = 0;
    *at = *p ? p + 1 : p;
}

// Reads our own JSON: keys in any order, values are strings, numbers, null, or
// the list of notes.
static void read_object(const char **at, Lines *found, const char *kind);

static void list_findings(const char *json, Lines *found)
{
    const char *at = strchr(json, '[');
    if (!at)
        return;
    for (at++; *at && *at != ']';) {
        if (*at == '{')
            read_object(&at, found, NULL);
        else
            at++;
    }
}

static void read_object(const char **at, Lines *found, const char *kind)
{
    long numbers[4] = { 0 }; // line, column, end_line, end_column
    char severity[32] = "", name[64] = "", message[1024] = "", hint[1024] = "", key[32], value[1024];
    Lines notes = { 0 };
    const char *p = *at + 1;
    while (*p && *p != '}') {
        if (*p != '"') {
            p++;
            continue;
        }
        skip_string(&p, key, sizeof key);
        p++; // ':'
        if (*p == '[') {
            for (p++; *p && *p != ']';)
                if (*p == '{')
                    read_object(&p, &notes, "note");
                else
                    p++;
            p++;
        } else if (*p == '"') {
            skip_string(&p, value, sizeof value);
            char *to = strcmp(key, "severity") == 0  ? severity
                       : strcmp(key, "name") == 0    ? name
                       : strcmp(key, "message") == 0 ? message
                       : strcmp(key, "hint") == 0    ? hint
                                                     : NULL;
            if (to)
                strcpy(to, value);
        } else {
            static const char *const keys[] = { "line", "column", "end_line", "end_column" };
            for (int i = 0; i < 4; i++)
                if (strcmp(key, keys[i]) == 0)
                    numbers[i] = strtol(p, NULL, 10);
        }
    }
    *at = p + 1;
    char place[128] = "", head[256];
    if (numbers[0]) {
        const long last = numbers[2] == numbers[0] && numbers[3] > numbers[1] ? numbers[3] - 1 : numbers[1];
        snprintf(place, sizeof place, " %ld:%ld-%ld", numbers[0], numbers[1], last);
    }
    snprintf(head, sizeof head, "%s%s%s%s", kind ? kind : severity, *name ? " " : "", name, place);
    add(found, "%s: %s", head, message);
    for (size_t i = 0; i < notes.count; i++)
        add(found, "%s%s", notes.lines[i].text, "");
    if (*hint)
        add(found, "%s: %s", "hint", hint);
}

// The printed caret stands under the columns that the finding says.
static void check_carets(const char *path, const char *printed, const Lines *found)
{
    const char *at = printed;
    for (size_t i = 0; i < found->count; i++) {
        unsigned line, first, last;
        const char *place = strchr(found->lines[i].text, ' ');
        while (place && sscanf(place, " %u:%u-%u:", &line, &first, &last) != 3)
            place = strchr(place + 1, ' ');
        if (!place)
            continue;
        char wanted[64];
        snprintf(wanted, sizeof wanted, ":%u:%u: ", line, first);
        const char *head = strstr(at, wanted), *text = head ? strchr(head, '\n') : NULL;
        const char *caret = text ? strchr(text + 1, '\n') : NULL;
        if (!caret) {
            fprintf(stderr, "%s: no printed finding at %u:%u\n", path, line, first);
            failures++;
            continue;
        }
        unsigned column = 1, width = 0;
        const char *p = caret + 5; // four blanks before the line
        for (; *p == ' ' || *p == '\t'; p++)
            column++;
        for (; *p == '^' || *p == '~'; p++)
            width++;
        if ((column != first || width != last - first + 1) && last < 100) {
            fprintf(stderr, "%s: the caret of %u:%u-%u stands at %u, %u wide\n", path, line, first, last,
                    column, width);
            failures++;
        }
        at = caret;
    }
}

static void compare(const char *path, const Lines *expected, const Lines *found)
{
    for (size_t i = 0; i < expected->count || i < found->count; i++) {
        const char *e = i < expected->count ? expected->lines[i].text : "nothing";
        const char *f = i < found->count ? found->lines[i].text : "nothing";
        if (strcmp(e, f) == 0)
            continue;
        fprintf(stderr, "%s:\n    expected %s\n    found    %s\n", path, e, f);
        failures++;
        return;
    }
}

static void run_case(const char *path, bool shows)
{
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    static Case c;
    static Lines expected, found;
    memset(&c, 0, sizeof c);
    memset(&expected, 0, sizeof expected);
    memset(&found, 0, sizeof found);
    // Messages name files as they were given: from their own folder, always the same.
    const char *slash = strrchr(path, '/');
    if (slash && chdir(arena_format(&arena, "%.*s", (int)(slash - path), path)) != 0)
        slash = NULL;
    if (!read_case(&c, &arena, slash ? slash + 1 : path, &expected)) {
        fprintf(stderr, "%s: cannot be read as a test\n", path);
        failures++;
        arena_free(&arena);
        return;
    }
    Object obj;
    assemble_sources(&obj, &arena, c.sources, c.source_count, &c.options, &diag);
    char *json = NULL, *printed = NULL;
    size_t size;
    FILE *out = open_memstream(&json, &size);
    diag_print_json(&diag, out);
    fclose(out);
    out = open_memstream(&printed, &size);
    diag_print(&diag, out, false);
    fclose(out);
    list_findings(json, &found);
    if (shows) {
        for (size_t i = 0; i < found.count; i++)
            printf("; expect %s\n", found.lines[i].text);
    } else {
        compare(path, &expected, &found);
        check_carets(path, printed, &found);
        if (expected.count == 0) {
            fprintf(stderr, "%s: expects nothing\n", path);
            failures++;
        }
    }
    arena_free(&texts);
    free(json);
    free(printed);
    arena_free(&arena);
}

// test_findings FILE...        --show prints what is found, to write a test with
int main(int argc, char **argv)
{
    const bool shows = argc > 1 && strcmp(argv[1], "--show") == 0;
    for (int i = shows ? 2 : 1; i < argc; i++)
        run_case(argv[i], shows);
    if (!shows)
        printf("%d files, %d failures\n", argc - 1, failures);
    return failures != 0;
}
