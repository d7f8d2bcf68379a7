// Bytes as a program of the stack machine: reading ends with a program or with findings
// inside the text, and every interpreter leaves what the exact step leaves.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "svm_machine.h"

enum { BUDGET = 2000 };

static Stop run_exactly(StackMachine *m)
{
    while (m->instructions < BUDGET) {
        const int stop = svm_kind.step(m);
        if (stop != STACK_GO_ON)
            return (Stop)stop;
    }
    return STOP_BUDGET;
}

static void compare(const StackMachine *a, const StackMachine *b)
{
    fuzz_check(a->ip == b->ip && a->instructions == b->instructions, "the place");
    fuzz_check(a->sp - a->base == b->sp - b->base, "the depth");
    fuzz_check(a->raw[1].top - a->raw[1].base == b->raw[1].top - b->raw[1].base, "the return stack");
    fuzz_check(a->fault.error == b->fault.error, "the error");
    for (ptrdiff_t i = 0; i < a->sp - a->base; i++) {
        fuzz_check(a->base[i].tag == b->base[i].tag, "a kind");
        const bool is_text = svm_table.variants[a->base[i].tag].payload == STACK_STR;
        const bool is_same =
            is_text ? stack_text_same(a->base[i].n, b->base[i].n) : a->base[i].n == b->base[i].n;
        fuzz_check(is_same, "a value");
    }
}

static void push(StackMachine *m, const StackProgram *arguments)
{
    for (size_t i = 0; i < arguments->code.count && stack_machine_room(m); i++)
        stack_machine_push(m, arguments->code.at[i].value);
}

static void run(const StackProgram *p, const StackProgram *arguments)
{
    StackMachine exact, m;
    Error err;
    fuzz_check(stack_machine_init(&exact, &svm_kind, p, &err), "memory");
    push(&exact, arguments);
    const Stop want = run_exactly(&exact);
    for (int i = 0; i < svm_kind.engine_count; i++) {
        fuzz_check(stack_machine_init(&m, &svm_kind, p, &err), "memory");
        push(&m, arguments);
        fuzz_check(svm_kind.engines[i].run(&m, BUDGET) == want, "the stop");
        compare(&m, &exact);
        stack_machine_free(&m);
    }
    stack_machine_free(&exact);
}

static bool read(StackProgram *to, Source *source, Arena *a, FuzzInput text, StackReading how)
{
    Diag diag = { .arena = a };
    source_init(source, a, "bytes", arena_copy(a, (const char *)text.at, text.left), text.left);
    const int error = stack_read(to, &svm_table, source, how, a, &diag);
    fuzz_check((error >= 0) == (diag.errors > 0) && error < svm_table.error_count, "the error of a text");
    for (size_t k = 0; k < diag.list.count; k++)
        fuzz_check(diag.list.at[k].span.begin <= diag.list.at[k].span.end &&
                       diag.list.at[k].span.end <= text.left,
                   "a place");
    return error < 0;
}

// A program; behind a zero byte stand its arguments.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *zero = size ? memchr(bytes, 0, size) : NULL;
    const FuzzInput text = { bytes, zero ? (size_t)(zero - bytes) : size };
    const FuzzInput values = { zero ? zero + 1 : bytes, zero ? size - text.left - 1 : 0 };
    for (int is_compatible = 0; is_compatible < 2; is_compatible++) {
        Arena arena = { 0 };
        Source sources[2];
        StackProgram program, arguments;
        const bool has_arguments =
            read(&arguments, &sources[1], &arena, values, (StackReading){ is_compatible, false });
        if (read(&program, &sources[0], &arena, text, (StackReading){ is_compatible, true }) && has_arguments)
            run(&program, &arguments);
        arena_free(&arena);
    }
    return 0;
}
