// emit_interp.h -- what the parts of the interpreter emitter share.
//
//   emit_interp.c   the file as a whole: which strategies, their table
//   emit_entry.c    what is decoded beforehand, and how it is forgotten
//   emit_handler.c  what an engine does for each instruction
//   emit_engine.c   how control moves from one handler to the next
//
// A handler's text is the same for every dispatch; four macros say how control
// moves: NEXT to the next instruction, JUMP(target) sets where that is, SLOW has
// ..._step do the whole instruction, CHANGED(address) tells the machine that
// code was overwritten.  Decode decides what a handler knows when it starts, flags
// decide where a lazy value lives; both show only in a few small functions.
#ifndef GEN_EMIT_INTERP_H
#define GEN_EMIT_INTERP_H

#include "emit_plan.h"

typedef struct { const Form *form; Plan plan; const char *id; } Entry;
typedef struct { const Fuse *fuse; FoldList folds; const char *id; } Super;

typedef struct {
    const Isa *isa;
    const EmitOptions *o;
    Writer *w;
    Arena arena;
    const char *type, *word;
    const char *mem; // "M"
    const char *pc;  // "PC"
    const char *at;  // the type of an address: "uint16_t"
    Primary primary;
    // Of the engine being written:
    Dispatch dispatch;
    Decode decode;
    bool lazy, fused;
    const char *engine; // "tail_addr_lazy"
    LIST(Entry) entries;  // by Form.index
    LIST(Super) supers;
    // Of the handler being written:
    const Plan *plan;
    const FoldList *folds;
    int part;
    const char *stored; // the address of a store whose code map is still to be looked at
} Interp;

// emit_entry.c.  Plans all forms and superinstructions for this decode, and makes it the engine's.
void plan_entries(Interp *out, Decode decode);
bool has_traps(const Interp *out); // a handler of its own runs traps, with the vector for its operand
void emit_place(Interp *out);
void emit_decoding(Interp *out, Decode decode);
void emit_forget(Interp *out);
const char *group_prefix(Decode decode); // of handler numbers: "ADDR"

// emit_handler.c
void emit_handlers(Interp *out);
bool is_ring_trap(const TrapEntry *t); // its word goes through a ring in line
const char *ring_trap_id(Interp *out, const TrapEntry *t); // "TRAP_SEND"
const char *rest_bits(Arena *a, const Lazy *lazy); // "m->PSR & 7"
const char *set_rest_bits(Arena *a, const Lazy *lazy, const char *argument);

// emit_engine.c.  The engine that out->dispatch, decode, lazy, fused and engine say.
void emit_engine(Interp *out);

#endif
