// The reference manual, in Markdown, all of it derived from the description.
#include "manual.h"
#include "pseudo.h"

#include <ctype.h>
#include <inttypes.h>

// The link that GitHub and others make of a heading.
static void write_link(Writer *w, Text heading)
{
    write_format(w, "[%.*s](#", TEXT(heading));
    for (size_t i = 0; i < heading.len; i++)
        write_format(w, "%c", tolower((unsigned char)heading.at[i]));
    write_text(w, ")");
}

// ------------------------------------------------------------------ preface

static void write_state(Writer *w, const Isa *isa)
{
    write_text(w, "## State\n\n| name | bits | starts as | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < isa->regs.count; i++) {
        const Regs *r = isa->regs.at[i];
        write_format(w, "| %.*s to %.*s | %d | 0 | general registers, `%.*s[0]` to `%.*s[%d]` below |\n",
                     TEXT(r->names.at[0]), TEXT(r->names.at[r->names.count - 1]), r->type.width,
                     TEXT(r->name), TEXT(r->name), r->count - 1);
    }
    for (size_t i = 0; i < isa->reg.count; i++) {
        const Reg *r = isa->reg.at[i];
        write_format(w, "| %.*s | %d | ", TEXT(r->name), r->type.width);
        if (r->reset)
            pseudo_expr(w, r->reset);
        else
            write_text(w, "0");
        write_text(w, r->is_pc ? " | address of the next instruction |\n" : " | |\n");
    }
    for (size_t i = 0; i < isa->lazies.count; i++) {
        const Lazy *l = isa->lazies.at[i];
        write_format(w, "| %.*s | %d | | bits %d to %d of %.*s, set by results: ", TEXT(l->name),
                     l->type.width, l->at_hi, l->at_lo, TEXT(l->at->name));
        Writer fn = { 0 };
        write_format(&fn, "`%.*s(%.*s) = ", TEXT(l->fn->name), TEXT(l->fn->params.at[0]->name));
        pseudo_expr(&fn, l->fn->body);
        write_text(&fn, "`");
        manual_cell(w, &fn);
        writer_free(&fn);
        write_text(w, " |\n");
    }
    write_text(w, "\n");
}

static void write_overview(Writer *w, const Isa *isa)
{
    write_text(
        w, "## Instructions\n\n"
           "In the encodings 0 and 1 are fixed and names are fields; `-` and `+` are ignored by the machine "
           "and\nassembled as 0 and 1.  In the operations `PC` has already moved to the next instruction.\n\n"
           "| instruction | encoding | operation |\n|---|---|---|\n");
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *f = isa->forms.at[i];
        Writer line = { 0 };
        if (f->is_reserved || !f->insn)
            write_text(&line, "reserved");
        else
            write_link(&line, f->insn->name);
        if (!f->is_reserved) {
            write_text(&line, " `");
            manual_syntax(&line, f->assembly);
            write_text(&line, "`");
        }
        write_format(w, "| %.*s | `%.*s` | `", (int)line.len, line.at, TEXT(f->enc));
        writer_free(&line);
        Writer pseudo = { 0 };
        pseudo_line(&pseudo, isa, &f->body, isa_default_dialect(isa));
        manual_cell(w, &pseudo);
        writer_free(&pseudo);
        write_text(w, "` |\n");
    }
    write_text(w, "\n");
}

// ------------------------------------------------------------------ services

static void write_places(Writer *w, const ExprList *places)
{
    for (size_t i = 0; i < places->count; i++) {
        write_text(w, i ? ", " : "");
        pseudo_expr(w, places->at[i]);
    }
}

static void write_service(Writer *w, const Isa *isa, const TrapEntry *t)
{
    write_text(w, "| ");
    manual_hex(w, t->vector);
    write_format(w, " | %.*s | %.*s", TEXT(t->name), TEXT(t->title));
    write_text(w, t->is_blocking ? "; waits" : "");
    write_text(w, t->reads_memory ? "; reads memory" : "");
    write_text(w, t->writes_memory ? "; writes memory" : "");
    write_text(w, " | ");
    write_places(w, &t->in);
    write_text(w, " | ");
    write_places(w, &t->out);
    write_format(w, "%s | ", t->sets ? ", CC" : "");
    if (t->body.count) {
        Writer pseudo = { 0 };
        write_text(&pseudo, "`");
        pseudo_line(&pseudo, isa, &t->body, isa_default_dialect(isa));
        write_text(&pseudo, "`");
        if (!text_is((Text){ pseudo.at, pseudo.len }, "`link()`"))
            manual_cell(w, &pseudo);
        writer_free(&pseudo);
    }
    write_text(w, " |\n");
}

static bool is_service(const Isa *isa, const Example *e)
{
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++)
        if (text_same_case(e->name, isa->traps->list.at[i]->name))
            return true;
    return false;
}

