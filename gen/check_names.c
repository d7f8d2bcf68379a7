// What names stand for, and what is said about those that stand for nothing.
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// ----------------------------------------------------------------- reports

bool complain(Check *c, Span at, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (size_t i = 0; i < c->diag->list.count; i++) {
        const Finding *f = &c->diag->list.at[i];
        if (f->span.source == at.source && f->span.begin == at.begin && f->span.end == at.end &&
            strcmp(f->text, text) == 0)
            return false;
    }
    diag_error(c->diag, at, "%s", text);
    return true;
}

bool complain_unknown(Check *c, Span at, const char *what, Text name)
{
    for (size_t i = 0; i < c->isa->broken.count; i++)
        if (text_same(c->isa->broken.at[i].text, name))
            return false;
    return complain(c, at, "%s '%.*s'", what, TEXT(name));
}

void guess_offer(Guess *g, Text candidate)
{
    if (g->distance == 0)
        g->distance = g->word.len < 2 ? 1 : g->word.len < 4 ? 2 : 3;
    const int distance = text_distance(g->word, candidate, g->distance);
    if (distance < g->distance) {
        g->best = candidate;
        g->distance = distance;
    }
}

void guess_hint(Check *c, const Guess *g)
{
    if (g->best.len)
        diag_hint(c->diag, "did you mean '%.*s'?", TEXT(g->best));
}

const char *type_name(Arena *a, Type type)
{
    switch (type.kind) {
    case TYPE_BITS:
        return arena_format(a, "bits%d", type.width);
    case TYPE_I64:
        return "i64";
    case TYPE_BOOL:
        return "bool";
    case TYPE_STR:
        return "str";
    case TYPE_VALUE:
        return "any value";
    case TYPE_LITERAL:
        return "a plain number";
    default:
        return "nothing";
    }
}

int index_width(uint64_t count)
{
    int width = 1;
    while (width < 64 && count > 1ull << width)
        width++;
    return width;
}

// ------------------------------------------------------------------- names

Reg *find_reg(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->reg.count; i++)
        if (text_same(isa->reg.at[i]->name, name))
            return isa->reg.at[i];
    return NULL;
}

Regs *find_regs(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->regs.count; i++)
        if (text_same(isa->regs.at[i]->name, name))
            return isa->regs.at[i];
    return NULL;
}

Lazy *find_lazy(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->lazies.count; i++)
        if (text_same(isa->lazies.at[i]->name, name))
            return isa->lazies.at[i];
    return NULL;
}

Mem *find_mem(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->mems.count; i++)
        if (text_same(isa->mems.at[i]->name, name))
            return isa->mems.at[i];
    return NULL;
}

Stack *find_stack(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->stacks.count; i++)
        if (text_same(isa->stacks.at[i]->name, name))
            return isa->stacks.at[i];
    return NULL;
}

Exception *find_exception(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->exceptions.count; i++)
        if (text_same(isa->exceptions.at[i]->name, name))
            return isa->exceptions.at[i];
    return NULL;
}

Field *find_field(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->fields.count; i++)
        if (text_same(isa->fields.at[i]->name, name))
            return isa->fields.at[i];
    return NULL;
}

Insn *isa_find_insn(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->insns.count; i++)
        if (text_same(isa->insns.at[i]->name, name))
            return isa->insns.at[i];
    return NULL;
}

TrapEntry *isa_find_trap(const Isa *isa, uint64_t vector)
{
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++)
        if (isa->traps->list.at[i]->vector == vector)
            return isa->traps->list.at[i];
    return NULL;
}

int isa_default_dialect(const Isa *isa)
{
    for (size_t i = 0; i < isa->dialects.count; i++)
        if (isa->dialects.at[i].is_default)
            return (int)i;
    return 0;
}

int isa_find_dialect(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->dialects.count; i++)
        if (text_same(isa->dialects.at[i].name, name))
            return (int)i;
    return -1;
}

int resolve_dialect(Check *c, Name name)
{
    const int dialect = isa_find_dialect(c->isa, name.text);
    Guess g = { .word = name.text };
    for (size_t i = 0; i < c->isa->dialects.count; i++)
        guess_offer(&g, c->isa->dialects.at[i].name);
    if (dialect < 0 && complain_unknown(c, name.span, "no dialect is called", name.text))
        guess_hint(c, &g);
    return dialect;
}

