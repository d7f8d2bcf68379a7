#include "jit_lower_llvm.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"

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
};

// -------------------------------------------------------------------- values

static LLVMTypeRef bits(Lower *l, int width)
{
    return LLVMIntTypeInContext(l->context, (unsigned)width);
}

static LLVMValueRef num(LLVMTypeRef type, uint64_t value)
{
    return LLVMConstInt(type, value, 0);
}

static bool is_number(LLVMValueRef v, uint64_t *value)
{
    if (!LLVMIsAConstantInt(v))
        return false;
    *value = LLVMConstIntGetZExtValue(v);
    return true;
}

static int width_of(LLVMValueRef v)
{
    return (int)LLVMGetIntTypeWidth(LLVMTypeOf(v));
}

LowerValue lower_num(Lower *l, int width, uint64_t value)
{
    return num(bits(l, width), value);
}

LowerValue lower_neg(Lower *l, LowerValue a) { return LLVMBuildNeg(l->builder, a, ""); }
LowerValue lower_not(Lower *l, LowerValue a) { return LLVMBuildNot(l->builder, a, ""); }

LowerValue lower_add(Lower *l, LowerValue a, LowerValue b)
{
    uint64_t n;
    return is_number(b, &n) && n == 0 ? a : LLVMBuildAdd(l->builder, a, b, "");
}

LowerValue lower_sub(Lower *l, LowerValue a, LowerValue b) { return LLVMBuildSub(l->builder, a, b, ""); }
LowerValue lower_mul(Lower *l, LowerValue a, LowerValue b) { return LLVMBuildMul(l->builder, a, b, ""); }
LowerValue lower_xor(Lower *l, LowerValue a, LowerValue b) { return LLVMBuildXor(l->builder, a, b, ""); }

// Which of less, equal, greater (signed) a comparison accepts: 1, 2, 4; 0 for others.
static unsigned accepts(LLVMIntPredicate p)
{
    switch (p) {
    case LLVMIntSLT: return 1;
    case LLVMIntEQ: return 2;
    case LLVMIntSLE: return 3;
    case LLVMIntSGT: return 4;
    case LLVMIntNE: return 5;
    case LLVMIntSGE: return 6;
    default: return 0;
    }
}

static const LLVMIntPredicate accepting[8] = { 0, LLVMIntSLT, LLVMIntEQ, LLVMIntSLE,
                                               LLVMIntSGT, LLVMIntNE, LLVMIntSGE, 0 };

// Two comparisons of the same values are one: x < 0 || x == 0 is x <= 0.
static LLVMValueRef merge_compares(Lower *l, LLVMValueRef a, LLVMValueRef b, bool is_and)
{
    if (!LLVMIsAICmpInst(a) || !LLVMIsAICmpInst(b) || LLVMGetOperand(a, 0) != LLVMGetOperand(b, 0) ||
        LLVMGetOperand(a, 1) != LLVMGetOperand(b, 1))
        return NULL;
    const unsigned x = accepts(LLVMGetICmpPredicate(a)), y = accepts(LLVMGetICmpPredicate(b));
    if (!x || !y)
        return NULL;
    const unsigned both = is_and ? x & y : x | y;
    if (both == 0 || both == 7)
        return num(l->i1, both == 7);
    return LLVMBuildICmp(l->builder, accepting[both], LLVMGetOperand(a, 0), LLVMGetOperand(a, 1), "");
}

static bool is_all_ones(LLVMValueRef v)
{
    uint64_t n;
    return is_number(v, &n) && n == (width_of(v) == 64 ? ~0ull : (1ull << width_of(v)) - 1);
}

static bool is_zero(LLVMValueRef v)
{
    uint64_t n;
    return is_number(v, &n) && n == 0;
}

LowerValue lower_and(Lower *l, LowerValue a, LowerValue b)
{
    if (is_zero(a) || is_all_ones(b))
        return a;
    if (is_zero(b) || is_all_ones(a))
        return b;
    LLVMValueRef merged = merge_compares(l, a, b, true);
    return merged ? merged : LLVMBuildAnd(l->builder, a, b, "");
}

LowerValue lower_or(Lower *l, LowerValue a, LowerValue b)
{
    if (is_zero(b) || is_all_ones(a))
        return a;
    if (is_zero(a) || is_all_ones(b))
        return b;
    LLVMValueRef merged = merge_compares(l, a, b, false);
    return merged ? merged : LLVMBuildOr(l->builder, a, b, "");
}

LowerValue lower_compare(Lower *l, LowerCompare what, bool is_signed, LowerValue a, LowerValue b)
{
    static const LLVMIntPredicate predicates[][2] = {
        [LOWER_EQ] = { LLVMIntEQ, LLVMIntEQ },   [LOWER_NE] = { LLVMIntNE, LLVMIntNE },
        [LOWER_LT] = { LLVMIntULT, LLVMIntSLT }, [LOWER_LE] = { LLVMIntULE, LLVMIntSLE },
        [LOWER_GT] = { LLVMIntUGT, LLVMIntSGT }, [LOWER_GE] = { LLVMIntUGE, LLVMIntSGE },
    };
    return LLVMBuildICmp(l->builder, predicates[what][is_signed], a, b, "");
}

LowerValue lower_bit(Lower *l, LowerValue a, int bit, bool is_set)
{
    const int width = width_of(a);
    if (bit == width - 1) // the sign
        return LLVMBuildICmp(l->builder, is_set ? LLVMIntSLT : LLVMIntSGE, a, num(bits(l, width), 0), "");
    LLVMValueRef masked = LLVMBuildAnd(l->builder, a, num(bits(l, width), 1ull << bit), "");
    return LLVMBuildICmp(l->builder, is_set ? LLVMIntNE : LLVMIntEQ, masked, num(bits(l, width), 0), "");
}

LowerValue lower_slice(Lower *l, LowerValue a, int hi, int lo)
{
    if (lo)
        a = LLVMBuildLShr(l->builder, a, num(LLVMTypeOf(a), (uint64_t)lo), "");
    return lower_trunc(l, a, hi - lo + 1);
}

