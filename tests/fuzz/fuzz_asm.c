// Fuzz target: any bytes through the assembler, then through everything that
// reads what it made.  A libFuzzer entry; fuzz_asm_mutate.c drives it without.
#include "assemble.h"
#include "format.h"
#include "listing.h"
#include "warnings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What the assembler writes, it reads, and finds the same.
static void check_object(const Object *obj, Arena *a)
{
    static const ObjectFormat formats[] = { OBJECT_OBJ, OBJECT_LC3TOOLS };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        Writer w = { 0 };
        Object again;
        Error err;
        object_write(&w, obj, formats[i]);
        if (!object_parse(&again, a, "again.obj", (const uint8_t *)w.at, w.len, &err) ||
            again.segment_count != obj->segment_count)
            abort();
        for (size_t s = 0; s < obj->segment_count; s++)
            if (again.segments[s].origin != obj->segments[s].origin ||
                again.segments[s].count != obj->segments[s].count ||
                memcmp(again.segments[s].words, obj->segments[s].words, 2 * obj->segments[s].count) != 0)
                abort();
        writer_free(&w);
    }
    Writer symbols = { 0 }, debug = { 0 }, listing = { 0 };
    Object again = { 0 };
    Error err;
    object_write_symbols(&symbols, obj);
    object_write_debug(&debug, obj);
    listing_write(&listing, obj);
    if (!object_parse_symbols(&again, a, "again.sym", (Text){ symbols.at, symbols.len }, &err) ||
        !object_parse_debug(&again, a, "again.dbg", (Text){ debug.at, debug.len }, &err) ||
        again.symbol_count != obj->symbol_count || again.line_count != obj->line_count)
        abort();
    writer_free(&symbols);
    writer_free(&debug);
    writer_free(&listing);
}

// Formatting keeps the words, and formatting again changes nothing.
static void check_format(const Object *obj, Arena *a, const uint8_t *data, size_t size,
                         const AssembleOptions *options)
{
    Source source, formatted;
    Writer once = { 0 }, twice = { 0 };
    Diag diag = { .arena = a };
    Object again;
    source_init(&source, a, "fuzz.asm", arena_copy(a, (const char *)data, size), size);
    format_source(&once, &source, &lc3_isa);
    source_init(&formatted, a, "fuzz.asm", arena_copy(a, once.at ? once.at : "", once.len), once.len);
    format_source(&twice, &formatted, &lc3_isa);
    if (once.len != twice.len || memcmp(once.at, twice.at, once.len) != 0)
        abort();
    if (assemble_text(&again, a, "fuzz.asm", once.at, once.len, options, &diag)) {
        for (size_t s = 0; s < obj->segment_count; s++)
            if (s >= again.segment_count || again.segments[s].count != obj->segments[s].count ||
                memcmp(again.segments[s].words, obj->segments[s].words, 2 * obj->segments[s].count) != 0)
                abort();
    } else {
        abort();
    }
    writer_free(&once);
    writer_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const AssembleOptions all = { .shown = UINT64_MAX, .library = "/nowhere" };
    static const AssembleOptions draft = { .is_unchecked = true, .is_draft = true, .library = "/nowhere" };
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    Object obj;
    if (assemble_text(&obj, &arena, "fuzz.asm", (const char *)data, size, &all, &diag)) {
        check_object(&obj, &arena);
        check_format(&obj, &arena, data, size, &draft);
    } else if (diag.errors == 0) {
        abort(); // refused without a reason
    }
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    diag_print(&diag, out, false);
    diag_print_json(&diag, out);
    fclose(out);
    free(text);
    arena_free(&arena);
    return 0;
}
