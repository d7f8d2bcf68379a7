#include "emit_c.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "pseudo.h"

// ------------------------------------------------------------------- text

CText ctext(const char *text, int level, bool dirty)
{
    return (CText){ text, level, dirty };
}

const char *ctext_in(Lower *l, CText c, int level)
{
    return c.level < level ? arena_format(l->arena, "(%s)", c.text) : c.text;
}

uint64_t type_mask(Type type)
{
    const int width = type.kind == TYPE_BITS ? type.width : 64;
    return width == 64 ? ~0ull : (1ull << width) - 1;
}

const char *c_type(Type type)
{
    if (type.kind == TYPE_BOOL)
        return "bool";
    if (type.kind == TYPE_I64)
        return "int64_t";
    assert(type.kind == TYPE_BITS);
    return type.width <= 8 ? "uint8_t" : type.width <= 16 ? "uint16_t" : type.width <= 32 ? "uint32_t" : "uint64_t";
}

static bool fills_its_c_type(Type type)
{
    return type.kind != TYPE_BITS || type.width == 8 || type.width == 16 || type.width == 32 || type.width == 64;
}

CText ctext_clean(Lower *l, CText c, Type type)
{
    if (!c.dirty || type.kind != TYPE_BITS)
        return c;
    if (fills_its_c_type(type))
        return ctext(arena_format(l->arena, "(%s)%s", c_type(type), ctext_in(l, c, LEVEL_UNARY)), LEVEL_UNARY, false);
    return ctext(arena_format(l->arena, "%s & %s", ctext_in(l, c, LEVEL_SHIFT), c_number(l->arena, type_mask(type))),
                 LEVEL_AND, false);
}

// As ctext_clean, where the text goes into a variable of the type: C cuts it by itself.
CText ctext_into(Lower *l, CText c, Type type)
{
    return fills_its_c_type(type) ? c : ctext_clean(l, c, type);
}

const char *c_number(Arena *a, uint64_t value)
{
    if (value < 10)
        return arena_format(a, "%" PRIu64, value);
    return arena_format(a, value > INT32_MAX ? "0x%" PRIX64 "u" : "0x%" PRIX64, value);
}

const char *c_name(Arena *a, Text name)
{
    static const char *const reserved[] = {
        "auto", "bool", "break", "case", "char", "code", "const", "continue", "decoded", "default", "do", "double",
        "else", "end", "entry", "enum", "extern", "false", "float", "for", "goto", "hooked", "if", "index", "inline",
        "int", "ip", "left", "long", "m", "mem", "out0", "out1", "pc", "register", "restrict", "return", "sext",
        "short", "signed", "sizeof", "static", "status", "struct", "switch", "true", "typedef", "typeof", "union",
        "unsigned", "void", "volatile", "while", "word",
    };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (text_is(name, reserved[i]))
            return arena_format(a, "%.*s_", TEXT(name));
    return arena_copy(a, name.at, name.len);
}

void lower_init(Lower *l, const Isa *isa, const EmitOptions *options, Writer *w, Arena *arena, const Reach *reach,
                void *user, int indent)
{
    *l = (Lower){ .isa = isa, .options = options, .w = w, .arena = arena, .reach = reach, .user = user,
                  .part = "", .indent = indent };
}

void lower_line(Lower *l, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < sizeof text);
    write_format(l->w, "%*s%s\n", l->indent, "", text);
}

const char *lower_local(Lower *l, const Local *local)
{
    int same = 1;
    for (size_t i = 0; i < l->names.count; i++) {
        if (l->names.at[i].local == local)
            return l->names.at[i].name;
        same += text_same(l->names.at[i].local->name, local->name);
    }
    const char *name = c_name(l->arena, local->name);
    for (size_t i = 0; i < l->isa->fields.count; i++)
        if (text_same(l->isa->fields.at[i]->name, local->name))
            name = arena_format(l->arena, "%s_value", name);
    if (*l->part)
        name = arena_format(l->arena, "%s%s", l->part, name);
    if (same > 1)
        name = arena_format(l->arena, "%s_%d", name, same);
    LIST_ADD(l->arena, &l->names, ((LocalName){ local, name }));
    return name;
}

// ------------------------------------------------------------- expressions

