#include "lex.h"

#include <string.h>

// ------------------------------------------------------------------ numbers

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 32) - 'a' + 10;
}

// A sign stands before or behind '#' or the letter; '_' stands between digits.
static int32_t read_digits(const char *at, const char *end, int base)
{
    bool is_negative = false;
    int64_t value = 0;
    for (; at < end && (*at == '#' || *at == '+' || *at == '-'); at++)
        is_negative |= *at == '-';
    if (base != 10) {
        at += *at == '0';
        at++; // the letter
        for (; *at == '+' || *at == '-'; at++)
            is_negative |= *at == '-';
    }
    for (; at < end; at++)
        if (*at != '_' && (value = value * base + digit_of(*at)) > NUMBER_LIMIT)
            value = NUMBER_LIMIT;
    return (int32_t)(is_negative ? -value : value);
}

bool lex_number(Text text, int32_t *value)
{
    static const char letters[] = "xbo";
    static const int bases[] = { 16, 2, 8 };
    size_t digits = text.len > 1 && *text.at == '0' ? 1 : 0;
    const char *letter = digits < text.len ? strchr(letters, text.at[digits] | 32) : NULL;
    const int base = letter && *letter ? bases[letter - letters] : 10;
    digits = base == 10 ? 0 : digits + 1;
    if (digits == text.len)
        return false;
    for (size_t i = digits; i < text.len; i++) {
        const char c = text.at[i];
        const bool is_digit = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
        if (i > digits && c == '_')
            continue;
        if (!is_digit || digit_of(c) >= base)
            return false;
    }
    *value = read_digits(text.at, text.at + text.len, base);
    return true;
}

static uint16_t form_of(const char *begin, const char *end, int base)
{
    uint16_t flags = base == 10 ? 0 : TOKEN_BITS;
    const char *at = begin;
    if (*at == '#')
        flags |= TOKEN_HASH | (base == 10 ? 0 : TOKEN_FORM), at++;
    if (*at == '+' || *at == '-')
        flags |= TOKEN_SIGN | (base == 10 && *at == '-' ? 0 : TOKEN_FORM), at++;
    if (*at == '#' || (base != 10 && *at == '0') || base == 8)
        flags |= TOKEN_FORM;
    if (base != 10 && (at[1] == '-' || at[1] == '+'))
        flags |= TOKEN_FORM;
    if (memchr(begin, '_', (size_t)(end - begin)))
        flags |= TOKEN_FORM;
    const char first = *begin | 32;
    return first >= 'a' && first <= 'z' ? flags | TOKEN_WORD : flags;
}

static __attribute__((noinline)) void take_number(Lexer *lex, Token *t, const char *begin, int base)
{
    t->kind = TOK_NUM;
    t->flags |= form_of(begin, lex->at, base);
    t->value = read_digits(begin, lex->at, base);
}

// The most frequent number: '#', perhaps '-', a few digits.
static void take_decimal(Lexer *lex, Token *t, const char *begin)
{
    const char *at = begin;
    t->kind = TOK_NUM;
    if (*at == '#') {
        t->flags |= TOKEN_HASH;
        at++;
    }
    const bool is_negative = *at == '-';
    if (is_negative) {
        t->flags |= TOKEN_SIGN;
        at++;
    }
    int32_t value = 0;
    while (at < lex->at)
        value = value * 10 + (*at++ - '0');
    t->value = is_negative ? -value : value;
}

static __attribute__((noinline)) void take_character(Lexer *lex, Token *t, const char *begin)
{
    uint8_t bytes[8] = { 0 };
    const Text inside = { begin + 1, (size_t)(lex->at - begin) - 2 };
    const char *bad = NULL;
    const size_t n = inside.len > sizeof bytes ? 0 : lex_decode(inside, bytes, &bad);
    t->kind = n == 1 && !bad ? TOK_NUM : TOK_BAD;
    t->flags |= TOKEN_CHAR;
    t->value = n == 1 && !bad ? bytes[0] : BAD_QUOTES;
}

// ------------------------------------------------------------------ strings

static int hex_digit(char c)
{
    if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'))
        return digit_of(c);
    return -1;
}

