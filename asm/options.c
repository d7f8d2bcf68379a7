#include "options.h"

#include "warnings.h"

#include <string.h>

const char options_usage[] =
    "lc3as -- assembler for the LC-3\n"
    "\n"
    "    lc3as [options] FILE...\n"
    "\n"
    "FILE.asm becomes FILE.obj, FILE.sym and FILE.dbg.  Several files become an object\n"
    "each, or with -o one linked object.  \"-\" is standard input or output.\n"
    "\n"
    "    -o FILE              write FILE, and the .sym and .dbg beside it\n"
    "    --format=FORMAT      obj (default), lc3tools, bin, hex or c\n"
    "    --sym=F              write the symbol table to F\n"
    "    --listing[=F]        write the source with its words to F (FILE.lst)\n"
    "    --fmt                lay the source out in columns, on standard output or into -o FILE\n"
    "    --diagnostics=HOW    text (default) or json, on standard error\n"
    "    --isa=ENGINE.so      the machine of a module made by lc3gen\n"
    "    --library=DIR        where .EXTERNAL names are looked for ($LC3_LIBRARY)\n"
    "    --strict             the book only: every departure is an error\n"
    "    -WNAME -Wno-NAME     show or hide a warning; -Wall, -Wno-all: all of them\n"
    "    -Werror              warnings are errors\n"
    "    --warnings           list the warnings by name\n"
    "    --help --version\n"
    "\n"
    "Exit status: 0 assembled, 1 errors in the source, 2 wrong usage or a file that cannot be\n"
    "read or written.\n";

void options_write_warnings(Writer *w)
{
    for (int i = 0; i < WARN_COUNT; i++)
        write_format(w, "    %-24s %s%s\n", warning_info[i].name, warning_info[i].text,
                     warning_info[i].is_shown ? "" : " (off)");
}

// The value of a long option "--name": behind '=', or the next argument.
static bool take_value(const char *name, int argc, char **argv, int *i, const char **value, Error *err)
{
    const size_t len = strlen(name);
    if (argv[*i][len] == '=') {
        *value = argv[*i] + len + 1;
    } else {
        if (*i + 1 >= argc)
            return fail(err, "%s needs a value", name);
        *value = argv[++*i];
    }
    return **value || fail(err, "%s needs a value", name);
}

static bool is_option(const char *arg, const char *name)
{
    const size_t len = strlen(name);
    return strncmp(arg, name, len) == 0 && (arg[len] == 0 || arg[len] == '=');
}

static bool set_warning(Options *o, const char *name, Error *err)
{
    const bool is_off = strncmp(name, "no-", 3) == 0;
    const char *plain = is_off ? name + 3 : name;
    if (strcmp(name, "error") == 0) {
        o->assemble.has_fatal_warnings = true;
        return true;
    }
    uint64_t set = UINT64_MAX;
    if (strcmp(plain, "all") != 0) {
        const int warning = warning_find(text_of(plain));
        if (warning < 0) {
            const char *best = NULL;
            int limit = 5;
            for (int i = 0; i < WARN_COUNT; i++) {
                const int distance = text_distance(text_of(plain), text_of(warning_info[i].name), limit);
                if (distance < limit) {
                    limit = distance;
                    best = warning_info[i].name;
                }
            }
            return best ? fail(err, "there is no warning %s; did you mean %s? (--warnings lists all)", plain,
                               best)
                        : fail(err, "there is no warning %s (--warnings lists all)", plain);
        }
        set = WARNING_BIT(warning);
    }
    // The later option wins.
    o->assemble.shown = is_off ? o->assemble.shown & ~set : o->assemble.shown | set;
    o->assemble.hidden = is_off ? o->assemble.hidden | set : o->assemble.hidden & ~set;
    return true;
}

static bool take_long(Options *o, int argc, char **argv, int *i, Error *err)
{
    const char *arg = argv[*i], *value = NULL;
    if (strcmp(arg, "--help") == 0)
        return o->wants_help = true;
    if (strcmp(arg, "--version") == 0)
        return o->wants_version = true;
    if (strcmp(arg, "--strict") == 0)
        return o->assemble.is_strict = true;
    if (strcmp(arg, "--fmt") == 0)
        return o->is_format = true;
    if (strcmp(arg, "--sym") == 0)
        return true; // it is written anyway
    if (strcmp(arg, "--listing") == 0)
        return o->has_listing = true;
    if (is_option(arg, "--sym"))
        return take_value("--sym", argc, argv, i, &o->symbols, err);
    if (is_option(arg, "--listing"))
        return (o->has_listing = true) && take_value("--listing", argc, argv, i, &o->listing, err);
    if (is_option(arg, "--isa"))
        return take_value("--isa", argc, argv, i, &o->engine, err);
    if (is_option(arg, "--library"))
        return take_value("--library", argc, argv, i, &o->assemble.library, err);
    if (is_option(arg, "--format")) {
        if (!take_value("--format", argc, argv, i, &value, err))
            return false;
        return object_format(value, &o->format) ||
               fail(err, "there is no format %s: obj, lc3tools, bin, hex or c", value);
    }
    if (is_option(arg, "--diagnostics")) {
        if (!take_value("--diagnostics", argc, argv, i, &value, err))
            return false;
        o->is_json = strcmp(value, "json") == 0;
        return o->is_json || strcmp(value, "text") == 0 ||
               fail(err, "--diagnostics is text or json, not %s", value);
    }
    return fail(err, "unknown option %s", arg);
}

static bool take_short(Options *o, int argc, char **argv, int *i, Error *err)
{
    const char *arg = argv[*i];
    if (arg[1] == 'W' && arg[2])
        return set_warning(o, arg + 2, err);
    if (strcmp(arg, "-h") == 0)
        return o->wants_help = true;
    if (arg[1] != 'o')
        return fail(err, "unknown option %s", arg);
    if (arg[2])
        o->output = arg + 2;
    else if (*i + 1 < argc)
        o->output = argv[++*i];
    return (o->output && *o->output) || fail(err, "-o needs a file");
}

static bool check(const Options *o, Error *err)
{
    if (o->wants_help || o->wants_version || o->wants_warnings)
        return true;
    if (o->file_count == 0)
        return fail(err, "no source file given");
    if (o->file_count > 1 && !o->output && (o->symbols || o->listing))
        return fail(err, "--sym=F and --listing=F speak of one object; several files need -o");
    if (o->is_format && o->file_count > 1)
        return fail(err, "--fmt takes one file");
    for (int i = 0; i < o->file_count; i++)
        if (!o->output && !o->is_format && strcmp(o->files[i], "-") == 0)
            return fail(err, "standard input needs -o");
    return true;
}

bool options_parse(Options *o, Arena *a, int argc, char **argv, Error *err)
{
    *o = (Options){ .files = arena_array(a, const char *, (size_t)argc + 1) };
    bool only_files = false;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        bool good = true;
        if (only_files || arg[0] != '-' || arg[1] == 0)
            o->files[o->file_count++] = arg;
        else if (strcmp(arg, "--") == 0)
            only_files = true;
        else if (strcmp(arg, "--warnings") == 0)
            o->wants_warnings = true;
        else if (arg[1] == '-')
            good = take_long(o, argc, argv, &i, err);
        else
            good = take_short(o, argc, argv, &i, err);
        if (!good)
            return false;
    }
    return check(o, err);
}
