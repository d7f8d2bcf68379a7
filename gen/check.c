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
    case TYPE_BITS: return arena_format(a, "bits%d", type.width);
    case TYPE_I64: return "i64";
    case TYPE_BOOL: return "bool";
    case TYPE_STR: return "str";
    case TYPE_VALUE: return "any value";
    case TYPE_LITERAL: return "a plain number";
    default: return "nothing";
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

#define CLAIM(list, what)                                                                          \
    for (size_t i = 0; i < (list).count; i++)                                                      \
    claim(c, &taken, (list).at[i]->name, (list).at[i]->span, what)

static void check_duplicates(Check *c)
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
            claim(c, &taken, isa->insns.at[i]->spelling, isa->insns.at[i]->spelling_span, "instruction's spelling");
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

static void resolve_types(Check *c)
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
        if (complain(c, name.span, is_bits ? "'%.*s' is no type: bitsN goes from bits1 to bits64"
                                           : "no type is called '%.*s'", TEXT(name.text)))
            guess_hint(c, &g);
    }
}

// ------------------------------------------------------------------- state

static void check_constant(Check *c, Expr *e, Type type, const char *where)
{
    begin_body(c);
    check_expr(c, e);
    want_type(c, e, type, where);
    uint64_t value;
    if (e->type.kind != TYPE_NONE && !fold(e, NULL, NULL, &value))
        complain(c, e->span, "%s is a plain number", where);
}

static void check_reg(Check *c, Reg *reg)
{
    for (size_t i = 0; i < reg->attrs.count; i++) {
        const Name attr = reg->attrs.at[i];
        if (!text_is(attr.text, "pc")) {
            if (complain(c, attr.span, "'%.*s' is no attribute of a register", TEXT(attr.text)))
                diag_hint(c->diag, "the only one is pc");
        } else if (c->isa->pc) {
            if (complain(c, attr.span, "a second program counter"))
                diag_note(c->diag, c->isa->pc->span, "the first is here");
        } else {
            reg->is_pc = true;
            c->isa->pc = reg;
        }
    }
    if (reg->reset)
        check_constant(c, reg->reset, reg->type, "a reset value");
}

static void find_inverse(Check *c, Lazy *lazy)
{
    const int width = lazy->type.width, from = lazy->param->type.width;
    if (lazy->param->type.kind != TYPE_BITS || from > 16 || width > 8)
        return;
    lazy->inverse = arena_array(c->arena, int64_t, (size_t)1 << width);
    for (size_t i = 0; i < (size_t)1 << width; i++)
        lazy->inverse[i] = -1;
    for (uint64_t v = 0; v <= low_bits(from); v++) {
        uint64_t result;
        if (fold(lazy->fn->body, &v, NULL, &result) && lazy->inverse[result & low_bits(width)] < 0)
            lazy->inverse[result & low_bits(width)] = (int64_t)v;
    }
}

static void check_lazy_place(Check *c, Lazy *lazy)
{
    Expr *const at = lazy->at_expr;
    begin_body(c);
    check_expr(c, at);
    if (at->type.kind == TYPE_NONE)
        return;
    const bool whole = at->kind == EXPR_REG;
    if (!whole && (at->kind != EXPR_SLICE || at->a->kind != EXPR_REG)) {
        complain(c, at->span, "a lazy value rests in a register or in bits of one");
        return;
    }
    Reg *reg = whole ? at->reg : at->a->reg;
    lazy->at = reg;
    lazy->at_hi = whole ? reg->type.width - 1 : at->hi;
    lazy->at_lo = whole ? 0 : at->lo;
    if (!same_type(at->type, lazy->type))
        complain(c, at->span, "'%.*s' is %s, but this place is %s", TEXT(lazy->name), type_name(c->arena, lazy->type),
                 type_name(c->arena, at->type));
    if (reg->lazy)
        complain(c, at->span, "'%.*s' already holds '%.*s'", TEXT(reg->name), TEXT(reg->lazy->name));
    reg->lazy = lazy;
}

static void check_lazy_decl(Check *c, Lazy *lazy)
{
    for (size_t i = 0; i < c->isa->fns.count; i++)
        if (text_same(c->isa->fns.at[i]->name, lazy->fn_name.text))
            lazy->fn = c->isa->fns.at[i];
    if (lazy->type.kind != TYPE_BITS || lazy->param->type.kind != TYPE_BITS || lazy->type.width > 8 ||
        lazy->param->type.width > 16)
        complain(c, lazy->span, "a lazy value is at most bits8, of a result of at most bits16");
    else if (!lazy->fn)
        complain_unknown(c, lazy->fn_name.span, "no fn is called", lazy->fn_name.text);
    else if (lazy->fn->params.count != 1 || !same_type(lazy->fn->params.at[0]->type, lazy->param->type) ||
             !same_type(lazy->fn->type, lazy->type))
        complain(c, lazy->fn_name.span, "'%.*s' is not a fn from %s to %s", TEXT(lazy->fn_name.text),
                 type_name(c->arena, lazy->param->type), type_name(c->arena, lazy->type));
    else if (c->diag->errors == 0)
        find_inverse(c, lazy);
}

