// Every row of the table of dialects: what other assemblers disagree about, and
// how we read it.  asm/README.md has the same list in words.
#include "assemble.h"
#include "warnings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name, *source;
    const char *words;    // "3000: 1021 F025", a group per segment; NULL when it is an error
    const char *findings; // names of the warnings, or the text of the first error
} Row;

static void list_words(const Object *obj, char *out, size_t size)
{
    size_t len = 0;
    out[0] = 0;
    for (size_t i = 0; i < obj->segment_count; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s%04X:", i ? " " : "", obj->segments[i].origin);
        for (uint32_t k = 0; k < obj->segments[i].count && len < size - 8; k++)
            len += (size_t)snprintf(out + len, size - len, " %04X", obj->segments[i].words[k]);
    }
}

static void list_findings(const Diag *d, char *out, size_t size)
{
    size_t len = 0;
    out[0] = 0;
    for (size_t i = 0; i < d->list.count; i++) {
        const Finding *f = &d->list.at[i];
        if (f->kind == DIAG_WARNING || (f->kind == DIAG_ERROR && f->name))
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? " " : "", f->name);
        else if (f->kind == DIAG_ERROR)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? " | " : "", f->text);
    }
}

static void check_rows(const Row *rows, size_t count, const AssembleOptions *options)
{
    for (size_t i = 0; i < count; i++) {
        const Row *row = &rows[i];
        Arena arena = { 0 };
        Diag diag = { .arena = &arena };
        Object obj;
        char words[4096] = "", findings[4096];
        const bool good =
            assemble_text(&obj, &arena, "row.asm", row->source, strlen(row->source), options, &diag);
        if (good)
            list_words(&obj, words, sizeof words);
        list_findings(&diag, findings, sizeof findings);
        cr_expect(good == (row->words != NULL), "%s: %s: %s", row->name,
                  good ? "was accepted" : "was refused", findings);
        if (row->words && good)
            cr_expect_str_eq(words, row->words, "%s: %s, not %s", row->name, words, row->words);
        cr_expect_str_eq(findings, row->findings, "%s: found \"%s\", not \"%s\"", row->name, findings,
                         row->findings);
        arena_free(&arena);
    }
}

#define CHECK(rows) check_rows(rows, sizeof rows / sizeof *rows, &no_flow)

// Small pieces of code run into data and off their end; that is tested elsewhere.
static const AssembleOptions no_flow = {
    .hidden = WARNING_BIT(WARN_MISSING_HALT) | WARNING_BIT(WARN_FALLS_INTO_DATA) |
              WARNING_BIT(WARN_UNREACHABLE) | WARNING_BIT(WARN_REDUNDANT_CONDITION) |
              WARNING_BIT(WARN_SYSTEM_ORIGIN) | WARNING_BIT(WARN_RET_IN_MAIN),
};

#define IN(text) ".ORIG x3000\n" text "\n.END\n"

