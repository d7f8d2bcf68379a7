// emit_interp.c -- interpreters: one emitter, every strategy.
//
// A handler's text is the same for every dispatch; four macros say how control
// moves: NEXT to the next instruction, JUMP(target) sets where that is, SLOW has
// ..._step do the whole instruction, CHANGED(address) tells the machine that
// code was overwritten.  Decode decides what a handler knows when it starts, flags
// decide where a lazy value lives; both show only in a few small functions here.
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "emit_plan.h"
#include "pseudo.h"

typedef struct { const Form *form; Plan plan; const char *id; } Entry;
typedef struct { const Fuse *fuse; FoldList folds; const char *id; } Super;

typedef struct {
    const Isa *isa;
    const EmitOptions *o;
    Writer *w;
    Arena arena;
    const char *type, *word;
    const char *mem; // "M"
    const char *pc;  // "PC"
    const char *at;  // the type of an address: "uint16_t"
    Primary primary;
    // Of the engine being written:
    Dispatch dispatch;
    Decode decode;
    bool lazy, fused;
    const char *engine; // "tail_addr_lazy"
    LIST(Entry) entries;  // by Form.index
    LIST(Super) supers;
    // Of the handler being written:
    const Plan *plan;
    const FoldList *folds;
    int part;
    const char *stored; // the address of a store whose code map is still to be looked at
} Out;

static const char *decode_name(Decode d)
{
    return d == DECODE_RAW ? "raw" : d == DECODE_WORD ? "word" : "addr";
}

static const char *dispatch_name(Dispatch d)
{
    return d == DISPATCH_SWITCH ? "switch" : d == DISPATCH_GOTO ? "goto" : "tail";
}

static const char *group_prefix(Decode d)
{
    return d == DECODE_WORD ? "WORD" : "ADDR";
}

// ------------------------------------------------------- reaching a running engine

static Out *out_of(Lower *l)
{
    return l->user;
}

static CText slot_text(Lower *l, const Slot *slot)
{
    return ctext(arena_format(l->arena, "%s%s", l->part, slot->name), LEVEL_ATOM, false);
}

static CText fast_known(Lower *l, const Expr *e)
{
    const Out *out = out_of(l);
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

static const char *rest_bits(Arena *a, const Lazy *z)
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

static const char *set_rest_bits(Arena *a, const Lazy *z, const char *argument)
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

static bool is_fixed_address(const Out *out, const char *address)
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
    Out *out = out_of(l);
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
    const Out *out = out_of(l);
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

static Lower start_part(Out *out, const Plan *plan, const FoldList *folds, int part, const char *name, int indent)
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
static void emit_slots(Out *out, Lower *l)
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

static void emit_form_body(Out *out, const Form *form, const FoldList *folds, int part, const char *name, int indent)
{
    Lower l = start_part(out, &out->entries.at[form->index].plan, folds, part, name, indent);
    if (out->decode == DECODE_RAW)
        emit_raw_fields(&l, used_fields(&form->body, out->o->dialect), "word");
    else
        emit_slots(out, &l);
    lower_body(&l, &form->body);
}

static void open_handler(Out *out, const char *id)
{
    write_format(out->w, "HANDLER(%s)\n{\n", id);
}

static void emit_form_handler(Out *out, const Entry *e)
{
    emit_origin(out->isa, out->o, out->w, 0, e->form);
    open_handler(out, e->id);
    emit_form_body(out, e->form, &no_folds, 0, "", 4);
    write_text(out->w, "}\n\n");
}

static void emit_super_origin(Out *out, const Super *s)
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
static void emit_pair_handler(Out *out, const Super *s)
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

static void emit_super_handler(Out *out, const Super *s)
{
    emit_super_origin(out, s);
    open_handler(out, s->id);
    if (s->fuse->parts.count == 1)
        emit_form_body(out, s->fuse->parts.at[0].target, &s->folds, 0, "", 4);
    else
        emit_pair_handler(out, s);
    write_text(out->w, "}\n\n");
}

static void emit_raw_group(Out *out, uint64_t value)
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
        if (out->entries.at[forms.at[i]->index].plan.is_fast)
            emit_form_body(out, forms.at[i], &no_folds, 0, "", open ? 8 : 4);
        else
            write_format(out->w, "%*sSLOW;\n", open ? 8 : 4, "");
        if (open)
            write_text(out->w, "    }\n");
        if (!open)
            break;
    }
    write_text(out->w, "}\n\n");
}

static void emit_handlers(Out *out)
{
    if (out->decode == DECODE_RAW) {
        for (uint64_t v = 0; v < 1ull << out->primary.width; v++)
            emit_raw_group(out, v);
        return;
    }
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.is_fast)
            emit_form_handler(out, &out->entries.at[i]);
    for (size_t i = 0; out->fused && i < out->supers.count; i++)
        emit_super_handler(out, &out->supers.at[i]);
}

// ----------------------------------------------------- entries: what is decoded

static void plan_entries(Out *out, Decode decode)
{
    out->decode = decode;
    out->entries.count = 0;
    out->supers.count = 0;
    for (size_t i = 0; i < out->isa->forms.count; i++) {
        const Form *f = out->isa->forms.at[i];
        const Entry e = { f, plan_form(out->isa, out->o->dialect, decode, f, &out->arena), form_id(&out->arena, f) };
        LIST_ADD(&out->arena, &out->entries, e);
    }
    for (size_t i = 0; i < out->isa->fuses.count; i++) {
        const Fuse *f = out->isa->fuses.at[i];
        bool wanted = out->o->fuse && out->o->fuses.count == 0;
        for (size_t k = 0; out->o->fuse && k < out->o->fuses.count; k++)
            wanted |= text_same(out->o->fuses.at[k], f->name);
        if (!wanted || !plan_can_fuse(out->isa, out->o->dialect, decode, f))
            continue;
        const Super s = { f, plan_folds(f, &out->arena),
                          arena_format(&out->arena, "fuse_%.*s", TEXT(f->name)) };
        LIST_ADD(&out->arena, &out->supers, s);
    }
}

// Names a constant where fields and pc are at hand, to put it into an entry.
static CText decode_field(Lower *l, const Field *field)
{
    return ctext(field_name(l, field), LEVEL_ATOM, false);
}