// A division that may have to raise.
static bool may_divide_by_zero(const Expr *e)
{
    return e->kind == EXPR_BINARY && (e->op == OP_DIV || e->op == OP_MOD) && !(e->b->kind == EXPR_NUM && e->b->num);
}

bool expr_may_stop(const Expr *e)
{
    if (!e)
        return false;
    if (may_divide_by_zero(e))
        return true;
    if (e->kind == EXPR_MEM || e->kind == EXPR_HOST || e->kind == EXPR_POP)
        return true;
    for (size_t i = 0; i < e->args.count; i++)
        if (expr_may_stop(e->args.at[i]))
            return true;
    return expr_may_stop(e->a) || expr_may_stop(e->b) || expr_may_stop(e->c);
}

const char *lower_value(Lower *l, const Expr *e, int level)
{
    return ctext_in(l, ctext_clean(l, lower_expr(l, e), e->type), level);
}

static CText lower_regs(Lower *l, const Expr *e)
{
    const Regs *regs = e->regs;
    const char *index;
    if (e->a->kind == EXPR_NUM || (e->a->type.kind == TYPE_BITS && type_mask(e->a->type) < (uint64_t)regs->count))
        index = lower_value(l, e->a, LEVEL_COND);
    else
        index = arena_format(l->arena, "%s %% %d", lower_value(l, e->a, LEVEL_MUL), regs->count);
    return ctext(arena_format(l->arena, "m->%.*s[%s]", TEXT(regs->name), index), LEVEL_ATOM, false);
}

static CText lower_mem(Lower *l, const Expr *e)
{
    const char *address = lower_value(l, e->a, LEVEL_COND);
    const char *name = arena_format(l->arena, "%sw%d", l->part, l->temps++);
    l->reach->load(l, e->mem, address, name);
    return ctext(name, LEVEL_ATOM, false);
}

static CText lower_slice(Lower *l, const Expr *e)
{
    const CText a = lower_expr(l, e->a);
    const int width = e->hi - e->lo + 1;
    const int of = e->a->type.kind == TYPE_BITS ? e->a->type.width : 64;
    const char *text = ctext_in(l, a, LEVEL_SHIFT);
    if (e->hi == of - 1 && !a.dirty) {
        if (e->lo == 0)
            return a;
        return ctext(arena_format(l->arena, "%s >> %d", text, e->lo), LEVEL_SHIFT, false);
    }
    const char *mask = c_number(l->arena, width == 64 ? ~0ull : (1ull << width) - 1);
    if (e->lo == 0)
        return ctext(arena_format(l->arena, "%s & %s", text, mask), LEVEL_AND, false);
    return ctext(arena_format(l->arena, "%s >> %d & %s", text, e->lo, mask), LEVEL_AND, false);
}

static CText lower_unary(Lower *l, const Expr *e)
{
    const CText a = lower_expr(l, e->a);
    if (e->op == OP_NOT)
        return ctext(arena_format(l->arena, "!%s", ctext_in(l, a, LEVEL_UNARY)), LEVEL_UNARY, false);
    if (e->type.kind == TYPE_I64) {
        if (e->op == OP_COMPL)
            return ctext(arena_format(l->arena, "~%s", ctext_in(l, a, LEVEL_UNARY)), LEVEL_UNARY, false);
        return ctext(arena_format(l->arena, "(int64_t)-(uint64_t)%s", ctext_in(l, a, LEVEL_UNARY)), LEVEL_UNARY, false);
    }
    // Unsigned, so that the smallest int is no trap.
    const char *cast = e->type.width > 32 ? "" : "(uint32_t)";
    return ctext(arena_format(l->arena, "%s%s%s", e->op == OP_NEG ? "-" : "~", cast, ctext_in(l, a, LEVEL_UNARY)),
                 LEVEL_UNARY, true);
}

