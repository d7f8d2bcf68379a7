// Bytes as the files beside an object: what is read can be asked, written, and read
// again.  The first byte says which: 's' a .sym, anything else a .dbg.
#include "fuzz.h"
#include "listing.h"

static void ask(const Object *obj)
{
    for (uint32_t at = 0; at < 0x10000; at += 0x33) {
        object_symbol_at(obj, (uint16_t)at);
        object_line_at(obj, (uint16_t)at);
    }
    object_symbol_find(obj, "main");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    uint16_t words[16] = { 0 };
    ObjectSegment segments[] = { { 0x3000, 16, words }, { 0x3008, 16, words } };
    Arena arena = { 0 };
    Object obj = { .name = "fuzz", .segments = segments, .segment_count = 2 }, again = obj;
    Error err = { "" };
    Writer w = { 0 };
    const bool is_symbols = bytes[0] == 's';
    const Text text = { arena_copy(&arena, (const char *)bytes + 1, size - 1), size - 1 };
    if (is_symbols ? object_parse_symbols(&obj, &arena, "fuzz.sym", text, &err)
                   : object_parse_debug(&obj, &arena, "fuzz.dbg", text, &err)) {
        ask(&obj);
        if (is_symbols)
            object_write_symbols(&w, &obj);
        else
            object_write_debug(&w, &obj);
        const Text copy = { w.at ? w.at : "", w.len };
        fuzz_check(is_symbols ? object_parse_symbols(&again, &arena, "again.sym", copy, &err)
                              : object_parse_debug(&again, &arena, "again.dbg", copy, &err),
                   "what is written is read");
        fuzz_check(again.symbol_count == obj.symbol_count && again.line_count == obj.line_count,
                   "with nothing lost");
    } else {
        fuzz_check(*err.text, "what is refused has a reason");
    }
    writer_free(&w);
    arena_free(&arena);
    return 0;
}
