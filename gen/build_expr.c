// Builders of expressions, statements and the lists they are made of.
#include "read.h"

#include "parse.h"

#include <string.h>

// ------------------------------------------------------------------- lists

Name token_name(Token t)
{
    return (Name){ t.text, t.span };
}

NameList *new_names(Reader *r)
{
    return arena_new(r->arena, NameList);
}

NameList *add_name(Reader *r, NameList *list, Token t)
{
    LIST_ADD(r->arena, list, token_name(t));
    return list;
}

TokenList *new_tokens(Reader *r)
{
    return arena_new(r->arena, TokenList);
}

TokenList *add_token(Reader *r, TokenList *list, Token t)
{
    LIST_ADD(r->arena, list, t);
    return list;
}

// ------------------------------------------------------------------- types

// Returns N of "<word>N" for 1 to 64, else 0.
int width_suffix(Text name, const char *word)
{
    const size_t len = strlen(word);
    if (name.len <= len || name.len > len + 2 || memcmp(name.at, word, len) != 0 || name.at[len] == '0')
        return 0;
    int width = 0;
    for (size_t i = len; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return 0;
        width = width * 10 + name.at[i] - '0';
    }
    return width <= 64 ? width : 0;
}

// Fills in a type by its name, or leaves that to check.
void set_type(Reader *r, Type *type, int *tag, Token name)
{
    const int width = width_suffix(name.text, "bits");
    if (tag)
        *tag = -1;
    if (tag == NULL && width)
        *type = (Type){ TYPE_BITS, width };
    else if (tag == NULL && text_is(name.text, "i64"))
        *type = (Type){ TYPE_I64, 64 };
    else if (tag == NULL && text_is(name.text, "bool"))
        *type = (Type){ TYPE_BOOL, 0 };
    else if (tag == NULL && text_is(name.text, "str"))
        *type = (Type){ TYPE_STR, 0 };
    else
        LIST_ADD(r->arena, &r->isa->type_uses, ((TypeUse){ type, tag, token_name(name) }));
}

LocalList *new_locals(Reader *r)
{
    return arena_new(r->arena, LocalList);
}

LocalList *add_local(Reader *r, LocalList *list, Token name, Token type)
{
    Local *local = arena_new(r->arena, Local);
    local->name = name.text;
    local->span = name.span;
    local->index = (int)list->count;
    set_type(r, &local->type, NULL, type);
    LIST_ADD(r->arena, list, local);
    return list;
}

// ------------------------------------------------------------- expressions

// Trees deeper than this are nobody's description; the checks recurse.
enum { NODES_PER_ITEM = 10000 };

static void count_node(Reader *r, Span span)
{
    if (++r->nodes != NODES_PER_ITEM)
        return;
    diag_error(r->diag, span, "this item is too large");
    r->failed = true;
}

Expr *new_expr(Reader *r, ExprKind kind, Span span)
{
    Expr *e = arena_new(r->arena, Expr);
    e->kind = kind;
    e->span = span;
    count_node(r, span);
    return e;
}

Expr *new_unary(Reader *r, Token op, Expr *a)
{
    Expr *e = new_expr(r, EXPR_UNARY, span_join(op.span, a->span));
    e->op = op.kind == TOK_MINUS ? OP_NEG : op.kind == TOK_TILDE ? OP_COMPL : OP_NOT;
    e->a = a;
    return e;
}

// clang-format off
static Op binary_op(int kind)
{
    switch (kind) {
    case TOK_PLUS: return OP_ADD;
    case TOK_MINUS: return OP_SUB;
    case TOK_STAR: return OP_MUL;
    case TOK_SLASH: return OP_DIV;
    case TOK_PERCENT: return OP_MOD;
    case TOK_AND: return OP_AND;
    case TOK_OR: return OP_OR;
    case TOK_XOR: return OP_XOR;
    case TOK_SHL: return OP_SHL;
    case TOK_SHR: return OP_SHR;
    case TOK_SAME: return OP_EQ;
    case TOK_DIFFERS: return OP_NE;
    case TOK_LT: return OP_LT;
    case TOK_LE: return OP_LE;
    case TOK_GT: return OP_GT;
    case TOK_GE: return OP_GE;
    case TOK_ANDAND: return OP_LAND;
    default: return OP_LOR;
    }
}
// clang-format on

