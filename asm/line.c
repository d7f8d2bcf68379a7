// A line that has been read whole: what its words are, and what is kept of it.
#include "unit.h"

#include <string.h>

void unit_begin_line(Unit *u)
{
    u->first = u->statements.count;
    u->first_operand = u->operands.count;
    u->names.count = 0;
    u->is_bad = false;
    u->has_op = false;
    u->seen_flags = 0;
}

// Adds a name to those of the line, which are in the order of their statements.
static void insert_name(Unit *u, Name name)
{
    LIST_ADD(u->arena, &u->names, name);
    for (size_t i = u->names.count - 1; i > 0 && u->names.at[i - 1].statement > name.statement; i--) {
        u->names.at[i] = u->names.at[i - 1];
        u->names.at[i - 1] = name;
    }
}

// Removes a statement of the line from the list.
static void remove_statement(Unit *u, size_t index)
{
    memmove(u->statements.at + index, u->statements.at + index + 1,
            (u->statements.count - index - 1) * sizeof *u->statements.at);
    u->statements.count--;
}

static Token op_token(const Unit *u, const Statement *s)
{
    const uint32_t len = s->end - s->begin;
    return (Token){ .kind = TOK_WORD,
                    .begin = s->begin,
                    .end = s->end,
                    .word = words_find(&u->words, (Text){ s->file->source.at + s->begin, len }) };
}

static bool is_data(const Op *op)
{
    return op->directive >= DIR_FILL && op->directive <= DIR_STRINGZP;
}

// True when some choice takes that many operands; `*takes_label` when the last
// of them can be a label.
static bool takes(const Unit *u, const Op *op, uint32_t count, bool *takes_label)
{
    if (op->directive == DIR_FILL) {
        *takes_label = true;
        return count == 1;
    }
    for (int i = 0; i < op->choice_count; i++)
        if (op->choices[i].operand_count == count) {
            *takes_label = count && u->isa->fields[op->choices[i].operand[count - 1]].is_pcrel;
            return true;
        }
    return false;
}

// A mnemonic directly before data is a label: OUT .FILL 1.
static bool join_label(Unit *u, size_t i)
{
    const Statement *s = &u->statements.at[i], *next = s + 1;
    if (s->operand_count || s->op->directive != DIR_NONE || !is_data(next->op))
        return false;
    const Name name = { op_token(u, s), i, u->file };
    remove_statement(u, i);
    for (size_t k = 0; k < u->names.count; k++)
        if (u->names.at[k].statement > i)
            u->names.at[k].statement--;
    insert_name(u, name);
    return true;
}

// A line that was reported still has its labels, and counts one word, so that
// what follows is judged as if it had been right.
static void keep_place(Unit *u)
{
    const bool has_op = u->has_op;
    if (u->statements.count - u->first == 2 && u->statements.at[u->first].op &&
        u->statements.at[u->first + 1].op)
        join_label(u, u->first);
    u->statements.count = u->first;
    u->operands.count = u->first_operand;
    if (u->is_ended)
        return;
    for (size_t i = 0; i < u->names.count; i++) {
        const Token *t = &u->names.at[i].token;
        if (t->kind == TOK_LABEL || (t->kind == TOK_WORD && (has_op || i + 1 < u->names.count)))
            unit_define(u, t, u->file);
    }
    if (u->is_open && has_op)
        u->blocks.at[u->blocks.count - 1].size++;
}

// A mnemonic where a label is missing is that label: LD R0, OUT.
static bool join_operand(Unit *u, size_t i)
{
    Statement *s = &u->statements.at[i];
    const Statement *next = s + 1;
    bool takes_label = false;
    if (s->op->directive == DIR_ALIAS && s->operand_count == 1 && !next->operand_count) {
        Token t = op_token(u, next);
        t.kind = TOK_OP;
        LIST_ADD(u->arena, &u->operands, t);
        s->operand_count++;
        remove_statement(u, i + 1);
        return true;
    }
    if (next->operand_count || next->op->directive != DIR_NONE ||
        takes(u, s->op, s->operand_count, &takes_label) ||
        !takes(u, s->op, s->operand_count + 1, &takes_label) || !takes_label ||
        s->operand + s->operand_count != u->operands.count)
        return false;
    const Token t = op_token(u, next);
    LIST_ADD(u->arena, &u->operands, t);
    s->operand_count++;
    remove_statement(u, i + 1);
    return true;
}

