// Statements to words.  The ordinary case is short; what cannot be encoded goes
// to explain.c.
#include "unit.h"

#include <string.h>

// The same as isa_field_min, _max and _put, without a call for each operand.
static inline int32_t field_min(const IsaField *f)
{
    return f->kind == ISA_SIGNED ? -(1 << (f->hi - f->lo)) : 0;
}

static inline int32_t field_max(const IsaField *f)
{
    return (1 << (f->hi - f->lo + (f->kind != ISA_SIGNED))) - 1;
}

static inline uint16_t field_put(const IsaField *f, uint16_t word, int32_t value)
{
    const unsigned mask = ((1u << (f->hi - f->lo + 1)) - 1) << f->lo;
    return (uint16_t)((word & ~mask) | ((unsigned)value << f->lo & mask));
}

// --------------------------------------------------------------- operands

static bool is_register(const IsaField *field, const Token *t)
{
    return field->kind == ISA_REG && t->kind == TOK_REG;
}

// LABEL+1 that is no label itself: finds its label and offset.
static Word *split_glued(Unit *u, const File *file, const Token *t, int32_t *offset)
{
    const Text text = token_text(file, t);
    size_t len = 1;
    while (len < text.len && text.at[len] != '+' && text.at[len] != '-')
        len++;
    Word *word = words_find(&u->words, (Text){ text.at, len });
    int32_t value = 0;
    if (len + 1 >= text.len || !lex_number((Text){ text.at + len + 1, text.len - len - 1 }, &value))
        return NULL;
    *offset = text.at[len] == '-' ? -value : value;
    if (word)
        word->is_used = true;
    return word ? unit_label(u, word, (Text){ text.at, len }) : NULL;
}

// A number or register that is the name of a label here.
static Word *label_in_disguise(Unit *u, const File *file, const Token *t)
{
    const Text text = token_text(file, t);
    Word *word = t->kind == TOK_REG ? t->word : t->flags & TOKEN_WORD ? words_find(&u->words, text) : NULL;
    if (!word || !word->is_defined)
        return NULL;
    word->is_used = true;
    return unit_label(u, word, text);
}

// The address that a token means.  Returns false after an error, or when the
// token is no label at all; then *is_label is false.
static bool find_address(Unit *u, const File *file, const Token *t, int32_t *address, bool *is_label)
{
    Word *word;
    int32_t offset = 0;
    *is_label = true;
    if (t->kind != TOK_WORD) {
        word = label_in_disguise(u, file, t);
        *is_label = word != NULL;
        if (!word)
            return false;
    } else {
        const Text text = { file->source.at + t->begin, t->value ? t->word->len : t->end - t->begin };
        word = unit_label(u, t->word, text);
        offset = t->value;
        if (!word && t->flags & TOKEN_GLUED)
            word = split_glued(u, file, t, &offset);
        if (!word) {
            explain_undefined(u, file, t);
            return false;
        }
    }
    if (!word->is_defined && !word->import) // reported by the linker
        return false;
    if (offset)
        unit_warn(u, WARN_EXPRESSION, token_span(file, t), "the book has no label with an offset");
    *address = (int32_t)word->address + offset;
    return true;
}

// A number written as bits may fill the field as they stand: x1F or xFFFF is -1
// in five bits.
static bool wrap(Unit *u, const Statement *s, const IsaField *field, const Token *t, int32_t *value)
{
    const int32_t max = field_max(field), min = field_min(field);
    if (field->kind != ISA_SIGNED || !(t->flags & TOKEN_BITS) || *value <= max)
        return false;
    int32_t read = *value;
    if (*value <= 2 * max + 1)
        read = *value - 2 * max - 2;
    else if (*value >= 0x8000 && *value <= 0xFFFF && *value - 0x10000 >= min)
        read = *value - 0x10000;
    else
        return false;
    unit_warn(u, WARN_WRAPPED_NUMBER, token_span(s->file, t), "%.*s is read as %d, whose %d bits it shows",
              SHOWN(token_text(s->file, t)), read, field->hi - field->lo + 1);
    *value = read;
    return true;
}

// ------------------------------------------------------------ instructions