LowerValue lower_sext(Lower *l, LowerValue a, int width)
{
    return LLVMBuildSExtOrBitCast(l->builder, a, bits(l, width), "");
}

LowerValue lower_zext(Lower *l, LowerValue a, int width)
{
    return LLVMBuildZExtOrBitCast(l->builder, a, bits(l, width), "");
}

LowerValue lower_trunc(Lower *l, LowerValue a, int width)
{
    return LLVMBuildTruncOrBitCast(l->builder, a, bits(l, width), "");
}

LowerValue lower_choose(Lower *l, LowerValue condition, LowerValue a, LowerValue b)
{
    uint64_t n;
    if (is_number(condition, &n))
        return n ? a : b;
    if (a == b)
        return a;
    if (LLVMTypeOf(a) != l->i1)
        return LLVMBuildSelect(l->builder, condition, a, b, "");
    LLVMValueRef other = NULL; // the condition turned round, as one comparison when it is one
    if (LLVMIsAICmpInst(condition) && accepts(LLVMGetICmpPredicate(condition)))
        other = LLVMBuildICmp(l->builder, accepting[7 & ~accepts(LLVMGetICmpPredicate(condition))],
                              LLVMGetOperand(condition, 0), LLVMGetOperand(condition, 1), "");
    else
        other = lower_not(l, condition);
    if (is_number(a, &n))
        return n ? (is_number(b, &n) && !n ? condition : lower_or(l, condition, b)) : lower_and(l, other, b);
    if (is_number(b, &n))
        return n ? lower_or(l, other, a) : lower_and(l, condition, a);
    return LLVMBuildSelect(l->builder, condition, a, b, "");
}

// ------------------------------------------------------------ leaving a region

static LLVMBasicBlockRef new_block(Lower *l, const char *name)
{
    return LLVMAppendBasicBlockInContext(l->context, l->function, name);
}

static void branch(Lower *l, LLVMValueRef condition, LLVMBasicBlockRef likely, LLVMBasicBlockRef rare)
{
    LLVMSetMetadata(LLVMBuildCondBr(l->builder, condition, likely, rare), l->prof, l->cold);
}

// From here to the common exit.
static void exit_with(Lower *l, LLVMValueRef code, LLVMValueRef budget)
{
    assert(l->exit_count < EXITS_MAX);
    l->exits[l->exit_count++] = (ExitEdge){ LLVMGetInsertBlock(l->builder), code, budget };
    LLVMBuildBr(l->builder, l->exit);
}

static LLVMValueRef exit_code(Lower *l, int kind, LLVMValueRef pc)
{
    LLVMValueRef wide = LLVMBuildZExt(l->builder, pc, l->i32, "");
    return LLVMBuildOr(l->builder, wide, num(l->i32, (uint64_t)kind << 16), "");
}

// What the way to this block left over, and `more`.
static LLVMValueRef with_saved(Lower *l, int more)
{
    return LLVMBuildAdd(l->builder, l->saved, num(l->i64, (uint64_t)more), "");
}

// The budget when `undone` instructions of the block are still to do.  A head takes
// off all that the longest way to the next head needs; what is not used comes back.
static LLVMValueRef budget_with(Lower *l, int undone)
{
    const JitBlock *b = &l->region->blocks[l->block];
    return LLVMBuildAdd(l->builder, l->left, with_saved(l, b->need - b->count + undone), "");
}

// Where this instruction is given to the interpreter: nothing of it is done yet.
static LLVMBasicBlockRef leave_block(Lower *l)
{
    if (!l->leave) {
        LLVMBasicBlockRef here = LLVMGetInsertBlock(l->builder);
        l->leave = new_block(l, "leave");
        LLVMPositionBuilderAtEnd(l->builder, l->leave);
        exit_with(l, exit_code(l, JIT_EXIT_STEP, num(l->i16, l->at)), budget_with(l, l->count - l->index));
        LLVMPositionBuilderAtEnd(l->builder, here);
    }
    return l->leave;
}

void lower_leave(Lower *l)
{
    LLVMBuildBr(l->builder, leave_block(l));
    l->dead = true;
}

// Leaves for good, but lets the caller go on writing what is never reached.
static void leave_and_go_on(Lower *l)
{
    LLVMBuildBr(l->builder, leave_block(l));
    LLVMPositionBuilderAtEnd(l->builder, new_block(l, "never"));
    l->orphan = true;
}

// ------------------------------------------------------------------ registers

LowerValue lower_read(Lower *l, unsigned cell)
{
    if (l->now.cell[cell])
        return l->now.cell[cell];
    if (!l->now.known[cell])
        l->now.known[cell] = LLVMBuildLoad2(l->builder, l->i16, l->cell[cell], "");
    return l->now.known[cell];
}

void lower_write(Lower *l, unsigned cell, LowerValue v)
{
    l->now.cell[cell] = v;
}

LowerValue lower_pc(Lower *l) { return l->now.pc; }
void lower_set_pc(Lower *l, LowerValue v) { l->now.pc = v; }

LowerValue lower_last(Lower *l)
{
    if (l->now.last)
        return l->now.last;
    if (!l->now.known_last)
        l->now.known_last = LLVMBuildLoad2(l->builder, l->i16, l->last, "");
    return l->now.known_last;
}

void lower_set_last(Lower *l, LowerValue v) { l->now.last = v; }

static void flush(Lower *l)
{
    LowerPending *now = &l->now;
    for (int i = 0; i < l->machine->cell_count; i++)
        if (now->cell[i]) {
            LLVMBuildStore(l->builder, now->cell[i], l->cell[i]);
            now->known[i] = now->cell[i];
            l->written[i] = true;
        }
    if (now->last) {
        LLVMBuildStore(l->builder, now->last, l->last);
        now->known_last = now->last;
        l->last_written = true;
    }
}

