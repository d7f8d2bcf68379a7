#include "format.h"

#include "lex.h"

#include <string.h>

enum { COLUMN_OP = 8, COLUMN_OPERAND = 16, COLUMN_COMMENT = 40, TOKENS_MAX = 256 };

typedef struct {
    const Source *source;
    Lexer lexer;
    Writer *out;
    size_t line_begin;            // of the line being written, in out
    Token tokens[TOKENS_MAX + 1]; // one more, to look behind the last
    size_t count;
    bool is_odd;   // something that is better left alone
    bool is_ended; // .END was seen
} Formatter;

static Text text_of_token(const Formatter *f, const Token *t)
{
    return (Text){ f->source->at + t->begin, t->end - t->begin };
}

static void write_upper(Writer *w, Text text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i], upper = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        write_bytes(w, &upper, 1);
    }
}

// Blanks up to a column, at least one if the line has text already.
static void pad(Formatter *f, size_t column)
{
    size_t at = f->out->len - f->line_begin;
    if (at && at >= column)
        write_bytes(f->out, " ", 1);
    for (; at < column; at++)
        write_bytes(f->out, " ", 1);
}

static void end_line(Formatter *f)
{
    Writer *w = f->out;
    while (w->len > f->line_begin && strchr(" \t\r\v\f", w->at[w->len - 1]))
        w->len--;
    write_bytes(w, "\n", 1);
    f->line_begin = w->len;
}

// ---------------------------------------------------------------- statements

static bool is_name(const Token *t)
{
    return t->kind == TOK_LABEL || t->kind == TOK_WORD || t->kind == TOK_REG || t->kind == TOK_NUM;
}

static void write_names(Formatter *f, const Token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Text text = text_of_token(f, &tokens[i]);
        if (i)
            write_bytes(f->out, " ", 1);
        write_bytes(f->out, text.at, text.len);
        if (tokens[i].kind == TOK_LABEL)
            write_bytes(f->out, ":", 1);
    }
}

// A signed number behind a label without a comma is part of it.
static bool is_glued(const Token *t)
{
    return t[0].kind == TOK_PLUS || t[0].kind == TOK_MINUS || t[-1].kind == TOK_PLUS ||
           t[-1].kind == TOK_MINUS ||
           (t[0].kind == TOK_NUM && t[0].flags & TOKEN_SIGN && !(t[0].flags & (TOKEN_COMMA | TOKEN_HASH)) &&
            t[-1].kind == TOK_WORD);
}

// What stands before an operand: nothing inside a sum that is written LABEL+1.
static const char *separator(const Formatter *f, const Token *t, bool has_commas)
{
    if (!is_glued(t))
        return has_commas ? ", " : " ";
    const Token *number = t[0].kind == TOK_NUM ? t : t + 1; // of the sum; a sign has one behind it
    int32_t value;
    const Text text = text_of_token(f, number);
    const bool has_sign = number->flags & TOKEN_SIGN;
    return has_sign || lex_number(text, &value) ? "" : " ";
}

static void write_operands(Formatter *f, const Token *tokens, size_t count, bool has_commas)
{
    for (size_t i = 0; i < count; i++) {
        const Text text = text_of_token(f, &tokens[i]);
        if (i)
            write_text(f->out, separator(f, &tokens[i], has_commas));
        if (tokens[i].kind == TOK_REG)
            write_upper(f->out, text);
        else
            write_bytes(f->out, text.at, text.len);
    }
}

static bool is_sign(const Token *t)
{
    return t->kind == TOK_PLUS || t->kind == TOK_MINUS;
}

// A sign between a label and a number; elsewhere it is a mistake.
static bool is_sum(const Token *t, size_t i, size_t count)
{
    return i > 0 && i + 1 < count && t[i - 1].kind == TOK_WORD && t[i + 1].kind == TOK_NUM;
}

