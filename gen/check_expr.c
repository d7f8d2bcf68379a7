#include "check.h"

// ------------------------------------------------------------------- names

static void refuse_state(Check *c, const Expr *e)
{
    if (c->is_pure)
        complain(c, e->span, "a fn sees its parameters only, not '%.*s'", TEXT(e->text));
}

static void offer_names(Check *c, Guess *g)
{
    const Isa *isa = c->isa;
    for (size_t i = 0; i < c->scope.count; i++)
        guess_offer(g, c->scope.at[i]->name);
    for (size_t i = 0; c->form && i < c->form->fields.count; i++)
        guess_offer(g, c->form->fields.at[i]->name);
    for (size_t i = 0; i < isa->reg.count; i++)
        guess_offer(g, isa->reg.at[i]->name);
    for (size_t i = 0; i < isa->regs.count; i++)
        guess_offer(g, isa->regs.at[i]->name);
    for (size_t i = 0; i < isa->lazies.count; i++)
        guess_offer(g, isa->lazies.at[i]->name);
    for (size_t i = 0; i < isa->mems.count; i++)
        guess_offer(g, isa->mems.at[i]->name);
}

static void report_unknown(Check *c, Expr *e)
{
    e->type = NO_TYPE;
    const Field *field = find_field(c->isa, e->text);
    if (field) {
        if (complain(c, e->span,
                     c->form ? "field '%.*s' is not in this form's pattern"
                             : "field '%.*s' has no meaning outside an instruction",
                     TEXT(e->text)) &&
            c->form)
            diag_note(c->diag, c->form->enc_span, "the pattern is here");
        return;
    }
    if (find_regs(c->isa, e->text) || find_mem(c->isa, e->text)) {
        complain(c, e->span, "'%.*s' needs an index: %.*s[...]", TEXT(e->text), TEXT(e->text));
        return;
    }
    Guess g = { .word = e->text };
    offer_names(c, &g);
    if (complain_unknown(c, e->span, "nothing here is called", e->text))
        guess_hint(c, &g);
}

// part.field of a fuse's condition.
static void resolve_part_field(Check *c, Expr *e)
{
    e->type = NO_TYPE;
    const FusePart *part = NULL;
    size_t index = 0;
    for (size_t i = 0; c->fuse && i < c->fuse->parts.count; i++)
        if (text_same(c->fuse->parts.at[i].label, e->a->text)) {
            part = &c->fuse->parts.at[i];
            index = i;
        }
    if (!part) {
        complain(c, e->a->span, c->fuse ? "no part is called '%.*s'" : "'%.*s.' has a meaning only in a fuse",
                 TEXT(e->a->text));
        return;
    }
    if (!part->target)
        return; // reported with the part
    Guess g = { .word = e->text };
    for (size_t i = 0; i < part->target->fields.count; i++) {
        Field *field = part->target->fields.at[i];
        guess_offer(&g, field->name);
        if (!text_same(field->name, e->text))
            continue;
        e->kind = EXPR_FIELD;
        e->field = field;
        e->num = index;
        e->type = bits_type(field->hi - field->lo + 1);
        e->a = NULL;
        return;
    }
    if (complain(c, e->span, "'%.*s' has no field '%.*s'", TEXT(e->a->text), TEXT(e->text)))
        guess_hint(c, &g);
}

static bool resolve_number_name(Check *c, Expr *e)
{
    const Exception *x = c->exception;
    if (x && text_is(e->text, "vector") && x->has_vector)
        e->num = x->vector;
    else if (x && text_is(e->text, "priority") && x->is_interrupt)
        e->num = (uint64_t)x->priority;
    else
        return false;
    e->kind = EXPR_NUM;
    e->type.kind = TYPE_LITERAL;
    return true;
}

static void read_local(Check *c, Expr *e, Local *local)
{
    e->kind = EXPR_LOCAL;
    e->local = local;
    e->type = local->type;
    use_local(c, local);
    for (size_t i = 0; c->stack_insn && local->is_output && i < c->stack_insn->outputs.count; i++)
        if (c->stack_insn->outputs.at[i] == local && !(c->assigned >> i & 1))
            complain(c, e->span, "'%.*s' has no value yet", TEXT(e->text));
}

static bool resolve_state(Check *c, Expr *e)
{
    Reg *reg = find_reg(c->isa, e->text);
    Lazy *lazy = find_lazy(c->isa, e->text);
    if (reg) {
        e->kind = EXPR_REG;
        e->reg = reg;
        e->type = reg->type;
    } else if (lazy) {
        e->kind = EXPR_LAZY;
        e->lazy = lazy;
        e->type = lazy->type;
    } else {
        return false;
    }
    refuse_state(c, e);
    return true;
}

static void resolve_name(Check *c, Expr *e)
{
    Local *local = find_local(c, e->text);
    Field *field = (Field *)form_field(c, e->text);
    if (e->a) {
        resolve_part_field(c, e);
    } else if (local) {
        read_local(c, e, local);
    } else if (field) {
        e->kind = EXPR_FIELD;
        e->field = field;
        e->type = bits_type(field->hi - field->lo + 1);
    } else if (text_is(e->text, "true") || text_is(e->text, "false")) {
        e->kind = EXPR_BOOL;
        e->num = text_is(e->text, "true");
        e->type = BOOL_TYPE;
    } else if (!resolve_number_name(c, e) && !resolve_state(c, e)) {
        report_unknown(c, e);
    }
}

