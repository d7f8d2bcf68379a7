// jit_lower_own.h -- what the parts of the lowering share; only for jit_lower*.c.
//
//     jit_lower_values.c  numbers, comparisons, choices
//     jit_lower_memory.c  loads, stores, and what they look at first
//     jit_lower_flow.c    registers, arms, the end of an instruction, ways out
//     jit_lower_host.c    traps: calls, and the ring's fast paths
//     jit_lower_peel.c    loops that always go the same few rounds
//     jit_lower.c         blocks and regions
#ifndef RUNTIME_JIT_LOWER_OWN_H
#define RUNTIME_JIT_LOWER_OWN_H

#include "jit_lower_llvm.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXITS_MAX = 16 * REGION_WORDS, ALL_BLOCKS = REGION_BLOCKS + REGION_COPIES, HOST_ARGUMENTS = 4, PLAIN_MAX = 8, CHECKS_MAX = 16 };

typedef struct {
    LLVMBasicBlockRef from;
    LLVMValueRef code, budget;
} ExitEdge;

// base + from .. base + to is known to be ordinary memory.  The comparison that says
// so can still be made to say it of more addresses while its block is written.
typedef struct {
    LLVMValueRef base;
    int from, to;
    LLVMValueRef moved, inside;
} Check;

// What is known where a block ends that is the only way into another.
typedef struct {
    bool is_set;
    LowerValue known[LOWER_CELLS], known_last;
    Check checks[CHECKS_MAX];
    int check_count;
} Knowledge;

struct Lower {
    LLVMContextRef context;
    LLVMBuilderRef builder;
    LLVMValueRef function;
    LLVMTypeRef i1, i8, i16, i32, i64, ptr;
    LLVMValueRef cold; // branch weights: the second arm is rare
    unsigned prof;     // their metadata's kind

    const JitMachine *machine;
    const LowerMachine *lowering;
    const JitRegion *region;
    struct { uint16_t first, last; } plain[PLAIN_MAX]; // ordinary memory in the region's mode
    int plain_count;

    LLVMValueRef state, memory, frame, start_pc; // the function's parameters
    LLVMValueRef cell[LOWER_CELLS], last, budget, unused; // stack slots, gone after the first pass
    LLVMValueRef host_out[HOST_ARGUMENTS];
    bool written[LOWER_CELLS], last_written;
    LLVMBasicBlockRef heads[ALL_BLOCKS], exit;
    ExitEdge *exits;
    int exit_count;

    Knowledge *knowledge; // by block, from its only predecessor

    // Of the block and the instruction being lowered.
    int block;
    Check checks[CHECKS_MAX];
    int check_count;
    uint16_t at;
    int index, count;        // this is instruction `index` of the block's `count`
    LLVMValueRef left;       // the budget, with all up to the next head taken off
    LLVMValueRef saved;      // of that, what the way to this block did not use
    LLVMBasicBlockRef leave; // where this instruction is left to the interpreter, or NULL
    LowerPending now;
    LLVMValueRef likely;     // a condition that nearly always holds
    bool dead;               // this path has ended
    bool orphan;             // what is being written is never reached
    bool open;               // the block goes on with the next instruction
    int depth;               // of open LowerIfs
    bool is_traced;          // where blocks go is only noted
    int way_count;           // of the block
    int ways[2];             // addresses, or -1 when only the program knows
};

static inline LLVMTypeRef ir_bits(Lower *l, int width)
{
    return LLVMIntTypeInContext(l->context, (unsigned)width);
}

static inline LLVMValueRef ir_num(LLVMTypeRef type, uint64_t value)
{
    return LLVMConstInt(type, value, 0);
}

static inline bool ir_is_number(LLVMValueRef v, uint64_t *value)
{
    if (!LLVMIsAConstantInt(v))
        return false;
    *value = LLVMConstIntGetZExtValue(v);
    return true;
}

LLVMBasicBlockRef ir_block(Lower *l, const char *name);
// A branch whose second way is rare.
void ir_branch(Lower *l, LLVMValueRef condition, LLVMBasicBlockRef likely, LLVMBasicBlockRef rare);

// base + offset in bytes; base[index].
LLVMValueRef ir_field(Lower *l, LLVMValueRef base, size_t offset);
LLVMValueRef ir_place(Lower *l, LLVMTypeRef element, LLVMValueRef base, LLVMValueRef index);

// From here to the common exit, with what the function returns and the budget left.
void ir_exit(Lower *l, LLVMValueRef code, LLVMValueRef budget);
LLVMValueRef ir_exit_code(Lower *l, int kind, LLVMValueRef pc);
// The budget when so many instructions of the block are still to do.
LLVMValueRef ir_budget(Lower *l, int undone);
LLVMValueRef ir_saved(Lower *l, int more);

// Where this instruction is given to the interpreter: nothing of it is done yet.
LLVMBasicBlockRef ir_leave_block(Lower *l);
// Goes there; what is written after it is never reached.
void ir_never(Lower *l);

// The region's function; the stack slots, where the builder is; a block's instructions.
void ir_declare(Lower *l, LLVMModuleRef module, const char *name);
void ir_slots(Lower *l);
void ir_block_words(Lower *l, int block);

// Puts further blocks into the region (`plan` is l->region) for loops whose number of rounds
// follows from the words.  Whether there are any.
bool ir_peel_loops(Lower *l, LLVMModuleRef module, JitRegion *plan);

// Starts a block with what its only predecessor knew.
void ir_take_knowledge(Lower *l, const Knowledge *k);

#endif
