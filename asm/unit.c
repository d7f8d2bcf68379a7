#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Lemon's parser; it declares these nowhere.
void *parseAlloc(void *(*alloc)(size_t));
void parseInit(void *parser);
void parse(void *parser, int kind, Token token, Unit *u);
void parseFree(void *parser, void (*release)(void *));

// ----------------------------------------------------------------- findings

enum { CROWD = 20 }; // findings of one line; a line may be a megabyte long

// Counts what a line has against it, so that the time for a report stays in
// proportion to the source.
static bool is_crowded(Unit *u, Span at)
{
    if (!at.source)
        return false;
    if (at.source != u->crowded || at.begin < u->crowded_begin || at.begin >= u->crowded_end) {
        const uint32_t *lines = at.source->lines.at;
        size_t low = 0, high = at.source->lines.count;
        while (high - low > 1) {
            const size_t mid = (low + high) / 2;
            if (lines[mid] <= at.begin)
                low = mid;
            else
                high = mid;
        }
        u->crowded = at.source;
        u->crowded_begin = lines[low];
        u->crowded_end = high < at.source->lines.count ? lines[high] : at.source->size + 1;
        u->crowd = 0;
    }
    return ++u->crowd > CROWD;
}

static void add_calls(Unit *u, Span at)
{
    enum { NEAREST = 3 }; // and the outermost
    int n = 0;
    for (const File *file = (const File *)at.source; file && file->parent; file = file->parent)
        if (n++ < NEAREST || !file->parent->parent)
            diag_note(u->diag, file->call,
                      file->is_macro ? "in the macro called here" : "in the file included here");
}

// The text is cut at a kilobyte: source words in it are shorter (SHOWN).
static void add_finding(Unit *u, DiagKind kind, const char *name, Span at, const char *format, va_list args)
{
    char text[1024];
    const int len = vsnprintf(text, sizeof text, format, args);
    const size_t kept = len < 0 ? 0 : len < (int)sizeof text ? (size_t)len : sizeof text - 1;
    const Finding f = { kind, name, at, arena_copy(u->diag->arena, text, kept) };
    LIST_ADD(u->diag->arena, &u->diag->list, f);
}

// Counts an error; false when it is not to be shown.
static bool count_error(Unit *u)
{
    u->has_failed = true;
    u->diag->errors++;
    u->is_muted |= u->diag->limit && u->diag->errors > u->diag->limit;
    return !u->is_muted;
}

void unit_error(Unit *u, Span at, const char *format, ...)
{
    u->is_muted = is_crowded(u, at);
    if (!count_error(u))
        return;
    va_list args;
    va_start(args, format);
    add_finding(u, DIAG_ERROR, NULL, at, format, args);
    va_end(args);
    add_calls(u, at);
}

void unit_note(Unit *u, Span at, const char *format, ...)
{
    if (u->is_muted)
        return;
    va_list args;
    va_start(args, format);
    add_finding(u, DIAG_NOTE, NULL, at, format, args);
    va_end(args);
}

void unit_hint(Unit *u, const char *format, ...)
{
    if (u->is_muted)
        return;
    va_list args;
    va_start(args, format);
    add_finding(u, DIAG_HINT, NULL, (Span){ 0 }, format, args);
    va_end(args);
}

bool unit_warn(Unit *u, Warning warning, Span at, const char *format, ...)
{
    const bool is_strict = u->options->is_strict && warning_info[warning].is_departure && !u->is_library;
    if (!is_strict && !(u->warnings & WARNING_BIT(warning)))
        return false;
    const bool is_error = is_strict || u->options->has_fatal_warnings;
    u->is_muted = is_crowded(u, at);
    if (is_error ? !count_error(u) : u->is_muted)
        return false;
    u->diag->warnings += !is_error;
    va_list args;
    va_start(args, format);
    add_finding(u, is_error ? DIAG_ERROR : DIAG_WARNING, warning_info[warning].name, at, format, args);
    va_end(args);
    add_calls(u, at);
    return true;
}