static const struct { const char *text; int level; } binary_text[] = {
    [OP_ADD] = { "+", LEVEL_ADD }, [OP_SUB] = { "-", LEVEL_ADD }, [OP_MUL] = { "*", LEVEL_MUL },
    [OP_DIV] = { "/", LEVEL_MUL }, [OP_MOD] = { "%", LEVEL_MUL }, [OP_AND] = { "&", LEVEL_AND },
    [OP_OR] = { "|", LEVEL_OR },   [OP_XOR] = { "^", LEVEL_XOR }, [OP_SHL] = { "<<", LEVEL_SHIFT },
    [OP_SHR] = { ">>", LEVEL_SHIFT }, [OP_EQ] = { "==", LEVEL_EQ }, [OP_NE] = { "!=", LEVEL_EQ },
    [OP_LT] = { "<", LEVEL_LESS }, [OP_LE] = { "<=", LEVEL_LESS }, [OP_GT] = { ">", LEVEL_LESS },
    [OP_GE] = { ">=", LEVEL_LESS }, [OP_LAND] = { "&&", LEVEL_LAND }, [OP_LOR] = { "||", LEVEL_LOR },
};

// C's own order is known to few beyond + and *: everything else is bracketed.
static int operand_level(Op op)
{
    switch (op) {
    case OP_ADD: case OP_SUB: return LEVEL_ADD;
    case OP_AND: return LEVEL_SHIFT;
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE: return LEVEL_ADD;
    case OP_LAND: case OP_LOR: return LEVEL_EQ;
    case OP_OR: case OP_XOR: return LEVEL_SHIFT;
    default: return LEVEL_UNARY;
    }
}

static CText join(Lower *l, const Expr *e, CText a, CText b, bool dirty)
{
    const int level = operand_level(e->op);
    const bool chain = e->a->kind == EXPR_BINARY && e->a->op == e->op && a.level == binary_text[e->op].level;
    return ctext(arena_format(l->arena, "%s %s %s", chain ? a.text : ctext_in(l, a, level), binary_text[e->op].text,
                              ctext_in(l, b, level + (level == LEVEL_ADD && binary_text[e->op].level == LEVEL_ADD))),
                 binary_text[e->op].level, dirty);
}

// i64 wraps; C's int64_t must not.
static CText lower_i64(Lower *l, const Expr *e)
{
    const char *a = lower_value(l, e->a, LEVEL_UNARY), *b = lower_value(l, e->b, LEVEL_UNARY);
    return ctext(arena_format(l->arena, "(int64_t)((uint64_t)%s %s (uint64_t)%s)", a, binary_text[e->op].text, b),
                 LEVEL_UNARY, false);
}

const Exception *policy_raise(const Isa *isa, const char *key)
{
    for (size_t i = 0; i < isa->policies.count; i++)
        if (text_is(isa->policies.at[i].key, key))
            return isa->policies.at[i].raise;
    return NULL;
}

static CText lower_division(Lower *l, const Expr *e)
{
    const char *a = lower_value(l, e->a, LEVEL_UNARY), *b = lower_value(l, e->b, LEVEL_UNARY);
    if (may_divide_by_zero(e)) {
        const char *by = arena_format(l->arena, "%sv%d", l->part, l->temps++);
        lower_line(l, "const %s %s = %s;", c_type(e->type), by, b);
        lower_line(l, "if (%s == 0) {", by);
        l->indent += 4;
        l->reach->raise(l, policy_raise(l->isa, "divide"));
        l->indent -= 4;
        lower_line(l, "}");
        b = by;
    }
    return ctext(arena_format(l->arena, "%s %s %s", a, binary_text[e->op].text, b), LEVEL_MUL, false);
}

static CText lower_shift(Lower *l, const Expr *e)
{
    const char *a = lower_value(l, e->a, LEVEL_UNARY), *b = lower_value(l, e->b, LEVEL_UNARY);
    const char *cast = e->type.width > 32 || e->op == OP_SHR ? "" : "(uint32_t)";
    const char *text = arena_format(l->arena, "%s%s %s %s", cast, a, binary_text[e->op].text, b);
    const bool dirty = e->op == OP_SHL;
    if (e->b->kind == EXPR_NUM && e->b->num < (uint64_t)e->type.width)
        return ctext(text, LEVEL_SHIFT, dirty);
    if (e->b->type.kind == TYPE_BITS && e->b->kind != EXPR_NUM && type_mask(e->b->type) < (uint64_t)e->type.width)
        return ctext(text, LEVEL_SHIFT, dirty);
    return ctext(arena_format(l->arena, "%s < %d ? %s : 0", b, e->type.width, text), LEVEL_COND, dirty);
}

