#include "read.h"

#include "parse.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *ItemAlloc(void *(*allocate)(size_t));
void ItemFree(void *parser, void (*release)(void *));
void Item(void *parser, int kind, Token token, Reader *r);

// ------------------------------------------------------------- token names

typedef struct {
    int kind;
    const char *spelling;
} Spelling;

static const Spelling spellings[] = {
    { TOK_ID, "a name" },       { TOK_NUM, "a number" },     { TOK_STR, "a string" },
    { TOK_ARROW, "'->'" },      { TOK_TAKES, "'<-'" },       { TOK_DASHES, "'--'" },
    { TOK_DOTS, "'..'" },       { TOK_SHL, "'<<'" },         { TOK_SHR, "'>>'" },
    { TOK_LE, "'<='" },         { TOK_GE, "'>='" },          { TOK_SAME, "'=='" },
    { TOK_DIFFERS, "'!='" },    { TOK_ANDAND, "'&&'" },      { TOK_OROR, "'||'" },
    { TOK_LT, "'<'" },          { TOK_GT, "'>'" },           { TOK_EQUALS, "'='" },
    { TOK_BANG, "'!'" },        { TOK_TILDE, "'~'" },        { TOK_PLUS, "'+'" },
    { TOK_MINUS, "'-'" },       { TOK_STAR, "'*'" },         { TOK_SLASH, "'/'" },
    { TOK_PERCENT, "'%'" },     { TOK_AND, "'&'" },          { TOK_OR, "'|'" },
    { TOK_XOR, "'^'" },         { TOK_QUESTION, "'?'" },     { TOK_COLON, "':'" },
    { TOK_SEMI, "';'" },        { TOK_COMMA, "','" },        { TOK_DOT, "'.'" },
    { TOK_OPEN, "'('" },        { TOK_CLOSE, "')'" },        { TOK_LEFT, "'['" },
    { TOK_RIGHT, "']'" },       { TOK_BEGIN, "'{'" },        { TOK_END, "'}'" },
    { TOK_ISA, "'isa'" },       { TOK_DIALECT, "'dialect'" }, { TOK_DEFAULT, "'default'" },
    { TOK_REGS, "'regs'" },     { TOK_REG, "'reg'" },        { TOK_LAZY, "'lazy'" },
    { TOK_AT, "'at'" },         { TOK_MEM, "'mem'" },        { TOK_REGION, "'region'" },
    { TOK_GUARD, "'guard'" },   { TOK_TYPE, "'type'" },      { TOK_STACK, "'stack'" },
    { TOK_CODE, "'code'" },     { TOK_POLICY, "'policy'" },  { TOK_FN, "'fn'" },
    { TOK_PROC, "'proc'" },     { TOK_EXCEPTION, "'exception'" }, { TOK_EXIT, "'exit'" },
    { TOK_INTERRUPT, "'interrupt'" }, { TOK_PRIORITY, "'priority'" }, { TOK_HOST, "'host'" },
    { TOK_ENCODING, "'encoding'" }, { TOK_FIELD, "'field'" }, { TOK_TOKENS, "'tokens'" },
    { TOK_LITERAL, "'literal'" }, { TOK_INSN, "'insn'" },    { TOK_FORM, "'form'" },
    { TOK_ENC, "'enc'" },       { TOK_ASM, "'asm'" },        { TOK_HINT, "'hint'" },
    { TOK_FAR, "'far'" },       { TOK_DO, "'do'" },          { TOK_RESERVED, "'reserved'" },
    { TOK_TRAPS, "'traps'" },   { TOK_IN, "'in'" },          { TOK_OUT, "'out'" },
    { TOK_READS, "'reads'" },   { TOK_WRITES, "'writes'" },  { TOK_SETS, "'sets'" },
    { TOK_OTHERWISE, "'otherwise'" }, { TOK_ALIAS, "'alias'" }, { TOK_FUSE, "'fuse'" },
    { TOK_WHERE, "'where'" },   { TOK_EXAMPLE, "'example'" }, { TOK_GIVEN, "'given'" },
    { TOK_RUN, "'run'" },       { TOK_EXPECT, "'expect'" },  { TOK_LET, "'let'" },
    { TOK_IF, "'if'" },         { TOK_ELSE, "'else'" },      { TOK_WHEN, "'when'" },
    { TOK_RAISE, "'raise'" },   { TOK_TRAP, "'trap'" },      { TOK_HALT, "'halt'" },
    { TOK_PUSH, "'push'" },     { TOK_POP, "'pop'" },
};

