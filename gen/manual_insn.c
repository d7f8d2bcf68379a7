// An instruction's section of the manual.
#include "manual.h"

#include "pseudo.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum { BIT_WIDTH = 3, MAX_BITS = 32 };

// --------------------------------------------------------- what a body does

static bool sets_lazy(const Block *b, int dialect, const Isa *isa);

static bool stmt_sets_lazy(const Stmt *s, int dialect, const Isa *isa)
{
    switch (s->kind) {
    case STMT_LAZY: return true;
    case STMT_WHEN: return sets_lazy(s->dialect == dialect ? &s->then : &s->other, dialect, isa);
    case STMT_IF: return sets_lazy(&s->then, dialect, isa) || sets_lazy(&s->other, dialect, isa);
    case STMT_PROC: return sets_lazy(&s->proc->body, dialect, isa);
    case STMT_SET: return s->target->kind == EXPR_REG && s->target->reg->lazy; // the register as a whole
    default: return false;
    }
}

static bool sets_lazy(const Block *b, int dialect, const Isa *isa)
{
    for (size_t i = 0; i < b->count; i++)
        if (stmt_sets_lazy(b->at[i], dialect, isa))
            return true;
    return false;
}

// What a body may raise, over all dialects.
typedef struct {
    bool raises[64]; // by exception
    bool memory;     // touches memory, whose regions may be guarded
} Effects;

static void effects_of_expr(const Expr *e, Effects *out)
{
    if (!e)
        return;
    if (e->kind == EXPR_MEM)
        out->memory = true;
    effects_of_expr(e->a, out);
    effects_of_expr(e->b, out);
    effects_of_expr(e->c, out);
    for (size_t i = 0; i < e->args.count; i++)
        effects_of_expr(e->args.at[i], out);
}

static void effects_of_block(const Block *b, Effects *out)
{
    for (size_t i = 0; i < b->count; i++) {
        const Stmt *s = b->at[i];
        if (s->kind == STMT_RAISE && s->exception->index < 64)
            out->raises[s->exception->index] = true;
        effects_of_expr(s->value, out);
        effects_of_expr(s->target, out);
        effects_of_block(&s->then, out);
        effects_of_block(&s->other, out);
    }
}

// ------------------------------------------------------------ small writers

void manual_cell(Writer *w, const Writer *text)
{
    for (size_t i = 0; i < text->len; i++)
        write_format(w, text->at[i] == '|' ? "\\|" : "%c", text->at[i]);
}

void manual_syntax(Writer *w, Text assembly)
{
    for (size_t i = 0; i < assembly.len; i++)
        if (assembly.at[i] != '{' && assembly.at[i] != '}')
            write_bytes(w, assembly.at + i, 1);
}

void manual_hex(Writer *w, uint64_t value)
{
    write_format(w, value < 256 ? "x%02" PRIX64 : "x%04" PRIX64, value);
}

// ----------------------------------------------------------------- diagrams

// What a bit of the pattern belongs to.
static const Field *field_at(const Form *f, int bit)
{
    for (size_t i = 0; i < f->fields.count; i++)
        if (bit <= f->fields.at[i]->hi && bit >= f->fields.at[i]->lo)
            return f->fields.at[i];
    return NULL;
}

static char sign_at(const Form *f, int bit)
{
    uint64_t b = UINT64_C(1) << bit;
    if (f->mask & b)
        return f->match & b ? '1' : '0';
    return f->ignored_ones & b ? '+' : '-';
}

// A bar stands left of a bit whose neighbour belongs to something else.
static bool has_bar(const Isa *isa, const Form *f, int bit)
{
    if (bit == isa->word_bits - 1 || bit < 0)
        return true;
    const Field *here = field_at(f, bit), *before = field_at(f, bit + 1);
    if (here || before)
        return here != before;
    bool fixed = f->mask >> bit & 1, fixed_before = f->mask >> (bit + 1) & 1;
    return fixed != fixed_before || bit == isa->word_bits - 5;
}

static void draw_numbers(Writer *w, const Isa *isa)
{
    for (int bit = isa->word_bits - 1; bit >= 0; bit--)
        write_format(w, "%*d", BIT_WIDTH, bit);
    write_text(w, "\n");
}

static void draw_rule(Writer *w, const Isa *isa, const Form *f)
{
    for (int bit = isa->word_bits - 1; bit >= 0; bit--)
        write_text(w, has_bar(isa, f, bit) ? "+--" : "---");
    write_text(w, "+\n");
}

