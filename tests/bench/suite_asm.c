// The assembler: lines per second on a large source, and the start of lc3as beside
// that of a program that does nothing.
//
// The source has 20,000 lines, 2,000 labels, every kind of operand, and nothing to
// complain about.  Each repetition assembles it in this process, from text to
// words in memory: "words" without looking for what is suspicious, "lc3as" as the
// command does it.  Then the command itself, from its start to its exit, with the
// files it writes and the memory it takes.
#include "bench.h"

#include "assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GROUPS = 667, GROUP_LINES = 30, STARTS = 20 };

// %1$d is the group, %2$d the next, %3$d a small number.
static const char group[] = "CODE_%1$d\tADD\tR1, R2, R3\n"
                            "\tAND\tR0, R0, #-%3$d\n"
                            "\tNOT\tR4, R5\t\t; the complement\n"
                            "\tLD\tR2, DATA_%1$d\n"
                            "\tLDR\tR3, R6, #%3$d\n"
                            "\tBRnp\tCODE_%1$d\n"
                            "\tLEA\tR0, DATA_%1$d\n"
                            "\tTRAP\tx21\n"
                            "\tSTR\tR3, R6, #-1\t; and back\n"
                            "\tST\tR2, DATA_%1$d\n"
                            "\tADD\tR1, R1, x%3$X\n"
                            "\tBRz\tTAIL_%1$d\n"
                            "\tLDI\tR2, DATA_%1$d\n"
                            "\tSTI\tR2, DATA_%1$d\n"
                            "\tPUTS\n"
                            "\n"
                            "; A line of words that say what comes next.\n"
                            "TAIL_%1$d\tAND\tR7, R7, #0\n"
                            "\tADD\tR7, R7, b101\n"
                            "\tADD\tR5, R4, R3\n"
                            "\tBRn\tCODE_%1$d\n"
                            "\tADD\tR6, R6, #1\n"
                            "\tNOT\tR0, R1\n"
                            "\tAND\tR1, R0, R2\n"
                            "\tADD\tR3, R1, #%3$d\n"
                            "\tLDR\tR1, R3, #0\n"
                            "\tBR\tCODE_%2$d\n"
                            "DATA_%1$d\t.FILL\tx%3$X\n"
                            "\t.FILL\tCODE_%1$d\n"
                            "\t.BLKW\t2\n";

static Source make_source(Arena *a)
{
    char *text = arena_alloc(a, GROUPS * (sizeof group + 400), 1), *at = text;
    at += sprintf(at, "\t.ORIG\tx3000\n");
    for (int i = 0; i < GROUPS; i++)
        at += sprintf(at, group, i, (i + 1) % GROUPS == 0 ? i : i + 1, i % 10 + 1);
    at += sprintf(at, "\t.END\n");
    Source source;
    source_init(&source, a, "bench.asm", text, (size_t)(at - text));
    return source;
}

typedef struct {
    const Source *source;
    AssembleOptions options;
    uint32_t words; // expected
} Case;

static bool measure_lines(void *user, double *seconds, uint64_t *count, Error *err)
{
    const Case *c = user;
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    Object obj;
    const double begin = bench_cpu_seconds();
    const bool good = assemble_sources(&obj, &arena, &c->source, 1, &c->options, &diag);
    *seconds = bench_cpu_seconds() - begin;
    *count = c->source->lines.count - 1;
    const bool is_right = good && diag.list.count == 0 && obj.segments[0].count == c->words;
    if (!is_right)
        fail(err, "the source: %s", diag.list.count ? diag.list.at[0].text : "wrong number of words");
    arena_free(&arena);
    return is_right;
}

// ------------------------------------------------------------------- starting

typedef struct {
    char *program;
    char *source, *output;
    uint64_t count; // what one run is counted as
    int starts;
    long peak_kilobytes; // of the largest run
} Start;

// A whole process, from its start to its exit.
static bool start_once(Start *s, Error *err)
{
    extern char **environ;
    char *arguments[] = { s->program, "-o", s->output, s->source, NULL };
    pid_t child;
    int status;
    struct rusage usage;
    const int failure = posix_spawn(&child, s->program, NULL, NULL, arguments, environ);
    if (failure)
        return fail(err, "%s: %s", s->program, strerror(failure));
    if (wait4(child, &status, 0, &usage) < 0 || status != 0)
        return fail(err, "%s ended with %d", s->program, status);
    if (usage.ru_maxrss > s->peak_kilobytes)
        s->peak_kilobytes = usage.ru_maxrss;
    return true;
}

