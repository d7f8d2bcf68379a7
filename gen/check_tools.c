#include "check.h"

#include <stdlib.h>
#include <string.h>

// ------------------------------------------------------------------- traps

static const char *const host_classes[] = { "io", "bus", "nic", "clock", "metric" };

// What a host does with port 0 of the bus when it need not wait: one `in` word
// goes out, or one word comes into `out`.  A lowering may do that in line.
static const char *const host_paths[] = { "push", "pop" };

static bool is_host_path(const TrapEntry *entry, Text word)
{
    return (text_is(word, "push") && entry->in.count == 1 && entry->out.count == 0) ||
           (text_is(word, "pop") && entry->in.count == 0 && entry->out.count == 1);
}

static bool is_host_class(Text word)
{
    for (size_t i = 0; i < sizeof host_classes / sizeof *host_classes; i++)
        if (text_is(word, host_classes[i]))
            return true;
    return false;
}

static Form *trap_form(const Traps *traps)
{
    return traps->insn && traps->insn->forms.count ? traps->insn->forms.at[0] : NULL;
}

static void resolve_trap_table(Check *c, Traps *traps)
{
    Insn *insn = isa_find_insn(c->isa, traps->insn_name.text);
    Guess g = { .word = traps->insn_name.text };
    for (size_t i = 0; i < c->isa->insns.count; i++)
        guess_offer(&g, c->isa->insns.at[i]->name);
    if (!insn) {
        if (complain_unknown(c, traps->insn_name.span, "no instruction is called", traps->insn_name.text))
            guess_hint(c, &g);
        return;
    }
    if (insn->forms.count != 1) {
        complain(c, traps->insn_name.span, "the instruction of a trap table has one form");
        return;
    }
    traps->insn = insn;
    const Form *form = insn->forms.at[0];
    for (size_t i = 0; i < form->fields.count; i++)
        if (text_same(form->fields.at[i]->name, traps->field_name.text))
            traps->field = form->fields.at[i];
    if (traps->field && traps->field->hi - traps->field->lo >= 8)
        complain(c, traps->field_name.span, "a trap table has at most 256 vectors");
    if (!traps->field)
        complain(c, traps->field_name.span, "'%.*s' has no field '%.*s'", TEXT(insn->name),
                 TEXT(traps->field_name.text));
}

static void check_place(Check *c, Expr *place, bool is_out)
{
    begin_body(c);
    check_expr(c, place);
    if (place->type.kind == TYPE_NONE)
        return;
    const bool is_fixed = place->kind == EXPR_REG || (place->kind == EXPR_REGS && place->a->kind == EXPR_NUM);
    if (!is_fixed)
        complain(c, place->span, "a host %s registers", is_out ? "writes" : "reads");
    else if (place->type.kind != TYPE_BITS || place->type.width > 64)
        complain(c, place->span, "a host takes bitsN");
    if (is_out && place->kind == EXPR_REG && (place->reg->is_pc || place->reg->lazy))
        complain(c, place->span, "a host does not write '%.*s'", TEXT(place->reg->name));
}

static void check_memories(Check *c, TrapEntry *entry)
{
    for (size_t i = 0; i < entry->memories.count; i++)
        if (!find_mem(c->isa, entry->memories.at[i].text))
            complain_unknown(c, entry->memories.at[i].span, "no memory is called",
                             entry->memories.at[i].text);
}

static void check_sets(Check *c, TrapEntry *entry)
{
    if (!entry->sets_name.text.len)
        return;
    entry->sets = find_lazy(c->isa, entry->sets_name.text);
    if (!entry->sets)
        complain(c, entry->sets_name.span, "'%.*s' is not declared 'lazy'", TEXT(entry->sets_name.text));
    else if (entry->out.count == 0)
        complain(c, entry->sets_name.span, "'%.*s' is set from the first 'out', and there is none",
                 TEXT(entry->sets_name.text));
    else if (entry->out.at[0]->type.kind != TYPE_NONE &&
             !same_type(entry->out.at[0]->type, entry->sets->param->type))
        complain(c, entry->sets_name.span, "'%.*s' is set from %s, not from %s", TEXT(entry->sets_name.text),
                 type_name(c->arena, entry->sets->param->type), type_name(c->arena, entry->out.at[0]->type));
}