static void draw_bits(Writer *w, const Isa *isa, const Form *f)
{
    char line[MAX_BITS * BIT_WIDTH + 2];
    int columns = isa->word_bits * BIT_WIDTH;
    memset(line, ' ', (size_t)columns);
    for (int bit = isa->word_bits - 1; bit >= 0; bit--) {
        int column = (isa->word_bits - 1 - bit) * BIT_WIDTH;
        const Field *field = field_at(f, bit);
        if (has_bar(isa, f, bit))
            line[column] = '|';
        if (!field) {
            line[column + 2] = sign_at(f, bit);
        } else if (bit == field->hi) {
            int room = (field->hi - field->lo + 1) * BIT_WIDTH - 1, len = (int)field->name.len;
            int left = len < room ? (room - len) / 2 : 0;
            memcpy(line + column + 1 + left, field->name.at, (size_t)(len < room ? len : room));
        }
    }
    line[columns] = '|';
    write_bytes(w, line, (size_t)columns + 1);
    write_text(w, "\n");
}

static void draw_form(Writer *w, const Isa *isa, const Form *f)
{
    write_text(w, "```text\n");
    draw_numbers(w, isa);
    draw_rule(w, isa, f);
    draw_bits(w, isa, f);
    draw_rule(w, isa, f);
    write_text(w, "```\n\n");
}

// ------------------------------------------------------------ an instruction

static void write_operand(Writer *w, const Field *f)
{
    int width = f->hi - f->lo + 1;
    int64_t low = -(INT64_C(1) << (width - 1)), high = (INT64_C(1) << (width - 1)) - 1;
    write_format(w, "- `%.*s`: ", TEXT(f->name));
    switch (f->kind) {
    case FIELD_REG:
        write_format(w, "register, %.*s to %.*s\n", TEXT(f->regs->names.at[0]),
                     TEXT(f->regs->names.at[f->regs->names.count - 1]));
        break;
    case FIELD_SIGNED:
        write_format(w,
                     f->is_pcrel ? "label, or a distance of %" PRId64 " to %" PRId64 " words from the next "
                                   "instruction\n"
                                 : "number, %" PRId64 " to %" PRId64 "\n",
                     low, high);
        break;
    case FIELD_UNSIGNED: write_format(w, "number, 0 to %" PRId64 "\n", 2 * high + 1); break;
    case FIELD_HEX: write_format(w, "number, x00 to x%" PRIX64 "\n", (uint64_t)(2 * high + 1)); break;
    case FIELD_SET: write_format(w, "any of the letters `%.*s`\n", TEXT(f->letters)); break;
    }
}

static bool same_text(const Writer *a, const Writer *b)
{
    return a->len == b->len && (!a->len || !memcmp(a->at, b->at, a->len));
}

static void write_fenced(Writer *w, const Writer *text)
{
    write_text(w, "```text\n");
    write_bytes(w, text->at, text->len);
    write_text(w, "```\n\n");
}

void manual_operation(Writer *w, const Isa *isa, const Block *body)
{
    int normal = isa_default_dialect(isa);
    Writer text = { 0 };
    pseudo_block(&text, isa, body, normal, 0);
    write_fenced(w, &text);
    for (int d = 0; d < (int)isa->dialects.count; d++) {
        Writer other = { 0 };
        pseudo_block(&other, isa, body, d, 0);
        if (d != normal && !same_text(&text, &other)) {
            write_format(w, "In %.*s:\n\n", TEXT(isa->dialects.at[d].name));
            write_fenced(w, &other);
        }
        writer_free(&other);
    }
    writer_free(&text);
}

static bool form_sets_lazy(const Isa *isa, const Insn *insn, int dialect)
{
    for (size_t i = 0; i < insn->forms.count; i++)
        if (sets_lazy(&insn->forms.at[i]->body, dialect, isa))
            return true;
    return false;
}

static void write_codes(Writer *w, const Isa *isa, const Insn *insn)
{
    if (!isa->lazies.count)
        return;
    int normal = isa_default_dialect(isa);
    bool sets = form_sets_lazy(isa, insn, normal);
    write_format(w, "Condition codes: %s", sets ? "set from the result" : "unchanged");
    for (int d = 0; d < (int)isa->dialects.count; d++)
        if (form_sets_lazy(isa, insn, d) != sets)
            write_format(w, "; in %.*s %s", TEXT(isa->dialects.at[d].name),
                         sets ? "unchanged" : "set from the result");
    write_text(w, ".\n\n");
}

// The exceptions that guarded memory may raise.
static void add_memory_raises(const Isa *isa, Effects *e)
{
    for (size_t m = 0; e->memory && m < isa->mems.count; m++)
        for (size_t i = 0; i < isa->mems.at[m]->regions.count; i++) {
            const Region *r = &isa->mems.at[m]->regions.at[i];
            if (r->raise && r->raise->index < 64)
                e->raises[r->raise->index] = true;
        }
}