// -------------------------------------------------------------------- memory

// Every address as a value and a distance, so that one look serves all accesses
// near the same pointer.
static LLVMValueRef split_address(LLVMValueRef address, int *distance)
{
    *distance = 0;
    for (;;) {
        uint64_t n;
        if (!LLVMIsAInstruction(address) || LLVMGetInstructionOpcode(address) != LLVMAdd ||
            !is_number(LLVMGetOperand(address, 1), &n))
            return address;
        *distance += (int16_t)n;
        address = LLVMGetOperand(address, 0);
    }
}

// base + from .. base + to lies in the plain part, without wrapping.
static void set_check(Lower *l, Check *c, int part)
{
    const uint16_t first = l->plain[part].first, size = (uint16_t)(l->plain[part].last - first);
    LLVMSetOperand(c->moved, 1, num(l->i16, (uint64_t)(c->from - first)));
    LLVMSetOperand(c->inside, 1, num(l->i16, (uint64_t)(size - (c->to - c->from))));
}

enum { REACH = 64 }; // words that one look may speak for

static bool is_checked(Lower *l, LLVMValueRef base, int distance)
{
    for (int i = 0; i < l->check_count; i++) {
        Check *c = &l->checks[i];
        if (c->base != base)
            continue;
        if (distance >= c->from && distance <= c->to)
            return true;
        const int from = distance < c->from ? distance : c->from, to = distance > c->to ? distance : c->to;
        if (!c->moved || l->depth || to - from > REACH)
            continue;
        c->from = from;
        c->to = to;
        set_check(l, c, 0);
        return true;
    }
    return false;
}

static LLVMValueRef compare_part(Lower *l, Check *c, int part)
{
    // By hand: the builder must not fold what set_check changes.
    LLVMValueRef nothing = LLVMGetUndef(l->i16);
    c->moved = LLVMBuildAdd(l->builder, c->base, nothing, "");
    if (!LLVMIsAInstruction(c->moved))
        return NULL;
    c->inside = LLVMBuildICmp(l->builder, LLVMIntULE, c->moved, num(l->i16, 0), "");
    set_check(l, c, part);
    return c->inside;
}

static bool is_plain_number(Lower *l, uint64_t address)
{
    return jit_is_plain(l->machine, l->region->mode, (uint16_t)address);
}

static void add_check(Lower *l, const Check *c)
{
    if (l->check_count < CHECKS_MAX && !l->depth)
        l->checks[l->check_count++] = *c;
}

// A store found this address to be ordinary memory.
static void note_plain(Lower *l, LLVMValueRef address)
{
    Check c = { 0 };
    c.base = split_address(address, &c.from);
    c.to = c.from;
    add_check(l, &c);
}

static void check_address(Lower *l, LLVMValueRef address)
{
    uint64_t n;
    if (is_number(address, &n)) {
        if (!is_plain_number(l, n))
            leave_and_go_on(l);
        return;
    }
    Check c = { 0 };
    c.base = split_address(address, &c.from);
    c.to = c.from;
    if (is_checked(l, c.base, c.from))
        return;
    LLVMValueRef fine = NULL;
    for (int i = 0; i < l->plain_count; i++) {
        LLVMValueRef inside = compare_part(l, &c, i);
        fine = i ? LLVMBuildOr(l->builder, fine, inside, "") : inside;
    }
    LLVMBasicBlockRef go_on = new_block(l, "");
    branch(l, fine ? fine : num(l->i1, 0), go_on, leave_block(l));
    LLVMPositionBuilderAtEnd(l->builder, go_on);
    if (l->plain_count != 1)
        c.moved = NULL;
    add_check(l, &c);
}

static LLVMValueRef place(Lower *l, LLVMTypeRef element, LLVMValueRef base, LLVMValueRef address)
{
    LLVMValueRef index = LLVMBuildZExt(l->builder, address, l->i64, "");
    return LLVMBuildInBoundsGEP2(l->builder, element, base, &index, 1, "");
}

static LLVMValueRef field(Lower *l, LLVMValueRef base, size_t offset)
{
    LLVMValueRef index = num(l->i64, offset);
    return LLVMBuildInBoundsGEP2(l->builder, l->i8, base, &index, 1, "");
}

LowerValue lower_load(Lower *l, LowerValue address)
{
    check_address(l, address);
    return LLVMBuildLoad2(l->builder, l->i16, place(l, l->i16, l->memory, address), "");
}

// The flags of a word say all that keeps compiled code from storing there: devices,
// guards, and somebody's translation of the word.
void lower_store(Lower *l, LowerValue address, LowerValue v)
{
    uint64_t n;
    const uint8_t open = l->region->mode ? 0 : CODE_GUARDED; // with no guard closed, that flag means nothing
    LLVMValueRef code = field(l, l->memory, 65536 * sizeof(uint16_t));
    LLVMValueRef flags = LLVMBuildLoad2(l->builder, l->i8, place(l, l->i8, code, address), "");
    if (open && (!is_number(address, &n) || !is_plain_number(l, n)))
        flags = LLVMBuildAnd(l->builder, flags, num(l->i8, (uint8_t)~open), "");
    LLVMBasicBlockRef go_on = new_block(l, "");
    branch(l, LLVMBuildICmp(l->builder, LLVMIntEQ, flags, num(l->i8, 0), ""), go_on, leave_block(l));
    LLVMPositionBuilderAtEnd(l->builder, go_on);
    LLVMBuildStore(l->builder, v, place(l, l->i16, l->memory, address));
    if (!is_number(address, &n))
        note_plain(l, address);
}

// ----------------------------------------------------------------- two arms

bool lower_then(Lower *l, LowerIf *i, LowerValue condition)
{
    uint64_t n;
    *i = (LowerIf){ .start = l->now, .known = -1 };
    if (is_number(condition, &n)) {
        i->known = (int)n;
        return n;
    }
    LLVMBasicBlockRef then = new_block(l, "");
    i->other = new_block(l, "");
    if (condition == l->likely)
        branch(l, condition, then, i->other);
    else
        LLVMBuildCondBr(l->builder, condition, then, i->other);
    LLVMPositionBuilderAtEnd(l->builder, then);
    l->depth++;
    return true;
}

