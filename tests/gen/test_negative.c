// Every description in negative/ says in its first lines what lc3gen finds wrong
// with it:
//
//     // expect 41:21: 16 does not fit
//
// Exactly these errors must be found, each at its line and column, each with the
// line quoted and a caret under that column.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples.h"

typedef struct {
    unsigned line, column;
    Text message;
} Expectation;

static int failures;

static void report(const char *file, const char *format, const Expectation *e)
{
    printf("%s: ", file);
    printf(format, e->line, e->column, TEXT(e->message));
    putchar('\n');
    failures++;
}

// What lc3gen prints about the description; the caller frees it.
static char *check(const Source *source, Arena *arena, int *errors)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    Diag diag = { .arena = arena };
    Isa *isa = isa_parse(source, arena, &diag);
    isa_check(isa, &diag);
    if (diag.errors == 0)
        examples_run(isa, &diag);
    diag_print(&diag, out, false);
    fclose(out);
    *errors = diag.errors;
    return text;
}

static bool read_expectation(Text line, Expectation *e)
{
    char copy[512];
    int used = 0;
    snprintf(copy, sizeof copy, "%.*s", TEXT(line));
    if (sscanf(copy, "// expect %u:%u: %n", &e->line, &e->column, &used) != 2)
        return false;
    e->message = (Text){ line.at + used, line.len - (size_t)used };
    return true;
}

// The finding of the expected place and message, or NULL.
static const char *find(const char *output, const char *file, const Expectation *e)
{
    char head[256];
    const int len = snprintf(head, sizeof head, "%s:%u:%u: error: ", file, e->line, e->column);
    for (const char *at = output; (at = strstr(at, head)); at += len)
        if ((at == output || at[-1] == '\n') && strncmp(at + len, e->message.at, e->message.len) == 0)
            return at;
    return NULL;
}

// Behind the finding's line come the source's line and the caret, both indented by four.
static bool has_caret(const char *finding, const Source *source, const Expectation *e)
{
    const Text line = source_line(source, e->line);
    const char *quoted = strchr(finding, '\n') + 1;
    if (strncmp(quoted, "    ", 4) != 0 || strncmp(quoted + 4, line.at, line.len) != 0)
        return false;
    const char *carets = strchr(quoted, '\n') + 1;
    return strspn(carets, " ") == 4 + e->column - 1 && carets[4 + e->column - 1] == '^';
}

static void test_file(const char *dir, const char *file)
{
    Arena arena = { 0 };
    Error err;
    Source source;
    int expected = 0, errors;
    const char *path = arena_format(&arena, "%s/%s", dir, file);
    if (!source_read(&source, &arena, path, &err)) {
        puts(err.text);
        exit(1);
    }
    source.name = file;
    char *output = check(&source, &arena, &errors);
    Expectation e;
    for (uint32_t line = 1; line <= source.lines.count && read_expectation(source_line(&source, line), &e);
         line++) {
        const char *finding = find(output, file, &e);
        expected++;
        if (!finding)
            report(file, "no error at %u:%u: %.*s", &e);
        else if (!has_caret(finding, &source, &e))
            report(file, "no caret at %u:%u: %.*s", &e);
    }
    if (expected == 0 || errors != expected) {
        printf("%s: %d errors, %d are expected\n%s", file, errors, expected, output);
        failures++;
    }
    free(output);
    arena_free(&arena);
}

static int is_description(const struct dirent *entry)
{
    const size_t len = strlen(entry->d_name);
    return len > 4 && strcmp(entry->d_name + len - 4, ".def") == 0;
}

int main(int argc, char **argv)
{
    struct dirent **entries;
    const int count = argc == 2 ? scandir(argv[1], &entries, is_description, alphasort) : -1;
    if (count < 20) {
        puts("usage: test_negative DIRECTORY (with at least 20 descriptions)");
        return 2;
    }
    for (int i = 0; i < count; i++) {
        test_file(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%d descriptions, %d failures\n", count, failures);
    return failures != 0;
}
