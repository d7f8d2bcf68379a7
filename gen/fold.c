// The value of an expression that depends on no state.
#include "check.h"

// ----------------------------------------------------------------- folding

static int64_t signed_of(uint64_t value, int width)
{
    const uint64_t sign = 1ull << (width - 1);
    return (int64_t)((value ^ sign) - sign);
}

// clang-format off
static bool fold_binary(const Expr *e, uint64_t a, uint64_t b, uint64_t *out)
{
    const bool is_signed = e->a->type.kind == TYPE_I64;
    const int64_t x = (int64_t)a, y = (int64_t)b;
    switch (e->op) {
    case OP_ADD: *out = a + b; return true;
    case OP_SUB: *out = a - b; return true;
    case OP_MUL: *out = a * b; return true;
    case OP_DIV:
    case OP_MOD:
        if (b == 0 || is_signed)
            return false;
        *out = e->op == OP_DIV ? a / b : a % b;
        return true;
    case OP_AND: *out = a & b; return true;
    case OP_OR: *out = a | b; return true;
    case OP_XOR: *out = a ^ b; return true;
    case OP_SHL: *out = b < 64 ? a << b : 0; return true;
    case OP_SHR: *out = is_signed ? (uint64_t)(x >> (b < 63 ? b : 63)) : b < 64 ? a >> b : 0; return true;
    case OP_EQ: *out = a == b; return true;
    case OP_NE: *out = a != b; return true;
    case OP_LT: *out = is_signed ? x < y : a < b; return true;
    case OP_LE: *out = is_signed ? x <= y : a <= b; return true;
    case OP_GT: *out = is_signed ? x > y : a > b; return true;
    case OP_GE: *out = is_signed ? x >= y : a >= b; return true;
    case OP_LAND: *out = a && b; return true;
    case OP_LOR: *out = a || b; return true;
    default: return false;
    }
}
// clang-format on

static bool fold_call(const Expr *e, const uint64_t *locals, const uint64_t *fields, uint64_t *out)
{
    uint64_t args[16];
    if (e->args.count > 16)
        return false;
    for (size_t i = 0; i < e->args.count; i++)
        if (!fold(e->args.at[i], locals, fields, &args[i]))
            return false;
    return fold(e->fn->body, args, fields, out);
}

static bool fold_unary(const Expr *e, uint64_t a, uint64_t *out)
{
    if (e->kind == EXPR_SLICE)
        *out = a >> e->lo;
    else if (e->kind == EXPR_CONVERT)
        *out = e->convert == CONVERT_SEXT || e->convert == CONVERT_SIGNED
                   ? (uint64_t)signed_of(a, e->a->type.width)
                   : a;
    else
        *out = e->op == OP_NEG ? -a : e->op == OP_COMPL ? ~a : !a;
    return true;
}

bool fold(const Expr *e, const uint64_t *locals, const uint64_t *fields, uint64_t *out)
{
    uint64_t a, b;
    bool good = false;
    switch (e->kind) {
    case EXPR_NUM:
    case EXPR_BOOL:
        *out = e->num;
        return true;
    case EXPR_LOCAL:
        *out = locals ? locals[e->local->index] : 0;
        return locals != NULL;
    case EXPR_FIELD:
        *out = fields ? fields[e->num * 64 + (uint64_t)e->field->index] : 0;
        return fields != NULL;
    case EXPR_COND:
        return fold(e->a, locals, fields, &a) && fold(a ? e->b : e->c, locals, fields, out);
    case EXPR_CALL:
        return fold_call(e, locals, fields, out);
    case EXPR_SLICE:
    case EXPR_CONVERT:
    case EXPR_UNARY:
        good = fold(e->a, locals, fields, &a) && fold_unary(e, a, out);
        break;
    case EXPR_BINARY:
        good = fold(e->a, locals, fields, &a) && fold(e->b, locals, fields, &b) && fold_binary(e, a, b, out);
        break;
    default:
        break;
    }
    if (good && e->type.kind == TYPE_BITS)
        *out &= low_bits(e->type.width);
    return good;
}
