// Words that stand alone on their lines.  Labels, or mistyped mnemonics: only when
// the whole source has been read can one tell.
#include "unit.h"

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

static void warn_about_lone_word(Unit *u, const File *file, const Token *t)
{
    const Text text = token_text(file, t);
    const Op *directive = explain_undotted(u, text);
    if (unit_warn(u, WARN_LONE_WORD, token_span(file, t),
                  "%.*s is taken as a label, but nothing refers to it", SHOWN(text)) &&
        directive)
        unit_hint(u, "did you mean %s?", directive->name);
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
            warn_about_lone_word(u, line->file, t);
    }
}

void unit_settle(Unit *u)
{
    for (size_t i = 0; i < u->lone_lines.count; i++)
        settle_line(u, &u->lone_lines.at[i]);
}