static CText decode_reg(Lower *l, const Reg *reg)
{
    return ctext("pc", LEVEL_ATOM, false);
}

static CText decode_known(Lower *l, const Expr *e)
{
    const Out *out = out_of(l);
    if (e->kind == EXPR_LOCAL && out->plan)
        return lower_expr(l, plan_value(out->plan, e));
    if (e->kind == EXPR_FIELD && !out->plan) // of a superinstruction's condition: its part comes first
        return ctext(arena_format(l->arena, "%c_%s", (char)('a' + e->num), c_name(l->arena, e->field->name)),
                     LEVEL_ATOM, false);
    return (CText){ 0 };
}

static const Reach decoding = { .known = decode_known, .field = decode_field, .reg = decode_reg };

static Lower start_decode(Out *out, const Plan *plan, const char *part, int indent)
{
    Lower l;
    out->plan = plan;
    lower_init(&l, out->isa, out->o, out->w, &out->arena, &decoding, out, indent);
    l.part = part;
    return l;
}

static uint64_t slot_fields(const Plan *plan)
{
    uint64_t fields = 0;
    for (size_t i = 0; i < plan->slots.count; i++)
        fields |= used_fields_expr(plan_value(plan, plan->slots.at[i].expr));
    return fields;
}

// "dr | sr1 << 8 | (uint32_t)(uint16_t)sext(imm5, 5) << 16"
static const char *operands(Out *out, Lower *l, const Plan *plan)
{
    if (!plan->is_packed)
        return out->decode == DECODE_ADDR ? "word | (uint32_t)pc << 16" : "word";
    const char *text = "";
    for (size_t i = 0; i < plan->slots.count; i++) {
        const Slot *s = &plan->slots.at[i];
        const CText value = ctext_clean(l, lower_expr(l, plan_value(plan, s->expr)), s->expr->type);
        text = arena_format(l->arena, "%s%s(uint32_t)%s", text, *text ? " | " : "", ctext_in(l, value, LEVEL_UNARY));
        if (s->at)
            text = arena_format(l->arena, "%s << %d", text, s->at);
    }
    return *text ? text : "0";
}

static const char *fuse_test(Out *out, Lower *l, const Super *s)
{
    out->plan = NULL;
    return s->fuse->where ? lower_value(l, s->fuse->where, LEVEL_LAND) : "true";
}

typedef struct { uint64_t part, fields; } PartFields;

static void note_part_field(void *user, const Expr *e)
{
    PartFields *p = user;
    if (e->kind == EXPR_FIELD && e->num == p->part)
        p->fields |= 1ull << e->field->index;
}

static uint64_t part_fields(const Expr *where, uint64_t part)
{
    PartFields p = { part, 0 };
    visit_expr(&(Visit){ .expr = note_part_field, .user = &p }, where);
    return p.fields;
}

static bool is_single_of(const Super *s, const Form *form)
{
    return s->fuse->parts.count == 1 && s->fuse->parts.at[0].target == form;
}

static void decode_form(void *user, const Form *form, int indent)
{
    Out *out = user;
    const char *group = group_prefix(out->decode);
    const Entry *e = &out->entries.at[form->index];
    if (e->plan.trap) {
        write_format(out->w, "%*s{\n", indent, "");
        Lower l = start_decode(out, &e->plan, "", indent + 4);
        emit_raw_fields(&l, used_fields_expr(plan_value(&e->plan, e->plan.trap)), "word");
        lower_line(&l, "return ENTRY(%s_TRAP, %s); // %s", group, lower_value(&l, e->plan.trap, LEVEL_COND), e->id);
        write_format(out->w, "%*s}\n", indent, "");
        return;
    }
    if (!e->plan.is_fast) {
        write_format(out->w, "%*sreturn ENTRY(%s_SLOW, 0); // %s\n", indent, "", group, e->id);
        return;
    }
    write_format(out->w, "%*s{\n", indent, "");
    Lower l = start_decode(out, &e->plan, "", indent + 4);
    uint64_t fields = slot_fields(&e->plan);
    for (size_t i = 0; i < e->plan.fixed_addresses.count; i++)
        fields |= used_fields_expr(plan_value(&e->plan, e->plan.fixed_addresses.at[i]));
    emit_raw_fields(&l, fields, "word");
    for (size_t i = 0; i < e->plan.fixed_addresses.count; i++) {
        lower_line(&l, "if (!is_ram(%s))", lower_value(&l, plan_value(&e->plan, e->plan.fixed_addresses.at[i]), LEVEL_COND));
        lower_line(&l, "    return ENTRY(%s_SLOW, 0);", group);
    }
    lower_line(&l, "const uint32_t operands = %s;", operands(out, &l, &e->plan));
    for (size_t i = 0; i < out->supers.count; i++) {
        const Super *s = &out->supers.at[i];
        if (!is_single_of(s, form))
            continue;
        lower_line(&l, "if (fuse) { // %s", s->id);
        l.indent += 4;
        Lower f = start_decode(out, NULL, "a_", l.indent);
        emit_raw_fields(&f, part_fields(s->fuse->where, 0), "word");
        lower_line(&f, "if (%s)", fuse_test(out, &f, s));
        lower_line(&f, "    return ENTRY(%s_%s, operands);", group, s->id);
        l.indent -= 4;
        lower_line(&l, "}");
    }
    lower_line(&l, "return ENTRY(%s_%s, operands);", group, e->id);
    write_format(out->w, "%*s}\n", indent, "");
}

// Whether a handler of its own runs traps, with the vector for its operand.
static bool has_traps(const Out *out)
{
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.trap)
            return true;
    return false;
}

static void emit_handler_enum(Out *out)
{
    const char *group = group_prefix(out->decode);
    write_format(out->w, "enum {\n    %s_DECODE, %s_SLOW,%s\n", group, group,
                 has_traps(out) ? arena_format(&out->arena, " %s_TRAP,", group) : "");
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.is_fast)
            write_format(out->w, "    %s_%s,\n", group, out->entries.at[i].id);
    for (size_t i = 0; i < out->supers.count; i++)
        write_format(out->w, "    %s_%s,\n", group, out->supers.at[i].id);
    write_format(out->w, "    %s_COUNT\n};\n\n", group);
}