static void write_exceptions_of(Writer *w, const Isa *isa, const Insn *insn)
{
    Effects e = { 0 };
    for (size_t i = 0; i < insn->forms.count; i++)
        effects_of_block(&insn->forms.at[i]->body, &e);
    add_memory_raises(isa, &e);
    bool first = true;
    for (size_t i = 0; i < isa->exceptions.count && i < 64; i++) {
        if (!e.raises[i])
            continue;
        const Exception *x = isa->exceptions.at[i];
        write_format(w, "%s%.*s (%.*s)", first ? "Exceptions: " : ", ", TEXT(x->name), TEXT(x->title));
        first = false;
    }
    write_text(w, first ? "" : ".\n\n");
}

static void write_alias(Writer *w, const Alias *a)
{
    write_format(w, "- `%.*s` is `%.*s`", TEXT(a->name), TEXT(a->form->mnemonic));
    for (size_t k = 0; k < a->binds.count; k++) {
        const Bind *b = &a->binds.at[k];
        write_format(w, "%s`%.*s` = ", k ? ", " : " with ", TEXT(b->field->name));
        if (b->field->kind == FIELD_HEX)
            manual_hex(w, b->value);
        else
            write_format(w, "%" PRIu64, b->value);
    }
    write_text(w, a->roles & ROLE_FOREIGN ? "; another tool's name, taken with a warning\n" : "\n");
}

static void write_aliases_of(Writer *w, const Isa *isa, const Insn *insn)
{
    bool any = false;
    for (size_t i = 0; i < isa->aliases.count; i++) {
        if (isa->aliases.at[i]->form->insn != insn)
            continue;
        write_text(w, any ? "" : "Other names:\n\n");
        write_alias(w, isa->aliases.at[i]);
        any = true;
    }
    write_text(w, any ? "\n" : "");
}

static void write_binds(Writer *w, const ExampleBind *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_format(w, "%s`%.*s", i ? ", " : "", TEXT(at[i].name));
        if (at[i].index) {
            write_text(w, "[");
            pseudo_expr(w, at[i].index);
            write_text(w, "]");
        }
        write_text(w, " = ");
        pseudo_expr(w, at[i].value);
        write_text(w, "`");
    }
}

// Whether an example shows this instruction: it bears the name of it, of one of
// its aliases, or of an entry of the trap table (which has a table of its own).
static bool shows(const Isa *isa, const Example *e, const Insn *insn)
{
    if (text_same_case(e->name, insn->name))
        return true;
    for (size_t i = 0; i < isa->aliases.count; i++) {
        const Alias *a = isa->aliases.at[i];
        if (a->form->insn == insn && text_same_case(e->name, a->name))
            return !(isa->traps && isa->traps->insn == insn);
    }
    return false;
}

void manual_example(Writer *w, const Isa *isa, const Example *e)
{
    write_format(w, "| `%.*s`", TEXT(e->run));
    if (e->dialect >= 0)
        write_format(w, " (%.*s)", TEXT(isa->dialects.at[e->dialect].name));
    write_text(w, " | ");
    write_binds(w, e->given.at, e->given.count);
    write_text(w, " | ");
    write_binds(w, e->expect.at, e->expect.count);
    write_text(w, " |\n");
}

static void write_examples_of(Writer *w, const Isa *isa, const Insn *insn)
{
    bool any = false;
    for (size_t i = 0; i < isa->examples.count; i++) {
        if (!shows(isa, isa->examples.at[i], insn))
            continue;
        if (!any)
            write_text(w, "| example | before | after |\n|---|---|---|\n");
        manual_example(w, isa, isa->examples.at[i]);
        any = true;
    }
    write_text(w, any ? "\n" : "");
}

static void write_form(Writer *w, const Isa *isa, const Form *f)
{
    write_text(w, "**`");
    manual_syntax(w, f->assembly);
    write_text(w, "`**\n\n");
    draw_form(w, isa, f);
    if (f->suffix)
        write_operand(w, f->suffix);
    for (size_t i = 0; i < f->operands.count; i++)
        write_operand(w, f->operands.at[i]);
    write_text(w, f->suffix || f->operands.count ? "\n" : "");
    manual_operation(w, isa, &f->body);
}

void manual_insn(Writer *w, const Isa *isa, const Insn *insn)
{
    write_format(w, "### %.*s\n\n", TEXT(insn->name));
    if (insn->title.len)
        write_format(w, "%c%.*s.\n\n", toupper((unsigned char)insn->title.at[0]), (int)insn->title.len - 1,
                     insn->title.at + 1);
    for (size_t i = 0; i < insn->forms.count; i++)
        write_form(w, isa, insn->forms.at[i]);
    write_codes(w, isa, insn);
    write_exceptions_of(w, isa, insn);
    write_aliases_of(w, isa, insn);
    write_examples_of(w, isa, insn);
}

void manual_reserved(Writer *w, const Isa *isa)
{
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *f = isa->forms.at[i];
        if (!f->is_reserved)
            continue;
        write_text(w, "### reserved\n\nNo instruction.\n\n");
        draw_form(w, isa, f);
        manual_operation(w, isa, &f->body);
    }
}