Exception *resolve_exception(Check *c, Name name)
{
    Exception *x = find_exception(c->isa, name.text);
    Guess g = { .word = name.text };
    for (size_t i = 0; i < c->isa->exceptions.count; i++)
        guess_offer(&g, c->isa->exceptions.at[i]->name);
    if (!x && complain_unknown(c, name.span, "no exception is called", name.text))
        guess_hint(c, &g);
    if (x && x->is_interrupt)
        complain(c, name.span, "'%.*s' is an interrupt: it comes from outside", TEXT(name.text));
    return x;
}

// -------------------------------------------------------------- duplicates

typedef LIST(Name) Names;

static void claim(Check *c, Names *taken, Text text, Span span, const char *what)
{
    for (size_t i = 0; i < taken->count; i++) {
        if (!text_same(taken->at[i].text, text))
            continue;
        if (complain(c, span, "a second %s is called '%.*s'", what, TEXT(text)))
            diag_note(c->diag, taken->at[i].span, "the first is here");
        return;
    }
    LIST_ADD(c->arena, taken, ((Name){ text, span }));
}

#define CLAIM(list, what)                                                                                    \
    for (size_t i = 0; i < (list).count; i++)                                                                \
    claim(c, &taken, (list).at[i]->name, (list).at[i]->span, what)

void check_duplicates(Check *c)
{
    const Isa *isa = c->isa;
    Names taken = { 0 };
    CLAIM(isa->regs, "state");
    CLAIM(isa->reg, "state");
    CLAIM(isa->lazies, "state");
    CLAIM(isa->mems, "state");
    CLAIM(isa->stacks, "state");
    CLAIM(isa->fields, "name");
    taken.count = 0;
    CLAIM(isa->fns, "fn");
    CLAIM(isa->procs, "fn or proc");
    taken.count = 0;
    CLAIM(isa->exceptions, "exception");
    taken.count = 0;
    CLAIM(isa->hosts, "host");
    taken.count = 0;
    CLAIM(isa->insns, "instruction");
    taken.count = 0;
    CLAIM(isa->fuses, "fuse");
    taken.count = 0;
    for (size_t i = 0; i < isa->dialects.count; i++)
        claim(c, &taken, isa->dialects.at[i].name, isa->dialects.at[i].span, "dialect");
    taken.count = 0;
    for (size_t i = 0; i < isa->variants.count; i++)
        claim(c, &taken, isa->variants.at[i].name, isa->variants.at[i].span, "variant");
    taken.count = 0;
    for (size_t i = 0; i < isa->insns.count; i++)
        if (isa->insns.at[i]->is_stack)
            claim(c, &taken, isa->insns.at[i]->spelling, isa->insns.at[i]->spelling_span,
                  "instruction's spelling");
}

// ------------------------------------------------------------------- types

static bool resolve_variant(Check *c, const TypeUse *use)
{
    for (size_t i = 0; use->tag && i < c->isa->variants.count; i++) {
        if (!text_same(c->isa->variants.at[i].name, use->name.text))
            continue;
        *use->tag = (int)i;
        *use->type = c->isa->variants.at[i].type;
        return true;
    }
    return false;
}

void resolve_types(Check *c)
{
    for (size_t i = 0; i < c->isa->type_uses.count; i++) {
        const TypeUse *use = &c->isa->type_uses.at[i];
        const Name name = use->name;
        *use->type = NO_TYPE;
        if (resolve_variant(c, use))
            continue;
        if (c->isa->variant_type.len && text_same(name.text, c->isa->variant_type)) {
            use->type->kind = TYPE_VALUE;
            continue;
        }
        Guess g = { .word = name.text };
        for (size_t k = 0; use->tag && k < c->isa->variants.count; k++)
            guess_offer(&g, c->isa->variants.at[k].name);
        const bool is_bits = name.text.len > 4 && memcmp(name.text.at, "bits", 4) == 0;
        if (complain(c, name.span,
                     is_bits ? "'%.*s' is no type: bitsN goes from bits1 to bits64"
                             : "no type is called '%.*s'",
                     TEXT(name.text)))
            guess_hint(c, &g);
    }
}