Expr *new_binary(Reader *r, Expr *a, Token op, Expr *b)
{
    Expr *e = new_expr(r, EXPR_BINARY, span_join(a->span, b->span));
    e->op = binary_op(op.kind);
    e->a = a;
    e->b = b;
    return e;
}

Expr *new_index(Reader *r, Expr *base, Expr *hi, Expr *lo, Token close)
{
    Expr *e = new_expr(r, EXPR_INDEX, span_join(base->span, close.span));
    e->a = base;
    e->b = hi;
    e->c = lo;
    return e;
}

Expr *new_apply(Reader *r, Token name, ExprList *args, Token close)
{
    Expr *e = new_expr(r, EXPR_APPLY, span_join(name.span, close.span));
    e->text = name.text;
    if (args)
        e->args = *args;
    return e;
}

Expr *new_host(Reader *r, Token keyword, Token name, ExprList *args, Token close)
{
    Expr *e = new_apply(r, name, args, close);
    e->kind = EXPR_HOST;
    e->span = span_join(keyword.span, close.span);
    return e;
}

Expr *new_pop(Reader *r, Token keyword, Token stack)
{
    Expr *e = new_expr(r, EXPR_POP, span_join(keyword.span, stack.span));
    e->text = stack.text;
    return e;
}

Expr *new_part_field(Reader *r, Token part, Token field)
{
    Expr *e = new_expr(r, EXPR_NAME, span_join(part.span, field.span));
    e->text = field.text;
    e->a = new_expr(r, EXPR_NAME, part.span);
    e->a->text = part.text;
    return e;
}

ExprList *new_exprs(Reader *r)
{
    return arena_new(r->arena, ExprList);
}

ExprList *add_expr(Reader *r, ExprList *list, Expr *e)
{
    LIST_ADD(r->arena, list, e);
    return list;
}

// -------------------------------------------------------------- statements

Block *new_block(Reader *r)
{
    return arena_new(r->arena, Block);
}

Block *add_stmt(Reader *r, Block *block, Stmt *s)
{
    LIST_ADD(r->arena, block, s);
    return block;
}

Stmt *new_stmt(Reader *r, StmtKind kind, Token first, Token last)
{
    Stmt *s = arena_new(r->arena, Stmt);
    s->kind = kind;
    s->span = span_join(first.span, last.span);
    count_node(r, first.span);
    return s;
}

Stmt *new_let(Reader *r, Token name, Expr *value, Token last)
{
    Stmt *s = new_stmt(r, STMT_LET, name, last);
    s->name = name.text;
    s->name_span = name.span;
    s->value = value;
    return s;
}

Stmt *new_set(Reader *r, Expr *target, Expr *value, Token last)
{
    Stmt *s = new_stmt(r, STMT_SET, (Token){ .span = target->span }, last);
    s->target = target;
    s->value = value;
    return s;
}

Stmt *new_named(Reader *r, StmtKind kind, Token first, Token name, Expr *value, Token last)
{
    Stmt *s = new_stmt(r, kind, first, last);
    s->name = name.text;
    s->name_span = name.span;
    s->value = value;
    return s;
}

Stmt *new_branch(Reader *r, StmtKind kind, Token first, Token name, Expr *value, Block *then, Block *other)
{
    Stmt *s = new_named(r, kind, first, name, value, name);
    s->then = *then;
    if (other)
        s->other = *other;
    return s;
}

Stmt *new_call(Reader *r, Expr *call, Token last)
{
    Stmt *s =
        new_stmt(r, call->kind == EXPR_HOST ? STMT_HOST : STMT_PROC, (Token){ .span = call->span }, last);
    s->name = call->text;
    s->name_span = call->span;
    s->value = call;
    if (call->kind != EXPR_HOST && call->kind != EXPR_APPLY) {
        diag_error(r->diag, call->span, "this statement does nothing");
        diag_hint(
            r->diag,
            "a statement assigns, calls a proc or a host, or is one of let if when raise trap halt push");
        r->failed = true;
    }
    s->args = call->args;
    return s;
}