// ------------------------------------------------------------ for the parser

void unit_name(Unit *u, const Token *t)
{
    const Name name = { *t, u->statements.count, u->file };
    LIST_ADD(u->arena, &u->names, name);
}

void unit_colon(Unit *u)
{
    Token *t = &u->names.at[u->names.count - 1].token;
    if (!t->word) {
        const Text text = token_text(u->file, t);
        t->word = words_get(&u->words, text.at, text.len);
    }
    t->kind = TOK_LABEL;
}

void unit_op(Unit *u, const Token *t)
{
    const Op *op = t->word->kind == WORD_OP ? t->word->op : NULL;
    const Statement s = { .op = op,
                          .file = u->file,
                          .begin = t->begin,
                          .end = t->end,
                          .line = u->line,
                          .operand = (uint32_t)u->operands.count };
    LIST_ADD(u->arena, &u->statements, s);
    if (!op) {
        u->is_bad = true;
        if (!u->is_ended)
            explain_unknown_op(u, u->file, t);
    }
}

// .EXTERNAL and .GLOBAL speak of labels, but do not use them.
static bool names_labels(const Op *op)
{
    return op->directive == DIR_EXTERNAL || op->directive == DIR_GLOBAL;
}

void unit_operand(Unit *u, const Token *t)
{
    Statement *s = &u->statements.at[u->statements.count - 1];
    if (t->kind == TOK_NUM && t->flags & TOKEN_SIGN && !(t->flags & (TOKEN_COMMA | TOKEN_HASH)) &&
        s->operand_count) {
        Token *last = &u->operands.at[u->operands.count - 1];
        if (last->kind == TOK_WORD) { // LABEL +1
            last->value += t->value;
            last->end = t->end;
            return;
        }
    }
    LIST_ADD(u->arena, &u->operands, *t);
    s->operand_count++;
    if (t->kind == TOK_WORD) {
        u->operands.at[u->operands.count - 1].value = 0;
        t->word->is_used |= !s->op || !names_labels(s->op);
    }
}

void unit_sum(Unit *u, const Token *label, const Token *number, int sign)
{
    Token sum = *label;
    unit_operand(u, &sum);
    Token *t = &u->operands.at[u->operands.count - 1];
    t->value = sign * number->value;
    t->end = number->end;
}

void unit_unexpected(Unit *u, const Token *t)
{
    if (u->is_bad)
        return;
    u->is_bad = true;
    if (u->is_ended)
        return;
    const Span at = token_span(u->file, t);
    if (t->kind == TOK_STRING && u->statements.count == u->first) {
        unit_error(u, at, "a string with no directive before it");
        unit_hint(u, "write .STRINGZ before the string");
    } else if (t->kind == TOK_COLON) {
        unit_error(u, at, "a colon stands only behind a label");
    } else if (t->kind == TOK_PLUS || t->kind == TOK_MINUS) {
        unit_error(u, at, "'%c' stands only between a label and a number", u->file->source.at[t->begin]);
    } else if (t->kind >= TOK_EOF) {
        unit_error(u, at, "the line ends too early");
        unit_hint(u, "a number belongs behind '+' or '-'");
    } else {
        unit_error(u, at, "unexpected %s", explain_token(u, u->file, t));
        unit_hint(u, "a line is a label, an instruction and its operands; ';' begins a comment");
    }
}

// --------------------------------------------------------------- whole lines

static void begin_line(Unit *u)
{
    u->first = u->statements.count;
    u->first_operand = u->operands.count;
    u->names.count = 0;
    u->is_bad = false;
    u->has_op = false;
    u->seen_flags = 0;
}