static const char *spelling_of(int kind)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (spellings[i].kind == kind)
            return spellings[i].spelling;
    return "the end";
}

// ------------------------------------------------------------------- items

// What begins an item.  `reg`, `fn` ... also stand elsewhere, but never first on
// an unindented line; so a forgotten brace costs one item, not the rest of the file.
static bool begins_item(int kind)
{
    switch (kind) {
    case TOK_ISA: case TOK_DIALECT: case TOK_REGS: case TOK_REG: case TOK_LAZY: case TOK_MEM:
    case TOK_TYPE: case TOK_STACK: case TOK_CODE: case TOK_POLICY: case TOK_FN: case TOK_PROC:
    case TOK_EXCEPTION: case TOK_INTERRUPT: case TOK_HOST: case TOK_ENCODING: case TOK_TOKENS:
    case TOK_INSN: case TOK_RESERVED: case TOK_TRAPS: case TOK_ALIAS: case TOK_FUSE: case TOK_EXAMPLE:
        return true;
    default:
        return false;
    }
}

static bool is_unindented(Token t)
{
    return t.span.begin == 0 || t.span.source->at[t.span.begin - 1] == '\n';
}

// Returns the index after the item that begins at `first`.
static size_t item_end(const TokenList *tokens, size_t first)
{
    int depth = 0;
    for (size_t i = first; i < tokens->count; i++) {
        const Token t = tokens->at[i];
        if (i > first && begins_item(t.kind) && is_unindented(t))
            return i;
        if (t.kind == TOK_BEGIN)
            depth++;
        if (t.kind == TOK_END && --depth <= 0)
            return i + 1;
        if (t.kind == TOK_SEMI && depth == 0)
            return i + 1;
    }
    return tokens->count;
}

static const char *nearest_item(Text word)
{
    const char *best = NULL;
    int best_distance = 3;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (!begins_item(spellings[i].kind))
            continue;
        const Text name = { spellings[i].spelling + 1, strlen(spellings[i].spelling) - 2 };
        const int distance = text_distance(word, name, best_distance);
        if (distance < best_distance) {
            best = spellings[i].spelling;
            best_distance = distance;
        }
    }
    return best;
}

static void report_no_item(Reader *r, Token t)
{
    diag_error(r->diag, t.span, "'%.*s' begins no item of a description", TEXT(t.text));
    const char *near = nearest_item(t.text);
    if (near)
        diag_hint(r->diag, "did you mean %s?", near);
}

// What a broken item would have declared is not reported as missing, too.
static void note_broken(Reader *r, const TokenList *tokens, size_t first, size_t end)
{
    const int kind = tokens->at[first].kind;
    r->isa->is_broken |= kind == TOK_ENCODING || kind == TOK_INSN || kind == TOK_RESERVED || kind == TOK_ID;
    for (size_t i = first + 1; i < end; i++)
        LIST_ADD(r->arena, &r->isa->broken, token_name(tokens->at[i]));
}

static void read_item(Reader *r, const TokenList *tokens, size_t first, size_t end)
{
    r->item = span_join(tokens->at[first].span, tokens->at[end - 1].span);
    if (!begins_item(tokens->at[first].kind)) {
        report_no_item(r, tokens->at[first]);
        note_broken(r, tokens, first, end);
        return;
    }
    void *parser = ItemAlloc(malloc);
    if (!parser)
        abort();
    r->failed = false;
    r->nodes = 0;
    r->form = NULL;
    r->insn = NULL;
    r->entry = NULL;
    for (size_t i = first; i < end && !r->failed; i++) {
        Item(parser, tokens->at[i].kind, tokens->at[i], r);
        r->last = tokens->at[i];
    }
    if (!r->failed) {
        Token after = { .kind = 0, .span = r->last.span };
        after.span.begin = after.span.end - 1;
        Item(parser, 0, after, r);
    }
    ItemFree(parser, free);
    if (r->failed)
        note_broken(r, tokens, first, end);
}

