// How long one run of a program takes, stacks and all, with each engine.
//
//   bench PROGRAM ARGUMENT [REPEATS]
//
// Prints the best of 2000 batches, in ns a run and ns an instruction, and the number on
// top of the stack as a checksum.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stack_jit.h"
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

typedef struct {
    StackMachine m;
    const StackEngine *engine; // NULL: the JIT
    StackJit *jit;
} Subject;

static void run_once(Subject *s, int64_t argument)
{
    reset(&s->m, argument);
    (s->jit ? stack_jit_run : s->engine->run)(&s->m, INT64_MAX);
}

static void measure(Subject *s, const char *name, int64_t argument, int repeats)
{
    double best = 1e18;
    for (int batch = 0; batch < 2000; batch++) {
        const double begin = now_ns();
        for (int k = 0; k < repeats; k++)
            run_once(s, argument);
        const double each = (now_ns() - begin) / repeats;
        best = each < best ? each : best;
    }
    printf("%-8s %10.1f ns a run, %5.2f ns an instruction, %" PRIu64 " instructions, leaves %" PRId64 "\n", name,
           best, best / (double)s->m.instructions, s->m.instructions, s->m.sp[-1].n);
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
    const StackJitOptions options = { .way = STACK_JIT_NOW, .interpreter = &svm_kind.engines[0] };
    for (int i = 0; i <= svm_kind.engine_count; i++) {
        Subject s = { .engine = i < svm_kind.engine_count ? &svm_kind.engines[i] : NULL };
        if (!s.engine && !(s.jit = stack_jit_open(&svm_kind, &options, &err))) {
            puts(err.text);
            break;
        }
        if (!stack_machine_init(&s.m, &svm_kind, &program, &err))
            return 2;
        if (s.jit)
            stack_jit_attach(s.jit, &s.m);
        measure(&s, s.engine ? s.engine->dispatch : "jit", atoll(argv[2]), repeats);
        if (s.jit) {
            const StackJitCounts c = stack_jit_counts(s.jit);
            printf("         %" PRIu64 " units of %" PRIu64 " words, %.2f ms%s%s\n", c.units, c.words,
                   (double)c.compile_ns * 1e-6, stack_jit_error(s.jit) ? ": " : "",
                   stack_jit_error(s.jit) ? stack_jit_error(s.jit) : "");
            stack_jit_close(s.jit);
        }
        stack_machine_free(&s.m);
    }
    arena_free(&arena);
    return 0;
}
