// Bytes as a program: whatever they are, reading ends with a program or with findings
// inside the text, and every interpreter leaves what the exact step leaves.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svm_machine.h"

enum { BUDGET = 2000, LARGEST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(bool is_right, const char *what)
{
    if (is_right)
        return;
    fprintf(stderr, "fuzz_svm: %s\n", what);
    abort();
}

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
    check(a->ip == b->ip && a->instructions == b->instructions, "the place");
    check(a->sp - a->base == b->sp - b->base, "the depth");
    check(a->raw[1].top - a->raw[1].base == b->raw[1].top - b->raw[1].base, "the return stack");
    check(a->fault.error == b->fault.error, "the error");
    for (ptrdiff_t i = 0; i < a->sp - a->base; i++) {
        check(a->base[i].tag == b->base[i].tag, "a kind");
        check(svm_table.variants[a->base[i].tag].payload == STACK_STR
                  ? stack_text_same(a->base[i].n, b->base[i].n)
                  : a->base[i].n == b->base[i].n,
              "a value");
    }
}

static void run(const StackProgram *p)
{
    StackMachine exact, m;
    Error err;
    check(stack_machine_init(&exact, &svm_kind, p, &err), "memory");
    const Stop want = run_exactly(&exact);
    for (int i = 0; i < svm_kind.engine_count; i++) {
        check(stack_machine_init(&m, &svm_kind, p, &err), "memory");
        check(svm_kind.engines[i].run(&m, BUDGET) == want, "the stop");
        compare(&m, &exact);
        stack_machine_free(&m);
    }
    stack_machine_free(&exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    for (int i = 0; i < 4; i++) {
        Arena arena = { 0 };
        Diag diag = { .arena = &arena };
        Source source;
        StackProgram program;
        const StackReading how = { i & 1, i < 2 };
        source_init(&source, &arena, "bytes", arena_copy(&arena, (const char *)bytes, size), size);
        const int error = stack_read(&program, &svm_table, &source, how, &arena, &diag);
        check((error >= 0) == (diag.errors > 0) && error < svm_table.error_count, "the error of a text");
        for (size_t k = 0; k < diag.list.count; k++)
            check(diag.list.at[k].span.begin <= diag.list.at[k].span.end && diag.list.at[k].span.end <= size,
                  "a place");
        if (error < 0 && how.is_program)
            run(&program);
        arena_free(&arena);
    }
    return 0;
}

#ifndef FUZZER
static uint64_t seed;

static uint64_t dice(uint64_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % sides;
}

// Replaces, drops, doubles and swaps pieces of the text.
static size_t mutate(uint8_t *text, size_t size)
{
    static const char *const pieces[] = { "\"",     "\\",     "#",    " ",
                                          "\n",     ":",      "0",    "-1",
                                          " dup ",  " drop ", " 3 ",  " \"x\" ",
                                          " call ", " jmp ",  "\xff", "99999999999999999999" };
    for (uint64_t n = 1 + dice(4); n > 0 && size > 2; n--) {
        const size_t at = dice(size - 1), len = 1 + dice(size - at < 12 ? size - at : 12);
        const char *piece = pieces[dice(16)];
        if (dice(3) == 0) {
            memmove(text + at, text + at + len, size - at - len);
            size -= len;
        } else if (dice(2) && size + len < LARGEST) {
            memmove(text + at + len, text + at, size - at);
            size += len;
        } else if (size + strlen(piece) < LARGEST) {
            memmove(text + at + strlen(piece), text + at, size - at);
            memcpy(text + at, piece, strlen(piece));
            size += strlen(piece);
        }
    }
    return size;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        puts("usage: fuzz_svm COUNT SEED FILE...");
        return 2;
    }
    Arena arena = { 0 };
    static uint8_t text[2 * LARGEST];
    const long count = atol(argv[1]);
    for (long i = 0; i < count; i++) {
        Source source;
        Error err;
        seed = (strtoull(argv[2], NULL, 0) + (uint64_t)i) * 0x9E3779B97F4A7C15u | 1;
        if (!source_read(&source, &arena, argv[3 + i % (argc - 3)], &err) || source.size > LARGEST) {
            puts("a file cannot be read");
            return 2;
        }
        memcpy(text, source.at, source.size);
        LLVMFuzzerTestOneInput(text, mutate(text, source.size));
    }
    arena_free(&arena);
    printf("%ld programs\n", count);
    return 0;
}
#endif
