#include "flame_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_end(const char *path, const char *end)
{
    const size_t len = strlen(path), n = strlen(end);
    return len > n && strcmp(path + len - n, end) == 0;
}

bool flame_check_path(const char *path, Error *err)
{
    if (!has_end(path, ".svg") && !has_end(path, ".txt"))
        return fail(err,
                    "--profile=%s: the name must end with .svg (a flame graph) or .txt (stacks and counts)",
                    path);
    const bool was_there = access(path, F_OK) == 0;
    FILE *out = fopen(path, "ab");
    if (!out)
        return fail(err, "--profile=%s: %s", path, strerror(errno));
    fclose(out);
    if (!was_there)
        unlink(path);
    return true;
}

static void to_nanoseconds(FlameNode *n, double scale)
{
    n->ns *= scale;
    for (FlameNode *c = n->first; c; c = c->next)
        to_nanoseconds(c, scale);
}

typedef struct {
    uint64_t count;
    int first, second; // second: negative for a single one
} Row;

static int by_count(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    if (x->count != y->count)
        return (x->count < y->count) - (x->count > y->count);
    return x->first != y->first ? x->first - y->first : x->second - y->second;
}

static void write_rows(Writer *w, Row *rows, size_t count, FlameName *name, const void *user)
{
    qsort(rows, count, sizeof *rows, by_count);
    for (size_t i = 0; i < count; i++) {
        write_format(w, "%llu ", (unsigned long long)rows[i].count);
        name(w, rows[i].first, user);
        if (rows[i].second >= 0) {
            write_text(w, " ");
            name(w, rows[i].second, user);
        }
        write_text(w, "\n");
    }
}

static void write_counts(Writer *w, const FlameCounts *c, FlameName *name, const void *user)
{
    Row *rows = calloc(FLAME_WORDS * FLAME_WORDS, sizeof *rows);
    size_t count = 0;
    if (!rows)
        return;
    write_format(w, "# instructions, of %llu that were looked at\n", (unsigned long long)c->steps);
    for (int i = 0; i < FLAME_WORDS; i++)
        if (c->word[i])
            rows[count++] = (Row){ c->word[i], i, -1 };
    write_rows(w, rows, count, name, user);
    write_text(w, "# pairs of instructions\n");
    count = 0;
    for (int i = 0; i < FLAME_WORDS; i++)
        for (int k = 0; k < FLAME_WORDS; k++)
            if (c->pair[i][k])
                rows[count++] = (Row){ c->pair[i][k], i, k };
    write_rows(w, rows, count, name, user);
    free(rows);
}

bool flame_save(Flame *f, double scale, const char *note, const FlameCounts *counts, FlameName *name,
                const void *user, const char *path, Error *err)
{
    Writer w = { 0 };
    to_nanoseconds(&f->root, scale);
    if (has_end(path, ".svg")) {
        flame_write_svg(f, note, &w);
    } else {
        write_format(&w, "# nanoseconds by stack; %s\n", note);
        flame_write_folded(f, &w);
        write_counts(&w, counts, name, user);
    }
    const bool is_saved = writer_save(&w, path, err);
    writer_free(&w);
    return is_saved;
}
