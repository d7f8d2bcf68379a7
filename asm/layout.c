// Where statements go: blocks, labels, and what the directives say about them.
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static Span op_span(const Statement *s)
{
    return unit_span(s->file, s->begin, s->end);
}

static Block *last_block(Unit *u)
{
    return &u->blocks.at[u->blocks.count - 1];
}

// The whole statement, operands included.
static Span whole_span(const Unit *u, const Statement *s)
{
    const uint32_t end = s->operand_count ? unit_operands(u, s)[s->operand_count - 1].end : s->end;
    return unit_span(s->file, s->begin, end);
}

// ------------------------------------------------------------------- labels

static void warn_about_name(Unit *u, const Token *t, const File *file)
{
    const Text text = token_text(file, t);
    const Span at = token_span(file, t);
    const Word *word = t->word;
    if (word->kind == WORD_OP)
        unit_warn(u, WARN_LABEL_NAME, at, "a label named like an instruction: %.*s", SHOWN(text));
    else if (word->kind == WORD_REG)
        unit_warn(u, WARN_LABEL_NAME, at, "a label named like a register: %.*s", SHOWN(text));
    else if (t->flags & TOKEN_WORD)
        unit_warn(u, WARN_LABEL_NAME, at, "a label that looks like a number: %.*s", SHOWN(text));
    else if (t->flags & TOKEN_DIGIT)
        unit_warn(u, WARN_LABEL_NAME, at, "a label that begins with a digit: %.*s", SHOWN(text));
}

// Departures from the book that nobody minds; looked at only when asked for.
static void check_form(Unit *u, const Token *t, const File *file)
{
    const Text text = token_text(file, t);
    if (t->kind == TOK_LABEL)
        unit_warn(u, WARN_LABEL_COLON, token_span(file, t), "a colon behind the label");
    bool is_plain = text.len <= 20;
    for (size_t i = 0; i < text.len && is_plain; i++) {
        const char c = text.at[i];
        is_plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    }
    if (!is_plain)
        unit_warn(u, WARN_LABEL_FORM, token_span(file, t),
                  "the book's labels are at most 20 letters and digits");
}

enum { VARIANTS_MAX = 64 };

// Another definition of a known label: the same name, or one in other case.
static Word *define_again(Unit *u, Word *first, const Token *t, const File *file)
{
    const Text text = token_text(file, t);
    Word *same = NULL;
    int count = 0;
    for (Word *w = first; w && !same; w = w->variant, count++)
        if (text_same(word_text(w), text))
            same = w;
    if (!same && count > VARIANTS_MAX) {
        unit_error(u, token_span(file, t), "more than %d labels that differ only in case", VARIANTS_MAX);
        return NULL;
    }
    if (same && same->is_defined) {
        unit_error(u, token_span(file, t), "the label %.*s is defined twice", SHOWN(text));
        unit_note(u, same->span, "the first definition is here");
        return NULL;
    }
    if (unit_warn(u, WARN_LABEL_CASE, token_span(file, t), "another label %.*s, which differs only in case",
                  SHOWN(text)))
        unit_note(u, first->span, "the first one is here");
    return same ? same : words_add_variant(&u->words, first, text);
}

void unit_define_at(Unit *u, const Token *t, const File *file, uint32_t block, uint16_t offset)
{
    Word *word = t->word;
    if (!word) { // a number that is a label here
        Token named = *t;
        const Text text = token_text(file, t);
        named.word = words_get(&u->words, text.at, text.len);
        if (t->flags & TOKEN_WORD)
            unit_define_at(u, &named, file, block, offset);
        else
            unit_error(u, token_span(file, t), "%.*s is no label", SHOWN(text));
        return;
    }
    if (word->is_defined && !(word = define_again(u, word, t, file)))
        return;
    if (word->kind != WORD_NAME || t->flags & (TOKEN_WORD | TOKEN_DIGIT))
        warn_about_name(u, t, file);
    if (u->options->is_strict || u->options->shown)
        check_form(u, t, file);
    word->at = file->source.at + t->begin; // as it is written where it is defined
    word->is_defined = true;
    word->block = block;
    word->offset = offset;
    word->span = token_span(file, t);
    LIST_ADD(u->arena, &u->labels, word);
}

void unit_define(Unit *u, const Token *t, const File *file)
{
    if (u->is_open) {
        unit_define_at(u, t, file, (uint32_t)u->blocks.count - 1, (uint16_t)last_block(u)->size);
    } else {
        const Name name = { *t, 0, file };
        LIST_ADD(u->arena, &u->waiting, name);
    }
}

// ------------------------------------------------------------------- blocks

