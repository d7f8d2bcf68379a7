// What tools need to know of the machine, as one constant IsaTable (gen/isa.h).
#include "emit.h"
#include "headers.h"
#include "meaning.h"
#include "pseudo.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { RESERVED = 1 << 13 }; // ISA_RESERVED: the one role that the model keeps elsewhere

// ------------------------------------------------------------------- pieces

static void write_c_string(Writer *w, const char *s, size_t len)
{
    write_text(w, "\"");
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"' || s[i] == '\\')
            write_format(w, "\\%c", s[i]);
        else if ((unsigned char)s[i] < ' ')
            write_format(w, "\\%03o", (unsigned char)s[i]);
        else
            write_format(w, "%c", s[i]);
    }
    write_text(w, "\"");
}

static void write_c_text(Writer *w, Text t)
{
    write_c_string(w, t.at, t.len);
}

static Text insn_name(const Form *f)
{
    return f->is_reserved || !f->insn ? text_of("reserved") : f->insn->name;
}

static Text form_title(const Form *f)
{
    return f->is_reserved || !f->insn ? text_of("reserved opcode") : f->insn->title;
}

// The form's constant in the generated enum: ADD_imm, BR.
static void write_form_name(Writer *w, const Form *f)
{
    write_format(w, "FORM_%.*s", TEXT(insn_name(f)));
    if (f->is_reserved)
        write_format(w, "_%d", f->index);
    if (f->name.len)
        write_format(w, "_%.*s", TEXT(f->name));
}

// "ADD {dr}, {sr1}" without its braces.
static void write_syntax(Writer *w, Text assembly)
{
    write_text(w, "\"");
    for (size_t i = 0; i < assembly.len; i++)
        if (assembly.at[i] != '{' && assembly.at[i] != '}')
            write_bytes(w, assembly.at + i, 1);
    write_text(w, "\"");
}

static uint32_t line_of(const Isa *isa, Span span)
{
    return source_place(span.source ? span.source : isa->source, span.begin).line;
}

// ------------------------------------------------------- the link register

static int link_in_block(const Isa *isa, const Block *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const Stmt *s = b->at[i];
        bool saves_pc = s->kind == STMT_SET && s->target->kind == EXPR_REGS &&
                        s->target->a->kind == EXPR_NUM && s->value->kind == EXPR_REG &&
                        s->value->reg == isa->pc;
        if (saves_pc)
            return (int)s->target->a->num;
    }
    return -1;
}

static int link_register(const Isa *isa)
{
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *f = isa->forms.at[i];
        int link = f->roles & ROLE_LINK ? link_in_block(isa, &f->body) : -1;
        if (link >= 0)
            return link;
    }
    return -1;
}

// ------------------------------------------- what an alias says of its jump

// A condition over bound fields and the lazy value; `known` becomes false when
// it needs anything else.
typedef struct {
    const Alias *alias;
    uint64_t lazy;
    bool known;
} Fold;

static uint64_t fold(Fold *f, const Expr *e);

static uint64_t fold_field(Fold *f, const Field *field)
{
    for (size_t i = 0; i < f->alias->binds.count; i++)
        if (f->alias->binds.at[i].field == field)
            return f->alias->binds.at[i].value;
    f->known = false;
    return 0;
}

static uint64_t fold_binary(Fold *f, const Expr *e)
{
    uint64_t a = fold(f, e->a), b = fold(f, e->b);
    switch (e->op) {
    case OP_AND: return a & b;
    case OP_OR: return a | b;
    case OP_XOR: return a ^ b;
    case OP_EQ: return a == b;
    case OP_NE: return a != b;
    case OP_LAND: return a && b;
    case OP_LOR: return a || b;
    default: f->known = false; return 0;
    }
}

static uint64_t fold(Fold *f, const Expr *e)
{
    switch (e->kind) {
    case EXPR_NUM: return e->num;
    case EXPR_FIELD: return fold_field(f, e->field);
    case EXPR_LAZY: return f->lazy;
    case EXPR_BINARY: return fold_binary(f, e);
    default: f->known = false; return 0;
    }
}