static void end_arm(Lower *l, LowerIf *i, int arm)
{
    i->end[arm] = l->dead ? NULL : LLVMGetInsertBlock(l->builder);
    i->arm[arm] = l->now;
    l->dead = false;
}

bool lower_else(Lower *l, LowerIf *i)
{
    if (i->known >= 0)
        return !i->known;
    end_arm(l, i, 0);
    l->now = i->start;
    LLVMPositionBuilderAtEnd(l->builder, i->other);
    return true;
}

static LLVMValueRef meet(Lower *l, const LowerIf *i, LLVMValueRef a, LLVMValueRef b)
{
    if (a == b)
        return a;
    LLVMValueRef phi = LLVMBuildPhi(l->builder, LLVMTypeOf(a), "");
    LLVMAddIncoming(phi, (LLVMValueRef[]){ a, b }, (LLVMBasicBlockRef[]){ i->end[0], i->end[1] }, 2);
    return phi;
}

// What one arm has written, or what stood there before.
static LLVMValueRef arm_value(Lower *l, LowerIf *i, int arm, LLVMValueRef written, LLVMValueRef slot)
{
    if (written)
        return written;
    LLVMPositionBuilderBefore(l->builder, LLVMGetBasicBlockTerminator(i->end[arm]));
    return LLVMBuildLoad2(l->builder, l->i16, slot, "");
}

static LLVMValueRef meet_slots(Lower *l, LowerIf *i, LLVMValueRef a, LLVMValueRef b, LLVMValueRef slot,
                               LLVMBasicBlockRef join)
{
    if (!a && !b)
        return NULL;
    a = arm_value(l, i, 0, a, slot);
    b = arm_value(l, i, 1, b, slot);
    LLVMPositionBuilderAtEnd(l->builder, join);
    return meet(l, i, a, b);
}

static void meet_arms(Lower *l, LowerIf *i)
{
    LLVMBasicBlockRef join = new_block(l, "");
    for (int arm = 0; arm < 2; arm++) {
        LLVMPositionBuilderAtEnd(l->builder, i->end[arm]);
        LLVMBuildBr(l->builder, join);
    }
    LowerPending *a = &i->arm[0], *b = &i->arm[1];
    for (int c = 0; c < l->machine->cell_count; c++)
        l->now.cell[c] = meet_slots(l, i, a->cell[c], b->cell[c], l->cell[c], join);
    l->now.last = meet_slots(l, i, a->last, b->last, l->last, join);
    memcpy(l->now.known, i->start.known, sizeof l->now.known); // what stood before both arms
    l->now.known_last = i->start.known_last;
    LLVMPositionBuilderAtEnd(l->builder, join);
    l->now.pc = meet(l, i, a->pc, b->pc);
    l->now.after = NULL;
    if (a->after || b->after)
        l->now.after = meet(l, i, a->after ? a->after : num(l->i32, 0), b->after ? b->after : num(l->i32, 0));
}

void lower_end(Lower *l, LowerIf *i)
{
    if (i->known >= 0)
        return;
    end_arm(l, i, 1);
    l->depth--;
    if (i->end[0] && i->end[1]) {
        meet_arms(l, i);
        return;
    }
    l->dead = !i->end[0] && !i->end[1];
    if (i->end[0]) {
        l->now = i->arm[0];
        LLVMPositionBuilderAtEnd(l->builder, i->end[0]);
    }
}

// ------------------------------------------------------------- instruction's end

// After a host call: `after` is not 0 when the machine must look up.
static void leave_if_called(Lower *l)
{
    uint64_t n;
    if (!l->now.after || (is_number(l->now.after, &n) && n == 0))
        return;
    LLVMBasicBlockRef fine = new_block(l, ""), out = new_block(l, "called");
    branch(l, LLVMBuildICmp(l->builder, LLVMIntEQ, l->now.after, num(l->i32, 0), ""), fine, out);
    LLVMPositionBuilderAtEnd(l->builder, out);
    LLVMValueRef status = LLVMBuildAnd(l->builder, l->now.after, num(l->i32, 0xFF), "");
    LLVMValueRef code = LLVMBuildOr(l->builder, exit_code(l, JIT_EXIT_HOST, l->now.pc),
                                    LLVMBuildShl(l->builder, status, num(l->i32, 24), ""), "");
    exit_with(l, code, budget_with(l, l->count - l->index - 1));
    LLVMPositionBuilderAtEnd(l->builder, fine);
}

static void keep_knowledge(Lower *l, Knowledge *k)
{
    k->is_set = true;
    memcpy(k->known, l->now.known, sizeof k->known);
    k->known_last = l->now.known_last;
    memcpy(k->checks, l->checks, sizeof k->checks);
    k->check_count = l->check_count;
}

// The checks of another block stay as they are: what this one does may never happen
// there.  A further round of a loop mostly does happen.
static void take_knowledge(Lower *l, const Knowledge *k)
{
    l->now = (LowerPending){ .known_last = k->known_last };
    memcpy(l->now.known, k->known, sizeof k->known);
    memcpy(l->checks, k->checks, sizeof k->checks);
    l->check_count = k->check_count;
    for (int i = 0; i < l->check_count && !l->region->blocks[l->block].is_copy; i++)
        l->checks[i].moved = NULL;
}

// A head gets back what was not used; another block goes on with what is left, and
// with what this way is shorter than the longest one.
static void pass_budget(Lower *l, int block)
{
    const JitBlock *from = &l->region->blocks[l->block], *to = &l->region->blocks[block];
    if (to->is_head) {
        LLVMBuildStore(l->builder, budget_with(l, 0), l->budget);
        return;
    }
    LLVMBuildStore(l->builder, l->left, l->budget);
    LLVMBuildStore(l->builder, with_saved(l, from->need - from->count - to->need), l->unused);
}