// A line that was reported still has its labels, and counts one word, so that
// what follows is judged as if it had been right.
static void keep_place(Unit *u)
{
    const bool has_op = u->has_op;
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
static void end_line(Unit *u, const Token *newline)
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
static void report_bad(Unit *u, const Token *t)
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

// ------------------------------------------------------------ reading a text

// Collects the lines of a macro up to .ENDM without looking into them.
static void skip_macro_line(Unit *u, Lexer *lex)
{
    const char *line = lex->at;
    const char *word = line + strspn(line, " \t");
    if (strncasecmp(word, ".ENDM", 5) == 0 && strchr(" \t\r\n;", word[5])) {
        u->macro->body =
            (Text){ lex->source->at + u->macro_begin, (size_t)(line - lex->source->at) - u->macro_begin };
        u->macro = NULL;
    }
    lex_skip_line(lex);
}

static void read_bad(Unit *u, Lexer *lex, const Token *t)
{
    if (!u->is_ended)
        report_bad(u, t);
    u->is_bad = true;
    parseInit(u->parser);
    lex_skip_line(lex);
}

// A macro call: what stands before it on the line are labels.
static void read_call(Unit *u, Lexer *lex, const Token *t)
{
    const Token end = { .kind = TOK_NEWLINE, .begin = t->begin, .end = t->begin };
    parse(u->parser, 0, end, u);
    const bool is_ended = u->is_ended;
    if (!u->is_bad && u->names.count)
        for (size_t i = 0; i < u->names.count; i++)
            unit_define(u, &u->names.at[i].token, u->file);
    u->names.count = 0;
    if (u->statements.count > u->first && !u->is_bad)
        end_line(u, &end);
    if (!is_ended)
        unit_expand(u, t);
    lex_skip_line(lex);
    begin_line(u);
}

// What the line asked to be read in its place.
static void read_asked(Unit *u)
{
    File *file = u->next;
    u->next = NULL;
    if (!file)
        return;
    unit_read_file(u, file);
    begin_line(u);
}

// A line of source on its way through the grammar.
typedef enum {
    LINE_EMPTY,
    LINE_NAMED,    // a label so far
    LINE_OPERANDS, // a mnemonic, perhaps operands
    LINE_GRAMMAR,  // none of these: the parser has it
    LINE_DONE,     // reported, or a macro call
} LineState;

enum { LINE_TOKENS = 12 };

// Gives what is known of the line to the parser.
static LineState ask_grammar(Unit *u, const Token *line, size_t count)
{
    u->statements.count = u->first;
    u->operands.count = u->first_operand;
    u->names.count = 0;
    for (size_t i = 0; i < count && !u->is_bad; i++)
        parse(u->parser, line[i].kind, line[i], u);
    return LINE_GRAMMAR;
}

// A label or none, a mnemonic, operands: nearly every line is that plain, and
// taken without the parser.  line[count - 1] is the new token.
static LineState take_token(Unit *u, LineState state, const Token *line, size_t count)
{
    const Token *t = &line[count - 1];
    if (state == LINE_OPERANDS) {
        if (t->kind != TOK_REG && t->kind != TOK_NUM && t->kind != TOK_WORD && t->kind != TOK_STRING)
            return ask_grammar(u, line, count);
        unit_operand(u, t);
        return LINE_OPERANDS;
    }
    if (t->kind == TOK_OP) {
        unit_op(u, t);
        return LINE_OPERANDS;
    }
    if (state != LINE_EMPTY || (t->kind != TOK_WORD && t->kind != TOK_LABEL))
        return ask_grammar(u, line, count);
    unit_name(u, t);
    return LINE_NAMED;
}

static void finish_line(Unit *u, LineState state, const Token *newline)
{
    if (state == LINE_EMPTY)
        return;
    if (state == LINE_GRAMMAR && !u->is_bad)
        parse(u->parser, 0, *newline, u);
    if (u->is_bad)
        parseInit(u->parser);
    end_line(u, newline);
    begin_line(u);
    if (u->next)
        read_asked(u);
}

static void read_lines(Unit *u, Lexer *lex)
{
    Token line[LINE_TOKENS], later;
    size_t count = 0;
    LineState state = LINE_EMPTY;
    begin_line(u);
    for (;;) {
        if (u->macro && state == LINE_EMPTY)
            skip_macro_line(u, lex);
        Token *t = state == LINE_GRAMMAR ? &later : &line[count];
        lex_next(lex, t);
        if (t->kind == TOK_NEWLINE || t->kind == TOK_EOF) {
            if (t->flags & TOKEN_SLASHES)
                unit_warn(u, WARN_COMMENT, token_span(u->file, t), "the comment begins with //");
            finish_line(u, state, t);
            if (t->kind == TOK_EOF)
                return;
            count = 0;
            state = LINE_EMPTY;
            continue;
        }
        if (state == LINE_EMPTY) {
            u->line = lex->line;
            u->first_token = *t;
        }
        if (t->kind > TOK_EOF) {
            if (state != LINE_GRAMMAR)
                ask_grammar(u, line, count);
            if (t->kind == TOK_BAD)
                read_bad(u, lex, t);
            else
                read_call(u, lex, t);
            state = LINE_DONE;
            count = 0;
            continue;
        }
        u->has_op |= t->kind == TOK_OP;
        u->seen_flags |= t->flags;
        if (state == LINE_GRAMMAR)
            parse(u->parser, t->kind, *t, u);
        else
            state = take_token(u, state, line, ++count);
        if (count == LINE_TOKENS && state != LINE_GRAMMAR)
            state = ask_grammar(u, line, count);
        if (u->is_bad) {
            parseInit(u->parser);
            lex_skip_line(lex);
            state = LINE_DONE;
            count = 0;
        }
    }
}

// Files that are no text at all get one message, not thousands.
static bool check_text(Unit *u, const File *file)
{
    const Source *s = &file->source;
    if (s->size >= 2 && (memcmp(s->at, "\xFF\xFE", 2) == 0 || memcmp(s->at, "\xFE\xFF", 2) == 0)) {
        unit_error(u, unit_span(file, 0, 0), "%s is UTF-16 text", s->name);
        unit_hint(u, "save it as UTF-8");
        return false;
    }
    const char *zero = memchr(s->at, 0, s->size);
    if (zero) {
        const uint32_t at = (uint32_t)(zero - s->at);
        unit_error(u, unit_span(file, at, at + 1), "a zero byte at offset %u: this is no text file", at);
        return false;
    }
    return true;
}

void unit_read_file(Unit *u, File *file)
{
    if (!check_text(u, file))
        return;
    const File *outer = u->file;
    Lexer *outer_lexer = u->lexer;
    const uint32_t outer_line = u->line;
    Lexer lex;
    lex_init(&lex, &file->source, &u->words);
    u->file = file;
    u->lexer = &lex;
    read_lines(u, &lex);
    if (u->macro && u->macro->span.source == &file->source) {
        unit_error(u, u->macro->span, "this macro has no .ENDM");
        u->macro = NULL;
    }
    u->file = outer;
    u->lexer = outer_lexer;
    u->line = outer_line;
}

void unit_init(Unit *u, Arena *a, const AssembleOptions *options, Diag *diag)
{
    *u = (Unit){ .arena = a, .options = options, .isa = options->isa, .diag = diag };
    u->warnings = options->is_unchecked ? 0 : (warnings_default() | options->shown) & ~options->hidden;
    words_init(&u->words, a, u->isa);
}

// Asks for the pages of a large array at once, because one by one they cost a trap
// each.  A kernel that cannot do it (before 5.14) gives them one by one.
static void claim_pages(void *array, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE
    const uintptr_t page = 4096, begin = ((uintptr_t)array + page - 1) & ~(page - 1);
    const uintptr_t end = ((uintptr_t)array + bytes) & ~(page - 1);
    if (bytes >= 64 * page && end > begin)
        madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
#else
    (void)array;
    (void)bytes;
#endif
}

void unit_read(Unit *u, const Source *source)
{
    File *file = arena_new(u->arena, File);
    file->source = *source;
    LIST_ADD(u->arena, &u->files, file);
    // Room for a usual source, so that the lists need not be copied as they grow.
    u->statements.at = arena_array(u->arena, Statement, u->statements.capacity = source->lines.count + 8);
    u->operands.at = arena_array(u->arena, Token, u->operands.capacity = source->lines.count * 3 + 16);
    claim_pages(u->statements.at, source->lines.count * sizeof *u->statements.at);
    claim_pages(u->operands.at, source->lines.count * 2 * sizeof *u->operands.at);
    u->parser = parseAlloc(malloc);
    if (!u->parser)
        abort();
    unit_read_file(u, file);
    parseFree(u->parser, free);
    u->parser = NULL;
    u->file = file;
    unit_finish_blocks(u);
}

// --------------------------------------------------------------- lone words

Word *unit_label(Unit *u, Word *word, Text text)
{
    if (!word->variant)
        return word->is_defined || word->is_external ? word : NULL;
    for (Word *w = word; w; w = w->variant)
        if (w->is_defined && text_same(word_text(w), text))
            return w;
    return word->is_defined ? word : word->variant;
}

static bool has_letters_only(Text text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((text.at[i] | 32) < 'a' || (text.at[i] | 32) > 'z')
            return false;
    return true;
}

// One slip of the finger away.  Short mnemonics have many neighbours that are
// good labels (GET and SET beside RET), so there another letter is no slip.
static bool is_slip(Text text, Text name)
{
    if (text_distance(text, name, 2) != 1)
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < text.len && text.len == name.len; i++)
        sum ^= (unsigned)(text.at[i] | 32) ^ (unsigned)(name.at[i] | 32);
    const bool is_swap = text.len == name.len && sum == 0;
    return name.len > 3 || is_swap || (name.len == 3 && text.len != name.len);
}

