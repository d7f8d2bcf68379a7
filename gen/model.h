// model.h -- a machine description, read and checked.
//
// The parser builds it, check.c resolves every name and gives every expression
// its type; what comes after (the reference evaluator and the emitters) walks a
// model without errors and never looks at text again.  Everything lives in one
// arena.  Lists keep the order of the description.
#ifndef GEN_MODEL_H
#define GEN_MODEL_H

#include "base/diag.h"
#include "base/text.h"

// A name as written: what the parser leaves for check to resolve.
typedef struct {
    Text text;
    Span span;
} Name;

// ------------------------------------------------------------------- types

typedef enum {
    TYPE_NONE,  // no value: a proc's or a host's result
    TYPE_BITS,  // unsigned, 1 to 64 bits, wraps
    TYPE_I64,   // signed, overflow as the policy says
    TYPE_BOOL,
    TYPE_STR,
    TYPE_VALUE, // any variant of the tagged union
    TYPE_LITERAL, // an integer literal that has not met a width yet; gone after check
} TypeKind;

typedef struct {
    TypeKind kind;
    int width; // of TYPE_BITS
} Type;

// A type by name that the parser could not know yet: the union or one of its variants.
typedef struct {
    Type *type;
    int *tag; // gets the variant's index, -1 for the union; NULL where a variant is no type
    Name name;
} TypeUse;

// One variant of the tagged union: Label(str) "{}:" "label".  Its tag is its index.
typedef struct {
    Text name;
    Span span;
    Type type;
    Text shown; // how a value is displayed, its contents for {}; empty: "{}"
    Text json;  // the key under which a dump shows one; empty: as a plain value
} Variant;

// ------------------------------------------------------------- expressions

typedef enum {
    EXPR_NUM,    // num
    EXPR_BOOL,   // num is 0 or 1
    EXPR_STR,    // text
    EXPR_LOCAL,  // local: a let, a parameter, a stack operand
    EXPR_FIELD,  // field, zero-extended to the field's own width
    EXPR_REG,    // reg
    EXPR_REGS,   // regs, a: index
    EXPR_LAZY,   // lazy
    EXPR_MEM,    // mem, a: address
    EXPR_SLICE,  // a[hi:lo]
    EXPR_UNARY,  // op, a
    EXPR_BINARY, // op, a, b
    EXPR_COND,   // a ? b : c
    EXPR_CONVERT, // convert, a; result type in `type`
    EXPR_CALL,   // fn, args
    EXPR_HOST,   // host, args
    EXPR_POP,    // stack
    EXPR_NAME,   // only before check: an unresolved name in `text`; part.field with part in `a`
    EXPR_INDEX,  // only before check: a[b], a[b:c]
    EXPR_APPLY,  // only before check: text(args)
} ExprKind;

typedef enum {
    OP_NEG, OP_COMPL, OP_NOT,
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD,
    OP_AND, OP_OR, OP_XOR, OP_SHL, OP_SHR,
    OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE,
    OP_LAND, OP_LOR,
} Op;

// sextN zextN truncN: to bitsN.  s16(e), sN(e): bitsN read as signed, to i64.
// bitsN(e) of an i64: its low N bits is truncN.
typedef enum { CONVERT_SEXT, CONVERT_ZEXT, CONVERT_TRUNC, CONVERT_SIGNED } Convert;

typedef struct Expr Expr;
typedef struct Local Local;
typedef LIST(Expr *) ExprList;

struct Expr {
    ExprKind kind;
    Span span;
    Type type;
    Op op;
    Convert convert;
    Expr *a, *b, *c;
    ExprList args;
    uint64_t num;
    int hi, lo;
    Text text;
    Local *local;
    struct Field *field;
    struct Reg *reg;
    struct Regs *regs;
    struct Lazy *lazy;
    struct Mem *mem;
    struct Fn *fn;
    struct Host *host;
    struct Stack *stack;
};