// 1: the condition always holds, 0: never, -1: it depends.
static int fold_condition(const Isa *isa, const Alias *alias, const Expr *condition)
{
    bool always = true, never = true;
    if (!isa->lazies.count)
        return -1;
    const Lazy *lazy = isa->lazies.at[0];
    for (uint64_t v = 0; v < 1u << lazy->type.width; v++) {
        if (lazy->inverse && lazy->inverse[v] < 0)
            continue; // no result gives it
        Fold f = { alias, v, true };
        uint64_t holds = fold(&f, condition);
        if (!f.known)
            return -1;
        always = always && holds;
        never = never && !holds;
    }
    return always ? 1 : never ? 0 : -1;
}

// The roles of the service that an alias names, or 0.
static unsigned service_roles(const Isa *isa, const Alias *a)
{
    for (size_t i = 0; isa->traps && i < a->binds.count; i++)
        for (size_t k = 0; k < isa->traps->list.count; k++)
            if (a->binds.at[i].field == isa->traps->field && a->form->insn == isa->traps->insn &&
                a->binds.at[i].value == isa->traps->list.at[k]->vector)
                return isa->traps->list.at[k]->roles;
    return 0;
}

// The form's roles, with what the alias's fixed fields decide: BR with all
// condition letters always jumps, NOP never does, HALT does not come back.
static unsigned alias_roles(const Isa *isa, const Alias *a)
{
    unsigned roles = a->form->roles | a->roles | service_roles(isa, a);
    if (roles & ROLE_HALT)
        roles &= ~(unsigned)ROLE_CALL;
    const Block *body = &a->form->body;
    if (!(roles & ROLE_COND) || body->count != 1 || body->at[0]->kind != STMT_IF || body->at[0]->other.count)
        return roles;
    int holds = fold_condition(isa, a, body->at[0]->value);
    if (holds == 1)
        roles &= ~(unsigned)(ROLE_COND | ROLE_READS_LAZY);
    if (holds == 0)
        roles &= ~(unsigned)(ROLE_COND | ROLE_JUMP | ROLE_READS_LAZY | ROLE_RAISES);
    return roles;
}

// ------------------------------------------------------------------- tables

static void write_registers(Writer *w, const Isa *isa)
{
    const Regs *regs = isa->regs.count ? isa->regs.at[0] : NULL;
    write_text(w, "static const char *const register_names[] = {");
    for (size_t i = 0; regs && i < regs->names.count; i++) {
        write_text(w, i ? ", " : "");
        write_c_text(w, regs->names.at[i]);
    }
    write_text(w, "};\n\n");
}

static void write_fields(Writer *w, const Isa *isa)
{
    static const char *const kinds[] = { [FIELD_REG] = "ISA_REG",
                                         [FIELD_SIGNED] = "ISA_SIGNED",
                                         [FIELD_UNSIGNED] = "ISA_UNSIGNED",
                                         [FIELD_HEX] = "ISA_HEX",
                                         [FIELD_SET] = "ISA_SET" };
    write_text(w, "enum {\n");
    for (size_t i = 0; i < isa->fields.count; i++)
        write_format(w, "    FIELD_%.*s,\n", TEXT(isa->fields.at[i]->name));
    write_text(w, "};\n\nstatic const IsaField fields[] = {\n");
    for (size_t i = 0; i < isa->fields.count; i++) {
        const Field *f = isa->fields.at[i];
        write_format(w, "    [FIELD_%.*s] = {\"%.*s\", %d, %d, %s, %s, ", TEXT(f->name), TEXT(f->name), f->hi,
                     f->lo, kinds[f->kind], f->is_pcrel ? "true" : "false");
        if (f->kind == FIELD_SET)
            write_c_text(w, f->letters);
        else
            write_text(w, "NULL");
        write_text(w, "},\n");
    }
    write_text(w, "};\n\n");
}

static void write_form_enum(Writer *w, const Isa *isa)
{
    write_text(w, "enum {\n");
    for (size_t i = 0; i < isa->forms.count; i++) {
        write_text(w, "    ");
        write_form_name(w, isa->forms.at[i]);
        write_text(w, ",\n");
    }
    write_text(w, "};\n\n");
}