// ----------------------------------------------------------- R[e], e[hi:lo]

static void check_index(Check *c, Expr *index, uint64_t count, const char *what)
{
    check_expr(c, index);
    uint64_t value;
    bool negative;
    if (index->type.kind == TYPE_LITERAL && number_of(index, &value, &negative) &&
        (negative || value >= count))
        complain(c, index->span, "%.*s is beyond the last %s, %llu", TEXT(span_text(index->span)), what,
                 (unsigned long long)count - 1);
    const Type type = bits_type(index_width(count));
    if (index->type.kind == TYPE_LITERAL && number_of(index, &value, &negative) &&
        (negative || value > low_bits(type.width)))
        become_number(index, 0, type);
    else
        want_type(c, index, type, what);
}

static void check_slice(Check *c, Expr *e)
{
    Expr *const hi = e->b, *const lo = e->c ? e->c : e->b;
    e->kind = EXPR_SLICE;
    check_expr(c, e->a);
    if (hi->kind != EXPR_NUM || lo->kind != EXPR_NUM) {
        complain(c, hi->kind != EXPR_NUM ? hi->span : lo->span, "bits are picked by number");
        e->type = NO_TYPE;
        return;
    }
    e->b = e->c = NULL;
    e->type = NO_TYPE;
    if (e->a->type.kind == TYPE_NONE)
        return;
    if (e->a->type.kind != TYPE_BITS) {
        complain(c, e->a->span, "bits are picked from bitsN, not from %s", type_name(c->arena, e->a->type));
    } else if (hi->num >= (uint64_t)e->a->type.width) {
        complain(c, hi->span, "bit %llu does not exist in %s", (unsigned long long)hi->num,
                 type_name(c->arena, e->a->type));
    } else if (lo->num > hi->num) {
        complain(c, span_join(hi->span, lo->span), "the higher bit comes first: [%llu:%llu]",
                 (unsigned long long)lo->num, (unsigned long long)hi->num);
    } else {
        e->hi = (int)hi->num;
        e->lo = (int)lo->num;
        e->type = bits_type(e->hi - e->lo + 1);
    }
}

static void resolve_index(Check *c, Expr *e)
{
    const bool is_name =
        e->a->kind == EXPR_NAME && !e->a->a && !find_local(c, e->a->text) && !form_field(c, e->a->text);
    Regs *regs = is_name ? find_regs(c->isa, e->a->text) : NULL;
    Mem *mem = is_name ? find_mem(c->isa, e->a->text) : NULL;
    if ((!regs && !mem) || e->c) {
        check_slice(c, e);
        return;
    }
    e->text = e->a->text;
    refuse_state(c, e);
    e->a = e->b;
    e->b = NULL;
    if (regs) {
        e->kind = EXPR_REGS;
        e->regs = regs;
        e->type = regs->type;
        check_index(c, e->a, (uint64_t)regs->count, "register");
    } else {
        e->kind = EXPR_MEM;
        e->mem = mem;
        e->type = mem->type;
        check_index(c, e->a, mem->count, "address");
    }
}

// --------------------------------------------------------------- operators