// The block that the end of this one was seen to name by this address, or -1.
static int block_after(Lower *l, uint16_t pc)
{
    const JitBlock *here = &l->region->blocks[l->block];
    for (int i = 0; i < 2; i++)
        if (here->next[i] >= 0 && l->region->blocks[here->next[i]].address == pc)
            return here->next[i];
    return -1;
}

// To that block, or out.
static void go_to(Lower *l, uint16_t pc)
{
    const int block = block_after(l, pc);
    if (block >= 0) {
        pass_budget(l, block);
        LLVMBuildBr(l->builder, l->heads[block]);
        if (l->region->blocks[block].edges == 1 && !l->region->blocks[block].is_entry)
            keep_knowledge(l, &l->knowledge[block]);
    } else {
        exit_with(l, exit_code(l, JIT_EXIT_NEXT, num(l->i16, pc)), budget_with(l, 0));
    }
}

// A target known only now: the places after calls of this region, or out.
static void go_anywhere(Lower *l, LLVMValueRef pc)
{
    LLVMBasicBlockRef out = new_block(l, "out");
    LLVMBuildStore(l->builder, budget_with(l, 0), l->budget); // places after calls are heads
    LLVMValueRef where = LLVMBuildSwitch(l->builder, pc, out, REGION_BLOCKS);
    for (int i = 0; i < l->region->block_count; i++)
        if (l->region->blocks[i].is_return)
            LLVMAddCase(where, num(l->i16, l->region->blocks[i].address), l->heads[i]);
    LLVMPositionBuilderAtEnd(l->builder, out);
    exit_with(l, exit_code(l, JIT_EXIT_NEXT, pc), budget_with(l, 0));
}

void lower_finish(Lower *l)
{
    const bool is_last = l->index + 1 == l->count;
    if (l->dead || (l->depth && !is_last)) // arms that go on to the same place meet first
        return;
    flush(l);
    if (l->orphan) {
        LLVMBuildUnreachable(l->builder);
        l->dead = true;
        return;
    }
    leave_if_called(l);
    uint64_t pc;
    const bool is_known = is_number(l->now.pc, &pc);
    if (!is_last) {
        assert(is_known && pc == (uint16_t)(l->at + 1));
        l->open = true;
    } else if (is_known) {
        go_to(l, (uint16_t)pc);
    } else {
        go_anywhere(l, l->now.pc);
    }
    l->dead = true;
}

// -------------------------------------------------------------------- hosts

LowerValue lower_native(Lower *l, unsigned vector)
{
    LLVMValueRef flag = LLVMBuildLoad2(l->builder, l->i8, field(l, l->state, l->lowering->native_offset + vector), "");
    return l->likely = LLVMBuildICmp(l->builder, LLVMIntNE, flag, num(l->i8, 0), "");
}

void lower_count_trap(Lower *l, unsigned vector)
{
    if (l->dead)
        return;
    LLVMValueRef at = field(l, l->state, l->lowering->traps_offset + vector * sizeof(uint64_t));
    LLVMValueRef count = LLVMBuildLoad2(l->builder, l->i64, at, "");
    LLVMBuildStore(l->builder, LLVMBuildAdd(l->builder, count, num(l->i64, 1), ""), at);
}

// Puts the state at rest, as host functions expect it: nothing of the trap is done.
static void put_at_rest(Lower *l)
{
    for (int i = 0; i < l->machine->cell_count; i++)
        LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, l->i16, l->cell[i], ""),
                       field(l, l->state, l->machine->cells[i]));
    LLVMBuildStore(l->builder, num(l->i16, (uint16_t)(l->at + 1)), field(l, l->state, l->machine->pc));
    const LowerMachine *m = l->lowering;
    LLVMValueRef where = field(l, l->state, m->codes_offset);
    LLVMValueRef kept = LLVMBuildAnd(l->builder, LLVMBuildLoad2(l->builder, l->i16, where, ""),
                                     num(l->i16, ~(((1ull << m->codes_width) - 1) << m->codes_lo)), "");
    LLVMValueRef codes = m->codes(l, LLVMBuildLoad2(l->builder, l->i16, l->last, ""));
    codes = LLVMBuildShl(l->builder, lower_zext(l, codes, 16), num(l->i16, (uint64_t)m->codes_lo), "");
    LLVMBuildStore(l->builder, LLVMBuildOr(l->builder, kept, codes, ""), where);
    LLVMValueRef limit = LLVMBuildLoad2(l->builder, l->i64, field(l, l->frame, offsetof(JitFrame, limit)), "");
    LLVMBuildStore(l->builder, LLVMBuildSub(l->builder, limit, budget_with(l, l->count - l->index), ""),
                   field(l, l->state, m->instructions_offset));
}

static LLVMValueRef call_host(Lower *l, int host, int in_count, const LowerValue *in, int out_count)
{
    LLVMTypeRef types[1 + 2 * HOST_ARGUMENTS] = { l->ptr };
    LLVMValueRef values[1 + 2 * HOST_ARGUMENTS] = { l->state };
    int n = 1;
    for (int i = 0; i < in_count; i++, n++) { // the ABI wants words extended
        types[n] = l->i32;
        values[n] = LLVMBuildZExt(l->builder, in[i], l->i32, "");
    }
    for (int i = 0; i < out_count; i++, n++) {
        types[n] = l->ptr;
        values[n] = l->host_out[i];
    }
    LLVMValueRef table = LLVMBuildLoad2(l->builder, l->ptr, field(l, l->frame, offsetof(JitFrame, hosts)), "");
    LLVMValueRef callee = LLVMBuildLoad2(l->builder, l->ptr, field(l, table, (size_t)host * sizeof(void *)), "");
    return LLVMBuildCall2(l->builder, LLVMFunctionType(l->i32, types, (unsigned)n, 0), callee, values, (unsigned)n, "");
}