static bool measure_start(void *user, double *seconds, uint64_t *count, Error *err)
{
    Start *s = user;
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < s->starts; i++)
        if (!start_once(s, err))
            return false;
    clock_gettime(CLOCK_MONOTONIC, &end);
    *seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
    *count = (uint64_t)s->starts * s->count;
    return true;
}

static bool write_source(char *path, const char *text, size_t size, Error *err)
{
    const int file = mkstemps(path, 4);
    const bool is_written = file >= 0 && write(file, text, size) == (ssize_t)size;
    if (!is_written)
        fail(err, "%s: %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    return is_written;
}

static const char small_text[] =
    ".ORIG x3000\nLEA R0, TEXT\nPUTS\nLD R1, COUNT\nNEXT ADD R1, R1, #-1\nBRp NEXT\nHALT\n"
    "COUNT .FILL #10\nTEXT .STRINGZ \"hello\"\n.END\n";

static double memory_per_byte; // of the command on the large source

// The command on the large source; its files lie beside the source.
static bool run_command(Bench *b, const Source *source, Error *err)
{
    char path[] = "/tmp/lc3benchXXXXXX.asm", output[sizeof path];
    if (!write_source(path, source->at, source->size, err))
        return false;
    snprintf(output, sizeof output, "%.*s.obj", (int)sizeof path - 5, path);
    Start command = { BENCH_LC3AS, path, output, source->lines.count - 1, 1, 0 };
    const Subject subjects[] = { { "lc3as", measure_start, &command, BENCH_WALL } };
    bench_case(b, "asm", "asm-command", "line", subjects, 1);
    memory_per_byte = (double)command.peak_kilobytes * 1024 / source->size;
    for (const char *const *end = (const char *const[]){ "asm", "obj", "sym", "dbg", NULL }; *end; end++) {
        memcpy(path + sizeof path - 4, *end, 3);
        unlink(path);
    }
    return true;
}

static bool run_starts(Bench *b, Error *err)
{
    char path[] = "/tmp/lc3benchXXXXXX.asm";
    if (!write_source(path, small_text, sizeof small_text - 1, err))
        return false;
    Start empty = { BENCH_EMPTY, path, "/dev/null", 1, STARTS, 0 }, lc3as = empty;
    lc3as.program = BENCH_LC3AS;
    const Subject subjects[] = { { "empty", measure_start, &empty, BENCH_WALL },
                                 { "lc3as", measure_start, &lc3as, BENCH_WALL } };
    bench_case(b, "asm", "asm-start", "start", subjects, 2);
    unlink(path);
    return true;
}

static bool run_asm(Bench *b, Error *err)
{
    if (bench_wants(b, "asm")) {
        const Source source = make_source(b->arena);
        Case words = { &source, { .is_unchecked = true }, GROUPS * (GROUP_LINES - 1) };
        Case all = { &source, { 0 }, GROUPS * (GROUP_LINES - 1) };
        const Subject subjects[] = { { "words", measure_lines, &words }, { "lc3as", measure_lines, &all } };
        bench_case(b, "asm", "asm", "line", subjects, 2);
    }
    if (bench_wants(b, "asm-command")) {
        const Source source = make_source(b->arena);
        if (!run_command(b, &source, err))
            return false;
    }
    if (bench_wants(b, "asm-start"))
        return run_starts(b, err);
    return true;
}

static void print_asm(const Bench *b)
{
    const Result *words = bench_find(b, "asm", "asm", "words"), *all = bench_find(b, "asm", "asm", "lc3as");
    const Result *command = bench_find(b, "asm", "asm-command", "lc3as");
    const Result *empty = bench_find(b, "asm", "asm-start", "empty"),
                 *start = bench_find(b, "asm", "asm-start", "lc3as");
    if (words && all)
        printf("assembler  %.2f M lines/s, words alone %.2f M lines/s\n",
               (double)all->count / all->seconds * 1e-6, (double)words->count / words->seconds * 1e-6);
    if (command)
        printf("command    %.2f M lines/s from start to exit, all files written, %.0f bytes of memory per "
               "byte of source\n",
               (double)command->count / command->seconds * 1e-6, memory_per_byte);
    if (empty && start)
        printf("start      %.2f ms, %.2f times an empty program\n", start->seconds * 1e3 / STARTS,
               start->seconds / empty->seconds);
}

const Suite suite_asm = { "asm", "the assembler: lines per second, and its start", run_asm, print_asm };