Test(dialects, directives_and_blocks)
{
    static const Row rows[] = {
        { "the five directives", IN(".FILL 1\n.BLKW 2\n.STRINGZ \"a\""), "3000: 0001 0000 0000 0061 0000",
          "" },
        { "lower case directives", ".orig x3000\n.fill 1\n.end\n", "3000: 0001", "" },
        { "several blocks", ".ORIG x3000\n.FILL 1\n.END\n.ORIG x4000\n.FILL 2\n.END\n",
          "3000: 0001 4000: 0002", "" },
        { ".ORIG again without .END", ".ORIG x3000\n.FILL 1\n.ORIG x4000\n.FILL 2\n.END\n",
          "3000: 0001 4000: 0002", "reopened-block" },
        { "missing .END", ".ORIG x3000\n.FILL 1\n", "3000: 0001", "missing-end" },
        { "missing final newline", ".ORIG x3000\n.FILL 1\n.END", "3000: 0001", "" },
        { "missing .ORIG", ".FILL 1\n.END\n", "3000: 0001", "missing-orig" },
        { "code before .ORIG", "ADD R0,R0,R0\n.ORIG x3000\n.FILL 1\n.END\n", NULL,
          "this stands before .ORIG, so it has no address" },
        { "text after .END", IN(".FILL 1") "don't read \"this\n.foo @ %\n", "3000: 0001", "text-after-end" },
        { "text on the .END line", ".ORIG x3000\n.FILL 1\n.END of it\n", "3000: 0001", "text-after-end" },
        { "a block after text after .END", IN(".FILL 1") "text here\n.ORIG x4000\n.FILL 2\n.END\n",
          "3000: 0001 4000: 0002", "text-after-end" },
        { "decimal .ORIG", ".ORIG 12288\n.FILL 1\n.END\n", "3000: 0001", "" },
        { "device .ORIG", ".ORIG xFE00\n.FILL 1\n.END\n", NULL,
          "xFE00 is device space: programs load below xFE00" },
        { "system .ORIG", ".ORIG x0200\n.FILL 1\n.END\n", "0200: 0001", "" },
        { ".EXTERNAL that is not used", ".EXTERNAL FOO\n" IN(".FILL 1"), "3000: 0001", "" },
        { ".IMPORT and .EXPORT", ".IMPORT FOO\n" IN("A .FILL 1\n.EXPORT A"), "3000: 0001",
          "foreign foreign" },
        { ".BREAK", IN("A .BREAK\n.FILL 1"), "3000: 0001", "foreign" },
        { "byte order mark", "\xEF\xBB\xBF.ORIG x3000\n.FILL 1\n.END\n", "3000: 0001", "" },
        { "CRLF", ".ORIG x3000\r\nA .FILL A\r\n.END\r\n", "3000: 3000", "" },
        { "old Macintosh line ends", ".ORIG x3000\rA .FILL A\r.END\r", "3000: 3000", "" },
        { "comments with //", IN(".FILL 1 // one"), "3000: 0001", "" },
        { "no-break spaces",
          IN("\xC2\xA0.FILL\xC2\xA0"
             "1"),
          "3000: 0001", "" },
        { "the end mark of DOS", ".ORIG x3000\n.FILL 1\n.END\n\x1A", "3000: 0001", "" },
        { "a whole program on a line", ".ORIG x3000 ADD R0,R0,#1 HALT .END", "3000: 1021 F025",
          "two-statements" },
    };
    CHECK(rows);
}

Test(dialects, numbers)
{
    static const Row rows[] = {
        { "decimals", IN(".FILL #10\n.FILL 10\n.FILL +5\n.FILL -5\n.FILL #-5\n.FILL #+5\n.FILL -#5"),
          "3000: 000A 000A 0005 FFFB FFFB 0005 FFFB", "" },
        { "hexadecimals",
          IN(".FILL x0A\n.FILL X0a\n.FILL 0x0A\n.FILL x-5\n.FILL -x5\n.FILL #x1F\n.FILL 0X1f"),
          "3000: 000A 000A 000A FFFB FFFB 001F 001F", "" },
        { "binaries", IN(".FILL b1010\n.FILL 0b1010\n.FILL B1010\n.FILL -b11"), "3000: 000A 000A 000A FFFD",
          "" },
        { "octals", IN(".FILL o17\n.FILL 0o17"), "3000: 000F 000F", "" },
        { "separators", IN(".FILL 1_000\n.FILL xF_F"), "3000: 03E8 00FF", "" },
        { "characters",
          IN(".FILL 'c'\n.FILL '\\n'\n.FILL ' '\n.FILL ';'\n.FILL '\\x41'\n.FILL '\\\\'\nADD R0, R0, '\\n'\n.FILL '''"),
          "3000: 0063 000A 0020 003B 0041 005C 102A 0027", "" },
        { ".FILL's range", IN(".FILL #-32768\n.FILL #65535\n.FILL xFFFF"), "3000: 8000 FFFF FFFF", "" },
        { ".FILL #65536", IN(".FILL #65536"), NULL, "#65536 does not fit in 16 bits (-32768 to 65535)" },
        { ".FILL x10000", IN(".FILL x10000"), NULL, "x10000 does not fit in 16 bits (-32768 to 65535)" },
        { ".FILL #-32769", IN(".FILL #-32769"), NULL, "#-32769 does not fit in 16 bits (-32768 to 65535)" },
        { "imm5 written x1F", IN("ADD R0,R0,x1F\nAND R0,R0,x10"), "3000: 103F 5030",
          "wrapped-number wrapped-number" },
        { "imm5 written xFFFF", IN("ADD R0,R0,xFFFF\nADD R0,R0,xFFF0"), "3000: 103F 1030",
          "wrapped-number wrapped-number" },
        { "imm5 in binary", IN("ADD R0,R0,b11111"), "3000: 103F", "wrapped-number" },
        { "imm5 #16", IN("ADD R0,R0,#16"), NULL, "16 does not fit in 5 bits (-16 to 15)" },
        { "imm5 #31", IN("ADD R0,R0,#31"), NULL, "31 does not fit in 5 bits (-16 to 15)" },
        { "imm5 x20", IN("ADD R0,R0,x20"), NULL, "x20 does not fit in 5 bits (-16 to 15)" },
        { "imm5 xFFEF", IN("ADD R0,R0,xFFEF"), NULL, "xFFEF does not fit in 5 bits (-16 to 15)" },
        { "offset6 written x3F", IN("LDR R0,R1,x3F\nSTR R0,R1,#-32"), "3000: 607F 7060", "wrapped-number" },
        { "TRAP vectors", IN("TRAP x25\nTRAP #37\nTRAP xFF"), "3000: F025 F025 F0FF", "" },
        { "TRAP x100", IN("TRAP x100"), NULL, "x100 does not fit in 8 bits (0 to 255)" },
        { "TRAP #-1", IN("TRAP #-1"), NULL, "-1 does not fit in 8 bits (0 to 255)" },
        { "literal offsets", IN("LD R0, #5\nBR #-3\nBR x1FE\nJSR #-1024\nLEA R1, 0"),
          "3000: 2005 0FFD 0FFE 4C00 E200", "wrapped-number" },
        { "an address for an offset", IN("ST R0, x3007"), NULL,
          "x3007 does not fit in 9 bits (-256 to 255)" },
        { "a huge number", IN(".FILL 99999999999999999999"), NULL,
          "99999999999999999999 does not fit in 16 bits (-32768 to 65535)" },
    };
    CHECK(rows);
}

