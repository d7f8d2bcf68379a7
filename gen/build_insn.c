// Builders of encodings, instructions, traps, aliases, fuses and examples.
#include "read.h"

#include "parse.h"

// ---------------------------------------------------------------- encoding

void read_encoding(Reader *r, Token type)
{
    const int width = width_suffix(type.text, "bits");
    if (r->isa->word_bits)
        diag_error(r->diag, type.span, "a machine has one encoding; this is the second");
    else if (width == 0 || width > 16)
        diag_error(r->diag, type.span, "instruction words are bits1 to bits16, not '%.*s'", TEXT(type.text));
    r->isa->is_broken |= width == 0 || width > 16;
    r->isa->word_bits = width <= 16 ? width : 0;
    r->isa->encoding_span = type.span;
}

static void set_field_kind(Reader *r, Field *field, const TokenList *kind)
{
    static const struct {
        const char *name;
        FieldKind kind;
    } kinds[] = {
        { "reg", FIELD_REG }, { "signed", FIELD_SIGNED }, { "unsigned", FIELD_UNSIGNED },
        { "hex", FIELD_HEX }, { "set", FIELD_SET },
    };
    const Token first = kind->at[0];
    size_t i = 0, next = 1;
    while (i < sizeof kinds / sizeof *kinds && !text_is(first.text, kinds[i].name))
        i++;
    if (i == sizeof kinds / sizeof *kinds) {
        diag_error(r->diag, first.span, "'%.*s' is no kind of field", TEXT(first.text));
        diag_hint(r->diag, "the kinds are reg, signed, unsigned, hex and set");
        return;
    }
    field->kind = kinds[i].kind;
    field->kind_name = token_name(first);
    if (field->kind == FIELD_REG || field->kind == FIELD_SET) {
        const int want = field->kind == FIELD_REG ? TOK_ID : TOK_STR;
        if (kind->count < 2 || (kind->at[1].kind == TOK_STR) != (want == TOK_STR)) {
            diag_error(r->diag, first.span,
                       field->kind == FIELD_REG ? "'reg' needs the register file's name"
                                                : "'set' needs its letters in quotes");
            return;
        }
        if (field->kind == FIELD_REG)
            field->regs_name = token_name(kind->at[1]);
        else
            field->letters = kind->at[1].text;
        next = 2;
    }
    for (; next < kind->count; next++) {
        if (text_is(kind->at[next].text, "pcrel") && field->kind == FIELD_SIGNED && !field->is_pcrel)
            field->is_pcrel = true;
        else
            diag_error(r->diag, kind->at[next].span, "'%.*s' is no attribute of a %.*s field",
                       TEXT(kind->at[next].text), TEXT(first.text));
    }
}

void read_field(Reader *r, Token name, Token hi, Token lo, TokenList *kind)
{
    Field *field = arena_new(r->arena, Field);
    field->name = name.text;
    field->span = name.span;
    field->index = (int)r->isa->fields.count;
    field->range = span_join(hi.span, lo.span);
    field->hi = hi.num < 64 ? (int)hi.num : 64;
    field->lo = lo.num < 64 ? (int)lo.num : 64;
    set_field_kind(r, field, kind);
    LIST_ADD(r->arena, &r->isa->fields, field);
}

void read_token_rule(Reader *r, TokenList *words)
{
    TokenRule rule = { .kind = words->at[0].text, .span = words->at[0].span, .tag = -1, .location_tag = -1 };
    for (size_t i = 1; i < words->count; i++)
        LIST_ADD(r->arena, &rule.pieces,
                 ((TokenPiece){ words->at[i].text, words->at[i].span, words->at[i].kind == TOK_STR }));
    LIST_ADD(r->arena, &r->isa->tokens, rule);
}

// ------------------------------------------------------------ instructions

static Insn *current_insn(Reader *r)
{
    if (!r->insn)
        r->insn = arena_new(r->arena, Insn);
    return r->insn;
}

void read_form(Reader *r, Token first, Token *name, Token enc, Token assembly)
{
    Form *form = arena_new(r->arena, Form);
    form->span = name ? name->span : first.span;
    if (name)
        form->name = name->text;
    form->enc = enc.text;
    form->enc_span = enc.inner;
    form->assembly = assembly.text;
    form->assembly_span = assembly.inner;
    form->insn = current_insn(r);
    r->form = form;
    LIST_ADD(r->arena, &form->insn->forms, form);
}

void read_form_let(Reader *r, Token name, Expr *value)
{
    Local *local = arena_new(r->arena, Local);
    local->name = name.text;
    local->span = name.span;
    LIST_ADD(r->arena, &r->form->lets, local);
    LIST_ADD(r->arena, &r->form->let_values, value);
}

