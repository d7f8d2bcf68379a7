// emit_stack_body.h -- bodies of a stack machine's instructions, written as C.
//
// The same tree is written in two ways.  Exact: operands come one by one from the
// machine at rest, and what fails raises.  Fast: everything is looked at before
// anything changes, and what does not fit leaves by SLOW for the exact way.
#ifndef GEN_EMIT_STACK_BODY_H
#define GEN_EMIT_STACK_BODY_H

#include "emit_c.h"
#include "stack_table.h"

// A value as C text: its contents, and the tag of one of the union.
typedef struct {
    const char *n, *tag;
    int known; // the tag's number, -1 when only the run knows
    int slot;  // where on the machine's stack it came from, counted from the top; -1 elsewhere
} SText;

typedef struct {
    const Isa *isa;
    const EmitOptions *options;
    Arena *arena;
    Writer *w;
    int indent;
    const Insn *insn;
    const char *part; // put before names
    bool is_exact;
    const char *ip; // exact: NULL; fast: text of the index of the next instruction
    int temps;
    LIST(LocalName) names;
    // Fast: what is done at the end.
    const char *jump;      // target, or NULL
    const char *pushed[5]; // by stack
    bool popped[5];
} SBody;

SText sbody_expr(SBody *b, const Expr *e);
void sbody_block(SBody *b, const Block *block);
void sbody_line(SBody *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A new C variable for a local; its name.
const char *sbody_name(SBody *b, const Local *local);
const char *sbody_tag(SBody *b, int tag); // "SVM_TAG_Num"
const char *sbody_error(SBody *b, const Exception *x);

// What fails, or changes something: must stay where the description has it.
bool sbody_is_careful(const Expr *e);

// Whether an instruction can be done fast: it only computes, and jumps at most.
bool sbody_is_plain(const Insn *insn);

// A body that nothing is written of yet.
SBody sbody_new(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w, const Insn *insn,
                int indent);
// The C variables of the outputs that a body computes, and of what stands in an output's place.
void sbody_outputs(SBody *b);
const char *sbody_output(const SBody *b, size_t i);

// emit_stack_step.c
void emit_stack_step(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w);
void emit_stack_origin(const Isa *isa, const EmitOptions *options, const Insn *insn, Arena *arena, Writer *w,
                       int indent);

// emit_stack_fast.c: one handler for the words in a row.
typedef struct {
    int word;
    const Insn *insn; // or NULL: a literal of `tag`, a label, the end
    int tag;
} StackPart;
void emit_stack_handler(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w,
                        const StackPart *parts, int count, int indent);

// Whether --fuse asks for it.
bool fuse_is_chosen(const EmitOptions *options, const Fuse *fuse);

#endif