Test(dialects, labels)
{
    static const Row rows[] = {
        { "colon, with and without blank", IN("A: .FILL A\nB : .FILL B"), "3000: 3000 3001", "" },
        { "case is ignored", IN("Loop .FILL LOOP"), "3000: 3000", "" },
        { "labels that differ in case", IN("Loop .FILL Loop\nLOOP .FILL LOOP"), "3000: 3000 3001",
          "label-case" },
        { "several labels, own lines", IN("A\nB\nC .FILL A\n.FILL B"), "3000: 3000 3000", "" },
        { "several labels on one line", IN("A B C .FILL A\n.FILL B"), "3000: 3000 3000", "" },
        { "several labels alone on one line", IN("A B\n.FILL A\n.FILL B"), "3000: 3000 3000", "" },
        { "longer than 20", IN("ABCDEFGHIJKLMNOPQRSTUVWXYZ .FILL ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "3000: 3000",
          "" },
        { "leading underscore", IN("_A .FILL _A"), "3000: 3000", "" },
        { "b1 and B10", IN("b1 .FILL 0\nB10 LD R0, b1\nBR B10"), "3000: 0000 21FE 0FFE",
          "label-name label-name" },
        { "xBAD and xA", IN("xBAD .FILL 1\nxA .FILL 2\nLD R0, xA\nBR xBAD"), "3000: 0001 0002 21FE 0FFC",
          "label-name label-name" },
        { "a number where no such label is", IN("LD R0, xA"), "3000: 200A", "" },
        { "xA in .FILL is a number", IN("xA .FILL xA"), "3000: 000A", "label-name" },
        { "b1 in .FILL is the label", IN("b1 .FILL b1"), "3000: 3000", "label-name" },
        { "ADD: is a label", IN("ADD: ADD R0,R0,#1\nBR ADD"), "3000: 1021 0FFE", "label-name" },
        { "HALT before data is a label", IN("HALT .FILL 1\nLD R0, HALT"), "3000: 0001 21FE", "label-name" },
        { "OUT as an operand", IN("LEA R0, OUT\nOUT: .BLKW 1"), "3000: E000 0000", "label-name" },
        { "ADD1 and BRANCH", IN("ADD1 .FILL ADD1\nBRANCH .FILL BRANCH"), "3000: 3000 3001", "" },
        { "R8 is a label", IN("R8 .FILL R8"), "3000: 3000", "" },
        { "R1 as a label", IN("R1 .FILL 7\nLD R0, R1"), "3000: 0007 21FE", "label-name" },
        { "begins with a digit", IN("2ND .FILL 2ND"), "3000: 3000", "label-name" },
        { "hyphen", IN("LOOP-1 .FILL LOOP-1"), "3000: 3000", "" },
        { "dot", IN("A.B .FILL A.B"), "3000: 3000", "" },
        { "before .ORIG", "MAIN\n.ORIG x3000\n.FILL MAIN\n.END\n", "3000: 3000", "" },
        { "on the .ORIG line", "MAIN .ORIG x3000\n.FILL MAIN\n.END\n", "3000: 3000", "" },
        { "on the .END line", ".ORIG x3000\n.FILL A\nA .END\n", "3000: 3001", "" },
        { "before .END", ".ORIG x3000\n.FILL A\nA\n.END\n", "3000: 3001", "" },
        { "twice", IN("A .FILL 1\nA .FILL 2"), NULL, "the label A is defined twice" },
        { "label+1 and label-1", IN("A .FILL A+1\n.FILL A-x1\n.FILL A + 2\n.FILL A +3\nLD R0, A+1"),
          "3000: 3001 2FFF 3002 3003 21FC", "" },
        { "not ASCII", IN("\xC3\xA9t\xC3\xA9 .FILL \xC3\xA9t\xC3\xA9"), "3000: 3000", "" },
    };
    CHECK(rows);
}

Test(dialects, statements)
{
    static const Row rows[] = {
        { "blanks for commas", IN("ADD R0 R0 #1\nLDR R1 R2 #0"), "3000: 1021 6280", "" },
        { "a comma behind the mnemonic", IN("ADD,R0,R0,#1"), "3000: 1021", "" },
        { "two commas", IN("ADD R0,,R0,#1"), "3000: 1021", "stray-comma" },
        { "a comma at the end", IN("ADD R0,R0,#1,"), "3000: 1021", "stray-comma" },
        { "lower case", IN("add r0, r0, #1\nbrNzP #0\nhalt"), "3000: 1021 0E00 F025", "" },
        { "BR is BRnzp", IN("BR #0\nBRnzp #0"), "3000: 0E00 0E00", "" },
        { "conditions in any order", IN("BRpz #0\nBRpn #0\nBRzn #0\nBRpzn #0"), "3000: 0600 0A00 0C00 0E00",
          "" },
        { "two statements on a line", IN("ADD R0,R0,#1 ADD R1,R1,#1"), "3000: 1021 1261", "two-statements" },
        { "a label before the second", IN("ADD R0,R0,#1 A: ADD R1,R1,#1\nBR A"), "3000: 1021 1261 0FFE",
          "two-statements" },
        { "a word before the second", IN("ADD R0,R0,#1 A ADD R1,R1,#1\nBR A"), "3000: 1021 1261 0FFE",
          "two-statements" },
        { "no blank before a comment", IN("A .FILL A;comment"), "3000: 3000", "" },
        { "PennSim's JMPT and RTT", IN("JMPT R2\nRTT"), "3000: C080 C1C0", "foreign foreign" },
        { "PUTC of lc3tools", IN("PUTC"), "3000: F021", "foreign" },
        { "names of the services", IN("GETC\nOUT\nPUTS\nIN\nPUTSP\nHALT"),
          "3000: F020 F021 F022 F023 F024 F025", "" },
        { "NOP and RTI", IN("NOP\nRTI\nRET\nJSRR R3"), "3000: 0000 8000 C1C0 40C0", "" },
        { "a lone word that is nothing", IN("FROBNICATE\n.FILL 1"), "3000: 0001", "lone-word" },
        { "a lone mistyped mnemonic", IN("HATL\n.FILL 1"), NULL, "there is no instruction HATL" },
        { "a lone word that is used", IN("HATL\n.FILL HATL"), "3000: 3000", "" },
        { "a label and a mistyped mnemonic", IN("LOOP HATL\n.FILL LOOP"), NULL,
          "there is no instruction HATL" },
        { "labels that are near a mnemonic", IN("END\nSET\nADDR\nNOTE\nINC\n.FILL 1"), "3000: 0001",
          "lone-word lone-word lone-word lone-word lone-word" },
        { "a mnemonic of three letters", IN("RTE\n.FILL 1"), NULL, "there is no instruction RTE" },
        { "a mnemonic that nobody has", IN("PUTN\n.FILL 1"), NULL, "there is no instruction PUTN" },
    };
    CHECK(rows);
}

Test(dialects, data)
{
    static const Row rows[] = {
        { "escapes", IN(".STRINGZ \"\\n\\t\\r\\0\\a\\b\\e\\f\\v\\\\\\\"\\'\\x41\""),
          "3000: 000A 0009 000D 0000 0007 0008 001B 000C 000B 005C 0022 0027 0041 0000", "" },
        { "unknown escape", IN(".STRINGZ \"\\q\""), "3000: 005C 0071 0000", "unknown-escape" },
        { "';' inside", IN(".STRINGZ \"a;b\""), "3000: 0061 003B 0062 0000", "" },
        { "escaped quote, then ';'", IN(".STRINGZ \"a\\\";b\""), "3000: 0061 0022 003B 0062 0000", "" },
        { "backslash at the end", IN(".STRINGZ \"a\\\\\""), "3000: 0061 005C 0000", "" },
        { "a register's name", IN(".STRINGZ \"R1\""), "3000: 0052 0031 0000", "" },
        { "empty", IN(".STRINGZ \"\""), "3000: 0000", "" },
        { "over several lines", IN(".STRINGZ \"a\nb\"\n.FILL 1"), "3000: 0061 000A 0062 0000 0001",
          "multi-line-string" },
        { "over several lines with CRLF", IN(".STRINGZ \"a\r\nb\""), "3000: 0061 000A 0062 0000",
          "multi-line-string" },
        { "no closing quote", IN(".STRINGZ \"a\nB .STRINGZ \"b\"\n.FILL B"), NULL,
          "this string has no closing quote" },
        { "bytes above 127", IN(".STRINGZ \"\xC3\xA9\""), "3000: 00C3 00A9 0000", "non-ascii" },
        { "packed", IN(".STRINGZP \"abc\"\n.STRINGZP \"ab\"\n.STRINGZP \"\""),
          "3000: 6261 0063 0000 6261 0000 0000", "" },
        { "single quotes", IN(".STRINGZ 'abc'"), NULL, "single quotes hold one character" },
        { "no quotes", IN(".STRINGZ hello"), NULL, ".STRINGZ needs a string in double quotes" },
        { "two strings", IN(".STRINGZ \"a\" \"b\""), NULL, ".STRINGZ takes one string" },
        { ".BLKW 0", IN(".BLKW 0\n.FILL 1"), "3000: 0001", "empty-block" },
        { ".BLKW -1", IN(".BLKW -1"), NULL, "-1 is no number of words (0 to 65535)" },
        { ".BLKW in hex, with a value", IN(".BLKW x2 #7"), "3000: 0007 0007", "" },
        { ".BLKW of a label", IN("A .BLKW A"), NULL, ".BLKW takes a number of words, not the label A" },
        { ".BLKW without operand", IN(".BLKW"), NULL, ".BLKW needs an operand" },
        { ".FILL of a label", IN("A .FILL A"), "3000: 3000", "" },
        { ".FILL of two values", IN(".FILL 1, 2"), NULL, ".FILL takes one value" },
    };
    CHECK(rows);
}

Test(dialects, strict_names_each_departure)
{
    static const AssembleOptions strict = {
        .is_strict = true,
        .hidden = WARNING_BIT(WARN_MISSING_HALT) | WARNING_BIT(WARN_FALLS_INTO_DATA) |
                  WARNING_BIT(WARN_UNREACHABLE),
    };
    static const Row rows[] = {
        { "the book", IN("A ADD R0, R0, #1\nLD R1, B\nTRAP x25\nB .FILL xFF"), "3000: 1021 2201 F025 00FF",
          "" },
        { "plain decimal", IN("ADD R0, R0, 1"), NULL, "plain-decimal" },
        { "number form", IN(".FILL 0x1F\n.FILL x-5\n.FILL o17\n.FILL #1_000"), NULL,
          "number-form number-form number-form number-form" },
        { "character", IN(".FILL 'c'"), NULL, "character" },
        { "literal offset", IN("LD R0, #5"), NULL, "literal-offset" },
        { "colon", IN("A: .FILL x0"), NULL, "label-colon" },
        { "label form", IN("A_B .FILL x0"), NULL, "label-form" },
        { "missing comma", IN("ADD R0 R0, #1"), NULL, "missing-comma" },
        { "expression", IN("A .FILL A+1"), NULL, "expression" },
        { "directive", IN(".STRINGZP \"a\""), NULL, "directive" },
        { "several blocks", IN(".FILL x1") IN(".FILL x2"), NULL, "several-blocks" },
        { "comment", IN(".FILL x1 // one"), NULL, "comment" },
        { "wrapped number", IN("ADD R0, R0, x1F"), NULL, "wrapped-number" },
        { "missing .END", ".ORIG x3000\n.FILL x1\n", NULL, "missing-end" },
        { "foreign", IN("RTT"), NULL, "foreign" },
    };
    check_rows(rows, sizeof rows / sizeof *rows, &strict);
}