// Goes on when the host did its work; the others leave with the trap not done.
static void refuse_unless_done(Lower *l, LLVMValueRef status)
{
    LLVMBasicBlockRef done = new_block(l, ""), other = new_block(l, ""), refused = new_block(l, "refused");
    branch(l, LLVMBuildICmp(l->builder, LLVMIntEQ, status, num(l->i32, HOST_DONE), ""), done, other);
    LLVMPositionBuilderAtEnd(l->builder, other);
    LLVMValueRef halt = LLVMBuildICmp(l->builder, LLVMIntEQ, status, num(l->i32, HOST_HALT), "");
    LLVMValueRef look = LLVMBuildICmp(l->builder, LLVMIntEQ, status, num(l->i32, HOST_ATTENTION), "");
    LLVMBuildCondBr(l->builder, LLVMBuildOr(l->builder, halt, look, ""), done, refused);
    LLVMPositionBuilderAtEnd(l->builder, refused);
    LLVMValueRef code = LLVMBuildOr(l->builder, exit_code(l, JIT_EXIT_REFUSED, num(l->i16, l->at)),
                                    LLVMBuildShl(l->builder, status, num(l->i32, 24), ""), "");
    exit_with(l, code, budget_with(l, l->count - l->index));
    LLVMPositionBuilderAtEnd(l->builder, done);
}

static LLVMValueRef look_up(Lower *l, LLVMValueRef status)
{
    LLVMValueRef changed =
        LLVMBuildLoad2(l->builder, l->i8, field(l, l->frame, offsetof(JitFrame, changed)), "");
    LLVMValueRef attention =
        LLVMBuildLoad2(l->builder, l->i8, field(l, l->state, l->lowering->attention_offset), "");
    LLVMValueRef flags = LLVMBuildZExt(l->builder, LLVMBuildOr(l->builder, changed, attention, ""), l->i32, "");
    flags = LLVMBuildShl(l->builder, flags, num(l->i32, 8), "");
    return LLVMBuildOr(l->builder, status, flags, "");
}

static void call_slowly(Lower *l, int host, int in_count, const LowerValue *in, int out_count, LowerValue *out)
{
    put_at_rest(l);
    LLVMValueRef status = call_host(l, host, in_count, in, out_count);
    refuse_unless_done(l, status);
    for (int i = 0; i < out_count; i++)
        out[i] = LLVMBuildLoad2(l->builder, l->i16, l->host_out[i], "");
    l->now.after = look_up(l, status);
}

// ------------------------------------------------- the ring's fast paths, inlined

typedef struct {
    LLVMBasicBlockRef slow, join, fast_end;
    LLVMValueRef ring, position, slot, lap;
} RingPath;

static LLVMValueRef load64(Lower *l, LLVMValueRef base, size_t offset)
{
    return LLVMBuildLoad2(l->builder, l->i64, field(l, base, offset), "");
}

static void slow_unless(Lower *l, RingPath *p, LLVMValueRef condition)
{
    LLVMBasicBlockRef go_on = new_block(l, "");
    branch(l, condition, go_on, p->slow);
    LLVMPositionBuilderAtEnd(l->builder, go_on);
}

// As ring_push and ring_pop start: position, slot, and the lap bit in its place.
static RingPath ring_path(Lower *l, size_t ring, size_t position, size_t mask, size_t shift)
{
    RingPath p = { .slow = new_block(l, "slow"), .join = new_block(l, "") };
    p.ring = LLVMBuildLoad2(l->builder, l->ptr, field(l, l->frame, ring), "");
    slow_unless(l, &p, LLVMBuildIsNotNull(l->builder, p.ring, ""));
    p.position = load64(l, p.ring, position);
    LLVMValueRef index = LLVMBuildAnd(l->builder, p.position, load64(l, p.ring, mask), "");
    index = LLVMBuildShl(l->builder, index, num(l->i64, 2), "");
    p.slot = LLVMBuildGEP2(l->builder, l->i8, field(l, p.ring, offsetof(Ring, slots)), &index, 1, "");
    LLVMValueRef by = LLVMBuildLoad2(l->builder, l->i32, field(l, p.ring, shift), "");
    p.lap = LLVMBuildLShr(l->builder, LLVMBuildNot(l->builder, p.position, ""),
                          LLVMBuildZExt(l->builder, by, l->i64, ""), "");
    p.lap = LLVMBuildTrunc(l->builder, LLVMBuildAnd(l->builder, p.lap, num(l->i64, 1), ""), l->i32, "");
    p.lap = LLVMBuildShl(l->builder, p.lap, num(l->i32, 16), "");
    return p;
}

static void advance(Lower *l, RingPath *p, size_t position, LLVMValueRef next)
{
    LLVMValueRef store = LLVMBuildStore(l->builder, next, field(l, p->ring, position));
    LLVMSetOrdering(store, LLVMAtomicOrderingMonotonic);
    p->fast_end = LLVMGetInsertBlock(l->builder);
    LLVMBuildBr(l->builder, p->join);
}

// The general call where the fast path does not apply; both meet behind it.
static void join_slow(Lower *l, RingPath *p, int host, int in_count, const LowerValue *in, int out_count,
                      LowerValue *out)
{
    LowerValue fast = out_count ? out[0] : NULL;
    LLVMPositionBuilderAtEnd(l->builder, p->slow);
    call_slowly(l, host, in_count, in, out_count, out);
    LLVMBasicBlockRef slow_end = LLVMGetInsertBlock(l->builder);
    LLVMBuildBr(l->builder, p->join);
    LLVMPositionBuilderAtEnd(l->builder, p->join);
    LLVMBasicBlockRef from[] = { p->fast_end, slow_end };
    if (out_count) {
        LLVMValueRef word = LLVMBuildPhi(l->builder, l->i16, "");
        LLVMAddIncoming(word, (LLVMValueRef[]){ fast, out[0] }, from, 2);
        out[0] = word;
    }
    LLVMValueRef after = LLVMBuildPhi(l->builder, l->i32, "");
    LLVMAddIncoming(after, (LLVMValueRef[]){ num(l->i32, 0), l->now.after }, from, 2);
    l->now.after = after;
}