static void check_host_entry(Check *c, TrapEntry *entry)
{
    bool has_class = false;
    for (size_t i = 0; i < entry->attrs.count; i++) {
        const Name attr = entry->attrs.at[i];
        Guess g = { .word = attr.text };
        guess_offer(&g, text_of("blocking"));
        guess_offer(&g, text_of("host"));
        for (size_t k = 0; k < sizeof host_classes / sizeof *host_classes; k++)
            guess_offer(&g, text_of(host_classes[k]));
        for (size_t k = 0; k < sizeof host_paths / sizeof *host_paths; k++)
            guess_offer(&g, text_of(host_paths[k]));
        if (is_host_path(entry, attr.text))
            continue;
        if (is_host_class(attr.text) && has_class)
            complain(c, attr.span, "a second kind of host");
        else if (!is_host_class(attr.text) &&
                 complain(c, attr.span, "'%.*s' is no attribute of a trap", TEXT(attr.text)))
            guess_hint(c, &g);
        has_class |= is_host_class(attr.text);
    }
    for (size_t i = 0; i < entry->in.count; i++)
        check_place(c, entry->in.at[i], false);
    for (size_t i = 0; i < entry->out.count; i++)
        check_place(c, entry->out.at[i], true);
    check_memories(c, entry);
    check_sets(c, entry);
    const bool has_host_words = entry->in.count || entry->out.count || entry->memories.count || entry->sets ||
                                entry->is_blocking || entry->attrs.count;
    if (!entry->is_host && has_host_words)
        complain(c, entry->span, "'%.*s' is not a 'host', yet says what one does", TEXT(entry->name));
}

static int by_vector(const void *a, const void *b)
{
    const TrapEntry *x = *(TrapEntry *const *)a, *y = *(TrapEntry *const *)b;
    return x->vector != y->vector ? (x->vector < y->vector ? -1 : 1) : x->span.begin < y->span.begin ? -1 : 1;
}

static void check_vectors(Check *c, Traps *traps)
{
    const int width = traps->field ? traps->field->hi - traps->field->lo + 1 : 8;
    for (size_t i = 0; i < traps->list.count; i++) {
        TrapEntry *entry = traps->list.at[i];
        if (entry->vector > low_bits(width))
            complain(c, entry->vector_span, "%.*s does not fit in the %d bits of '%.*s'",
                     TEXT(span_text(entry->vector_span)), width, TEXT(traps->field_name.text));
        for (size_t k = 0; k < i; k++) {
            const TrapEntry *other = traps->list.at[k];
            if (other->vector == entry->vector) {
                if (complain(c, entry->vector_span, "trap 0x%llX stands in the table twice",
                             (unsigned long long)entry->vector))
                    diag_note(c->diag, other->vector_span, "the first is '%.*s'", TEXT(other->name));
            } else if (text_same(other->name, entry->name)) {
                if (complain(c, entry->span, "a second trap is called '%.*s'", TEXT(entry->name)))
                    diag_note(c->diag, other->span, "the first is here");
            }
        }
    }
    if (traps->list.count > 1)
        qsort(traps->list.at, traps->list.count, sizeof *traps->list.at, by_vector);
    for (size_t i = 0; i < traps->list.count; i++)
        traps->list.at[i]->index = (int)i;
}

void check_trap_places(Check *c)
{
    Traps *traps = c->isa->traps;
    if (!traps)
        return;
    resolve_trap_table(c, traps);
    check_vectors(c, traps);
    for (size_t i = 0; i < traps->list.count; i++)
        check_host_entry(c, traps->list.at[i]);
    if (!traps->has_otherwise && complain(c, traps->span, "nothing says what the other vectors do"))
        diag_hint(c->diag, "otherwise \"title\" do { ... }");
}

void check_trap_bodies(Check *c)
{
    Traps *traps = c->isa->traps;
    if (!traps || !traps->insn)
        return;
    for (size_t i = 0; i < traps->list.count; i++) {
        begin_body(c);
        c->form = trap_form(traps);
        check_block(c, &traps->list.at[i]->body);
        end_body(c, &traps->list.at[i]->locals);
    }
    begin_body(c);
    c->form = trap_form(traps);
    check_block(c, &traps->otherwise);
    end_body(c, &traps->locals);
}

// ----------------------------------------------------------------- aliases

