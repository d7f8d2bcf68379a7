#include "check.h"

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
    check_effect(c, insn);
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
            complain(c, isa->pc->span, "addresses of '%.*s' are bits%d", TEXT(mem->name),
                     index_width(mem->count));
    }
    if (!has_code && isa->name.len)
        complain(c, isa->span, "the program has no place: a mem with 'exec', or code");
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
    check_calls(c);
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
    for (size_t i = 0; i < isa->fns.count; i++)
        check_fn(c, isa->fns.at[i]);
    check_calls(c);
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