static void check_region(Check *c, Mem *mem, size_t index)
{
    Region *region = &mem->regions.at[index];
    const uint64_t next = index ? mem->regions.at[index - 1].last + 1 : 0;
    region->kind = text_is(region->name, "device") ? REGION_DEVICE : REGION_RAM;
    if (region->first > region->last)
        complain(c, region->range, "the region ends before it begins");
    else if (region->last >= mem->count)
        complain(c, region->range, "the region reaches beyond the memory's 0x%llX words",
                 (unsigned long long)mem->count);
    else if (index && region->first < next)
        complain(c, region->range, "the region overlaps the one before it, up to 0x%llX",
                 (unsigned long long)next - 1);
    else if (region->first > next)
        complain(c, region->range, "no region covers 0x%llX to 0x%llX", (unsigned long long)next,
                 (unsigned long long)region->first - 1);
    if (region->dialect_name.text.len)
        region->guard_dialect = resolve_dialect(c, region->dialect_name);
    if (!region->guard)
        return;
    begin_body(c);
    check_expr(c, region->guard);
    want_type(c, region->guard, BOOL_TYPE, "a guard");
    region->raise = resolve_exception(c, region->raise_name);
}

static void check_mem(Check *c, Mem *mem)
{
    const Region *last = &mem->regions.at[mem->regions.count - 1];
    if (mem->count < 2 || mem->count > 1ull << 32 || (mem->count & (mem->count - 1)) != 0) {
        complain(c, mem->span, "a memory has a power of two of words, at most 2^32");
        mem->count = last->last < 1ull << 32 ? 1ull << index_width(last->last + 1) : 1ull << 32;
    }
    for (size_t i = 0; i < mem->attrs.count; i++) {
        const Name attr = mem->attrs.at[i];
        if (text_is(attr.text, "exec"))
            mem->is_exec = true;
        else if (text_is(attr.text, "big"))
            mem->is_big = true;
        else if (complain(c, attr.span, "'%.*s' is no attribute of a memory", TEXT(attr.text)))
            diag_hint(c->diag, "they are exec and big");
    }
    for (size_t i = 0; i < mem->regions.count; i++)
        check_region(c, mem, i);
    if (last->last + 1 < mem->count)
        complain(c, last->range, "no region covers 0x%llX to 0x%llX", (unsigned long long)last->last + 1,
                 (unsigned long long)mem->count - 1);
}

static void check_dialects(Check *c)
{
    const Dialect *chosen = NULL;
    for (size_t i = 0; i < c->isa->dialects.count; i++) {
        const Dialect *d = &c->isa->dialects.at[i];
        if (d->is_default && chosen && complain(c, d->span, "a second default dialect"))
            diag_note(c->diag, chosen->span, "the first is here");
        if (d->is_default)
            chosen = d;
    }
    if (c->isa->dialects.count && !chosen)
        complain(c, c->isa->dialects.at[0].span, "no dialect is the default");
}

static void check_stack(Check *c, Stack *stack)
{
    for (size_t i = 0; i < stack->settings.count; i++) {
        const Setting s = stack->settings.at[i];
        Exception **place = text_is(s.key.text, "underflow")  ? &stack->underflow
                            : text_is(s.key.text, "mismatch") ? &stack->mismatch
                            : text_is(s.key.text, "overflow") ? &stack->overflow
                                                              : NULL;
        if (place && !s.is_number)
            *place = resolve_exception(c, s.value);
        else if (text_is(s.key.text, "limit") && s.is_number)
            stack->limit = s.number;
        else if (place || text_is(s.key.text, "limit"))
            complain(c, s.value.span, place ? "'%.*s' needs an exception" : "'%.*s' needs a number", TEXT(s.key.text));
        else if (complain(c, s.key.span, "'%.*s' is no property of a stack", TEXT(s.key.text)))
            diag_hint(c->diag, "they are underflow, mismatch, overflow and limit");
    }
}

