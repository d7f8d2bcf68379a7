#include "emit_interp.h"

#include <inttypes.h>

#include "pseudo.h"

// ------------------------------------------------------- reaching a running engine

static Interp *out_of(Lower *l)
{
    return l->user;
}

static CText slot_text(Lower *l, const Slot *slot)
{
    return ctext(arena_format(l->arena, "%s%s", l->part, slot->name), LEVEL_ATOM, false);
}

static CText fast_known(Lower *l, const Expr *e)
{
    const Interp *out = out_of(l);
    const CText none = { 0 };
    if (out->decode == DECODE_RAW)
        return none;
    uint64_t value;
    if (e->kind != EXPR_NUM && e->kind != EXPR_BOOL && plan_folded(out->plan, out->folds, out->part, e, &value))
        return ctext(c_number(l->arena, value), LEVEL_ATOM, false);
    if (!out->plan->is_packed)
        return none;
    const Slot *slot = plan_slot(out->plan, e);
    if (slot)
        return slot_text(l, slot);
    if (e->kind == EXPR_LOCAL && plan_is_constant(out->plan, e))
        return lower_expr(l, plan_value(out->plan, e));
    return none;
}

static CText fast_field(Lower *l, const Field *field)
{
    return ctext(field_name(l, field), LEVEL_ATOM, false);
}

static CText fast_reg(Lower *l, const Reg *reg)
{
    if (reg->is_pc) // by address a part of a superinstruction may have to carry its own
        return ctext(arena_format(l->arena, "%spc", l->part), LEVEL_ATOM, false);
    return ctext(arena_format(l->arena, "m->%.*s", TEXT(reg->name)), LEVEL_ATOM, false);
}

const char *rest_bits(Arena *a, const Lazy *z)
{
    const char *mask = c_number(a, type_mask(z->type));
    if (z->at_lo)
        return arena_format(a, "m->%.*s >> %d & %s", TEXT(z->at->name), z->at_lo, mask);
    return arena_format(a, "m->%.*s & %s", TEXT(z->at->name), mask);
}

static CText fast_lazy(Lower *l, const Lazy *lazy)
{
    if (!out_of(l)->lazy)
        return ctext(rest_bits(l->arena, lazy), LEVEL_AND, false);
    return ctext(arena_format(l->arena, "fn_%.*s(last_%.*s)", TEXT(lazy->fn->name), TEXT(lazy->name)), LEVEL_ATOM, false);
}

const char *set_rest_bits(Arena *a, const Lazy *z, const char *argument)
{
    const uint64_t keep = type_mask(z->at->type) & ~(type_mask(z->type) << z->at_lo);
    const char *shift = z->at_lo ? arena_format(a, " << %d", z->at_lo) : "";
    return arena_format(a, "m->%.*s = (m->%.*s & %s) | fn_%.*s(%s)%s;", TEXT(z->at->name), TEXT(z->at->name),
                        c_number(a, keep), TEXT(z->fn->name), argument, shift);
}

static void fast_set_lazy(Lower *l, const Lazy *lazy, const char *value)
{
    if (out_of(l)->lazy)
        lower_line(l, "last_%.*s = %s;", TEXT(lazy->name), value);
    else
        lower_line(l, "%s", set_rest_bits(l->arena, lazy, value));
}

static bool is_fixed_address(const Interp *out, const char *address)
{
    if (!out->plan->is_packed)
        return false;
    for (size_t i = 0; i < out->plan->fixed_addresses.count; i++) {
        const Slot *slot = plan_slot(out->plan, out->plan->fixed_addresses.at[i]);
        if (slot && text_is(text_of(slot->name), address + (out->part >= 0 && address[1] == '_' ? 2 : 0)))
            return true;
    }
    return false;
}

static const char *checked_address(Lower *l, const char *address, const char *name)
{
    if (is_fixed_address(out_of(l), address))
        return address; // looked at when it was decoded
    lower_line(l, "const %s %s = %s;", out_of(l)->at, name, address);
    lower_line(l, "if (UNLIKELY(!is_ram(%s)))", name);
    lower_line(l, "    SLOW;");
    return name;
}

