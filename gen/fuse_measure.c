// fuse_measure.c -- engines made of descriptions and timed against each other.
#include "fuse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "request.h"

enum { ROUNDS = 7, TOO_FEW = 1000000 };

typedef struct {
    Arena arena;
    char dir[32];
    Error *err;
} Work;

static const char *tool(const char *variable, const char *usual)
{
    const char *given = getenv(variable);
    return given && *given ? given : usual;
}

// In quotes for the shell.
static const char *quoted(Work *w, const char *text)
{
    Writer out = { 0 };
    write_text(&out, "'");
    for (; *text; text++)
        write_format(&out, *text == '\'' ? "'\\''" : "%c", *text);
    write_text(&out, "'");
    const char *copy = arena_copy(&w->arena, out.at, out.len);
    writer_free(&out);
    return copy;
}

// Runs a command; its output, errors included, or NULL when it fails.
static const char *run(Work *w, const char *command)
{
    FILE *in = popen(arena_format(&w->arena, "{ %s; } 2>&1", command), "r");
    Writer out = { 0 };
    char part[4096];
    for (size_t n; in && (n = fread(part, 1, sizeof part, in)) > 0;)
        write_bytes(&out, part, n);
    const int status = in ? pclose(in) : -1;
    const char *text = arena_copy(&w->arena, out.at ? out.at : "", out.len);
    writer_free(&out);
    if (status == 0)
        return text;
    fail(w->err, "%s: it fails: %.*s", command, (int)strcspn(text, "\n"), text);
    return NULL;
}

// ------------------------------------------------------------------ engines

// The engine that is tried: the compiler's best of those that predecode.
static bool write_engine(Work *w, const char *name, const char *description, const char *dir)
{
    Request request = { .command = COMMAND_EMIT,
                        .file = name,
                        .dir = dir,
                        .emit = "tables,state,semantics,interp,module,headers",
                        .dispatch = DISPATCH_GOTO | DISPATCH_TAIL,
                        .decode = DECODE_ADDR,
                        .flags = FLAGS_LAZY | FLAGS_EAGER };
    Source source;
    Diag diag = { .arena = &w->arena };
    source_init(&source, &w->arena, name, description, strlen(description));
    Isa *isa = isa_parse(&source, &w->arena, &diag);
    isa_check(isa, &diag);
    if (diag.errors || !isa->word_bits)
        return fail(w->err, "%s: no engine can be made of it", name);
    if (isa->dialects.count)
        request.dialect =
            arena_format(&w->arena, "%.*s", TEXT(isa->dialects.at[isa_default_dialect(isa)].name));
    return files_write(&request, isa, &w->arena) == 0;
}

static const char *module_file(Work *w, const char *dir)
{
    return run(w, arena_format(&w->arena, "ls %s/*_module.c | head -n 1 | tr -d '\\n'", dir));
}

static bool make_engine(Work *w, const char *name, const char *description, size_t number)
{
    const char *dir = arena_format(&w->arena, "%s/%zu", w->dir, number), *file;
    return write_engine(w, name, description, dir) && (file = module_file(w, dir)) != NULL &&
           run(w, arena_format(&w->arena, "%s -O2 -shared -fPIC -o %s.so %s", tool("CC", "cc"), dir, file)) !=
               NULL;
}

// ------------------------------------------------------------------- timing

static double number_behind(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at ? strtod(at + strlen(key), NULL) : 0;
}

static bool time_once(Work *w, size_t number, const char *program, double *ns)
{
    const char *said =
        run(w, arena_format(&w->arena, "%s -q --stats=json --engine=%s/%zu.so %s </dev/null >/dev/null",
                            quoted(w, tool("LC3RUN", "lc3run")), w->dir, number, quoted(w, program)));
    if (!said)
        return false;
    const double seconds = number_behind(said, "\"elapsed_s\":"),
                 count = number_behind(said, "\"instructions\":");
    if (count < TOO_FEW)
        return fail(w->err, "%s: %.0f instructions are too few to be timed; at least %d", program, count,
                    TOO_FEW);
    *ns = seconds * 1e9 / count;
    return true;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool time_all(Work *w, Timing *timings, size_t count, const char *program)
{
    double(*ns)[ROUNDS] = arena_alloc(&w->arena, sizeof *ns * count, alignof(double));
    for (int round = -1; round < ROUNDS; round++) // the first warms up
        for (size_t i = 0; i < count; i++)
            if (!time_once(w, i, program, &ns[i][round < 0 ? 0 : round]))
                return false;
    for (size_t i = 0; i < count; i++) {
        qsort(ns[i], ROUNDS, sizeof **ns, by_value);
        timings[i] = (Timing){ ns[i][ROUNDS / 2], ns[i][0], ns[i][ROUNDS - 1] };
    }
    return true;
}

bool fuse_measure(Timing *timings, const char *name, const char *const *descriptions, size_t count,
                  const char *program, Error *err)
{
    Work w = { .dir = "/tmp/lc3gen-XXXXXX", .err = err };
    if (!mkdtemp(w.dir))
        return fail(err, "%s: %s", w.dir, strerror(errno));
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = make_engine(&w, name, descriptions[i], i);
    good = good && time_all(&w, timings, count, program);
    Error ignored;
    w.err = &ignored;
    run(&w, arena_format(&w.arena, "rm -r %s", w.dir));
    arena_free(&w.arena);
    return good;
}
