// lc3gen -- reads a machine description and writes everything that knows the machine.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emit.h"
#include "examples.h"

#ifndef LC3_VERSION
#define LC3_VERSION "unknown"
#endif

const Emitter emitters[] = {
    { "tables", "%s_isa.c", NEEDS_WORDS, false, false, emit_tables_c, "encodings, syntax, roles" },
    { "state", "%s_state.h", NEEDS_WORDS, false, false, emit_state_h, "the machine's state and its hooks" },
    { "semantics", "%s_semantics.c", NEEDS_WORDS, true, false, emit_semantics_c,
      "every instruction over a state at rest" },
    { "interp", "%s_interp.c", NEEDS_WORDS, true, false, emit_interp_c, "the interpreters" },
    { "lower", "%s_lower.c", NEEDS_WORDS | NEEDS_LAZY, true, false, emit_lower_c,
      "every instruction said to LLVM" },
    { "jit", "%s_jit.c", NEEDS_WORDS | NEEDS_LAZY, true, false, emit_jit_c,
      "the machine as the JIT knows it" },
    { "manual", "%s_manual.md", NEEDS_WORDS, false, true, emit_manual_md, "the reference manual" },
    { "tests", "%s_words.c", NEEDS_WORDS, false, false, emit_tests_c, "a test of every instruction word" },
    { "words", "%s_table.c", NEEDS_STACK, false, false, emit_stack_table_c, "a stack machine's words, kinds and errors" },
    { "machine", "%s_machine.c", NEEDS_STACK, false, false, emit_stack_machine_c, "its interpreters" },
    { "hosts", "%s_machine.h", NEEDS_STACK, false, false, emit_stack_machine_h, "its numbers and hosts" },
    { "guide", "%s_manual.md", NEEDS_STACK, false, true, emit_stack_manual_md, "its reference manual" },
    { 0 },
};

static const char help[] =
    "usage: lc3gen [check|emit|docs] [options] FILE.def\n"
    "\n"
    "  lc3gen FILE.def         write everything into ./generated\n"
    "  lc3gen check FILE.def   only check, and run the examples\n"
    "  lc3gen docs FILE.def    write the manual\n"
    "\n"
    "  -o DIR                  where to write (./generated)\n"
    "  --emit=LIST             only these, separated by commas (see below)\n"
    "  --dispatch=LIST         switch, goto, tail or all (all)\n"
    "  --decode=LIST           raw, word, addr or all (all)\n"
    "  --flags=LIST            eager, lazy or all (all)\n"
    "  --fuse=none|all|LIST    superinstructions by name (all)\n"
    "  --dialect=NAME          only this dialect (all)\n"
    "  --prefix=P              of generated names: the machine's name, or with --dialect\n"
    "                          the whole prefix of that dialect's (MACHINE_DIALECT)\n"
    "  --check                 write nothing; exit 1 when a file is not up to date\n"
    "  --depfile=F, -MF F      write what the output depends on, for the build\n"
    "  --json                  findings as JSON on standard output\n"
    "  --help, --version\n"
    "\n"
    "Exit 0 fine, 1 errors in the description or files not up to date, 2 wrong usage or\n"
    "a file that cannot be read or written.\n"
    "\n"
    "What --emit knows:\n";

typedef enum { COMMAND_CHECK, COMMAND_EMIT, COMMAND_DOCS } Command;

typedef struct {
    Command command;
    const char *file, *dir, *depfile;
    const char *emit, *fuse, *dialect, *prefix; // as given, or NULL
    unsigned dispatch, decode, flags;
    bool is_check, is_json;
} Request;

static _Noreturn void usage(const char *format, const char *word)
{
    fputs("lc3gen: ", stderr);
    fprintf(stderr, format, word);
    fputs("\nTry 'lc3gen --help'.\n", stderr);
    exit(2);
}

static _Noreturn void die(const char *message)
{
    fprintf(stderr, "lc3gen: %s\n", message);
    exit(2);
}

// --------------------------------------------------------------- arguments

// One of "switch,goto,tail" as a bit, by its place; 0 when it is none.
static unsigned bit_of(const char *names, Text word)
{
    unsigned bit = 1;
    for (const char *at = names; *at; bit <<= 1) {
        const size_t len = strcspn(at, ",");
        if (text_same((Text){ at, len }, word))
            return bit;
        at += len + (at[len] == ',');
    }
    return 0;
}

static Text next_word(const char **list)
{
    const size_t len = strcspn(*list, ",");
    const Text word = { *list, len };
    *list += len + ((*list)[len] == ',');
    return word;
}

static unsigned strategies(const char *option, const char *names, const char *list)
{
    static char message[128];
    unsigned set = 0;
    const char *at = list;
    if (strcmp(list, "all") == 0)
        return ~0u;
    while (*at) {
        const unsigned bit = bit_of(names, next_word(&at));
        if (!bit) {
            snprintf(message, sizeof message, "%s knows %s and all, not '%%s'", option, names);
            usage(message, list);
        }
        set |= bit;
    }
    if (!set)
        usage("%s needs a value", option);
    return set;
}