static void check_code(Check *c, Code *code)
{
    for (size_t i = 0; i < code->settings.count; i++) {
        const Setting s = code->settings.at[i];
        if (text_is(s.key.text, "halt") && s.is_number)
            code->halt = (int)(s.number & 255);
        else if (text_is(s.key.text, "beyond") && !s.is_number)
            code->beyond = resolve_exception(c, s.value);
        else if (complain(c, s.key.span, "'%.*s' is no property of code", TEXT(s.key.text)))
            diag_hint(c->diag, "they are 'halt N' and 'beyond EXCEPTION'");
    }
}

static void check_policy(Check *c, Policy *policy)
{
    const bool raises = text_is(policy->value, "raise");
    const bool is_overflow = text_is(policy->key, "overflow"), is_divide = text_is(policy->key, "divide");
    if (!is_overflow && !is_divide) {
        if (complain(c, policy->span, "nothing has a policy for '%.*s'", TEXT(policy->key)))
            diag_hint(c->diag, "policies are for overflow and divide");
    } else if (!raises && !(is_overflow && text_is(policy->value, "wrap"))) {
        complain(c, policy->value_span, "the policy is 'raise EXCEPTION'%s, not '%.*s'", is_overflow ? " or 'wrap'" : "",
                 TEXT(policy->value));
    } else if (raises) {
        policy->raise = resolve_exception(c, policy->raise_name);
    }
}

static void check_tokens(Check *c)
{
    static const char *const kinds[] = { "blank", "comment", "quote", "literal", "opcode", "labeldef", "labelref" };
    for (size_t i = 0; i < c->isa->tokens.count; i++) {
        const TokenRule *rule = &c->isa->tokens.at[i];
        Guess g = { .word = rule->kind };
        bool known = false;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            guess_offer(&g, text_of(kinds[k]));
            known |= text_is(rule->kind, kinds[k]);
        }
        if (!known && complain(c, rule->span, "'%.*s' is no kind of token rule", TEXT(rule->kind)))
            guess_hint(c, &g);
    }
}

// ------------------------------------------------------------------ bodies

static void check_fn(Check *c, Fn *fn)
{
    begin_body(c);
    c->is_pure = true;
    for (size_t i = 0; i < fn->params.count; i++)
        add_parameter(c, fn->params.at[i]);
    check_expr(c, fn->body);
    want_type(c, fn->body, fn->type, arena_format(c->arena, "the result of '%.*s'", TEXT(fn->name)));
    for (size_t i = 0; i < fn->params.count; i++)
        LIST_ADD(c->arena, &c->lets, fn->params.at[i]);
    end_body(c, &fn->locals);
}

static void check_proc_body(Check *c, Proc *proc)
{
    begin_body(c);
    for (size_t i = 0; i < proc->params.count; i++) {
        add_parameter(c, proc->params.at[i]);
        LIST_ADD(c->arena, &c->lets, proc->params.at[i]);
    }
    check_block(c, &proc->body);
    end_body(c, &proc->locals);
}

static void check_exception(Check *c, Exception *x)
{
    if (!x->has_vector)
        return;
    begin_body(c);
    c->exception = x;
    check_block(c, &x->body);
    end_body(c, &x->locals);
    for (size_t i = 0; i < c->isa->exceptions.count; i++) {
        const Exception *other = c->isa->exceptions.at[i];
        if (other == x)
            break;
        if (other->has_vector && other->vector == x->vector &&
            complain(c, x->vector_span, "'%.*s' already has this vector", TEXT(other->name)))
            diag_note(c->diag, other->vector_span, "it is here");
    }
}

static Stmt *let_stmt(Check *c, Local *local, Expr *value)
{
    Stmt *s = arena_new(c->arena, Stmt);
    s->kind = STMT_LET;
    s->span = span_join(local->span, value->span);
    s->name = local->name;
    s->name_span = local->span;
    s->local = local;
    s->value = value;
    return s;
}

static void check_form_body(Check *c, Form *form)
{
    begin_body(c);
    c->form = form;
    Block body = { 0 };
    if (form->is_reserved) {
        body = form->body;
    } else {
        for (size_t i = 0; i < form->lets.count; i++)
            LIST_ADD(c->arena, &body, let_stmt(c, form->lets.at[i], form->let_values.at[i]));
        const Block rest = copy_block(c, &form->insn->body);
        for (size_t i = 0; i < rest.count; i++)
            LIST_ADD(c->arena, &body, rest.at[i]);
    }
    form->body = body;
    check_block(c, &form->body);
    end_body(c, &form->locals);
}

