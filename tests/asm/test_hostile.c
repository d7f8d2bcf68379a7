// Input that nobody would write on purpose: each gets an answer, and in a time
// that grows with its size.
#include "assemble.h"
#include "warnings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 10 }; // generous: each takes a fraction of a second without sanitizers

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Assembles the text and expects the message (NULL: no error).
static void expect(const char *what, const Writer *w, const char *message)
{
    static const AssembleOptions all = { .shown = UINT64_MAX };
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    Object obj;
    const double begin = now();
    const bool good = assemble_text(&obj, &arena, "hostile.asm", w->at ? w->at : "", w->len, &all, &diag);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    diag_print(&diag, out, false);
    fclose(out);
    const double seconds = now() - begin;
    cr_expect(good == !message, "%s: %.300s", what, text);
    cr_expect(!message || strstr(text, message), "%s: \"%s\" is not in: %.600s", what, message, text);
    cr_expect(seconds < SECONDS, "%s took %.1f s", what, seconds);
    cr_expect(size < 64u << 20, "%s printed %zu bytes", what, size);
    free(text);
    arena_free(&arena);
}

static void repeat(Writer *w, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_text(w, text);
}

#define TEXT_OF(w, code)                                                                                     \
    do {                                                                                                     \
        w.len = 0;                                                                                           \
        code;                                                                                                \
    } while (0)

Test(hostile, bytes_that_are_no_text)
{
    Writer w = { 0 };
    TEXT_OF(w, write_bytes(&w,
                           "\x7F"
                           "ELF\0\1",
                           6));
    expect("a binary", &w, "a zero byte at offset 4: this is no text file");
    TEXT_OF(w, write_bytes(&w, "\xFF\xFE.\0O\0", 6));
    expect("UTF-16", &w, "is UTF-16 text");
    TEXT_OF(w, for (int i = 0; i < 200000; i++) write_format(&w, "%c", 1 + i * 7919 % 255));
    expect("noise", &w, "error");
    TEXT_OF(w, (void)0);
    expect("nothing", &w, "nothing to assemble");
    writer_free(&w);
}