Isa *isa_parse(const Source *source, Arena *arena, Diag *diag)
{
    Isa *isa = arena_new(arena, Isa);
    isa->arena = arena;
    isa->source = source;
    TokenList tokens = { 0 };
    lex_all(source, arena, diag, &tokens);
    Reader r = { .isa = isa, .arena = arena, .diag = diag };
    for (size_t i = 0; i < tokens.count;) {
        const size_t end = item_end(&tokens, i);
        read_item(&r, &tokens, i, end);
        i = end;
    }
    return isa;
}

// Whether an expression may begin here: then the list of what may is not worth printing.
static bool expects_expression(const int *expected, int count)
{
    bool number = false, open = false;
    for (int i = 0; i < count; i++) {
        number |= expected[i] == TOK_NUM;
        open |= expected[i] == TOK_OPEN;
    }
    return number && open;
}

// A stray byte or an open string in the item is reason enough.
static bool is_reported(const Reader *r)
{
    for (size_t i = 0; i < r->diag->list.count; i++) {
        const Span at = r->diag->list.at[i].span;
        if (at.source == r->item.source && at.begin >= r->item.begin && at.begin <= r->item.end)
            return true;
    }
    return false;
}

void read_unexpected(Reader *r, Token t, const int *expected, int count)
{
    const bool is_silent = r->failed || is_reported(r);
    r->failed = true;
    if (is_silent)
        return;
    char wanted[200] = "";
    if (expects_expression(expected, count)) {
        snprintf(wanted, sizeof wanted, ", expected an expression");
    } else if (count > 0 && count <= 5) {
        size_t len = 0;
        for (int i = 0; i < count; i++)
            len += (size_t)snprintf(wanted + len, sizeof wanted - len, "%s%s",
                                    i == 0 ? ", expected " : i == count - 1 ? " or " : ", ",
                                    spelling_of(expected[i]));
    }
    if (t.kind == 0)
        diag_error(r->diag, t.span, "the item ends too early%s", wanted);
    else
        diag_error(r->diag, t.span, "unexpected '%.*s'%s", TEXT(span_text(t.span)), wanted);
}

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
static int width_suffix(Text name, const char *word)
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
static void set_type(Reader *r, Type *type, int *tag, Token name)
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
    Stmt *s = new_stmt(r, call->kind == EXPR_HOST ? STMT_HOST : STMT_PROC, (Token){ .span = call->span }, last);
    s->name = call->text;
    s->name_span = call->span;
    s->value = call;
    if (call->kind != EXPR_HOST && call->kind != EXPR_APPLY) {
        diag_error(r->diag, call->span, "this statement does nothing");
        diag_hint(r->diag, "a statement assigns, calls a proc or a host, or is one of let if when raise trap halt push");
        r->failed = true;
    }
    s->args = call->args;
    return s;
}

// ------------------------------------------------------------------- state

void read_isa(Reader *r, Token name, Token title)
{
    if (r->isa->name.len) {
        diag_error(r->diag, name.span, "the machine already has a name");
        diag_note(r->diag, r->isa->span, "the first is here");
        return;
    }
    r->isa->name = name.text;
    r->isa->title = title.text;
    r->isa->span = name.span;
}

void read_dialect(Reader *r, Token name, bool is_default)
{
    LIST_ADD(r->arena, &r->isa->dialects, ((Dialect){ name.text, name.span, is_default }));
}

void read_regs(Reader *r, Token name, Token count, Token type, TokenList *names)
{
    Regs *regs = arena_new(r->arena, Regs);
    regs->name = name.text;
    regs->span = name.span;
    regs->index = (int)r->isa->regs.count;
    set_type(r, &regs->type, NULL, type);
    const bool is_possible = count.num > 0 && count.num <= 256;
    if (!is_possible)
        diag_error(r->diag, count.span, "a register file has 1 to 256 registers");
    else if (names->count != count.num)
        diag_error(r->diag, count.span, "%d registers, but %zu names", (int)count.num, names->count);
    regs->count = is_possible ? (int)count.num : (int)names->count;
    for (size_t i = 0; i < names->count; i++)
        LIST_ADD(r->arena, &regs->names, names->at[i].text);
    LIST_ADD(r->arena, &r->isa->regs, regs);
}

void read_reg(Reader *r, Token name, Token type, Expr *reset, NameList *attrs)
{
    Reg *reg = arena_new(r->arena, Reg);
    reg->name = name.text;
    reg->span = name.span;
    reg->index = (int)r->isa->reg.count;
    reg->reset = reset;
    set_type(r, &reg->type, NULL, type);
    for (size_t i = 0; attrs && i < attrs->count; i++)
        LIST_ADD(r->arena, &reg->attrs, attrs->at[i]);
    LIST_ADD(r->arena, &r->isa->reg, reg);
}

