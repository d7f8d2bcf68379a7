// files.c -- the files of a build: which, for which dialect, where.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "request.h"

typedef struct {
    const Request *request;
    const Isa *isa;
    EmitOptions options;
    Arena *arena;
    Error err;
    int stale;
    LIST(const char *) written; // all outputs, for the depfile
} Job;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool make_directories(Arena *a, const char *dir, Error *err)
{
    char *path = arena_copy(a, dir, strlen(dir));
    for (char *at = path + 1; *path && *at; at++) {
        if (*at != '/')
            continue;
        *at = 0;
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return fail(err, "%s: %s", path, strerror(errno));
        *at = '/';
    }
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return fail(err, "%s: %s", path, strerror(errno));
    return true;
}

static bool write_one(Job *job, const Emitter *emitter, const char *name)
{
    char *file = arena_format(job->arena, emitter->file, name);
    char *path = arena_format(job->arena, "%s/%s", job->request->dir, file);
    Writer w = { 0 };
    emitter->emit(job->isa, &job->options, &w);
    bool good = true;
    if (job->request->is_check) {
        if (!writer_matches(&w, path)) {
            fprintf(stderr, "lc3gen: %s is not up to date\n", path);
            job->stale++;
        }
    } else {
        good = writer_save_changed(&w, path, &job->err);
    }
    writer_free(&w);
    LIST_ADD(job->arena, &job->written, path);
    return good;
}

static const char *dialect_prefix(Job *job, int dialect)
{
    const Request *q = job->request;
    if (q->prefix && q->dialect)
        return q->prefix;
    if (!job->isa->dialects.count)
        return job->options.machine;
    return arena_format(job->arena, "%s_%.*s", job->options.machine,
                        TEXT(job->isa->dialects.at[dialect].name));
}

static void set_dialect(Job *job, int dialect)
{
    job->options.dialect = dialect;
    job->options.prefix = dialect_prefix(job, dialect);
}

static bool write_emitter(Job *job, const Emitter *emitter)
{
    const int only = job->request->dialect ? isa_find_dialect(job->isa, text_of(job->request->dialect)) : -1;
    if (!emitter->per_dialect) {
        set_dialect(job, only >= 0 ? only : isa_default_dialect(job->isa));
        return write_one(job, emitter, job->options.machine);
    }
    const int count = job->isa->dialects.count ? (int)job->isa->dialects.count : 1;
    for (int d = 0; d < count; d++) {
        if (only >= 0 && d != only)
            continue;
        set_dialect(job, d);
        if (!write_one(job, emitter, job->options.prefix))
            return false;
    }
    return true;
}

static Text next_word(const char **list)
{
    const size_t len = strcspn(*list, ",");
    const Text word = { *list, len };
    *list += len + ((*list)[len] == ',');
    return word;
}

static bool is_named(const char *list, const char *name)
{
    while (list && *list)
        if (text_is(next_word(&list), name))
            return true;
    return false;
}

static bool is_possible(const Isa *isa, const Emitter *emitter)
{
    return (!(emitter->needs & NEEDS_WORDS) || isa->word_bits) &&
           (!(emitter->needs & NEEDS_LAZY) || isa->lazies.count == 1) &&
           (!(emitter->needs & NEEDS_STACK) || isa->code);
}

static void check_emit_list(const Job *job)
{
    const char *list = job->request->emit;
    while (list && *list) {
        const Text word = next_word(&list);
        const char *name = arena_copy(job->arena, word.at, word.len);
        bool is_known = false, can_be = false;
        for (const Emitter *e = emitters; e->name; e++)
            if (text_is(word, e->name)) {
                is_known = true;
                can_be |= is_possible(job->isa, e);
            }
        if (!is_known)
            usage("--emit: nothing is called '%s'", name);
        if (!can_be)
            usage("--emit: '%s' cannot be made for this machine", name);
    }
}

static bool has_fuse(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->fuses.count; i++)
        if (text_same(isa->fuses.at[i]->name, name))
            return true;
    return false;
}

static void choose_fuses(Job *job)
{
    const char *list = job->request->fuse;
    job->options.fuse = !list || strcmp(list, "none") != 0;
    if (!list || !job->options.fuse || strcmp(list, "all") == 0)
        return;
    while (*list) {
        const Text word = next_word(&list);
        if (!has_fuse(job->isa, word))
            usage("--fuse: the description has no '%s'", arena_copy(job->arena, word.at, word.len));
        LIST_ADD(job->arena, &job->options.fuses, word);
    }
}

static bool is_c_name(const char *name)
{
    for (const char *at = name; *at; at++)
        if (!((*at | 32) >= 'a' && (*at | 32) <= 'z') && *at != '_' &&
            !(at > name && *at >= '0' && *at <= '9'))
            return false;
    return *name != 0;
}

static void prepare(Job *job)
{
    const Request *q = job->request;
    const char *name = arena_copy(job->arena, job->isa->name.at, job->isa->name.len);
    if (q->dialect && isa_find_dialect(job->isa, text_of(q->dialect)) < 0)
        usage("the description has no dialect '%s'", q->dialect);
    if (q->prefix && !is_c_name(q->prefix))
        usage("--prefix: '%s' cannot begin a C name", q->prefix);
    job->options = (EmitOptions){ .source = base_name(q->file),
                                  .machine = q->prefix && !q->dialect ? q->prefix : name,
                                  .dispatch = q->dispatch,
                                  .decode = q->decode,
                                  .flags = q->flags };
    choose_fuses(job);
    check_emit_list(job);
}

static bool write_depfile(Job *job)
{
    Writer w = { 0 };
    for (size_t i = 0; i < job->written.count; i++)
        write_format(&w, "%s%s", i ? " " : "", job->written.at[i]);
    write_format(&w, ": %s\n", job->request->file);
    const bool good = writer_save(&w, job->request->depfile, &job->err);
    writer_free(&w);
    return good;
}

static bool is_wanted(const Job *job, const Emitter *e)
{
    const Request *q = job->request;
    const bool is_named_or_all =
        q->emit ? is_named(q->emit, e->name) : q->command != COMMAND_DOCS || e->is_doc;
    return is_named_or_all && is_possible(job->isa, e);
}

static bool can_write(const Job *job)
{
    for (const Emitter *e = emitters; e->name; e++)
        if (is_wanted(job, e))
            return true;
    return false;
}

EmitOptions files_options(const Request *request, const Isa *isa, Arena *a)
{
    Job job = { .request = request, .isa = isa, .arena = a };
    prepare(&job);
    set_dialect(&job, request->dialect ? isa_find_dialect(isa, text_of(request->dialect))
                                       : isa_default_dialect(isa));
    return job.options;
}

static int write_all(Job *job)
{
    const Request *q = job->request;
    prepare(job);
    if (!can_write(job))
        die("nothing can be made for this machine");
    if (!q->is_check && !make_directories(job->arena, q->dir, &job->err))
        die(job->err.text);
    for (const Emitter *e = emitters; e->name; e++)
        if (is_wanted(job, e) && !write_emitter(job, e))
            die(job->err.text);
    if (q->depfile && !write_depfile(job))
        die(job->err.text);
    return job->stale ? 1 : 0;
}

int files_write(const Request *request, const Isa *isa, Arena *a)
{
    Job job = { .request = request, .isa = isa, .arena = a };
    return write_all(&job);
}
