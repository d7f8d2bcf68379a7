// Objects come back as they were written, and damaged ones are refused.
#include "object.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static Object two_segments(Arena *a)
{
    static uint16_t first[] = { 0x1021, 0xF025 }, second[] = { 0xABCD };
    Object obj = { .name = "two" };
    obj.segments = arena_array(a, ObjectSegment, 2);
    obj.segment_count = 2;
    obj.segments[0] = (ObjectSegment){ 0x3000, 2, first };
    obj.segments[1] = (ObjectSegment){ 0x4000, 1, second };
    return obj;
}

static void expect_same(const Object *a, const Object *b, const char *what)
{
    cr_assert_eq(a->segment_count, b->segment_count, "%s: number of segments", what);
    for (size_t i = 0; i < a->segment_count; i++) {
        cr_expect_eq(a->segments[i].origin, b->segments[i].origin, "%s: origin", what);
        cr_assert_eq(a->segments[i].count, b->segments[i].count, "%s: length", what);
        cr_expect_arr_eq(a->segments[i].words, b->segments[i].words, a->segments[i].count * 2, "%s: words",
                         what);
    }
}

Test(object, every_loadable_format_comes_back)
{
    Arena arena = { 0 };
    Error err;
    for (size_t segments = 1; segments <= 2; segments++)
        for (int format = OBJECT_OBJ; format <= OBJECT_LC3TOOLS; format++) {
            Object obj = two_segments(&arena), read;
            obj.segment_count = segments;
            Writer w = { 0 };
            object_write(&w, &obj, (ObjectFormat)format);
            cr_assert(object_parse(&read, &arena, "x", (uint8_t *)w.at, w.len, &err), "%s", err.text);
            expect_same(&obj, &read, format ? "lc3tools" : "obj");
            writer_free(&w);
        }
    arena_free(&arena);
}

Test(object, one_segment_is_the_classic_format)
{
    Arena arena = { 0 };
    Object obj = two_segments(&arena);
    Writer w = { 0 };
    obj.segment_count = 1;
    object_write(&w, &obj, OBJECT_OBJ);
    cr_expect_eq(w.len, 6);
    cr_expect_arr_eq(w.at, "\x30\x00\x10\x21\xF0\x25", 6);
    writer_free(&w);
    arena_free(&arena);
}

Test(object, text_formats_have_a_line_per_word)
{
    Arena arena = { 0 };
    const Object obj = two_segments(&arena);
    Writer bin = { 0 }, hex = { 0 }, c = { 0 };
    object_write(&bin, &obj, OBJECT_BIN);
    object_write(&hex, &obj, OBJECT_HEX);
    object_write(&c, &obj, OBJECT_C);
    write_bytes(&hex, "", 1);
    write_bytes(&c, "", 1);
    cr_expect_str_eq(hex.at, "3000\n1021\nF025\n\n; next block, origin first\n4000\nABCD\n");
    cr_expect_arr_eq(bin.at, "0011000000000000\n0001000000100001\n", 34);
    cr_expect(strstr(c.at, "{ 0x4000, 1, segment_1 }"));
    writer_free(&bin);
    writer_free(&hex);
    writer_free(&c);
    arena_free(&arena);
}

typedef struct {
    const char *name, *bytes;
    size_t size;
    const char *message;
} Damaged;

#define BYTES(s) s, sizeof s - 1

