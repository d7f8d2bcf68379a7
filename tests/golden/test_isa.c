// test_isa MANUAL -- what the tables tell of single words, and that the manual tells
// everything.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "isa.h"

static int failures;

static void check(bool holds, const char *what, unsigned word)
{
    if (!holds) {
        failures++;
        printf("%s, x%04X\n", what, word);
    }
}

// ------------------------------------------------------------------- roles

static void check_roles(void)
{
    static const struct {
        uint16_t word;
        unsigned has, lacks;
        const char *what;
    } rows[] = {
        { 0x0201, ISA_JUMP | ISA_COND | ISA_READS_CC, ISA_INDIRECT | ISA_CALL, "BRp may jump" },
        { 0x0E01, ISA_JUMP, ISA_COND | ISA_READS_CC, "BRnzp always jumps" },
        { 0x0000, 0, ISA_JUMP | ISA_COND, "NOP never jumps" },
        { 0xC080, ISA_JUMP | ISA_INDIRECT, ISA_RETURN | ISA_COND | ISA_FOREIGN,
          "JMP R2 goes who knows where" },
        { 0xC1C0, ISA_RETURN, ISA_CALL | ISA_FOREIGN, "RET comes back" },
        { 0x4801, ISA_CALL | ISA_LINK, ISA_INDIRECT | ISA_RETURN, "JSR calls" },
        { 0x4080, ISA_CALL | ISA_LINK | ISA_INDIRECT, ISA_RETURN, "JSRR calls through a register" },
        { 0x2001, ISA_LOAD | ISA_SETS_CC, ISA_STORE | ISA_JUMP, "LD loads" },
        { 0xA001, ISA_LOAD | ISA_SETS_CC, ISA_STORE, "LDI loads" },
        { 0x3001, ISA_STORE, ISA_LOAD | ISA_SETS_CC, "ST stores" },
        { 0xB001, ISA_STORE | ISA_LOAD, ISA_SETS_CC, "STI loads its pointer and stores" },
        { 0xE001, 0, ISA_LOAD | ISA_STORE | ISA_SETS_CC, "LEA touches no memory" },
        { 0x8000, ISA_RETURN | ISA_RAISES, ISA_CALL, "RTI comes back or raises" },
        { 0xF025, ISA_TRAP | ISA_HALT, ISA_CALL, "HALT does not come back" },
        { 0xF020, ISA_TRAP | ISA_CALL, ISA_HALT, "GETC comes back" },
        { 0xF031, ISA_TRAP | ISA_SETS_CC, ISA_HALT, "RECV sets the codes" },
        { 0xF077, ISA_TRAP | ISA_CALL, ISA_HALT, "an unknown service is a call" },
        { 0xD000, ISA_RESERVED | ISA_RAISES, ISA_JUMP, "the reserved opcode raises" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned roles = isa_roles(&lc3_isa, rows[i].word);
        check((roles & rows[i].has) == rows[i].has && !(roles & rows[i].lacks), rows[i].what, rows[i].word);
    }
    check(lc3_isa.link_register == 7, "R7 is the link register", 0);
}

static void check_targets(void)
{
    uint16_t target = 0;
    check(isa_target(&lc3_isa, 0x0FFF, 0x3000, &target) && target == 0x3000, "BR #-1 goes to itself", 0x0FFF);
    check(isa_target(&lc3_isa, 0x4BFF, 0x3000, &target) && target == 0x3400, "JSR #1023 goes far", 0x4BFF);
    check(isa_target(&lc3_isa, 0x2001, 0xFFFE, &target) && target == 0x0000, "targets wrap", 0x2001);
    check(!isa_target(&lc3_isa, 0x6042, 0x3000, &target), "LDR names no address", 0x6042);
}

// ---------------------------------------------------------------- printing

static void check_text(void)
{
    static const struct {
        uint16_t word;
        const char *text, *meaning; // a meaning makes it .FILL
    } rows[] = {
        { 0x1042, "ADD R0, R1, R2", NULL },
        { 0x1070, "ADD R0, R1, #-16", NULL },
        { 0x0C05, "BRnz #5", NULL },
        { 0x0E05, "BR #5", NULL },
        { 0x0000, "NOP", NULL },
        { 0xC1C0, "RET", NULL },
        { 0xC080, "JMP R2", NULL },
        { 0xF025, "HALT", NULL },
        { 0xF030, "TRAP x30", NULL },
        { 0x903F, "NOT R0, R0", NULL },
        { 0x0005, ".FILL x0005", "BR #5 without nzp: no effect" },
        { 0x105A, ".FILL x105A", "ADD R0, R1, R2 with ignored bits x18" },
        { 0x9000, ".FILL x9000", "NOT R0, R0 with ignored bits x0" },
        { 0x8001, ".FILL x8001", "RTI with ignored bits x1" },
        { 0xDABC, ".FILL xDABC", "reserved opcode: raise ILL" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[80], meaning[80];
        bool exact = isa_print(&lc3_isa, rows[i].word, text, sizeof text, meaning, sizeof meaning);
        check(exact == !rows[i].meaning && !strcmp(text, rows[i].text), text, rows[i].word);
        check(!strcmp(meaning, rows[i].meaning ? rows[i].meaning : ""), meaning, rows[i].word);
    }
    char small[8] = "", label[80];
    isa_print(&lc3_isa, 0x1042, small, sizeof small, NULL, 0);
    check(!strcmp(small, "ADD R0,"), "text is cut where it must end", 0x1042);
    isa_print_label(&lc3_isa, 0x2E05, "PLACE", label, sizeof label, NULL, 0);
    check(!strcmp(label, "LD R7, PLACE"), label, 0x2E05);
}

static void check_fields(void)
{
    for (int i = 0; i < lc3_isa.field_count; i++) {
        const IsaField *f = &lc3_isa.fields[i];
        for (int32_t v = isa_field_min(f); v <= isa_field_max(f); v++) {
            uint16_t word = isa_field_put(f, 0xFFFF, v), other = isa_field_put(f, 0, v);
            unsigned bits = (unsigned)(word ^ 0xFFFF) | other;
            check(isa_field_get(f, word) == v && isa_field_get(f, other) == v, f->name, word);
            check(!(bits & ~(((1u << (f->hi - f->lo + 1)) - 1) << f->lo)), f->name, word);
        }
    }
}

// ------------------------------------------------------------------ manual

static void check_manual(const char *path)
{
    FILE *in = fopen(path, "r");
    static char text[1 << 20];
    if (!in || !fread(text, 1, sizeof text - 1, in)) {
        printf("%s: cannot be read\n", path);
        failures++;
        return;
    }
    fclose(in);
    char wanted[128];
    for (int i = 0; i < lc3_isa.form_count; i++) {
        const IsaForm *f = &lc3_isa.forms[i];
        snprintf(wanted, sizeof wanted, "**`%s`**", f->syntax);
        check(f->roles & ISA_RESERVED || strstr(text, wanted), f->syntax, f->match);
        check(f->roles & ISA_TRAP || strstr(text, f->pseudo), f->pseudo, f->match);
    }
    for (int i = 0; i < lc3_isa.alias_count; i++) {
        snprintf(wanted, sizeof wanted, "- `%s` is ", lc3_isa.aliases[i].name);
        check(strstr(text, wanted), wanted, lc3_isa.aliases[i].word);
    }
    for (int i = 0; i < lc3_isa.trap_count; i++) {
        snprintf(wanted, sizeof wanted, "| x%02X | %s | %s", lc3_isa.traps[i].vector, lc3_isa.traps[i].name,
                 lc3_isa.traps[i].title);
        check(strstr(text, wanted), wanted, lc3_isa.traps[i].vector);
    }
    for (int i = 0; i < lc3_isa.exception_count; i++) {
        snprintf(wanted, sizeof wanted, "| x%04X | %s | %s", lc3_isa.exceptions[i].vector,
                 lc3_isa.exceptions[i].name, lc3_isa.exceptions[i].title);
        check(strstr(text, wanted), wanted, lc3_isa.exceptions[i].vector);
    }
    check(strstr(text, "+-----------+--------+--------+--+-----+--------+\n| 0  0  0  1|   dr   |  sr1   | "
                       "0| -  -|  sr2   |\n"),
          "the picture of an encoding", 0x1000);
    check(strstr(text, "| `JSRR R7` | `R[7] = x4000` | `PC = x4000`, `R[7] = x3001` |"), "an example",
          0x41C0);
}

int main(int argc, char **argv)
{
    check_roles();
    check_targets();
    check_text();
    check_fields();
    check_manual(argc > 1 ? argv[1] : "");
    printf("%d failures\n", failures);
    return failures != 0;
}
