#include "check.h"

#include <stdio.h>
#include <string.h>

// ------------------------------------------------------------------ fields

static void check_field_set(Check *c, const Field *field)
{
    const int width = field->hi - field->lo + 1;
    if ((int)field->letters.len != width) {
        complain(c, field->span, "the set \"%.*s\" has %zu letters for %d bits", TEXT(field->letters),
                 field->letters.len, width);
        return;
    }
    for (size_t i = 0; i < field->letters.len; i++) {
        const char l = field->letters.at[i];
        bool bad = !((l | 32) >= 'a' && (l | 32) <= 'z');
        for (size_t k = 0; k < i; k++)
            bad |= (field->letters.at[k] | 32) == (l | 32);
        if (bad)
            complain(c, field->span, "a set is made of different letters, not \"%.*s\"",
                     TEXT(field->letters));
    }
}

static void check_field_regs(Check *c, Field *field)
{
    const int width = field->hi - field->lo + 1;
    field->regs = find_regs(c->isa, field->regs_name.text);
    Guess g = { .word = field->regs_name.text };
    for (size_t i = 0; i < c->isa->regs.count; i++)
        guess_offer(&g, c->isa->regs.at[i]->name);
    if (!field->regs) {
        if (field->regs_name.text.len &&
            complain_unknown(c, field->regs_name.span, "no register file is called", field->regs_name.text))
            guess_hint(c, &g);
    } else if (1 << width != field->regs->count) {
        complain(c, field->range, "a field of %d bit%s does not fit the %d registers of '%.*s'", width,
                 width == 1 ? "" : "s", field->regs->count, TEXT(field->regs->name));
    }
}

void check_fields(Check *c)
{
    Isa *const isa = c->isa;
    if (isa->fields.count > 64)
        complain(c, isa->fields.at[64]->span, "an encoding has at most 64 fields");
    for (size_t i = 0; i < isa->fields.count; i++) {
        Field *field = isa->fields.at[i];
        if (field->lo > field->hi) {
            complain(c, field->range, "the higher bit comes first");
            const int lo = field->hi;
            field->hi = field->lo;
            field->lo = lo;
        }
        if (field->hi >= isa->word_bits) {
            complain(c, field->range, "bit %d does not exist in a word of %d bits", field->hi,
                     isa->word_bits);
            field->hi = isa->word_bits - 1;
            if (field->lo > field->hi)
                field->lo = field->hi;
            continue;
        }
        if (field->kind == FIELD_SET)
            check_field_set(c, field);
        if (field->kind == FIELD_REG)
            check_field_regs(c, field);
    }
}

// ---------------------------------------------------------------- patterns

static Span part_of(Span whole, size_t from, size_t to)
{
    return (Span){ whole.source, whole.begin + (uint32_t)from, whole.begin + (uint32_t)to };
}

static void add_fixed_bit(Form *form, char bit, int at)
{
    const uint64_t mask = 1ull << at;
    if (bit == '0' || bit == '1')
        form->mask |= mask;
    else
        form->ignored |= mask;
    if (bit == '1')
        form->match |= mask;
    if (bit == '+')
        form->ignored_ones |= mask;
}

// Returns the bits it takes.
static int add_pattern_field(Check *c, Form *form, Text name, Span span, int next)
{
    Field *field = find_field(c->isa, name);
    if (!field) {
        Guess g = { .word = name };
        for (size_t i = 0; i < c->isa->fields.count; i++)
            guess_offer(&g, c->isa->fields.at[i]->name);
        if (complain_unknown(c, span, "no field is called", name))
            guess_hint(c, &g);
        return 0;
    }
    const int width = field->hi - field->lo + 1;
    for (size_t i = 0; i < form->fields.count; i++)
        if (form->fields.at[i] == field) {
            complain(c, span, "'%.*s' stands in the pattern twice", TEXT(name));
            return width;
        }
    LIST_ADD(c->arena, &form->fields, field);
    field->is_used = true;
    if (next >= 0 && field->hi != next && next - width + 1 >= 0)
        if (complain(c, span, "'%.*s' stands at [%d:%d] here, but is declared [%d:%d]", TEXT(name), next,
                     next - width + 1, field->hi, field->lo))
            diag_note(c->diag, field->span, "it is declared here");
    return width;
}

