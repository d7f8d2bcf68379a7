// Registers, lazy values, memories, stacks and policies.
#include "check.h"

#include <string.h>

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
        complain(c, at->span, "'%.*s' is %s, but this place is %s", TEXT(lazy->name),
                 type_name(c->arena, lazy->type), type_name(c->arena, at->type));
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
            complain(c, s.value.span, place ? "'%.*s' needs an exception" : "'%.*s' needs a number",
                     TEXT(s.key.text));
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
        complain(c, policy->value_span, "the policy is 'raise EXCEPTION'%s, not '%.*s'",
                 is_overflow ? " or 'wrap'" : "", TEXT(policy->value));
    } else if (raises) {
        policy->raise = resolve_exception(c, policy->raise_name);
    }
}

void check_state(Check *c)
{
    Isa *isa = c->isa;
    check_dialects(c);
    for (size_t i = 0; i < isa->reg.count; i++)
        check_reg(c, isa->reg.at[i]);
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
    check_hosts(c);
    check_stack_machine(c);
}