// ring_push: the slot is free while tail is not at the limit.
static void push_inline(Lower *l, int host, const LowerValue *in)
{
    RingPath p = ring_path(l, offsetof(JitFrame, out_ring), offsetof(Ring, w.tail), offsetof(Ring, w.mask),
                           offsetof(Ring, w.shift));
    LLVMValueRef limit = load64(l, p.ring, offsetof(Ring, w.limit));
    slow_unless(l, &p, LLVMBuildICmp(l->builder, LLVMIntNE, p.position, limit, ""));
    LLVMValueRef word = LLVMBuildOr(l->builder, LLVMBuildZExt(l->builder, in[0], l->i32, ""), p.lap, "");
    LLVMValueRef store = LLVMBuildStore(l->builder, word, p.slot);
    LLVMSetOrdering(store, LLVMAtomicOrderingRelease); // A in ring.h
    LLVMSetAlignment(store, 4);
    advance(l, &p, offsetof(Ring, w.tail), LLVMBuildAdd(l->builder, p.position, num(l->i64, 1), ""));
    join_slow(l, &p, host, 1, in, 0, NULL);
}

// ring_pop: the word is there when its slot has this lap's bit; positions at which
// the reader has something to note take the slow path.
static void pop_inline(Lower *l, int host, LowerValue *out)
{
    RingPath p = ring_path(l, offsetof(JitFrame, in_ring), offsetof(Ring, r.head), offsetof(Ring, r.mask),
                           offsetof(Ring, r.shift));
    LLVMValueRef slot = LLVMBuildLoad2(l->builder, l->i32, p.slot, "");
    LLVMSetOrdering(slot, LLVMAtomicOrderingAcquire); // A, B in ring.h
    LLVMSetAlignment(slot, 4);
    LLVMValueRef bit = LLVMBuildAnd(l->builder, slot, num(l->i32, 0x10000), "");
    slow_unless(l, &p, LLVMBuildICmp(l->builder, LLVMIntEQ, bit, p.lap, ""));
    LLVMValueRef next = LLVMBuildAdd(l->builder, p.position, num(l->i64, 1), "");
    LLVMValueRef pause = load64(l, p.ring, offsetof(Ring, r.pause));
    slow_unless(l, &p, LLVMBuildICmp(l->builder, LLVMIntNE, next, pause, ""));
    out[0] = LLVMBuildTrunc(l->builder, slot, l->i16, "");
    advance(l, &p, offsetof(Ring, r.head), next);
    join_slow(l, &p, host, 0, NULL, 1, out);
}

void lower_host(Lower *l, int host, int in_count, const LowerValue *in, int out_count, LowerValue *out)
{
    const JitHost *h = &l->machine->hosts[host];
    assert(in_count <= HOST_ARGUMENTS && out_count <= HOST_ARGUMENTS);
    if (h->path == JIT_PUSH)
        push_inline(l, host, in);
    else if (h->path == JIT_POP)
        pop_inline(l, host, out);
    else
        call_slowly(l, host, in_count, in, out_count, out);
}

// -------------------------------------------------------------------- regions

static void lower_instruction(Lower *l, uint16_t address, uint16_t word)
{
    l->at = address;
    l->leave = NULL;
    const LowerPending before = l->now;
    l->now = (LowerPending){ .pc = num(l->i16, (uint16_t)(address + 1)), .known_last = before.known_last };
    memcpy(l->now.known, before.known, sizeof before.known);
    l->dead = l->open = false;
    l->lowering->forms[l->machine->isa->decode(word)](l, word);
}

static uint16_t word_at(const JitRegion *r, uint16_t address)
{
    int i = 0;
    while (r->words[i].address != address)
        i++;
    return r->words[i].word;
}

// A head takes off what it takes to reach the next head; a budget that is not
// enough for that stays for the interpreter.
static void take_budget(Lower *l, const JitBlock *b)
{
    LLVMValueRef budget = LLVMBuildLoad2(l->builder, l->i64, l->budget, "");
    if (!b->is_head) {
        l->left = budget;
        l->saved = LLVMBuildLoad2(l->builder, l->i64, l->unused, "");
        return;
    }
    LLVMBasicBlockRef body = new_block(l, ""), over = new_block(l, "over");
    LLVMValueRef need = num(l->i64, b->need);
    l->left = LLVMBuildSub(l->builder, budget, need, "");
    l->saved = num(l->i64, 0);
    branch(l, LLVMBuildICmp(l->builder, LLVMIntUGE, budget, need, ""), body, over);
    LLVMPositionBuilderAtEnd(l->builder, over);
    exit_with(l, exit_code(l, JIT_EXIT_BUDGET, num(l->i16, b->address)), budget);
    LLVMPositionBuilderAtEnd(l->builder, body);
}

static void lower_block(Lower *l, int block)
{
    const JitBlock *b = &l->region->blocks[block];
    LLVMPositionBuilderAtEnd(l->builder, l->heads[block]);
    l->block = block;
    l->count = b->count;
    take_budget(l, b);
    take_knowledge(l, &l->knowledge[block]); // none, unless an only predecessor left some
    l->orphan = false;
    l->open = true;
    for (l->index = 0; l->index < b->count && l->open; l->index++) {
        const uint16_t address = (uint16_t)(b->address + l->index);
        lower_instruction(l, address, word_at(l->region, address));
    }
}

static void find_plain(Lower *l)
{
    const JitMachine *m = l->machine;
    for (int i = 0; i < m->range_count; i++) {
        if (!jit_is_plain(m, l->region->mode, m->ranges[i].first))
            continue;
        if (l->plain_count && l->plain[l->plain_count - 1].last + 1 == m->ranges[i].first) {
            l->plain[l->plain_count - 1].last = m->ranges[i].last;
        } else {
            assert(l->plain_count < PLAIN_MAX);
            l->plain[l->plain_count].first = m->ranges[i].first;
            l->plain[l->plain_count++].last = m->ranges[i].last;
        }
    }
}

