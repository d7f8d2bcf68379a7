// Builders of what a machine consists of: state, functions, exceptions, hosts.
#include "read.h"

#include "parse.h"

// ------------------------------------------------------------------- state

void read_isa(Reader *r, Token name, Token title)
{
    if (r->isa->name.len) {
        diag_error(r->diag, name.span, "the machine already has a name");
        diag_note(r->diag, r->isa->span, "the first is here");
        return;
    }
    r->isa->name = name.text;
    r->isa->title = title.text;
    r->isa->span = name.span;
}

void read_dialect(Reader *r, Token name, bool is_default)
{
    LIST_ADD(r->arena, &r->isa->dialects, ((Dialect){ name.text, name.span, is_default }));
}

void read_regs(Reader *r, Token name, Token count, Token type, TokenList *names)
{
    Regs *regs = arena_new(r->arena, Regs);
    regs->name = name.text;
    regs->span = name.span;
    regs->index = (int)r->isa->regs.count;
    set_type(r, &regs->type, NULL, type);
    const bool is_possible = count.num > 0 && count.num <= 256;
    if (!is_possible)
        diag_error(r->diag, count.span, "a register file has 1 to 256 registers");
    else if (names->count != count.num)
        diag_error(r->diag, count.span, "%d registers, but %zu names", (int)count.num, names->count);
    regs->count = is_possible ? (int)count.num : (int)names->count;
    for (size_t i = 0; i < names->count; i++)
        LIST_ADD(r->arena, &regs->names, names->at[i].text);
    LIST_ADD(r->arena, &r->isa->regs, regs);
}

void read_reg(Reader *r, Token name, Token type, Expr *reset, NameList *attrs)
{
    Reg *reg = arena_new(r->arena, Reg);
    reg->name = name.text;
    reg->span = name.span;
    reg->index = (int)r->isa->reg.count;
    reg->reset = reset;
    set_type(r, &reg->type, NULL, type);
    for (size_t i = 0; attrs && i < attrs->count; i++)
        LIST_ADD(r->arena, &reg->attrs, attrs->at[i]);
    LIST_ADD(r->arena, &r->isa->reg, reg);
}

void read_lazy(Reader *r, Token name, Token type, Token fn, LocalList *params, Expr *at)
{
    Lazy *lazy = arena_new(r->arena, Lazy);
    lazy->name = name.text;
    lazy->span = name.span;
    lazy->index = (int)r->isa->lazies.count;
    set_type(r, &lazy->type, NULL, type);
    lazy->fn_name = token_name(fn);
    lazy->param = params->at[0];
    lazy->at_expr = at;
    if (params->count != 1)
        diag_error(r->diag, params->at[1]->span, "a lazy value comes from one result");
    LIST_ADD(r->arena, &r->isa->lazies, lazy);
}

RegionList *add_region(Reader *r, RegionList *list, Token first, Token last, Token name, Token dialect,
                       Expr *guard, Token raise)
{
    if (!list)
        list = arena_new(r->arena, RegionList);
    const Region region = { .name = name.text,
                            .span = name.span,
                            .first = first.num,
                            .last = last.num,
                            .guard_dialect = -1,
                            .guard = guard,
                            .range = span_join(first.span, last.span),
                            .dialect_name = token_name(dialect),
                            .raise_name = token_name(raise) };
    LIST_ADD(r->arena, list, region);
    return list;
}

void read_mem(Reader *r, Token name, Token count, Token type, NameList *attrs, RegionList *regions)
{
    Mem *mem = arena_new(r->arena, Mem);
    mem->name = name.text;
    mem->span = name.span;
    mem->index = (int)r->isa->mems.count;
    mem->count = count.num;
    set_type(r, &mem->type, NULL, type);
    for (size_t i = 0; attrs && i < attrs->count; i++)
        LIST_ADD(r->arena, &mem->attrs, attrs->at[i]);
    for (size_t i = 0; i < regions->count; i++)
        LIST_ADD(r->arena, &mem->regions, regions->at[i]);
    LIST_ADD(r->arena, &r->isa->mems, mem);
}

void read_union(Reader *r, Token name)
{
    if (r->isa->variant_type.len) {
        diag_error(r->diag, name.span, "a machine has one union type; this is the second");
        return;
    }
    r->isa->variant_type = name.text;
    r->isa->variant_span = name.span;
}

void read_variant(Reader *r, Token name, Token type, TokenList *strings)
{
    // The list may move while it grows: variants resolve only the built-in types, and at once.
    Variant v = { .name = name.text, .span = name.span };
    if (strings)
        v.shown = strings->at[0].text;
    if (strings && strings->count > 1)
        v.json = strings->at[1].text;
    if (strings && strings->count > 2)
        diag_error(r->diag, strings->at[2].span, "a variant has two texts: how it is shown, and its key in a dump");
    const size_t uses = r->isa->type_uses.count;
    set_type(r, &v.type, NULL, type);
    if (r->isa->type_uses.count > uses) {
        r->isa->type_uses.count = uses;
        diag_error(r->diag, type.span, "a variant holds bitsN, i64, bool or str, not '%.*s'",
                   TEXT(type.text));
    }
    LIST_ADD(r->arena, &r->isa->variants, v);
}