static void fast_load(Lower *l, const Mem *mem, const char *address, const char *name)
{
    const char *at = checked_address(l, address, arena_format(l->arena, "at_%s", name));
    lower_line(l, "const %s %s = M[%s];", c_type(mem->type), name, at);
}

static void fast_store(Lower *l, const Mem *mem, const char *address, const char *value)
{
    Interp *out = out_of(l);
    const char *at = checked_address(l, address, arena_format(l->arena, "%sto", l->part));
    lower_line(l, "M[%s] = %s;", at, value);
    out->stored = at;
}

static void fast_set_reg(Lower *l, const Reg *reg, const char *value)
{
    if (reg->is_pc)
        lower_line(l, "JUMP(%s);", value);
    else
        lower_line(l, "m->%.*s = %s;", TEXT(reg->name), value);
}

static void slow(Lower *l)
{
    lower_line(l, "SLOW;");
}

static void fast_raise(Lower *l, const Exception *exception)
{
    lower_line(l, "SLOW; // raises %.*s", TEXT(exception->name));
}

static void fast_trap(Lower *l, const char *vector)
{
    slow(l);
}

static void fast_proc(Lower *l, const Proc *proc, const char *args)
{
    slow(l);
}

static void look_at_store(Lower *l)
{
    const Interp *out = out_of(l);
    if (!out->stored)
        return;
    lower_line(l, "if (UNLIKELY(code[%s]))", out->stored);
    lower_line(l, "    CHANGED(%s);", out->stored);
}

static void fast_end(Lower *l)
{
    look_at_store(l);
    lower_line(l, "NEXT;");
}

static const Reach running = {
    .known = fast_known, .field = fast_field, .reg = fast_reg, .lazy = fast_lazy, .load = fast_load,
    .store = fast_store, .set_reg = fast_set_reg, .set_lazy = fast_set_lazy, .raise = fast_raise,
    .trap = fast_trap, .halt = slow, .proc = fast_proc, .end = fast_end,
};

// ---------------------------------------------------------------- handlers

static Lower start_part(Interp *out, const Plan *plan, const FoldList *folds, int part, const char *name, int indent)
{
    out->plan = plan;
    out->folds = folds;
    out->part = part;
    out->stored = NULL;
    Lower l;
    lower_init(&l, out->isa, out->o, out->w, &out->arena, &running, out, indent);
    l.part = name;
    return l;
}

// The operands of an entry, each under its name.
static void emit_slots(Interp *out, Lower *l)
{
    const Plan *plan = out->plan;
    if (!plan->is_packed) {
        const char *word = arena_format(l->arena, "%sword", l->part);
        if (plan->decode == DECODE_ADDR) {
            lower_line(l, "const %s %s = HALF(0);", out->word, word);
            lower_line(l, "const %s %spc = (%s)HALF(1);", out->at, l->part, out->at);
        } else {
            lower_line(l, "const %s %s = (%s)entry;", out->word, word, out->word);
        }
        emit_raw_fields(l, used_fields(&plan->form->body, out->o->dialect), word);
        return;
    }
    for (size_t i = 0; i < plan->slots.count; i++) {
        const Slot *s = &plan->slots.at[i];
        uint64_t value;
        if (plan_folded(plan, out->folds, out->part, s->expr, &value))
            continue;
        Writer note = { 0 };
        if (plan_value(plan, s->expr)->kind != EXPR_FIELD) {
            write_text(&note, " // ");
            pseudo_expr(&note, plan_value(plan, s->expr));
        }
        lower_line(l, "const %s %s%s = %s(%d);%.*s", s->room == 16 ? "uint16_t" : "unsigned", l->part, s->name,
                   s->room == 16 ? "HALF" : "BYTE", s->at / s->room, (int)note.len, note.at ? note.at : "");
        writer_free(&note);
    }
}