// Whether a word that stands alone is a mistyped mnemonic: one that can stand
// alone, or, when a word follows it, any.  END alone is no AND.
static bool is_mistyped(const Unit *u, const File *file, const Token *t, bool is_last)
{
    const Text text = token_text(file, t);
    if (t->kind != TOK_WORD || text.len < 2 || text.len > 8 || !has_letters_only(text))
        return false;
    for (size_t i = 0; i < u->words.op_count; i++) {
        const Op *op = &u->words.ops[i];
        bool fits = false;
        for (int c = 0; c < op->choice_count; c++)
            fits |= (op->choices[c].operand_count == 0) == is_last;
        if (fits &&
            (is_last ? is_slip(text, text_of(op->name)) : text_distance(text, text_of(op->name), 2) < 2))
            return true;
    }
    return false;
}

// Words that were taken as labels: which of them are?
static void settle_line(Unit *u, const LoneLine *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const Token *t = &line->tokens[i];
        const Word *next = i + 1 < line->count ? line->tokens[i + 1].word : NULL;
        const bool is_before_label =
            line->count > 1 && next && next->is_defined && line->tokens[i + 1].kind != TOK_LABEL;
        if (t->kind != TOK_LABEL && (is_before_label || (!t->word->is_used && !t->word->is_global &&
                                                         is_mistyped(u, line->file, t, !next)))) {
            explain_unknown_op(u, line->file, t);
            return; // the words behind it are its operands
        }
        if (line->count > 1)
            unit_define_at(u, t, line->file, line->block, line->offset);
        if (t->kind == TOK_WORD && !t->word->is_used && !t->word->is_global)
            unit_warn(u, WARN_LONE_WORD, token_span(line->file, t),
                      "%.*s is taken as a label, but nothing refers to it", SHOWN(token_text(line->file, t)));
    }
}

void unit_settle(Unit *u)
{
    for (size_t i = 0; i < u->lone_lines.count; i++)
        settle_line(u, &u->lone_lines.at[i]);
}