SettingList *add_setting(Reader *r, SettingList *list, Token key, Token value)
{
    if (!list)
        list = arena_new(r->arena, SettingList);
    LIST_ADD(r->arena, list,
             ((Setting){ token_name(key), token_name(value), value.kind == TOK_NUM, value.num }));
    return list;
}

void read_stack(Reader *r, Token name, Token type, SettingList *settings)
{
    Stack *stack = arena_new(r->arena, Stack);
    stack->name = name.text;
    stack->span = name.span;
    stack->index = (int)r->isa->stacks.count;
    set_type(r, &stack->type, NULL, type);
    for (size_t i = 0; settings && i < settings->count; i++)
        LIST_ADD(r->arena, &stack->settings, settings->at[i]);
    LIST_ADD(r->arena, &r->isa->stacks, stack);
}

void read_code(Reader *r, Token name, Token type, SettingList *settings)
{
    if (r->isa->code)
        diag_error(r->diag, name.span, "a machine has one code array; this is the second");
    if (!text_is(type.text, "token"))
        diag_error(r->diag, type.span, "code is made of 'token', not '%.*s'", TEXT(type.text));
    Code *code = arena_new(r->arena, Code);
    code->name = name.text;
    code->span = name.span;
    for (size_t i = 0; settings && i < settings->count; i++)
        LIST_ADD(r->arena, &code->settings, settings->at[i]);
    r->isa->code = code;
}

void read_policy(Reader *r, Token key, Token value, Token raise)
{
    LIST_ADD(r->arena, &r->isa->policies,
             ((Policy){ key.text, value.text, key.span, NULL, token_name(raise), value.span }));
}

static void copy_locals(Reader *r, LocalList *to, const LocalList *from)
{
    for (size_t i = 0; from && i < from->count; i++)
        LIST_ADD(r->arena, to, from->at[i]);
}

void read_fn(Reader *r, Token name, LocalList *params, Token type, Expr *body)
{
    Fn *fn = arena_new(r->arena, Fn);
    fn->name = name.text;
    fn->span = name.span;
    fn->index = (int)r->isa->fns.count;
    fn->body = body;
    copy_locals(r, &fn->params, params);
    set_type(r, &fn->type, NULL, type);
    LIST_ADD(r->arena, &r->isa->fns, fn);
}

void read_proc(Reader *r, Token name, LocalList *params, Block *body)
{
    Proc *proc = arena_new(r->arena, Proc);
    proc->name = name.text;
    proc->span = name.span;
    proc->index = (int)r->isa->procs.count;
    proc->body = *body;
    copy_locals(r, &proc->params, params);
    LIST_ADD(r->arena, &r->isa->procs, proc);
}

static Exception *add_exception(Reader *r, Token name, Token title)
{
    Exception *x = arena_new(r->arena, Exception);
    x->name = name.text;
    x->span = name.span;
    x->title = title.text;
    x->exit = -1;
    x->priority = -1;
    x->index = (int)r->isa->exceptions.count;
    LIST_ADD(r->arena, &r->isa->exceptions, x);
    return x;
}

void read_exception(Reader *r, Token name, Token vector, Token *priority, Token title, Block *body)
{
    Exception *x = add_exception(r, name, title);
    x->has_vector = true;
    x->vector = vector.num;
    x->vector_span = vector.span;
    x->body = *body;
    if (!priority)
        return;
    x->is_interrupt = true;
    x->priority = (int)priority->num;
    if (priority->num > 255)
        diag_error(r->diag, priority->span, "a priority is at most 255");
}

void read_error(Reader *r, Token name, Token exit, Token title)
{
    Exception *x = add_exception(r, name, title);
    x->exit = (int)(exit.num & 255);
    if (exit.num > 255)
        diag_error(r->diag, exit.span, "an exit code is 0 to 255");
}

void read_host(Reader *r, Token name, LocalList *params, Token *type, NameList *attrs)
{
    Host *host = arena_new(r->arena, Host);
    host->name = name.text;
    host->span = name.span;
    host->index = (int)r->isa->hosts.count;
    copy_locals(r, &host->params, params);
    if (type)
        set_type(r, &host->type, NULL, *type);
    for (size_t i = 0; attrs && i < attrs->count; i++)
        LIST_ADD(r->arena, &host->attrs, attrs->at[i]);
    LIST_ADD(r->arena, &r->isa->hosts, host);
}
