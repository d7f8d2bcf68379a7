#include "meaning.h"

#include "base/writer.h"
#include "pseudo.h"

#include <inttypes.h>

static void mean_body(Writer *w, const Isa *isa, const Block *b)
{
    pseudo_block(w, isa, b, -1, 1);
}

static void mean_storage(Writer *w, const Isa *isa)
{
    for (size_t i = 0; i < isa->regs.count; i++)
        write_format(w, "regs %.*s %d %d\n", TEXT(isa->regs.at[i]->name), isa->regs.at[i]->count,
                     isa->regs.at[i]->type.width);
    for (size_t i = 0; i < isa->reg.count; i++) {
        const Reg *r = isa->reg.at[i];
        write_format(w, "reg %.*s %d %d ", TEXT(r->name), r->type.width, r->is_pc);
        if (r->reset)
            pseudo_expr(w, r->reset);
        write_text(w, "\n");
    }
    for (size_t i = 0; i < isa->lazies.count; i++) {
        const Lazy *l = isa->lazies.at[i];
        write_format(w, "lazy %.*s %d %d %d %.*s\n", TEXT(l->name), l->type.width, l->at_hi, l->at_lo,
                     TEXT(l->fn->name));
    }
    for (size_t i = 0; i < isa->fns.count; i++) {
        write_format(w, "fn %.*s ", TEXT(isa->fns.at[i]->name));
        pseudo_expr(w, isa->fns.at[i]->body);
        write_text(w, "\n");
    }
    for (size_t i = 0; i < isa->procs.count; i++) {
        write_format(w, "proc %.*s\n", TEXT(isa->procs.at[i]->name));
        mean_body(w, isa, &isa->procs.at[i]->body);
    }
}

static void mean_memory(Writer *w, const Isa *isa)
{
    for (size_t m = 0; m < isa->mems.count; m++)
        for (size_t i = 0; i < isa->mems.at[m]->regions.count; i++) {
            const Region *r = &isa->mems.at[m]->regions.at[i];
            write_format(w, "region %" PRIu64 " %" PRIu64 " %d %d ", r->first, r->last, r->kind,
                         r->guard_dialect);
            if (r->guard)
                pseudo_expr(w, r->guard);
            write_format(w, " %d\n", r->raise ? r->raise->index : -1);
        }
    for (size_t i = 0; i < isa->exceptions.count; i++) {
        const Exception *e = isa->exceptions.at[i];
        write_format(w, "exception %.*s %" PRIu64 " %d %d\n", TEXT(e->name), e->vector, e->priority, e->exit);
        mean_body(w, isa, &e->body);
    }
}

static void mean_code(Writer *w, const Isa *isa)
{
    for (size_t i = 0; i < isa->fields.count; i++) {
        const Field *f = isa->fields.at[i];
        write_format(w, "field %.*s %d %d %d %d %.*s\n", TEXT(f->name), f->hi, f->lo, f->kind, f->is_pcrel,
                     TEXT(f->letters));
    }
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *f = isa->forms.at[i];
        write_format(w, "form %.*s %.*s\n", TEXT(f->enc), TEXT(f->assembly));
        mean_body(w, isa, &f->body);
    }
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++) {
        const TrapEntry *t = isa->traps->list.at[i];
        write_format(w, "trap %.*s %" PRIu64 " %d %d %d %d", TEXT(t->name), t->vector, t->is_host,
                     t->is_blocking, t->reads_memory, t->writes_memory);
        for (size_t k = 0; k < t->in.count; k++) {
            write_text(w, " in ");
            pseudo_expr(w, t->in.at[k]);
        }
        for (size_t k = 0; k < t->out.count; k++) {
            write_text(w, " out ");
            pseudo_expr(w, t->out.at[k]);
        }
        write_format(w, " sets %d\n", t->sets != NULL);
        mean_body(w, isa, &t->body);
    }
    if (isa->traps)
        mean_body(w, isa, &isa->traps->otherwise);
    for (size_t i = 0; i < isa->aliases.count; i++) {
        const Alias *a = isa->aliases.at[i];
        write_format(w, "alias %.*s %d", TEXT(a->name), a->form->index);
        for (size_t k = 0; k < a->binds.count; k++)
            write_format(w, " %.*s %" PRIu64, TEXT(a->binds.at[k].field->name), a->binds.at[k].value);
        write_text(w, "\n");
    }
}

static void mean_operands(Writer *w, const Insn *insn)
{
    for (size_t i = 0; i < insn->inputs.count; i++)
        write_format(w, " %.*s:%d", TEXT(insn->inputs.at[i]->name), insn->input_tags.at[i]);
    for (size_t i = 0; i < insn->outputs.count; i++)
        write_format(w, " -- %.*s:%d", TEXT(insn->outputs.at[i]->name), insn->output_tags.at[i]);
    for (size_t i = 0; i < insn->output_values.count; i++) {
        write_text(w, " ");
        pseudo_expr(w, insn->output_values.at[i]);
    }
}

static void mean_stacks(Writer *w, const Isa *isa)
{
    for (size_t i = 0; i < isa->variants.count; i++)
        write_format(w, "variant %.*s %d\n", TEXT(isa->variants.at[i].name), isa->variants.at[i].type.kind);
    for (size_t i = 0; i < isa->stacks.count; i++)
        write_format(w, "stack %.*s %d\n", TEXT(isa->stacks.at[i]->name), isa->stacks.at[i]->type.kind);
    for (size_t i = 0; i < isa->policies.count; i++)
        write_format(w, "policy %.*s %.*s\n", TEXT(isa->policies.at[i].key), TEXT(isa->policies.at[i].value));
    for (size_t i = 0; i < isa->insns.count; i++) {
        const Insn *insn = isa->insns.at[i];
        write_format(w, "op %.*s", TEXT(insn->spelling));
        mean_operands(w, insn);
        write_text(w, "\n");
        mean_body(w, isa, &insn->body);
    }
}

// FNV-1a over a plain listing of the checked model: layout, comments and titles
// of the description do not count.
uint64_t meaning_hash(const Isa *isa)
{
    Writer w = { 0 };
    mean_storage(&w, isa);
    mean_memory(&w, isa);
    mean_code(&w, isa);
    if (isa->code)
        mean_stacks(&w, isa);
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < w.len; i++)
        hash = (hash ^ (unsigned char)w.at[i]) * UINT64_C(0x100000001B3);
    writer_free(&w);
    return hash;
}