static void write_operands(Writer *w, const Field *const *at, size_t count)
{
    assert(count <= 4 && "IsaForm holds ISA_OPERANDS operands");
    write_format(w, ".operand_count = %zu, .operand = {", count);
    for (size_t i = 0; i < count; i++)
        write_format(w, "%sFIELD_%.*s", i ? ", " : "", TEXT(at[i]->name));
    write_text(w, count ? "}" : "0}");
}

static void write_form_texts(Writer *w, const Isa *isa, const Form *f)
{
    write_text(w, ".insn = ");
    write_c_text(w, insn_name(f));
    write_text(w, ", .form = ");
    write_c_text(w, f->name);
    write_text(w, ", .title = ");
    write_c_text(w, form_title(f));
    if (!f->is_reserved) {
        write_text(w, ", .mnemonic = ");
        write_c_text(w, f->mnemonic);
    }
    write_text(w, ",\n        .syntax = ");
    write_syntax(w, f->assembly);
    Writer pseudo = { 0 };
    pseudo_line(&pseudo, isa, &f->body, isa_default_dialect(isa));
    write_text(w, ", .pseudo = ");
    write_c_string(w, pseudo.at, pseudo.len);
    writer_free(&pseudo);
}

static void write_form(Writer *w, const Isa *isa, const Form *f)
{
    write_text(w, "    [");
    write_form_name(w, f);
    write_text(w, "] = {\n        ");
    write_form_texts(w, isa, f);
    write_format(w, ",\n        .line = %u, .mask = 0x%04" PRIX64 ", .match = 0x%04" PRIX64,
                 line_of(isa, f->span), f->mask, f->match);
    write_format(w, ", .ignored = 0x%04" PRIX64 ", .ignored_ones = 0x%04" PRIX64 ",\n        ", f->ignored,
                 f->ignored_ones);
    write_operands(w, (const Field *const *)f->operands.at, f->operands.count);
    if (f->suffix)
        write_format(w, ", .suffix = FIELD_%.*s", TEXT(f->suffix->name));
    else
        write_text(w, ", .suffix = -1");
    write_text(w, ", .far = ");
    if (f->far)
        write_form_name(w, f->far);
    else
        write_text(w, "-1");
    write_format(w, ", .roles = 0x%04X,\n    },\n", f->roles | (f->is_reserved ? RESERVED : 0));
}

static void write_forms(Writer *w, const Isa *isa)
{
    write_text(w, "static const IsaForm forms[] = {\n");
    for (size_t i = 0; i < isa->forms.count; i++)
        write_form(w, isa, isa->forms.at[i]);
    write_text(w, "};\n\n");
}

static bool is_bound(const Alias *a, const Field *f)
{
    for (size_t i = 0; i < a->binds.count; i++)
        if (a->binds.at[i].field == f)
            return true;
    return false;
}

static void write_alias(Writer *w, const Isa *isa, const Alias *a)
{
    uint64_t word = a->form->match, mask = a->form->mask;
    const Field *open[8];
    size_t open_count = 0;
    write_text(w, "    {.name = ");
    write_c_text(w, a->name);
    write_text(w, ", .form = ");
    write_form_name(w, a->form);
    write_format(w, ", .bind_count = %zu, .bind = {", a->binds.count);
    for (size_t i = 0; i < a->binds.count; i++) {
        const Bind *b = &a->binds.at[i];
        uint64_t bits = ((UINT64_C(1) << (b->field->hi - b->field->lo + 1)) - 1) << b->field->lo;
        mask |= bits;
        word = (word & ~bits) | ((b->value << b->field->lo) & bits);
        write_format(w, "%s{FIELD_%.*s, %" PRIu64 "}", i ? ", " : "", TEXT(b->field->name),
                     b->value & 0xFFFF);
    }
    for (size_t i = 0; i < a->form->operands.count && open_count < 8; i++)
        if (!is_bound(a, a->form->operands.at[i]))
            open[open_count++] = a->form->operands.at[i];
    write_format(w, "%s},\n     .word = 0x%04" PRIX64 ", .mask = 0x%04" PRIX64 ", ",
                 a->binds.count ? "" : "{0}", word, mask);
    write_operands(w, open, open_count);
    write_format(w, ",\n     .roles = 0x%04X, .is_printed = %s},\n", alias_roles(isa, a),
                 a->is_printed ? "true" : "false");
}

