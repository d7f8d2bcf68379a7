#include "unit.h"

#include <stdlib.h>
#include <string.h>

// Lemon's parser; it declares these nowhere.
void *parseAlloc(void *(*alloc)(size_t));
void parseInit(void *parser);
void parse(void *parser, int kind, Token token, Unit *u);
void parseFree(void *parser, void (*release)(void *));

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
        if (!u->is_bad && !u->is_ended)
            explain_unknown_op(u, u->file, t);
        u->is_bad = true;
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
    const Token *name = u->names.count ? &u->names.at[u->names.count - 1].token : NULL;
    if (t->kind == TOK_STRING && u->statements.count == u->first && name &&
        explain_undotted(u, token_text(u->file, name))) {
        explain_unknown_op(u, u->file, name);
    } else if (t->kind == TOK_STRING && u->statements.count == u->first) {
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
        unit_report_bad(u, t);
    u->is_bad = true;
    const Token end = { .kind = TOK_NEWLINE, .begin = t->begin, .end = t->begin };
    parse(u->parser, 0, end, u); // what stands before it was read; its labels are kept
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
        unit_end_line(u, &end);
    if (!is_ended)
        unit_expand(u, t);
    lex_skip_line(lex);
    unit_begin_line(u);
}

// What the line asked to be read in its place.
static void read_asked(Unit *u)
{
    File *file = u->next;
    u->next = NULL;
    if (!file)
        return;
    unit_read_file(u, file);
    unit_begin_line(u);
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
    unit_end_line(u, newline);
    unit_begin_line(u);
    if (u->next)
        read_asked(u);
}

static void read_lines(Unit *u, Lexer *lex)
{
    Token line[LINE_TOKENS], later;
    size_t count = 0;
    LineState state = LINE_EMPTY;
    unit_begin_line(u);
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

void unit_read(Unit *u, const Source *source)
{
    File *file = arena_new(u->arena, File);
    file->source = *source;
    LIST_ADD(u->arena, &u->files, file);
    // Room for a usual source, so that the lists need not be copied as they grow.
    u->statements.at = arena_array(u->arena, Statement, u->statements.capacity = source->lines.count + 8);
    u->operands.at = arena_array(u->arena, Token, u->operands.capacity = source->lines.count * 2 + 16);
    u->parser = need_memory(parseAlloc(malloc));
    unit_read_file(u, file);
    parseFree(u->parser, free);
    u->parser = NULL;
    u->file = file;
    unit_finish_blocks(u);
}
