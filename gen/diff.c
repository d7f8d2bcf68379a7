// diff.c -- `lc3gen diff OLD NEW`: what two descriptions say differently.
//
// Each description is turned into a list of facts, a name and a text; two lists
// are compared by name.  Layout, comments and the order of items are no facts, but
// what the order decides is: the first fuse that fits is taken.
#include <inttypes.h>
#include <string.h>

#include "emit_c.h"
#include "eval.h"
#include "pseudo.h"
#include "tools.h"

typedef struct {
    const char *name, *text;
} Fact;

typedef struct {
    const Isa *isa;
    Arena *arena;
    LIST(Fact) list;
} Facts;

// Takes the text from the writer, which is empty then.
static void add(Facts *f, const char *name, Writer *text)
{
    const char *copy = arena_copy(f->arena, text->at ? text->at : "", text->len);
    LIST_ADD(f->arena, &f->list, ((Fact){ name, copy }));
    writer_free(text);
    *text = (Writer){ 0 };
}

static void write_expr(Writer *w, const char *before, const Expr *e)
{
    if (!e)
        return;
    write_text(w, before);
    pseudo_expr(w, e);
}

static void write_roles(Writer *w, unsigned roles)
{
    write_format(w, "%s%s%s%s", roles & ROLE_CALL ? " hint call" : "", roles & ROLE_RETURN ? " hint ret" : "",
                 roles & ROLE_HALT ? " hint halt" : "", roles & ROLE_FOREIGN ? " hint foreign" : "");
}

static void write_body(Writer *w, const Isa *isa, const Block *body)
{
    pseudo_block(w, isa, body, -1, 0);
    if (w->len && w->at[w->len - 1] == '\n')
        w->len--;
}

// ------------------------------------------------------------------- facts

static void state_facts(Facts *f, Writer *w)
{
    const Isa *isa = f->isa;
    for (size_t i = 0; i < isa->dialects.count; i++) {
        write_text(w, isa->dialects.at[i].is_default ? "default" : "yes");
        add(f, arena_format(f->arena, "dialect %.*s", TEXT(isa->dialects.at[i].name)), w);
    }
    for (size_t i = 0; i < isa->regs.count; i++) {
        write_format(w, "%d of %d bits", isa->regs.at[i]->count, isa->regs.at[i]->type.width);
        add(f, arena_format(f->arena, "registers %.*s", TEXT(isa->regs.at[i]->name)), w);
    }
    for (size_t i = 0; i < isa->reg.count; i++) {
        const Reg *r = isa->reg.at[i];
        write_format(w, "%d bits%s", r->type.width, r->is_pc ? ", pc" : "");
        write_expr(w, ", starts as ", r->reset);
        add(f, arena_format(f->arena, "register %.*s", TEXT(r->name)), w);
    }
    for (size_t i = 0; i < isa->lazies.count; i++) {
        const Lazy *l = isa->lazies.at[i];
        write_format(w, "%.*s(), at %.*s[%d:%d]", TEXT(l->fn->name), TEXT(l->at->name), l->at_hi, l->at_lo);
        add(f, arena_format(f->arena, "lazy %.*s", TEXT(l->name)), w);
    }
    for (size_t i = 0; i < isa->fns.count; i++) {
        pseudo_expr(w, isa->fns.at[i]->body);
        add(f, arena_format(f->arena, "fn %.*s", TEXT(isa->fns.at[i]->name)), w);
    }
    for (size_t i = 0; i < isa->procs.count; i++) {
        write_body(w, isa, &isa->procs.at[i]->body);
        add(f, arena_format(f->arena, "proc %.*s", TEXT(isa->procs.at[i]->name)), w);
    }
    for (size_t i = 0; i < isa->stacks.count; i++) {
        write_format(w, "limit %" PRIu64, isa->stacks.at[i]->limit);
        add(f, arena_format(f->arena, "stack %.*s", TEXT(isa->stacks.at[i]->name)), w);
    }
}