static void write_aliases(Writer *w, const Isa *isa)
{
    write_text(w, "static const IsaAlias aliases[] = {\n");
    for (size_t i = 0; i < isa->aliases.count; i++)
        write_alias(w, isa, isa->aliases.at[i]);
    write_text(w, isa->aliases.count ? "};\n\n" : "    {0}};\n\n");
}

static void write_traps(Writer *w, const Isa *isa)
{
    write_text(w, "static const IsaTrap traps[] = {\n");
    size_t count = isa->traps ? isa->traps->list.count : 0;
    // Ascending by vector; the description may have any order.
    for (int64_t last = -1; count;) {
        const TrapEntry *next = NULL;
        for (size_t i = 0; i < count; i++) {
            const TrapEntry *t = isa->traps->list.at[i];
            if ((int64_t)t->vector > last && (!next || t->vector < next->vector))
                next = t;
        }
        if (!next)
            break;
        last = (int64_t)next->vector;
        write_format(w, "    {0x%02" PRIX64 ", \"%.*s\", ", next->vector, TEXT(next->name));
        write_c_text(w, next->title);
        write_format(w, ", 0x%04X, %s, %s},\n", next->roles, next->is_host ? "true" : "false",
                     next->is_blocking ? "true" : "false");
    }
    write_text(w, count ? "};\n\n" : "    {0}};\n\n");
}

static void write_exceptions(Writer *w, const Isa *isa)
{
    write_text(w, "static const IsaException exceptions[] = {\n");
    for (size_t i = 0; i < isa->exceptions.count; i++) {
        const Exception *e = isa->exceptions.at[i];
        write_format(w, "    {\"%.*s\", ", TEXT(e->name));
        write_c_text(w, e->title);
        write_format(w, ", 0x%04" PRIX64 ", %d},\n", e->vector, e->is_interrupt ? e->priority : -1);
    }
    write_text(w, isa->exceptions.count ? "};\n\n" : "    {0}};\n\n");
}

static bool is_guarded(const Isa *isa, const Region *r)
{
    return r->guard && (r->guard_dialect < 0 || r->guard_dialect == isa_default_dialect(isa));
}

static size_t write_regions(Writer *w, const Isa *isa)
{
    size_t count = isa->mems.count ? isa->mems.at[0]->regions.count : 0;
    write_text(w, "static const IsaRegion regions[] = {\n");
    for (size_t i = 0; i < count; i++) {
        const Region *r = &isa->mems.at[0]->regions.at[i];
        write_format(w, "    {\"%.*s\", 0x%04" PRIX64 ", 0x%04" PRIX64 ", %s, %s},\n", TEXT(r->name),
                     r->first, r->last, r->kind == REGION_DEVICE ? "true" : "false",
                     is_guarded(isa, r) ? "true" : "false");
    }
    write_text(w, count ? "};\n\n" : "    {0}};\n\n");
    return count;
}

// ------------------------------------------------------------------- decode

typedef LIST(const Form *) Forms;

static uint64_t common_bits(const Forms *forms, uint64_t tested)
{
    uint64_t common = ~UINT64_C(0);
    for (size_t i = 0; i < forms->count; i++)
        common &= forms->at[i]->mask;
    return common & ~tested;
}

static void write_return(Writer *w, const Form *f, int indent)
{
    write_format(w, "%*sreturn ", indent, "");
    write_form_name(w, f);
    write_text(w, ";\n");
}

// No bit is fixed in all of them: ask one by one.
static void write_chain(Writer *w, const Forms *forms, int indent)
{
    for (size_t i = 0; i + 1 < forms->count; i++) {
        const Form *f = forms->at[i];
        write_format(w, "%*sif ((word & 0x%04" PRIX64 ") == 0x%04" PRIX64 ")\n", indent, "", f->mask,
                     f->match);
        write_return(w, f, indent + 4);
    }
    write_return(w, forms->at[forms->count - 1], indent);
}