// The character behind a backslash, or -1.  Takes what belongs to it.
static int escape(const char **at, const char *end)
{
    static const char names[] = "ntr0abefv\\\"'", values[] = "\n\t\r\0\a\b\033\f\v\\\"'";
    const char c = **at;
    if ((c == 'x' || c == 'X') && *at + 1 < end && hex_digit((*at)[1]) >= 0) {
        int value = hex_digit(*++*at);
        if (*at + 1 < end && hex_digit((*at)[1]) >= 0)
            value = value * 16 + hex_digit(*++*at);
        ++*at;
        return value;
    }
    const char *found = c ? strchr(names, c) : NULL;
    if (!found)
        return -1;
    ++*at;
    return values[found - names];
}

size_t lex_decode(Text inside, uint8_t *out, const char **bad_escape)
{
    size_t n = 0;
    const char *at = inside.at, *end = at + inside.len;
    while (at < end) {
        int c = (unsigned char)*at++;
        if (c == '\\' && at < end) {
            const char *backslash = at - 1;
            const int value = escape(&at, end);
            if (value >= 0)
                c = value;
            else if (bad_escape && !*bad_escape)
                *bad_escape = backslash;
        } else if (c == '\r' && at < end && *at == '\n') {
            continue; // a string over several lines has the same words with CRLF
        }
        if (out)
            out[n] = (uint8_t)c;
        n++;
    }
    return n;
}

// The end of the closing quote from `at` on, or NULL; `at` is in the string.
static const char *closing_quote(const char *at)
{
    for (; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '"')
            return at + 1;
    }
    return NULL;
}

static const char *end_of_line(const char *at)
{
    return at + strcspn(at, "\r\n");
}

// True when the text has a word that begins with '.', as a directive does.
static bool has_directive(const char *at, const char *end)
{
    for (char before = ' '; at < end; before = *at++)
        if (*at == '.' && strchr(" \t\n", before) && ((at[1] | 32) >= 'a' && (at[1] | 32) <= 'z'))
            return true;
    return false;
}

// A quote is open at the end of its line.  The string goes on when its closing
// quote ends a line; otherwise that quote more likely opens the next string, and
// this one was never closed.
static __attribute__((noinline)) void take_open_string(Lexer *lex, Token *t, const char *begin)
{
    const char *end = closing_quote(begin + 1);
    const char *rest = end ? end + strspn(end, " \t") : NULL;
    const char *first_line = end_of_line(begin);
    if (end && (*rest == ';' || *rest == '\r' || *rest == '\n' || !*rest) && !has_directive(first_line, end)) {
        t->kind = TOK_STRING;
        t->flags |= TOKEN_LINES;
        for (const char *at = begin; at < end; at++)
            lex->line += *at == '\n';
        lex->at = end;
    } else {
        t->kind = TOK_BAD;
        t->value = BAD_STRING;
        lex->at = first_line;
    }
    t->end = (uint32_t)(lex->at - lex->source->at);
}

// -------------------------------------------------------------------- words

static void take_word(Lexer *lex, Token *t, const char *begin)
{
    static const uint8_t kinds[] = { TOK_WORD, TOK_REG, TOK_OP, TOK_WORD, TOK_MACRO };
    const size_t len = (size_t)(lex->at - begin);
    Word *word = t->word =
        begin < lex->last_eight ? words_get_inside(lex->words, begin, len) : words_get(lex->words, begin, len);
    t->kind = kinds[word->kind];
    t->value = word->reg;
    if (word->kind != WORD_ALIAS)
        return;
    const Token *alias = word->alias;
    t->kind = alias->kind;
    t->value = alias->value;
    t->word = alias->word;
    t->flags |= alias->flags & (TOKEN_HASH | TOKEN_BITS | TOKEN_CHAR);
}

// LABEL+1 or LABEL-1, or a label with a hyphen: only its definition can tell.
static __attribute__((noinline)) void take_glued(Lexer *lex, Token *t, const char *begin)
{
    t->kind = TOK_WORD;
    t->flags |= TOKEN_GLUED;
    t->value = 0;
    t->word = words_get(lex->words, begin, (size_t)(lex->at - begin));
}