// One operand too many, a word, is the label of what follows.
static void split_label(Unit *u, size_t i)
{
    Statement *s = &u->statements.at[i];
    bool takes_label;
    if (s->op->directive != DIR_NONE || !s->operand_count ||
        takes(u, s->op, s->operand_count, &takes_label) ||
        !takes(u, s->op, s->operand_count - 1, &takes_label))
        return;
    const Token *last = &u->operands.at[s->operand + s->operand_count - 1];
    if (last->kind != TOK_WORD)
        return;
    s->operand_count--;
    insert_name(u, (Name){ *last, i + 1, u->file });
}

// Several statements on a line: some only look so.
static void part_statements(Unit *u)
{
    for (size_t i = u->first; i + 1 < u->statements.count;) {
        if ((i == u->first && join_label(u, i)) || join_operand(u, i))
            continue;
        split_label(u, i);
        i++;
    }
    if (u->statements.count - u->first < 2)
        return;
    const Statement *second = &u->statements.at[u->first + 1];
    unit_warn(u, WARN_TWO_STATEMENTS, unit_span(u->file, second->begin, second->end),
              "a second statement on the line");
}

static bool is_operand_like(const Token *t)
{
    return t->kind == TOK_REG || t->kind == TOK_NUM || t->flags & TOKEN_COMMA;
}

// A line of words only.  One word, or several of which only later lines can
// tell what they are.
static void keep_lone_words(Unit *u)
{
    Name *names = u->names.at;
    const size_t count = u->names.count;
    size_t operand = 1;
    while (operand < count && !is_operand_like(&names[operand].token))
        operand++;
    if (operand < count || names[0].token.kind == TOK_REG ||
        (names[0].token.kind == TOK_NUM && !(names[0].token.flags & TOKEN_WORD))) {
        explain_unknown_op(u, u->file, &names[operand < count ? operand - 1 : 0].token);
        u->is_bad = true;
        for (size_t i = 0; i + 1 < operand; i++)
            if (names[i].token.kind == TOK_WORD || names[i].token.kind == TOK_LABEL)
                unit_define(u, &names[i].token, u->file);
        if (u->is_open)
            u->blocks.at[u->blocks.count - 1].size++;
        return;
    }
    LoneLine line = { u->file, arena_array(u->arena, Token, count), count, 0, 0 };
    bool has_plain = false;
    for (size_t i = 0; i < count; i++) {
        line.tokens[i] = names[i].token;
        if (!names[i].token.word) { // a number that can only be a label
            const Text text = token_text(u->file, &names[i].token);
            line.tokens[i].word = words_get(&u->words, text.at, text.len);
        }
        has_plain |= names[i].token.kind != TOK_LABEL;
    }
    if (u->is_open) {
        line.block = (uint32_t)u->blocks.count - 1;
        line.offset = (uint16_t)u->blocks.at[line.block].size;
    }
    // A single word is a label at once: that keeps the order of definitions.
    if (count == 1 || !u->is_open)
        for (size_t i = 0; i < count; i++)
            unit_define(u, &line.tokens[i], u->file);
    if (has_plain && u->is_open)
        LIST_ADD(u->arena, &u->lone_lines, line);
    else if (count > 1 && u->is_open)
        for (size_t i = 0; i < count; i++)
            unit_define(u, &line.tokens[i], u->file);
}

static bool has_directive(const Unit *u, Directive directive)
{
    for (size_t i = u->first; i < u->statements.count; i++)
        if (u->statements.at[i].op && u->statements.at[i].op->directive == directive)
            return true;
    return false;
}

