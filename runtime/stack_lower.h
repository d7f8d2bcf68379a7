// stack_lower.h -- the words in which generated code says an operation to LLVM.
//
// lc3gen writes one function per operation of a stack machine; it calls what stands
// here.  Values of the stack are known while compiling, as far as they can be: what
// was pushed since the code began is an SSA value, often of a known kind, and nothing
// of it is in memory.  An operation takes what it needs first; whatever does not fit
// (a kind, a depth, a division) leaves the code *before* the operation, with nothing
// done yet, and the interpreter does it, exactly.  No LLVM header is needed here.
#ifndef RUNTIME_STACK_LOWER_H
#define RUNTIME_STACK_LOWER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct StackLower StackLower;
typedef struct LLVMOpaqueValue *SayValue; // a truth is one bit, everything else 64

typedef struct {
    SayValue n, tag;
    int known; // the tag's number, -1 when only the run knows
} SayHeld;

// The stack of values: from the top, leaving when nothing or another kind is there
// (-1: any kind will do); and back.
SayHeld say_take(StackLower *l, int tag);
SayHeld say_held(StackLower *l, int tag, SayValue n);
void say_put(StackLower *l, SayHeld v);

// Other stacks by number, and where control goes next.
SayValue say_pop(StackLower *l, int stack);
void say_push(StackLower *l, int stack, SayValue v);
SayValue say_ip(StackLower *l);
void say_jump(StackLower *l, SayValue to);

SayValue say_num(StackLower *l, int64_t value);
SayValue say_truth(StackLower *l, bool value);
SayValue say_neg(StackLower *l, SayValue a);
SayValue say_not(StackLower *l, SayValue a); // all bits; of a truth the other one
SayValue say_add(StackLower *l, SayValue a, SayValue b);
SayValue say_sub(StackLower *l, SayValue a, SayValue b);
SayValue say_mul(StackLower *l, SayValue a, SayValue b);
// The same where a signed result that does not fit leaves.
SayValue say_add_checked(StackLower *l, SayValue a, SayValue b);
SayValue say_sub_checked(StackLower *l, SayValue a, SayValue b);
SayValue say_mul_checked(StackLower *l, SayValue a, SayValue b);
// By zero, or the smallest by -1, leaves.
SayValue say_div(StackLower *l, bool is_signed, SayValue a, SayValue b);
SayValue say_mod(StackLower *l, bool is_signed, SayValue a, SayValue b);
SayValue say_and(StackLower *l, SayValue a, SayValue b);
SayValue say_or(StackLower *l, SayValue a, SayValue b);
SayValue say_xor(StackLower *l, SayValue a, SayValue b);
// By `width` or more: zero; of a signed number shifted right, its sign.
SayValue say_shl(StackLower *l, int width, SayValue a, SayValue b);
SayValue say_shr(StackLower *l, int width, bool is_signed, SayValue a, SayValue b);
SayValue say_cut(StackLower *l, int width, SayValue a);  // the low bits
SayValue say_sext(StackLower *l, int width, SayValue a); // of a number of so many bits

typedef enum { SAY_EQ, SAY_NE, SAY_LT, SAY_LE, SAY_GT, SAY_GE } SayCompare;
SayValue say_compare(StackLower *l, SayCompare what, bool is_signed, SayValue a, SayValue b);
SayValue say_same(StackLower *l, SayHeld a, SayHeld b); // kind and contents
SayValue say_same_text(StackLower *l, SayValue a, SayValue b);
SayValue say_choose(StackLower *l, SayValue condition, SayValue a, SayValue b);
SayHeld say_choose_held(StackLower *l, SayValue condition, SayHeld a, SayHeld b);

// What is said between leaves only where the condition holds.
void say_when(StackLower *l, SayValue condition);
void say_end(StackLower *l);

// What lc3gen writes of a machine.
typedef struct {
    const char *name;
    uint64_t meaning; // the description's
    int op_count;
    void (*const *ops)(StackLower *l); // NULL: left to the interpreter
} StackLowering;

extern const StackLowering stack_lowering;

#endif
