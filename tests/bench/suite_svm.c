// suite_svm.c -- the stack machine: recursion on its engines, and the same in Lua.
//
// fib(10) of examples/svm/fib_no_print.svm, warm, again and again: argument pushed,
// stacks empty, from the first word to `stop`.  Lua and LuaJIT run what one writes in
// Lua, and take the time themselves.  Who is not installed is left out, by name.
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack_jit.h"
#include "svm_machine.h"

enum { ARGUMENT = 10, RESULT = 55, SHORT_RUNS = 10000, LONG_RUNS = 50000 };

// ------------------------------------------------------------------ our own

typedef struct {
    StackMachine machine;
    StackRun *run;
    int runs;
    uint64_t instructions; // of one run
} Own;

static void reset(StackMachine *m)
{
    m->sp = m->base;
    stack_machine_push(m, (StackValue){ ARGUMENT, SVM_TAG_Num });
    for (int i = 1; i < m->table->stack_count; i++)
        m->raw[i].top = m->raw[i].base;
    m->ip = 0;
    m->instructions = 0;
}

static bool measure_own(void *user, double *seconds, uint64_t *count, Error *err)
{
    Own *o = user;
    StackMachine *m = &o->machine;
    int64_t sum = 0;
    Stop stop = STOP_HALT;
    const double begin = bench_cpu_seconds();
    for (int i = 0; i < o->runs && stop == STOP_HALT; i++) {
        reset(m);
        stop = o->run(m, INT64_MAX);
        sum += m->sp[-1].n;
    }
    *seconds = bench_cpu_seconds() - begin;
    *count = (uint64_t)o->runs;
    if (stop != STOP_HALT || m->sp != m->base + 1 || sum != (int64_t)o->runs * RESULT)
        return fail(err, "stopped with %d, the results' sum is %" PRId64, stop, sum);
    if (o->instructions && o->instructions != m->instructions)
        return fail(err, "%" PRIu64 " instructions, not %" PRIu64, m->instructions, o->instructions);
    o->instructions = m->instructions;
    return true;
}

// --------------------------------------------------------------------- Lua

typedef struct {
    const char *program;
    int runs;
} Other;

static bool measure_lua(void *user, double *seconds, uint64_t *count, Error *err)
{
    const Other *o = user;
    char command[1100];
    long long sum = 0;
    snprintf(command, sizeof command, "%s '%s/fib.lua' %d", o->program, BENCH_SVM, o->runs);
    FILE *p = popen(command, "r");
    const bool is_read = p && fscanf(p, "%lld %lf", &sum, seconds) == 2;
    const int status = p ? pclose(p) : -1;
    *count = (uint64_t)o->runs;
    if (!is_read || status != 0 || sum != (long long)o->runs * RESULT)
        return fail(err, "%s: exit %d, the results' sum is %lld", command, status, sum);
    return true;
}

static bool is_installed(const char *program)
{
    char command[100];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

// --------------------------------------------------------------------- suite

static Other others[] = { { "lua5.4", SHORT_RUNS / 4 }, { "luajit", LONG_RUNS } };
enum { OTHERS = sizeof others / sizeof *others };

static bool load(StackProgram *p, Source *source, Arena *a, Error *err)
{
    Diag diag = { .arena = a };
    if (!source_read(source, a, BENCH_SVM_PROGRAM, err))
        return false;
    if (stack_read(p, &svm_table, source, (StackReading){ .is_program = true }, a, &diag) >= 0)
        return fail(err, "%s: %s", BENCH_SVM_PROGRAM, diag.list.at[0].text);
    return true;
}

static int add_others(Subject *subjects, int count)
{
    for (int i = 0; i < OTHERS; i++)
        if (is_installed(others[i].program))
            subjects[count++] = (Subject){ others[i].program, measure_lua, &others[i], BENCH_CPU };
        else
            printf("svm: %s is not installed and left out\n", others[i].program);
    return count;
}

static bool run_svm(Bench *b, Error *err)
{
    if (!bench_wants(b, "svm-fib"))
        return true;
    Source source;
    StackProgram program;
    Own interp = { .run = svm_kind.engines[0].run, .runs = SHORT_RUNS }, native = { .run = stack_jit_run, .runs = LONG_RUNS };
    StackJit *jit = NULL;
    if (!load(&program, &source, b->arena, err) || !stack_machine_init(&interp.machine, &svm_kind, &program, err) ||
        !stack_machine_init(&native.machine, &svm_kind, &program, err))
        return false;
    Subject subjects[2 + OTHERS] = { { "interp", measure_own, &interp, BENCH_CPU } };
    int count = 1;
    if (stack_jit_is_built(&svm_kind)) {
        jit = stack_jit_open(&svm_kind, &(StackJitOptions){ STACK_JIT_NOW, &svm_kind.engines[0], NULL }, err);
        if (!jit)
            return false;
        stack_jit_attach(jit, &native.machine);
        subjects[count++] = (Subject){ "jit", measure_own, &native, BENCH_CPU };
    } else {
        printf("svm: the JIT is not built in and left out\n");
    }
    bench_case(b, "svm", "svm-fib", "run", subjects, add_others(subjects, count));
    if (jit && interp.instructions != native.instructions)
        b->failures += printf("svm: the JIT counts %" PRIu64 " instructions, the interpreter %" PRIu64 "\n",
                              native.instructions, interp.instructions) > 0;
    if (jit)
        stack_jit_close(jit);
    stack_machine_free(&interp.machine);
    stack_machine_free(&native.machine);
    return true;
}

static void print_svm(const Bench *b)
{
    static const char *const names[] = { "interp", "jit", "lua5.4", "luajit" };
    const Result *of[4];
    for (int i = 0; i < 4; i++) {
        of[i] = bench_find(b, "svm", "svm-fib", names[i]);
        if (of[i])
            printf("%sfib(10), %s %.2f us", i && of[0] ? ", " : "", names[i],
                   of[i]->seconds / (double)of[i]->count * 1e6);
    }
    if (!of[0])
        return;
    printf("\n");
    if (of[2])
        printf("interpreter / Lua   %.2f\n", of[0]->seconds / (double)of[0]->count / of[2]->seconds * (double)of[2]->count);
    if (of[1] && of[3])
        printf("JIT / LuaJIT        %.2f\n", of[1]->seconds / (double)of[1]->count / of[3]->seconds * (double)of[3]->count);
}

const Suite suite_svm = { "svm", "the stack machine on its engines, beside Lua and LuaJIT", run_svm, print_svm };
