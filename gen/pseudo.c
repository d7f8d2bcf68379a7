#include "pseudo.h"

#include <assert.h>
#include <inttypes.h>

enum { MAX_LOCALS = 256 };

// What is known of the names of one body while it is printed.
typedef struct {
    Writer *w;
    const Isa *isa;
    int dialect;
    const Expr *inlined[MAX_LOCALS]; // a let's value, when it is printed in the let's place
    const Expr *stored[MAX_LOCALS];  // where the value was stored, when it was stored as it is
} Pseudo;

// ------------------------------------------------------------- expressions

static const char *const op_text[] = {
    [OP_NEG] = "-",  [OP_COMPL] = "~", [OP_NOT] = "!",  [OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*",
    [OP_DIV] = "/",  [OP_MOD] = "%",   [OP_AND] = "&",  [OP_OR] = "|",  [OP_XOR] = "^", [OP_SHL] = "<<",
    [OP_SHR] = ">>", [OP_EQ] = "==",   [OP_NE] = "!=",  [OP_LT] = "<",  [OP_LE] = "<=", [OP_GT] = ">",
    [OP_GE] = ">=",  [OP_LAND] = "&&", [OP_LOR] = "||",
};

static int binding(const Expr *e)
{
    if (e->kind == EXPR_COND)
        return 1;
    if (e->kind == EXPR_UNARY)
        return 9;
    if (e->kind != EXPR_BINARY)
        return 10;
    switch (e->op) {
    case OP_LOR: return 2;
    case OP_LAND: return 3;
    case OP_AND:
    case OP_OR:
    case OP_XOR: return 4;
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return 5;
    case OP_SHL:
    case OP_SHR: return 6;
    case OP_ADD:
    case OP_SUB: return 7;
    default: return 8;
    }
}

static void print_expr(Pseudo *p, const Expr *e, int around);

static void print_args(Pseudo *p, const ExprList *args)
{
    write_text(p->w, "(");
    for (size_t i = 0; i < args->count; i++) {
        write_text(p->w, i ? ", " : "");
        print_expr(p, args->at[i], 0);
    }
    write_text(p->w, ")");
}

static void print_num(Pseudo *p, const Expr *e)
{
    if (e->num < 256 || e->type.kind == TYPE_I64)
        write_format(p->w, "%" PRId64, (int64_t)e->num);
    else
        write_format(p->w, "x%04" PRIX64, e->num);
}

static void print_string(Pseudo *p, Text text)
{
    write_format(p->w, "\"%.*s\"", TEXT(text));
}

static void print_convert(Pseudo *p, const Expr *e)
{
    static const char *const names[] = {
        [CONVERT_SEXT] = "sext", [CONVERT_ZEXT] = "zext", [CONVERT_TRUNC] = "trunc", [CONVERT_SIGNED] = "s"
    };
    int width = e->convert == CONVERT_SIGNED ? e->a->type.width : e->type.width;
    write_format(p->w, "%s%d(", names[e->convert], width);
    print_expr(p, e->a, 0);
    write_text(p->w, ")");
}

static void print_local(Pseudo *p, const Expr *e, int around)
{
    const Expr *value = e->local->index < MAX_LOCALS ? p->inlined[e->local->index] : NULL;
    if (value)
        print_expr(p, value, around);
    else
        write_format(p->w, "%.*s", TEXT(e->local->name));
}

static void print_index(Pseudo *p, Text name, const Expr *index)
{
    write_format(p->w, "%.*s[", TEXT(name));
    print_expr(p, index, 0);
    write_text(p->w, "]");
}

static void print_slice(Pseudo *p, const Expr *e)
{
    print_expr(p, e->a, 10);
    if (e->hi == e->lo)
        write_format(p->w, "[%d]", e->hi);
    else
        write_format(p->w, "[%d:%d]", e->hi, e->lo);
}

static void print_binary(Pseudo *p, const Expr *e)
{
    int own = binding(e);
    // `&` beside `|` or `^` reads better with brackets, though they share a level.
    bool chain = e->a->kind == EXPR_BINARY && e->a->op == e->op;
    print_expr(p, e->a, chain ? own : own + (own == 4));
    write_format(p->w, " %s ", op_text[e->op]);
    print_expr(p, e->b, own + 1);
}

static void print_expr(Pseudo *p, const Expr *e, int around)
{
    bool brackets = binding(e) < around;
    if (brackets)
        write_text(p->w, "(");
    switch (e->kind) {
    case EXPR_NUM: print_num(p, e); break;
    case EXPR_BOOL: write_text(p->w, e->num ? "true" : "false"); break;
    case EXPR_STR: print_string(p, e->text); break;
    case EXPR_LOCAL: print_local(p, e, around); break;
    case EXPR_FIELD: write_format(p->w, "%.*s", TEXT(e->field->name)); break;
    case EXPR_REG: write_format(p->w, "%.*s", TEXT(e->reg->name)); break;
    case EXPR_REGS: print_index(p, e->regs->name, e->a); break;
    case EXPR_LAZY: write_format(p->w, "%.*s", TEXT(e->lazy->name)); break;
    case EXPR_MEM: print_index(p, e->mem->name, e->a); break;
    case EXPR_SLICE: print_slice(p, e); break;
    case EXPR_UNARY:
        write_text(p->w, op_text[e->op]);
        print_expr(p, e->a, 9);
        break;
    case EXPR_BINARY: print_binary(p, e); break;
    case EXPR_COND:
        print_expr(p, e->a, 2);
        write_text(p->w, " ? ");
        print_expr(p, e->b, 2);
        write_text(p->w, " : ");
        print_expr(p, e->c, 1);
        break;
    case EXPR_CONVERT: print_convert(p, e); break;
    case EXPR_CALL:
        write_format(p->w, "%.*s", TEXT(e->fn->name));
        print_args(p, &e->args);
        break;
    case EXPR_HOST:
        write_format(p->w, "%.*s", TEXT(e->host->name));
        print_args(p, &e->args);
        break;
    case EXPR_POP: write_format(p->w, "pop %.*s", TEXT(e->stack->name)); break;
    case EXPR_NAME:
    case EXPR_INDEX:
    case EXPR_APPLY: // gone after check
        write_format(p->w, "%.*s", TEXT(e->text));
        break;
    }
    if (brackets)
        write_text(p->w, ")");
}

void pseudo_expr(Writer *w, const Expr *e)
{
    Pseudo p = { .w = w, .dialect = -1 };
    print_expr(&p, e, 0);
}

// ----------------------------------------------------- which lets disappear

static int uses_in_expr(const Expr *e, const Local *local)
{
    if (!e)
        return 0;
    int uses = e->kind == EXPR_LOCAL && e->local == local;
    uses += uses_in_expr(e->a, local) + uses_in_expr(e->b, local) + uses_in_expr(e->c, local);
    for (size_t i = 0; i < e->args.count; i++)
        uses += uses_in_expr(e->args.at[i], local);
    return uses;
}

static int uses_in_block(const Block *b, const Local *local);

// Uses in the statement itself, its nested blocks left out.
static int uses_here(const Stmt *s, const Local *local)
{
    int uses = uses_in_expr(s->value, local) + uses_in_expr(s->target, local);
    if (s->target && s->target->kind == EXPR_LOCAL && s->target->local == local)
        uses--; // assigned, not used
    for (size_t i = 0; i < s->args.count; i++)
        uses += uses_in_expr(s->args.at[i], local);
    return uses;
}

static int uses_nested(const Stmt *s, const Local *local)
{
    return uses_in_block(&s->then, local) + uses_in_block(&s->other, local);
}

static int uses_in_block(const Block *b, const Local *local)
{
    int uses = 0;
    for (size_t i = 0; i < b->count; i++)
        uses += uses_here(b->at[i], local) + uses_nested(b->at[i], local);
    return uses;
}

// Whether a value read before the statement may differ after it.
static bool changes_state(const Stmt *s)
{
    return s->kind != STMT_LET && s->kind != STMT_LAZY;
}

static bool is_local(const Expr *e, const Local *local)
{
    return e && e->kind == EXPR_LOCAL && e->local == local;
}

// A let disappears when its one real use is in the first statement that changes
// anything, so that it is read at the same moment; `CC <- v` after `x = v` is no
// use, it reads what was stored.
static bool can_inline(Stmt *const *list, size_t count, const Local *local)
{
    int uses = 0;
    bool changed = false, stored = false;
    for (size_t i = 0; i < count; i++) {
        const Stmt *s = list[i];
        if (stored && s->kind == STMT_LAZY && is_local(s->value, local))
            continue;
        if (uses_nested(s, local))
            return stored && s->kind == STMT_WHEN; // only its CC can be there
        int here = uses_here(s, local);
        if (here && changed)
            return false;
        uses += here;
        if (s->kind == STMT_SET && is_local(s->value, local))
            stored = true;
        changed = changed || changes_state(s);
    }
    return uses <= 1;
}

// ------------------------------------------------------------- statements

typedef LIST(Stmt *) Flat;

// The statements in a row, the chosen dialect's in their place.
static void flatten(Pseudo *p, Arena *a, const Block *b, Flat *out)
{
    for (size_t i = 0; i < b->count; i++) {
        Stmt *s = b->at[i];
        if (s->kind == STMT_WHEN && p->dialect >= 0)
            flatten(p, a, s->dialect == p->dialect ? &s->then : &s->other, out);
        else
            LIST_ADD(a, out, s);
    }
}

typedef struct {
    bool one_line;
    int indent;
} Layout;

static void print_list(Pseudo *p, const Block *b, Layout at);

static void print_nested(Pseudo *p, const Block *b, Layout at)
{
    write_text(p->w, at.one_line ? " { " : ":\n");
    at.indent += 4;
    print_list(p, b, at);
    write_text(p->w, at.one_line ? " }" : "");
}

static void print_branches(Pseudo *p, const Stmt *s, Layout at)
{
    print_nested(p, &s->then, at);
    if (!s->other.count)
        return;
    if (at.one_line)
        write_text(p->w, " else");
    else
        write_format(p->w, "\n%*selse", at.indent, "");
    print_nested(p, &s->other, at);
}

// "CC <- v", or in one line only "CC" when v is what was stored just before.
static void print_lazy(Pseudo *p, const Stmt *s, Layout at)
{
    const Expr *v = s->value;
    bool is_local = v->kind == EXPR_LOCAL && v->local->index < MAX_LOCALS;
    const Expr *stored = is_local ? p->stored[v->local->index] : NULL;
    write_format(p->w, "%.*s", TEXT(s->lazy->name));
    if (stored && at.one_line)
        return;
    write_text(p->w, " <- ");
    print_expr(p, stored ? stored : v, 0);
}

static void print_assign(Pseudo *p, const Expr *target, const Expr *value)
{
    print_expr(p, target, 0);
    write_text(p->w, " = ");
    print_expr(p, value, 0);
    if (value->kind == EXPR_LOCAL && value->local->index < MAX_LOCALS)
        p->stored[value->local->index] = target;
}

static void print_stmt(Pseudo *p, const Stmt *s, Layout at)
{
    switch (s->kind) {
    case STMT_LET:
        write_format(p->w, "%.*s = ", TEXT(s->local->name));
        print_expr(p, s->value, 0);
        break;
    case STMT_SET: print_assign(p, s->target, s->value); break;
    case STMT_LAZY: print_lazy(p, s, at); break;
    case STMT_IF:
        write_text(p->w, "if ");
        print_expr(p, s->value, 0);
        print_branches(p, s, at);
        break;
    case STMT_WHEN:
        write_format(p->w, "in %.*s", TEXT(p->isa->dialects.at[s->dialect].name));
        print_branches(p, s, at);
        break;
    case STMT_RAISE: write_format(p->w, "raise %.*s", TEXT(s->exception->name)); break;
    case STMT_TRAP:
        write_text(p->w, "service ");
        print_expr(p, s->value, 10);
        break;
    case STMT_HALT:
        write_text(p->w, s->value ? "halt " : "halt");
        if (s->value)
            print_expr(p, s->value, 0);
        break;
    case STMT_PUSH:
        write_format(p->w, "push %.*s, ", TEXT(s->stack->name));
        print_expr(p, s->value, 0);
        break;
    case STMT_PROC:
        write_format(p->w, "%.*s", TEXT(s->proc->name));
        print_args(p, &s->args);
        break;
    case STMT_HOST: print_expr(p, s->value, 0); break;
    }
}

static void print_list(Pseudo *p, const Block *b, Layout at)
{
    Arena a = { 0 };
    Flat flat = { 0 };
    flatten(p, &a, b, &flat);
    bool first = true;
    for (size_t i = 0; i < flat.count; i++) {
        const Stmt *s = flat.at[i];
        if (s->kind == STMT_LET && s->local->index < MAX_LOCALS &&
            can_inline(flat.at + i + 1, flat.count - i - 1, s->local)) {
            p->inlined[s->local->index] = s->value;
            continue;
        }
        if (!first)
            write_text(p->w, at.one_line ? "; " : "\n");
        first = false;
        if (!at.one_line)
            write_format(p->w, "%*s", at.indent, "");
        print_stmt(p, s, at);
    }
    if (first)
        write_format(p->w, "%*snothing", at.one_line ? 0 : at.indent, "");
    arena_free(&a);
}

void pseudo_line(Writer *w, const Isa *isa, const Block *body, int dialect)
{
    Pseudo p = { .w = w, .isa = isa, .dialect = dialect };
    print_list(&p, body, (Layout){ .one_line = true });
}

void pseudo_block(Writer *w, const Isa *isa, const Block *body, int dialect, int indent)
{
    Pseudo p = { .w = w, .isa = isa, .dialect = dialect };
    print_list(&p, body, (Layout){ .indent = indent });
    write_text(w, "\n");
}