Test(object, damaged_objects_are_refused_with_offset_and_reason)
{
    static const Damaged rows[] = {
        { "empty", BYTES(""), "x: damaged object: the file is empty, no origin at offset 0" },
        { "one byte", BYTES("\x30"), "x: damaged object: one byte is no origin at offset 0" },
        { "half a word", BYTES("\x30\x00\x12"), "x: damaged object: half a word at offset 2" },
        { "device space", BYTES("\xFE\x00\x12\x34"),
          "x: x0001 words from xFE00 reach into device space (xFE00 and up) at offset 0" },
        { "runs into device space", BYTES("\xFD\xFF\x12\x34\x12\x34"),
          "x: x0002 words from xFDFF reach into device space (xFE00 and up) at offset 0" },
        { "cut header", BYTES("\xFFLC3\1"),
          "x: damaged object: the file ends inside the header at offset 5" },
        { "unknown version", BYTES("\xFFLC3\2\0\0\1\x30\0\0\0"),
          "x: damaged object: a version that this program does not know at offset 4" },
        { "no segments", BYTES("\xFFLC3\1\0\0\0"), "x: damaged object: no segments at offset 6" },
        { "too many segments", BYTES("\xFFLC3\1\0\xFF\xFF\x30\0\0\0"),
          "x: damaged object: more segments than the file has room for at offset 6" },
        { "cut segment", BYTES("\xFFLC3\1\0\0\1\x30\0\0\2\x12\x34"),
          "x: damaged object: a segment of 2 words has only 2 bytes at offset 12" },
        { "cut segment head", BYTES("\xFFLC3\1\0\0\1\x30\0\0\0\x12"),
          "x: damaged object: bytes behind the last segment at offset 12" },
        { "segment in device space", BYTES("\xFFLC3\1\0\0\1\xFE\0\0\1\x12\x34"),
          "x: x0001 words from xFE00 reach into device space (xFE00 and up) at offset 8" },
        { "lc3tools, empty", BYTES("\x1C\x30\x15\xC0\x01\x01\x01"),
          "x: damaged object: no origin at offset 7" },
        { "lc3tools, cut entry", BYTES("\x1C\x30\x15\xC0\x01\x01\x01\x00\x30\x01"),
          "x: damaged object: the file ends inside an entry at offset 7" },
        { "lc3tools, long line", BYTES("\x1C\x30\x15\xC0\x01\x01\x01\x00\x30\x01\xFF\0\0\0"),
          "x: damaged object: a source line longer than the file at offset 10" },
        { "lc3tools, no origin first", BYTES("\x1C\x30\x15\xC0\x01\x01\x01\x00\x30\0\0\0\0\0"),
          "x: damaged object: a word before the first origin at offset 7" },
        { "lc3tools, strange mark", BYTES("\x1C\x30\x15\xC0\x01\x01\x01\x00\x30\2\0\0\0\0"),
          "x: damaged object: an entry that is neither a word nor an origin at offset 9" },
        { "lc3tools, device space", BYTES("\x1C\x30\x15\xC0\x01\x01\x01\xFF\xFF\1\0\0\0\0"),
          "x: x0000 words from xFFFF reach into device space (xFE00 and up) at offset 7" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Arena arena = { 0 };
        Error err = { "" };
        Object obj = { .name = "untouched" };
        const bool good = object_parse(&obj, &arena, "x", (const uint8_t *)rows[i].bytes, rows[i].size, &err);
        cr_expect(!good, "%s was accepted", rows[i].name);
        cr_expect_str_eq(err.text, rows[i].message, "%s: \"%s\"", rows[i].name, err.text);
        cr_expect(obj.segment_count == 0 && strcmp(obj.name, "untouched") == 0, "%s left something behind",
                  rows[i].name);
        arena_free(&arena);
    }
}

Test(object, symbols_and_debug_lines_come_back)
{
    Arena arena = { 0 };
    Error err;
    Object obj = two_segments(&arena), read = { 0 };
    ObjectSymbol symbols[] = { { "START", 0x3000 },
                               { "A_LABEL_LONGER_THAN_SIXTEEN", 0x3001 },
                               { "DATA", 0x4000 } };
    const char *files[] = { "a b.asm", "c.inc" };
    ObjectLine lines[] = { { 0x3000, 1, 0, 2 }, { 0x3001, 1, 0, 3 }, { 0x4000, 1, 1, 7 } };
    ObjectMetric metrics[] = { { false, 3, "orders seen" }, { true, 4, "spread" } };
    uint16_t breaks[] = { 0x3001 };
    obj.symbols = symbols, obj.symbol_count = 3;
    obj.files = files, obj.file_count = 2;
    obj.lines = lines, obj.line_count = 3;
    obj.metrics = metrics, obj.metric_count = 2;
    obj.breaks = breaks, obj.break_count = 1;
    Writer sym = { 0 }, dbg = { 0 };
    object_write_symbols(&sym, &obj);
    object_write_debug(&dbg, &obj);
    cr_assert(object_parse_symbols(&read, &arena, "x.sym", (Text){ sym.at, sym.len }, &err), "%s", err.text);
    cr_assert(object_parse_debug(&read, &arena, "x.dbg", (Text){ dbg.at, dbg.len }, &err), "%s", err.text);
    cr_assert_eq(read.symbol_count, 3);
    cr_assert_eq(read.line_count, 3);
    for (int i = 0; i < 3; i++) {
        cr_expect_str_eq(read.symbols[i].name, symbols[i].name);
        cr_expect_eq(read.symbols[i].address, symbols[i].address);
        cr_expect_eq(read.lines[i].address, lines[i].address);
        cr_expect_eq(read.lines[i].line, lines[i].line);
        cr_expect_eq(read.lines[i].file, lines[i].file);
    }
    cr_expect_str_eq(read.files[0], "a b.asm");
    cr_expect_str_eq(read.metrics[0].name, "orders seen");
    cr_expect(read.metrics[1].is_histogram);
    cr_expect_eq(read.breaks[0], 0x3001);
    writer_free(&sym);
    writer_free(&dbg);
    arena_free(&arena);
}

Test(object, damaged_text_files_are_refused_with_their_line)
{
    static const struct {
        const char *text, *message;
        bool is_debug;
    } rows[] = {
        { "// Symbol table\nwhat is this\n",
          "x:2: damaged symbol table: \"what is this\" is no name and address", false },
        { "//\tLOOP 30000\nLOOP\n", "x:2: damaged symbol table: \"LOOP\" is no name and address", false },
        { "file 0 a\n", "x:1: damaged debug file at \"file 0 a\"", true },
        { "lc3 debug 1\nline 0 1 3000 1 1\n", "x:2: damaged debug file at \"line 0 1 3000 1 1\"", true },
        { "lc3 debug 1\nfile 0 a\nline 0 1 FFFF 2 1\n", "x:3: damaged debug file at \"line 0 1 FFFF 2 1\"",
          true },
        { "lc3 debug 1\nfile 0 a\nline 0 1 0000 1 99999\n",
          "x:3: damaged debug file at \"line 0 1 0000 1 99999\"", true },
        { "lc3 debug 1\nbreak G\n", "x:2: damaged debug file at \"break G\"", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Arena arena = { 0 };
        Error err = { "" };
        Object obj = { 0 };
        const Text text = text_of(rows[i].text);
        cr_expect(
            !(rows[i].is_debug ? object_parse_debug : object_parse_symbols)(&obj, &arena, "x", text, &err));
        cr_expect_str_eq(err.text, rows[i].message, "\"%s\"", err.text);
        arena_free(&arena);
    }
}

Test(object, questions_about_addresses)
{
    Arena arena = { 0 };
    Object obj = two_segments(&arena);
    ObjectSymbol symbols[] = { { "DATA", 0x4000 }, { "START", 0x3000 }, { "ALSO", 0x3000 } };
    ObjectLine lines[] = { { 0x3000, 2, 0, 5 } };
    obj.symbols = symbols, obj.symbol_count = 3;
    obj.lines = lines, obj.line_count = 1;
    object_sort_symbols(&obj);
    uint16_t word = 0;
    cr_expect_str_eq(object_symbol_at(&obj, 0x3001)->name, "START");
    cr_expect_str_eq(object_symbol_at(&obj, 0x4000)->name, "DATA");
    cr_expect_null(object_symbol_at(&obj, 0x2FFF));
    cr_expect_eq(object_symbol_find(&obj, "data")->address, 0x4000);
    cr_expect_null(object_symbol_find(&obj, "NONE"));
    cr_expect_eq(object_line_at(&obj, 0x3001)->line, 5);
    cr_expect_null(object_line_at(&obj, 0x3002));
    cr_expect(object_word(&obj, 0x3001, &word) && word == 0xF025);
    cr_expect(!object_word(&obj, 0x3002, &word));
    cr_expect_str_eq(object_path(&arena, "a.b/c", ".sym"), "a.b/c.sym");
    cr_expect_str_eq(object_path(&arena, "a.b/c.asm", ".sym"), "a.b/c.sym");
    cr_expect_str_eq(object_path(&arena, ".hidden", ".sym"), ".hidden.sym");
    arena_free(&arena);
}