// A named value inside a body.  `index` counts within its insn form, fn or proc,
// so that an emitter can keep values in an array and give every one its own name.
struct Local {
    Text name;
    Span span;
    Type type;
    int index;
    bool is_output; // a stack effect's result: assigned once on every path
    Expr *value;    // of a let; NULL for parameters and operands
};

// -------------------------------------------------------------- statements

typedef enum {
    STMT_LET,    // local, value
    STMT_SET,    // target (LOCAL, REG, REGS, MEM, SLICE of a reg), value
    STMT_LAZY,   // lazy <- value
    STMT_IF,     // value, then, other
    STMT_WHEN,   // dialect index, then, other
    STMT_RAISE,  // exception
    STMT_TRAP,   // value: dispatch through the trap table
    STMT_HALT,   // value or NULL
    STMT_PUSH,   // stack, value
    STMT_PROC,   // proc, args
    STMT_HOST,   // value: an EXPR_HOST whose result is not used
} StmtKind;

typedef struct Stmt Stmt;
typedef LIST(Stmt *) Block;

struct Stmt {
    StmtKind kind;
    Span span;
    Local *local;
    Expr *target, *value;
    Block then, other;
    int dialect;
    struct Lazy *lazy;
    struct Exception *exception;
    struct Stack *stack;
    struct Proc *proc;
    ExprList args;
    Text name; // before check: the name to resolve
    Span name_span;
};

// ------------------------------------------------------------ declarations

typedef struct {
    Text name;
    Span span;
    bool is_default;
} Dialect;

typedef struct Regs { // regs R[8] : bits16 "R0" ...
    Text name;
    Span span;
    int count;
    Type type;
    LIST(Text) names;
    int index;
} Regs;

typedef struct Reg { // reg PC : bits16 = 0x3000 pc;
    Text name;
    Span span;
    Type type;
    Expr *reset; // or NULL for zero
    bool is_pc;
    LIST(Name) attrs;
    struct Lazy *lazy; // the lazy value whose bits stand in this register, or NULL
    int index;
} Reg;

typedef struct Lazy { // lazy CC : bits3 = nzp(last: bits16) at PSR[2:0];
    Text name;
    Span span;
    Type type;
    struct Fn *fn; // of one parameter
    Reg *at;       // the register that holds it at rest, bits at_hi..at_lo
    int at_hi, at_lo;
    // For each value of `type` (at most 8 bits wide) an argument for which fn
    // gives it, or -1: values that no result produces, kept as written.
    int64_t *inverse;
    int index;
    Name fn_name; // before check
    Local *param;
    Expr *at_expr;
} Lazy;

typedef enum { REGION_RAM, REGION_DEVICE } RegionKind;

typedef struct { // region 0x0000 .. 0x2FFF system guard PSR[15] == 1 raise ACV;
    Text name;
    Span span;
    uint64_t first, last;
    RegionKind kind; // DEVICE when the name is "device": accesses go to the machine
    int guard_dialect; // -1: the guard holds in every dialect
    Expr *guard;     // or NULL: when it is true, `raise` happens
    struct Exception *raise;
    Span range;
    Name dialect_name, raise_name; // before check
} Region;

typedef struct Mem { // mem M[65536] : bits16 exec big { ... }
    Text name;
    Span span;
    uint64_t count;
    Type type;
    bool is_exec, is_big; // is_big: object files hold words high byte first
    LIST(Name) attrs;
    LIST(Region) regions; // ascending, covering everything
    int index;
} Mem;

typedef struct { // key value: underflow EmptyStack, limit 1048576
    Name key, value;
    bool is_number;
    uint64_t number;
} Setting;

typedef struct Stack { // stack S : Value underflow EmptyStack mismatch PatternMismatch ...;
    Text name;
    Span span;
    Type type;
    struct Exception *underflow, *mismatch, *overflow; // or NULL
    uint64_t limit; // entries, 0 without
    LIST(Setting) settings; // before check
    int index;
} Stack;

typedef struct { // code C : token halt 0 beyond OutOfBounds;
    Text name;
    Span span;
    int halt;
    struct Exception *beyond;
    LIST(Setting) settings; // before check
} Code;

