// interp_bench.c -- nanoseconds per instruction of every generated engine.
//
//   interp_bench [--instructions=N] [--repeat=N] [--filter=TEXT] PROG.obj...
//
// Each program runs N instructions (default 40 million; less when it halts) on each
// engine, REPEAT times in turn, and the median and the best are shown.  All engines must end in
// the same registers and memory.  The last line is the geometric mean; the ratio
// is against the plain engine: switch, raw decode, eager codes.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test_machine.h"

enum { MAX_ENGINES = 64, MAX_REPEAT = 15 };

// The processor's own time: other processes do not count.
static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// A classic object: its origin, then its words, high byte first.
static bool load(const char *path, uint16_t *memory, uint16_t *origin)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return false;
    int high, low;
    bool first = true;
    uint16_t at = 0;
    while ((high = fgetc(in)) != EOF && (low = fgetc(in)) != EOF) {
        const uint16_t word = (uint16_t)(high << 8 | low);
        if (first)
            at = *origin = word;
        else
            memory[at++] = word;
        first = false;
    }
    fclose(in);
    return !first;
}

static uint64_t checksum(const Lc3State *s)
{
    uint64_t sum = s->instructions;
    for (int i = 0; i < 8; i++)
        sum = sum * 31 + s->R[i];
    sum = sum * 31 + s->PC;
    sum = sum * 31 + s->PSR;
    for (int i = 0; i < TEST_WORDS; i++)
        sum = sum * 31 + s->M[i];
    return sum;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static TestMachine machine;

static double run_once(const TestDialect *d, const Lc3Engine *e, const TestStart *start, uint64_t budget,
                       uint64_t *sum)
{
    machine_start(&machine, d, start);
    const double before = now_ns();
    e->run(&machine.s, budget);
    const double took = now_ns() - before;
    *sum = checksum(&machine.s);
    return took / (double)machine.s.instructions;
}

int main(int argc, char **argv)
{
    const TestDialect d = test_dialect(0);
    uint64_t budget = 40000000;
    int repeat = 5, programs = 0;
    const char *filter = "";
    double logs[MAX_ENGINES] = { 0 }, bests[MAX_ENGINES] = { 0 };
    bool chosen[MAX_ENGINES];
    char names[MAX_ENGINES][64];
    int plain = -1;
    for (int i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strncmp(argv[i], "--instructions=", 15) == 0)
            budget = strtoull(argv[i] + 15, NULL, 10);
        else if (strncmp(argv[i], "--repeat=", 9) == 0)
            repeat = atoi(argv[i] + 9) > MAX_REPEAT ? MAX_REPEAT : atoi(argv[i] + 9);
        else if (strncmp(argv[i], "--filter=", 9) == 0)
            filter = argv[i] + 9;
    }
    for (int k = 0; k < d.engine_count; k++) {
        const Lc3Engine *e = &d.engines[k];
        snprintf(names[k], sizeof names[k], "%s %s %s%s", e->dispatch, e->decode, e->flags,
                 e->fused ? " fused" : "");
        if (strcmp(names[k], "switch raw eager") == 0)
            plain = k;
        chosen[k] = strstr(names[k], filter) || k == plain || k == 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0)
            continue;
        static uint16_t memory[TEST_WORDS];
        memset(memory, 0, sizeof memory);
        TestStart start = { .PSR = 0x8002, .SSP = 0x3000, .native = 1, .quiet = true, .memory = memory };
        if (!load(argv[i], memory, &start.PC)) {
            fprintf(stderr, "%s: not an object\n", argv[i]);
            return 2;
        }
        static double took[MAX_ENGINES][MAX_REPEAT];
        uint64_t wanted = 0;
        for (int r = 0; r < repeat; r++)
            for (int k = 0; k < d.engine_count; k++) {
                uint64_t sum;
                if (!chosen[k])
                    continue;
                took[k][r] = run_once(&d, &d.engines[k], &start, budget, &sum);
                if (wanted && sum != wanted) {
                    fprintf(stderr, "%s: %s ends in another state\n", argv[i], names[k]);
                    return 1;
                }
                wanted = sum;
            }
        const char *slash = strrchr(argv[i], '/');
        printf("%s, %llu instructions\n", slash ? slash + 1 : argv[i],
               (unsigned long long)machine.s.instructions);
        for (int k = 0; k < d.engine_count; k++) {
            if (!chosen[k])
                continue;
            qsort(took[k], (size_t)repeat, sizeof **took, by_value);
            logs[k] += log(took[k][repeat / 2]);
            bests[k] += log(took[k][0]);
            printf("  %-28s %6.3f ns, at best %6.3f\n", names[k], took[k][repeat / 2], took[k][0]);
        }
        programs++;
    }
    if (!programs)
        return 2;
    printf("geometric mean of %d programs\n", programs);
    for (int k = 0; k < d.engine_count; k++)
        if (chosen[k])
            printf("  %-28s %6.3f ns %5.2fx, at best %6.3f ns %5.2fx\n", names[k], exp(logs[k] / programs),
                   exp((logs[plain] - logs[k]) / programs), exp(bests[k] / programs),
                   exp((bests[plain] - bests[k]) / programs));
    return 0;
}
