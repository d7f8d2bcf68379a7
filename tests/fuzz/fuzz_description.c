// Bytes as a description: whatever they are, they are read, checked, run and their
// findings printed.
#include <stdio.h>
#include <stdlib.h>

#include "examples.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static FILE *sink;
    if (!sink)
        sink = fopen("/dev/null", "w");
    Arena arena = { 0 };
    Source source;
    Diag diag = { .arena = &arena, .limit = 1000 };
    source_init(&source, &arena, "bytes.def", arena_copy(&arena, (const char *)bytes, size), size);
    Isa *isa = isa_parse(&source, &arena, &diag);
    isa_check(isa, &diag);
    if (diag.errors == 0)
        examples_run(isa, &diag);
    diag_print(&diag, sink, true);
    diag_print_json(&diag, sink);
    arena_free(&arena);
    return 0;
}
