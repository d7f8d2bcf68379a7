#include "emit_interp.h"

#include <inttypes.h>

const char *group_prefix(Decode d)
{
    return d == DECODE_WORD ? "WORD" : "ADDR";
}

// ----------------------------------------------------- entries: what is decoded

void plan_entries(Interp *out, Decode decode)
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
    const Interp *out = l->user;
    if (e->kind == EXPR_LOCAL && out->plan)
        return lower_expr(l, plan_value(out->plan, e));
    if (e->kind == EXPR_FIELD && !out->plan) // of a superinstruction's condition: its part comes first
        return ctext(arena_format(l->arena, "%c_%s", (char)('a' + e->num), c_name(l->arena, e->field->name)),
                     LEVEL_ATOM, false);
    return (CText){ 0 };
}

static const Reach decoding = { .known = decode_known, .field = decode_field, .reg = decode_reg };

static Lower start_decode(Interp *out, const Plan *plan, const char *part, int indent)
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
static const char *operands(Interp *out, Lower *l, const Plan *plan)
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

static const char *fuse_test(Interp *out, Lower *l, const Super *s)
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
    Interp *out = user;
    const char *group = group_prefix(out->decode);
    const Entry *e = &out->entries.at[form->index];
    if (e->plan.trap) {
        write_format(out->w, "%*s{\n", indent, "");
        Lower l = start_decode(out, &e->plan, "", indent + 4);
        emit_raw_fields(&l, used_fields_expr(plan_value(&e->plan, e->plan.trap)), "word");
        const char *vector = lower_value(&l, e->plan.trap, LEVEL_COND);
        for (size_t i = 0; i < out->isa->traps->list.count; i++) {
            const TrapEntry *t = out->isa->traps->list.at[i];
            if (!is_ring_trap(t))
                continue;
            lower_line(&l, "if (%s == 0x%02" PRIX64 ")", vector, t->vector);
            lower_line(&l, "    return ENTRY(%s_%s, %s);", group, ring_trap_id(out, t), vector);
        }
        lower_line(&l, "return ENTRY(%s_TRAP, %s); // %s", group, vector, e->id);
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
bool has_traps(const Interp *out)
{
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.trap)
            return true;
    return false;
}

static void emit_handler_enum(Interp *out)
{
    const char *group = group_prefix(out->decode);
    write_format(out->w, "enum {\n    %s_DECODE, %s_SLOW,%s\n", group, group,
                 has_traps(out) ? arena_format(&out->arena, " %s_TRAP,", group) : "");
    for (size_t i = 0; has_traps(out) && i < out->isa->traps->list.count; i++)
        if (is_ring_trap(out->isa->traps->list.at[i]))
            write_format(out->w, "    %s_%s,\n", group, ring_trap_id(out, out->isa->traps->list.at[i]));
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.is_fast)
            write_format(out->w, "    %s_%s,\n", group, out->entries.at[i].id);
    for (size_t i = 0; i < out->supers.count; i++)
        write_format(out->w, "    %s_%s,\n", group, out->supers.at[i].id);
    write_format(out->w, "    %s_COUNT\n};\n\n", group);
}

static void emit_plain(Interp *out)
{
    const bool by_address = out->decode == DECODE_ADDR;
    write_format(out->w,
                 "// What to do with this word%s: a handler and its operands.\n"
                 "static uint64_t %s_plain(const %s word%s, const bool fuse)\n{\n",
                 by_address ? ", and where pc is then" : "", by_address ? "addr" : "word", out->word,
                 by_address ? arena_format(&out->arena, ", const %s pc", out->at) : "");
    emit_form_switch(out->isa, out->w, "word", 4, decode_form, out);
    write_format(out->w, "    return ENTRY(%s_SLOW, 0);\n}\n\n", group_prefix(out->decode));
}

// The fused handler that begins with the word at `at`, if there is one.
static void emit_fused(Interp *out)
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

void emit_place(Interp *out)
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

static void emit_addr_decode(Interp *out)
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

static void emit_word_decode(Interp *out)
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

void emit_decoding(Interp *out, Decode decode)
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
void emit_forget(Interp *out)
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