static bool matches(const Unit *u, const Choice *choice, const Statement *s, const Token *t)
{
    if (choice->operand_count != s->operand_count)
        return false;
    for (uint32_t i = 0; i < s->operand_count; i++) {
        const IsaField *field = &u->isa->fields[choice->operand[i]];
        if (field->kind == ISA_REG
                ? t[i].kind != TOK_REG
                : t[i].kind == TOK_STRING || t[i].kind == TOK_OP ||
                      (t[i].kind == TOK_REG && !(field->is_pcrel && t[i].word && t[i].word->is_defined)))
            return false;
    }
    return true;
}

static bool put_operand(Unit *u, Statement *s, const Choice *choice, const IsaField *field, const Token *t,
                        uint32_t address, uint16_t *word)
{
    int32_t value = t->value;
    if (!is_register(field, t)) {
        bool is_label = false;
        if (t->kind == TOK_WORD && !field->is_pcrel && t->flags & TOKEN_DIGIT && !t->word->is_defined) {
            explain_undefined(u, s->file, t);
            return false;
        }
        if (t->kind == TOK_WORD && !field->is_pcrel) {
            unit_error(u, token_span(s->file, t),
                       "a label cannot stand here: %s takes a number in place of %s", s->op->name,
                       field->name);
            unit_hint(u, "%s", choice->form->syntax);
            return false;
        }
        if (field->is_pcrel && (t->kind == TOK_WORD || t->kind == TOK_REG || t->flags & TOKEN_WORD)) {
            if (find_address(u, s->file, t, &value, &is_label))
                value = (int16_t)(value - (int32_t)address - 1);
            else if (is_label)
                return false;
        }
        if (field->is_pcrel && !is_label)
            unit_warn(u, WARN_LITERAL_OFFSET, token_span(s->file, t), "an offset in place of a label");
        if ((value < field_min(field) || value > field_max(field)) &&
            (is_label || !wrap(u, s, field, t, &value))) {
            (is_label ? explain_reach : explain_range)(u, s, choice, field, t, value);
            return false;
        }
    }
    if (field->is_pcrel) {
        s->target = (uint16_t)(address + 1 + (uint32_t)value);
        s->has_target = true;
    }
    *word = field_put(field, *word, value);
    return true;
}

static void warn_about_foreign(Unit *u, const Statement *s, uint16_t word)
{
    char known[64];
    isa_print(u->isa, word, known, sizeof known, NULL, 0);
    unit_warn(u, WARN_FOREIGN, unit_span(s->file, s->begin, s->end),
              "%s is a mnemonic of another tool; read as %s", s->op->name, known);
}

static uint16_t encode_instruction(Unit *u, Statement *s, uint32_t address)
{
    const Token *t = unit_operands(u, s);
    for (int c = 0; c < s->op->choice_count; c++) {
        const Choice *choice = &s->op->choices[c];
        if (!matches(u, choice, s, t))
            continue;
        uint16_t word = choice->base;
        s->roles = choice->roles;
        for (uint32_t i = 0; i < s->operand_count; i++)
            if (!put_operand(u, s, choice, &u->isa->fields[choice->operand[i]], &t[i], address, &word))
                s->op = NULL; // reported; the other operands may be wrong as well
            else if (!s->op)
                break;
        if (!s->op)
            return 0;
        const size_t form = (size_t)(choice->form - u->isa->forms);
        u->used_forms[form / 64] |= 1ull << form % 64;
        if (choice->roles & ISA_FOREIGN)
            warn_about_foreign(u, s, word);
        if (choice->roles & ISA_TRAP && choice->operand_count)
            s->roles = (uint16_t)isa_roles(u->isa, word);
        return word;
    }
    explain_operands(u, s);
    s->op = NULL;
    return 0;
}

// --------------------------------------------------------------------- data

static bool is_hex_name(const File *file, const Token *t)
{
    return (file->source.at[t->begin] | 32) == 'x';
}

static uint16_t data_value(Unit *u, const Statement *s, const Token *t)
{
    int32_t value = t->value;
    bool is_label = false;
    if (t->kind == TOK_WORD || t->kind == TOK_REG || (t->flags & TOKEN_WORD && !is_hex_name(s->file, t))) {
        if (!find_address(u, s->file, t, &value, &is_label) && is_label)
            return 0;
    }
    if (!is_label && (t->kind == TOK_REG || t->kind == TOK_STRING || t->kind == TOK_OP)) {
        unit_error(u, token_span(s->file, t), "%s takes a number, a character or a label, not %s",
                   s->op->name, explain_token(u, s->file, t));
        if (t->kind == TOK_STRING)
            unit_hint(u, "strings belong behind .STRINGZ; one character is written 'c'");
    } else if (!is_label && (value < -0x8000 || value > 0xFFFF)) {
        unit_error(u, token_span(s->file, t), "%.*s does not fit in 16 bits (-32768 to 65535)",
                   SHOWN(token_text(s->file, t)));
    }
    return (uint16_t)value;
}