static void emit_plain(Out *out)
{
    const bool by_address = out->decode == DECODE_ADDR;
    write_format(out->w,
                 "// What to do with this word%s: a handler and its operands.\n"
                 "static uint64_t %s_plain(const %s word%s, const bool fuse)\n{\n",
                 by_address ? ", and where pc is then" : "", decode_name(out->decode), out->word,
                 by_address ? arena_format(&out->arena, ", const %s pc", out->at) : "");
    emit_form_switch(out->isa, out->w, "word", 4, decode_form, out);
    write_format(out->w, "    return ENTRY(%s_SLOW, 0);\n}\n\n", group_prefix(out->decode));
}

// The fused handler that begins with the word at `at`, if there is one.
static void emit_fused(Out *out)
{
    size_t longest = 1;
    write_format(out->w, "static unsigned addr_fused(const %s *M, %s at, unsigned *length)\n{\n", out->word, out->at);
    for (size_t i = 0; i < out->supers.count; i++) {
        const Super *s = &out->supers.at[i];
        const size_t count = s->fuse->parts.count;
        if (count < 2)
            continue;
        if (count > longest)
            longest = count;
        write_format(out->w, "    if (at <= %s) {\n", c_number(&out->arena, exec_mem(out->isa)->count - count));
        const char *test = "";
        for (size_t k = 0; k < count; k++) {
            const char *word = arena_format(&out->arena, "%c_word", (char)('a' + k));
            Lower l = start_decode(out, NULL, arena_format(&out->arena, "%c_", (char)('a' + k)), 8);
            lower_line(&l, "const %s %s = M[at + %zu];", out->word, word, k);
            emit_raw_fields(&l, part_fields(s->fuse->where, k), word);
            const char *match = form_test(&out->arena, s->fuse->parts.at[k].target, word, 0);
            test = arena_format(&out->arena, "%s%s%s", test, *test && match ? " && " : "", match ? match : "");
        }
        Lower l = start_decode(out, NULL, "", 8);
        lower_line(&l, "if (%s && %s) {", *test ? test : "true", fuse_test(out, &l, s));
        lower_line(&l, "    *length = %zu;", count);
        lower_line(&l, "    return ADDR_%s;", s->id);
        lower_line(&l, "}");
        write_text(out->w, "    }\n");
    }
    write_format(out->w, "    return 0;\n}\n\nenum { LONGEST = %zu }; // instructions in one handler\n\n", longest);
}

static void emit_place(Out *out)
{
    write_text(out->w,
               "// An entry: in the upper half the handler, as its number while it is being decoded and as its\n"
               "// position in the engine once it is kept; in the lower half the operands.\n"
               "#define ENTRY(handler, operands) ((uint64_t)(handler) << 32 | (uint32_t)(operands))\n\n"
               "// Operands and position are read from where the entry stands: a load is cheaper than a shift and a mask.\n"
               "typedef uint16_t __attribute__((may_alias)) HalfWord;\n"
               "typedef int32_t __attribute__((may_alias)) Position;\n"
               "#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__\n"
               "#define BYTE_AT(entry, n) (((const uint8_t *)(entry))[n])\n"
               "#define HALF_AT(entry, n) (((const HalfWord *)(entry))[n])\n"
               "#define POSITION_AT(entry) (((const Position *)(entry))[1])\n"
               "#else\n"
               "#define BYTE_AT(entry, n) ((uint8_t)(*(entry) >> (n) * 8))\n"
               "#define HALF_AT(entry, n) ((uint16_t)(*(entry) >> (n) * 16))\n"
               "#define POSITION_AT(entry) ((int32_t)(*(entry) >> 32))\n"
               "#endif\n\n"
               "static uint64_t place(uint64_t entry, const int32_t *positions)\n"
               "{\n"
               "    return positions ? ENTRY((uint32_t)__atomic_load_n(&positions[entry >> 32], __ATOMIC_RELAXED), entry) : entry;\n"
               "}\n\n");
}

static void emit_addr_decode(Out *out)
{
    write_format(out->w,
                 "static void addr_keep(%s *m, %s at, uint64_t entry, const int32_t *positions)\n"
                 "{\n"
                 "    m->code[at] |= CODE_DECODED;\n"
                 "    m->decoded[at] = place(entry, positions);\n"
                 "}\n\n",
                 out->type, out->at);
    write_format(out->w,
                 "// Decodes the word at `at`.  Where fetches are guarded or a device answers, every fetch is made anew.\n"
                 "static __attribute__((noinline)) void addr_decode(%s *m, %s at, const int32_t *positions, bool fuse)\n"
                 "{\n"
                 "    if (!is_ram(at)) {\n"
                 "        m->decoded[at] = place(ENTRY(ADDR_SLOW, 0), positions);\n"
                 "        return;\n"
                 "    }\n"
                 "    const uint64_t entry = addr_plain(m->%s[at], at + 1, fuse);\n"
                 "    unsigned length = 1;\n"
                 "    const unsigned handler = fuse ? addr_fused(m->%s, at, &length) : 0;\n"
                 "    bool whole = handler && entry >> 32 != ADDR_SLOW;\n"
                 "    for (unsigned next = at + 1u; whole && next < at + length; next++)\n"
                 "        whole = is_ram(next) && addr_plain(m->%s[next], next + 1, fuse) >> 32 != ADDR_SLOW;\n"
                 "    if (!whole) {\n"
                 "        addr_keep(m, at, entry, positions);\n"
                 "        return;\n"
                 "    }\n"
                 "    for (unsigned next = at + 1u; next < at + length; next++)\n"
                 "        if (!m->decoded[next])\n"
                 "            addr_keep(m, next, addr_plain(m->%s[next], next + 1, fuse), positions);\n"
                 "    m->code[at] |= CODE_FUSED;\n"
                 "    addr_keep(m, at, ENTRY(handler, entry), positions);\n"
                 "}\n\n",
                 out->type, out->at, out->mem, out->mem, out->mem, out->mem);
}

static void emit_word_decode(Out *out)
{
    write_format(out->w,
                 "// The table is one for all machines of the process; whoever comes first fills an entry, and all fill in\n"
                 "// the same.  Relaxed: an entry stands for itself.\n"
                 "static __attribute__((noinline)) uint64_t word_decode(%s word, uint64_t *words, const int32_t *positions, bool fuse)\n"
                 "{\n"
                 "    const uint64_t entry = place(word_plain(word, fuse), positions);\n"
                 "    __atomic_store_n(&words[word], entry, __ATOMIC_RELAXED);\n"
                 "    return entry;\n"
                 "}\n\n",
                 out->word);
}

