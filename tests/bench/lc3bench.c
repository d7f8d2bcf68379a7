// lc3bench -- what is how fast, side by side.
#include "bench.h"
#include "compare.h"
#include "html.h"
#include "parts.h"
#include "base/standard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const Suite *const suites[] = { &suite_asm, &suite_auto,    &suite_bus,     &suite_engines,
                                       &suite_matrix, &suite_metrics, &suite_nic, &suite_tail,
                                       &suite_svm };
enum { SUITES = sizeof suites / sizeof *suites };

static void print_help(void)
{
    printf("usage: lc3bench [options]\n"
           "       lc3bench compare OLD.json NEW.json\n"
           "\n"
           "Measures each case several times in turn with all its rivals, checks every\n"
           "result, and prints medians of CPU time.  A run is %d processes, one after the\n"
           "other.\n"
           "\n"
           "  --filter=S       only cases whose name holds S\n"
           "  --matrix=AXES    only the generated interpreters, all of them along these axes:\n"
           "                   dispatch, decode, flags, fuse, compiler\n"
           "  --repetitions=N  of each measurement in each process, 101 at most\n"
           "                   (3 and more, until enough of them were not disturbed)\n"
           "  --json=F         all that was measured, for a script or for `compare`\n"
           "  --html=F         the same as a page with plots\n"
           "  --full           programs at full size: a second and more in the interpreter\n"
           "  --help --version\n"
           "\n"
           "compare prints what changed beyond noise.  Exit code: 0 nothing did, 1 something\n"
           "did, 2 the files cannot be compared.  Otherwise 1: a result was wrong.\n"
           "\n"
           "suites\n",
           PARTS);
    for (int i = 0; i < SUITES; i++)
        printf("  %-16s %s\n", suites[i]->name, suites[i]->help);
}

static const char *value_of(const char *name, int argc, char **argv, int *i)
{
    const size_t len = strlen(name);
    if (strncmp(argv[*i], name, len))
        return NULL;
    if (argv[*i][len] == '=')
        return argv[*i] + len + 1;
    return !argv[*i][len] && *i + 1 < argc ? argv[++*i] : NULL;
}

static int usage(const char *argument)
{
    fprintf(stderr, "lc3bench: %s: not an option, or without its value (see --help)\n", argument);
    return 2;
}

static int complain(const Error *err)
{
    fprintf(stderr, "lc3bench: %s\n", err->text);
    return 2;
}

static int compare_files(int argc, char **argv)
{
    Writer w = { 0 };
    Error err;
    if (argc != 4)
        return usage(argv[1]);
    const int code = compare(argv[2], argv[3], &w, &err);
    if (code == 2)
        complain(&err);
    else
        fwrite(w.at, 1, w.len, stdout);
    writer_free(&w);
    return code;
}

static bool save(const Record *r, void (*write)(const Record *r, Writer *w), const char *path, Error *err)
{
    if (!path)
        return true;
    Writer w = { 0 };
    write(r, &w);
    const bool is_saved = writer_save(&w, path, err);
    writer_free(&w);
    return is_saved;
}

// Found out before the minutes of measuring, not after them.
static bool check_writable(const char *path, Error *err)
{
    if (!path || !strcmp(path, "-"))
        return true;
    const bool was_there = !access(path, F_OK);
    FILE *out = fopen(path, "ab");
    if (!out)
        return fail(err, "%s: %s", path, strerror(errno));
    fclose(out);
    if (!was_there)
        unlink(path);
    return true;
}

static int run_suites(Bench *b, const char *json, const char *html, int argc, char **argv)
{
    Error err;
    if (!check_writable(json, &err) || !check_writable(html, &err))
        return complain(&err);
    record_begin(&b->record, b->arena);
    for (int i = 0; i < SUITES; i++) {
        if ((suites[i] == &suite_matrix) == !b->matrix)
            continue;
        if (!suites[i]->run(b, &err))
            return complain(&err);
    }
    if (b->part == 0 && !parts_run(b, argv, argc, &err))
        return complain(&err);
    for (int i = 0; i < SUITES; i++)
        suites[i]->print(b);
    record_end(&b->record);
    if (!save(&b->record, record_write, json, &err) || !save(&b->record, html_write, html, &err))
        return complain(&err);
    return b->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    standard_open("lc3bench");
    Arena arena = { 0 };
    Bench b = { .arena = &arena, .case_seconds = 2.5, .has_progress = isatty(STDERR_FILENO) };
    const char *json = NULL, *html = NULL;
    if (argc > 1 && !strcmp(argv[1], "compare"))
        return compare_files(argc, argv);
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (!strcmp(argv[i], "--help")) {
            print_help();
            return 0;
        }
        if (!strcmp(argv[i], "--version")) {
            printf("lc3bench " LC3_VERSION "\n");
            return 0;
        }
        if ((value = value_of("--filter", argc, argv, &i)))
            b.filter = value;
        else if ((value = value_of("--repetitions", argc, argv, &i)) && atoi(value) > 0)
            b.repetitions = atoi(value);
        else if ((value = value_of("--part", argc, argv, &i)) && atoi(value) > 0 && atoi(value) < PARTS)
            b.part = atoi(value);
        else if ((value = value_of("--html", argc, argv, &i)))
            html = value;
        else if ((value = value_of("--matrix", argc, argv, &i)))
            b.matrix = value;
        else if ((value = value_of("--json", argc, argv, &i)))
            json = value;
        else if (!strcmp(argv[i], "--full"))
            b.is_full = true;
        else
            return usage(argv[i]);
    }
    const int status = run_suites(&b, json, html, argc, argv);
    arena_free(&arena);
    return status;
}