static void memory_facts(Facts *f, Writer *w)
{
    const Isa *isa = f->isa;
    for (size_t m = 0; m < isa->mems.count; m++)
        for (size_t i = 0; i < isa->mems.at[m]->regions.count; i++) {
            const Region *r = &isa->mems.at[m]->regions.at[i];
            write_format(w, "x%04" PRIX64 " to x%04" PRIX64, r->first, r->last);
            if (r->guard_dialect >= 0)
                write_format(w, " when %.*s", TEXT(isa->dialects.at[r->guard_dialect].name));
            write_expr(w, " guard ", r->guard);
            if (r->raise)
                write_format(w, " raise %.*s", TEXT(r->raise->name));
            add(f, arena_format(f->arena, "region %.*s", TEXT(r->name)), w);
        }
    for (size_t i = 0; i < isa->exceptions.count; i++) {
        const Exception *e = isa->exceptions.at[i];
        if (e->has_vector)
            write_format(w, "at x%04" PRIX64, e->vector);
        else
            write_format(w, "exit %d", e->exit);
        if (e->is_interrupt)
            write_format(w, " priority %d", e->priority);
        write_format(w, " \"%.*s\" ", TEXT(e->title));
        write_body(w, isa, &e->body);
        add(f, arena_format(f->arena, "exception %.*s", TEXT(e->name)), w);
    }
}

static void form_facts(Facts *f, Writer *w, const Form *form)
{
    const char *name = form->is_reserved ? arena_format(f->arena, "reserved \"%.*s\"", TEXT(form->enc))
                                         : form_name(f->arena, form);
    write_format(w, "%.*s", TEXT(form->enc));
    add(f, arena_format(f->arena, "%s encoding", name), w);
    write_body(w, f->isa, &form->body);
    add(f, arena_format(f->arena, "%s semantics", name), w);
    if (form->is_reserved)
        return;
    write_format(w, "%.*s", TEXT(form->assembly));
    add(f, arena_format(f->arena, "%s syntax", name), w);
    write_roles(w, form->roles);
    if (form->far)
        write_format(w, " far %s", form_name(f->arena, form->far));
    if (w->len)
        add(f, arena_format(f->arena, "%s roles", name), w);
}

static void insn_facts(Facts *f, Writer *w)
{
    const Isa *isa = f->isa;
    for (size_t i = 0; i < isa->fields.count; i++) {
        const Field *field = isa->fields.at[i];
        static const char *const kinds[] = { "reg", "signed", "unsigned", "hex", "set" };
        write_format(w, "[%d:%d] %s%s", field->hi, field->lo, kinds[field->kind],
                     field->is_pcrel ? " pcrel" : "");
        add(f, arena_format(f->arena, "field %.*s", TEXT(field->name)), w);
    }
    for (size_t i = 0; i < isa->forms.count; i++)
        form_facts(f, w, isa->forms.at[i]);
    for (size_t i = 0; i < isa->insns.count; i++) {
        const Insn *insn = isa->insns.at[i];
        write_format(w, "%.*s", TEXT(insn->title));
        if (insn->is_stack) {
            write_format(w, "%.*s", TEXT(insn->spelling));
            write_roles(w, insn->roles);
            write_text(w, ": ");
            write_body(w, isa, &insn->body);
        }
        add(f, arena_format(f->arena, "instruction %.*s", TEXT(insn->name)), w);
    }
}

static void write_trap(Writer *w, const Isa *isa, const TrapEntry *t)
{
    write_format(w, "x%02" PRIX64 "%s", t->vector, t->is_host ? " host" : "");
    for (size_t k = 0; k < t->attrs.count; k++)
        write_format(w, " %.*s", TEXT(t->attrs.at[k].text));
    write_text(w, t->is_blocking ? " blocking" : "");
    for (size_t k = 0; k < t->in.count; k++)
        write_expr(w, " in ", t->in.at[k]);
    for (size_t k = 0; k < t->out.count; k++)
        write_expr(w, " out ", t->out.at[k]);
    write_format(w, "%s%s%s \"%.*s\" ", t->sets ? " sets" : "", t->reads_memory ? " reads" : "",
                 t->writes_memory ? " writes" : "", TEXT(t->title));
    write_body(w, isa, &t->body);
}

static void name_facts(Facts *f, Writer *w)
{
    const Isa *isa = f->isa;
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++) {
        write_trap(w, isa, isa->traps->list.at[i]);
        add(f, arena_format(f->arena, "trap %.*s", TEXT(isa->traps->list.at[i]->name)), w);
    }
    for (size_t i = 0; i < isa->aliases.count; i++) {
        const Alias *a = isa->aliases.at[i];
        write_text(w, form_name(f->arena, a->form));
        for (size_t k = 0; k < a->binds.count; k++)
            write_format(w, " %.*s=%" PRIu64, TEXT(a->binds.at[k].field->name), a->binds.at[k].value);
        write_roles(w, a->roles & ~a->form->roles);
        add(f, arena_format(f->arena, "alias %.*s", TEXT(a->name)), w);
    }
    for (size_t i = 0; i < isa->fuses.count; i++) {
        const Fuse *fuse = isa->fuses.at[i];
        for (size_t k = 0; k < fuse->parts.count; k++)
            write_format(w, "%s%.*s", k ? " " : "", TEXT(span_text(fuse->parts.at[k].target_span)));
        if (fuse->where) // as written: a field is named with its part
            write_format(w, " where %.*s", TEXT(span_text(fuse->where->span)));
        add(f, arena_format(f->arena, "fuse %.*s", TEXT(fuse->name)), w);
    }
}