void read_lazy(Reader *r, Token name, Token type, Token fn, LocalList *params, Expr *at)
{
    Lazy *lazy = arena_new(r->arena, Lazy);
    lazy->name = name.text;
    lazy->span = name.span;
    lazy->index = (int)r->isa->lazies.count;
    set_type(r, &lazy->type, NULL, type);
    lazy->fn_name = token_name(fn);
    lazy->param = params->at[0];
    lazy->at_expr = at;
    if (params->count != 1)
        diag_error(r->diag, params->at[1]->span, "a lazy value comes from one result");
    LIST_ADD(r->arena, &r->isa->lazies, lazy);
}

RegionList *add_region(Reader *r, RegionList *list, Token first, Token last, Token name, Token dialect,
                       Expr *guard, Token raise)
{
    if (!list)
        list = arena_new(r->arena, RegionList);
    const Region region = { .name = name.text, .span = name.span, .first = first.num, .last = last.num,
                            .guard_dialect = -1, .guard = guard, .range = span_join(first.span, last.span),
                            .dialect_name = token_name(dialect), .raise_name = token_name(raise) };
    LIST_ADD(r->arena, list, region);
    return list;
}

void read_mem(Reader *r, Token name, Token count, Token type, NameList *attrs, RegionList *regions)
{
    Mem *mem = arena_new(r->arena, Mem);
    mem->name = name.text;
    mem->span = name.span;
    mem->index = (int)r->isa->mems.count;
    mem->count = count.num;
    set_type(r, &mem->type, NULL, type);
    for (size_t i = 0; attrs && i < attrs->count; i++)
        LIST_ADD(r->arena, &mem->attrs, attrs->at[i]);
    for (size_t i = 0; i < regions->count; i++)
        LIST_ADD(r->arena, &mem->regions, regions->at[i]);
    LIST_ADD(r->arena, &r->isa->mems, mem);
}

void read_union(Reader *r, Token name)
{
    if (r->isa->variant_type.len) {
        diag_error(r->diag, name.span, "a machine has one union type; this is the second");
        return;
    }
    r->isa->variant_type = name.text;
    r->isa->variant_span = name.span;
}

void read_variant(Reader *r, Token name, Token type)
{
    // The list may move while it grows: variants resolve only the built-in types, and at once.
    Variant v = { .name = name.text, .span = name.span };
    const size_t uses = r->isa->type_uses.count;
    set_type(r, &v.type, NULL, type);
    if (r->isa->type_uses.count > uses) {
        r->isa->type_uses.count = uses;
        diag_error(r->diag, type.span, "a variant holds bitsN, i64, bool or str, not '%.*s'", TEXT(type.text));
    }
    LIST_ADD(r->arena, &r->isa->variants, v);
}

SettingList *add_setting(Reader *r, SettingList *list, Token key, Token value)
{
    if (!list)
        list = arena_new(r->arena, SettingList);
    LIST_ADD(r->arena, list, ((Setting){ token_name(key), token_name(value), value.kind == TOK_NUM, value.num }));
    return list;
}

void read_stack(Reader *r, Token name, Token type, SettingList *settings)
{
    Stack *stack = arena_new(r->arena, Stack);
    stack->name = name.text;
    stack->span = name.span;
    stack->index = (int)r->isa->stacks.count;
    set_type(r, &stack->type, NULL, type);
    for (size_t i = 0; settings && i < settings->count; i++)
        LIST_ADD(r->arena, &stack->settings, settings->at[i]);
    LIST_ADD(r->arena, &r->isa->stacks, stack);
}

void read_code(Reader *r, Token name, Token type, SettingList *settings)
{
    if (r->isa->code)
        diag_error(r->diag, name.span, "a machine has one code array; this is the second");
    if (!text_is(type.text, "token"))
        diag_error(r->diag, type.span, "code is made of 'token', not '%.*s'", TEXT(type.text));
    Code *code = arena_new(r->arena, Code);
    code->name = name.text;
    code->span = name.span;
    for (size_t i = 0; settings && i < settings->count; i++)
        LIST_ADD(r->arena, &code->settings, settings->at[i]);
    r->isa->code = code;
}