static void emit_decoding(Out *out, Decode decode)
{
    plan_entries(out, decode);
    write_format(out->w, "// ------------------------------------------------ decoded by %s\n\n",
                 decode == DECODE_ADDR ? "address" : "instruction word");
    emit_handler_enum(out);
    emit_plain(out);
    if (decode == DECODE_ADDR) {
        emit_fused(out);
        emit_addr_decode(out);
    } else {
        emit_word_decode(out);
    }
}

// A word changed: its entry goes, and every entry that swallows it.
static void emit_forget(Out *out)
{
    const bool by_address = out->o->decode & DECODE_ADDR;
    write_format(out->w, "void %s_forget(%s *m, uint16_t address)\n{\n", out->o->prefix, out->type);
    write_text(out->w, "    m->decoded[address] = 0;\n    m->code[address] &= (uint8_t)~(CODE_DECODED | CODE_FUSED);\n");
    if (by_address)
        write_text(out->w, "    for (uint16_t distance = 1; distance < LONGEST; distance++) {\n"
                           "        if (address < distance)\n"
                           "            return;\n"
                           "        if (m->code[address - distance] & CODE_FUSED) {\n"
                           "            address -= distance;\n"
                           "            m->decoded[address] = 0;\n"
                           "            m->code[address] &= (uint8_t)~(CODE_DECODED | CODE_FUSED);\n"
                           "            distance = 0;\n"
                           "        }\n"
                           "    }\n");
    write_text(out->w, "}\n\n");
}

// ----------------------------------------------------------- what engines share

static void emit_lazy_tables(Out *out)
{
    for (size_t i = 0; i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        const uint64_t count = type_mask(z->type) + 1;
        write_format(out->w, "// An argument for which fn_%.*s gives this %.*s, or -1.\nstatic const int64_t argument_%.*s[%" PRIu64
                     "] = {", TEXT(z->fn->name), TEXT(z->name), TEXT(z->name), count);
        for (uint64_t v = 0; v < count; v++)
            write_format(out->w, "%s%" PRId64, v ? ", " : " ", z->inverse[v]);
        write_text(out->w, " };\n\n");
    }
    write_format(out->w, "// Whether the lazy engines can stand for this state.\nstatic bool is_settled(const %s *m)\n{\n    return ",
                 out->type);
    for (size_t i = 0; i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        write_format(out->w, "%sargument_%.*s[%s] >= 0", i ? " && " : "", TEXT(z->name), rest_bits(&out->arena, z));
    }
    write_text(out->w, ";\n}\n\n");
    write_format(out->w,
                 "// Runs the plain way until they can.\n"
                 "static int settle(%s *m)\n"
                 "{\n"
                 "    int result = GO_ON;\n"
                 "    while (result == GO_ON && !is_settled(m))\n"
                 "        result = m->instructions == m->deadline ? STOP_BUDGET : %s_step(m);\n"
                 "    return result;\n"
                 "}\n\n",
                 out->type, out->o->prefix);
}

static bool uses_lazy(const Out *out)
{
    return (out->o->flags & FLAGS_LAZY) && out->isa->lazies.count;
}

static void emit_preamble(Out *out)
{
    emit_banner(out->w, out->o, "Interpreters of one dialect.");
    write_format(out->w, "#include \"%s_state.h\"\n\n", out->o->machine);
    emit_quiet_pragmas(out->w);
    emit_dialect_prototypes(out->o, out->o->prefix, out->w);
    write_format(out->w,
                 "enum { GO_ON = %s_GO_ON };\n\n"
                 "#define UNLIKELY(x) __builtin_expect(!!(x), 0)\n\n"
                 "// Tail calls need a compiler that promises them, and registers enough to pass all of the engine in.\n"
                 "#if defined __has_attribute\n"
                 "#if __has_attribute(musttail) && __has_attribute(preserve_none) && defined __x86_64__\n"
                 "#define HAS_TAIL 1\n"
                 "#endif\n"
                 "#endif\n\n",
                 upper_name(&out->arena, out->o->machine));
    emit_helpers_c(out->w);
    emit_fns_c(out->isa, out->o, out->w);
    emit_is_ram(out->isa, out->o, out->w);
}

// ---------------------------------------------------------- engines: macros

static const char *lazy_sync(Out *out) // "m->PSR = ...; "
{
    const char *text = "";
    for (size_t i = 0; out->lazy && i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        text = arena_format(&out->arena, "%s    %s\n", text,
                            set_rest_bits(&out->arena, z, arena_format(&out->arena, "last_%.*s", TEXT(z->name))));
    }
    return text;
}

static const char *lazy_load(Out *out, bool declare)
{
    const char *text = "";
    for (size_t i = 0; out->lazy && i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        const char *type = c_type(z->fn->params.at[0]->type);
        text = arena_format(&out->arena, "%s    %s%slast_%.*s = (%s)argument_%.*s[%s];\n", text, declare ? type : "",
                            declare ? " " : "", TEXT(z->name), type, TEXT(z->name), rest_bits(&out->arena, z));
    }
    return text;
}

static const char *pc_now(const Out *out)
{
    return out->decode == DECODE_ADDR ? arena_format(&((Out *)out)->arena, "(%s)(ip - decoded)", out->at) : "pc";
}

static const char *pc_before(const Out *out)
{
    return arena_format(&((Out *)out)->arena, out->decode == DECODE_ADDR ? "(%s)(ip - 1 - decoded)" : "(%s)(pc - 1)",
                        out->at);
}

// What a handler finds in its entry.
static void emit_operand_macros(Out *out)
{
    if (out->decode == DECODE_ADDR)
        write_text(out->w, "#define BYTE(n) BYTE_AT(ip - 1, n)\n#define HALF(n) HALF_AT(ip - 1, n)\n");
    else if (out->decode == DECODE_WORD)
        write_text(out->w, "#define BYTE(n) ((uint8_t)(entry >> (n) * 8))\n#define HALF(n) ((uint16_t)(entry >> (n) * 16))\n");
}

