// emit_plan.h -- what an engine can know about a form before it runs.
//
// An engine's handler is a fast path: either it does the whole instruction, or it
// notices, before it has changed anything, that it cannot, and leaves the whole
// instruction to ..._step.  The plan says whether a form can be done that way and
// which of its values are constants once the word (and, when decoded by address,
// its place) is known.  Those are packed into the 32 operand bits of an entry.
#ifndef GEN_EMIT_PLAN_H
#define GEN_EMIT_PLAN_H

#include "emit_c.h"

typedef struct {
    const Expr *expr;
    const char *name;
    int width; // of its value
    int at;    // its lowest bit among the operands
    int room;  // 8 or 16 bits
} Slot;

typedef struct { const Local *local; const Expr *value; } ConstLocal;

typedef struct {
    const Isa *isa;
    int dialect;
    Decode decode;
    const Form *form;
    bool is_fast;    // false: always ..._step
    bool is_packed;  // false: the operands are the word itself and, by address, the next pc
    LIST(Slot) slots;
    LIST(ConstLocal) locals;             // lets whose values are constants
    LIST(const Expr *) fixed_addresses;  // constants at which the form loads or stores
    bool sets_pc, stores, loads;
    const Expr *trap; // the form does nothing but dispatch this constant through the trap table; else NULL
} Plan;

Plan plan_form(const Isa *isa, int dialect, Decode decode, const Form *form, Arena *a);
// Also follows locals of the plan.
bool plan_is_constant(const Plan *plan, const Expr *e);
const Slot *plan_slot(const Plan *plan, const Expr *e); // or NULL
// A constant local's value; other expressions as they are.
const Expr *plan_value(const Plan *plan, const Expr *e);

// What a superinstruction's condition says of single fields: a.imm5 == 0.
typedef struct { int part; const Field *field; uint64_t value; } Fold;
typedef LIST(Fold) FoldList;
FoldList plan_folds(const Fuse *fuse, Arena *a);
// True when the folds of this part decide the constant; gives its value.
bool plan_folded(const Plan *plan, const FoldList *folds, int part, const Expr *e, uint64_t *value);

// True when an engine can run the parts as one: all fast, only the last leaves the straight line.
bool plan_can_fuse(const Isa *isa, int dialect, Decode decode, const Fuse *fuse);

#endif
