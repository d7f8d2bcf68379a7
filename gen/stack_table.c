#include "stack_table.h"

#include <string.h>

#include "pseudo.h"

const char *stack_unescape(Arena *a, Text text)
{
    char *out = arena_alloc(a, text.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        if (c != '\\' || i + 1 == text.len) {
            out[n++] = c;
            continue;
        }
        const char e = text.at[++i];
        out[n++] = e == 'n' ? '\n' : e == 't' ? '\t' : e == 'r' ? '\r' : e;
    }
    return out;
}

static const char *string_of(Arena *a, Text t)
{
    return arena_copy(a, t.at ? t.at : "", t.len);
}

static void effect_side(Writer *w, const Isa *isa, const LocalList *list, const int *tags)
{
    for (size_t i = 0; i < list->count; i++) {
        write_format(w, "%s%.*s", i ? ", " : "", TEXT(list->at[i]->name));
        if (tags[i] >= 0)
            write_format(w, ": %.*s", TEXT(isa->variants.at[tags[i]].name));
    }
}

static const char *take_text(Arena *a, Writer *w)
{
    const char *text = arena_copy(a, w->at ? w->at : "", w->len);
    writer_free(w);
    return text;
}

const char *stack_effect(const Isa *isa, Arena *a, const Insn *insn)
{
    Writer w = { 0 };
    effect_side(&w, isa, &insn->inputs, insn->input_tags.at);
    write_text(&w, insn->inputs.count ? " -- " : "-- ");
    effect_side(&w, isa, &insn->outputs, insn->output_tags.at);
    return take_text(a, &w);
}

static const char *does(const Isa *isa, Arena *a, const Insn *insn)
{
    Writer w = { 0 };
    if (insn->has_body)
        pseudo_line(&w, isa, &insn->body, isa_default_dialect(isa));
    return take_text(a, &w);
}

static void tagged(Writer *w, const Isa *isa, int tag, const char *text)
{
    if (tag >= 0)
        write_format(w, "%.*s(%s)", TEXT(isa->variants.at[tag].name), text);
    else
        write_text(w, text);
}

const char *stack_want(const Isa *isa, Arena *a, const Insn *insn, size_t input)
{
    Writer w = { 0 };
    tagged(&w, isa, insn->input_tags.at[input], string_of(a, insn->inputs.at[input]->name));
    return take_text(a, &w);
}

// One value that is computed: Push(Num(a + b)); several: Push2(b, a); anything else as it stands.
const char *stack_expr(const Isa *isa, Arena *a, const Insn *insn)
{
    Writer w = { 0 };
    const bool is_one = insn->has_body && insn->body.count == 1 && insn->outputs.count == 1 &&
                        insn->body.at[0]->kind == STMT_SET;
    if (insn->has_body && !is_one)
        return does(isa, a, insn);
    write_text(&w, "Push(");
    if (is_one) {
        Writer e = { 0 };
        pseudo_expr(&e, insn->body.at[0]->value);
        tagged(&w, isa, insn->output_tags.at[0], take_text(a, &e));
    }
    for (size_t i = 0; !is_one && i < insn->outputs.count; i++) {
        write_text(&w, i ? ", " : "");
        tagged(&w, isa, insn->output_tags.at[i], string_of(a, insn->outputs.at[i]->name));
    }
    write_text(&w, ")");
    return take_text(a, &w);
}

// ------------------------------------------------------------------ stacks

const Stack *stack_at(const Isa *isa, int index)
{
    for (size_t i = 0; i < isa->stacks.count; i++)
        if (stack_index(isa, isa->stacks.at[i]) == index)
            return isa->stacks.at[i];
    return NULL;
}

int stack_index(const Isa *isa, const Stack *stack)
{
    int index = 1;
    if (stack->type.kind == TYPE_VALUE)
        return 0;
    for (size_t i = 0; isa->stacks.at[i] != stack; i++)
        index += isa->stacks.at[i]->type.kind != TYPE_VALUE;
    return index;
}

enum { DEFAULT_LIMIT = 1048576 };

uint64_t stack_limit(const Stack *stack)
{
    return stack->limit ? stack->limit : DEFAULT_LIMIT;
}

int stack_part_word(const Isa *isa, const FusePart *part)
{
    const int ops = (int)isa->insns.count;
    return part->is_label     ? ops + (int)isa->variants.count
           : part->is_literal ? ops + part->literal_tag
                              : part->insn_target->index;
}

// ------------------------------------------------------------------- parts

static void add_variants(StackTable *t, const Isa *isa, Arena *a)
{
    StackVariant *list = arena_array(a, StackVariant, isa->variants.count + 1);
    for (size_t i = 0; i < isa->variants.count; i++) {
        const Variant *v = &isa->variants.at[i];
        list[i].name = string_of(a, v->name);
        list[i].payload = v->type.kind == TYPE_I64    ? STACK_I64
                          : v->type.kind == TYPE_BOOL ? STACK_BOOL
                          : v->type.kind == TYPE_STR  ? STACK_STR
                                                      : STACK_BITS;
        list[i].shown = v->shown.len ? stack_unescape(a, v->shown) : "{}";
        list[i].json = v->json.len ? stack_unescape(a, v->json) : NULL;
    }
    t->variants = list;
    t->variant_count = (int)isa->variants.count;
}