// A shuffle without a body: every output is an input.
static void check_shuffle(Check *c, Insn *insn)
{
    for (size_t i = 0; i < insn->outputs.count; i++) {
        Local *out = insn->outputs.at[i], *in = NULL;
        int tag = -1;
        for (size_t k = 0; k < insn->inputs.count; k++)
            if (text_same(insn->inputs.at[k]->name, out->name)) {
                in = insn->inputs.at[k];
                tag = insn->input_tags.at[k];
            }
        Expr *value = arena_new(c->arena, Expr);
        *value = (Expr){ .kind = EXPR_LOCAL, .span = out->span, .local = in, .text = out->name };
        LIST_ADD(c->arena, &insn->output_values, value);
        if (!in) {
            if (complain(c, out->span, "nothing says what '%.*s' is", TEXT(out->name)))
                diag_hint(c->diag, "name an input, or add a 'do' block");
            continue;
        }
        value->type = in->type;
        if (insn->output_tags.at[i] >= 0 && insn->output_tags.at[i] != tag)
            complain(c, out->span, "'%.*s' goes in as another kind of value", TEXT(out->name));
        insn->output_tags.at[i] = tag;
        out->type = in->type;
    }
}

static void check_stack_insn(Check *c, Insn *insn)
{
    begin_body(c);
    c->stack_insn = insn;
    if (insn->inputs.count > 60 || insn->outputs.count > 60)
        complain(c, insn->span, "an instruction takes and leaves at most 60 values");
    for (size_t i = 0; i < insn->inputs.count; i++)
        add_parameter(c, insn->inputs.at[i]);
    if (insn->has_body) {
        for (size_t i = 0; i < insn->outputs.count; i++)
            add_parameter(c, insn->outputs.at[i]);
        const bool goes_on = check_block(c, &insn->body);
        for (size_t i = 0; goes_on && i < insn->outputs.count && i < 60; i++)
            if (!(c->assigned >> i & 1))
                complain(c, insn->outputs.at[i]->span, "'%.*s' does not get a value on every path",
                         TEXT(insn->outputs.at[i]->name));
        for (size_t i = 0; i < insn->inputs.count; i++)
            LIST_ADD(c->arena, &c->lets, insn->inputs.at[i]);
    } else {
        check_shuffle(c, insn);
    }
    end_body(c, &insn->locals);
}

static unsigned hint_role(Check *c, Name hint)
{
    if (text_is(hint.text, "call"))
        return ROLE_CALL;
    if (text_is(hint.text, "ret"))
        return ROLE_RETURN;
    if (text_is(hint.text, "halt"))
        return ROLE_HALT;
    if (text_is(hint.text, "foreign"))
        return ROLE_FOREIGN;
    if (complain(c, hint.span, "'%.*s' is no hint", TEXT(hint.text)))
        diag_hint(c->diag, "hints are call, ret, halt and foreign");
    return 0;
}

static void resolve_hints(Check *c)
{
    for (size_t i = 0; i < c->isa->insns.count; i++) {
        Insn *insn = c->isa->insns.at[i];
        for (size_t k = 0; k < insn->hints.count; k++)
            insn->roles |= hint_role(c, insn->hints.at[k]);
    }
    for (size_t i = 0; i < c->isa->aliases.count; i++) {
        Alias *alias = c->isa->aliases.at[i];
        for (size_t k = 0; k < alias->hints.count; k++)
            alias->roles |= hint_role(c, alias->hints.at[k]);
        alias->is_printed = !(alias->roles & ROLE_FOREIGN);
    }
}

static void derive_roles(Check *c)
{
    const int dialect = isa_default_dialect(c->isa);
    for (size_t i = 0; i < c->isa->insns.count; i++) {
        Insn *insn = c->isa->insns.at[i];
        const unsigned hints = insn->roles;
        for (size_t k = 0; k < insn->forms.count; k++) {
            Form *form = insn->forms.at[k];
            form->roles = hints | isa_block_roles(c->isa, &form->body, dialect);
            insn->roles |= form->roles;
        }
        if (insn->is_stack)
            insn->roles |= isa_block_roles(c->isa, &insn->body, dialect);
    }
    for (size_t i = 0; i < c->isa->forms.count; i++)
        if (c->isa->forms.at[i]->is_reserved)
            c->isa->forms.at[i]->roles = isa_block_roles(c->isa, &c->isa->forms.at[i]->body, dialect);
    for (size_t i = 0; c->isa->traps && i < c->isa->traps->list.count; i++) {
        TrapEntry *entry = c->isa->traps->list.at[i];
        entry->roles = isa_block_roles(c->isa, &entry->body, dialect);
        entry->roles |= entry->reads_memory ? ROLE_LOAD | ROLE_RAISES : 0;
        entry->roles |= entry->writes_memory ? ROLE_STORE | ROLE_RAISES : 0;
        entry->roles |= entry->sets ? ROLE_SETS_LAZY : 0;
    }
}

