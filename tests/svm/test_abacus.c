// The machine of abacus.def works by what lc3gen made of it and 15 lines of its own:
// its one host, and a main that reads, runs and looks.  Its JIT is made of the same.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "abacus_machine.h"
#include "stack_jit.h"

static Writer shown;

void abacus_host_show(StackMachine *m, int64_t n)
{
    write_format(&shown, "%" PRId64 " ", n);
}

static StackJit *jit; // or NULL: LLVM is not there

// Without an engine: the JIT.
static int run(const StackEngine *engine, const char *text, const char *want, const char *error)
{
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    Source source;
    StackProgram program;
    StackMachine m;
    Error err;
    source_init(&source, &arena, "abacus", text, strlen(text));
    if (stack_read(&program, &abacus_table, &source, (StackReading){ .is_program = true }, &arena, &diag) >=
            0 ||
        !stack_machine_init(&m, &abacus_kind, &program, &err))
        return printf("%s: not loaded\n", text);
    shown.len = 0;
    if (!engine)
        stack_jit_attach(jit, &m);
    const Stop stop = (engine ? engine->run : stack_jit_run)(&m, 1000);
    const char *name = stop == STOP_FAULT ? abacus_table.errors[m.fault.error].name : "";
    write_bytes(&shown, "", 1);
    const bool good = strcmp(shown.at, want) == 0 && strcmp(name, error) == 0;
    if (!good)
        printf("%s (%s): '%s' %s, not '%s' %s\n", text, engine ? engine->dispatch : "jit", shown.at, name, want, error);
    stack_machine_free(&m);
    arena_free(&arena);
    return !good;
}

static int run_all(const StackEngine *e)
{
    int failures = 0;
    failures += run(e, "2 3 add show", "5 ", "");
    failures += run(e, "7 copy add neg show 1 show", "-14 1 ", "");
    failures += run(e, "1 show add", "1 ", "TooFew");
    failures += run(e, "9223372036854775807 1 add", "", "TooLarge");
    failures += run(e, "9223372036854775807 copy add", "", "TooLarge");
    return failures;
}

int main(void)
{
    Error err;
    int failures = 0, engines = abacus_kind.engine_count;
    for (int i = 0; i < abacus_kind.engine_count; i++)
        failures += run_all(&abacus_kind.engines[i]);
    if (stack_jit_is_built(&abacus_kind)) {
        jit = stack_jit_open(&abacus_kind, &(StackJitOptions){ STACK_JIT_NOW, &abacus_kind.engines[0], NULL }, &err);
        failures += jit ? run_all(NULL) : printf("%s\n", err.text);
        failures += jit && stack_jit_error(jit) ? printf("%s\n", stack_jit_error(jit)) : 0;
        if (jit)
            stack_jit_close(jit);
        engines++;
    }
    writer_free(&shown);
    printf("%d engines, %d failures\n", engines, failures);
    return failures || abacus_kind.engine_count < 2;
}