static Form *resolve_form(Check *c, Name insn_name, Name form_name)
{
    Insn *insn = isa_find_insn(c->isa, insn_name.text);
    Guess g = { .word = insn_name.text };
    for (size_t i = 0; i < c->isa->insns.count; i++)
        guess_offer(&g, c->isa->insns.at[i]->name);
    if (!insn || insn->is_stack) {
        if (complain_unknown(c, insn_name.span, "no instruction is called", insn_name.text))
            guess_hint(c, &g);
        return NULL;
    }
    if (!form_name.text.len) {
        if (insn->forms.count == 1)
            return insn->forms.at[0];
        if (complain(c, insn_name.span, "'%.*s' has %zu forms", TEXT(insn->name), insn->forms.count))
            diag_hint(c->diag, "name one: %.*s.%.*s", TEXT(insn->name), TEXT(insn->forms.at[0]->name));
        return NULL;
    }
    Guess forms = { .word = form_name.text };
    for (size_t i = 0; i < insn->forms.count; i++) {
        if (text_same(insn->forms.at[i]->name, form_name.text))
            return insn->forms.at[i];
        guess_offer(&forms, insn->forms.at[i]->name);
    }
    if (complain(c, form_name.span, "'%.*s' has no form '%.*s'", TEXT(insn->name), TEXT(form_name.text)))
        guess_hint(c, &forms);
    return NULL;
}

// A number or the name of a trap.
static bool bound_value(Check *c, const Bind *bind, uint64_t *value, bool *negative)
{
    const Expr *e = bind->expr;
    *negative = false;
    if (number_of(e, value, negative))
        return true;
    Guess g = { .word = e->text };
    for (size_t i = 0; c->isa->traps && e->kind == EXPR_NAME && i < c->isa->traps->list.count; i++) {
        const TrapEntry *entry = c->isa->traps->list.at[i];
        if (text_same(entry->name, e->text)) {
            *value = entry->vector;
            return true;
        }
        guess_offer(&g, entry->name);
    }
    if (e->kind != EXPR_NAME)
        complain(c, e->span, "an alias fixes a field to a number or a trap's name");
    else if (complain_unknown(c, e->span, "no trap is called", e->text))
        guess_hint(c, &g);
    return false;
}

static void check_bind(Check *c, const Alias *alias, size_t index)
{
    Bind *bind = &alias->binds.at[index];
    const Form *form = alias->form;
    Guess g = { .word = bind->name };
    for (size_t i = 0; i < form->fields.count; i++) {
        if (text_same(form->fields.at[i]->name, bind->name))
            bind->field = form->fields.at[i];
        guess_offer(&g, form->fields.at[i]->name);
    }
    if (!bind->field) {
        if (complain(c, bind->span, "'%.*s' has no field '%.*s'", TEXT(form->insn->name), TEXT(bind->name)))
            guess_hint(c, &g);
        return;
    }
    for (size_t i = 0; i < index; i++)
        if (alias->binds.at[i].field == bind->field)
            complain(c, bind->span, "'%.*s' is fixed twice", TEXT(bind->name));
    uint64_t value;
    bool negative;
    if (!bound_value(c, bind, &value, &negative))
        return;
    const int width = bind->field->hi - bind->field->lo + 1;
    const uint64_t most = bind->field->kind == FIELD_SIGNED ? low_bits(width - 1) + negative
                          : negative                        ? 0
                                                            : low_bits(width);
    if (value > most)
        complain(c, bind->expr->span, "%.*s does not fit in '%.*s', %d bits%s",
                 TEXT(span_text(bind->expr->span)), TEXT(bind->name), width,
                 bind->field->kind == FIELD_SIGNED ? " with sign" : "");
    bind->value = (negative ? -value : value) & low_bits(width);
}

// The assembler must know an alias from a mnemonic.
static void check_alias_name(Check *c, const Alias *alias)
{
    for (size_t i = 0; i < c->isa->forms.count; i++) {
        const Form *form = c->isa->forms.at[i];
        if (form->is_reserved || form->suffix || !text_same_case(form->mnemonic, alias->name))
            continue;
        if (complain(c, alias->span, "'%.*s' is a mnemonic already", TEXT(alias->name)))
            diag_note(c->diag, form->assembly_span, "it is here");
    }
    for (size_t i = 0; i < (size_t)alias->index; i++) {
        const Alias *other = c->isa->aliases.at[i];
        if (text_same_case(other->name, alias->name) &&
            complain(c, alias->span, "a second alias is called '%.*s'", TEXT(alias->name)))
            diag_note(c->diag, other->span, "the first is here");
    }
}

