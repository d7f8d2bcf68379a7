// isa.h -- what a generated machine tells its tools: encodings, syntax, traps.
//
// lc3gen writes one `const IsaTable` per machine (lc3_isa for isa.def).  The
// assembler, the disassembler, the runtime's reports and the debuggers know
// instructions only through it.  Nothing here allocates.
#ifndef GEN_ISA_H
#define GEN_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    ISA_REG,      // an index into the machine's registers
    ISA_SIGNED,
    ISA_UNSIGNED,
    ISA_HEX,      // unsigned, by custom written in hex
    ISA_SET,      // letters, the leftmost is the highest bit
} IsaFieldKind;

typedef struct {
    const char *name;
    uint8_t hi, lo;
    uint8_t kind;    // IsaFieldKind
    bool is_pcrel;   // takes a label; counts from the word after the instruction
    const char *letters; // of ISA_SET
} IsaField;

enum { // roles of a form, an alias's form or a trap
    ISA_CALL = 1 << 0,      // goes to a subroutine or service that comes back
    ISA_RETURN = 1 << 1,    // comes back from one
    ISA_HALT = 1 << 2,      // ends the program
    ISA_LINK = 1 << 3,      // leaves the return address in the link register
    ISA_JUMP = 1 << 4,      // may leave the straight line
    ISA_COND = 1 << 5,      // and may also fall through
    ISA_INDIRECT = 1 << 6,  // the target is not in the word
    ISA_LOAD = 1 << 7,
    ISA_STORE = 1 << 8,
    ISA_TRAP = 1 << 9,      // dispatches through the trap table
    ISA_SETS_CC = 1 << 10,
    ISA_READS_CC = 1 << 11,
    ISA_RAISES = 1 << 12,
    ISA_RESERVED = 1 << 13, // no instruction: its word raises
    ISA_FOREIGN = 1 << 14,  // an alias of another tool: the assembler takes it with a warning
};

enum { ISA_OPERANDS = 4 };

typedef struct {
    const char *insn, *form;   // "ADD", "imm"; form is "" when there is one
    const char *title;         // "bitwise and"
    const char *mnemonic;      // "ADD"; NULL for a reserved pattern
    const char *syntax;        // "ADD dr, sr1, imm5"
    const char *pseudo;        // derived: "R[dr] = R[sr1] + sext16(imm5); CC"
    uint32_t line;             // in the description
    uint16_t mask, match;      // fixed bits
    uint16_t ignored, ignored_ones; // bits without meaning, and those assembled as 1
    uint8_t operand_count;
    uint8_t operand[ISA_OPERANDS]; // fields, in the order of the syntax
    int8_t suffix;             // the ISA_SET field glued to the mnemonic, or -1
    int8_t far;                // the form that does the same through a pointer, or -1
    uint16_t roles;
} IsaForm;

typedef struct {
    const char *name;  // "RET"
    uint8_t form;
    uint8_t bind_count;
    struct { uint8_t field; uint16_t value; } bind[ISA_OPERANDS];
    uint16_t word, mask; // bits that the binds and the form fix: word & mask of a match
    uint8_t operand_count; // operands still to be written, in order
    uint8_t operand[ISA_OPERANDS];
    uint16_t roles;    // the form's, with what the binds say (HALT: ISA_HALT)
    bool is_printed;   // the disassembler prefers it to the plain form
} IsaAlias;

typedef struct {
    uint16_t vector;
    const char *name, *title;
    uint16_t roles;
    bool is_host, is_blocking;
} IsaTrap;

typedef struct {
    const char *name, *title;
    uint16_t vector; // address of its entry in the vector table
    int priority;    // of an interrupt, else -1
} IsaException;

typedef struct {
    const char *name;
    uint16_t first, last;
    bool is_device, is_guarded; // in the default dialect
} IsaRegion;

typedef struct IsaTable {
    uint64_t version;    // of the headers that modules share: those of another one are refused
    const char *name, *title;
    uint64_t hash;       // of the description's meaning: encodings and semantics
    const char *const *register_names;
    int register_count;
    int link_register;   // written by ISA_LINK forms, -1 without
    const IsaField *fields;
    const IsaForm *forms;
    const IsaAlias *aliases;
    const IsaTrap *traps;       // ascending vectors
    const IsaException *exceptions;
    const IsaRegion *regions;
    uint8_t field_count, form_count, alias_count, trap_count, exception_count, region_count;
    // The one form of a word: an index into forms.
    uint8_t (*decode)(uint16_t word);
} IsaTable;

extern const IsaTable lc3_isa; // generated from gen/isa.def

// A field's value in a word; signed fields are sign-extended.
int32_t isa_field_get(const IsaField *field, uint16_t word);
// The word with the field's bits set to the low bits of `value`.
uint16_t isa_field_put(const IsaField *field, uint16_t word, int32_t value);
// Smallest and largest value that fits.
int32_t isa_field_min(const IsaField *field);
int32_t isa_field_max(const IsaField *field);

const IsaForm *isa_form(const IsaTable *isa, uint16_t word);
// "ADD.imm", or "BR" of an instruction with one form; and a number that changes with
// how its words are made.
void isa_form_name(const IsaForm *form, char *out, size_t out_size);
uint32_t isa_form_encoding(const IsaTable *isa, const IsaForm *form);
const IsaForm *isa_form_find(const IsaTable *isa, const char *name); // or NULL

const IsaTrap *isa_trap(const IsaTable *isa, uint16_t vector); // or NULL

// Roles of a word: its form's, with what its alias or trap entry adds.
unsigned isa_roles(const IsaTable *isa, uint16_t word);
// The target of a direct jump, call, load or store at `address`; false when the
// word has no pc-relative field.
bool isa_target(const IsaTable *isa, uint16_t word, uint16_t address, uint16_t *target);

// Writes the word as assembly into `out` ("ADD R0, R1, #-1"; "BRnz #5") and
// returns true when assembling that text gives the word back.  Otherwise writes
// ".FILL xNNNN" and, into `meaning` when not NULL, what a machine does with it.
bool isa_print(const IsaTable *isa, uint16_t word, char *out, size_t out_size, char *meaning,
               size_t meaning_size);

// The same, with `label` in the place of a pc-relative operand (NULL: a number).
bool isa_print_label(const IsaTable *isa, uint16_t word, const char *label, char *out,
                     size_t out_size, char *meaning, size_t meaning_size);

#endif