void unit_open_block(Unit *u, uint32_t origin, Span span, bool is_implicit)
{
    const Block block = {
        .origin = origin, .is_implicit = is_implicit, .span = span, .statement = u->statements.count
    };
    LIST_ADD(u->arena, &u->blocks, block);
    u->is_open = true;
    for (size_t i = 0; i < u->waiting.count; i++)
        unit_define(u, &u->waiting.at[i].token, u->waiting.at[i].file);
    u->waiting.count = 0;
}

static void place_orig(Unit *u, size_t index)
{
    const Statement *s = &u->statements.at[index];
    const Token *t = unit_operands(u, s);
    const Span at = op_span(s);
    uint32_t origin = 0x3000;
    if (s->operand_count != 1 || t->kind != TOK_NUM) {
        unit_error(u, s->operand_count ? token_span(s->file, t) : at, ".ORIG takes one number, the address");
        unit_hint(u, ".ORIG x3000");
    } else if (t->value < 0 || t->value > 0xFFFF) {
        unit_error(u, token_span(s->file, t), "%.*s is no address (x0000 to xFFFF)",
                   SHOWN(token_text(s->file, t)));
    } else if (t->value >= OBJECT_LIMIT) {
        unit_error(u, token_span(s->file, t), "x%04X is device space: programs load below x%04X", t->value,
                   OBJECT_LIMIT);
    } else {
        origin = (uint32_t)t->value;
    }
    if (u->is_open && !last_block(u)->is_implicit &&
        unit_warn(u, WARN_REOPENED, at, ".ORIG, but the block before it has no .END"))
        unit_note(u, last_block(u)->span, "that block begins here");
    if (u->is_open && last_block(u)->is_implicit && !u->has_origin) {
        unit_error(u, last_block(u)->span, "this stands before .ORIG, so it has no address");
        unit_note(u, at, ".ORIG is here");
    }
    if (u->has_origin)
        unit_warn(u, WARN_SEVERAL_BLOCKS, at, "another block");
    u->has_origin = true;
    u->is_ended = u->was_ignored = false;
    if (u->is_open)
        last_block(u)->statement_end = index;
    u->is_open = false;
    unit_open_block(u, origin, at, false);
    last_block(u)->statement = index + 1;
}

static void place_end(Unit *u, const Statement *s)
{
    const size_t index = (size_t)(s - u->statements.at);
    if (s->operand_count)
        unit_warn(u, WARN_TEXT_AFTER_END, token_span(s->file, unit_operands(u, s)),
                  "text behind .END is ignored");
    if (s->file->is_macro)
        unit_error(u, op_span(s), ".END inside a macro");
    if (u->is_open)
        last_block(u)->statement_end = index;
    u->is_open = false;
    u->is_ended = true;
}

// Opens a block for a statement that stands in none.
static void open_implicit(Unit *u, const Statement *s)
{
    unit_open_block(u, 0x3000, whole_span(u, s), true);
    last_block(u)->statement = (size_t)(s - u->statements.at);
    if (u->has_origin)
        return;
    last_block(u)->is_floating = u->is_part;
}

static void take_room(Unit *u, Statement *s, uint32_t words)
{
    if (!u->is_open)
        open_implicit(u, s);
    Block *block = last_block(u);
    s->words = words;
    s->offset = (uint16_t)block->size;
    const uint32_t room =
        OBJECT_LIMIT - block->origin -
        (block->size < OBJECT_LIMIT - block->origin ? block->size : OBJECT_LIMIT - block->origin);
    if (words <= room) {
        block->size += words;
        return;
    }
    s->words = 0;
    if (!block->is_full) {
        unit_error(u, whole_span(u, s), "%u %s at x%04X would reach x%04X, where device registers are", words,
                   words == 1 ? "word" : "words", block->origin + block->size, OBJECT_LIMIT);
        unit_note(u, block->span, "the block begins here");
    }
    block->is_full = true;
}

// --------------------------------------------------------------------- data

static const Token *expect_operands(Unit *u, const Statement *s, uint32_t least, uint32_t most)
{
    if (s->operand_count >= least && s->operand_count <= most)
        return unit_operands(u, s);
    if (s->operand_count < least)
        unit_error(u, op_span(s), "%s needs %s", s->op->name, least == 1 ? "an operand" : "two operands");
    else
        unit_error(u, token_span(s->file, unit_operands(u, s) + most), "%s takes %s", s->op->name,
                   most == 0   ? "no operand"
                   : most == 1 ? "one operand"
                               : "two operands");
    unit_hint(u, "%s", s->op->syntax);
    return NULL;
}