static CText lower_choice(Lower *l, const Expr *e, const Expr *cond, const Expr *yes, const Expr *no, bool negate)
{
    const char *name = arena_format(l->arena, "%sv%d", l->part, l->temps++);
    lower_line(l, "%s %s;", c_type(e->type), name);
    lower_line(l, negate ? "if (!%s) {" : "if %s {",
               negate ? lower_value(l, cond, LEVEL_UNARY) : arena_format(l->arena, "(%s)", lower_value(l, cond, 0)));
    l->indent += 4;
    const Expr *arms[] = { yes, no };
    for (int i = 0; i < 2; i++) {
        if (i) {
            l->indent -= 4;
            lower_line(l, "} else {");
            l->indent += 4;
        }
        if (arms[i])
            lower_line(l, "%s = %s;", name, ctext_into(l, lower_expr(l, arms[i]), e->type).text);
        else
            lower_line(l, "%s = %s;", name, e->op == OP_LOR ? "true" : "false");
    }
    l->indent -= 4;
    lower_line(l, "}");
    return ctext(name, LEVEL_ATOM, false);
}

static CText lower_binary(Lower *l, const Expr *e)
{
    const bool is_i64 = e->a->type.kind == TYPE_I64;
    switch (e->op) {
    case OP_LAND:
        if (expr_may_stop(e->b))
            return lower_choice(l, e, e->a, e->b, NULL, false);
        break;
    case OP_LOR:
        if (expr_may_stop(e->b))
            return lower_choice(l, e, e->a, e->b, NULL, true);
        break;
    case OP_MUL:
        if (is_i64)
            return lower_i64(l, e);
        return ctext(arena_format(l->arena, "%s%s * %s", e->type.width > 32 ? "" : "(uint32_t)",
                                  lower_value(l, e->a, LEVEL_UNARY), lower_value(l, e->b, LEVEL_UNARY)),
                     LEVEL_MUL, true);
    case OP_DIV: case OP_MOD:
        return lower_division(l, e);
    case OP_SHL: case OP_SHR:
        return lower_shift(l, e);
    case OP_ADD: case OP_SUB:
        if (is_i64)
            return lower_i64(l, e);
        break;
    default:
        break;
    }
    CText a = lower_expr(l, e->a), b = lower_expr(l, e->b);
    const bool compares = e->op >= OP_EQ && e->op <= OP_GE;
    if (compares || e->op == OP_LAND || e->op == OP_LOR) {
        a = ctext_clean(l, a, e->a->type);
        b = ctext_clean(l, b, e->b->type);
        return join(l, e, a, b, false);
    }
    if (e->op == OP_AND)
        return join(l, e, a, b, a.dirty && b.dirty);
    if (e->op == OP_OR || e->op == OP_XOR)
        return join(l, e, a, b, a.dirty || b.dirty);
    return join(l, e, a, b, e->type.kind == TYPE_BITS);
}

static CText lower_cond(Lower *l, const Expr *e)
{
    if (expr_may_stop(e->b) || expr_may_stop(e->c))
        return lower_choice(l, e, e->a, e->b, e->c, false);
    const CText b = ctext_clean(l, lower_expr(l, e->b), e->type), c = ctext_clean(l, lower_expr(l, e->c), e->type);
    return ctext(arena_format(l->arena, "%s ? %s : %s", lower_value(l, e->a, LEVEL_LOR), ctext_in(l, b, LEVEL_LOR),
                              ctext_in(l, c, LEVEL_COND)), LEVEL_COND, false);
}

static CText lower_convert(Lower *l, const Expr *e)
{
    const CText a = lower_expr(l, e->a);
    const int from = e->a->type.kind == TYPE_BITS ? e->a->type.width : 64;
    const char *clean = ctext_clean(l, a, e->a->type).text;
    switch (e->convert) {
    case CONVERT_TRUNC:
        return ctext(a.text, a.level, a.dirty || e->type.width < from);
    case CONVERT_ZEXT: {
        const CText c = ctext_clean(l, a, e->a->type);
        if (e->type.width > 32 && from <= 32)
            return ctext(arena_format(l->arena, "(uint64_t)%s", ctext_in(l, c, LEVEL_UNARY)), LEVEL_UNARY, false);
        return c;
    }
    case CONVERT_SEXT:
        if (from == e->type.width)
            return a;
        return ctext(arena_format(l->arena, "%s(%s, %d)", e->type.width > 32 ? "sext64" : "sext", clean, from),
                     LEVEL_ATOM, e->type.width != 64);
    case CONVERT_SIGNED:
        return ctext(arena_format(l->arena, "(int64_t)sext64(%s, %d)", clean, from), LEVEL_UNARY, false);
    }
    assert(!"every conversion is handled");
    return a;
}