void check_aliases(Check *c)
{
    for (size_t i = 0; i < c->isa->aliases.count; i++) {
        Alias *alias = c->isa->aliases.at[i];
        alias->form = resolve_form(c, alias->target, alias->target_form);
        for (size_t k = 0; alias->form && k < alias->binds.count; k++)
            check_bind(c, alias, k);
        check_alias_name(c, alias);
    }
}

// ------------------------------------------------------------------- fuses

static void resolve_literal(Check *c, FusePart *part)
{
    for (size_t i = 0; i < c->isa->variants.count; i++)
        if (text_same(c->isa->variants.at[i].name, part->form))
            part->literal_tag = (int)i;
    if (part->literal_tag < 0)
        complain_unknown(c, part->target_span, "no variant is called", part->form);
}

static void resolve_part(Check *c, FusePart *part)
{
    if (part->is_literal) {
        resolve_literal(c, part);
        return;
    }
    if (c->isa->code && text_is(part->insn, "label") && !isa_find_insn(c->isa, part->insn)) {
        part->is_label = true;
        return;
    }
    Insn *insn = isa_find_insn(c->isa, part->insn);
    if (insn && insn->is_stack && !part->form.len) {
        part->insn_target = insn;
        return;
    }
    const Span span = part->target_span;
    const Name name = { part->insn, { span.source, span.begin, span.begin + (uint32_t)part->insn.len } };
    const Name form = { part->form, { span.source, span.end - (uint32_t)part->form.len, span.end } };
    part->target = resolve_form(c, name, form);
    part->insn_target = part->target ? part->target->insn : NULL;
}

// What an instruction in the middle may not do: the machine could be left there,
// and the instruction after it could have become another.
static void check_middle(Check *c, const Fuse *fuse, size_t index)
{
    const FusePart *part = &fuse->parts.at[index];
    const Form *form = part->target;
    if (!form || index + 1 == fuse->parts.count)
        return;
    const char *why = form->roles & (ROLE_JUMP | ROLE_TRAP | ROLE_HALT) ? "leaves the straight line"
                      : form->roles & ROLE_STORE                        ? "writes memory"
                      : form->roles & (ROLE_RAISES | ROLE_LOAD)         ? "may raise"
                                                                        : NULL;
    if (why && complain(c, part->target_span, "'%.*s' %s in the middle of '%.*s'",
                        TEXT(span_text(part->target_span)), why, TEXT(fuse->name)))
        diag_hint(c->diag, "only the last part may do that");
}

// Whether some words fulfil the condition; tries all when the fields are few.
static bool can_hold(const Fuse *fuse, const Expr *where)
{
    const Field *fields[8];
    size_t parts[8], count = 0;
    int bits = 0;
    for (size_t p = 0; p < fuse->parts.count; p++) {
        const Form *form = fuse->parts.at[p].target;
        for (size_t i = 0; form && i < form->fields.count; i++) {
            if (count == 8)
                return true;
            fields[count] = form->fields.at[i];
            parts[count++] = p;
            bits += form->fields.at[i]->hi - form->fields.at[i]->lo + 1;
        }
    }
    if (bits > 18)
        return true;
    uint64_t values[64 * 4] = { 0 };
    if (fuse->parts.count > 4)
        return true;
    for (uint64_t word = 0; word < 1ull << bits; word++) {
        uint64_t rest = word, holds;
        for (size_t i = 0; i < count; i++) {
            const int width = fields[i]->hi - fields[i]->lo + 1;
            values[parts[i] * 64 + (size_t)fields[i]->index] = rest & low_bits(width);
            rest >>= width;
        }
        if (!fold(where, NULL, values, &holds) || holds)
            return true;
    }
    return false;
}

