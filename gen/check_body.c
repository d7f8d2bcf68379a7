#include "check.h"

#include <assert.h>
#include <string.h>

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

static void use_local(Check *c, Local *local)
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

static Local *find_local(const Check *c, Text name)
{
    for (size_t i = c->scope.count; i-- > 0;)
        if (text_same(c->scope.at[i]->name, name))
            return c->scope.at[i];
    return NULL;
}

static const Field *form_field(const Check *c, Text name)
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

static void become_number(Expr *e, uint64_t value, Type type)
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
    const uint64_t limit = negative                  ? 1ull << (width - 1)
                           : type.kind == TYPE_I64 ? INT64_MAX
                                                     : low_bits(width);
    if (value > limit)
        complain(c, e->span, "%.*s does not fit in %s", TEXT(span_text(e->span)), type_name(c->arena, type));
    become_number(e, (negative ? -value : value) & low_bits(width), type);
}

// Gives a tree of literals the type it meets.
static void adapt(Check *c, Expr *e, Type type)
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
            diag_hint(c->diag, type.width > e->type.width ? "sext%d() or zext%d() widens" : "trunc%d() narrows",
                      type.width, type.width);
        else if (type.kind == TYPE_BOOL && e->type.kind == TYPE_BITS)
            diag_hint(c->diag, "compare it: == 1, != 0");
    }
}

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
        if (complain(c, e->span, c->form ? "field '%.*s' is not in this form's pattern"
                                         : "field '%.*s' has no meaning outside an instruction",
                     TEXT(e->text)) && c->form)
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
    if (index->type.kind == TYPE_LITERAL && number_of(index, &value, &negative) && (negative || value >= count))
        complain(c, index->span, "%.*s is beyond the last %s, %llu", TEXT(span_text(index->span)), what,
                 (unsigned long long)count - 1);
    const Type type = bits_type(index_width(count));
    if (index->type.kind == TYPE_LITERAL && number_of(index, &value, &negative) && (negative || value > low_bits(type.width)))
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
    const bool is_name = e->a->kind == EXPR_NAME && !e->a->a && !find_local(c, e->a->text) && !form_field(c, e->a->text);
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

// ------------------------------------------------------------------- calls

static int suffix_number(Text name, size_t from)
{
    int n = 0;
    if (from == name.len || name.len > from + 2 || name.at[from] == '0')
        return 0;
    for (size_t i = from; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return 0;
        n = n * 10 + name.at[i] - '0';
    }
    return n <= 64 ? n : 0;
}

// sext16, zext8, trunc32, bits32, s16: returns the width, 0 when it is none.
static int conversion(Text name, Convert *convert)
{
    static const struct { const char *word; Convert convert; } words[] = {
        { "sext", CONVERT_SEXT }, { "zext", CONVERT_ZEXT }, { "trunc", CONVERT_TRUNC },
        { "bits", CONVERT_TRUNC }, { "s", CONVERT_SIGNED },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t len = strlen(words[i].word);
        if (name.len > len && memcmp(name.at, words[i].word, len) == 0 && suffix_number(name, len)) {
            *convert = words[i].convert;
            return suffix_number(name, len);
        }
    }
    return 0;
}

static void check_conversion(Check *c, Expr *e, int width)
{
    e->kind = EXPR_CONVERT;
    e->type = e->convert == CONVERT_SIGNED ? (Type){ TYPE_I64, 64 } : bits_type(width);
    if (e->args.count != 1) {
        complain(c, e->span, "a conversion takes one value");
        return;
    }
    Expr *const a = e->a = e->args.at[0];
    e->args.count = 0;
    check_expr(c, a);
    if (a->type.kind == TYPE_NONE)
        return;
    if (a->type.kind == TYPE_LITERAL && e->convert == CONVERT_TRUNC) {
        adapt(c, a, bits_type(width));
        const Expr number = *a; // a literal of a stated width
        if (number.kind == EXPR_NUM)
            become_number(e, number.num, bits_type(width));
        return;
    }
    const bool from_bits = a->type.kind == TYPE_BITS;
    const bool good = e->convert == CONVERT_TRUNC    ? (from_bits && a->type.width >= width) || a->type.kind == TYPE_I64
                      : e->convert == CONVERT_SIGNED ? from_bits && a->type.width == width
                                                     : from_bits && a->type.width <= width;
    if (good)
        return;
    complain(c, e->span, "'%.*s' has no meaning for %s", TEXT(e->text), type_name(c->arena, a->type));
    e->type = NO_TYPE;
}