static const char *arguments(Lower *l, const ExprList *args)
{
    const char *text = "";
    for (size_t i = 0; i < args->count; i++)
        text = arena_format(l->arena, "%s%s%s", text, i ? ", " : "", lower_value(l, args->at[i], LEVEL_COND));
    return text;
}

CText lower_expr(Lower *l, const Expr *e)
{
    if (l->reach->known) {
        const CText known = l->reach->known(l, e);
        if (known.text)
            return known;
    }
    switch (e->kind) {
    case EXPR_NUM:
        if (e->type.kind == TYPE_I64)
            return ctext(arena_format(l->arena, "INT64_C(%" PRId64 ")", (int64_t)e->num), LEVEL_ATOM, false);
        return ctext(c_number(l->arena, e->num & type_mask(e->type)), LEVEL_ATOM, false);
    case EXPR_BOOL:
        return ctext(e->num ? "true" : "false", LEVEL_ATOM, false);
    case EXPR_LOCAL:
        return ctext(lower_local(l, e->local), LEVEL_ATOM, false);
    case EXPR_FIELD:
        return l->reach->field(l, e->field);
    case EXPR_REG:
        return l->reach->reg(l, e->reg);
    case EXPR_REGS:
        return lower_regs(l, e);
    case EXPR_LAZY:
        return l->reach->lazy(l, e->lazy);
    case EXPR_MEM:
        return lower_mem(l, e);
    case EXPR_SLICE:
        return lower_slice(l, e);
    case EXPR_UNARY:
        return lower_unary(l, e);
    case EXPR_BINARY:
        return lower_binary(l, e);
    case EXPR_COND:
        return lower_cond(l, e);
    case EXPR_CONVERT:
        return lower_convert(l, e);
    case EXPR_CALL:
        return ctext(arena_format(l->arena, "fn_%.*s(%s)", TEXT(e->fn->name), arguments(l, &e->args)), LEVEL_ATOM,
                     false);
    default:
        assert(!"check leaves no other expression in the body of a word machine");
        return ctext("0", LEVEL_ATOM, false);
    }
}

// -------------------------------------------------------------- statements

static void set_slice(Lower *l, const Stmt *s)
{
    const Expr *t = s->target;
    assert(t->a->kind == EXPR_REG || t->a->kind == EXPR_REGS);
    const uint64_t all = type_mask(t->a->type), part = type_mask(t->type) << t->lo;
    const CText place = lower_expr(l, t->a);
    const char *value;
    if (s->value->kind == EXPR_NUM && s->value->num == 0) {
        value = arena_format(l->arena, "%s & %s", place.text, c_number(l->arena, all & ~part));
    } else if (s->value->kind == EXPR_NUM && s->value->num == type_mask(t->type)) {
        value = arena_format(l->arena, "%s | %s", place.text, c_number(l->arena, part));
    } else {
        const char *v = lower_value(l, s->value, LEVEL_UNARY);
        value = arena_format(l->arena, "(%s & %s) | (%s)%s << %d", place.text, c_number(l->arena, all & ~part),
                             t->a->type.width > 32 ? "uint64_t" : "uint32_t", v, t->lo);
    }
    lower_line(l, "%s = %s;", place.text, value);
}

static void set(Lower *l, const Stmt *s)
{
    const Expr *t = s->target;
    switch (t->kind) {
    case EXPR_LOCAL:
        lower_line(l, "%s = %s;", lower_local(l, t->local), ctext_into(l, lower_expr(l, s->value), t->type).text);
        return;
    case EXPR_REG:
        l->reach->set_reg(l, t->reg, ctext_into(l, lower_expr(l, s->value), t->type).text);
        return;
    case EXPR_REGS: {
        const char *place = lower_regs(l, t).text;
        lower_line(l, "%s = %s;", place, ctext_into(l, lower_expr(l, s->value), t->type).text);
        return;
    }
    case EXPR_MEM: {
        const char *address = lower_value(l, t->a, LEVEL_COND);
        l->reach->store(l, t->mem, address, lower_value(l, s->value, LEVEL_COND));
        return;
    }
    case EXPR_SLICE:
        set_slice(l, s);
        return;
    default:
        assert(!"check leaves no other place to assign to");
    }
}

