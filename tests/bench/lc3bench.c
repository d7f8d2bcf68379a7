// lc3bench -- what is how fast, side by side.
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const Suite *const suites[] = { &suite_asm, &suite_engines, &suite_metrics, &suite_nic };
enum { SUITES = sizeof suites / sizeof *suites };

static void print_help(void)
{
    printf("usage: lc3bench [options]\n"
           "\n"
           "Measures each case several times in turn with all its rivals, checks every\n"
           "result, and prints medians of CPU time.\n"
           "\n"
           "  --filter=S       only cases whose name holds S\n"
           "  --repetitions=N  of each measurement (7 and more, until its interval is narrow)\n"
           "  --json=F         all that was measured, for a script or for `compare`\n"
           "  --full           programs at full size: a second and more in the interpreter\n"
           "  --help --version\n"
           "\n"
           "suites\n");
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

static int run_suites(Bench *b, const char *json)
{
    Error err;
    record_begin(&b->record, b->arena);
    for (int i = 0; i < SUITES; i++) {
        if (!suites[i]->run(b, &err)) {
            fprintf(stderr, "lc3bench: %s\n", err.text);
            return 2;
        }
        suites[i]->print(b);
    }
    record_end(&b->record);
    Writer w = { 0 };
    record_write(&b->record, &w);
    const bool is_written = !json || writer_save(&w, json, &err);
    writer_free(&w);
    if (!is_written) {
        fprintf(stderr, "lc3bench: %s\n", err.text);
        return 2;
    }
    return b->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    Arena arena = { 0 };
    Bench b = { .arena = &arena, .case_seconds = 4, .has_progress = isatty(STDERR_FILENO) };
    const char *json = NULL;
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
        else if ((value = value_of("--json", argc, argv, &i)))
            json = value;
        else if (!strcmp(argv[i], "--full"))
            b.is_full = true;
        else
            return usage(argv[i]);
    }
    const int status = run_suites(&b, json);
    arena_free(&arena);
    return status;
}