void read_policy(Reader *r, Token key, Token value, Token raise)
{
    LIST_ADD(r->arena, &r->isa->policies,
             ((Policy){ key.text, value.text, key.span, NULL, token_name(raise), value.span }));
}

static void copy_locals(Reader *r, LocalList *to, const LocalList *from)
{
    for (size_t i = 0; from && i < from->count; i++)
        LIST_ADD(r->arena, to, from->at[i]);
}

void read_fn(Reader *r, Token name, LocalList *params, Token type, Expr *body)
{
    Fn *fn = arena_new(r->arena, Fn);
    fn->name = name.text;
    fn->span = name.span;
    fn->index = (int)r->isa->fns.count;
    fn->body = body;
    copy_locals(r, &fn->params, params);
    set_type(r, &fn->type, NULL, type);
    LIST_ADD(r->arena, &r->isa->fns, fn);
}

void read_proc(Reader *r, Token name, LocalList *params, Block *body)
{
    Proc *proc = arena_new(r->arena, Proc);
    proc->name = name.text;
    proc->span = name.span;
    proc->index = (int)r->isa->procs.count;
    proc->body = *body;
    copy_locals(r, &proc->params, params);
    LIST_ADD(r->arena, &r->isa->procs, proc);
}

static Exception *add_exception(Reader *r, Token name, Token title)
{
    Exception *x = arena_new(r->arena, Exception);
    x->name = name.text;
    x->span = name.span;
    x->title = title.text;
    x->exit = -1;
    x->priority = -1;
    x->index = (int)r->isa->exceptions.count;
    LIST_ADD(r->arena, &r->isa->exceptions, x);
    return x;
}

void read_exception(Reader *r, Token name, Token vector, Token *priority, Token title, Block *body)
{
    Exception *x = add_exception(r, name, title);
    x->has_vector = true;
    x->vector = vector.num;
    x->vector_span = vector.span;
    x->body = *body;
    if (!priority)
        return;
    x->is_interrupt = true;
    x->priority = (int)priority->num;
    if (priority->num > 255)
        diag_error(r->diag, priority->span, "a priority is at most 255");
}

void read_error(Reader *r, Token name, Token exit, Token title)
{
    Exception *x = add_exception(r, name, title);
    x->exit = (int)(exit.num & 255);
    if (exit.num > 255)
        diag_error(r->diag, exit.span, "an exit code is 0 to 255");
}

void read_host(Reader *r, Token name, LocalList *params, Token *type, NameList *attrs)
{
    Host *host = arena_new(r->arena, Host);
    host->name = name.text;
    host->span = name.span;
    host->index = (int)r->isa->hosts.count;
    copy_locals(r, &host->params, params);
    if (type)
        set_type(r, &host->type, NULL, *type);
    for (size_t i = 0; attrs && i < attrs->count; i++)
        LIST_ADD(r->arena, &host->attrs, attrs->at[i]);
    LIST_ADD(r->arena, &r->isa->hosts, host);
}

// ---------------------------------------------------------------- encoding

void read_encoding(Reader *r, Token type)
{
    const int width = width_suffix(type.text, "bits");
    if (r->isa->word_bits)
        diag_error(r->diag, type.span, "a machine has one encoding; this is the second");
    else if (width == 0 || width > 16)
        diag_error(r->diag, type.span, "instruction words are bits1 to bits16, not '%.*s'", TEXT(type.text));
    r->isa->is_broken |= width == 0 || width > 16;
    r->isa->word_bits = width <= 16 ? width : 0;
    r->isa->encoding_span = type.span;
}

