// Bytes as a source: whatever assembles can be written, read, listed and formatted,
// and says the same each time; whatever does not has a reason.
#include "assemble.h"
#include "format.h"
#include "listing.h"
#include "fuzz.h"
#include "warnings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What the assembler writes, it reads, and finds the same.
static void check_object(const Object *obj, Arena *a)
{
    static const ObjectFormat formats[] = { OBJECT_OBJ, OBJECT_LC3TOOLS };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        Writer w = { 0 };
        Object again;
        Error err;
        object_write(&w, obj, formats[i]);
        fuzz_check(object_parse(&again, a, "again.obj", (const uint8_t *)w.at, w.len, &err),
                   "its objects are read");
        fuzz_same_words(&again, obj);
        writer_free(&w);
    }
    Writer symbols = { 0 }, debug = { 0 }, listing = { 0 };
    Object again = { 0 };
    Error err;
    object_write_symbols(&symbols, obj);
    object_write_debug(&debug, obj);
    listing_write(&listing, obj);
    fuzz_check(object_parse_symbols(&again, a, "again.sym", (Text){ symbols.at, symbols.len }, &err) &&
                   object_parse_debug(&again, a, "again.dbg", (Text){ debug.at, debug.len }, &err) &&
                   again.symbol_count == obj->symbol_count && again.line_count == obj->line_count,
               "its tables are read");
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
    fuzz_check(once.len == twice.len && (!once.len || !memcmp(once.at, twice.at, once.len)),
               "formatted stays formatted");
    fuzz_check(assemble_text(&again, a, "fuzz.asm", once.at, once.len, options, &diag),
               "formatted still assembles");
    fuzz_same_words(&again, obj);
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
    } else {
        fuzz_check(diag.errors > 0, "what is refused has a reason");
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