static const char *op_name(Op op)
{
    static const char *const names[] = { "-",  "~",  "!",  "+",  "-", "*",  "/", "%",  "&",  "|", "^",
                                         "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "&&", "||" };
    return names[op];
}

static bool is_number(Type t)
{
    return t.kind == TYPE_BITS || t.kind == TYPE_I64 || t.kind == TYPE_LITERAL;
}

static void check_unary(Check *c, Expr *e)
{
    check_expr(c, e->a);
    e->type = e->a->type;
    if (e->a->type.kind == TYPE_NONE)
        return;
    const bool good = e->op == OP_NOT ? e->a->type.kind == TYPE_BOOL : is_number(e->a->type);
    if (good)
        return;
    if (complain(c, e->span, "'%s' has no meaning for %s", op_name(e->op), type_name(c->arena, e->a->type)) &&
        e->op == OP_NOT)
        diag_hint(c->diag, "'~' inverts bits, '!' a truth");
    e->type = NO_TYPE;
}

// Makes both sides the same type; returns it, or NO_TYPE with a report.
static Type balance(Check *c, Expr *e, Expr *a, Expr *b)
{
    if (a->type.kind == TYPE_NONE || b->type.kind == TYPE_NONE)
        return NO_TYPE;
    if (a->type.kind == TYPE_LITERAL && b->type.kind != TYPE_LITERAL)
        adapt(c, a, b->type);
    else if (b->type.kind == TYPE_LITERAL && a->type.kind != TYPE_LITERAL)
        adapt(c, b, a->type);
    if (a->type.kind == TYPE_NONE || b->type.kind == TYPE_NONE)
        return NO_TYPE;
    if (same_type(a->type, b->type))
        return a->type;
    if (complain(c, e->span, "the sides of '%s' differ: %s and %s",
                 e->kind == EXPR_COND ? "?:" : op_name(e->op), type_name(c->arena, a->type),
                 type_name(c->arena, b->type)) &&
        a->type.kind == TYPE_BITS && b->type.kind == TYPE_BITS)
        diag_hint(c->diag, "sextN() and zextN() widen, truncN() narrows");
    return NO_TYPE;
}

static void check_divisor(Check *c, const Expr *e)
{
    uint64_t value;
    bool negative;
    if (number_of(e->b, &value, &negative)) {
        if (value == 0)
            complain(c, e->b->span, "division by zero");
        return;
    }
    for (size_t i = 0; i < c->isa->policies.count; i++)
        if (text_is(c->isa->policies.at[i].key, "divide"))
            return;
    if (complain(c, e->span, "nothing says what a division by zero does"))
        diag_hint(c->diag, "policy divide raise EXCEPTION;");
}

static void check_shift(Check *c, Expr *e)
{
    e->type = e->a->type;
    if (e->a->type.kind == TYPE_LITERAL) {
        complain(c, e->a->span, "this number has no width to be shifted in; write bits16(...)");
        e->type = NO_TYPE;
    }
    if (e->type.kind == TYPE_NONE || e->b->type.kind == TYPE_NONE)
        return;
    const int width = e->type.kind == TYPE_BITS ? e->type.width : 64;
    uint64_t value;
    bool negative;
    if (e->b->type.kind == TYPE_LITERAL && number_of(e->b, &value, &negative)) {
        if (negative || value >= (uint64_t)width)
            complain(c, e->b->span, "a shift of %s is by 0 to %d", type_name(c->arena, e->type), width - 1);
        become_number(e->b, value & 63, bits_type(6));
    }
    if (e->type.kind != TYPE_BITS && e->type.kind != TYPE_I64)
        complain(c, e->span, "'%s' has no meaning for %s", op_name(e->op), type_name(c->arena, e->type));
    else if (e->b->type.kind != TYPE_BITS)
        complain(c, e->b->span, "a shift is by bitsN, not by %s", type_name(c->arena, e->b->type));
}

static void check_binary(Check *c, Expr *e)
{
    check_expr(c, e->a);
    check_expr(c, e->b);
    if (e->op == OP_SHL || e->op == OP_SHR) {
        check_shift(c, e);
        return;
    }
    const Type type = balance(c, e, e->a, e->b);
    e->type = type;
    if (type.kind == TYPE_NONE)
        return;
    const bool is_logic = e->op == OP_LAND || e->op == OP_LOR, is_equal = e->op == OP_EQ || e->op == OP_NE;
    const bool is_order = e->op >= OP_LT && e->op <= OP_GE;
    const bool good = is_logic ? type.kind == TYPE_BOOL : is_equal ? true : is_number(type);
    if (!good) {
        if (complain(c, e->span, "'%s' has no meaning for %s", op_name(e->op), type_name(c->arena, type)) &&
            is_logic)
            diag_hint(c->diag, "'&' and '|' combine bits; compare first for '&&' and '||'");
        e->type = NO_TYPE;
        return;
    }
    if (type.kind == TYPE_LITERAL && (is_equal || is_order)) {
        complain(c, e->span, "both sides are plain numbers");
        e->type = NO_TYPE;
        return;
    }
    if (e->op == OP_DIV || e->op == OP_MOD)
        check_divisor(c, e);
    if (is_logic || is_equal || is_order)
        e->type = BOOL_TYPE;
}

static void check_cond(Check *c, Expr *e)
{
    check_expr(c, e->a);
    check_expr(c, e->b);
    check_expr(c, e->c);
    want_type(c, e->a, BOOL_TYPE, "a condition");
    e->type = balance(c, e, e->b, e->c);
}

void check_expr(Check *c, Expr *e)
{
    switch (e->kind) {
    case EXPR_NUM:
        if (e->type.kind == TYPE_NONE)
            e->type.kind = TYPE_LITERAL;
        break;
    case EXPR_STR:
        e->type.kind = TYPE_STR;
        break;
    case EXPR_NAME:
        resolve_name(c, e);
        break;
    case EXPR_INDEX:
        resolve_index(c, e);
        break;
    case EXPR_APPLY:
        resolve_apply(c, e);
        break;
    case EXPR_HOST:
        resolve_host(c, e);
        if (e->host && e->type.kind == TYPE_NONE)
            complain(c, e->span, "host '%.*s' has no result", TEXT(e->text));
        break;
    case EXPR_POP:
        e->stack = resolve_stack(c, e->text, e->span);
        e->type = e->stack ? e->stack->type : NO_TYPE;
        if (moves_values(e->stack))
            complain(c, e->span, "what is taken from '%.*s' is said by the instruction's effect", TEXT(e->text));
        refuse_state(c, e);
        break;
    case EXPR_UNARY:
        check_unary(c, e);
        break;
    case EXPR_BINARY:
        check_binary(c, e);
        break;
    case EXPR_COND:
        check_cond(c, e);
        break;
    default:
        break; // resolved already
    }
}
