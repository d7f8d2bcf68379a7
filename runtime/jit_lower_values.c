#include "jit_lower_own.h"

static int width_of(LLVMValueRef v)
{
    return (int)LLVMGetIntTypeWidth(LLVMTypeOf(v));
}

LowerValue lower_num(Lower *l, int width, uint64_t value)
{
    return ir_num(ir_bits(l, width), value);
}

LowerValue lower_neg(Lower *l, LowerValue a) { return LLVMBuildNeg(l->builder, a, ""); }
LowerValue lower_not(Lower *l, LowerValue a) { return LLVMBuildNot(l->builder, a, ""); }

LowerValue lower_add(Lower *l, LowerValue a, LowerValue b)
{
    uint64_t n;
    return ir_is_number(b, &n) && n == 0 ? a : LLVMBuildAdd(l->builder, a, b, "");
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
        return ir_num(l->i1, both == 7);
    return LLVMBuildICmp(l->builder, accepting[both], LLVMGetOperand(a, 0), LLVMGetOperand(a, 1), "");
}

static bool is_all_ones(LLVMValueRef v)
{
    uint64_t n;
    return ir_is_number(v, &n) && n == (width_of(v) == 64 ? ~0ull : (1ull << width_of(v)) - 1);
}

static bool is_zero(LLVMValueRef v)
{
    uint64_t n;
    return ir_is_number(v, &n) && n == 0;
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
        return LLVMBuildICmp(l->builder, is_set ? LLVMIntSLT : LLVMIntSGE, a, ir_num(ir_bits(l, width), 0), "");
    LLVMValueRef masked = LLVMBuildAnd(l->builder, a, ir_num(ir_bits(l, width), 1ull << bit), "");
    return LLVMBuildICmp(l->builder, is_set ? LLVMIntNE : LLVMIntEQ, masked, ir_num(ir_bits(l, width), 0), "");
}

LowerValue lower_slice(Lower *l, LowerValue a, int hi, int lo)
{
    if (lo)
        a = LLVMBuildLShr(l->builder, a, ir_num(LLVMTypeOf(a), (uint64_t)lo), "");
    return lower_trunc(l, a, hi - lo + 1);
}

LowerValue lower_sext(Lower *l, LowerValue a, int width)
{
    return LLVMBuildSExtOrBitCast(l->builder, a, ir_bits(l, width), "");
}

LowerValue lower_zext(Lower *l, LowerValue a, int width)
{
    return LLVMBuildZExtOrBitCast(l->builder, a, ir_bits(l, width), "");
}

LowerValue lower_trunc(Lower *l, LowerValue a, int width)
{
    return LLVMBuildTruncOrBitCast(l->builder, a, ir_bits(l, width), "");
}

LowerValue lower_choose(Lower *l, LowerValue condition, LowerValue a, LowerValue b)
{
    uint64_t n;
    if (ir_is_number(condition, &n))
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
    if (ir_is_number(a, &n))
        return n ? (ir_is_number(b, &n) && !n ? condition : lower_or(l, condition, b)) : lower_and(l, other, b);
    if (ir_is_number(b, &n))
        return n ? lower_or(l, other, a) : lower_and(l, condition, a);
    return LLVMBuildSelect(l->builder, condition, a, b, "");
}
