#include "emit_stack_body.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define F(...) arena_format(b->arena, __VA_ARGS__)

void sbody_line(SBody *b, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < sizeof text);
    write_format(b->w, "%*s%s\n", b->indent, "", text);
}

const char *sbody_tag(SBody *b, int tag)
{
    return F("%s_TAG_%.*s", upper_name(b->arena, b->options->machine), TEXT(b->isa->variants.at[tag].name));
}

const char *sbody_error(SBody *b, const Exception *x)
{
    return F("%s_ERROR_%.*s", upper_name(b->arena, b->options->machine), TEXT(x->name));
}

static const char *find_name(const SBody *b, const Local *local)
{
    for (size_t i = b->names.count; i-- > 0;)
        if (b->names.at[i].local == local)
            return b->names.at[i].name;
    return NULL;
}

const char *sbody_name(SBody *b, const Local *local)
{
    int same = 1;
    for (size_t i = 0; i < b->names.count; i++)
        same += text_same(b->names.at[i].local->name, local->name);
    static const char *const taken[] = { "sp", "top", "credit", "end", "fresh" };
    const char *name = F("%s%s", b->part, c_name(b->arena, local->name));
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            name = F("%s_", name);
    if (same > 1)
        name = F("%s_%d", name, same);
    LIST_ADD(b->arena, &b->names, ((LocalName){ local, name }));
    return name;
}

// ------------------------------------------------------------- expressions

static SText number(const char *n)
{
    return (SText){ n, "0", -1, -1 };
}

bool sbody_is_careful(const Expr *e)
{
    if (!e)
        return false;
    if (e->kind == EXPR_HOST || e->kind == EXPR_POP || e->kind == EXPR_CALL)
        return true;
    if (e->kind == EXPR_BINARY && e->type.kind == TYPE_I64)
        return true; // a policy may raise
    if (e->kind == EXPR_BINARY && (e->op == OP_DIV || e->op == OP_MOD))
        return true;
    return sbody_is_careful(e->a) || sbody_is_careful(e->b) || sbody_is_careful(e->c);
}

static void fail_when(SBody *b, const char *condition, const Exception *x, const char *want, const char *expr)
{
    sbody_line(b, "if (%s)", condition);
    b->indent += 4;
    if (b->is_exact)
        sbody_line(b, "return wrong(m, %s, \"%s\", \"%s\");", sbody_error(b, x), want, expr);
    else
        sbody_line(b, "SLOW;");
    b->indent -= 4;
}

