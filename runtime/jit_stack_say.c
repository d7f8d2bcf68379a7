// Numbers, comparisons, kinds: the words of stack_lower.h.
#include "jit_stack_own.h"

#include <assert.h>
#include <string.h>

// -------------------------------------------------------------------- values

LLVMValueRef ir_wide(StackLower *l, LLVMValueRef v)
{
    return LLVMTypeOf(v) == l->i64 ? v : LLVMBuildZExt(l->builder, v, l->i64, "");
}

LLVMValueRef ir_typed(StackLower *l, int tag, LLVMValueRef v)
{
    const bool is_truth = tag >= 0 && l->m->table->variants[tag].payload == STACK_BOOL;
    if (!is_truth)
        return ir_wide(l, v);
    return LLVMTypeOf(v) == l->i1 ? v : LLVMBuildTrunc(l->builder, v, l->i1, "");
}

SayHeld say_held(StackLower *l, int tag, SayValue n)
{
    return (SayHeld){ ir_typed(l, tag, n), ir_num(l, tag), tag };
}

// The kind of a value is known now, and of all its copies.
static void learn(StackLower *l, SayHeld v, int tag)
{
    for (int i = 0; i < l->now.held_count; i++) {
        SayHeld *h = &l->now.held[i];
        if (h->known < 0 && h->n == v.n && h->tag == v.tag)
            *h = say_held(l, tag, v.n);
    }
}

static SayHeld load(StackLower *l)
{
    LLVMValueRef at = ir_entry(l, l->base, --l->now.off, sizeof(StackValue));
    LLVMValueRef n = LLVMBuildLoad2(l->builder, l->i64, at, "");
    LLVMValueRef tag = LLVMBuildLoad2(l->builder, l->i64, ir_field(l, at, offsetof(StackValue, tag)), "");
    return (SayHeld){ n, tag, -1 };
}

SayHeld say_take(StackLower *l, int tag)
{
    const bool is_held = l->now.held_count > 0;
    const SayHeld v = is_held ? l->now.held[--l->now.held_count] : load(l);
    if (tag < 0) {
        if (!is_held)
            ir_leave_if(l, LLVMBuildICmp(l->builder, LLVMIntEQ, v.tag, ir_num(l, STACK_NONE), ""));
        return v;
    }
    if (v.known == tag)
        return v;
    ir_leave_if(l, LLVMBuildICmp(l->builder, LLVMIntNE, v.tag, ir_num(l, tag), ""));
    learn(l, v, tag);
    return say_held(l, tag, v.n);
}

void say_put(StackLower *l, SayHeld v)
{
    assert(l->now.held_count < HELD_MAX);
    l->now.held[l->now.held_count++] = v;
}

SayValue say_num(StackLower *l, int64_t value) { return ir_num(l, value); }
SayValue say_truth(StackLower *l, bool value) { return LLVMConstInt(l->i1, value, 0); }
SayValue say_ip(StackLower *l) { return ir_num(l, l->at + 1); }
void say_jump(StackLower *l, SayValue to) { l->jump = to; }

// -------------------------------------------------------------- other stacks

static LLVMValueRef raw_place(StackLower *l, int stack)
{
    return ir_entry(l, l->raw_here[stack], l->now.raw_off[stack], sizeof(int64_t));
}

SayValue say_pop(StackLower *l, int stack)
{
    if (stack == 1 && l->now.backs)
        return ir_num(l, l->now.back[--l->now.backs]);
    ir_leave_if(l, LLVMBuildICmp(l->builder, LLVMIntEQ, raw_place(l, stack), l->raw_base[stack], ""));
    l->now.raw_off[stack]--;
    return LLVMBuildLoad2(l->builder, l->i64, raw_place(l, stack), "");
}

// A place that is known stays known; anything else goes to memory, above what counts
// should a later check leave.
void say_push(StackLower *l, int stack, SayValue v)
{
    int64_t place;
    const int backs = stack == 1 ? l->now.backs : 0;
    LLVMValueRef top = ir_entry(l, l->raw_here[stack], l->now.raw_off[stack] + backs, sizeof(int64_t));
    ir_leave_if(l, LLVMBuildICmp(l->builder, LLVMIntEQ, top, l->raw_limit[stack], ""));
    l->has_pushed = true;
    if (stack == 1 && ir_is_number(v, &place)) {
        l->now.back[l->now.backs++] = place;
        return;
    }
    for (int i = 0; i < backs; i++, l->now.raw_off[1]++)
        LLVMBuildStore(l->builder, ir_num(l, l->now.back[i]), raw_place(l, 1));
    if (stack == 1)
        l->now.backs = 0;
    LLVMBuildStore(l->builder, v, raw_place(l, stack));
    l->now.raw_off[stack]++;
}

// ---------------------------------------------------------------- arithmetic