// 2ND: a label perhaps, a number hardly.
static __attribute__((noinline)) void take_digits(Lexer *lex, Token *t, const char *begin)
{
    t->kind = TOK_WORD;
    t->flags |= TOKEN_DIGIT;
    t->word = words_get(lex->words, begin, (size_t)(lex->at - begin));
    t->value = 0;
}

// What begins with '.' is a directive, known or not.
static __attribute__((noinline)) void take_directive(Lexer *lex, Token *t, const char *begin)
{
    t->kind = TOK_OP;
    t->value = 0;
    t->word = words_get(lex->words, begin, (size_t)(lex->at - begin));
}

// A '.' inside a word: HALT.END is two words, loop.1 is one.
static __attribute__((noinline)) void take_dotted(Lexer *lex, Token *t, const char *begin)
{
    enum { DIRECTIVE_MAX = 16 };
    const char *dot = memchr(begin, '.', (size_t)(lex->at - begin));
    for (const char *next; dot; dot = next) {
        next = memchr(dot + 1, '.', (size_t)(lex->at - dot - 1));
        const Text part = { dot, (size_t)((next ? next : lex->at) - dot) };
        const Word *word = part.len <= DIRECTIVE_MAX ? words_find(lex->words, part) : NULL;
        if (word && word->kind == WORD_OP) {
            lex->at = dot;
            t->end = (uint32_t)(dot - lex->source->at);
            break;
        }
    }
    take_word(lex, t, begin);
}

static __attribute__((noinline)) void take_label(Lexer *lex, Token *t, const char *begin)
{
    const char *end = lex->at - 1; // the colon
    t->kind = TOK_LABEL;
    t->value = 0;
    t->word = words_get(lex->words, begin, (size_t)(end - begin));
    t->end = (uint32_t)(end - lex->source->at);
}

static void set_comma(Lexer *lex)
{
    if (lex->flags & TOKEN_COMMA)
        lex->flags |= TOKEN_COMMAS;
    lex->flags |= TOKEN_COMMA | TOKEN_BLANK;
}

// Returns true when the comment is to be passed over.
static bool is_comment(Lexer *lex, const char *begin)
{
    if (*begin == '/')
        lex->flags |= TOKEN_SLASHES;
    return !lex->keeps_comments;
}

// The most frequent of what stands between tokens, and much of a source; the
// rules below know the rest.
static inline const char *skip_blanks(Lexer *lex, const char *at)
{
    for (;; at++) {
        if (*at == ' ')
            lex->flags |= TOKEN_BLANK;
        else if (*at == ',')
            set_comma(lex);
        else
            return at;
    }
}

static void take_newline(Lexer *lex, Token *t)
{
    t->kind = TOK_NEWLINE;
    lex->line += lex->at[-1] == '\n'; // as Source counts them: a lone CR ends a line, but has no number
}

void lex_init(Lexer *lex, const Source *source, Words *words)
{
    *lex = (Lexer){ .source = source, .at = source->at, .words = words, .line = 1 };
    lex->last_eight = source->size > 8 ? source->at + source->size - 8 : source->at;
    if (source->size >= 3 && memcmp(source->at, "\xEF\xBB\xBF", 3) == 0)
        lex->at += 3;
}

void lex_skip_line(Lexer *lex)
{
    lex->at = end_of_line(lex->at);
    lex->flags = 0;
}