static void set_field_kind(Reader *r, Field *field, const TokenList *kind)
{
    static const struct { const char *name; FieldKind kind; } kinds[] = {
        { "reg", FIELD_REG }, { "signed", FIELD_SIGNED }, { "unsigned", FIELD_UNSIGNED },
        { "hex", FIELD_HEX }, { "set", FIELD_SET },
    };
    const Token first = kind->at[0];
    size_t i = 0, next = 1;
    while (i < sizeof kinds / sizeof *kinds && !text_is(first.text, kinds[i].name))
        i++;
    if (i == sizeof kinds / sizeof *kinds) {
        diag_error(r->diag, first.span, "'%.*s' is no kind of field", TEXT(first.text));
        diag_hint(r->diag, "the kinds are reg, signed, unsigned, hex and set");
        return;
    }
    field->kind = kinds[i].kind;
    field->kind_name = token_name(first);
    if (field->kind == FIELD_REG || field->kind == FIELD_SET) {
        const int want = field->kind == FIELD_REG ? TOK_ID : TOK_STR;
        if (kind->count < 2 || (kind->at[1].kind == TOK_STR) != (want == TOK_STR)) {
            diag_error(r->diag, first.span, field->kind == FIELD_REG ? "'reg' needs the register file's name"
                                                                     : "'set' needs its letters in quotes");
            return;
        }
        if (field->kind == FIELD_REG)
            field->regs_name = token_name(kind->at[1]);
        else
            field->letters = kind->at[1].text;
        next = 2;
    }
    for (; next < kind->count; next++) {
        if (text_is(kind->at[next].text, "pcrel") && field->kind == FIELD_SIGNED && !field->is_pcrel)
            field->is_pcrel = true;
        else
            diag_error(r->diag, kind->at[next].span, "'%.*s' is no attribute of a %.*s field",
                       TEXT(kind->at[next].text), TEXT(first.text));
    }
}

void read_field(Reader *r, Token name, Token hi, Token lo, TokenList *kind)
{
    Field *field = arena_new(r->arena, Field);
    field->name = name.text;
    field->span = name.span;
    field->index = (int)r->isa->fields.count;
    field->range = span_join(hi.span, lo.span);
    field->hi = hi.num < 64 ? (int)hi.num : 64;
    field->lo = lo.num < 64 ? (int)lo.num : 64;
    set_field_kind(r, field, kind);
    LIST_ADD(r->arena, &r->isa->fields, field);
}

void read_token_rule(Reader *r, TokenList *words)
{
    TokenRule rule = { .kind = words->at[0].text, .span = words->at[0].span };
    for (size_t i = 1; i < words->count; i++) {
        const Token t = words->at[i];
        if (t.kind == TOK_STR && !rule.text.at)
            rule.text = t.text;
        else if (t.kind == TOK_STR && !rule.extra.at)
            rule.extra = t.text;
        else if (t.kind != TOK_STR && !rule.name.at)
            rule.name = t.text;
        else if (t.kind != TOK_STR && !rule.extra.at)
            rule.extra = t.text;
        else
            diag_error(r->diag, t.span, "'%.*s' is too much for a token rule", TEXT(t.text));
    }
    LIST_ADD(r->arena, &r->isa->tokens, rule);
}

// ------------------------------------------------------------ instructions

static Insn *current_insn(Reader *r)
{
    if (!r->insn)
        r->insn = arena_new(r->arena, Insn);
    return r->insn;
}

void read_form(Reader *r, Token first, Token *name, Token enc, Token assembly)
{
    Form *form = arena_new(r->arena, Form);
    form->span = name ? name->span : first.span;
    if (name)
        form->name = name->text;
    form->enc = enc.text;
    form->enc_span = enc.inner;
    form->assembly = assembly.text;
    form->assembly_span = assembly.inner;
    form->insn = current_insn(r);
    r->form = form;
    LIST_ADD(r->arena, &form->insn->forms, form);
}

void read_form_let(Reader *r, Token name, Expr *value)
{
    Local *local = arena_new(r->arena, Local);
    local->name = name.text;
    local->span = name.span;
    LIST_ADD(r->arena, &r->form->lets, local);
    LIST_ADD(r->arena, &r->form->let_values, value);
}

void read_hint(Reader *r, Token hint)
{
    LIST_ADD(r->arena, &current_insn(r)->hints, token_name(hint));
}

void read_far(Reader *r, Token insn)
{
    Insn *at = current_insn(r);
    if (at->far.text.len)
        diag_error(r->diag, insn.span, "an instruction has one far form");
    at->far = token_name(insn);
}

static Insn *finish_insn(Reader *r, Token name)
{
    Insn *insn = current_insn(r);
    insn->name = name.text;
    insn->span = name.span;
    insn->index = (int)r->isa->insns.count;
    LIST_ADD(r->arena, &r->isa->insns, insn);
    return insn;
}

void read_insn(Reader *r, Token name, Token title, Block *body)
{
    Insn *insn = finish_insn(r, name);
    insn->title = title.text;
    insn->has_body = true;
    insn->body = *body;
    for (size_t i = 0; i < insn->forms.count; i++)
        LIST_ADD(r->arena, &r->isa->forms, insn->forms.at[i]);
}