void read_hint(Reader *r, Token hint)
{
    LIST_ADD(r->arena, &current_insn(r)->hints, token_name(hint));
}

void read_far(Reader *r, Token insn)
{
    Insn *at = current_insn(r);
    if (at->far.text.len)
        diag_error(r->diag, insn.span, "an instruction has one far form");
    at->far = token_name(insn);
}

static Insn *finish_insn(Reader *r, Token name)
{
    Insn *insn = current_insn(r);
    insn->name = name.text;
    insn->span = name.span;
    insn->index = (int)r->isa->insns.count;
    LIST_ADD(r->arena, &r->isa->insns, insn);
    return insn;
}

void read_insn(Reader *r, Token name, Token title, Block *body)
{
    Insn *insn = finish_insn(r, name);
    insn->title = title.text;
    insn->has_body = true;
    insn->body = *body;
    for (size_t i = 0; i < insn->forms.count; i++)
        LIST_ADD(r->arena, &r->isa->forms, insn->forms.at[i]);
}

EffectList *add_effect(Reader *r, EffectList *list, Token name, Token *type)
{
    if (!list)
        list = arena_new(r->arena, EffectList);
    if (!name.text.len)
        return list;
    Local *local = arena_new(r->arena, Local);
    local->name = name.text;
    local->span = name.span;
    local->type.kind = TYPE_VALUE;
    LIST_ADD(r->arena, &list->locals, local);
    LIST_ADD(r->arena, &list->types, type ? token_name(*type) : (Name){ 0 });
    return list;
}

// The tags are filled in through pointers, so their list gets its full size first.
static void set_effect(Reader *r, LocalList *locals, int **tags, const EffectList *from)
{
    *tags = arena_array(r->arena, int, from->locals.count + 1);
    for (size_t i = 0; i < from->locals.count; i++) {
        LIST_ADD(r->arena, locals, from->locals.at[i]);
        (*tags)[i] = -1;
        const Name type = from->types.at[i];
        if (type.text.len)
            set_type(r, &from->locals.at[i]->type, &(*tags)[i],
                     (Token){ .text = type.text, .span = type.span });
    }
}

void read_stack_insn(Reader *r, Token name, Token spelling, EffectList *in, EffectList *out, Block *body)
{
    Insn *insn = finish_insn(r, name);
    insn->spelling = spelling.text;
    insn->spelling_span = spelling.span;
    insn->has_body = body != NULL;
    insn->is_stack = true;
    if (body)
        insn->body = *body;
    int *tags;
    set_effect(r, &insn->inputs, &tags, in);
    insn->input_tags.at = tags;
    insn->input_tags.count = insn->input_tags.capacity = in->locals.count;
    set_effect(r, &insn->outputs, &tags, out);
    insn->output_tags.at = tags;
    insn->output_tags.count = insn->output_tags.capacity = out->locals.count;
    for (size_t i = 0; i < insn->outputs.count; i++)
        insn->outputs.at[i]->is_output = body != NULL;
}

void read_reserved(Reader *r, Token first, Token enc, Token raise)
{
    Form *form = arena_new(r->arena, Form);
    form->span = first.span;
    form->enc = enc.text;
    form->enc_span = enc.inner;
    form->is_reserved = true;
    Stmt *s = new_named(r, STMT_RAISE, raise, raise, NULL, raise);
    LIST_ADD(r->arena, &form->body, s);
    LIST_ADD(r->arena, &r->isa->reserved, form);
}

// ------------------------------------------------------------------- traps

void read_traps(Reader *r, Token first, Token insn, Token field)
{
    if (r->isa->traps)
        diag_error(r->diag, first.span, "a machine has one trap table; this is the second");
    r->isa->traps = arena_new(r->arena, Traps);
    r->isa->traps->span = first.span;
    r->isa->traps->insn_name = token_name(insn);
    r->isa->traps->field_name = token_name(field);
}

static TrapEntry *current_entry(Reader *r)
{
    if (!r->entry)
        r->entry = arena_new(r->arena, TrapEntry);
    return r->entry;
}

void read_trap_word(Reader *r, Token word)
{
    TrapEntry *entry = current_entry(r);
    if (text_is(word.text, "host"))
        entry->is_host = true;
    else if (text_is(word.text, "blocking"))
        entry->is_blocking = true;
    else
        LIST_ADD(r->arena, &entry->attrs, token_name(word));
}

void read_trap_place(Reader *r, bool is_out, Expr *place)
{
    TrapEntry *entry = current_entry(r);
    if (is_out)
        LIST_ADD(r->arena, &entry->out, place);
    else
        LIST_ADD(r->arena, &entry->in, place);
}

void read_trap_memory(Reader *r, bool is_write, Token mem)
{
    TrapEntry *entry = current_entry(r);
    LIST_ADD(r->arena, &entry->memories, token_name(mem));
    if (is_write)
        entry->writes_memory = true;
    else
        entry->reads_memory = true;
}

