// The machine of abacus.def works by what lc3gen made of it and 15 lines of its own:
// its one host, and a main that reads, runs and looks.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "abacus_machine.h"

static Writer shown;

void abacus_host_show(StackMachine *m, int64_t n)
{
    write_format(&shown, "%" PRId64 " ", n);
}

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
    const Stop stop = engine->run(&m, 1000);
    const char *name = stop == STOP_FAULT ? abacus_table.errors[m.fault.error].name : "";
    write_bytes(&shown, "", 1);
    const bool good = strcmp(shown.at, want) == 0 && strcmp(name, error) == 0;
    if (!good)
        printf("%s (%s): '%s' %s, not '%s' %s\n", text, engine->dispatch, shown.at, name, want, error);
    stack_machine_free(&m);
    arena_free(&arena);
    return !good;
}

int main(void)
{
    int failures = 0;
    for (int i = 0; i < abacus_kind.engine_count; i++) {
        const StackEngine *e = &abacus_kind.engines[i];
        failures += run(e, "2 3 add show", "5 ", "");
        failures += run(e, "7 copy add neg show 1 show", "-14 1 ", "");
        failures += run(e, "1 show add", "1 ", "TooFew");
        failures += run(e, "9223372036854775807 1 add", "", "TooLarge");
        failures += run(e, "9223372036854775807 copy add", "", "TooLarge");
    }
    writer_free(&shown);
    printf("%d interpreters, %d failures\n", abacus_kind.engine_count, failures);
    return failures || abacus_kind.engine_count < 2;
}