static void check_fuse(Check *c, Fuse *fuse)
{
    const int errors = c->diag->errors;
    for (size_t i = 0; i < fuse->parts.count; i++) {
        resolve_part(c, &fuse->parts.at[i]);
        for (size_t k = 0; k < i; k++)
            if (text_same(fuse->parts.at[k].label, fuse->parts.at[i].label))
                complain(c, fuse->parts.at[i].span, "a second part is called '%.*s'",
                         TEXT(fuse->parts.at[i].label));
    }
    for (size_t i = 0; errors == 0 && i < fuse->parts.count; i++)
        check_middle(c, fuse, i);
    if (errors == 0 && c->isa->code) {
        check_stack_fuse(c, fuse);
        return;
    }
    if (!fuse->where) {
        if (fuse->parts.count == 1)
            complain(c, fuse->span, "one part without a condition is the instruction itself");
        return;
    }
    begin_body(c);
    c->fuse = fuse;
    check_expr(c, fuse->where);
    want_type(c, fuse->where, BOOL_TYPE, "a condition");
    if (c->diag->errors == errors && !can_hold(fuse, fuse->where))
        complain(c, fuse->where->span, "no words fulfil this condition");
}

void check_fuses(Check *c)
{
    for (size_t i = 0; i < c->isa->fuses.count; i++)
        check_fuse(c, c->isa->fuses.at[i]);
}

// ---------------------------------------------------------------- examples

static bool known_example_name(const Isa *isa, Text name)
{
    if (isa_find_insn(isa, name) || find_exception(isa, name))
        return true;
    for (size_t i = 0; i < isa->aliases.count; i++)
        if (text_same(isa->aliases.at[i]->name, name))
            return true;
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++)
        if (text_same(isa->traps->list.at[i]->name, name))
            return true;
    return false;
}

static void check_example_number(Check *c, Expr *e, Type type)
{
    check_expr(c, e);
    want_type(c, e, type, "the value");
    if (e->type.kind != TYPE_NONE && e->kind != EXPR_NUM)
        complain(c, e->span, "an example's value is a number");
}

static void check_example_place(Check *c, ExampleBind *bind)
{
    const Isa *isa = c->isa;
    Regs *regs = find_regs(isa, bind->name);
    Mem *mem = find_mem(isa, bind->name);
    Reg *reg = find_reg(isa, bind->name);
    Lazy *lazy = find_lazy(isa, bind->name);
    begin_body(c);
    if (bind->index && !regs && !mem) {
        complain(c, bind->span, "'%.*s' is not indexed", TEXT(bind->name));
    } else if (regs || mem) {
        const uint64_t count = regs ? (uint64_t)regs->count : mem->count;
        if (!bind->index) {
            complain(c, bind->span, "'%.*s' needs an index", TEXT(bind->name));
            return;
        }
        if (bind->index->kind != EXPR_NUM || bind->index->num >= count)
            complain(c, bind->index->span, "the index is a number below %llu", (unsigned long long)count);
        check_example_number(c, bind->value, regs ? regs->type : mem->type);
    } else if (reg || lazy) {
        check_example_number(c, bind->value, reg ? reg->type : lazy->type);
    } else if (is_host_class(bind->name) && isa->traps) {
        check_example_number(c, bind->value, bits_type(isa->word_bits ? isa->word_bits : 64));
    } else if (isa->code && text_is(bind->name, "exit")) {
        check_example_number(c, bind->value, bits_type(32));
    } else if (find_stack(isa, bind->name)) {
        check_expr(c, bind->value);
        if (bind->value->kind != EXPR_STR)
            complain(c, bind->value->span, "a stack is written \"bottom ... top\"");
    } else {
        Guess g = { .word = bind->name };
        for (size_t i = 0; i < isa->reg.count; i++)
            guess_offer(&g, isa->reg.at[i]->name);
        for (size_t i = 0; i < isa->lazies.count; i++)
            guess_offer(&g, isa->lazies.at[i]->name);
        for (size_t i = 0; i < sizeof host_classes / sizeof *host_classes; i++)
            guess_offer(&g, text_of(host_classes[i]));
        if (complain_unknown(c, bind->span, "nothing of the machine is called", bind->name))
            guess_hint(c, &g);
    }
}

void check_examples(Check *c)
{
    for (size_t i = 0; i < c->isa->examples.count; i++) {
        Example *example = c->isa->examples.at[i];
        if (example->dialect_name.text.len)
            example->dialect = resolve_dialect(c, example->dialect_name);
        if (!known_example_name(c->isa, example->name))
            complain_unknown(c, example->span, "no instruction, alias, trap or exception is called", example->name);
        for (size_t k = 0; k < example->given.count; k++)
            check_example_place(c, &example->given.at[k]);
        for (size_t k = 0; k < example->expect.count; k++)
            check_example_place(c, &example->expect.at[k]);
    }
}