// One instruction by `call`, from and to a state at rest whose pc is `pc`.
static void emit_rest_body(Out *out, const char *pc, const char *call)
{
    write_format(out->w, "    m->%s = %s;\n    m->instructions = m->deadline - left - 1;\n%s", out->pc, pc, lazy_sync(out));
    write_format(out->w, "    const int result = %s_%s;\n    if (result != GO_ON)\n        return result;\n",
                 out->o->prefix, call);
    if (out->lazy)
        write_text(out->w, "    if (UNLIKELY(!is_settled(m)))\n        return GO_ON;\n");
    write_format(out->w, "    left = m->deadline - m->instructions;\n%s", lazy_load(out, false));
    if (out->decode == DECODE_ADDR)
        write_format(out->w, "    ip = decoded + m->%s;\n", out->pc);
    else
        write_format(out->w, "    pc = m->%s;\n", out->pc);
}

static void emit_slow_body(Out *out)
{
    emit_rest_body(out, pc_before(out), "step(m)");
}

static void emit_trap_body(Out *out)
{
    emit_rest_body(out, pc_now(out), "trap(m, BYTE(0))");
}

static void emit_trap_handler(Out *out)
{
    if (!has_traps(out))
        return;
    write_text(out->w, "HANDLER(TRAP)\n{\n");
    emit_trap_body(out);
    write_text(out->w, "    NEXT;\n}\n\n");
}

static void emit_out_body(Out *out)
{
    write_format(out->w, "    m->%s = %s;\n    m->instructions = m->deadline;\n%s    return STOP_BUDGET;\n", out->pc,
                 pc_now(out), lazy_sync(out));
}

static const char *table_name(const Out *out)
{
    return arena_format(&((Out *)out)->arena, "%s_words", out->engine);
}

// Gets the next instruction into `fetched`; leaves to SLOW what must not be fetched plainly.
static const char *fetch_lines(Out *out, const char *newline)
{
    if (out->decode == DECODE_ADDR)
        return arena_format(&out->arena, "        ip++;%s", newline);
    const char *check = arena_format(&out->arena,
                                     "        pc++;%s"
                                     "        if (UNLIKELY(!is_ram(%s)))%s"
                                     "            SLOW;%s", newline, pc_before(out), newline, newline);
    if (out->decode == DECODE_RAW)
        return arena_format(&out->arena, "%s        word = M[%s];%s", check, pc_before(out), newline);
    return arena_format(&out->arena,
                        "%s        entry = __atomic_load_n(&%s[M[%s]], __ATOMIC_RELAXED);%s", check, table_name(out),
                        pc_before(out), newline);
}

static const char *positions_name(const Out *out)
{
    return out->dispatch == DISPATCH_SWITCH ? "NULL" : "positions";
}

static const char *decode_call(Out *out)
{
    if (out->decode == DECODE_ADDR)
        return arena_format(&out->arena, "addr_decode(m, %s, %s, %s)", pc_before(out), positions_name(out),
                            out->fused ? "true" : "false");
    return arena_format(&out->arena, "word_decode(M[%s], %s, %s, %s)", pc_before(out), table_name(out),
                        positions_name(out), out->fused ? "true" : "false");
}

// The entry behind the last word is never filled: it leads to the first.  Where the
// last word is not plain memory, ..._step goes around that corner.
static void emit_decode_body(Out *out)
{
    const RamRange ram = ram_range(out->isa, out->o->dialect);
    if (out->decode == DECODE_WORD) {
        write_format(out->w, "    entry = %s;\n    AGAIN;\n", decode_call(out));
        return;
    }
    if (ram.first + ram.count == exec_mem(out->isa)->count)
        write_format(out->w,
                     "    if (ip - 1 - decoded == %" PRIu64 ") {\n"
                     "        ip = decoded + 1;\n"
                     "        if (decoded[0])\n"
                     "            AGAIN;\n"
                     "    }\n", exec_mem(out->isa)->count);
    write_format(out->w, "    %s;\n    AGAIN;\n", decode_call(out));
}

// Every handler's name in the order of their numbers.
static void each_handler(Out *out, void (*each)(Out *out, const char *id))
{
    if (out->decode == DECODE_RAW) {
        for (uint64_t v = 0; v < 1ull << out->primary.width; v++)
            each(out, arena_format(&out->arena, "%" PRIX64, v));
        return;
    }
    each(out, "DECODE");
    each(out, "SLOW");
    if (has_traps(out))
        each(out, "TRAP");
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.is_fast)
            each(out, out->entries.at[i].id);
    for (size_t i = 0; i < out->supers.count; i++)
        each(out, out->fused ? out->supers.at[i].id : "SLOW");
}