// Labels, one mnemonic, operands; anything else is no line for columns.
static bool write_statement(Formatter *f, const Token *t, size_t count)
{
    size_t names = 0;
    while (names < count && is_name(&t[names]))
        names++;
    if (names == count && count > 1)
        return false; // a macro call perhaps
    if (names < count && t[names].kind != TOK_OP)
        return false;
    for (size_t i = names + 1; i < count; i++)
        if (t[i].kind == TOK_OP || t[i].kind == TOK_LABEL || t[i].kind == TOK_COLON ||
            (is_sign(&t[i]) && !is_sum(t, i, count)))
            return false;
    write_names(f, t, names);
    if (names == count)
        return true;
    const Op *op = t[names].word->kind == WORD_OP ? t[names].word->op : NULL;
    if (!op)
        return false;
    pad(f, COLUMN_OP);
    write_text(f->out, op->name); // as the manual spells it
    if (names + 1 < count) {
        pad(f, COLUMN_OPERAND);
        // The value of .BLKW 3 #1 and the names of a macro are not a list.
        write_operands(f, t + names + 1, count - names - 1,
                       op->directive != DIR_MACRO && op->directive != DIR_ALIAS);
    }
    f->is_ended |= op->directive == DIR_END;
    if (op->directive == DIR_ORIG)
        f->is_ended = false;
    return true;
}

// --------------------------------------------------------------------- lines

static void write_comment(Formatter *f, const Token *t, bool is_alone)
{
    Text text = text_of_token(f, t);
    while (text.len && strchr(" \t\v\f", text.at[text.len - 1]))
        text.len--;
    if (!is_alone)
        pad(f, COLUMN_COMMENT);
    else if (t->begin > 0 && f->source->at[t->begin - 1] != '\n' && f->source->at[t->begin - 1] != '\r' &&
             f->source->at[t->begin - 1] != '\xBF')
        pad(f, COLUMN_OP);
    write_bytes(f->out, text.at, text.len);
}

static void write_line(Formatter *f, uint32_t begin, uint32_t end)
{
    size_t count = f->count;
    const Token *comment = count && f->tokens[count - 1].kind == TOK_COMMENT ? &f->tokens[--count] : NULL;
    const size_t from = f->out->len;
    bool is_good =
        !f->is_odd && !(f->is_ended && count &&
                        !(count >= 1 && f->tokens[0].kind == TOK_OP && f->tokens[0].word->kind == WORD_OP &&
                          f->tokens[0].word->op->directive == DIR_ORIG));
    if (is_good && count)
        is_good = write_statement(f, f->tokens, count);
    if (is_good) {
        if (comment)
            write_comment(f, comment, count == 0);
    } else {
        f->out->len = from;
        write_bytes(f->out, f->source->at + begin, end - begin);
    }
    end_line(f);
    f->count = 0;
    f->is_odd = false;
}

static void add_token(Formatter *f, const Token *t)
{
    if (t->kind == TOK_BAD || t->kind == TOK_MACRO || f->count == TOKENS_MAX || t->flags & TOKEN_LINES)
        f->is_odd = true;
    else
        f->tokens[f->count++] = *t;
}

void format_source(Writer *w, const Source *source, const IsaTable *isa)
{
    Arena scratch = { 0 };
    Words words;
    words_init(&words, &scratch, isa);
    Formatter *f = arena_new(&scratch, Formatter);
    f->source = source;
    f->out = w;
    lex_init(&f->lexer, source, &words);
    f->lexer.keeps_comments = true;
    uint32_t begin = (uint32_t)(f->lexer.at - source->at);
    for (;;) {
        Token t;
        lex_next(&f->lexer, &t);
        if (t.kind == TOK_NEWLINE || (t.kind == TOK_EOF && t.begin > begin)) {
            write_line(f, begin, t.begin);
            begin = t.end;
        } else if (t.kind != TOK_EOF) {
            add_token(f, &t);
        }
        if (t.kind == TOK_EOF)
            break;
    }
    arena_free(&scratch);
}