static const char *escaped(SBody *b, const char *s)
{
    Writer w = { 0 };
    for (; *s; s++)
        write_format(&w, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    const char *text = arena_copy(b->arena, w.at ? w.at : "", w.len);
    writer_free(&w);
    return text;
}

static const char *expr_text(SBody *b)
{
    return escaped(b, stack_expr(b->isa, b->arena, b->insn));
}

static const char *cut(SBody *b, const char *text, Type type)
{
    if (type.kind != TYPE_BITS || type.width == 64)
        return text;
    return F("(%s & %s)", text, c_number(b->arena, type_mask(type)));
}

static const char *temp(SBody *b, const char *value)
{
    const char *name = F("%sx%d", b->part, b->temps++);
    sbody_line(b, "const int64_t %s = %s;", name, value);
    return name;
}

static SText divide(SBody *b, const Expr *e, const char *x, const char *y)
{
    const bool is_signed = e->type.kind == TYPE_I64;
    const Exception *raise = policy_raise(b->isa, "divide");
    const char *zero = is_signed ? F("%s == 0 || (%s == -1 && %s == INT64_MIN)", y, y, x) : F("%s == 0", y);
    if (e->b->kind != EXPR_NUM)
        fail_when(b, zero, raise, "", expr_text(b));
    const char *op = e->op == OP_DIV ? "/" : "%";
    if (!is_signed)
        return number(temp(b, F("(int64_t)((uint64_t)%s %s (uint64_t)%s)", x, op, y)));
    return number(temp(b, F("%s %s %s", x, op, y)));
}

static SText arithmetic(SBody *b, const Expr *e, const char *x, const char *y)
{
    const char op = e->op == OP_ADD ? '+' : e->op == OP_SUB ? '-' : '*';
    const Exception *raise = e->type.kind == TYPE_I64 ? policy_raise(b->isa, "overflow") : NULL;
    if (!raise)
        return number(cut(b, F("(int64_t)((uint64_t)%s %c (uint64_t)%s)", x, op, y), e->type));
    const char *name = F("%sx%d", b->part, b->temps++);
    sbody_line(b, "int64_t %s;", name);
    fail_when(b,
              F("__builtin_%s_overflow(%s, %s, &%s)",
                op == '+'   ? "add"
                : op == '-' ? "sub"
                            : "mul",
                x, y, name),
              raise, "", expr_text(b));
    return number(name);
}

static SText same(SBody *b, const Expr *e, SText x, SText y)
{
    const char *text;
    const Type type = e->a->type;
    const int known = x.known >= 0 ? x.known : y.known;
    if (type.kind == TYPE_STR)
        text = F("stack_text_same(%s, %s)", x.n, y.n);
    else if (type.kind != TYPE_VALUE)
        text = F("(%s == %s)", x.n, y.n);
    else if (known >= 0 && b->isa->variants.at[known].type.kind != TYPE_STR)
        text = F("(%s == %s && %s == %s)", x.tag, y.tag, x.n, y.n);
    else
        text = F("same(%s, %s, %s, %s)", x.n, x.tag, y.n, y.tag);
    return number(e->op == OP_EQ ? text : F("!%s", text));
}

static SText shifted(SBody *b, const Expr *e, const char *x, const char *y)
{
    const int width = e->type.kind == TYPE_BITS ? e->type.width : 64;
    const char *over = e->op == OP_SHR && e->type.kind == TYPE_I64 ? F("(%s < 0 ? -1 : 0)", x) : "0";
    const char *in = e->op == OP_SHL            ? F("(int64_t)((uint64_t)%s << %s)", x, y)
                     : e->type.kind == TYPE_I64 ? F("(%s >> %s)", x, y)
                                                : F("(int64_t)((uint64_t)%s >> %s)", x, y);
    return number(cut(b, F("((uint64_t)%s >= %d ? %s : %s)", y, width, over, in), e->type));
}

static SText branch(SBody *b, const char *condition, const Expr *yes, const Expr *no, const char *plain_yes,
                    const char *plain_no, bool is_value)
{
    const char *name = F("%sx%d", b->part, b->temps++);
    sbody_line(b, is_value ? "StackValue %s;" : "int64_t %s;", name);
    for (int i = 0; i < 2; i++) {
        const Expr *e = i ? no : yes;
        sbody_line(b, i ? "} else {" : "if (%s) {", condition);
        b->indent += 4;
        if (e && is_value) {
            const SText v = sbody_expr(b, e);
            sbody_line(b, "%s = (StackValue){ %s, %s };", name, v.n, v.tag);
        } else {
            sbody_line(b, "%s = %s;", name, e ? sbody_expr(b, e).n : i ? plain_no : plain_yes);
        }
        b->indent -= 4;
    }
    sbody_line(b, "}");
    return is_value ? (SText){ F("%s.n", name), F("%s.tag", name), -1, -1 } : number(name);
}

static SText binary(SBody *b, const Expr *e)
{
    SText x = sbody_expr(b, e->a);
    if (e->op == OP_LAND || e->op == OP_LOR) {
        if (sbody_is_careful(e->b))
            return e->op == OP_LAND ? branch(b, x.n, e->b, NULL, NULL, "0", false)
                                    : branch(b, x.n, NULL, e->b, "1", NULL, false);
        // Truths are 0 and 1 without effects: no branch is needed.
        return number(F("(%s %c %s)", x.n, e->op == OP_LAND ? '&' : '|', sbody_expr(b, e->b).n));
    }
    if (sbody_is_careful(e->b) && e->a->kind != EXPR_LOCAL && e->a->kind != EXPR_NUM && x.known < 0 &&
        e->a->type.kind != TYPE_VALUE)
        x.n = temp(b, x.n);
    const SText y = sbody_expr(b, e->b);
    const bool is_signed = e->a->type.kind == TYPE_I64;
    static const char *const orders[] = { [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">=" };
    switch (e->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
        return arithmetic(b, e, x.n, y.n);
    case OP_DIV:
    case OP_MOD:
        return divide(b, e, x.n, y.n);
    case OP_AND:
        return number(F("(%s & %s)", x.n, y.n));
    case OP_OR:
        return number(F("(%s | %s)", x.n, y.n));
    case OP_XOR:
        return number(F("(%s ^ %s)", x.n, y.n));
    case OP_SHL:
    case OP_SHR:
        return shifted(b, e, x.n, y.n);
    case OP_EQ:
    case OP_NE:
        return same(b, e, x, y);
    default:
        return number(is_signed ? F("(%s %s %s)", x.n, orders[e->op], y.n)
                                : F("((uint64_t)%s %s (uint64_t)%s)", x.n, orders[e->op], y.n));
    }
}

static SText cond(SBody *b, const Expr *e)
{
    const SText c = sbody_expr(b, e->a);
    if (sbody_is_careful(e->b) || sbody_is_careful(e->c))
        return branch(b, c.n, e->b, e->c, NULL, NULL, e->type.kind == TYPE_VALUE);
    const SText x = sbody_expr(b, e->b), y = sbody_expr(b, e->c);
    SText r = number(F("(%s ? %s : %s)", c.n, x.n, y.n));
    if (e->type.kind == TYPE_VALUE) {
        r.known = x.known == y.known ? x.known : -1;
        r.tag = r.known >= 0 ? x.tag : F("(%s ? %s : %s)", c.n, x.tag, y.tag);
    }
    return r;
}

static SText convert(SBody *b, const Expr *e)
{
    const char *x = sbody_expr(b, e->a).n;
    const Type from = e->a->type;
    const bool extends = e->convert == CONVERT_SEXT || e->convert == CONVERT_SIGNED;
    if (extends && from.kind == TYPE_BITS && from.width < 64)
        x = F("((%s ^ %s) - %s)", x, c_number(b->arena, 1ull << (from.width - 1)),
              c_number(b->arena, 1ull << (from.width - 1)));
    return number(cut(b, x, e->type));
}

static SText call(SBody *b, const Expr *e)
{
    const size_t before = b->names.count;
    for (size_t i = 0; i < e->args.count; i++) {
        const SText v = sbody_expr(b, e->args.at[i]);
        const char *name = F("%sx%d", b->part, b->temps++);
        sbody_line(b, "const StackValue %s = { %s, %s };", name, v.n, v.tag);
        LIST_ADD(b->arena, &b->names, ((LocalName){ e->fn->params.at[i], name }));
    }
    const SText v = sbody_expr(b, e->fn->body);
    b->names.count = before;
    return v;
}

static const char *argument(SBody *b, const Expr *e)
{
    const SText v = sbody_expr(b, e);
    if (e->type.kind == TYPE_VALUE)
        return F("(StackValue){ %s, %s }", v.n, v.tag);
    if (e->type.kind == TYPE_STR)
        return F("(const StackString *)(intptr_t)%s", v.n);
    return e->type.kind == TYPE_BITS ? F("(uint64_t)%s", v.n) : v.n;
}

static SText host(SBody *b, const Expr *e, bool is_used)
{
    const Host *h = e->host;
    const char *args = "";
    for (size_t i = 0; i < e->args.count; i++)
        args = F("%s, %s", args, argument(b, e->args.at[i]));
    const char *name = F("%sx%d", b->part, b->temps++);
    const char *fn = F("%s_host_%.*s", b->options->machine, TEXT(h->name));
    const Type type = h->type;
    const char *c = type.kind == TYPE_VALUE  ? "StackValue "
                    : type.kind == TYPE_STR  ? "const StackString *"
                    : type.kind == TYPE_BOOL ? "bool "
                    : type.kind == TYPE_I64  ? "int64_t "
                                             : "uint64_t ";
    if (h->raises) {
        if (type.kind != TYPE_NONE)
            sbody_line(b, "%s%s;", c, name);
        fail_when(b, type.kind == TYPE_NONE ? F("!%s(m%s)", fn, args) : F("!%s(m%s, &%s)", fn, args, name),
                  h->raises, "", expr_text(b));
    } else if (type.kind == TYPE_NONE || !is_used) {
        sbody_line(b, "%s(m%s);", fn, args);
        return number("0");
    } else {
        sbody_line(b, "%s%s = %s(m%s);", c, name, fn, args);
    }
    if (type.kind == TYPE_VALUE)
        return (SText){ F("%s.n", name), F("%s.tag", name), -1, -1 };
    return number(type.kind == TYPE_STR ? F("(int64_t)(intptr_t)%s", name) : F("(int64_t)%s", name));
}

static SText pop(SBody *b, const Expr *e)
{
    const int index = stack_index(b->isa, e->stack);
    const char *empty = F("m->raw[%d].top == m->raw[%d].base", index, index);
    fail_when(b, empty, e->stack->underflow, F("%.*s", TEXT(b->insn->name)),
              escaped(b, stack_unescape(b->arena, b->insn->spelling)));
    if (b->is_exact)
        return number(temp(b, F("*--m->raw[%d].top", index)));
    b->popped[index] = true;
    return number(temp(b, F("m->raw[%d].top[-1]", index)));
}

static SText text_literal(SBody *b, const Expr *e)
{
    const char *s = stack_unescape(b->arena, e->text);
    const char *name = F("%stext%d", b->part, b->temps++);
    sbody_line(b, "static StackString %s = { .size = %zu, .bytes = \"%s\" };", name, strlen(s),
               escaped(b, s));
    return number(F("(int64_t)(intptr_t)&%s", name));
}

static const char *constant(SBody *b, const Expr *e)
{
    if (e->type.kind == TYPE_I64 && e->num > INT32_MAX)
        return e->num == 1ull << 63 ? "INT64_MIN" : F("INT64_C(%" PRId64 ")", (int64_t)e->num);
    return F("%" PRId64, (int64_t)e->num);
}

SText sbody_expr(SBody *b, const Expr *e)
{
    switch (e->kind) {
    case EXPR_NUM:
    case EXPR_BOOL:
        return number(constant(b, e));
    case EXPR_STR:
        return text_literal(b, e);
    case EXPR_LOCAL: {
        const char *name = find_name(b, e->local);
        assert(name);
        return (SText){ F("%s.n", name), F("%s.tag", name), -1, -1 };
    }
    case EXPR_REG:
        return number(b->ip ? b->ip : "m->ip");
    case EXPR_UNARY: {
        const char *x = sbody_expr(b, e->a).n;
        if (e->op == OP_NOT)
            return number(F("!%s", x));
        return number(cut(b, e->op == OP_NEG ? F("(int64_t)-(uint64_t)%s", x) : F("(~%s)", x), e->type));
    }
    case EXPR_BINARY:
        return binary(b, e);
    case EXPR_COND:
        return cond(b, e);
    case EXPR_CONVERT:
        return convert(b, e);
    case EXPR_SLICE:
        return number(cut(b, F("(int64_t)((uint64_t)%s >> %d)", sbody_expr(b, e->a).n, e->lo),
                          (Type){ TYPE_BITS, e->hi - e->lo + 1 }));
    case EXPR_CALL:
        return call(b, e);
    case EXPR_HOST:
        return host(b, e, true);
    case EXPR_POP:
        return pop(b, e);
    default:
        break;
    }
    assert(!"no other expression in the body of a stack machine");
    return number("0");
}

// -------------------------------------------------------------- statements

static void set(SBody *b, const Stmt *s)
{
    const SText v = sbody_expr(b, s->value);
    if (s->target->kind == EXPR_LOCAL) {
        const char *name = find_name(b, s->target->local);
        sbody_line(b, "%s.n = %s;", name, v.n);
        if (s->value->type.kind == TYPE_VALUE)
            sbody_line(b, "%s.tag = %s;", name, v.tag);
    } else if (b->is_exact) {
        sbody_line(b, "m->ip = %s;", v.n);
    } else {
        b->jump = temp(b, v.n);
        sbody_line(b, "if ((uint64_t)%s > (uint64_t)m->count)", b->jump);
        sbody_line(b, "    SLOW;");
    }
}

static void push(SBody *b, const Stmt *s)
{
    const int index = stack_index(b->isa, s->stack);
    const char *value = temp(b, sbody_expr(b, s->value).n);
    const char *full = F("m->raw[%d].top == m->raw[%d].limit", index, index);
    if (b->is_exact) {
        sbody_line(b, "if (%s)", full);
        sbody_line(b, "    return overflow(m, %d);", index);
        sbody_line(b, "*m->raw[%d].top++ = %s;", index, value);
        return;
    }
    sbody_line(b, "if (%s)", full);
    sbody_line(b, "    SLOW;");
    b->pushed[index] = value;
}

static void proc(SBody *b, const Stmt *s)
{
    const size_t before = b->names.count;
    sbody_line(b, "{ // %.*s", TEXT(s->proc->name));
    b->indent += 4;
    for (size_t i = 0; i < s->args.count; i++) {
        const SText v = sbody_expr(b, s->args.at[i]);
        const char *name = F("%sx%d", b->part, b->temps++);
        sbody_line(b, "const StackValue %s = { %s, %s };", name, v.n, v.tag);
        LIST_ADD(b->arena, &b->names, ((LocalName){ s->proc->params.at[i], name }));
    }
    sbody_block(b, &s->proc->body);
    b->indent -= 4;
    sbody_line(b, "}");
    b->names.count = before;
}

static void if_else(SBody *b, const Stmt *s)
{
    sbody_line(b, "if (%s) {", sbody_expr(b, s->value).n);
    b->indent += 4;
    sbody_block(b, &s->then);
    b->indent -= 4;
    if (s->other.count) {
        sbody_line(b, "} else {");
        b->indent += 4;
        sbody_block(b, &s->other);
        b->indent -= 4;
    }
    sbody_line(b, "}");
}

static void stmt(SBody *b, const Stmt *s)
{
    switch (s->kind) {
    case STMT_LET: {
        const SText v = sbody_expr(b, s->value);
        const char *name = sbody_name(b, s->local);
        sbody_line(b, "const StackValue %s = { %s, %s };", name, v.n, v.tag);
        break;
    }
    case STMT_SET:
        set(b, s);
        break;
    case STMT_IF:
        if_else(b, s);
        break;
    case STMT_WHEN:
        sbody_block(b, s->dialect == b->options->dialect ? &s->then : &s->other);
        break;
    case STMT_RAISE:
        sbody_line(b, "return wrong(m, %s, \"\", \"%s\");", sbody_error(b, s->exception), expr_text(b));
        break;
    case STMT_HALT:
        sbody_line(b, "m->exit_code = (int32_t)%s;", s->value ? sbody_expr(b, s->value).n : "0");
        sbody_line(b, "return STOP_HALT;");
        break;
    case STMT_PUSH:
        push(b, s);
        break;
    case STMT_PROC:
        proc(b, s);
        break;
    case STMT_HOST:
        host(b, s->value, false);
        break;
    default:
        assert(!"no other statement in the body of a stack machine");
    }
}

void sbody_block(SBody *b, const Block *block)
{
    for (size_t i = 0; i < block->count; i++)
        stmt(b, block->at[i]);
}

// -------------------------------------------------------------------- plain

static int count_kind(const Expr *e, ExprKind kind)
{
    if (!e)
        return 0;
    int count = (e->kind == kind) + count_kind(e->a, kind) + count_kind(e->b, kind) + count_kind(e->c, kind);
    for (size_t i = 0; i < e->args.count; i++)
        count += count_kind(e->args.at[i], kind);
    return count;
}

bool sbody_is_plain(const Insn *insn)
{
    int moves = 0;
    for (size_t i = 0; i < insn->body.count; i++) {
        const Stmt *s = insn->body.at[i];
        const bool jumps = s->kind == STMT_SET && s->target->kind == EXPR_REG;
        if (s->kind != STMT_LET && s->kind != STMT_SET && s->kind != STMT_PUSH)
            return false;
        if (count_kind(s->value, EXPR_HOST) || (jumps && i + 1 < insn->body.count))
            return false;
        moves += (s->kind == STMT_PUSH) + count_kind(s->value, EXPR_POP);
    }
    return moves <= 1;
}