static const FoldList no_folds;

static void emit_form_body(Interp *out, const Form *form, const FoldList *folds, int part, const char *name, int indent)
{
    Lower l = start_part(out, &out->entries.at[form->index].plan, folds, part, name, indent);
    if (out->decode == DECODE_RAW)
        emit_raw_fields(&l, used_fields(&form->body, out->o->dialect), "word");
    else
        emit_slots(out, &l);
    lower_body(&l, &form->body);
}

static void open_handler(Interp *out, const char *id)
{
    write_format(out->w, "HANDLER(%s)\n{\n", id);
}

static void emit_form_handler(Interp *out, const Entry *e)
{
    emit_origin(out->isa, out->o, out->w, 0, e->form);
    open_handler(out, e->id);
    emit_form_body(out, e->form, &no_folds, 0, "", 4);
    write_text(out->w, "}\n\n");
}

static void emit_super_origin(Interp *out, const Super *s)
{
    write_format(out->w, "// %s:%u  %.*s:", out->o->source, source_place(out->isa->source, s->fuse->span.begin).line,
                 TEXT(s->fuse->name));
    for (size_t i = 0; i < s->fuse->parts.count; i++) {
        write_text(out->w, i ? ", then " : " ");
        write_text(out->w, form_id(&out->arena, s->fuse->parts.at[i].target));
    }
    if (s->fuse->where) {
        write_text(out->w, " where ");
        pseudo_expr(out->w, s->fuse->where);
    }
    write_text(out->w, "\n");
}

// Several instructions as one.  It stops between two of them where it must: the
// operands of the later ones are in their own entries.
static void emit_pair_handler(Interp *out, const Super *s)
{
    const size_t count = s->fuse->parts.count;
    write_format(out->w, "    if (UNLIKELY(left < %zu))\n        ALONE(%s);\n", count - 1,
                 form_id(&out->arena, s->fuse->parts.at[0].target));
    for (size_t i = 0; i < count; i++) {
        const FusePart *part = &s->fuse->parts.at[i];
        const char *name = arena_format(&out->arena, "%c_", (char)('a' + i));
        if (i)
            write_format(out->w, "    left--;\n    ip++;\n");
        if (i + 1 == count) {
            emit_form_body(out, part->target, &s->folds, (int)i, name, 4);
            break;
        }
        Lower l = start_part(out, &out->entries.at[part->target->index].plan, &s->folds, (int)i, name, 4);
        emit_slots(out, &l);
        lower_block(&l, &part->target->body);
        look_at_store(&l);
    }
}

static void emit_super_handler(Interp *out, const Super *s)
{
    emit_super_origin(out, s);
    open_handler(out, s->id);
    if (s->fuse->parts.count == 1)
        emit_form_body(out, s->fuse->parts.at[0].target, &s->folds, 0, "", 4);
    else
        emit_pair_handler(out, s);
    write_text(out->w, "}\n\n");
}

// ------------------------------------------------- traps that move one word

bool is_ring_trap(const TrapEntry *t)
{
    return host_path(t) != HOST_CALLED && !t->body.count;
}

const char *ring_trap_id(Interp *out, const TrapEntry *t)
{
    return arena_format(&out->arena, "TRAP_%.*s", TEXT(t->name));
}