static void check_args(Check *c, Span at, Text name, ExprList *args, const LocalList *params)
{
    for (size_t i = 0; i < args->count; i++)
        check_expr(c, args->at[i]);
    if (args->count != params->count) {
        complain(c, at, "'%.*s' takes %zu value%s, not %zu", TEXT(name), params->count,
                 params->count == 1 ? "" : "s", args->count);
        return;
    }
    for (size_t i = 0; i < args->count; i++) {
        const char *where = arena_format(c->arena, "parameter '%.*s'", TEXT(params->at[i]->name));
        want_type(c, args->at[i], params->at[i]->type, where);
    }
}

static Fn *find_fn(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->fns.count; i++)
        if (text_same(isa->fns.at[i]->name, name))
            return isa->fns.at[i];
    return NULL;
}

static Proc *find_proc(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->procs.count; i++)
        if (text_same(isa->procs.at[i]->name, name))
            return isa->procs.at[i];
    return NULL;
}

static void resolve_apply(Check *c, Expr *e)
{
    const Span name = { e->span.source, e->span.begin, e->span.begin + (uint32_t)e->text.len };
    Fn *fn = find_fn(c->isa, e->text);
    const int width = conversion(e->text, &e->convert);
    e->type = NO_TYPE;
    if (fn) {
        e->kind = EXPR_CALL;
        e->fn = fn;
        e->type = fn->type;
        check_args(c, e->span, e->text, &e->args, &fn->params);
        return;
    }
    if (width) {
        check_conversion(c, e, width);
        return;
    }
    for (size_t i = 0; i < e->args.count; i++)
        check_expr(c, e->args.at[i]);
    if (find_proc(c->isa, e->text)) {
        complain(c, e->span, "'%.*s' is a proc: it has no value", TEXT(e->text));
    } else {
        Guess g = { .word = e->text };
        for (size_t i = 0; i < c->isa->fns.count; i++)
            guess_offer(&g, c->isa->fns.at[i]->name);
        if (complain_unknown(c, name, "no fn or conversion is called", e->text))
            guess_hint(c, &g);
    }
}

static void resolve_host(Check *c, Expr *e)
{
    if (c->isa->word_bits || c->is_pure) {
        if (complain(c, e->span, "host functions serve traps, not %s", c->is_pure ? "a fn" : "instruction bodies"))
            diag_hint(c->diag, "say it in the language, or make it a 'host' entry of the trap table");
        return;
    }
    Guess g = { .word = e->text };
    for (size_t i = 0; i < c->isa->hosts.count; i++) {
        Host *host = c->isa->hosts.at[i];
        guess_offer(&g, host->name);
        if (!text_same(host->name, e->text))
            continue;
        e->host = host;
        e->type = host->type;
        check_args(c, e->span, e->text, &e->args, &host->params);
        return;
    }
    for (size_t i = 0; i < e->args.count; i++)
        check_expr(c, e->args.at[i]);
    if (complain_unknown(c, e->span, "no host is called", e->text))
        guess_hint(c, &g);
}

static Stack *resolve_stack(Check *c, Text name, Span at)
{
    Stack *stack = find_stack(c->isa, name);
    Guess g = { .word = name };
    for (size_t i = 0; i < c->isa->stacks.count; i++)
        guess_offer(&g, c->isa->stacks.at[i]->name);
    if (!stack && complain_unknown(c, at, "no stack is called", name))
        guess_hint(c, &g);
    return stack;
}

// --------------------------------------------------------------- operators