EffectList *add_effect(Reader *r, EffectList *list, Token name, Token *type)
{
    if (!list)
        list = arena_new(r->arena, EffectList);
    if (!name.text.len)
        return list;
    Local *local = arena_new(r->arena, Local);
    local->name = name.text;
    local->span = name.span;
    local->type.kind = TYPE_VALUE;
    LIST_ADD(r->arena, &list->locals, local);
    LIST_ADD(r->arena, &list->types, type ? token_name(*type) : (Name){ 0 });
    return list;
}

// The tags are filled in through pointers, so their list gets its full size first.
static void set_effect(Reader *r, LocalList *locals, int **tags, const EffectList *from)
{
    *tags = arena_array(r->arena, int, from->locals.count + 1);
    for (size_t i = 0; i < from->locals.count; i++) {
        LIST_ADD(r->arena, locals, from->locals.at[i]);
        (*tags)[i] = -1;
        const Name type = from->types.at[i];
        if (type.text.len)
            set_type(r, &from->locals.at[i]->type, &(*tags)[i], (Token){ .text = type.text, .span = type.span });
    }
}

void read_stack_insn(Reader *r, Token name, Token spelling, EffectList *in, EffectList *out, Block *body)
{
    Insn *insn = finish_insn(r, name);
    insn->spelling = spelling.text;
    insn->spelling_span = spelling.span;
    insn->has_body = body != NULL;
    insn->is_stack = true;
    if (body)
        insn->body = *body;
    int *tags;
    set_effect(r, &insn->inputs, &tags, in);
    insn->input_tags.at = tags;
    insn->input_tags.count = insn->input_tags.capacity = in->locals.count;
    set_effect(r, &insn->outputs, &tags, out);
    insn->output_tags.at = tags;
    insn->output_tags.count = insn->output_tags.capacity = out->locals.count;
    for (size_t i = 0; i < insn->outputs.count; i++)
        insn->outputs.at[i]->is_output = body != NULL;
}

void read_reserved(Reader *r, Token first, Token enc, Token raise)
{
    Form *form = arena_new(r->arena, Form);
    form->span = first.span;
    form->enc = enc.text;
    form->enc_span = enc.inner;
    form->is_reserved = true;
    Stmt *s = new_named(r, STMT_RAISE, raise, raise, NULL, raise);
    LIST_ADD(r->arena, &form->body, s);
    LIST_ADD(r->arena, &r->isa->reserved, form);
}

// ------------------------------------------------------------------- traps

void read_traps(Reader *r, Token first, Token insn, Token field)
{
    if (r->isa->traps)
        diag_error(r->diag, first.span, "a machine has one trap table; this is the second");
    r->isa->traps = arena_new(r->arena, Traps);
    r->isa->traps->span = first.span;
    r->isa->traps->insn_name = token_name(insn);
    r->isa->traps->field_name = token_name(field);
}

static TrapEntry *current_entry(Reader *r)
{
    if (!r->entry)
        r->entry = arena_new(r->arena, TrapEntry);
    return r->entry;
}

void read_trap_word(Reader *r, Token word)
{
    TrapEntry *entry = current_entry(r);
    if (text_is(word.text, "host"))
        entry->is_host = true;
    else if (text_is(word.text, "blocking"))
        entry->is_blocking = true;
    else
        LIST_ADD(r->arena, &entry->attrs, token_name(word));
}

void read_trap_place(Reader *r, bool is_out, Expr *place)
{
    TrapEntry *entry = current_entry(r);
    if (is_out)
        LIST_ADD(r->arena, &entry->out, place);
    else
        LIST_ADD(r->arena, &entry->in, place);
}

void read_trap_memory(Reader *r, bool is_write, Token mem)
{
    TrapEntry *entry = current_entry(r);
    LIST_ADD(r->arena, &entry->memories, token_name(mem));
    if (is_write)
        entry->writes_memory = true;
    else
        entry->reads_memory = true;
}

void read_trap_sets(Reader *r, Token lazy)
{
    TrapEntry *entry = current_entry(r);
    if (entry->sets_name.text.len)
        diag_error(r->diag, lazy.span, "a trap sets one lazy value");
    entry->sets_name = token_name(lazy);
}

