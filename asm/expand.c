// Text that stands for other text: .INCLUDE, .MACRO and .ALIAS.
//
// What is to be read in the place of a statement is kept in Unit.next until its
// line has ended.
#include "unit.h"

#include <string.h>

enum {
    DEPTH_MAX = 64,               // files and macros inside each other
    EXPANSIONS_MAX = 100000,      // in all: macros can call each other twice each
    INCLUDES_MAX = 1000,          // in all
    EXPANDED_BYTES_MAX = 1 << 24, // in all
    PARAMETERS_MAX = 64,
};

static Span op_span(const Statement *s)
{
    return unit_span(s->file, s->begin, s->end);
}

// Takes the file as the next to be read; refuses what would never end.
static void read_next(Unit *u, File *file, Span call)
{
    const File *outer = u->file;
    file->parent = outer;
    file->call = call;
    file->call_line = outer->is_macro ? outer->call_line : u->line;
    file->depth = outer->depth + 1;
    if (file->is_macro)
        file->number = outer->number;
    if (file->depth > DEPTH_MAX)
        unit_error(u, call, "%s are nested more than %d deep", file->is_macro ? "macro calls" : "includes",
                   DEPTH_MAX);
    else if (u->next)
        unit_error(u, call, "only one of these on a line");
    else if (++u->expansions > EXPANSIONS_MAX && u->expansions == EXPANSIONS_MAX + 1)
        unit_error(u, call, "more than %d includes and macro calls", EXPANSIONS_MAX);
    else if (u->expansions <= EXPANSIONS_MAX)
        u->next = file;
}

// ---------------------------------------------------------------- .INCLUDE

// Relative to the folder of the file that includes.
static const char *include_path(Unit *u, const File *file, Text name)
{
    while (file->is_macro)
        file = file->parent;
    const char *slash = strrchr(file->source.name, '/');
    if (*name.at == '/' || !slash)
        return arena_copy(u->arena, name.at, name.len);
    return arena_format(u->arena, "%.*s%.*s", (int)(slash + 1 - file->source.name), file->source.name,
                        TEXT(name));
}

static bool includes_itself(Unit *u, const char *path, Span at)
{
    for (const File *file = u->file; file; file = file->parent)
        if (!file->is_macro && strcmp(file->source.name, path) == 0) {
            unit_error(u, at, "%s includes itself", path);
            return true;
        }
    return false;
}

void unit_include(Unit *u, const Statement *s)
{
    const Token *t = unit_operands(u, s);
    if (s->operand_count != 1 || t->kind != TOK_STRING || t->flags & TOKEN_LINES ||
        t->end - t->begin > 4096 || t->end - t->begin == 2) {
        unit_error(u, s->operand_count ? token_span(s->file, t) : op_span(s),
                   ".INCLUDE takes the name of a file in quotes");
        unit_hint(u, "%s", s->op->syntax);
        return;
    }
    const Span at = token_span(s->file, t);
    const char *path =
        include_path(u, s->file, (Text){ s->file->source.at + t->begin + 1, t->end - t->begin - 2 });
    Error err;
    if (includes_itself(u, path, at))
        return;
    if (u->files.count > INCLUDES_MAX) {
        unit_error(u, at, "more than %d files are included", INCLUDES_MAX);
        return;
    }
    File *file = arena_new(u->arena, File);
    if (!source_read(&file->source, u->arena, path, &err)) {
        unit_error(u, at, "%s", err.text);
        return;
    }
    file->number = (uint32_t)u->files.count;
    LIST_ADD(u->arena, &u->files, file);
    read_next(u, file, at);
}

// ------------------------------------------------------------------ .MACRO

void unit_begin_macro(Unit *u, const Statement *s)
{
    const Token *t = unit_operands(u, s);
    Macro *macro = arena_new(u->arena, Macro);
    macro->span = op_span(s);
    bool is_good = s->operand_count && t->kind == TOK_WORD && s->operand_count <= PARAMETERS_MAX;
    for (uint32_t i = 1; is_good && i < s->operand_count; i++) {
        const Text text = token_text(s->file, &t[i]);
        LIST_ADD(u->arena, &macro->parameters, text);
        is_good = t[i].kind == TOK_WORD;
    }
    if (!is_good) {
        unit_error(u, op_span(s), ".MACRO takes a name and at most %d parameters", PARAMETERS_MAX - 1);
        unit_hint(u, "%s", s->op->syntax);
    } else if (t->word->is_defined) {
        unit_error(u, token_span(s->file, t), "%.*s is a label already", SHOWN(token_text(s->file, t)));
        unit_note(u, t->word->span, "it is defined here");
    } else {
        macro->name = token_text(s->file, t);
        t->word->kind = WORD_MACRO;
        t->word->macro = macro;
    }
    u->macro = macro;
    u->macro_begin = (size_t)(u->lexer->at - u->lexer->source->at);
}

void unit_end_macro(Unit *u, const Statement *s)
{
    unit_error(u, op_span(s), ".ENDM without .MACRO before it");
}

