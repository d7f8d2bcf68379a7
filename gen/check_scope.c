// What a body has: its own copy of the tree, names for values, numbers that take a type.
#include "check.h"

// ------------------------------------------------------------------ copies

Expr *copy_expr(Check *c, const Expr *e)
{
    if (!e)
        return NULL;
    Expr *copy = arena_new(c->arena, Expr);
    *copy = *e;
    copy->a = copy_expr(c, e->a);
    copy->b = copy_expr(c, e->b);
    copy->c = copy_expr(c, e->c);
    copy->args = (ExprList){ 0 };
    for (size_t i = 0; i < e->args.count; i++)
        LIST_ADD(c->arena, &copy->args, copy_expr(c, e->args.at[i]));
    return copy;
}

static Stmt *copy_stmt(Check *c, const Stmt *s)
{
    Stmt *copy = arena_new(c->arena, Stmt);
    *copy = *s;
    copy->target = copy_expr(c, s->target);
    copy->value = copy_expr(c, s->value);
    copy->then = copy_block(c, &s->then);
    copy->other = copy_block(c, &s->other);
    copy->args = (ExprList){ 0 };
    for (size_t i = 0; i < s->args.count; i++)
        LIST_ADD(c->arena, &copy->args, copy_expr(c, s->args.at[i]));
    return copy;
}

Block copy_block(Check *c, const Block *block)
{
    Block copy = { 0 };
    for (size_t i = 0; i < block->count; i++)
        LIST_ADD(c->arena, &copy, copy_stmt(c, block->at[i]));
    return copy;
}

// ------------------------------------------------------------------ locals

void begin_body(Check *c)
{
    c->form = NULL;
    c->exception = NULL;
    c->fuse = NULL;
    c->stack_insn = NULL;
    c->is_pure = false;
    c->is_constant = false;
    c->scope.count = 0;
    c->lets.count = 0;
    c->used.count = 0;
    c->locals = 0;
    c->assigned = c->touched = 0;
}

static bool is_used(const Check *c, const Local *local)
{
    for (size_t i = 0; i < c->used.count; i++)
        if (c->used.at[i] == local)
            return true;
    return false;
}

void use_local(Check *c, Local *local)
{
    if (!is_used(c, local))
        LIST_ADD(c->arena, &c->used, local);
}

void end_body(Check *c, int *locals)
{
    for (size_t i = 0; i < c->lets.count; i++)
        if (!is_used(c, c->lets.at[i]))
            complain(c, c->lets.at[i]->span, "'%.*s' is never used", TEXT(c->lets.at[i]->name));
    *locals = c->locals;
}

Local *find_local(const Check *c, Text name)
{
    for (size_t i = c->scope.count; i-- > 0;)
        if (text_same(c->scope.at[i]->name, name))
            return c->scope.at[i];
    return NULL;
}

const Field *form_field(const Check *c, Text name)
{
    for (size_t i = 0; c->form && i < c->form->fields.count; i++)
        if (text_same(c->form->fields.at[i]->name, name))
            return c->form->fields.at[i];
    return NULL;
}

static void check_shadowing(Check *c, const Local *local)
{
    const Local *earlier = find_local(c, local->name);
    const Isa *isa = c->isa;
    const Text name = local->name;
    if (earlier) {
        if (complain(c, local->span, "'%.*s' is already a name here", TEXT(name)))
            diag_note(c->diag, earlier->span, "it was introduced here");
    } else if (form_field(c, name)) {
        complain(c, local->span, "'%.*s' is already a field of this form", TEXT(name));
    } else if (find_reg(isa, name) || find_regs(isa, name) || find_lazy(isa, name) || find_mem(isa, name) ||
               find_stack(isa, name) || text_is(name, "true") || text_is(name, "false")) {
        complain(c, local->span, "'%.*s' is already a name of the machine", TEXT(name));
    }
}

void add_parameter(Check *c, Local *local)
{
    check_shadowing(c, local);
    local->index = c->locals++;
    LIST_ADD(c->arena, &c->scope, local);
}

// ----------------------------------------------------------------- numbers

// A literal is a number or a negated number.
bool number_of(const Expr *e, uint64_t *value, bool *negative)
{
    *negative = e->kind == EXPR_UNARY && e->op == OP_NEG && e->a->kind == EXPR_NUM;
    if (*negative)
        e = e->a;
    *value = e->num;
    return e->kind == EXPR_NUM;
}

void become_number(Expr *e, uint64_t value, Type type)
{
    const Span span = e->span;
    *e = (Expr){ .kind = EXPR_NUM, .span = span, .type = type, .num = value };
}

static void adapt_number(Check *c, Expr *e, Type type)
{
    uint64_t value;
    bool negative;
    number_of(e, &value, &negative);
    const int width = type.kind == TYPE_I64 ? 64 : type.width;
    const uint64_t limit = negative                ? 1ull << (width - 1)
                           : type.kind == TYPE_I64 ? INT64_MAX
                                                   : low_bits(width);
    if (value > limit)
        complain(c, e->span, "%.*s does not fit in %s", TEXT(span_text(e->span)), type_name(c->arena, type));
    become_number(e, (negative ? -value : value) & low_bits(width), type);
}

// Gives a tree of literals the type it meets.
void adapt(Check *c, Expr *e, Type type)
{
    uint64_t value;
    bool negative;
    if (e->type.kind != TYPE_LITERAL)
        return;
    if (type.kind != TYPE_BITS && type.kind != TYPE_I64) {
        complain(c, e->span, "a number stands where %s is wanted", type_name(c->arena, type));
        e->type = NO_TYPE;
    } else if (number_of(e, &value, &negative)) {
        adapt_number(c, e, type);
    } else {
        if (e->kind == EXPR_COND) {
            adapt(c, e->b, type);
            adapt(c, e->c, type);
        } else {
            adapt(c, e->a, type);
            if (e->b)
                adapt(c, e->b, type);
        }
        e->type = type;
    }
}

void want_type(Check *c, Expr *e, Type type, const char *where)
{
    if (e->type.kind == TYPE_NONE || type.kind == TYPE_NONE)
        return;
    if (e->type.kind == TYPE_LITERAL) {
        adapt(c, e, type);
        return;
    }
    if (same_type(e->type, type))
        return;
    if (complain(c, e->span, "%s is %s, not %s", where, type_name(c->arena, type),
                 type_name(c->arena, e->type))) {
        if (type.kind == TYPE_BITS && e->type.kind == TYPE_BITS)
            diag_hint(c->diag,
                      type.width > e->type.width ? "sext%d() or zext%d() widens" : "trunc%d() narrows",
                      type.width, type.width);
        else if (type.kind == TYPE_BOOL && e->type.kind == TYPE_BITS)
            diag_hint(c->diag, "compare it: == 1, != 0");
    }
}
