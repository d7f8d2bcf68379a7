#include "read.h"

#include "parse.h"

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

// clang-format off
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
// clang-format on

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
    // clang-format off
    switch (kind) {
    case TOK_ISA: case TOK_DIALECT: case TOK_REGS: case TOK_REG: case TOK_LAZY: case TOK_MEM:
    case TOK_TYPE: case TOK_STACK: case TOK_CODE: case TOK_POLICY: case TOK_FN: case TOK_PROC:
    case TOK_EXCEPTION: case TOK_INTERRUPT: case TOK_HOST: case TOK_ENCODING: case TOK_TOKENS:
    case TOK_INSN: case TOK_RESERVED: case TOK_TRAPS: case TOK_ALIAS: case TOK_FUSE: case TOK_EXAMPLE:
        return true;
    default:
        return false;
    }
    // clang-format on
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
    void *parser = need_memory(ItemAlloc(malloc));
    r->failed = false;
    r->nodes = 0;
    r->form = NULL;
    r->insn = NULL;
    r->entry = NULL;
    if (end - first > ITEM_TOKENS) {
        diag_error(r->diag, tokens->at[first].span, "this item is too large");
        r->failed = true;
    }
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
    if (source->size > DESCRIPTION_BYTES) {
        diag_error(diag, (Span){ source, 0, 1 }, "a description has at most %d bytes, not %u",
                   DESCRIPTION_BYTES, source->size);
        return isa;
    }
    lex_all(source, arena, diag, &tokens);
    Reader r = { .isa = isa, .arena = arena, .diag = diag };
    for (size_t i = 0, items = 0; i < tokens.count; items++) {
        const size_t end = item_end(&tokens, i);
        if (items == DESCRIPTION_ITEMS) {
            diag_error(diag, tokens.at[i].span, "a description has at most %d items", DESCRIPTION_ITEMS);
            break;
        }
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
                                    i == 0           ? ", expected "
                                    : i == count - 1 ? " or "
                                                     : ", ",
                                    spelling_of(expected[i]));
    }
    if (t.kind == 0)
        diag_error(r->diag, t.span, "the item ends too early%s", wanted);
    else
        diag_error(r->diag, t.span, "unexpected '%.*s'%s", TEXT(span_text(t.span)), wanted);
}
