// jit_lower.h -- the words in which generated code says an instruction to LLVM.
//
// lc3gen writes one function per form; it calls what stands here, in the order in
// which the interpreters do the same.  Values are SSA values; fields of the word
// are constants.  Writes to registers are kept back until the instruction ends:
// whatever is rare (a device, a guard that holds, an exception, a service
// routine) leaves the region *before* the instruction, with nothing done yet, and
// the interpreter executes it.  No LLVM header is needed here.
#ifndef RUNTIME_JIT_LOWER_H
#define RUNTIME_JIT_LOWER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Lower Lower;
typedef struct LLVMOpaqueValue *LowerValue;
typedef struct LLVMOpaqueBasicBlock *LowerBlock;

typedef enum { LOWER_EQ, LOWER_NE, LOWER_LT, LOWER_LE, LOWER_GT, LOWER_GE } LowerCompare;

LowerValue lower_num(Lower *l, int width, uint64_t value);
LowerValue lower_neg(Lower *l, LowerValue a);
LowerValue lower_not(Lower *l, LowerValue a); // all bits; of a bool the other one
LowerValue lower_add(Lower *l, LowerValue a, LowerValue b);
LowerValue lower_sub(Lower *l, LowerValue a, LowerValue b);
LowerValue lower_mul(Lower *l, LowerValue a, LowerValue b);
LowerValue lower_and(Lower *l, LowerValue a, LowerValue b);
LowerValue lower_or(Lower *l, LowerValue a, LowerValue b);
LowerValue lower_xor(Lower *l, LowerValue a, LowerValue b);
LowerValue lower_compare(Lower *l, LowerCompare what, bool is_signed, LowerValue a, LowerValue b);
LowerValue lower_bit(Lower *l, LowerValue a, int bit, bool is_set); // a bool: a[bit] == is_set
LowerValue lower_slice(Lower *l, LowerValue a, int hi, int lo);
LowerValue lower_sext(Lower *l, LowerValue a, int width);
LowerValue lower_zext(Lower *l, LowerValue a, int width);
LowerValue lower_trunc(Lower *l, LowerValue a, int width);
LowerValue lower_choose(Lower *l, LowerValue condition, LowerValue a, LowerValue b);

// Registers by cell number, as in JitMachine.cells.
LowerValue lower_read(Lower *l, unsigned cell);
void lower_write(Lower *l, unsigned cell, LowerValue v);
LowerValue lower_pc(Lower *l); // the next instruction's address, or what was assigned
void lower_set_pc(Lower *l, LowerValue v);
LowerValue lower_last(Lower *l); // the result that stands for the condition codes
void lower_set_last(Lower *l, LowerValue v);

// Memory.  What is not ordinary memory in the region's mode leaves the region.
LowerValue lower_load(Lower *l, LowerValue address);
void lower_store(Lower *l, LowerValue address, LowerValue v);

// if (lower_then(l, &i, c)) { ... }  if (lower_else(l, &i)) { ... }  lower_end(l, &i);
// A condition known while compiling makes the other arm's question false.
enum { LOWER_CELLS = 16 };

typedef struct {
    LowerValue cell[LOWER_CELLS]; // NULL: not written by this instruction
    LowerValue pc, last;          // last is NULL when not set
    LowerValue after;             // what a host said, or NULL
    LowerValue known[LOWER_CELLS], known_last; // what the registers hold here, where that is known
} LowerPending;

typedef struct {
    LowerBlock other;      // where the second arm starts
    LowerBlock end[2];     // where the arms ended; NULL for an arm that left or is not taken
    LowerPending start, arm[2];
    int known;             // 0 or 1 when the condition is a constant, else -1
} LowerIf;

bool lower_then(Lower *l, LowerIf *i, LowerValue condition);
bool lower_else(Lower *l, LowerIf *i);
void lower_end(Lower *l, LowerIf *i);

// The interpreter does the instruction; nothing after this in the arm counts.
void lower_leave(Lower *l);
// The instruction ends here: on to the pc.  Does nothing after lower_leave.
void lower_finish(Lower *l);

// Whether the trap's native body may run now.
LowerValue lower_native(Lower *l, unsigned vector);
// Counts the trap in the state, as the interpreters do.  Does nothing after lower_leave.
void lower_count_trap(Lower *l, unsigned vector);
// Calls a host by index of its trap entry; goes on only when it is done.
void lower_host(Lower *l, int host, int in_count, const LowerValue *in, int out_count, LowerValue *out);

// What lc3gen writes per dialect.
typedef struct {
    const char *name;                               // the JitMachine's
    void (*const *forms)(Lower *l, unsigned word);  // by form index
    LowerValue (*codes)(Lower *l, LowerValue last); // the codes of a result, as wide as they are
    int codes_lo, codes_width;                      // their place in the register that holds them
    uint16_t codes_offset;                          // its place in a state
    uint16_t native_offset, traps_offset, attention_offset, instructions_offset;
} LowerMachine;

extern const LowerMachine lc3_ed3_lowering, lc3_ed2_lowering; // generated from gen/isa.def

#endif