SayValue say_neg(StackLower *l, SayValue a) { return LLVMBuildNeg(l->builder, a, ""); }
SayValue say_not(StackLower *l, SayValue a) { return LLVMBuildNot(l->builder, a, ""); }
SayValue say_add(StackLower *l, SayValue a, SayValue b) { return LLVMBuildAdd(l->builder, a, b, ""); }
SayValue say_sub(StackLower *l, SayValue a, SayValue b) { return LLVMBuildSub(l->builder, a, b, ""); }
SayValue say_mul(StackLower *l, SayValue a, SayValue b) { return LLVMBuildMul(l->builder, a, b, ""); }
SayValue say_and(StackLower *l, SayValue a, SayValue b) { return LLVMBuildAnd(l->builder, a, b, ""); }
SayValue say_or(StackLower *l, SayValue a, SayValue b) { return LLVMBuildOr(l->builder, a, b, ""); }
SayValue say_xor(StackLower *l, SayValue a, SayValue b) { return LLVMBuildXor(l->builder, a, b, ""); }

static SayValue checked(StackLower *l, const char *intrinsic, SayValue a, SayValue b)
{
    LLVMModuleRef module = LLVMGetGlobalParent(l->function);
    LLVMValueRef f =
        LLVMGetIntrinsicDeclaration(module, LLVMLookupIntrinsicID(intrinsic, strlen(intrinsic)), &l->i64, 1);
    LLVMTypeRef params[] = { l->i64, l->i64 }, results[] = { l->i64, l->i1 };
    LLVMTypeRef type = LLVMFunctionType(LLVMStructTypeInContext(l->context, results, 2, 0), params, 2, 0);
    LLVMValueRef args[] = { a, b };
    LLVMValueRef both = LLVMBuildCall2(l->builder, type, f, args, 2, "");
    ir_leave_if(l, LLVMBuildExtractValue(l->builder, both, 1, ""));
    return LLVMBuildExtractValue(l->builder, both, 0, "");
}

SayValue say_add_checked(StackLower *l, SayValue a, SayValue b)
{
    return checked(l, "llvm.sadd.with.overflow", a, b);
}

SayValue say_sub_checked(StackLower *l, SayValue a, SayValue b)
{
    return checked(l, "llvm.ssub.with.overflow", a, b);
}

SayValue say_mul_checked(StackLower *l, SayValue a, SayValue b)
{
    return checked(l, "llvm.smul.with.overflow", a, b);
}

// Leaves where the division is none; returns a divisor that is always good, for arms
// that are computed and not wanted.
static SayValue good_divisor(StackLower *l, bool is_signed, SayValue a, SayValue b)
{
    int64_t n;
    if (ir_is_number(b, &n) && n != 0 && (n != -1 || !is_signed))
        return b;
    LLVMValueRef bad = LLVMBuildICmp(l->builder, LLVMIntEQ, b, ir_num(l, 0), "");
    if (is_signed) {
        LLVMValueRef least = LLVMBuildICmp(l->builder, LLVMIntEQ, a, ir_num(l, INT64_MIN), "");
        LLVMValueRef minus = LLVMBuildICmp(l->builder, LLVMIntEQ, b, ir_num(l, -1), "");
        bad = LLVMBuildOr(l->builder, bad, LLVMBuildAnd(l->builder, least, minus, ""), "");
    }
    ir_leave_if(l, bad);
    return l->guard ? LLVMBuildSelect(l->builder, bad, ir_num(l, 1), b, "") : b;
}

SayValue say_div(StackLower *l, bool is_signed, SayValue a, SayValue b)
{
    b = good_divisor(l, is_signed, a, b);
    return is_signed ? LLVMBuildSDiv(l->builder, a, b, "") : LLVMBuildUDiv(l->builder, a, b, "");
}

SayValue say_mod(StackLower *l, bool is_signed, SayValue a, SayValue b)
{
    b = good_divisor(l, is_signed, a, b);
    return is_signed ? LLVMBuildSRem(l->builder, a, b, "") : LLVMBuildURem(l->builder, a, b, "");
}

static SayValue shifted(StackLower *l, int width, LLVMOpcode op, SayValue a, SayValue b, SayValue over)
{
    LLVMValueRef few = LLVMBuildAnd(l->builder, b, ir_num(l, 63), "");
    LLVMValueRef in = LLVMBuildBinOp(l->builder, op, a, few, "");
    LLVMValueRef fits = LLVMBuildICmp(l->builder, LLVMIntULT, b, ir_num(l, width), "");
    return say_choose(l, fits, in, over);
}

SayValue say_shl(StackLower *l, int width, SayValue a, SayValue b)
{
    return shifted(l, width, LLVMShl, a, b, ir_num(l, 0));
}

SayValue say_shr(StackLower *l, int width, bool is_signed, SayValue a, SayValue b)
{
    LLVMValueRef sign = is_signed ? LLVMBuildAShr(l->builder, a, ir_num(l, 63), "") : ir_num(l, 0);
    return shifted(l, width, is_signed ? LLVMAShr : LLVMLShr, a, b, sign);
}

SayValue say_cut(StackLower *l, int width, SayValue a)
{
    return width == 64 ? a : LLVMBuildAnd(l->builder, a, ir_num(l, (int64_t)((1ull << width) - 1)), "");
}