// ------------------------------------------------------------------ driver

static void check_whole(Check *c)
{
    const Isa *isa = c->isa;
    const Span start = { isa->source, 0, 0 };
    if (!isa->name.len && complain(c, start, "the description does not name its machine"))
        diag_hint(c->diag, "isa NAME \"title\";");
    if (!isa->pc && isa->name.len)
        complain(c, isa->span, "no register is the program counter: reg PC : bits16 pc;");
    if (isa->insns.count == 0 && isa->name.len && !isa->is_broken)
        complain(c, isa->span, "the machine has no instructions");
    bool has_code = isa->code != NULL;
    for (size_t i = 0; i < isa->mems.count; i++) {
        const Mem *mem = isa->mems.at[i];
        if (!mem->is_exec)
            continue;
        if (has_code)
            complain(c, mem->span, "a second place for the program");
        has_code = true;
        if (isa->word_bits && !same_type(mem->type, bits_type(isa->word_bits)))
            complain(c, mem->span, "instructions are bits%d, but this memory holds %s", isa->word_bits,
                     type_name(c->arena, mem->type));
        if (isa->pc && isa->pc->type.kind == TYPE_BITS && isa->pc->type.width != index_width(mem->count))
            complain(c, isa->pc->span, "addresses of '%.*s' are bits%d", TEXT(mem->name), index_width(mem->count));
    }
    if (!has_code && isa->name.len)
        complain(c, isa->span, "the program has no place: a mem with 'exec', or code");
}

static void check_state(Check *c)
{
    Isa *isa = c->isa;
    check_dialects(c);
    for (size_t i = 0; i < isa->reg.count; i++)
        check_reg(c, isa->reg.at[i]);
    for (size_t i = 0; i < isa->fns.count; i++)
        check_fn(c, isa->fns.at[i]);
    check_call_cycles(c);
    for (size_t i = 0; i < isa->lazies.count; i++)
        if (isa->lazies.at[i]->at_expr)
            check_lazy_place(c, isa->lazies.at[i]);
        else
            complain(c, isa->lazies.at[i]->span, "a lazy value needs its place at rest: at REGISTER[hi:lo]");
    for (size_t i = 0; i < isa->lazies.count; i++)
        check_lazy_decl(c, isa->lazies.at[i]);
    for (size_t i = 0; i < isa->mems.count; i++)
        check_mem(c, isa->mems.at[i]);
    for (size_t i = 0; i < isa->stacks.count; i++)
        check_stack(c, isa->stacks.at[i]);
    if (isa->code)
        check_code(c, isa->code);
    for (size_t i = 0; i < isa->policies.count; i++)
        check_policy(c, &isa->policies.at[i]);
    check_tokens(c);
}

static void check_bodies(Check *c)
{
    Isa *isa = c->isa;
    for (size_t i = 0; i < isa->procs.count; i++)
        check_proc_body(c, isa->procs.at[i]);
    for (size_t i = 0; i < isa->exceptions.count; i++)
        check_exception(c, isa->exceptions.at[i]);
    for (size_t i = 0; i < isa->forms.count; i++)
        check_form_body(c, isa->forms.at[i]);
    for (size_t i = 0; i < isa->insns.count; i++)
        if (isa->insns.at[i]->is_stack)
            check_stack_insn(c, isa->insns.at[i]);
    check_trap_bodies(c);
    check_call_cycles(c);
}

static void number_forms(Check *c)
{
    Isa *isa = c->isa;
    for (size_t i = 0; i < isa->reserved.count; i++)
        LIST_ADD(c->arena, &isa->forms, isa->reserved.at[i]);
    for (size_t i = 0; i < isa->forms.count; i++)
        isa->forms.at[i]->index = (int)i;
}

void isa_check(Isa *isa, Diag *diag)
{
    Check check = { .isa = isa, .diag = diag, .arena = isa->arena };
    Check *const c = &check;
    number_forms(c);
    check_duplicates(c);
    resolve_types(c);
    if (isa->is_broken && isa->word_bits == 0 && isa->forms.count)
        return; // without fields nothing else makes sense
    check_fields(c);
    check_patterns(c);
    check_state(c);
    check_trap_places(c);
    check_bodies(c);
    resolve_hints(c);
    check_whole(c);
    if (diag->errors == 0)
        derive_roles(c);
    check_coverage(c);
    check_aliases(c);
    check_fuses(c);
    check_examples(c);
}