static void check_pattern(Check *c, Form *form)
{
    const Text enc = form->enc;
    int next = c->isa->word_bits - 1, unknown = 0;
    for (size_t i = 0; i < enc.len;) {
        size_t end = i + 1;
        const char ch = enc.at[i];
        if (ch == '0' || ch == '1' || ch == '-' || ch == '+') {
            if (next >= 0)
                add_fixed_bit(form, ch, next);
            next--;
        } else if ((ch | 32) >= 'a' && (ch | 32) <= 'z') {
            while (end < enc.len && enc.at[end] != ' ')
                end++;
            const int width = add_pattern_field(c, form, (Text){ enc.at + i, end - i },
                                                part_of(form->enc_span, i, end), next);
            next -= width;
            unknown += width == 0;
        } else if (ch != ' ') {
            complain(c, part_of(form->enc_span, i, end), "a pattern is made of 0 1 - + and fields");
            unknown++;
        }
        i = end;
    }
    const int bits = c->isa->word_bits - 1 - next;
    if (bits != c->isa->word_bits && !unknown)
        complain(c, form->enc_span, "the pattern has %d bits, a word has %d", bits, c->isa->word_bits);
}

// ------------------------------------------------------------------ syntax

static bool is_letter(char c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static Field *pattern_field(const Form *form, Text name)
{
    for (size_t i = 0; i < form->fields.count; i++)
        if (text_same(form->fields.at[i]->name, name))
            return form->fields.at[i];
    return NULL;
}

// Reads "{name}" at *at; NULL with a report when it is none or no field of the form.
static Field *syntax_field(Check *c, Form *form, size_t *at)
{
    const Text s = form->assembly;
    size_t end = *at;
    while (end < s.len && s.at[end] != '}')
        end++;
    const Span span = part_of(form->assembly_span, *at, end < s.len ? end + 1 : end);
    if (end == s.len || s.at[*at] != '{') {
        complain(c, span, "an operand is written {field}");
        *at = s.len;
        return NULL;
    }
    const Text name = { s.at + *at + 1, end - *at - 1 };
    *at = end + 1;
    Field *field = pattern_field(form, name);
    if (!field) {
        Guess g = { .word = name };
        for (size_t i = 0; i < form->fields.count; i++)
            guess_offer(&g, form->fields.at[i]->name);
        if (complain(c, span, "'%.*s' is no field of the pattern", TEXT(name)))
            guess_hint(c, &g);
    }
    return field;
}

static void check_operand_use(Check *c, Form *form)
{
    for (size_t i = 0; i < form->fields.count; i++) {
        const Field *field = form->fields.at[i];
        int uses = form->suffix == field;
        for (size_t k = 0; k < form->operands.count; k++)
            uses += form->operands.at[k] == field;
        if (uses != 1)
            complain(c, form->assembly_span,
                     uses ? "the syntax names '%.*s' twice" : "the syntax does not name '%.*s'",
                     TEXT(field->name));
    }
}

static void check_syntax(Check *c, Form *form)
{
    const Text s = form->assembly;
    const int errors = c->diag->errors;
    size_t i = 0;
    while (i < s.len && (is_letter(s.at[i]) || (i && s.at[i] >= '0' && s.at[i] <= '9')))
        i++;
    form->mnemonic = (Text){ s.at, i };
    if (i == 0) {
        complain(c, form->assembly_span, "the syntax begins with no mnemonic");
        return;
    }
    if (i < s.len && s.at[i] == '{') {
        form->suffix = syntax_field(c, form, &i);
        if (form->suffix && form->suffix->kind != FIELD_SET)
            complain(c, form->assembly_span, "only a set is glued to the mnemonic");
    }
    while (i < s.len) {
        const char *gap = form->operands.count ? ", " : " ";
        if (strncmp(s.at + i, gap, strlen(gap)) != 0) {
            complain(c, part_of(form->assembly_span, i, i + 1), "operands follow after '%s'", gap);
            return;
        }
        i += strlen(gap);
        Field *field = i < s.len ? syntax_field(c, form, &i) : NULL;
        if (field)
            LIST_ADD(c->arena, &form->operands, field);
        if (field && field->kind == FIELD_SET)
            complain(c, form->assembly_span, "a set is glued to the mnemonic");
    }
    if (form->operands.count > 4)
        complain(c, form->assembly_span, "an instruction has at most 4 operands");
    if (c->diag->errors == errors)
        check_operand_use(c, form);
}

// Two forms read the same when their mnemonics are and each operand is of the same sort.
static bool reads_same(const Form *a, const Form *b)
{
    if (!text_same_case(a->mnemonic, b->mnemonic) || a->operands.count != b->operands.count)
        return false;
    for (size_t i = 0; i < a->operands.count; i++)
        if ((a->operands.at[i]->kind == FIELD_REG) != (b->operands.at[i]->kind == FIELD_REG))
            return false;
    return true;
}

static void check_ambiguity(Check *c)
{
    const Isa *isa = c->isa;
    for (size_t i = 0; i < isa->forms.count; i++)
        for (size_t k = 0; k < i; k++) {
            const Form *form = isa->forms.at[i], *earlier = isa->forms.at[k];
            if (form->is_reserved || earlier->is_reserved || !form->mnemonic.len ||
                !reads_same(form, earlier))
                continue;
            if (complain(c, form->assembly_span, "the assembler cannot tell this from an earlier form"))
                diag_note(c->diag, earlier->assembly_span, "the other is here");
        }
}

static void check_form_names(Check *c, const Insn *insn)
{
    for (size_t i = 0; i < insn->forms.count; i++) {
        const Form *form = insn->forms.at[i];
        if (insn->forms.count > 1 && !form->name.len)
            complain(c, form->span, "one of several forms needs a name");
        for (size_t k = 0; k < i; k++)
            if (form->name.len && text_same(form->name, insn->forms.at[k]->name))
                complain(c, form->span, "a second form is called '%.*s'", TEXT(form->name));
    }
}

static void resolve_far(Check *c, Insn *insn)
{
    if (!insn->far.text.len)
        return;
    const Insn *far = isa_find_insn(c->isa, insn->far.text);
    Guess g = { .word = insn->far.text };
    for (size_t i = 0; i < c->isa->insns.count; i++)
        guess_offer(&g, c->isa->insns.at[i]->name);
    if (!far) {
        if (complain_unknown(c, insn->far.span, "no instruction is called", insn->far.text))
            guess_hint(c, &g);
        return;
    }
    bool same = far != insn && far->forms.count == insn->forms.count;
    for (size_t i = 0; same && i < insn->forms.count; i++) {
        Form *form = insn->forms.at[i];
        form->far = far->forms.at[i];
        same = form->operands.count == form->far->operands.count;
        for (size_t k = 0; same && k < form->operands.count; k++)
            same = form->operands.at[k] == form->far->operands.at[k];
    }
    if (!same)
        complain(c, insn->far.span, "'%.*s' does not have the operands of '%.*s'", TEXT(far->name),
                 TEXT(insn->name));
}

void check_patterns(Check *c)
{
    const Isa *isa = c->isa;
    if (isa->forms.count && !isa->word_bits) {
        if (complain(c, isa->forms.at[0]->enc_span, "a pattern needs an 'encoding' with its fields"))
            diag_hint(c->diag, "encoding bits16 { field ... }");
        return;
    }
    if (isa->forms.count > 255)
        complain(c, isa->forms.at[255]->span, "a machine has at most 255 forms");
    for (size_t i = 0; i < isa->forms.count; i++) {
        Form *form = isa->forms.at[i];
        const int errors = c->diag->errors;
        check_pattern(c, form);
        c->has_bad_pattern |= c->diag->errors > errors;
        if (!form->is_reserved)
            check_syntax(c, form);
        else if (form->fields.count)
            complain(c, form->enc_span, "a reserved pattern has no fields");
    }
    for (size_t i = 0; i < isa->fields.count; i++)
        if (!isa->fields.at[i]->is_used && !isa->is_broken)
            complain(c, isa->fields.at[i]->span, "field '%.*s' is in no pattern",
                     TEXT(isa->fields.at[i]->name));
    check_ambiguity(c);
    for (size_t i = 0; i < isa->insns.count; i++) {
        Insn *insn = isa->insns.at[i];
        check_form_names(c, insn);
        resolve_far(c, insn);
        if (isa->word_bits && insn->is_stack)
            complain(c, insn->span, "a machine has patterns or stack effects, not both");
    }
}

// ---------------------------------------------------------------- coverage

static const char *form_title(Arena *a, const Form *form)
{
    if (form->is_reserved)
        return "the reserved pattern";
    return form->name.len ? arena_format(a, "%.*s.%.*s", TEXT(form->insn->name), TEXT(form->name))
                          : arena_format(a, "%.*s", TEXT(form->insn->name));
}

static void check_overlaps(Check *c)
{
    const Isa *isa = c->isa;
    for (size_t i = 0; i < isa->forms.count; i++)
        for (size_t k = 0; k < i; k++) {
            const Form *a = isa->forms.at[i], *b = isa->forms.at[k];
            if ((a->match ^ b->match) & a->mask & b->mask)
                continue;
            if (complain(c, a->enc_span, "the word 0x%0*llX is also %s", (isa->word_bits + 3) / 4,
                         (unsigned long long)(a->match | b->match), form_title(c->arena, b)))
                diag_note(c->diag, b->enc_span, "its pattern is here");
        }
}

typedef struct {
    const Isa *isa;
    uint64_t count, first; // words that no form covers, and the lowest
    uint64_t mask;         // of the largest block of them found around `first`
} Gaps;

// Looks at the words that agree with `match` in `mask`, splitting at bit `bit`.
static void find_gaps(Gaps *g, uint64_t mask, uint64_t match, int bit)
{
    bool touched = false;
    for (size_t i = 0; i < g->isa->forms.count; i++) {
        const Form *form = g->isa->forms.at[i];
        if ((form->match ^ match) & form->mask & mask)
            continue;
        if ((form->mask & ~mask) == 0)
            return;
        touched = true;
    }
    if (!touched) {
        if (g->count == 0) {
            g->first = match;
            g->mask = mask;
        }
        g->count += 1ull << (bit + 1);
        return;
    }
    const uint64_t next = 1ull << bit;
    find_gaps(g, mask | next, match, bit - 1);
    find_gaps(g, mask | next, match | next, bit - 1);
}

static void check_gaps(Check *c)
{
    const Isa *isa = c->isa;
    Gaps g = { .isa = isa };
    find_gaps(&g, 0, 0, isa->word_bits - 1);
    if (g.count == 0)
        return;
    char pattern[65] = "";
    for (int i = 0; i < isa->word_bits; i++) {
        const uint64_t bit = 1ull << (isa->word_bits - 1 - i);
        pattern[i] = g.mask & bit ? (g.first & bit ? '1' : '0') : '-';
    }
    if (complain(c, isa->encoding_span,
                 "no instruction covers %llu of %llu words; the first is 0x%0*llX, in \"%s\"",
                 (unsigned long long)g.count, 1ull << isa->word_bits, (isa->word_bits + 3) / 4,
                 (unsigned long long)g.first, pattern))
        diag_hint(c->diag, "reserved \"%s\" raise EXCEPTION;", pattern);
}

void check_coverage(Check *c)
{
    if (!c->isa->word_bits || c->isa->forms.count == 0 || c->has_bad_pattern)
        return;
    check_overlaps(c);
    if (!c->isa->is_broken)
        check_gaps(c);
}