// Behind .END only a new .ORIG is read.
static bool is_ignored(Unit *u)
{
    if (!u->is_ended || has_directive(u, DIR_ORIG) || has_directive(u, DIR_EXTERNAL) ||
        has_directive(u, DIR_GLOBAL))
        return false;
    if (!u->was_ignored && (u->names.count || u->statements.count > u->first)) {
        const uint32_t at = u->names.count ? u->names.at[0].token.begin : u->statements.at[u->first].begin;
        const uint32_t end = u->names.count ? u->names.at[0].token.end : u->statements.at[u->first].end;
        u->was_ignored = true;
        unit_warn(u, WARN_TEXT_AFTER_END, unit_span(u->file, at, end), "text behind .END is ignored");
    }
    return true;
}

static void check_commas(Unit *u, const Token *newline)
{
    if (u->first_token.flags & TOKEN_COMMA)
        unit_warn(u, WARN_COMMA, token_span(u->file, &u->first_token),
                  "a comma before the first word of the line");
    if (newline->flags & TOKEN_COMMA)
        unit_warn(u, WARN_COMMA, token_span(u->file, newline), "a comma at the end of the line");
    if (!(u->seen_flags & TOKEN_COMMAS))
        return;
    for (size_t i = u->first_operand; i < u->operands.count; i++)
        if (u->operands.at[i].flags & TOKEN_COMMAS)
            unit_warn(u, WARN_COMMA, token_span(u->file, &u->operands.at[i]), "two commas before this");
}

// The line has been read whole: keeps it.
void unit_end_line(Unit *u, const Token *newline)
{
    if (is_ignored(u)) {
        u->statements.count = u->first;
        u->operands.count = u->first_operand;
        return;
    }
    if (u->is_bad) {
        keep_place(u);
        return;
    }
    check_commas(u, newline);
    if (u->statements.count == u->first) {
        if (u->names.count)
            keep_lone_words(u);
        return;
    }
    if (u->statements.count - u->first > 1)
        part_statements(u);
    size_t name = 0;
    for (size_t i = u->first; i < u->statements.count; i++) {
        const bool opens = u->statements.at[i].op->directive == DIR_ORIG; // its labels are inside
        if (opens)
            unit_place(u, i);
        for (; name < u->names.count && u->names.at[name].statement <= i; name++)
            unit_define(u, &u->names.at[name].token, u->file);
        if (!opens)
            unit_place(u, i);
    }
    for (; name < u->names.count; name++)
        unit_define(u, &u->names.at[name].token, u->file);
}

// A token that no grammar knows.
void unit_report_bad(Unit *u, const Token *t)
{
    const Span at = token_span(u->file, t);
    const Text text = token_text(u->file, t);
    u->is_bad = true;
    switch ((LexMistake)t->value) {
    case BAD_STRING:
        unit_error(u, (Span){ at.source, at.begin, at.begin + 1 }, "this string has no closing quote");
        unit_hint(u, "end it with '\"' on the same line; a quote inside is written \\\"");
        return;
    case BAD_QUOTES:
        unit_error(u, at, "single quotes hold one character");
        unit_hint(u, "strings stand in double quotes");
        return;
    case BAD_TYPOGRAPHY:
        unit_error(u, at, "this quote or dash comes from a word processor");
        unit_hint(u, "type a plain '\"' or '-' in its place");
        return;
    case BAD_NUMBER:
        unit_error(u, at, "%.*s is no number", (int)(text.len > 60 ? 60 : text.len), text.at);
        if (text.len == 1)
            unit_hint(u, "the digits follow '#' directly; a comment begins with ';'");
        else
            unit_hint(u, "decimals are written #10 or -10, hexadecimals x1F, binaries b1010");
        return;
    case BAD_CHARACTER:
        break;
    }
    const unsigned char c = (unsigned char)*text.at;
    if (c == '\'')
        unit_error(u, at, "a single quote that nothing closes");
    else if (c > ' ' && c < 127)
        unit_error(u, at, "unexpected character '%c'", c);
    else
        unit_error(u, at, "unexpected byte x%02X", c);
    if (c == '[' || c == '(')
        unit_hint(u, "operands stand without brackets, separated by commas");
    else if (c == '/' || c == '*')
        unit_hint(u, "comments begin with ';'");
}