static void emit_undefs(Out *out)
{
    static const char *const names[] = { "HANDLER", "NEXT", "JUMP", "SLOW", "CHANGED", "ALONE", "AGAIN", "ARGS", "PASS",
                                         "TAIL", "COLD", "BYTE", "HALF" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        write_format(out->w, "#undef %s\n", names[i]);
    write_text(out->w, "\n");
}

static void emit_jump_macro(Out *out)
{
    write_format(out->w, out->decode == DECODE_ADDR ? "#define JUMP(target) ip = decoded + (%s)(target)\n"
                                                    : "#define JUMP(target) pc = (%s)(target)\n", out->at);
}

// Locals of an engine that is one function.
static void emit_locals(Out *out)
{
    write_format(out->w,
                 "    %s *const M = m->%s;\n    const uint8_t *const code = m->code;\n"
                 "    uint64_t left = m->deadline - m->instructions;\n", out->word, out->mem);
    if (out->decode == DECODE_ADDR)
        write_format(out->w, "    const uint64_t *const decoded = m->decoded;\n    const uint64_t *ip = decoded + m->%s;\n",
                     out->pc);
    else
        write_format(out->w, "    %s pc = m->%s;\n", out->at, out->pc);
    if (out->decode == DECODE_RAW)
        write_format(out->w, "    %s word = 0;\n", out->word);
    else if (out->decode == DECODE_WORD)
        write_text(out->w, "    uint64_t entry = 0;\n");
    write_text(out->w, lazy_load(out, true));
}

static void emit_words_table(Out *out)
{
    if (out->decode == DECODE_WORD)
        write_format(out->w, "static uint64_t %s[%" PRIu64 "];\n\n", table_name(out),
                     UINT64_C(1) << out->isa->word_bits);
}

// -------------------------------------------------------- engines: switch

static void emit_switch_engine(Out *out)
{
    const char *group = out->decode == DECODE_RAW ? "" : arena_format(&out->arena, "%s_", group_prefix(out->decode));
    emit_words_table(out);
    if (out->decode == DECODE_RAW)
        write_text(out->w, "#define HANDLER(name) case 0x##name:\n");
    else
        write_format(out->w, "#define HANDLER(name) case %s##name:\n", group);
    emit_operand_macros(out);
    emit_jump_macro(out);
    write_format(out->w,
                 "#define NEXT continue\n"
                 "#define SLOW goto slow\n"
                 "#define CHANGED(address) %s_code_changed(m, address)\n",
                 out->o->machine);
    if (out->decode == DECODE_WORD)
        write_text(out->w, "#define AGAIN goto again\n");
    if (out->decode == DECODE_ADDR)
        write_text(out->w, "#define AGAIN \\\n    do { \\\n        handler = POSITION_AT(ip - 1); \\\n"
                           "        goto again; \\\n    } while (0)\n"
                           "#define ALONE(name) \\\n    do { \\\n        handler = ADDR_##name; \\\n"
                           "        goto again; \\\n    } while (0)\n");
    write_format(out->w, "\nstatic int %s(%s *m)\n{\n", out->engine, out->type);
    emit_locals(out);
    if (out->decode == DECODE_ADDR)
        write_text(out->w, "    int32_t handler;\n");
    write_format(out->w, "    for (;;) {\n        if (left-- == 0)\n            break;\n%s",
                 fetch_lines(out, "\n"));
    if (out->decode == DECODE_RAW)
        write_format(out->w, "    switch (word >> %d & %s) {\n", out->primary.lo,
                     c_number(&out->arena, (1ull << out->primary.width) - 1));
    else if (out->decode == DECODE_WORD)
        write_text(out->w, "again:\n    switch (entry >> 32) {\n");
    else
        write_text(out->w, "    handler = POSITION_AT(ip - 1);\nagain:\n    switch (handler) {\n");
    emit_handlers(out);
    if (out->decode != DECODE_RAW) {
        write_text(out->w, "HANDLER(DECODE)\n{\n");
        emit_decode_body(out);
        write_text(out->w, "}\n\n");
        emit_trap_handler(out);
        write_text(out->w, "HANDLER(SLOW)\n");
    }
    write_text(out->w, "default:\nslow: {\n");
    emit_slow_body(out);
    write_text(out->w, "    NEXT;\n}\n\n    }\n    }\n");
    emit_out_body(out);
    write_text(out->w, "}\n\n");
    emit_undefs(out);
}

// ---------------------------------------------------------- engines: goto

static void each_label(Out *out, const char *id)
{
    if (out->decode == DECODE_RAW)
        write_format(out->w, "        &&op_%s,\n", id);
    else
        write_format(out->w, "        &&op_%s - &&op_DECODE,\n", id);
}

static void emit_goto_engine(Out *out)
{
    emit_words_table(out);
    const char *go = out->decode == DECODE_RAW
                         ? arena_format(&out->arena, "goto *handlers[word >> %d & %s]", out->primary.lo,
                                        c_number(&out->arena, (1ull << out->primary.width) - 1))
                     : out->decode == DECODE_WORD
                         ? "goto *((const char *)&&op_DECODE + ((int64_t)entry >> 32))"
                         : "goto *((const char *)&&op_DECODE + POSITION_AT(ip - 1))";
    write_text(out->w, "#define HANDLER(name) op_##name:\n");
    emit_operand_macros(out);
    emit_jump_macro(out);
    write_format(out->w,
                 "#define AGAIN %s\n"
                 "#define NEXT \\\n    do { \\\n        if (UNLIKELY(left-- == 0)) \\\n            goto out; \\\n"
                 "%s        AGAIN; \\\n    } while (0)\n"
                 "#define SLOW goto op_SLOW\n"
                 "#define ALONE(name) goto op_##name\n"
                 "#define CHANGED(address) \\\n    do { \\\n        m->stored = (address); \\\n        goto op_CHANGED; \\\n"
                 "    } while (0)\n\n",
                 go, fetch_lines(out, " \\\n"));
    write_format(out->w, "static int %s(%s *m)\n{\n", out->engine, out->type);
    write_text(out->w, out->decode == DECODE_RAW ? "    static const void *const handlers[] = {\n"
                                                 : "    static const int32_t positions[] = {\n");
    each_handler(out, each_label);
    write_text(out->w, "    };\n");
    emit_locals(out);
    write_text(out->w, "    NEXT;\n\n");
    emit_handlers(out);
    if (out->decode != DECODE_RAW) {
        write_text(out->w, "HANDLER(DECODE)\n{\n");
        emit_decode_body(out);
        write_text(out->w, "}\n\n");
        emit_trap_handler(out);
    }
    write_text(out->w, "HANDLER(SLOW)\n{\n");
    emit_slow_body(out);
    write_format(out->w, "    NEXT;\n}\n\nHANDLER(CHANGED)\n{\n    %s_code_changed(m, m->stored);\n    NEXT;\n}\n\nout:\n",
                 out->o->machine);
    emit_out_body(out);
    write_text(out->w, "}\n\n");
    emit_undefs(out);
}

// ---------------------------------------------------------- engines: tail

static void each_prototype(Out *out, const char *id)
{
    if (strcmp(id, "SLOW") != 0)
        write_format(out->w, "static HANDLER(%s);\n", id);
}

static void each_handler_pointer(Out *out, const char *id)
{
    write_format(out->w, "    %s_%s,\n", out->engine, id);
}

// The engine's whole state travels in argument registers.
static void emit_tail_arguments(Out *out)
{
    const char *args = arena_format(&out->arena, "%s *m, ", out->type), *pass = "m, ";
    if (out->decode == DECODE_ADDR) {
        args = arena_format(&out->arena, "%sconst uint64_t *ip, uint64_t left, ", args);
        args = arena_format(&out->arena, "%sconst uint64_t *decoded, const char *base, ", args);
        pass = "m, ip, left, decoded, base, ";
    } else if (out->decode == DECODE_WORD) {
        args = arena_format(&out->arena, "%s%s pc, uint64_t entry, uint64_t left, const char *base, ", args, out->at);
        pass = "m, pc, entry, left, base, ";
    } else {
        args = arena_format(&out->arena, "%s%s pc, %s word, uint64_t left, ", args, out->at, out->word);
        pass = "m, pc, word, left, ";
    }
    args = arena_format(&out->arena, "%s%s *M, const uint8_t *code", args, out->word);
    pass = arena_format(&out->arena, "%sM, code", pass);
    for (size_t i = 0; out->lazy && i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        // Wide, so that no handler has to cut it again just to pass it on.
        const char *type = z->fn->params.at[0]->type.width > 32 ? "uint64_t" : "uint32_t";
        args = arena_format(&out->arena, "%s, %s last_%.*s", args, type, TEXT(z->name));
        pass = arena_format(&out->arena, "%s, last_%.*s", pass, TEXT(z->name));
    }
    write_format(out->w, "#define ARGS %s\n#define PASS %s\n", args, pass);
}

static void emit_tail_macros(Out *out)
{
    emit_tail_arguments(out);
    emit_operand_macros(out);
    write_format(out->w,
                 "#define HANDLER(name) __attribute__((preserve_none)) int %s_##name(ARGS)\n"
                 "#define COLD(name) static __attribute__((preserve_none, noinline, cold)) int %s_##name(ARGS)\n"
                 "#define TAIL(callee) __attribute__((musttail)) return (callee)(PASS)\n",
                 out->engine, out->engine);
    emit_jump_macro(out);
    if (out->decode == DECODE_RAW)
        write_format(out->w, "#define AGAIN TAIL(%s_handlers[word >> %d & %s])\n", out->engine, out->primary.lo,
                     c_number(&out->arena, (1ull << out->primary.width) - 1));
    else
        write_format(out->w, "#define AGAIN TAIL((%s_Handler *)(base + %s))\n", out->engine,
                     out->decode == DECODE_ADDR ? "POSITION_AT(ip - 1)" : "((int64_t)entry >> 32)");
    write_format(out->w,
                 "#define SLOW TAIL(%s_SLOW)\n"
                 "#define ALONE(name) TAIL(%s_##name)\n"
                 "#define CHANGED(address) \\\n    do { \\\n        m->stored = (address); \\\n        TAIL(%s_CHANGED); \\\n"
                 "    } while (0)\n"
                 "#define NEXT \\\n    do { \\\n        if (UNLIKELY(left-- == 0)) \\\n            TAIL(%s_OUT); \\\n"
                 "%s        AGAIN; \\\n    } while (0)\n\n",
                 out->engine, out->engine, out->engine, out->engine, fetch_lines(out, " \\\n"));
}

static void emit_tail_positions(Out *out)
{
    write_format(out->w, "static %s_Handler *const %s_handlers[] = {\n", out->engine, out->engine);
    each_handler(out, each_handler_pointer);
    write_text(out->w, "};\n\n");
    if (out->decode == DECODE_RAW)
        return;
    write_format(out->w,
                 "// How far each handler is from the first; all who come first compute the same.\n"
                 "static int32_t %s_positions[%s_COUNT];\n\n"
                 "static void %s_place(void)\n"
                 "{\n"
                 "    for (int i = %s_COUNT; --i >= 0;)\n"
                 "        __atomic_store_n(&%s_positions[i], (int32_t)((const char *)%s_handlers[i] - (const char *)%s_DECODE),\n"
                 "                         __ATOMIC_RELAXED);\n"
                 "}\n\n",
                 out->engine, group_prefix(out->decode), out->engine, group_prefix(out->decode), out->engine, out->engine,
                 out->engine);
}

static void emit_tail_cold(Out *out)
{
    if (out->decode != DECODE_RAW) {
        write_format(out->w, "COLD(DECODE)\n{\n    const int32_t *const positions = %s_positions;\n", out->engine);
        emit_decode_body(out);
        write_text(out->w, "}\n\n");
    }
    write_text(out->w, "COLD(SLOW)\n{\n");
    emit_slow_body(out);
    write_format(out->w, "    NEXT;\n}\n\nCOLD(CHANGED)\n{\n    %s_code_changed(m, m->stored);\n    NEXT;\n}\n\nCOLD(OUT)\n{\n",
                 out->o->machine);
    emit_out_body(out);
    write_text(out->w, "}\n\n");
}

static void emit_tail_engine(Out *out)
{
    write_text(out->w, "#ifdef HAS_TAIL\n\n");
    emit_words_table(out);
    emit_tail_macros(out);
    write_format(out->w, "typedef __attribute__((preserve_none)) int %s_Handler(ARGS);\n", out->engine);
    write_text(out->w, "static HANDLER(SLOW);\nstatic HANDLER(CHANGED);\nstatic HANDLER(OUT);\n");
    each_handler(out, each_prototype);
    write_text(out->w, "\n");
    emit_tail_positions(out);
    write_text(out->w, "#undef HANDLER\n");
    write_format(out->w, "#define HANDLER(name) static __attribute__((preserve_none)) int %s_##name(ARGS)\n\n", out->engine);
    emit_handlers(out);
    if (out->decode != DECODE_RAW)
        emit_trap_handler(out);
    emit_tail_cold(out);
    write_format(out->w, "#undef HANDLER\n");
    write_format(out->w, "static __attribute__((preserve_none, noinline)) int %s_first(ARGS)\n{\n    NEXT;\n}\n\n", out->engine);
    write_format(out->w, "static int %s(%s *m)\n{\n", out->engine, out->type);
    if (out->decode != DECODE_RAW)
        write_format(out->w, "    if (!__atomic_load_n(&%s_positions[1], __ATOMIC_RELAXED))\n        %s_place();\n", out->engine,
                     out->engine);
    if (out->decode != DECODE_RAW)
        write_format(out->w, "    const char *const base = (const char *)%s_DECODE;\n", out->engine);
    emit_locals(out);
    write_format(out->w, "    return %s_first(PASS);\n}\n\n", out->engine);
    emit_undefs(out);
    write_text(out->w, "#endif\n\n");
}

// ------------------------------------------------------------ the engine table

typedef struct { Dispatch dispatch; Decode decode; bool lazy, fused; const char *name; } Choice;
typedef LIST(Choice) ChoiceList;

static void emit_run(Out *out, const Choice *c)
{
    if (c->dispatch == DISPATCH_TAIL)
        write_text(out->w, "#ifdef HAS_TAIL\n");
    write_format(out->w, "static Stop run_%s(%s *m, uint64_t budget)\n{\n    m->deadline = m->instructions + budget;\n", c->name,
                 out->type);
    if (c->lazy)
        write_format(out->w,
                     "    for (;;) { // until the engine has more to say than that a lazy value is odd\n"
                     "        int result = settle(m);\n"
                     "        if (result == GO_ON)\n"
                     "            result = %s(m);\n"
                     "        if (result != GO_ON)\n"
                     "            return (Stop)result;\n"
                     "    }\n", c->name);
    else
        write_format(out->w, "    return (Stop)%s(m);\n", c->name);
    write_text(out->w, "}\n");
    write_text(out->w, c->dispatch == DISPATCH_TAIL ? "#endif\n\n" : "\n");
}

static void emit_choice(Out *out, const Choice *c)
{
    if (c->dispatch == DISPATCH_TAIL)
        write_text(out->w, "#ifdef HAS_TAIL\n");
    write_format(out->w, "    { \"%s\", \"%s\", \"%s\", %s, run_%s },\n", dispatch_name(c->dispatch), decode_name(c->decode),
                 c->lazy ? "lazy" : "eager", c->fused ? "true" : "false", c->name);
    if (c->dispatch == DISPATCH_TAIL)
        write_text(out->w, "#endif\n");
}

// Measured on the benchmarks: the best that the compiler can make comes first.
static int rank(const Choice *c)
{
    const int dispatch = c->dispatch == DISPATCH_TAIL ? 0 : c->dispatch == DISPATCH_GOTO ? 1 : 2;
    const int decode = c->decode == DECODE_ADDR ? 0 : c->decode == DECODE_WORD ? 1 : 2;
    return dispatch * 12 + decode * 4 + (c->lazy ? 0 : 2) + (c->fused ? 0 : 1);
}

static void add_choice(Out *out, ChoiceList *list, Dispatch dispatch, Decode decode, bool lazy, bool fused)
{
    const char *name = arena_format(&out->arena, "%s_%s_%s%s", dispatch_name(dispatch), decode_name(decode),
                                    lazy ? "lazy" : "eager", fused ? "_fused" : "");
    const Choice c = { dispatch, decode, lazy, fused, name };
    LIST_ADD(&out->arena, list, c);
    for (size_t i = list->count - 1; i > 0 && rank(&list->at[i]) < rank(&list->at[i - 1]); i--) {
        const Choice swap = list->at[i];
        list->at[i] = list->at[i - 1];
        list->at[i - 1] = swap;
    }
}

static bool has_super(Out *out, Decode decode)
{
    if (decode == DECODE_RAW)
        return false;
    plan_entries(out, decode);
    return out->supers.count > 0;
}

static ChoiceList choose(Out *out)
{
    ChoiceList list = { 0 };
    const EmitOptions *o = out->o;
    for (Decode decode = DECODE_RAW; decode <= DECODE_ADDR; decode <<= 1) {
        if (!(o->decode & decode))
            continue;
        const bool super = has_super(out, decode);
        for (Dispatch dispatch = DISPATCH_SWITCH; dispatch <= DISPATCH_TAIL; dispatch <<= 1)
            for (Flags flags = FLAGS_EAGER; flags <= FLAGS_LAZY; flags <<= 1) {
                if (!(o->dispatch & dispatch) || !(o->flags & flags))
                    continue;
                const bool lazy = flags == FLAGS_LAZY && out->isa->lazies.count > 0;
                if (flags == FLAGS_LAZY && !lazy)
                    continue;
                add_choice(out, &list, dispatch, decode, lazy, false);
                if (super)
                    add_choice(out, &list, dispatch, decode, lazy, true);
            }
    }
    return list;
}

static void emit_engine(Out *out, const Choice *c)
{
    write_format(out->w, "// ------------------------------------------------ %s\n\n", c->name);
    plan_entries(out, c->decode);
    out->dispatch = c->dispatch;
    out->lazy = c->lazy;
    out->fused = c->fused;
    out->engine = c->name;
    if (c->dispatch == DISPATCH_SWITCH)
        emit_switch_engine(out);
    else if (c->dispatch == DISPATCH_GOTO)
        emit_goto_engine(out);
    else
        emit_tail_engine(out);
}

static void emit_table(Out *out, const ChoiceList *list)
{
    for (size_t i = 0; i < list->count; i++)
        emit_run(out, &list->at[i]);
    char *engine = arena_format(&out->arena, "%sEngine", out->o->machine);
    engine[0] = (char)toupper((unsigned char)engine[0]);
    write_format(out->w, "const %s %s_engines[] = {\n", engine, out->o->prefix);
    for (size_t i = 0; i < list->count; i++)
        emit_choice(out, &list->at[i]);
    write_format(out->w, "};\nconst int %s_engine_count = sizeof %s_engines / sizeof *%s_engines;\n", out->o->prefix,
                 out->o->prefix, out->o->prefix);
}

void emit_interp_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Out out = { .isa = isa, .o = options, .w = w, .primary = primary_bits(isa) };
    out.type = state_type(&out.arena, options);
    out.word = c_type(exec_mem(isa)->type);
    out.mem = arena_copy(&out.arena, exec_mem(isa)->name.at, exec_mem(isa)->name.len);
    out.at = c_type(isa->pc->type);
    out.pc = arena_copy(&out.arena, isa->pc->name.at, isa->pc->name.len);
    emit_preamble(&out);
    if (uses_lazy(&out))
        emit_lazy_tables(&out);
    if (options->decode & (DECODE_WORD | DECODE_ADDR))
        emit_place(&out);
    for (Decode d = DECODE_WORD; d <= DECODE_ADDR; d <<= 1)
        if (options->decode & d)
            emit_decoding(&out, d);
    emit_forget(&out);
    const ChoiceList choices = choose(&out);
    for (size_t i = 0; i < choices.count; i++)
        emit_engine(&out, &choices.at[i]);
    emit_table(&out, &choices);
    arena_free(&out.arena);
}