typedef struct { // overflow wrap;  divide raise Arith
    Text key, value;
    Span span;
    struct Exception *raise; // when value is "raise"
    Name raise_name;         // before check
    Span value_span;
} Policy;

typedef LIST(Local *) LocalList;

typedef struct Fn { // fn nzp(v: bits16) -> bits3 = ...;
    Text name;
    Span span;
    LocalList params;
    Type type;
    Expr *body;
    int locals; // number of locals, parameters included
    int index;
} Fn;

typedef struct Proc { // proc enter(vec: bits16) { ... }
    Text name;
    Span span;
    LocalList params;
    Block body;
    int locals;
    int index;
} Proc;

typedef struct Exception {
    // exception PRIV at 0x0100 "..." do { ... }   exception EmptyStack exit 1 "...";
    // interrupt KBD at 0x0180 priority 4 "..." do { ... }
    Text name;
    Span span;
    Text title;
    bool is_interrupt;
    bool has_vector;
    Span vector_span;
    uint64_t vector; // the address of its entry in the vector table
    int priority;    // of an interrupt
    int exit;        // exit code of a named error, -1 without one
    // Runs with the PC at the instruction that raised, an interrupt's with the PC
    // of the next one.  `vector` and `priority` in it are numbers after check.
    Block body;
    int locals;
    int index; // exceptions and interrupts count in one row
} Exception;

typedef struct Host { // host read_line() -> str io raises InvalidInput;
    Text name;
    Span span;
    LocalList params;
    Type type;
    LIST(Name) attrs;
    struct Exception *raises; // what it may raise, or NULL
    int index;
} Host;

// ---------------------------------------------------------------- encoding

typedef enum {
    FIELD_REG,    // index into `regs`
    FIELD_SIGNED,
    FIELD_UNSIGNED,
    FIELD_HEX,    // unsigned, written in hex
    FIELD_SET,    // a set of letters, leftmost letter is the highest bit
} FieldKind;

typedef struct Field { // field off9 [8:0] signed pcrel;
    Text name;
    Span span;
    int hi, lo;
    Span range;
    FieldKind kind;
    Name kind_name, regs_name; // before check
    bool is_used;  // some pattern has it
    bool is_pcrel; // the assembler takes a label; the value counts from the next word
    Regs *regs;
    Text letters;
    int index;
} Field;

typedef enum { // what the runtime and the lints need to know of a form: `hint call;`
    ROLE_CALL = 1 << 0,   // goes to a subroutine or service that comes back
    ROLE_RETURN = 1 << 1, // comes back from one
    ROLE_HALT = 1 << 2,   // ends the program
    ROLE_LINK = 1 << 3,   // leaves the return address in a register (derived)
    ROLE_JUMP = 1 << 4,   // may leave the straight line (derived: assigns PC)
    ROLE_COND = 1 << 5,   // and may also fall through (derived)
    ROLE_INDIRECT = 1 << 6, // the target is not in the word (derived)
    ROLE_LOAD = 1 << 7,   // reads memory (derived)
    ROLE_STORE = 1 << 8,  // writes memory (derived)
    ROLE_TRAP = 1 << 9,   // dispatches through the trap table (derived)
    ROLE_SETS_LAZY = 1 << 10, // sets the condition codes (derived)
    ROLE_READS_LAZY = 1 << 11, // (derived)
    ROLE_RAISES = 1 << 12, // may raise (derived)
    ROLE_FOREIGN = 1 << 14, // another tool's name: not printed, taken with a warning
} Role;