void read_trap_sets(Reader *r, Token lazy)
{
    TrapEntry *entry = current_entry(r);
    if (entry->sets_name.text.len)
        diag_error(r->diag, lazy.span, "a trap sets one lazy value");
    entry->sets_name = token_name(lazy);
}

void read_trap(Reader *r, Token vector, Token name, Token title, Block *body)
{
    TrapEntry *entry = current_entry(r);
    entry->vector = vector.num;
    entry->vector_span = vector.span;
    entry->name = name.text;
    entry->span = name.span;
    entry->title = title.text;
    if (body)
        entry->body = *body;
    if (!body && !entry->is_host)
        diag_error(r->diag, name.span, "trap '%.*s' needs 'host' or a 'do' block", TEXT(name.text));
    LIST_ADD(r->arena, &r->isa->traps->list, entry);
    r->entry = NULL;
}

void read_otherwise(Reader *r, Token first, Token title, Block *body)
{
    Traps *traps = r->isa->traps;
    if (traps->has_otherwise)
        diag_error(r->diag, first.span, "a second 'otherwise'");
    traps->has_otherwise = true;
    traps->otherwise_title = title.text;
    traps->otherwise = *body;
}

// ------------------------------------------------------------ conveniences

BindList *add_bind(Reader *r, BindList *list, Token name, Expr *value)
{
    if (!list)
        list = arena_new(r->arena, BindList);
    LIST_ADD(r->arena, list, ((Bind){ .name = name.text, .span = name.span, .expr = value }));
    return list;
}

void read_alias(Reader *r, Token name, Token insn, Token *form, BindList *binds, NameList *hints)
{
    Alias *alias = arena_new(r->arena, Alias);
    alias->name = name.text;
    alias->span = name.span;
    alias->index = (int)r->isa->aliases.count;
    alias->target = token_name(insn);
    if (form)
        alias->target_form = token_name(*form);
    for (size_t i = 0; binds && i < binds->count; i++)
        LIST_ADD(r->arena, &alias->binds, binds->at[i]);
    for (size_t i = 0; hints && i < hints->count; i++)
        LIST_ADD(r->arena, &alias->hints, hints->at[i]);
    alias->is_printed = true;
    LIST_ADD(r->arena, &r->isa->aliases, alias);
}

PartList *add_part(Reader *r, PartList *list, Token label, Token insn, Token *form)
{
    if (!list)
        list = arena_new(r->arena, PartList);
    FusePart part = { .label = label.text, .span = label.span, .insn = insn.text, .literal_tag = -1 };
    part.target_span = form ? span_join(insn.span, form->span) : insn.span;
    part.is_literal = insn.kind == TOK_LITERAL;
    if (form)
        part.form = form->text;
    LIST_ADD(r->arena, list, part);
    return list;
}

void read_fuse(Reader *r, Token name, PartList *parts, Expr *where)
{
    Fuse *fuse = arena_new(r->arena, Fuse);
    fuse->name = name.text;
    fuse->span = name.span;
    fuse->index = (int)r->isa->fuses.count;
    fuse->where = where;
    for (size_t i = 0; i < parts->count; i++)
        LIST_ADD(r->arena, &fuse->parts, parts->at[i]);
    LIST_ADD(r->arena, &r->isa->fuses, fuse);
}

ExampleBindList *add_example_bind(Reader *r, ExampleBindList *list, Expr *place, Expr *value)
{
    if (!list)
        list = arena_new(r->arena, ExampleBindList);
    ExampleBind bind = { .value = value, .span = place->span };
    if (place->kind == EXPR_NAME && !place->a) {
        bind.name = place->text;
    } else if (place->kind == EXPR_INDEX && !place->c && place->a->kind == EXPR_NAME && !place->a->a) {
        bind.name = place->a->text;
        bind.index = place->b;
    } else {
        diag_error(r->diag, place->span, "an example sets and expects NAME or NAME[index]");
    }
    LIST_ADD(r->arena, list, bind);
    return list;
}

void read_example(Reader *r, Token name, Token *dialect, ExampleBindList *given, Token run,
                  ExampleBindList *expect)
{
    Example *example = arena_new(r->arena, Example);
    example->name = name.text;
    example->span = name.span;
    example->dialect = -1;
    if (dialect)
        example->dialect_name = token_name(*dialect);
    example->run = run.text;
    example->run_span = run.inner;
    for (size_t i = 0; given && i < given->count; i++)
        LIST_ADD(r->arena, &example->given, given->at[i]);
    for (size_t i = 0; i < expect->count; i++)
        LIST_ADD(r->arena, &example->expect, expect->at[i]);
    LIST_ADD(r->arena, &r->isa->examples, example);
}