static void place_blkw(Unit *u, Statement *s)
{
    const Token *t = expect_operands(u, s, 1, 2);
    uint32_t words = 1;
    if (t && t->kind != TOK_NUM) {
        unit_error(u, token_span(s->file, t), ".BLKW takes a number of words, not %s",
                   explain_token(u, s->file, t));
    } else if (t && (t->value < 0 || t->value > 0xFFFF)) {
        unit_error(u, token_span(s->file, t), "%.*s is no number of words (0 to 65535)",
                   SHOWN(token_text(s->file, t)));
    } else if (t) {
        words = (uint32_t)t->value;
        if (words == 0)
            unit_warn(u, WARN_EMPTY_BLOCK, token_span(s->file, t), ".BLKW reserves no word");
        if (s->operand_count == 2)
            unit_warn(u, WARN_DIRECTIVE, token_span(s->file, t + 1), "a value to fill with");
    }
    take_room(u, s, words);
}

static void check_string(Unit *u, const Statement *s, const Token *t, Text inside, const char *bad_escape)
{
    const uint32_t begin = (uint32_t)(inside.at - s->file->source.at);
    if (bad_escape) {
        const uint32_t at = (uint32_t)(bad_escape - s->file->source.at);
        unit_warn(u, WARN_ESCAPE, unit_span(s->file, at, at + 2),
                  "\\%c means nothing; both characters are kept", bad_escape[1]);
    }
    if (t->flags & TOKEN_LINES)
        unit_warn(u, WARN_MULTI_LINE_STRING, unit_span(s->file, t->begin, t->begin + 1),
                  "this string ends on a later line; its line ends are part of it");
    for (uint32_t i = 0; i < inside.len; i++)
        if ((unsigned char)inside.at[i] > 127) {
            uint32_t end = i + 1;
            while (end < inside.len && ((unsigned char)inside.at[end] & 0xC0) == 0x80)
                end++;
            unit_warn(u, WARN_NON_ASCII, unit_span(s->file, begin + i, begin + end),
                      "a character that is not ASCII: it becomes %u words, one per byte", end - i);
            break;
        }
}

static void place_string(Unit *u, Statement *s)
{
    const Token *t = unit_operands(u, s);
    uint32_t words = 1;
    if (s->operand_count == 0 || t->kind != TOK_STRING) {
        unit_error(u, s->operand_count ? token_span(s->file, t) : op_span(s),
                   "%s needs a string in double quotes", s->op->name);
        unit_hint(u, "%s", s->op->syntax);
    } else if (s->operand_count > 1) {
        unit_error(u, token_span(s->file, t + 1), "%s takes one string", s->op->name);
        unit_hint(u, "a quote inside a string is written \\\"");
    } else {
        const char *bad_escape = NULL;
        const Text inside = { s->file->source.at + t->begin + 1, t->end - t->begin - 2 };
        const size_t n = lex_decode(inside, NULL, &bad_escape);
        words = (uint32_t)(s->op->directive == DIR_STRINGZP ? (n + 1) / 2 + 1 : n + 1);
        check_string(u, s, t, inside, bad_escape);
    }
    take_room(u, s, words);
}

// -------------------------------------------------------- names and metrics

static void place_names(Unit *u, const Statement *s)
{
    const Token *t = expect_operands(u, s, 1, UINT32_MAX);
    for (uint32_t i = 0; t && i < s->operand_count; i++) {
        const bool is_word = t[i].word && t[i].kind != TOK_NUM;
        if (!is_word) {
            unit_error(u, token_span(s->file, &t[i]), "%s takes labels, not %s", s->op->name,
                       explain_token(u, s->file, &t[i]));
            continue;
        }
        if (s->op->directive == DIR_GLOBAL) {
            t[i].word->is_global = true;
            LIST_ADD(u->arena, &u->globals, t[i].word);
        } else if (!t[i].word->is_external) {
            t[i].word->is_external = true;
            LIST_ADD(u->arena, &u->externals, t[i].word);
        }
        if (!t[i].word->span.source)
            t[i].word->span = token_span(s->file, &t[i]);
    }
}

static void place_metric(Unit *u, const Statement *s)
{
    const Token *t = expect_operands(u, s, 2, 2);
    if (!t)
        return;
    if (t[0].kind != TOK_NUM || t[0].value < 0 || t[0].value > 0xFFFF || t[1].kind != TOK_STRING) {
        unit_error(u, whole_span(u, s), "%s takes a number from 0 to 65535 and a name in quotes",
                   s->op->name);
        unit_hint(u, "%s", s->op->syntax);
        return;
    }
    const Text name = { s->file->source.at + t[1].begin + 1, t[1].end - t[1].begin - 2 };
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < ' ') {
            unit_error(u, token_span(s->file, &t[1]), "a name stands on one line");
            return;
        }
    if (name.len == 0) {
        unit_error(u, token_span(s->file, &t[1]), "an empty name");
        return;
    }
    const Metric metric = { s->op->directive == DIR_HISTOGRAM, (uint16_t)t[0].value,
                            arena_copy(u->arena, name.at, name.len) };
    LIST_ADD(u->arena, &u->metrics, metric);
}