typedef struct Form {
    Text name; // "reg"; empty when the instruction has one form
    Span span;
    Text enc;  // the pattern as written
    Span enc_span, assembly_span; // without their quotes
    uint64_t mask, match; // fixed bits
    uint64_t ignored, ignored_ones; // bits written '-' and '+', and those of them assembled as 1
    LIST(Field *) fields; // in the pattern, highest first
    Text assembly;             // "ADD {dr}, {sr1}, {sr2}" as written
    Text mnemonic;             // "ADD"
    Field *suffix;             // a FIELD_SET glued to the mnemonic, or NULL
    LIST(Field *) operands;    // in the order of the syntax
    LocalList lets;            // let b = R[sr2]: before the body
    ExprList let_values;
    Block body;   // the lets as STMT_LET, then the insn's statements; a tree of its own per form
    int locals;
    struct Insn *insn; // NULL of a reserved pattern
    unsigned roles;
    struct Form *far; // the form that does the same through a pointer (LD -> LDI), or NULL
    int index;        // over all forms; the reserved pattern counts too
    bool is_reserved;
} Form;

typedef struct Insn {
    Text name, title;
    Span span;
    LIST(Form *) forms;
    LIST(Name) hints;
    Name far;   // of `far LDI`
    Block body; // as parsed
    // Stack machines: (b: Num, a: Num -- r: Num)
    bool is_stack;
    Text spelling;
    Span spelling_span;
    LocalList inputs, outputs; // left to right, the top of the stack last
    LIST(int) input_tags;      // the wanted variant, -1 for any
    LIST(int) output_tags;     // -1: as the value says
    ExprList output_values;    // for shuffles without a body: EXPR_LOCAL of an input
    bool has_body;
    int locals;
    unsigned roles;
    int index;
} Insn;

// ------------------------------------------------------------- trap table

typedef struct { // in R[0], out R[0], sets CC
    Expr *place;
} TrapOperand;

typedef struct TrapEntry {
    uint64_t vector;
    Text name, title;
    Span span, vector_span;
    bool is_host;
    bool is_blocking; // may ask to be tried again
    LIST(Name) attrs; // io, bus, nic, metric ...
    ExprList in, out; // places read before and written after the host's work
    bool reads_memory, writes_memory;
    Lazy *sets; // set from the first `out`, or NULL
    Name sets_name; // before check
    LIST(Name) memories; // before check: of `reads M`, `writes M`
    // Without a host: what the entry does.  With one: what follows once the host
    // is done (HOST_DONE, HALT or ATTENTION), after `out` and `sets`; may be empty.
    Block body;
    int locals;
    unsigned roles;
    int index;
} TrapEntry;

typedef struct {
    Insn *insn;   // TRAP
    Field *field; // vect8
    LIST(TrapEntry *) list;
    Name insn_name, field_name; // before check
    Span span;
    bool has_otherwise;
    Block otherwise; // for vectors not listed, and for listed ones whose native body is off
    Text otherwise_title;
    int locals;
} Traps;

// ------------------------------------------------------------ conveniences

typedef struct { // baser = 7;  vect8 = HALT
    Text name;
    Span span;
    Field *field;
    uint64_t value; // the field's bits
    Expr *expr;     // before check
} Bind;

typedef struct Alias { // alias RET = JMP(baser = 7);
    Text name;
    Span span;
    Name target, target_form; // before check: ADD.imm
    Form *form;
    LIST(Bind) binds;
    LIST(Name) hints;
    unsigned roles;  // what its hints add to the form's
    bool is_printed; // the disassembler prefers it
    int index;
} Alias;

typedef struct FusePart {
    Text label; // a
    Span span;
    Text insn, form; // AND.imm, form empty when none is named; `literal Num` of a stack machine: insn "literal", form "Num"
    Form *target;
    Insn *insn_target;
    int literal_tag; // -1
    bool is_literal;
    bool is_label; // `label` of a stack machine: a label's definition, which does nothing
    Span target_span;
} FusePart;

typedef struct Fuse {
    Text name;
    Span span;
    LIST(FusePart) parts;
    Expr *where; // over part.field (EXPR_FIELD with `num` the part's index); or NULL
    int index;
} Fuse;

typedef struct { // R[1] = 1,  S = "2 3 1",  exit = 1,  bus = 7
    Text name;
    Expr *index; // of R[...], M[...]; or NULL
    Expr *value;
    Span span;
} ExampleBind;