static LLVMValueRef weights(Lower *l, unsigned first, unsigned second)
{
    LLVMMetadataRef parts[] = {
        LLVMMDStringInContext2(l->context, "branch_weights", 14),
        LLVMValueAsMetadata(num(l->i32, first)),
        LLVMValueAsMetadata(num(l->i32, second)),
    };
    return LLVMMetadataAsValue(l->context, LLVMMDNodeInContext2(l->context, parts, 3));
}

static void declare(Lower *l, LLVMModuleRef module, const char *name)
{
    LLVMTypeRef params[] = { l->ptr, l->ptr, l->ptr, l->i32 };
    l->function = LLVMAddFunction(module, name, LLVMFunctionType(l->i32, params, 4, 0));
    const unsigned noalias = LLVMGetEnumAttributeKindForName("noalias", 7);
    const unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    for (unsigned i = 1; i <= 3; i++)
        if (i != 2) // host functions write to memory, too
            LLVMAddAttributeAtIndex(l->function, i, LLVMCreateEnumAttribute(l->context, noalias, 0));
    const unsigned uwtable = LLVMGetEnumAttributeKindForName("uwtable", 7); // debuggers see who called
    LLVMAddAttributeAtIndex(l->function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(l->context, nounwind, 0));
    LLVMAddAttributeAtIndex(l->function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(l->context, uwtable, 2));
    l->state = LLVMGetParam(l->function, 0);
    l->memory = LLVMGetParam(l->function, 1);
    l->frame = LLVMGetParam(l->function, 2);
    l->start_pc = LLVMGetParam(l->function, 3);
}

static LLVMValueRef slot(Lower *l, LLVMTypeRef type, LLVMValueRef base, size_t offset)
{
    LLVMValueRef s = LLVMBuildAlloca(l->builder, type, "");
    LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, type, field(l, base, offset), ""), s);
    return s;
}

static void lower_entry(Lower *l, LLVMBasicBlockRef entry)
{
    LLVMPositionBuilderAtEnd(l->builder, entry);
    for (int i = 0; i < l->machine->cell_count; i++)
        l->cell[i] = slot(l, l->i16, l->state, l->machine->cells[i]);
    l->last = slot(l, l->i16, l->frame, offsetof(JitFrame, last));
    l->budget = slot(l, l->i64, l->frame, offsetof(JitFrame, budget));
    l->unused = LLVMBuildAlloca(l->builder, l->i64, "");
    for (int i = 0; i < HOST_ARGUMENTS; i++)
        l->host_out[i] = LLVMBuildAlloca(l->builder, l->i16, "");
    const int start = region_block(l->region, l->region->start);
    LLVMValueRef pc = LLVMBuildTrunc(l->builder, l->start_pc, l->i16, "");
    LLVMValueRef where = LLVMBuildSwitch(l->builder, pc, l->heads[start], REGION_BLOCKS);
    for (int i = 0; i < l->region->block_count; i++)
        if (l->region->blocks[i].is_entry && i != start)
            LLVMAddCase(where, num(l->i16, l->region->blocks[i].address), l->heads[i]);
}

static void lower_exit(Lower *l)
{
    LLVMPositionBuilderAtEnd(l->builder, l->exit);
    LLVMValueRef code = LLVMBuildPhi(l->builder, l->i32, "");
    LLVMValueRef budget = LLVMBuildPhi(l->builder, l->i64, "");
    for (int i = 0; i < l->exit_count; i++) {
        LLVMAddIncoming(code, &l->exits[i].code, &l->exits[i].from, 1);
        LLVMAddIncoming(budget, &l->exits[i].budget, &l->exits[i].from, 1);
    }
    for (int i = 0; i < l->machine->cell_count; i++)
        if (l->written[i])
            LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, l->i16, l->cell[i], ""),
                           field(l, l->state, l->machine->cells[i]));
    if (l->last_written)
        LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, l->i16, l->last, ""),
                       field(l, l->frame, offsetof(JitFrame, last)));
    LLVMBuildStore(l->builder, budget, field(l, l->frame, offsetof(JitFrame, budget)));
    LLVMBuildRet(l->builder, code);
}

void lower_region(LLVMModuleRef module, const JitMachine *m, const LowerMachine *lowering, const JitRegion *r,
                  const char *name)
{
    Lower *l = calloc(1, sizeof *l);
    l->exits = calloc(EXITS_MAX, sizeof *l->exits);
    l->knowledge = calloc(ALL_BLOCKS, sizeof *l->knowledge);
    if (!l->exits || !l->knowledge)
        abort();
    l->context = LLVMGetModuleContext(module);
    l->builder = LLVMCreateBuilderInContext(l->context);
    l->i1 = bits(l, 1);
    l->i8 = bits(l, 8);
    l->i16 = bits(l, 16);
    l->i32 = bits(l, 32);
    l->i64 = bits(l, 64);
    l->ptr = LLVMPointerTypeInContext(l->context, 0);
    l->prof = LLVMGetMDKindIDInContext(l->context, "prof", 4);
    l->cold = weights(l, 4000, 1);
    l->machine = m;
    l->lowering = lowering;
    l->region = r;
    find_plain(l);
    declare(l, module, name);
    LLVMBasicBlockRef entry = new_block(l, "entry");
    for (int i = 0; i < r->all_count; i++) {
        char label[16];
        snprintf(label, sizeof label, "x%04X", r->blocks[i].address);
        l->heads[i] = new_block(l, label);
    }
    l->exit = new_block(l, "exit");
    lower_entry(l, entry);
    for (int i = 0; i < r->all_count; i++)
        lower_block(l, i);
    lower_exit(l);
    LLVMDisposeBuilder(l->builder);
    free(l->knowledge);
    free(l->exits);
    free(l);
}