SayValue say_sext(StackLower *l, int width, SayValue a)
{
    LLVMValueRef up = ir_num(l, 64 - width);
    return LLVMBuildAShr(l->builder, LLVMBuildShl(l->builder, a, up, ""), up, "");
}

// --------------------------------------------------------------- comparisons

SayValue say_compare(StackLower *l, SayCompare what, bool is_signed, SayValue a, SayValue b)
{
    static const LLVMIntPredicate predicates[][2] = {
        [SAY_EQ] = { LLVMIntEQ, LLVMIntEQ },   [SAY_NE] = { LLVMIntNE, LLVMIntNE },
        [SAY_LT] = { LLVMIntULT, LLVMIntSLT }, [SAY_LE] = { LLVMIntULE, LLVMIntSLE },
        [SAY_GT] = { LLVMIntUGT, LLVMIntSGT }, [SAY_GE] = { LLVMIntUGE, LLVMIntSGE },
    };
    return LLVMBuildICmp(l->builder, predicates[what][is_signed], a, b, "");
}

// Whether two contents are equal that may be texts (`text` holds): by address, or by a
// look at them.
static SayValue same_contents(StackLower *l, SayValue text, SayValue a, SayValue b)
{
    LLVMValueRef equal = LLVMBuildICmp(l->builder, LLVMIntEQ, a, b, "");
    LLVMValueRef look = LLVMBuildAnd(l->builder, text, LLVMBuildNot(l->builder, equal, ""), "");
    LLVMBasicBlockRef from = LLVMGetInsertBlock(l->builder), there = ir_block(l, "text"), on = ir_block(l, "");
    ir_branch(l, look, on, there);
    LLVMPositionBuilderAtEnd(l->builder, there);
    LLVMTypeRef params[] = { l->i64, l->i64 };
    LLVMValueRef args[] = { a, b };
    LLVMValueRef got =
        LLVMBuildCall2(l->builder, LLVMFunctionType(l->i8, params, 2, 0), l->same, args, 2, "");
    LLVMValueRef is_same = LLVMBuildICmp(l->builder, LLVMIntNE, got, LLVMConstInt(l->i8, 0, 0), "");
    LLVMBuildBr(l->builder, on);
    LLVMPositionBuilderAtEnd(l->builder, on);
    LLVMValueRef result = LLVMBuildPhi(l->builder, l->i1, "");
    LLVMAddIncoming(result, &equal, &from, 1);
    LLVMAddIncoming(result, &is_same, &there, 1);
    return result;
}

SayValue say_same_text(StackLower *l, SayValue a, SayValue b)
{
    return same_contents(l, say_truth(l, true), a, b);
}

static uint64_t text_tags(const StackTable *t)
{
    uint64_t mask = 0;
    for (int i = 0; i < t->variant_count; i++)
        if (t->variants[i].payload == STACK_STR)
            mask |= 1ull << i;
    return mask;
}

SayValue say_same(StackLower *l, SayHeld a, SayHeld b)
{
    const int known = a.known >= 0 ? a.known : b.known;
    const uint64_t texts = text_tags(l->m->table);
    LLVMValueRef kinds = LLVMBuildICmp(l->builder, LLVMIntEQ, a.tag, b.tag, "");
    if (a.known >= 0 && b.known >= 0 && a.known != b.known)
        return say_truth(l, false);
    if (a.known >= 0 && a.known == b.known && LLVMTypeOf(a.n) == l->i1)
        return LLVMBuildICmp(l->builder, LLVMIntEQ, a.n, b.n, "");
    LLVMValueRef x = ir_wide(l, a.n), y = ir_wide(l, b.n);
    if (known >= 0 && !(texts >> known & 1))
        return LLVMBuildAnd(l->builder, kinds, LLVMBuildICmp(l->builder, LLVMIntEQ, x, y, ""), "");
    LLVMValueRef mask = LLVMBuildLShr(l->builder, ir_num(l, (int64_t)texts), a.tag, "");
    LLVMValueRef text = LLVMBuildAnd(l->builder, kinds, LLVMBuildTrunc(l->builder, mask, l->i1, ""), "");
    return LLVMBuildAnd(l->builder, kinds, same_contents(l, text, x, y), "");
}

SayValue say_choose(StackLower *l, SayValue condition, SayValue a, SayValue b)
{
    return a == b ? a : LLVMBuildSelect(l->builder, condition, a, b, "");
}

SayHeld say_choose_held(StackLower *l, SayValue condition, SayHeld a, SayHeld b)
{
    if (a.known >= 0 && a.known == b.known)
        return (SayHeld){ say_choose(l, condition, a.n, b.n), a.tag, a.known };
    return (SayHeld){ say_choose(l, condition, ir_wide(l, a.n), ir_wide(l, b.n)),
                      say_choose(l, condition, a.tag, b.tag), -1 };
}

void say_when(StackLower *l, SayValue condition)
{
    assert(l->guard_count < GUARDS_MAX);
    l->guards[l->guard_count++] = l->guard;
    l->guard = l->guard ? LLVMBuildAnd(l->builder, l->guard, condition, "") : condition;
}

void say_end(StackLower *l)
{
    l->guard = l->guards[--l->guard_count];
}
