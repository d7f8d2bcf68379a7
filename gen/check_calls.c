// Calls of fns, conversions, procs and hosts.
#include "check.h"

#include <string.h>

// ------------------------------------------------------------------- calls

static int suffix_number(Text name, size_t from)
{
    int n = 0;
    if (from == name.len || name.len > from + 2 || name.at[from] == '0')
        return 0;
    for (size_t i = from; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return 0;
        n = n * 10 + name.at[i] - '0';
    }
    return n <= 64 ? n : 0;
}

// sext16, zext8, trunc32, bits32, s16: returns the width, 0 when it is none.
int conversion(Text name, Convert *convert)
{
    static const struct {
        const char *word;
        Convert convert;
    } words[] = {
        { "sext", CONVERT_SEXT },  { "zext", CONVERT_ZEXT }, { "trunc", CONVERT_TRUNC },
        { "bits", CONVERT_TRUNC }, { "s", CONVERT_SIGNED },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t len = strlen(words[i].word);
        if (name.len > len && memcmp(name.at, words[i].word, len) == 0 && suffix_number(name, len)) {
            *convert = words[i].convert;
            return suffix_number(name, len);
        }
    }
    return 0;
}

static void check_conversion(Check *c, Expr *e, int width)
{
    e->kind = EXPR_CONVERT;
    e->type = e->convert == CONVERT_SIGNED ? (Type){ TYPE_I64, 64 } : bits_type(width);
    if (e->args.count != 1) {
        complain(c, e->span, "a conversion takes one value");
        return;
    }
    Expr *const a = e->a = e->args.at[0];
    e->args.count = 0;
    check_expr(c, a);
    if (a->type.kind == TYPE_NONE)
        return;
    if (a->type.kind == TYPE_LITERAL && e->convert == CONVERT_TRUNC) {
        adapt(c, a, bits_type(width));
        const Expr number = *a; // a literal of a stated width
        if (number.kind == EXPR_NUM)
            become_number(e, number.num, bits_type(width));
        return;
    }
    const bool from_bits = a->type.kind == TYPE_BITS;
    const bool good = e->convert == CONVERT_TRUNC
                          ? (from_bits && a->type.width >= width) || a->type.kind == TYPE_I64
                      : e->convert == CONVERT_SIGNED ? from_bits && a->type.width == width
                                                     : from_bits && a->type.width <= width;
    if (good)
        return;
    complain(c, e->span, "'%.*s' has no meaning for %s", TEXT(e->text), type_name(c->arena, a->type));
    e->type = NO_TYPE;
}

void check_args(Check *c, Span at, Text name, ExprList *args, const LocalList *params)
{
    for (size_t i = 0; i < args->count; i++)
        check_expr(c, args->at[i]);
    if (args->count != params->count) {
        complain(c, at, "'%.*s' takes %zu value%s, not %zu", TEXT(name), params->count,
                 params->count == 1 ? "" : "s", args->count);
        return;
    }
    for (size_t i = 0; i < args->count; i++) {
        const char *where = arena_format(c->arena, "parameter '%.*s'", TEXT(params->at[i]->name));
        want_type(c, args->at[i], params->at[i]->type, where);
    }
}

Fn *find_fn(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->fns.count; i++)
        if (text_same(isa->fns.at[i]->name, name))
            return isa->fns.at[i];
    return NULL;
}

Proc *find_proc(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->procs.count; i++)
        if (text_same(isa->procs.at[i]->name, name))
            return isa->procs.at[i];
    return NULL;
}

void resolve_apply(Check *c, Expr *e)
{
    const Span name = { e->span.source, e->span.begin, e->span.begin + (uint32_t)e->text.len };
    Fn *fn = find_fn(c->isa, e->text);
    const int width = conversion(e->text, &e->convert);
    e->type = NO_TYPE;
    if (fn) {
        e->kind = EXPR_CALL;
        e->fn = fn;
        e->type = fn->type;
        check_args(c, e->span, e->text, &e->args, &fn->params);
        return;
    }
    if (width) {
        check_conversion(c, e, width);
        return;
    }
    for (size_t i = 0; i < e->args.count; i++)
        check_expr(c, e->args.at[i]);
    if (find_proc(c->isa, e->text)) {
        complain(c, e->span, "'%.*s' is a proc: it has no value", TEXT(e->text));
    } else {
        Guess g = { .word = e->text };
        for (size_t i = 0; i < c->isa->fns.count; i++)
            guess_offer(&g, c->isa->fns.at[i]->name);
        if (complain_unknown(c, name, "no fn or conversion is called", e->text))
            guess_hint(c, &g);
    }
}

void resolve_host(Check *c, Expr *e)
{
    if (c->isa->word_bits || c->is_pure) {
        if (complain(c, e->span, "host functions serve traps, not %s",
                     c->is_pure ? "a fn" : "instruction bodies"))
            diag_hint(c->diag, "say it in the language, or make it a 'host' entry of the trap table");
        return;
    }
    Guess g = { .word = e->text };
    for (size_t i = 0; i < c->isa->hosts.count; i++) {
        Host *host = c->isa->hosts.at[i];
        guess_offer(&g, host->name);
        if (!text_same(host->name, e->text))
            continue;
        e->host = host;
        e->type = host->type;
        check_args(c, e->span, e->text, &e->args, &host->params);
        return;
    }
    for (size_t i = 0; i < e->args.count; i++)
        check_expr(c, e->args.at[i]);
    if (complain_unknown(c, e->span, "no host is called", e->text))
        guess_hint(c, &g);
}

Stack *resolve_stack(Check *c, Text name, Span at)
{
    Stack *stack = find_stack(c->isa, name);
    Guess g = { .word = name };
    for (size_t i = 0; i < c->isa->stacks.count; i++)
        guess_offer(&g, c->isa->stacks.at[i]->name);
    if (!stack && complain_unknown(c, at, "no stack is called", name))
        guess_hint(c, &g);
    return stack;
}