void read_trap(Reader *r, Token vector, Token name, Token title, Block *body)
{
    TrapEntry *entry = current_entry(r);
    entry->vector = vector.num;
    entry->vector_span = vector.span;
    entry->name = name.text;
    entry->span = name.span;
    entry->title = title.text;
    if (body)
        entry->body = *body;
    if (!body && !entry->is_host)
        diag_error(r->diag, name.span, "trap '%.*s' needs 'host' or a 'do' block", TEXT(name.text));
    LIST_ADD(r->arena, &r->isa->traps->list, entry);
    r->entry = NULL;
}

void read_otherwise(Reader *r, Token first, Token title, Block *body)
{
    Traps *traps = r->isa->traps;
    if (traps->has_otherwise)
        diag_error(r->diag, first.span, "a second 'otherwise'");
    traps->has_otherwise = true;
    traps->otherwise_title = title.text;
    traps->otherwise = *body;
}

// ------------------------------------------------------------ conveniences

BindList *add_bind(Reader *r, BindList *list, Token name, Expr *value)
{
    if (!list)
        list = arena_new(r->arena, BindList);
    LIST_ADD(r->arena, list, ((Bind){ .name = name.text, .span = name.span, .expr = value }));
    return list;
}

void read_alias(Reader *r, Token name, Token insn, Token *form, BindList *binds, NameList *hints)
{
    Alias *alias = arena_new(r->arena, Alias);
    alias->name = name.text;
    alias->span = name.span;
    alias->index = (int)r->isa->aliases.count;
    alias->target = token_name(insn);
    if (form)
        alias->target_form = token_name(*form);
    for (size_t i = 0; binds && i < binds->count; i++)
        LIST_ADD(r->arena, &alias->binds, binds->at[i]);
    for (size_t i = 0; hints && i < hints->count; i++)
        LIST_ADD(r->arena, &alias->hints, hints->at[i]);
    alias->is_printed = true;
    LIST_ADD(r->arena, &r->isa->aliases, alias);
}

PartList *add_part(Reader *r, PartList *list, Token label, Token insn, Token *form)
{
    if (!list)
        list = arena_new(r->arena, PartList);
    FusePart part = { .label = label.text, .span = label.span, .insn = insn.text, .literal_tag = -1 };
    part.target_span = form ? span_join(insn.span, form->span) : insn.span;
    part.is_literal = insn.kind == TOK_LITERAL;
    if (form)
        part.form = form->text;
    LIST_ADD(r->arena, list, part);
    return list;
}

void read_fuse(Reader *r, Token name, PartList *parts, Expr *where)
{
    Fuse *fuse = arena_new(r->arena, Fuse);
    fuse->name = name.text;
    fuse->span = name.span;
    fuse->index = (int)r->isa->fuses.count;
    fuse->where = where;
    for (size_t i = 0; i < parts->count; i++)
        LIST_ADD(r->arena, &fuse->parts, parts->at[i]);
    LIST_ADD(r->arena, &r->isa->fuses, fuse);
}

ExampleBindList *add_example_bind(Reader *r, ExampleBindList *list, Expr *place, Expr *value)
{
    if (!list)
        list = arena_new(r->arena, ExampleBindList);
    ExampleBind bind = { .value = value, .span = place->span };
    if (place->kind == EXPR_NAME && !place->a) {
        bind.name = place->text;
    } else if (place->kind == EXPR_INDEX && !place->c && place->a->kind == EXPR_NAME && !place->a->a) {
        bind.name = place->a->text;
        bind.index = place->b;
    } else {
        diag_error(r->diag, place->span, "an example sets and expects NAME or NAME[index]");
    }
    LIST_ADD(r->arena, list, bind);
    return list;
}

void read_example(Reader *r, Token name, Token *dialect, ExampleBindList *given, Token run,
                  ExampleBindList *expect)
{
    Example *example = arena_new(r->arena, Example);
    example->name = name.text;
    example->span = name.span;
    example->dialect = -1;
    if (dialect)
        example->dialect_name = token_name(*dialect);
    example->run = run.text;
    example->run_span = run.inner;
    for (size_t i = 0; given && i < given->count; i++)
        LIST_ADD(r->arena, &example->given, given->at[i]);
    for (size_t i = 0; i < expect->count; i++)
        LIST_ADD(r->arena, &example->expect, expect->at[i]);
    LIST_ADD(r->arena, &r->isa->examples, example);
}
