// lc3as -- LC-3 source to object files.
#include "format.h"
#include "listing.h"
#include "module_open.h"
#include "options.h"
#include "base/standard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EXIT_GOOD, EXIT_SOURCE, EXIT_USAGE };

typedef struct {
    Options options;
    Arena arena;
    Diag diag;
    int status;
} Run;

static void worse(Run *r, int status)
{
    if (status > r->status)
        r->status = status;
}

// Something that is not the source's fault.
static void report(Run *r, const Error *err)
{
    diag_error(&r->diag, (Span){ 0 }, "%s", err->text);
    worse(r, EXIT_USAGE);
}

// ------------------------------------------------------------------- outputs

// The other files of a program lie beside its object, if that is a file.
static bool has_beside(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && (stat(path, &st) != 0 || S_ISREG(st.st_mode));
}

static bool save(Run *r, Writer *w, const char *path)
{
    Error err;
    const bool good = writer_save(w, path, &err);
    if (!good)
        report(r, &err);
    writer_free(w);
    return good;
}

static const char *extension(ObjectFormat format)
{
    static const char *const names[] = { ".obj", ".obj", ".bin", ".hex", ".c" };
    return names[format];
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return strcmp(a, b) == 0 ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

static bool is_source(const Object *obj, const char *path)
{
    for (size_t i = 0; i < obj->file_count; i++)
        if (same_file(obj->files[i], path))
            return true;
    return false;
}

// Writes one of the files of a program, unless that would overwrite a source.
static bool save_output(Run *r, const Object *obj, Writer *w, const char *path)
{
    if (strcmp(path, "-") == 0 || !is_source(obj, path))
        return save(r, w, path);
    Error err;
    fail(&err, "%s: this would overwrite the source; name the output with -o", path);
    report(r, &err);
    writer_free(w);
    return false;
}

static void save_program(Run *r, const Object *obj, const char *source)
{
    const Options *o = &r->options;
    const char *path = o->output ? o->output : object_path(&r->arena, source, extension(o->format));
    const bool is_beside = has_beside(path);
    Writer object = { 0 }, symbols = { 0 }, debug = { 0 }, listing = { 0 };
    object_write(&object, obj, o->format);
    if (!save_output(r, obj, &object, path))
        return;
    object_write_symbols(&symbols, obj);
    if (o->symbols || is_beside)
        save_output(r, obj, &symbols, o->symbols ? o->symbols : object_path(&r->arena, path, ".sym"));
    object_write_debug(&debug, obj);
    if (is_beside)
        save_output(r, obj, &debug, object_path(&r->arena, path, ".dbg"));
    if (o->has_listing) {
        listing_write(&listing, obj);
        save_output(r, obj, &listing,
                    o->listing  ? o->listing
                    : is_beside ? object_path(&r->arena, path, ".lst")
                                : "-");
    }
    writer_free(&symbols);
    writer_free(&debug);
}

// ------------------------------------------------------------------ assembly

static void assemble_one(Run *r, const char *path)
{
    Object obj;
    Error err = { { 0 } };
    if (assemble_file(&obj, &r->arena, path, &r->options.assemble, &r->diag, &err))
        save_program(r, &obj, path);
    else if (*err.text)
        report(r, &err);
    else
        worse(r, EXIT_SOURCE);
}

static void assemble_together(Run *r)
{
    const Options *o = &r->options;
    const Source **sources = arena_array(&r->arena, const Source *, o->file_count);
    bool good = true;
    for (int i = 0; i < o->file_count; i++) {
        Source *source = arena_new(&r->arena, Source);
        Error err;
        if (!source_read(source, &r->arena, o->files[i], &err)) {
            report(r, &err);
            good = false;
        }
        sources[i] = source;
    }
    Object obj;
    if (!good)
        return;
    if (assemble_sources(&obj, &r->arena, sources, (size_t)o->file_count, &o->assemble, &r->diag))
        save_program(r, &obj, o->files[0]);
    else
        worse(r, EXIT_SOURCE);
}

// ---------------------------------------------------------------- formatting

static bool same_words(const Object *a, const Object *b)
{
    if (a->segment_count != b->segment_count)
        return false;
    for (size_t i = 0; i < a->segment_count; i++) {
        const ObjectSegment *x = &a->segments[i], *y = &b->segments[i];
        if (x->origin != y->origin || x->count != y->count ||
            memcmp(x->words, y->words, x->count * sizeof *x->words))
            return false;
    }
    return true;
}

// Lays a source out, and makes sure that it still says the same.
static void format_file(Run *r)
{
    const char *path = r->options.files[0];
    AssembleOptions options = r->options.assemble;
    options.is_unchecked = options.is_draft = true;
    Source *source = arena_new(&r->arena, Source);
    Error err;
    if (!source_read(source, &r->arena, path, &err)) {
        report(r, &err);
        return;
    }
    Object before, after;
    if (!assemble_sources(&before, &r->arena, (const Source *const *)&source, 1, &options, &r->diag)) {
        worse(r, EXIT_SOURCE);
        return;
    }
    Writer out = { 0 };
    format_source(&out, source, options.isa ? options.isa : &lc3_isa);
    if (!assemble_text(&after, &r->arena, source->name, out.at ? out.at : "", out.len, &options, &r->diag) ||
        !same_words(&before, &after)) {
        fail(&err, "%s: formatting would change its words; it is left as it is", path);
        report(r, &err);
        writer_free(&out);
        return;
    }
    save(r, &out, r->options.output ? r->options.output : "-");
}

// ---------------------------------------------------------------------- main

static bool load_isa(Run *r)
{
    if (!r->options.engine)
        return true;
    Error err;
    const Module *module = module_open(r->options.engine, &err);
    if (!module)
        report(r, &err);
    else
        r->options.assemble.isa = module->isa;
    return module != NULL;
}

static void run(Run *r)
{
    const Options *o = &r->options;
    if (!load_isa(r))
        return;
    if (o->is_format) {
        format_file(r);
    } else if (o->output) {
        if (o->file_count == 1)
            assemble_one(r, o->files[0]);
        else
            assemble_together(r);
    } else {
        for (int i = 0; i < o->file_count; i++)
            assemble_one(r, o->files[i]);
    }
}

static void print_findings(Run *r)
{
    setvbuf(stderr, NULL, _IOFBF, 1 << 16); // a character at a time would be a system call each
    if (r->options.is_json) {
        diag_print_json(&r->diag, stderr);
        return;
    }
    diag_print(&r->diag, stderr, diag_wants_colour(stderr));
    if (r->diag.errors)
        fprintf(stderr, "%d %s, %d %s\n", r->diag.errors, r->diag.errors == 1 ? "error" : "errors",
                r->diag.warnings, r->diag.warnings == 1 ? "warning" : "warnings");
}

static int print_and_exit(Writer *w)
{
    Error err;
    const bool good = writer_save(w, "-", &err);
    if (!good)
        fprintf(stderr, "lc3as: %s\n", err.text);
    writer_free(w);
    return good ? EXIT_GOOD : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    standard_open("lc3as");
    static Run r; // its arena is the system's to free
    Error err;
    r.diag.arena = &r.arena;
    if (!options_parse(&r.options, &r.arena, argc, argv, &err)) {
        fprintf(stderr, "lc3as: %s\nTry lc3as --help.\n", err.text);
        return EXIT_USAGE;
    }
    Writer text = { 0 };
    if (r.options.wants_help)
        write_text(&text, options_usage);
    else if (r.options.wants_version)
        write_text(&text, "lc3as " LC3_VERSION "\n");
    else if (r.options.wants_warnings)
        options_write_warnings(&text);
    if (text.len)
        return print_and_exit(&text);
    run(&r);
    print_findings(&r);
    return r.status;
}