static const char *op_name(Op op)
{
    static const char *const names[] = { "-", "~", "!", "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>",
                                         "==", "!=", "<", "<=", ">", ">=", "&&", "||" };
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
    if (complain(c, e->span, "the sides of '%s' differ: %s and %s", e->kind == EXPR_COND ? "?:" : op_name(e->op),
                 type_name(c->arena, a->type), type_name(c->arena, b->type)) &&
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
        if (complain(c, e->span, "'%s' has no meaning for %s", op_name(e->op), type_name(c->arena, type)) && is_logic)
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

// -------------------------------------------------------------- statements

static void check_let(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    if (!s->local) {
        s->local = arena_new(c->arena, Local);
        s->local->name = s->name;
        s->local->span = s->name_span;
    }
    Local *const local = s->local;
    local->type = s->value->type;
    local->value = s->value;
    if (local->type.kind == TYPE_LITERAL) {
        if (complain(c, s->value->span, "'%.*s' has no width", TEXT(local->name)))
            diag_hint(c->diag, "write bits16(...) around the number");
        local->type = NO_TYPE;
    }
    add_parameter(c, local);
    LIST_ADD(c->arena, &c->lets, local);
}

static bool overlaps_lazy(const Reg *reg, int hi, int lo)
{
    return reg->lazy && lo <= reg->lazy->at_hi && hi >= reg->lazy->at_lo;
}

static void assign_output(Check *c, const Expr *target)
{
    for (size_t i = 0; c->stack_insn && i < c->stack_insn->outputs.count; i++) {
        if (c->stack_insn->outputs.at[i] != target->local)
            continue;
        if (c->touched >> i & 1)
            complain(c, target->span, "'%.*s' already has a value", TEXT(target->local->name));
        c->assigned |= 1ull << i;
        c->touched |= 1ull << i;
    }
}

static void check_target(Check *c, Expr *target)
{
    Local *local = target->kind == EXPR_NAME && !target->a ? find_local(c, target->text) : NULL;
    if (local && local->is_output) {
        target->kind = EXPR_LOCAL;
        target->local = local;
        target->type = local->type;
        assign_output(c, target);
        return;
    }
    check_expr(c, target);
    switch (target->kind) {
    case EXPR_REG:
    case EXPR_REGS:
    case EXPR_MEM:
        return;
    case EXPR_SLICE:
        if (target->a->kind == EXPR_REG && overlaps_lazy(target->a->reg, target->hi, target->lo))
            complain(c, target->span, "these bits are %.*s: set it with '<-', or the whole register",
                     TEXT(target->a->reg->lazy->name));
        if (target->a->kind == EXPR_REG || target->a->type.kind == TYPE_NONE)
            return;
        break;
    case EXPR_LOCAL:
        if (complain(c, target->span, "'%.*s' has its value already", TEXT(target->local->name)))
            diag_note(c->diag, target->local->span, "a let is named once; it was here");
        return;
    case EXPR_LAZY:
        if (complain(c, target->span, "'%.*s' is set from a result", TEXT(target->lazy->name)))
            diag_hint(c->diag, "%.*s <- result;", TEXT(target->lazy->name));
        return;
    case EXPR_NAME:
        return; // reported
    default:
        break;
    }
    complain(c, target->span, "this cannot be assigned to");
}

static void check_set(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    check_target(c, s->target);
    want_type(c, s->value, s->target->type, "the left side");
}

static void check_lazy(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    s->lazy = find_lazy(c->isa, s->name);
    if (s->lazy) {
        want_type(c, s->value, s->lazy->param->type, "the result");
        return;
    }
    Guess g = { .word = s->name };
    for (size_t i = 0; i < c->isa->lazies.count; i++)
        guess_offer(&g, c->isa->lazies.at[i]->name);
    if (complain(c, s->name_span, "'%.*s' is not declared 'lazy'", TEXT(s->name)))
        guess_hint(c, &g);
}

static bool check_branches(Check *c, Stmt *s)
{
    const uint64_t assigned = c->assigned, touched = c->touched;
    const bool then_goes_on = check_block(c, &s->then);
    const uint64_t then_assigned = then_goes_on ? c->assigned : UINT64_MAX, then_touched = c->touched;
    c->assigned = assigned;
    c->touched = touched;
    const bool other_goes_on = check_block(c, &s->other);
    c->assigned = then_assigned & (other_goes_on ? c->assigned : UINT64_MAX);
    c->touched |= then_touched;
    return then_goes_on || other_goes_on;
}

static void check_trap(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    const Traps *traps = c->isa->traps;
    if (traps ? !traps->field || s->value->type.kind == TYPE_NONE : c->isa->is_broken)
        return; // reported already
    if (!traps) {
        complain(c, s->span, "the machine has no trap table");
    } else if (!c->form || !traps->insn || c->form->insn != traps->insn) {
        complain(c, s->span, "the trap table belongs to %.*s", TEXT(traps->insn_name.text));
    } else if (s->value->kind != EXPR_FIELD || s->value->field != traps->field) {
        complain(c, s->value->span, "the trap table goes by the field %.*s", TEXT(traps->field_name.text));
    }
}

static void check_proc(Check *c, Stmt *s)
{
    const Span name = { s->span.source, s->span.begin, s->span.begin + (uint32_t)s->name.len };
    s->proc = find_proc(c->isa, s->name);
    if (s->proc) {
        check_args(c, s->value->span, s->name, &s->args, &s->proc->params);
        return;
    }
    Guess g = { .word = s->name };
    for (size_t i = 0; i < c->isa->procs.count; i++)
        guess_offer(&g, c->isa->procs.at[i]->name);
    Convert convert;
    const bool is_value = find_fn(c->isa, s->name) || conversion(s->name, &convert);
    if (complain(c, name, is_value ? "the value of '%.*s' is not used" : "no proc is called '%.*s'", TEXT(s->name)) &&
        !is_value)
        guess_hint(c, &g);
}

static void check_halt(Check *c, Stmt *s)
{
    if (!s->value)
        return;
    check_expr(c, s->value);
    if (c->isa->word_bits)
        complain(c, s->value->span, "only a machine with exit codes halts with a value");
    else
        want_type(c, s->value, bits_type(32), "an exit code");
}

// Returns whether what follows is reached.
static bool check_stmt(Check *c, Stmt *s)
{
    switch (s->kind) {
    case STMT_LET:
        check_let(c, s);
        return true;
    case STMT_SET:
        check_set(c, s);
        return true;
    case STMT_LAZY:
        check_lazy(c, s);
        return true;
    case STMT_IF:
        check_expr(c, s->value);
        want_type(c, s->value, BOOL_TYPE, "a condition");
        return check_branches(c, s);
    case STMT_WHEN:
        s->dialect = resolve_dialect(c, (Name){ s->name, s->name_span });
        return check_branches(c, s);
    case STMT_RAISE:
        s->exception = resolve_exception(c, (Name){ s->name, s->name_span });
        if (c->exception)
            complain(c, s->span, "an exception does not raise another");
        return false;
    case STMT_TRAP:
        check_trap(c, s);
        return false;
    case STMT_HALT:
        check_halt(c, s);
        return false;
    case STMT_PUSH:
        check_expr(c, s->value);
        s->stack = resolve_stack(c, s->name, s->name_span);
        if (s->stack)
            want_type(c, s->value, s->stack->type, "the stack's value");
        return true;
    case STMT_PROC:
        check_proc(c, s);
        return true;
    case STMT_HOST:
        resolve_host(c, s->value);
        return true;
    }
    return true;
}

bool check_block(Check *c, Block *block)
{
    const size_t visible = c->scope.count;
    bool goes_on = true;
    for (size_t i = 0; i < block->count; i++) {
        if (!goes_on) {
            complain(c, block->at[i]->span, "this is never reached");
            break;
        }
        goes_on = check_stmt(c, block->at[i]);
    }
    c->scope.count = visible;
    return goes_on;
}

// ----------------------------------------------------------------- folding

static int64_t signed_of(uint64_t value, int width)
{
    const uint64_t sign = 1ull << (width - 1);
    return (int64_t)((value ^ sign) - sign);
}

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
        *out = e->convert == CONVERT_SEXT || e->convert == CONVERT_SIGNED ? (uint64_t)signed_of(a, e->a->type.width) : a;
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