static void write_services(Writer *w, const Isa *isa)
{
    if (!isa->traps)
        return;
    write_format(w, "## %.*s services\n\n", TEXT(isa->traps->insn->name));
    write_text(w,
               "| vector | name | what it does | reads | writes | and then |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < isa->traps->list.count; i++)
        write_service(w, isa, isa->traps->list.at[i]);
    write_format(
        w,
        "\nEvery other vector, and one of these whose vector or routine the program has replaced (%.*s):"
        "\n\n",
        TEXT(isa->traps->otherwise_title));
    manual_operation(w, isa, &isa->traps->otherwise);
    bool any = false;
    for (size_t i = 0; i < isa->examples.count; i++) {
        if (!is_service(isa, isa->examples.at[i]))
            continue;
        if (!any)
            write_text(w, "| example | before | after |\n|---|---|---|\n");
        manual_example(w, isa, isa->examples.at[i]);
        any = true;
    }
    write_text(w, any ? "\n" : "");
}

// -------------------------------------------------------- memory, exceptions

static void write_memory(Writer *w, const Isa *isa)
{
    if (!isa->mems.count)
        return;
    write_text(w, "## Memory map\n\n| addresses | region | access |\n|---|---|---|\n");
    for (size_t i = 0; i < isa->mems.at[0]->regions.count; i++) {
        const Region *r = &isa->mems.at[0]->regions.at[i];
        write_format(w, "| x%04" PRIX64 " to x%04" PRIX64 " | %.*s | %s", r->first, r->last, TEXT(r->name),
                     r->kind == REGION_DEVICE ? "device registers" : "memory");
        if (r->guard) {
            write_format(w, "; raises %.*s when `", TEXT(r->raise->name));
            pseudo_expr(w, r->guard);
            write_text(w, "`");
            if (r->guard_dialect >= 0)
                write_format(w, " (%.*s)", TEXT(isa->dialects.at[r->guard_dialect].name));
        }
        write_text(w, " |\n");
    }
    write_text(w, "\n");
}

static void write_exceptions(Writer *w, const Isa *isa)
{
    if (!isa->exceptions.count)
        return;
    write_text(w, "## Exceptions and interrupts\n\n| vector | name | what happened | priority | then |\n"
                  "|---|---|---|---|---|\n");
    for (size_t i = 0; i < isa->exceptions.count; i++) {
        const Exception *e = isa->exceptions.at[i];
        write_text(w, "| ");
        if (e->has_vector)
            manual_hex(w, e->vector);
        else
            write_format(w, "exit %d", e->exit);
        write_format(w, " | %.*s | %.*s | ", TEXT(e->name), TEXT(e->title));
        if (e->is_interrupt)
            write_format(w, "%d", e->priority);
        write_text(w, " | ");
        if (e->body.count) {
            write_text(w, "`");
            pseudo_line(w, isa, &e->body, isa_default_dialect(isa));
            write_text(w, "`");
        }
        write_text(w, " |\n");
    }
    write_text(w,
               "\nAn exception pushes the address of the instruction that raised it; a service call and an "
               "interrupt push\nthe address of the next one.\n\n");
}

static void write_procs(Writer *w, const Isa *isa)
{
    if (!isa->procs.count)
        return;
    write_text(w, "## Common steps\n\n");
    for (size_t i = 0; i < isa->procs.count; i++) {
        const Proc *p = isa->procs.at[i];
        write_format(w, "`%.*s(", TEXT(p->name));
        for (size_t k = 0; k < p->params.count; k++)
            write_format(w, "%s%.*s", k ? ", " : "", TEXT(p->params.at[k]->name));
        write_text(w, ")`\n\n");
        manual_operation(w, isa, &p->body);
    }
}

// -------------------------------------------------------------------- whole

static void write_title(Writer *w, const Isa *isa, const EmitOptions *options)
{
    write_format(w, "# %.*s: reference manual\n\n", TEXT(isa->title));
    write_format(w, "Generated by `lc3gen docs` from `%s`; the examples were run when it was made.\n",
                 options->source);
    if (isa->dialects.count > 1) {
        write_text(w, "Dialects:");
        for (size_t i = 0; i < isa->dialects.count; i++)
            write_format(w, "%s %.*s%s", i ? "," : "", TEXT(isa->dialects.at[i].name),
                         isa->dialects.at[i].is_default ? " (unless another is named)" : "");
        write_text(w, ".\n");
    }
    write_text(w, "\n");
}

void emit_manual_md(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_title(w, isa, options);
    write_state(w, isa);
    write_overview(w, isa);
    for (size_t i = 0; i < isa->insns.count; i++)
        manual_insn(w, isa, isa->insns.at[i]);
    manual_reserved(w, isa);
    write_services(w, isa);
    write_memory(w, isa);
    write_exceptions(w, isa);
    write_procs(w, isa);
}