static void encode_string(const Statement *s, const Token *t, uint16_t *out)
{
    const Text inside = { s->file->source.at + t->begin + 1, t->end - t->begin - 2 };
    if (t->kind != TOK_STRING || s->operand_count != 1)
        return;
    // The words have room for the bytes: a word each, or half the number of words.
    uint8_t *bytes = (uint8_t *)out;
    const char *bad = NULL;
    const bool is_packed = s->op->directive == DIR_STRINGZP;
    const size_t n = lex_decode(inside, bytes, &bad);
    if (!is_packed) {
        for (size_t i = n; i-- > 0;)
            out[i] = bytes[i];
        return;
    }
    for (size_t i = 0; i < (n + 1) / 2; i++) {
        const uint16_t low = bytes[2 * i], high = 2 * i + 1 < n ? bytes[2 * i + 1] : 0;
        out[i] = (uint16_t)(low | high << 8);
    }
}

static void encode_data(Unit *u, Statement *s, uint16_t *out)
{
    const Token *t = unit_operands(u, s);
    switch (s->op->directive) {
    case DIR_FILL:
        if (s->operand_count == 1) {
            *out = data_value(u, s, t);
            return;
        }
        if (s->operand_count == 0)
            unit_error(u, unit_span(s->file, s->begin, s->end), ".FILL needs a value");
        else
            unit_error(u, token_span(s->file, t + 1), ".FILL takes one value");
        unit_hint(u, s->operand_count ? "write one .FILL per word" : ".FILL #0");
        return;
    case DIR_BLKW:
        if (s->operand_count == 2) {
            const uint16_t value = data_value(u, s, t + 1);
            for (uint32_t i = 0; i < s->words; i++)
                out[i] = value;
        }
        return;
    case DIR_STRINGZ:
    case DIR_STRINGZP:
        encode_string(s, t, out);
        return;
    default:
        return;
    }
}

// ------------------------------------------------------ departures in numbers

static void check_number(Unit *u, const Statement *s, const Token *t)
{
    const Span at = token_span(s->file, t);
    if (t->flags & TOKEN_CHAR)
        unit_warn(u, WARN_CHARACTER, at, "the book has no characters as numbers");
    else if (t->flags & TOKEN_FORM)
        unit_warn(u, WARN_NUMBER_FORM, at, "the book writes numbers #10, x1F or b1010");
    else if (!(t->flags & (TOKEN_BITS | TOKEN_HASH)))
        unit_warn(u, WARN_PLAIN_DECIMAL, at, "the book writes decimals with '#'");
}

static void check_operands(Unit *u)
{
    for (size_t i = 0; i < u->statements.count; i++) {
        const Statement *s = &u->statements.at[i];
        const Token *t = unit_operands(u, s);
        for (uint32_t k = 0; s->op && k < s->operand_count; k++) {
            if (t[k].kind == TOK_NUM)
                check_number(u, s, &t[k]);
            if (k && !(t[k].flags & TOKEN_COMMA) && s->op->directive == DIR_NONE)
                unit_warn(u, WARN_MISSING_COMMA, token_span(s->file, &t[k]), "no comma before this");
            if (!k && t[k].flags & TOKEN_COMMA)
                unit_warn(u, WARN_COMMA, token_span(s->file, &t[k]), "a comma before the first operand");
        }
    }
}

void unit_encode(Unit *u)
{
    if (u->options->is_strict || u->options->shown)
        check_operands(u);
    for (size_t b = 0; b < u->blocks.count; b++) {
        Block *block = &u->blocks.at[b];
        block->words = arena_array(u->arena, uint16_t, block->size + 1);
        for (size_t i = block->statement; i < block->statement_end; i++) {
            Statement *s = &u->statements.at[i];
            if (s->words == 0)
                continue;
            uint16_t *out = block->words + s->offset;
            if (s->op->directive == DIR_NONE)
                *out = encode_instruction(u, s, block->origin + s->offset);
            else
                encode_data(u, s, out);
        }
    }
}