static Facts facts_of(const Isa *isa, Arena *a)
{
    Facts f = { .isa = isa, .arena = a };
    Writer w = { 0 };
    state_facts(&f, &w);
    memory_facts(&f, &w);
    insn_facts(&f, &w);
    name_facts(&f, &w);
    return f;
}

// -------------------------------------------------------------- comparing

static const Fact *find(const Facts *f, const char *name)
{
    for (size_t i = 0; i < f->list.count; i++)
        if (strcmp(f->list.at[i].name, name) == 0)
            return &f->list.at[i];
    return NULL;
}

typedef struct {
    Writer *w;
    bool is_json;
    size_t count;
} Out;

static void write_text_lines(Writer *w, const char *sign, const char *text)
{
    do {
        const size_t len = strcspn(text, "\n");
        write_format(w, "  %s %.*s\n", sign, (int)len, text);
        text += len + (text[len] == '\n');
    } while (*text);
}

static void write_difference(Out *out, const char *name, const char *before, const char *after)
{
    Writer *w = out->w;
    out->count++;
    if (!out->is_json) {
        write_format(w, "%s%s\n", name, !before ? ": new" : !after ? ": gone" : "");
        if (before)
            write_text_lines(w, "-", before);
        if (after)
            write_text_lines(w, "+", after);
        return;
    }
    write_text(w, out->count > 1 ? ",{\"what\":" : "{\"what\":");
    write_json_string(w, name);
    write_text(w, ",\"before\":");
    before ? write_json_string(w, before) : write_text(w, "null");
    write_text(w, ",\"after\":");
    after ? write_json_string(w, after) : write_text(w, "null");
    write_text(w, "}");
}

static void compare(Out *out, const Facts *before, const Facts *after)
{
    for (size_t i = 0; i < before->list.count; i++) {
        const Fact *old = &before->list.at[i], *new = find(after, old->name);
        if (!new || strcmp(old->text, new->text) != 0)
            write_difference(out, old->name, old->text, new ? new->text : NULL);
    }
    for (size_t i = 0; i < after->list.count; i++)
        if (!find(before, after->list.at[i].name))
            write_difference(out, after->list.at[i].name, NULL, after->list.at[i].text);
}

// ------------------------------------------------------------------- words

// How many words decode to another form, or to the same one in another pattern.
static uint64_t count_words(const Isa *before, const Isa *after, Arena *a, uint64_t *first)
{
    uint64_t count = 0;
    for (uint64_t word = 0; word < UINT64_C(1) << before->word_bits; word++) {
        const Form *old = eval_decode(before, word), *new = eval_decode(after, word);
        const bool is_same = old->is_reserved == new->is_reserved &&text_same(old->enc, new->enc) &&
                             (old->is_reserved || (text_same(old->insn->name, new->insn->name) &&
                                                   text_same(old->name, new->name)));
        if (!is_same && count++ == 0)
            *first = word;
    }
    return count;
}

static void write_words(Writer *w, const Isa *before, const Isa *after, Arena *a)
{
    uint64_t first = 0;
    if (!before->word_bits || before->word_bits > 16 || before->word_bits != after->word_bits)
        return;
    const uint64_t count = count_words(before, after, a, &first);
    if (count)
        write_format(w,
                     "%" PRIu64 " of %" PRIu64 " words are another instruction; the first is x%04" PRIX64
                     ": %s before, %s after\n",
                     count, UINT64_C(1) << before->word_bits, first, form_name(a, eval_decode(before, first)),
                     form_name(a, eval_decode(after, first)));
}

size_t diff_write(Writer *w, const Isa *before, const Isa *after, bool is_json)
{
    Arena a = { 0 };
    const Facts old = facts_of(before, &a), new = facts_of(after, &a);
    Out out = { w, is_json, 0 };
    write_text(w, is_json ? "[" : "");
    compare(&out, &old, &new);
    if (is_json)
        write_text(w, "]\n");
    else
        write_words(w, before, after, &a);
    arena_free(&a);
    return out.count;
}