static unsigned op_roles(const Insn *insn)
{
    return (insn->roles & ROLE_CALL ? STACK_CALL : 0) | (insn->roles & ROLE_RETURN ? STACK_RETURN : 0) |
           (insn->roles & ROLE_HALT ? STACK_HALT : 0) | (insn->roles & ROLE_JUMP ? STACK_JUMP : 0);
}

static void add_ops(StackTable *t, const Isa *isa, Arena *a)
{
    StackOp *list = arena_array(a, StackOp, isa->insns.count + 1);
    for (size_t i = 0; i < isa->insns.count; i++) {
        const Insn *insn = isa->insns.at[i];
        list[i] = (StackOp){ .name = string_of(a, insn->name),
                             .spelling = stack_unescape(a, insn->spelling),
                             .effect = stack_effect(isa, a, insn),
                             .does = does(isa, a, insn),
                             .inputs = (uint8_t)insn->inputs.count,
                             .outputs = (uint8_t)insn->outputs.count,
                             .roles = op_roles(insn) };
    }
    t->ops = list;
    t->op_count = (int)isa->insns.count;
}

static void add_errors(StackTable *t, const Isa *isa, Arena *a)
{
    StackError *list = arena_array(a, StackError, isa->exceptions.count + 1);
    for (size_t i = 0; i < isa->exceptions.count; i++) {
        const Exception *x = isa->exceptions.at[i];
        list[i] = (StackError){ string_of(a, x->name), x->exit, stack_unescape(a, x->title) };
    }
    t->errors = list;
    t->error_count = (int)isa->exceptions.count;
}

static void add_stacks(StackTable *t, const Isa *isa, Arena *a)
{
    StackStack *list = arena_array(a, StackStack, isa->stacks.count + 1);
    for (size_t i = 0; i < isa->stacks.count; i++) {
        const Stack *s = isa->stacks.at[i];
        list[stack_index(isa, s)] = (StackStack){ string_of(a, s->name), s->type.kind == TYPE_VALUE,
                                                  stack_limit(s), s->overflow->index };
    }
    t->stacks = list;
    t->stack_count = (int)isa->stacks.count;
}

static void add_fuses(StackTable *t, const Isa *isa, Arena *a)
{
    StackFuse *list = arena_array(a, StackFuse, isa->fuses.count + 1);
    for (size_t i = 0; i < isa->fuses.count; i++) {
        const Fuse *f = isa->fuses.at[i];
        uint16_t *words = arena_array(a, uint16_t, f->parts.count + 1);
        for (size_t k = 0; k < f->parts.count; k++)
            words[k] = (uint16_t)stack_part_word(isa, &f->parts.at[k]);
        list[i] = (StackFuse){ string_of(a, f->name), (int)f->parts.count, words };
    }
    t->fuses = list;
    t->fuse_count = (int)isa->fuses.count;
}

static int error_of(const Exception *x)
{
    return x ? x->index : -1;
}

static void add_rule(StackTable *t, StackRule *list, Arena *a, const TokenRule *rule)
{
    static const StackRuleKind kinds[] = {
        [RULE_WORDS] = STACK_WORDS,   [RULE_DECIMAL] = STACK_DECIMAL, [RULE_OPCODE] = STACK_OPCODE,
        [RULE_QUOTED] = STACK_QUOTED, [RULE_DEFINE] = STACK_DEFINE,   [RULE_REFER] = STACK_REFER
    };
    const char *first = stack_unescape(a, rule->first), *second = stack_unescape(a, rule->second);
    switch (rule->rule) {
    case RULE_BLANK:
        t->blanks = first;
        return;
    case RULE_COMMENT:
        t->comment = first[0];
        return;
    case RULE_TEXT:
        t->wrong_text = error_of(rule->wrong);
        return;
    case RULE_QUOTE:
        t->quote = first[0];
        t->escape = second[0];
        t->pairs = stack_unescape(a, rule->pairs);
        t->wrong_quote = error_of(rule->wrong);
        return;
    default:
        list[t->rule_count++] =
            (StackRule){ kinds[rule->rule],    rule->tag, rule->location_tag, first, second,
                         error_of(rule->wrong) };
    }
}

const StackTable *stack_table(const Isa *isa, Arena *a)
{
    StackTable *t = arena_new(a, StackTable);
    t->name = string_of(a, isa->name);
    t->title = string_of(a, isa->title);
    t->blanks = "";
    t->pairs = "";
    t->wrong_text = t->wrong_quote = -1;
    add_variants(t, isa, a);
    add_ops(t, isa, a);
    add_errors(t, isa, a);
    add_stacks(t, isa, a);
    add_fuses(t, isa, a);
    StackRule *rules = arena_array(a, StackRule, isa->tokens.count + 1);
    t->rules = rules;
    for (size_t i = 0; i < isa->tokens.count; i++)
        add_rule(t, rules, a, &isa->tokens.at[i]);
    t->halt = isa->code->halt;
    t->beyond = isa->code->beyond->index;
    return t;
}