static void set_option(Request *q, const char *option, const char *value)
{
    if (strcmp(option, "-o") == 0)
        q->dir = value;
    else if (strcmp(option, "--emit") == 0)
        q->emit = value;
    else if (strcmp(option, "--dispatch") == 0)
        q->dispatch = strategies(option, "switch,goto,tail", value) & DISPATCH_ALL;
    else if (strcmp(option, "--decode") == 0)
        q->decode = strategies(option, "raw,word,addr", value) & DECODE_ALL;
    else if (strcmp(option, "--flags") == 0)
        q->flags = strategies(option, "eager,lazy", value) & FLAGS_ALL;
    else if (strcmp(option, "--fuse") == 0)
        q->fuse = value;
    else if (strcmp(option, "--dialect") == 0)
        q->dialect = value;
    else if (strcmp(option, "--prefix") == 0)
        q->prefix = value;
    else if (strcmp(option, "--depfile") == 0 || strcmp(option, "-MF") == 0)
        q->depfile = value;
    else
        usage("unknown option '%s'", option);
    if (!*value)
        usage("%s needs a value", option);
}

static _Noreturn void print_help(void)
{
    fputs(help, stdout);
    for (const Emitter *e = emitters; e->name; e++)
        printf("  %-10s %-18s %s\n", e->name, e->file, e->help);
    exit(0);
}

static bool is_flag(Request *q, const char *word)
{
    if (strcmp(word, "--check") == 0)
        q->is_check = true;
    else if (strcmp(word, "--json") == 0)
        q->is_json = true;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        print_help();
    else if (strcmp(word, "--version") == 0)
        exit(printf("lc3gen %s\n", LC3_VERSION) < 0);
    else
        return false;
    return true;
}

static void read_word(Request *q, const char *word, bool *has_command)
{
    static const char *const commands[] = { "check", "emit", "docs" };
    for (int i = 0; i < 3; i++)
        if (!*has_command && !q->file && strcmp(word, commands[i]) == 0) {
            q->command = (Command)i;
            *has_command = true;
            return;
        }
    if (q->file)
        usage("one description at a time; '%s' is too much", word);
    q->file = word;
}

static Request read_arguments(int argc, char **argv)
{
    Request q = { .command = COMMAND_EMIT,
                  .dir = "generated",
                  .dispatch = DISPATCH_ALL,
                  .decode = DECODE_ALL,
                  .flags = FLAGS_ALL };
    bool has_command = false, only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *const word = argv[i];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (only_words || word[0] != '-' || strcmp(word, "-") == 0) {
            read_word(&q, word, &has_command);
        } else if (!is_flag(&q, word)) {
            const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
            char option[32];
            snprintf(option, sizeof option, "%.*s", equals ? (int)(equals - word) : 31, word);
            const bool has_next = !equals && i + 1 < argc;
            set_option(&q, option, equals ? equals + 1 : has_next ? argv[++i] : "");
        }
    }
    if (!q.file)
        usage("%s", "no description is given");
    return q;
}

// ------------------------------------------------------------------- files

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
        const Emitter *e = emitters;
        while (e->name && !text_is(word, e->name))
            e++;
        if (!e->name)
            usage("--emit: nothing is called '%s'", arena_copy(job->arena, word.at, word.len));
        if (!is_possible(job->isa, e))
            usage("--emit: '%s' cannot be made for this machine", e->name);
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

static int write_files(Job *job)
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

// -------------------------------------------------------------------- main

static void print_summary(const Isa *isa, const char *file, int examples)
{
    size_t forms = 0;
    for (size_t i = 0; i < isa->forms.count; i++)
        forms += !isa->forms.at[i]->is_reserved;
    printf("%s: %.*s: %zu instructions", file, TEXT(isa->title), isa->insns.count);
    if (forms)
        printf(", %zu forms", forms);
    if (isa->traps)
        printf(", %zu traps", isa->traps->list.count);
    printf(", %d example%s hold%s\n", examples, examples == 1 ? "" : "s", examples == 1 ? "s" : "");
}

static void print_findings(const Request *q, Diag *diag)
{
    if (q->is_json)
        diag_print_json(diag, stdout);
    else
        diag_print(diag, stderr, diag_wants_colour(stderr));
}

int main(int argc, char **argv)
{
    const Request request = read_arguments(argc, argv);
    Arena arena = { 0 };
    Error err;
    Source source;
    Diag diag = { .arena = &arena, .limit = 1000 };
    if (!source_read(&source, &arena, request.file, &err))
        die(err.text);
    Isa *isa = isa_parse(&source, &arena, &diag);
    isa_check(isa, &diag);
    const int examples = diag.errors ? 0 : examples_run(isa, &diag);
    if (diag.errors || request.is_json)
        print_findings(&request, &diag);
    int exit_code = diag.errors ? 1 : 0;
    if (exit_code == 0 && request.command != COMMAND_CHECK) {
        Job job = { .request = &request, .isa = isa, .arena = &arena };
        exit_code = write_files(&job);
    } else if (exit_code == 0 && !request.is_json) {
        print_summary(isa, request.file, examples);
    }
    arena_free(&arena);
    return exit_code;
}
