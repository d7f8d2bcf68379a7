// How long one run of a program takes, stacks and all, with each interpreter.
//
//   bench PROGRAM ARGUMENT [REPEATS]
//
// Prints the best of 2000 batches, in ns a run and ns an instruction, and the number on
// top of the stack as a checksum.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "svm_machine.h"

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void reset(StackMachine *m, int64_t argument)
{
    m->sp = m->base;
    *m->sp++ = (StackValue){ argument, SVM_TAG_Num };
    for (int i = 1; i < m->table->stack_count; i++)
        m->raw[i].top = m->raw[i].base;
    m->ip = 0;
    m->instructions = 0;
}

int main(int argc, char **argv)
{
    Arena arena = { 0 };
    Error err;
    Source source;
    StackProgram program;
    Diag diag = { .arena = &arena };
    if (argc < 3 || !source_read(&source, &arena, argv[1], &err) ||
        stack_read(&program, &svm_table, &source, (StackReading){ .is_program = true }, &arena, &diag) >= 0) {
        puts("usage: bench PROGRAM ARGUMENT [REPEATS]");
        return 2;
    }
    const int repeats = argc > 3 ? atoi(argv[3]) : 20;
    for (int i = 0; i < svm_kind.engine_count; i++) {
        StackMachine m;
        double best = 1e18;
        if (!stack_machine_init(&m, &svm_kind, &program, &err))
            return 2;
        for (int batch = 0; batch < 2000; batch++) {
            const double begin = now_ns();
            for (int k = 0; k < repeats; k++) {
                reset(&m, atoll(argv[2]));
                svm_kind.engines[i].run(&m, INT64_MAX);
            }
            const double each = (now_ns() - begin) / repeats;
            best = each < best ? each : best;
        }
        printf("%-8s %10.1f ns a run, %5.2f ns an instruction, %" PRIu64 " instructions, leaves %" PRId64
               "\n",
               svm_kind.engines[i].dispatch, best, best / (double)m.instructions, m.instructions, m.sp[-1].n);
        stack_machine_free(&m);
    }
    arena_free(&arena);
    return 0;
}