static void lower_list(Lower *l, const Block *block, bool is_last);

static void lower_if(Lower *l, const Stmt *s, bool is_last)
{
    lower_line(l, "if (%s) {", lower_value(l, s->value, LEVEL_COND));
    l->indent += 4;
    lower_list(l, &s->then, is_last);
    l->indent -= 4;
    if (s->other.count) {
        lower_line(l, "} else {");
        l->indent += 4;
        lower_list(l, &s->other, is_last);
        l->indent -= 4;
    }
    lower_line(l, "}");
}

static bool ends_here(const Lower *l, const Stmt *s)
{
    return s->kind == STMT_RAISE || s->kind == STMT_HALT || (s->kind == STMT_IF && s->other.count && l->reach->end);
}

static void lower_stmt(Lower *l, const Stmt *s, bool is_last)
{
    switch (s->kind) {
    case STMT_LET: {
        CText known = { 0 };
        if (l->reach->known)
            known = l->reach->known(l, &(Expr){ .kind = EXPR_LOCAL, .local = s->local, .type = s->local->type });
        if (known.text)
            return;
        const char *value = ctext_into(l, lower_expr(l, s->value), s->local->type).text;
        lower_line(l, "const %s %s = %s;", c_type(s->local->type), lower_local(l, s->local), value);
        return;
    }
    case STMT_SET:
        set(l, s);
        return;
    case STMT_LAZY:
        l->reach->set_lazy(l, s->lazy, lower_value(l, s->value, LEVEL_COND));
        return;
    case STMT_IF:
        lower_if(l, s, is_last);
        return;
    case STMT_WHEN:
        lower_list(l, s->dialect == l->options->dialect ? &s->then : &s->other, is_last);
        return;
    case STMT_RAISE:
        l->reach->raise(l, s->exception);
        return;
    case STMT_TRAP:
        l->reach->trap(l, lower_value(l, s->value, LEVEL_COND));
        return;
    case STMT_HALT:
        l->reach->halt(l);
        return;
    case STMT_PROC:
        l->reach->proc(l, s->proc, arguments(l, &s->args));
        return;
    default:
        assert(!"check leaves no other statement in the body of a word machine");
    }
}

// With is_last the end of the list is the end of the body.
static void lower_list(Lower *l, const Block *block, bool is_last)
{
    bool ended = false;
    for (size_t i = 0; i < block->count; i++) {
        const bool last = is_last && i + 1 == block->count;
        lower_stmt(l, block->at[i], last);
        ended = last && (ends_here(l, block->at[i]) || block->at[i]->kind == STMT_WHEN);
        if (block->at[i]->kind == STMT_RAISE || block->at[i]->kind == STMT_HALT)
            return; // what follows is never reached
    }
    if (is_last && !ended && l->reach->end)
        l->reach->end(l);
}

void lower_block(Lower *l, const Block *block)
{
    lower_list(l, block, false);
}

void lower_body(Lower *l, const Block *block)
{
    lower_list(l, block, true);
}

// ----------------------------------------------------------------- visiting

void visit_expr(const Visit *v, const Expr *e)
{
    if (!e)
        return;
    visit_expr(v, e->a);
    visit_expr(v, e->b);
    visit_expr(v, e->c);
    for (size_t i = 0; i < e->args.count; i++)
        visit_expr(v, e->args.at[i]);
    if (v->expr)
        v->expr(v->user, e);
}

void visit_block(const Visit *v, const Block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const Stmt *s = block->at[i];
        if (s->kind == STMT_WHEN) {
            visit_block(v, s->dialect == v->dialect ? &s->then : &s->other);
            continue;
        }
        if (s->target) // the place itself is written, what leads to it is read
            visit_expr(v, s->target->a);
        visit_expr(v, s->value);
        for (size_t k = 0; k < s->args.count; k++)
            visit_expr(v, s->args.at[k]);
        if (v->stmt)
            v->stmt(v->user, s);
        visit_block(v, &s->then);
        visit_block(v, &s->other);
    }
}