Test(hostile, long_lines)
{
    static const struct {
        const char *name, *begin, *unit, *end, *message;
    } rows[] = {
        { "blanks", ".ORIG x3000\n", "        ", "HALT\n.END\n", NULL },
        { "a comment", ".ORIG x3000\nHALT ;", "comment ", "\n.END\n", NULL },
        { "words", ".ORIG x3000\n", "WORD1 ", "\n.END\n", "there is no instruction WORD1" },
        { "commas", ".ORIG x3000\nADD R0", ",,,,,", "R1, R2\n.END\n", NULL },
        { "operands", ".ORIG x3000\nADD ", "R0, ", "R1\n.END\n", "ADD takes three operands" },
        { "statements", ".ORIG x3000\n", "ADD R0,R0,#1 ", "\n.END\n", "device registers are" },
        { "mnemonics", ".ORIG x3000\n", "BR OUT ", "\n.END\n", "error" },
        { "stray characters", ".ORIG x3000\n", "% & * ", "\n.END\n", "unexpected character" },
        { "undefined labels", ".ORIG x3000\n", "LD R0,NO ", "\n.END\n", "is not defined" },
        { "quotes", ".ORIG x3000\n", "\" \" ", "\n.END\n", "a string with no directive" },
        { "one string", ".ORIG x3000\n.STRINGZ \"", "x", "\"\n.END\n", "device registers are" },
        { "an open string", ".ORIG x3000\n.STRINGZ \"", "x", "\n.END\n", "no closing quote" },
        { "backslashes", ".ORIG x3000\n.STRINGZ \"", "\\", "\n.END\n", "no closing quote" },
        { "one word", ".ORIG x3000\n", "x", "\n.END\n", NULL },
        { "one number", ".ORIG x3000\n.FILL ", "1", "\n.END\n", "does not fit in 16 bits" },
        { "one hexadecimal", ".ORIG x3000\n.FILL x", "F", "\n.END\n", "does not fit in 16 bits" },
        { "plus signs", ".ORIG x3000\nA .FILL A", "+1", "\n.END\n", "is not defined" },
        { "dots", ".ORIG x3000\nA", ".b", "\n.END\n", NULL },
        { "colons", ".ORIG x3000\n", "A:", "\n.END\n", "is defined twice" },
        { "file text after .END", ".ORIG x3000\nHALT\n.END\n", "don't \" read % this ", "\n", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Writer w = { 0 };
        write_text(&w, rows[i].begin);
        repeat(&w, rows[i].unit, (1 << 20) / strlen(rows[i].unit));
        write_text(&w, rows[i].end);
        expect(rows[i].name, &w, rows[i].message);
        writer_free(&w);
    }
}

Test(hostile, many_of_a_kind)
{
    enum { MANY = 100000 };
    static const struct {
        const char *name, *line, *message; // %d is the number
    } rows[] = {
        { "labels", "L%d\n", NULL },
        { "labels, one too many words", "L%d .FILL L%d\n", "device registers are" },
        { "undefined labels", " LD R0, U%d\n", "is not defined" },
        { "doubled labels", "A .BLKW 0 ; %d\n", "is defined twice" },
        { "mistyped mnemonics", " ADDD R0, R%d\n", "there is no instruction ADDD" },
        { "lone words", "wxyz%d\n", NULL },
        { "open strings", ".STRINGZ \"%d\n", "no closing quote" },
        { "blocks", ".ORIG x%X\n.BLKW 0\n.END\n", NULL },
        { "external names", ".EXTERNAL E%d\n", NULL },
        { "global names", ".GLOBAL G%d\n", "is not defined" },
        { "counters", ".COUNTER 1 \"c%d\"\n", NULL },
        { "aliases", ".ALIAS A%d #1\n", NULL },
        { "macros", ".MACRO M%d\n.ENDM\n", NULL },
        { "includes of nothing", ".INCLUDE \"nowhere%d\"\n", "No such file" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Writer w = { 0 };
        write_text(&w, ".ORIG x3000\nHALT\n");
        for (int n = 0; n < MANY; n++) {
            char line[100];
            if (strchr(rows[i].line, 'X'))
                snprintf(line, sizeof line, ".ORIG x%X\n.BLKW 0\n.END\n", 0x3000 + n % 0xC000);
            else
                snprintf(line, sizeof line, rows[i].line, n, n);
            write_text(&w, line);
        }
        write_text(&w, ".END\n");
        expect(rows[i].name, &w, rows[i].message);
        writer_free(&w);
    }
}

// 2^17 ways to write a word of 17 letters.
Test(hostile, labels_that_differ_in_case)
{
    Writer w = { 0 };
    write_text(&w, ".ORIG x3000\nHALT\n");
    for (int n = 0; n < 1 << 17; n++) {
        char label[20] = "";
        for (int i = 0; i < 17; i++)
            label[i] = n >> i & 1 ? 'A' : 'a';
        write_format(&w, "%s\n", label);
    }
    write_text(&w, ".END\n");
    expect("labels in every case", &w, "labels that differ only in case");
    writer_free(&w);
}

Test(hostile, macros_that_grow)
{
    Writer w = { 0 };
    TEXT_OF(w, write_text(&w, ".ORIG x3000\n.MACRO A\nA\nA\n.ENDM\nA\nHALT\n.END\n"));
    expect("a macro that calls itself twice", &w, "nested more than 64 deep");
    TEXT_OF(w, {
        write_text(&w, ".ORIG x3000\n.MACRO M0\n.ENDM\n");
        for (int i = 1; i < 40; i++)
            write_format(&w, ".MACRO M%d\nM%d\nM%d\n.ENDM\n", i, i - 1, i - 1);
        write_text(&w, "M39\nHALT\n.END\n");
    });
    expect("macros that double", &w, "more than 100000 includes and macro calls");
    TEXT_OF(w, {
        write_text(&w, ".ORIG x3000\n.MACRO M0 P\n.ENDM\n");
        for (int i = 1; i < 40; i++)
            write_format(&w, ".MACRO M%d P\nM%d P!P!P!P!P!P!P!P\n.ENDM\n", i, i - 1);
        write_text(&w, "M39 xxxxxxxxxxxxxxxx\nHALT\n.END\n");
    });
    expect("arguments that grow", &w, "of text");
    writer_free(&w);
}

Test(hostile, flow_of_control)
{
    Writer w = { 0 };
    TEXT_OF(w, {
        write_text(&w, ".ORIG x3000\nJMP R0\n");
        for (int i = 0; i < 20000; i++)
            write_format(&w, "L%d LEA R0, L%d\nJSR L%d\n", i, i, i);
        write_text(&w, "HALT\n.END\n");
    });
    expect("a table of everything", &w, NULL);
    TEXT_OF(w, {
        write_text(&w, ".ORIG x3000\n");
        for (int i = 0; i < 10000; i++)
            write_format(&w, "S%d ST R0, S%d\nST R1, S%d\nLD R1, S%d\nRET\n", i, i, i, i);
        for (int i = 0; i < 10; i++)
            write_format(&w, "JSR S%d\n", 9990 + i);
        write_text(&w, "HALT\n.END\n");
    });
    expect("many subroutines", &w, NULL);
    writer_free(&w);
}

// Lines that end in CR alone all have the number 1.
Test(hostile, lines_of_an_old_macintosh)
{
    Writer w = { 0 };
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    Object obj;
    write_text(&w, ".ORIG x3000\r");
    repeat(&w, "ADD R0, R0, #1\r", 1000);
    write_text(&w, "HALT\r.END\r");
    cr_assert(assemble_text(&obj, &arena, "mac.asm", w.at, w.len, NULL, &diag));
    Writer out = { 0 };
    object_write(&out, &obj, OBJECT_LC3TOOLS);
    for (size_t i = 0; i < obj.line_count; i++)
        cr_expect_eq(obj.lines[i].line, 1);
    writer_free(&out);
    writer_free(&w);
    arena_free(&arena);
}

Test(hostile, includes)
{
    char folder[] = "/tmp/lc3includeXXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.inc", i);
        FILE *out = fopen(name, "w");
        fprintf(out, ".INCLUDE \"%d.inc\"\n.INCLUDE \"%d.inc\"\n", i + 1, i + 1);
        fclose(out);
    }
    Writer w = { 0 };
    TEXT_OF(w, write_text(&w, ".ORIG x3000\n.INCLUDE \"0.inc\"\nHALT\n.END\n"));
    expect("deep includes", &w, "nested more than 64 deep");
    FILE *out = fopen("0.inc", "w");
    fputs(".INCLUDE \"1.inc\"\n", out);
    fclose(out);
    out = fopen("1.inc", "w");
    fputs(".INCLUDE \"0.inc\"\n", out);
    fclose(out);
    expect("a cycle of includes", &w, "0.inc includes itself");
    mkdir("2.inc.d", 0777);
    TEXT_OF(w, write_text(&w, ".ORIG x3000\n.INCLUDE \"2.inc.d\"\nHALT\n.END\n"));
    expect("a folder", &w, "Is a directory");
    writer_free(&w);
}

// The target of TARGETS.md: at most 40 times the source, here measured at the
// whole process, which has its own megabytes; so a source that is large beside.
Test(hostile, memory_follows_the_source)
{
    Writer w = { 0 };
    write_text(&w, ".ORIG x3000\n");
    for (int i = 0; i < 20000; i++)
        write_format(&w, "L%d\tADD R0, R1, #-1\n", i);
    write_text(&w, "\tHALT\n.END\n");
    static const AssembleOptions options = { .is_unchecked = true };
    Arena arena = { 0 };
    Diag diag = { .arena = &arena };
    Object obj;
    cr_assert(assemble_text(&obj, &arena, "m.asm", w.at, w.len, &options, &diag));
    size_t bytes = 0;
    struct Block {
        struct Block *next;
        size_t size;
    };
    for (struct Block *b = (struct Block *)arena.block; b; b = b->next)
        bytes += b->size;
    cr_expect(bytes <= 40 * w.len, "%zu bytes for %zu of source", bytes, w.len);
    writer_free(&w);
    arena_free(&arena);
}