// A push or a pop that neither waits nor has anything to note.  Where that is not so, or
// the native body may not run, nothing has happened and `otherwise` does the whole trap.
static void emit_ring_trap(Interp *out, const Plan *plan, const TrapEntry *t, const char *otherwise, int indent)
{
    Lower l = start_part(out, plan, &no_folds, 0, "", indent);
    const bool pushes = host_path(t) == HOST_PUSHES;
    const char *ring = pushes ? "push_ring" : "pop_ring";
    const char *value = pushes ? lower_value(&l, t->in.at[0], LEVEL_COND) : "&out0";
    if (!pushes)
        lower_line(&l, "%s out0;", c_type(t->out.at[0]->type));
    lower_line(&l, "if (UNLIKELY(!m->native[0x%02" PRIX64 "] || !m->%s || !ring_%s_fast(m->%s, %s)))", t->vector, ring,
               pushes ? "push" : "pop", ring, value);
    lower_line(&l, "    %s;", otherwise);
    if (!pushes)
        lower_line(&l, "%s = out0;", lower_expr(&l, t->out.at[0]).text);
    if (t->sets)
        fast_set_lazy(&l, t->sets, "out0");
    lower_line(&l, "m->traps[0x%02" PRIX64 "]++;", t->vector);
    lower_line(&l, "NEXT;");
}

static void emit_ring_handlers(Interp *out, const Plan *plan)
{
    for (size_t i = 0; i < out->isa->traps->list.count; i++) {
        const TrapEntry *t = out->isa->traps->list.at[i];
        if (!is_ring_trap(t))
            continue;
        write_format(out->w, "// %s:%u  %.*s: %.*s\n", out->o->source,
                     source_place(out->isa->source, t->span.begin).line, TEXT(t->name), TEXT(t->title));
        open_handler(out, ring_trap_id(out, t));
        emit_ring_trap(out, plan, t, "ALONE(TRAP)", 4);
        write_text(out->w, "}\n\n");
    }
}

// The same where the vector is only known now.
static void emit_raw_traps(Interp *out, const Plan *plan, int indent)
{
    Lower l = start_part(out, plan, &no_folds, 0, "", indent);
    if (has_host_path(out->isa))
        emit_raw_fields(&l, used_fields_expr(plan_value(plan, plan->trap)), "word");
    for (size_t i = 0; i < out->isa->traps->list.count; i++) {
        const TrapEntry *t = out->isa->traps->list.at[i];
        if (!is_ring_trap(t))
            continue;
        lower_line(&l, "if (%s == 0x%02" PRIX64 ") { // %.*s", lower_value(&l, plan->trap, LEVEL_EQ), t->vector,
                   TEXT(t->name));
        emit_ring_trap(out, plan, t, "SLOW", indent + 4);
        lower_line(&l, "}");
    }
    lower_line(&l, "SLOW;");
}

static void emit_raw_group(Interp *out, uint64_t value)
{
    const FormList forms = primary_forms(out->isa, &out->arena, value);
    const uint64_t known = ((1ull << out->primary.width) - 1) << out->primary.lo;
    write_format(out->w, "HANDLER(%" PRIX64 ")\n{\n", value);
    for (size_t i = 0; i < forms.count; i++) {
        const char *test = form_test(&out->arena, forms.at[i], "word", known);
        const bool open = test && i + 1 < forms.count;
        if (open)
            write_format(out->w, "    if (%s) {\n", test);
        emit_origin(out->isa, out->o, out->w, open ? 8 : 4, forms.at[i]);
        const Plan *plan = &out->entries.at[forms.at[i]->index].plan;
        if (plan->is_fast)
            emit_form_body(out, forms.at[i], &no_folds, 0, "", open ? 8 : 4);
        else if (plan->trap)
            emit_raw_traps(out, plan, open ? 8 : 4);
        else
            write_format(out->w, "%*sSLOW;\n", open ? 8 : 4, "");
        if (open)
            write_text(out->w, "    }\n");
        if (!open)
            break;
    }
    write_text(out->w, "}\n\n");
}

void emit_handlers(Interp *out)
{
    if (out->decode == DECODE_RAW) {
        for (uint64_t v = 0; v < 1ull << out->primary.width; v++)
            emit_raw_group(out, v);
        return;
    }
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.is_fast)
            emit_form_handler(out, &out->entries.at[i]);
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.trap) {
            emit_ring_handlers(out, &out->entries.at[i].plan);
            break;
        }
    for (size_t i = 0; out->fused && i < out->supers.count; i++)
        emit_super_handler(out, &out->supers.at[i]);
}