/*!re2c
        re2c:define:YYCTYPE = "unsigned char";
        re2c:yyfill:enable = 0;
        re2c:flags:case-ranges = 1;

        newline  = "\r\n" | "\n" | "\r";
        blank    = ([ \t\v\f\x1A\xA0] | "\xC2\xA0" | "\xE2\x80\x8B" | "\xEF\xBB\xBF")+;
        digit    = [0-9];
        letter   = [A-Za-z_$@?\x80-\x9F\xA1-\xC1\xC3-\xE1\xE3-\xEE\xF0-\xFF];
        part     = letter | digit | [!\xA0] | "\xC2" [\xA1-\xBF];
        word     = letter part*;
        dotted   = word ("." part+)+;
        glued    = word ([-+] part+)+;
        label    = part (part | [-.])* ":";
        sign     = [-+];
        short    = "#"? "-"? digit{1,6};
        mark     = "#"? sign? | sign "#";
        decimal  = mark digit (digit | "_")*;
        hex      = mark "0"? 'x' sign? [0-9A-Fa-f] [0-9A-Fa-f_]*;
        binary   = mark "0"? 'b' sign? [01] [01_]*;
        octal    = mark "0"? 'o' sign? [0-7] [0-7_]*;
        broken   = sign? "#" ("#" | sign)* part* | sign part+;
        digits   = digit part*;
        inside   = [^"\\\r\n\x00] | "\\" [^\r\n\x00];
        char     = "'''" | "'" ([^'\\\r\n\x00] | "\\" [^\r\n\x00] | "\\" 'x' [0-9A-Fa-f]+ | [\xC0-\xFF] [\x80-\xBF]+) "'";
        quoted   = "'" [^'\r\n\x00]* "'";
        typeset  = "\xE2" ("\x80" [\x90-\x9F] | "\x88\x92");
        comment  = (";" | "//") [^\r\n\x00]*;
*/

// Sets the token's place; what follows sets what it is.
static void take(Lexer *lex, Token *t, const char *begin, const char *end)
{
    t->begin = (uint32_t)(begin - lex->source->at);
    t->end = (uint32_t)(end - lex->source->at);
    t->flags = lex->flags;
    t->word = NULL;
    lex->flags = 0;
    lex->at = end;
}

static void set_kind(Token *t, int kind)
{
    t->kind = (uint8_t)kind;
}

static void set_bad(Token *t, LexMistake mistake)
{
    t->kind = TOK_BAD;
    t->value = mistake;
}

#define TAKE(call)                                                                                           \
    do {                                                                                                     \
        take(lex, t, begin, at);                                                                             \
        call;                                                                                                \
        return;                                                                                              \
    } while (0)
#define TOKEN(kind) TAKE(set_kind(t, kind))
#define NUMBER(base) TAKE(take_number(lex, t, begin, base))
#define BAD(mistake) TAKE(set_bad(t, mistake))

void lex_next(Lexer *lex, Token *t)
{
    const char *at = lex->at, *marker, *begin;

    at = skip_blanks(lex, at);
again:
    begin = at;
    /*!re2c
        re2c:define:YYCURSOR = at;
        re2c:define:YYMARKER = marker;
        re2c:yych:conversion = 1;

        blank           { lex->flags |= TOKEN_BLANK; goto again; }
        ","             { set_comma(lex); goto again; }
        comment         { if (is_comment(lex, begin)) goto again; TOKEN(TOK_COMMENT); }
        newline         { TAKE(take_newline(lex, t)); }
        "\x00"          { at = begin; TOKEN(TOK_EOF); }
        short           { TAKE(take_decimal(lex, t, begin)); }
        decimal         { NUMBER(10); }
        hex             { NUMBER(16); }
        binary          { NUMBER(2); }
        octal           { NUMBER(8); }
        char            { TAKE(take_character(lex, t, begin)); }
        word            { TAKE(take_word(lex, t, begin)); }
        "." word        { TAKE(take_directive(lex, t, begin)); }
        dotted          { TAKE(take_dotted(lex, t, begin)); }
        glued           { TAKE(take_glued(lex, t, begin)); }
        label           { TAKE(take_label(lex, t, begin)); }
        ["] inside* ["] { TOKEN(TOK_STRING); }
        ["]             { TAKE(take_open_string(lex, t, begin)); }
        "+"             { TOKEN(TOK_PLUS); }
        "-"             { TOKEN(TOK_MINUS); }
        quoted          { BAD(BAD_QUOTES); }
        typeset         { BAD(BAD_TYPOGRAPHY); }
        digits          { TAKE(take_digits(lex, t, begin)); }
        broken          { BAD(BAD_NUMBER); }
        ":"             { TOKEN(TOK_COLON); }
        *               { BAD(BAD_CHARACTER); }
    */
}
