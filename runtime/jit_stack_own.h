// jit_stack_own.h -- what the parts of the stack machines' lowering share.
//
//     jit_stack_say.c    numbers, comparisons, kinds: what generated code calls
//     jit_stack_flow.c   values to memory, edges, ways out
//     jit_stack_lower.c  versions, blocks, the function
//     jit_stack_llvm.c   the module
//
// A program becomes one function of *versions*: a stretch of words together with what
// is known where it begins (how many values are in registers and of which kinds, which
// return addresses).  A label that is reached knowing different things has several;
// when there are too many, one that knows nothing serves the rest.
#ifndef RUNTIME_JIT_STACK_OWN_H
#define RUNTIME_JIT_STACK_OWN_H

#include "jit_stack.h"
#include "llvm_compat.h"
#include "stack_lower.h"

enum {
    CACHED_MAX = 4,   // values in registers from one version to the next
    CALL_CACHED = 2,  // the same where a return address was left behind, and behind a return
    BACKS_MAX = 2,    // known return addresses from one version to the next
    BLOCK_WORDS = 64, // of one version
    HELD_MAX = 512,   // values known inside a version
    KEPT_MAX = 66,    // return addresses known inside a version
    SAME_MAX = 8,     // versions of one word
    VERSIONS_MAX = 1200,
    WORDS_MAX = 5000, // of all versions; beyond, control leaves
    DISPATCH_MAX = 4,
    GUARDS_MAX = 16,
};

// What is known where a version begins.
typedef struct {
    int cached, backs;
    int tags[CACHED_MAX]; // bottom first; -1: not known
    int64_t back[BACKS_MAX];
} Shape;

typedef struct {
    int64_t at;
    Shape shape;
    LLVMBasicBlockRef block;
    int next; // of the same word, -1 none
} Version;

// Where control goes to a place that only the run knows: a switch over the places that
// this code has left on a stack.
typedef struct {
    Shape shape;
    LLVMBasicBlockRef block;
    LLVMValueRef choice;
    int cases; // -1: not even the default
} Dispatch;

// What is known at some point of a version.  Values are above `off` entries from where
// the stack's top was when it began; below, they are in memory.
typedef struct {
    SayHeld held[HELD_MAX];
    int held_count, off;
    int64_t back[KEPT_MAX]; // on top of stack 1
    int backs;
    int raw_off[STACK_COUNT];
} Point;

struct StackLower {
    const StackMachine *m;
    LLVMContextRef context;
    LLVMBuilderRef builder;
    LLVMValueRef function;
    LLVMTypeRef i1, i8, i64, ptr;
    LLVMValueRef cold;
    unsigned prof;

    LLVMValueRef machine, same; // parameters
    LLVMValueRef limit, slots, end, raw_base[STACK_COUNT], raw_limit[STACK_COUNT];
    LLVMValueRef sp, left, ip, kind, target, raw[STACK_COUNT]; // variables
    LLVMValueRef in_n[CACHED_MAX], in_tag[CACHED_MAX];
    LLVMBasicBlockRef out;

    Version *versions;
    int version_count, version_room;
    int *first; // by word: its newest version, -1 none
    int64_t words;
    Dispatch dispatches[DISPATCH_MAX + 1];
    int dispatch_count;
    int64_t *escaped; // places that were left on a stack
    int escaped_count, escaped_room;

    // Of the version and the operation being lowered.
    LLVMValueRef base, left_here, raw_here[STACK_COUNT];
    Point now, before; // `before` the operation
    int done;          // words of the version before it
    int highest;       // the most entries above `base`
    int64_t at;
    LLVMBasicBlockRef leave; // where this operation is left to the interpreter, or NULL
    LLVMValueRef guard;      // what is checked only counts where this holds, or NULL
    LLVMValueRef guards[GUARDS_MAX]; // the ones around it
    int guard_count;
    LLVMValueRef jump;       // where control goes after it, or NULL
    bool has_pushed;
};

static inline LLVMValueRef ir_num(StackLower *l, int64_t value)
{
    return LLVMConstInt(l->i64, (uint64_t)value, 0);
}

static inline bool ir_is_number(LLVMValueRef v, int64_t *value)
{
    if (!LLVMIsAConstantInt(v))
        return false;
    *value = LLVMConstIntGetSExtValue(v);
    return true;
}

LLVMBasicBlockRef ir_block(StackLower *l, const char *name);
LLVMValueRef ir_wide(StackLower *l, LLVMValueRef v);          // 64 bits of it
LLVMValueRef ir_typed(StackLower *l, int tag, LLVMValueRef v); // as values of this kind are
LLVMValueRef ir_entry(StackLower *l, LLVMValueRef base, int64_t index, int bytes);
LLVMValueRef ir_field(StackLower *l, LLVMValueRef base, size_t offset);
// A branch that is rare: where the condition holds.
void ir_branch(StackLower *l, LLVMValueRef condition, LLVMBasicBlockRef likely, LLVMBasicBlockRef rare);
// Leaves before the operation where it holds.
void ir_leave_if(StackLower *l, LLVMValueRef condition);

// Starts with what a shape says, as it comes in.
void flow_begin(StackLower *l, const Shape *shape);
// All values and return addresses to memory: at rest, but for where control is.
void flow_rest(StackLower *l, Point *p, bool is_escape);
void flow_exit(StackLower *l, int kind, LLVMValueRef ip);
void flow_edge(StackLower *l, int64_t to);   // on to the words there
void flow_jump(StackLower *l);               // where the operation said
void flow_add_case(StackLower *l, Dispatch *d);

// The number of a version of these words; -1 when there is no room for another.
int version_find(StackLower *l, int64_t at, const Shape *shape);

// Adds the function to the module; fills the unit's entries.
void lower_program(LLVMModuleRef module, const StackMachine *m, const char *name, const int64_t *roots,
                   int root_count, StackUnit *unit);

#endif