static bool is_part(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static Text trim(Text t)
{
    while (t.len && strchr(" \t\r", *t.at))
        t.at++, t.len--;
    while (t.len && strchr(" \t\r", t.at[t.len - 1]))
        t.len--;
    return t;
}

// The end of a quoted piece that begins here, or of the single character.
static const char *skip_quoted(const char *at, const char *end)
{
    const char quote = *at++;
    if (quote != '"' && quote != '\'')
        return at;
    while (at < end && *at != quote && *at != '\n')
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    return at < end ? at + 1 : end;
}

// What stands between a macro's name and the end of its line or a comment.
static Text argument_text(const char *at)
{
    const char *end = at + strcspn(at, "\r\n"), *p = at;
    while (p < end && *p != ';' && !(p[0] == '/' && p[1] == '/'))
        p = skip_quoted(p, end);
    return trim((Text){ at, (size_t)(p - at) });
}

// Splits at commas, or at blanks when there are none.
static size_t split_arguments(Text rest, Text *arguments)
{
    size_t n = 0;
    const char *end = rest.at + rest.len;
    bool has_comma = false;
    for (const char *p = rest.at; p < end; p = skip_quoted(p, end))
        has_comma |= *p == ',';
    for (const char *p = rest.at; p < end && n < PARAMETERS_MAX;) {
        const char *begin = p;
        while (p < end && !(has_comma ? *p == ',' : *p == ' ' || *p == '\t'))
            p = skip_quoted(p, end);
        const Text argument = trim((Text){ begin, (size_t)(p - begin) });
        if (argument.len || has_comma)
            arguments[n++] = argument;
        p += p < end;
    }
    return n;
}

static const Text *find_argument(const Macro *macro, Text word, const Text *arguments)
{
    for (size_t i = 0; i < macro->parameters.count; i++)
        if (text_same_case(word, macro->parameters.at[i]))
            return &arguments[i];
    return NULL;
}

// Copies the body: parameters become arguments, '@' becomes the number of the
// call, so that a macro can have labels of its own.
static void substitute(const Unit *u, const Macro *macro, const Text *arguments, Writer *out)
{
    if (!macro->body.len)
        return;
    const char *at = macro->body.at, *end = at + macro->body.len;
    while (at < end && out->len < EXPANDED_BYTES_MAX) {
        const char *begin = at;
        if (is_part(*at)) {
            while (at < end && is_part(*at))
                at++;
            const Text word = { begin, (size_t)(at - begin) };
            const Text *argument = find_argument(macro, word, arguments);
            write_bytes(out, argument ? argument->at : word.at, argument ? argument->len : word.len);
        } else if (*at == '@') {
            write_format(out, "_%u", u->expansions);
            at++;
        } else if (*at == ';') {
            while (at < end && *at != '\n')
                at++;
        } else {
            const bool is_mark = *at == '%' && at + 1 < end && is_part(at[1]); // %name is name
            at = skip_quoted(at, end);
            if (!is_mark)
                write_bytes(out, begin, (size_t)(at - begin));
        }
    }
}

void unit_expand(Unit *u, const Token *t)
{
    const Macro *macro = t->word->macro;
    const Span at = token_span(u->file, t);
    Text arguments[PARAMETERS_MAX] = { 0 };
    const size_t count = split_arguments(argument_text(u->file->source.at + t->end), arguments);
    if (count != macro->parameters.count) {
        unit_error(u, at, "the macro %.*s takes %zu %s, %zu found", SHOWN(macro->name),
                   macro->parameters.count, macro->parameters.count == 1 ? "argument" : "arguments", count);
        unit_note(u, macro->span, "it is defined here");
        return;
    }
    Writer out = { 0 };
    substitute(u, macro, arguments, &out);
    u->expanded_bytes += out.len;
    if (u->expanded_bytes >= EXPANDED_BYTES_MAX) {
        if (!u->is_flooded)
            unit_error(u, at, "the macros of this file make more than %d MiB of text",
                       EXPANDED_BYTES_MAX >> 20);
        u->is_flooded = true;
    } else {
        File *file = arena_new(u->arena, File);
        file->is_macro = true;
        source_init(&file->source, u->arena, arena_format(u->arena, "macro %.*s", SHOWN(macro->name)),
                    arena_copy(u->arena, out.at ? out.at : "", out.len), out.len);
        read_next(u, file, at);
    }
    writer_free(&out);
}

// ------------------------------------------------------------------ .ALIAS

void unit_alias(Unit *u, const Statement *s)
{
    const Token *t = unit_operands(u, s);
    if (s->operand_count != 2 || t[0].kind != TOK_WORD || t[1].kind == TOK_STRING) {
        unit_error(u, op_span(s), ".ALIAS takes a new name and a number, register, instruction or label");
        unit_hint(u, "%s", s->op->syntax);
        return;
    }
    Word *word = t[0].word;
    if (word->is_defined || word->kind != WORD_NAME || word == t[1].word) {
        unit_error(u, token_span(s->file, &t[0]), "%.*s means something else already",
                   SHOWN(token_text(s->file, &t[0])));
        return;
    }
    Token *meaning = arena_new(u->arena, Token);
    *meaning = t[1];
    word->kind = WORD_ALIAS;
    word->alias = meaning;
}