typedef struct Example {
    Text name;
    Span span;
    LIST(ExampleBind) given, expect;
    Name dialect_name;
    int dialect;   // -1: runs in every dialect
    Text run;      // assembly source
    Span run_span; // without its quotes
} Example;

typedef enum {
    RULE_NONE,
    RULE_BLANK,   // blank " \t";  bytes that end a token
    RULE_COMMENT, // comment "#";  to the end of the line
    RULE_QUOTE,   // quote "\"" escape "\\" pairs "n\nt\t" wrong InvalidString;
    RULE_TEXT,    // text utf8 wrong InvalidInput;  what every text must be
    RULE_WORDS,   // literal Bool "true" "false";
    RULE_DECIMAL, // literal Num decimal;
    RULE_QUOTED,  // literal String quoted;
    RULE_OPCODE,  // opcode Operation;
    RULE_DEFINE,  // labeldef Label ":" wrong MultipleLabelDefinitions;
    RULE_REFER,   // labelref PossibleLabel as Num wrong UndefinedLabel;  any other word
} RuleKind;

typedef struct {
    Text text;
    Span span;
    bool is_string;
} TokenPiece;

// A rule of `tokens`: the pieces as written, and what check made of them.
typedef struct {
    Text kind;
    Span span;
    LIST(TokenPiece) pieces; // behind the kind
    RuleKind rule;
    int tag;          // of the variant that holds such a token, -1 without one
    int location_tag; // of labelref: what a label is in a running program
    Text first, second, pairs; // strings in order; of quote: quote, escape, pairs
    Exception *wrong; // of a text that breaks the rule, or NULL
} TokenRule;

// ----------------------------------------------------------------- the isa

typedef struct Isa {
    Arena *arena;
    const Source *source;
    Text name, title;
    Span span;
    LIST(Dialect) dialects;
    LIST(Variant) variants; // of the tagged union; empty without one
    Text variant_type;      // "Value"
    Span variant_span;
    LIST(Policy) policies;
    LIST(Regs *) regs;
    LIST(Reg *) reg;
    LIST(Lazy *) lazies;
    LIST(Mem *) mems;
    LIST(Stack *) stacks;
    Code *code;
    LIST(Fn *) fns;
    LIST(Proc *) procs;
    LIST(Exception *) exceptions;
    LIST(Host *) hosts;
    int word_bits; // of `encoding bits16`; 0 without one
    Span encoding_span;
    LIST(Field *) fields;
    LIST(TokenRule) tokens;
    LIST(Insn *) insns;
    LIST(Form *) forms; // of all insns, in order, then the reserved pattern(s)
    LIST(Form *) reserved; // before check
    Traps *traps;
    LIST(Alias *) aliases;
    LIST(Fuse *) fuses;
    LIST(Example *) examples;
    Reg *pc;
    LIST(TypeUse) type_uses; // before check
    // What mistakes in the text took away; nobody complains that it is missing.
    LIST(Name) broken;
    bool is_broken; // an encoding, or an instruction
} Isa;

enum { DESCRIPTION_BYTES = 1 << 20, DESCRIPTION_ITEMS = 4096, ITEM_TOKENS = 10000 }; // at most

// Reads, resolves and checks a description.  Every finding goes to `diag`; the
// result may be used further only when diag->errors is 0.
Isa *isa_parse(const Source *source, Arena *arena, Diag *diag);
void isa_check(Isa *isa, Diag *diag);

// What a block does in a dialect, procs included: derived ROLE_ bits.
unsigned isa_block_roles(const Isa *isa, const Block *block, int dialect);

// The forms and entries by name; NULL without one.
Insn *isa_find_insn(const Isa *isa, Text name);
TrapEntry *isa_find_trap(const Isa *isa, uint64_t vector);

// The default dialect's index, or 0 without dialects; find returns -1.
int isa_default_dialect(const Isa *isa);
int isa_find_dialect(const Isa *isa, Text name);

#endif
