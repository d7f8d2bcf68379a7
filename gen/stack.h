// stack.h -- what a generated stack machine tells its tools: values, words, errors.
//
// lc3gen writes one `const StackTable` per machine (svm_table for stack.def).  The
// loader here, the runtime and its reports know operations and kinds of values only
// through it; lc3gen itself builds one from the model to run examples.
#ifndef GEN_STACK_H
#define GEN_STACK_H

#include "base/diag.h"
#include "base/text.h"
#include "base/writer.h"

// ------------------------------------------------------------------ values

// Immutable text.  What a program creates while it runs is chained and collected;
// texts of the program itself live as long as it does.
typedef struct StackString {
    struct StackString *next;
    size_t size;
    bool is_marked;
    char bytes[];
} StackString;

typedef struct {
    int64_t n;    // the number, truth or operation; of a text its StackString's address
    uint64_t tag; // of the variant, or STACK_NONE
} StackValue;

enum { STACK_NONE = 0xFF }; // no value: what lies below an empty stack

static inline const StackString *stack_string(StackValue v)
{
    return (const StackString *)(intptr_t)v.n;
}

bool stack_text_same(int64_t a, int64_t b); // the contents of two StackStrings

// ------------------------------------------------------------------- table

typedef enum { STACK_I64, STACK_BOOL, STACK_STR, STACK_BITS } StackPayload;

typedef struct {
    const char *name;
    StackPayload payload;
    const char *shown; // "<op:{}>": how a value is displayed
    const char *json;  // its key in a dump; NULL: a plain value
} StackVariant;

enum { // roles of an operation
    STACK_CALL = 1 << 0,
    STACK_RETURN = 1 << 1,
    STACK_HALT = 1 << 2,
    STACK_JUMP = 1 << 4,
};

typedef struct {
    const char *name, *spelling;
    const char *effect; // "b: Num, a: Num -- r: Num"
    const char *does;   // "r = a + b"
    uint8_t inputs, outputs;
    unsigned roles;
} StackOp;

typedef struct {
    const char *name;
    int exit;
    const char *message; // with {want} and the like
} StackError;

typedef struct {
    const char *name;
    bool is_values;
    uint64_t limit; // entries
    int overflow;   // the error of one more
} StackStack;

typedef struct {
    const char *name;
    int count;
    const uint16_t *words; // StackWord numbers
} StackFuse;

typedef enum {
    STACK_WORDS,
    STACK_DECIMAL,
    STACK_OPCODE,
    STACK_QUOTED,
    STACK_DEFINE,
    STACK_REFER
} StackRuleKind;

typedef struct {
    StackRuleKind kind;
    int tag;          // -1: no value holds such a token
    int location_tag; // of STACK_REFER
    const char *first, *second;
    int wrong; // error, -1 none
} StackRule;

typedef struct StackTable {
    const char *name, *title;
    const StackVariant *variants;
    int variant_count;
    const StackOp *ops;
    int op_count;
    const StackError *errors;
    int error_count;
    const StackStack *stacks; // the one of values first
    int stack_count;
    const StackFuse *fuses;
    int fuse_count;
    const StackRule *rules;
    int rule_count;
    const char *blanks;
    char comment, quote, escape; // 0: none
    const char *pairs;           // "n\nt\t"
    int wrong_quote, wrong_text; // errors, -1 none
    int halt;                    // exit code at the end of the program
    int beyond;                  // error
    uint64_t meaning;            // a hash of the description, in generated tables
} StackTable;

// A program is made of words by number: operations, then literals by their tag, then
// a label's definition, then the end of the program, then superinstructions.
static inline int stack_literal(const StackTable *t, int tag)
{
    return t->op_count + tag;
}
static inline int stack_label(const StackTable *t)
{
    return t->op_count + t->variant_count;
}
static inline int stack_end(const StackTable *t)
{
    return stack_label(t) + 1;
}

// ----------------------------------------------------------------- program

typedef struct {
    uint16_t word;
    StackValue value; // of a literal and, its name, of a label
    uint32_t begin, end;
} StackElement;

typedef struct {
    const StackTable *table;
    const Source *source;
    LIST(StackElement) code;
} StackProgram;

typedef struct {
    bool is_compatible; // comments and escapes as the machine's first author had them
    bool is_program;    // labels are resolved; otherwise they are values
} StackReading;

// Reads a text.  Every mistake goes to `diag`; returns the table's error of the first
// one, or -1.
int stack_read(StackProgram *p, const StackTable *table, const Source *source, StackReading how, Arena *a,
               Diag *diag);

StackString *stack_new_string(Arena *a, const char *bytes, size_t size);

// The value of [+-]?[0-9]+, when it is one and in range.
bool stack_number(const char *bytes, size_t size, int64_t *value);
bool stack_is_utf8(const char *bytes, size_t size, size_t *bad); // where it is not

// As the machine displays it; as a program's reader writes it: Num(1), String("a\n").
void stack_display(Writer *w, const StackTable *t, StackValue v);
void stack_debug(Writer *w, const StackTable *t, StackValue v);
void stack_debug_element(Writer *w, const StackTable *t, const StackElement *e);

// A message of the table, its {name}s replaced by the values of `names`, which ends
// with a NULL name.
typedef struct {
    const char *name, *value;
} StackName;
const char *stack_message(Arena *a, const char *message, const StackName *names);

#endif