static void write_tree(Writer *w, Arena *a, const Forms *forms, uint64_t tested, int indent);

// The forms whose tested bits have one value, and the rest of a list.
static Forms take_group(Arena *a, Forms *rest, uint64_t bits, uint64_t *value)
{
    Forms group = { 0 }, others = { 0 };
    *value = rest->at[0]->match & bits;
    for (size_t i = 0; i < rest->count; i++) {
        if ((rest->at[i]->match & bits) == *value)
            LIST_ADD(a, &group, rest->at[i]);
        else
            LIST_ADD(a, &others, rest->at[i]);
    }
    *rest = others;
    return group;
}

static void write_tree(Writer *w, Arena *a, const Forms *forms, uint64_t tested, int indent)
{
    uint64_t bits = common_bits(forms, tested);
    if (forms->count == 1) {
        write_return(w, forms->at[0], indent);
        return;
    }
    if (!bits) {
        write_chain(w, forms, indent);
        return;
    }
    int low = __builtin_ctzll(bits);
    write_format(w, "%*sswitch ((word & 0x%04" PRIX64 ") >> %d) {\n", indent, "", bits, low);
    Forms rest = *forms;
    while (rest.count) {
        uint64_t value;
        Forms group = take_group(a, &rest, bits, &value);
        // The last group stands for all that is left, so that every path returns.
        if (rest.count)
            write_format(w, "%*scase 0x%" PRIX64 ":\n", indent, "", value >> low);
        else
            write_format(w, "%*sdefault:\n", indent, "");
        write_tree(w, a, &group, tested | bits, indent + 4);
    }
    write_format(w, "%*s}\n", indent, "");
}

static void write_decode(Writer *w, const Isa *isa)
{
    Arena a = { 0 };
    Forms all = { 0 };
    for (size_t i = 0; i < isa->forms.count; i++)
        LIST_ADD(&a, &all, (const Form *)isa->forms.at[i]);
    write_text(w, "static uint8_t decode(uint16_t word)\n{\n");
    write_tree(w, &a, &all, 0, 4);
    write_text(w, "}\n\n");
    arena_free(&a);
}

// -------------------------------------------------------------------- whole

void emit_tables_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_format(w, "// Generated by lc3gen from %s.  Do not edit: change %s and rebuild.\n", options->source,
                 options->source);
    write_text(w, "#include \"isa.h\"\n\n");
    write_registers(w, isa);
    write_fields(w, isa);
    write_form_enum(w, isa);
    write_forms(w, isa);
    write_aliases(w, isa);
    write_traps(w, isa);
    write_exceptions(w, isa);
    size_t region_count = write_regions(w, isa);
    write_decode(w, isa);
    write_format(w, "const IsaTable %s_isa = {\n    .version = 0x%016" PRIX64 ",\n    .name = \"%.*s\",\n",
                 options->machine, headers_version(), TEXT(isa->name));
    write_text(w, "    .title = ");
    write_c_text(w, isa->title);
    write_format(w, ",\n    .hash = 0x%016" PRIX64 ",\n", meaning_hash(isa));
    write_format(
        w, "    .register_names = register_names,\n    .register_count = %d,\n    .link_register = %d,\n",
        isa->regs.count ? isa->regs.at[0]->count : 0, link_register(isa));
    write_text(w, "    .fields = fields,\n    .forms = forms,\n    .aliases = aliases,\n    .traps = traps,\n"
                  "    .exceptions = exceptions,\n    .regions = regions,\n");
    write_format(w, "    .field_count = %zu,\n    .form_count = %zu,\n    .alias_count = %zu,\n",
                 isa->fields.count, isa->forms.count, isa->aliases.count);
    write_format(w, "    .trap_count = %zu,\n    .exception_count = %zu,\n    .region_count = %zu,\n",
                 isa->traps ? isa->traps->list.count : 0, isa->exceptions.count, region_count);
    write_text(w, "    .decode = decode,\n};\n");
}