static void place_break(Unit *u, const Statement *s)
{
    if (!expect_operands(u, s, 0, 0) && s->operand_count)
        return;
    if (!u->is_open)
        return;
    const Spot spot = { (uint32_t)u->blocks.count - 1, (uint16_t)last_block(u)->size };
    LIST_ADD(u->arena, &u->breaks, spot);
}

// ----------------------------------------------------------------- dispatch

static void warn_about_directive(Unit *u, const Statement *s)
{
    if (s->op->is_foreign)
        unit_warn(u, WARN_FOREIGN, op_span(s), "%s is a directive of another tool", s->op->name);
    else if (!s->op->is_book)
        unit_warn(u, WARN_DIRECTIVE, op_span(s), "the book has no %s", s->op->name);
}

void unit_place(Unit *u, size_t index)
{
    Statement *s = &u->statements.at[index];
    const Op *op = s->op;
    if (op->directive == DIR_NONE) {
        take_room(u, s, 1);
        return;
    }
    if (!op->is_book)
        warn_about_directive(u, s);
    switch (op->directive) {
    case DIR_NONE:
    case DIR_FILL:
        take_room(u, s, 1);
        break;
    case DIR_BLKW:
        place_blkw(u, s);
        break;
    case DIR_STRINGZ:
    case DIR_STRINGZP:
        place_string(u, s);
        break;
    case DIR_ORIG:
        place_orig(u, index);
        break;
    case DIR_END:
        if (u->is_open || !u->is_ended)
            place_end(u, s);
        break;
    case DIR_EXTERNAL:
    case DIR_GLOBAL:
        place_names(u, s);
        break;
    case DIR_INCLUDE:
        unit_include(u, s);
        break;
    case DIR_ALIAS:
        unit_alias(u, s);
        break;
    case DIR_MACRO:
        unit_begin_macro(u, s);
        break;
    case DIR_ENDM:
        unit_end_macro(u, s);
        break;
    case DIR_COUNTER:
    case DIR_HISTOGRAM:
        place_metric(u, s);
        break;
    case DIR_BREAK:
        place_break(u, s);
        break;
    }
}

// ----------------------------------------------------------------- the end

static int by_origin(const void *a, const void *b)
{
    const Block *x = *(const Block *const *)a, *y = *(const Block *const *)b;
    if (x->origin != y->origin)
        return x->origin < y->origin ? -1 : 1;
    return x < y ? -1 : x > y;
}

// Blocks of one source that share addresses: the later words win, as they do in
// a loader, but hardly anybody wants that.
static void warn_about_overlaps(Unit *u)
{
    if (u->has_failed || u->blocks.count < 2 || !(u->warnings & WARNING_BIT(WARN_OVERLAP)))
        return;
    const Block **blocks = arena_array(u->arena, const Block *, u->blocks.count);
    size_t count = 0;
    for (size_t i = 0; i < u->blocks.count; i++)
        if (u->blocks.at[i].size && !u->blocks.at[i].is_floating)
            blocks[count++] = &u->blocks.at[i];
    qsort(blocks, count, sizeof *blocks, by_origin);
    const Block *reach = count ? blocks[0] : NULL; // the block that ends last so far
    for (size_t i = 1; i < count; i++) {
        const Block *now = blocks[i];
        if (now->origin < reach->origin + reach->size) {
            const Block *later = now > reach ? now : reach, *earlier = now > reach ? reach : now;
            if (unit_warn(u, WARN_OVERLAP, later->span, "this block overlaps another from x%04X on",
                          now->origin))
                unit_note(u, earlier->span, "the other one is here: x%04X to x%04X", earlier->origin,
                          earlier->origin + earlier->size - 1);
        }
        if (now->origin + now->size > reach->origin + reach->size)
            reach = now;
    }
}

void unit_finish_blocks(Unit *u)
{
    if (u->is_open)
        last_block(u)->statement_end = u->statements.count;
    if (u->blocks.count && u->blocks.at[0].is_implicit && !u->has_origin && !u->is_part &&
        unit_warn(u, WARN_MISSING_ORIG, u->blocks.at[0].span, "no .ORIG: the program is placed at x3000"))
        unit_hint(u, "write .ORIG x3000 before it");
    if (u->is_open && !last_block(u)->is_floating) {
        const uint32_t end = u->file->source.size;
        if (unit_warn(u, WARN_MISSING_END, unit_span(u->file, end, end), "the file ends without .END"))
            unit_note(u, last_block(u)->span, "the block begins here");
    }
    u->is_open = false;
    for (size_t i = 0; i < u->waiting.count; i++) // labels of no block
        unit_error(u, token_span(u->waiting.at[i].file, &u->waiting.at[i].token),
                   "this label stands in no block");
    warn_about_overlaps(u);
}
