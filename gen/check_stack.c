// Machines with stacks: what is special about their state, tokens, hosts and fuses.
#include "check.h"

#include <stdio.h>
#include <string.h>

// ------------------------------------------------------------------ tokens

static int variant_index(Check *c, const TokenPiece *piece)
{
    Guess g = { .word = piece->text };
    for (size_t i = 0; i < c->isa->variants.count; i++) {
        guess_offer(&g, c->isa->variants.at[i].name);
        if (!piece->is_string && text_same(c->isa->variants.at[i].name, piece->text))
            return (int)i;
    }
    if (complain_unknown(c, piece->span, "no variant is called", piece->text))
        guess_hint(c, &g);
    return -1;
}

// The variant must be able to hold what the rule finds.
static void want_payload(Check *c, int tag, const TokenPiece *piece, Type type)
{
    if (tag < 0)
        return;
    const Type has = c->isa->variants.at[tag].type;
    if (has.kind != type.kind || (type.kind == TYPE_BITS && has.width < type.width))
        complain(c, piece->span, "'%.*s' holds %s, but such a token is %s", TEXT(piece->text),
                 type_name(c->arena, has), type_name(c->arena, type));
}

typedef struct {
    Check *c;
    TokenRule *rule;
    size_t next; // piece
} Pieces;

static const TokenPiece *take(Pieces *p, bool is_string)
{
    if (p->next == p->rule->pieces.count || p->rule->pieces.at[p->next].is_string != is_string)
        return NULL;
    return &p->rule->pieces.at[p->next++];
}

static const TokenPiece *take_word(Pieces *p, const char *word)
{
    const size_t before = p->next;
    const TokenPiece *piece = take(p, false);
    if (piece && text_is(piece->text, word))
        return piece;
    p->next = before;
    return NULL;
}

static Text want_text(Pieces *p, const char *what)
{
    const TokenPiece *piece = take(p, true);
    if (piece)
        return piece->text;
    complain(p->c, p->rule->span, "'%.*s' needs %s in quotes", TEXT(p->rule->kind), what);
    return (Text){ "", 0 };
}

static void take_variant(Pieces *p, int *tag, Type type)
{
    const TokenPiece *piece = take(p, false);
    if (!piece) {
        complain(p->c, p->rule->span, "'%.*s' needs the variant that holds it", TEXT(p->rule->kind));
        return;
    }
    *tag = variant_index(p->c, piece);
    want_payload(p->c, *tag, piece, type);
}

static void take_wrong(Pieces *p)
{
    if (!take_word(p, "wrong"))
        return;
    const TokenPiece *piece = take(p, false);
    if (piece)
        p->rule->wrong = resolve_exception(p->c, (Name){ piece->text, piece->span });
    else
        complain(p->c, p->rule->span, "'wrong' needs an exception");
}

static void check_literal(Pieces *p)
{
    TokenRule *rule = p->rule;
    const TokenPiece *name = take(p, false);
    if (!name) {
        complain(p->c, rule->span, "a literal needs its variant");
        return;
    }
    rule->tag = variant_index(p->c, name);
    if (take_word(p, "decimal")) {
        rule->rule = RULE_DECIMAL;
        want_payload(p->c, rule->tag, name, (Type){ TYPE_I64, 64 });
    } else if (take_word(p, "quoted")) {
        rule->rule = RULE_QUOTED;
        want_payload(p->c, rule->tag, name, (Type){ TYPE_STR, 0 });
    } else {
        rule->rule = RULE_WORDS;
        want_payload(p->c, rule->tag, name, BOOL_TYPE);
        rule->first = want_text(p, "its word for true");
        rule->second = want_text(p, "its word for false");
    }
}

static void check_refer(Pieces *p)
{
    take_variant(p, &p->rule->tag, (Type){ TYPE_STR, 0 });
    if (!take_word(p, "as"))
        complain(p->c, p->rule->span, "'labelref' needs what a label becomes: as VARIANT");
    else
        take_variant(p, &p->rule->location_tag, (Type){ TYPE_I64, 64 });
}

static bool is_escaped_byte(Text t) // one byte, or an escape of one
{
    return t.len == 1 || (t.len == 2 && t.at[0] == '\\');
}

static Text want_byte(Pieces *p, const char *what)
{
    const Text t = want_text(p, what);
    if (t.len && !is_escaped_byte(t))
        complain(p->c, p->rule->span, "'%.*s' is one byte", TEXT(p->rule->kind));
    return t;
}

static void check_rule(Check *c, TokenRule *rule)
{
    static const char *const kinds[] = { "",        "blank",  "comment",  "quote",   "text",
                                         "literal", "opcode", "labeldef", "labelref" };
    static const RuleKind rules[] = { RULE_NONE,    RULE_BLANK,  RULE_COMMENT, RULE_QUOTE, RULE_TEXT,
                                      RULE_DECIMAL, RULE_OPCODE, RULE_DEFINE,  RULE_REFER };
    Pieces p = { c, rule, 0 };
    Guess g = { .word = rule->kind };
    for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++) {
        guess_offer(&g, text_of(kinds[k]));
        if (text_is(rule->kind, kinds[k]))
            rule->rule = rules[k];
    }
    switch (rule->rule) {
    case RULE_NONE:
        if (complain(c, rule->span, "'%.*s' is no kind of token rule", TEXT(rule->kind)))
            guess_hint(c, &g);
        return;
    case RULE_BLANK:
        rule->first = want_text(&p, "its bytes");
        break;
    case RULE_COMMENT:
        rule->first = want_byte(&p, "its byte");
        break;
    case RULE_TEXT:
        if (!take_word(&p, "utf8"))
            complain(c, rule->span, "the only kind of text is utf8");
        break;
    case RULE_QUOTE:
        rule->first = want_byte(&p, "its byte");
        if (take_word(&p, "escape"))
            rule->second = want_byte(&p, "the escaping byte");
        if (take_word(&p, "pairs"))
            rule->pairs = want_text(&p, "letters and what they stand for");
        break;
    case RULE_OPCODE:
        if (rule->pieces.count)
            take_variant(&p, &rule->tag, bits_type(index_width(c->isa->insns.count + 1)));
        break;
    case RULE_DEFINE:
        take_variant(&p, &rule->tag, (Type){ TYPE_STR, 0 });
        rule->first = want_byte(&p, "the byte at its end");
        break;
    case RULE_REFER:
        check_refer(&p);
        break;
    default:
        check_literal(&p);
        break;
    }
    take_wrong(&p);
    if (p.next < rule->pieces.count)
        complain(c, rule->pieces.at[p.next].span, "'%.*s' is too much for this rule",
                 TEXT(rule->pieces.at[p.next].text));
}

void check_tokens(Check *c)
{
    for (size_t i = 0; i < c->isa->tokens.count; i++)
        check_rule(c, &c->isa->tokens.at[i]);
}

// ------------------------------------------------------------------- hosts

void check_hosts(Check *c)
{
    for (size_t i = 0; i < c->isa->hosts.count; i++) {
        Host *host = c->isa->hosts.at[i];
        for (size_t k = 0; k < host->attrs.count; k++) {
            const Name attr = host->attrs.at[k];
            if (text_is(attr.text, "raises") && k + 1 < host->attrs.count)
                host->raises = resolve_exception(c, host->attrs.at[++k]);
            else if (text_is(attr.text, "raises"))
                complain(c, attr.span, "'raises' needs an exception");
            else if (!text_is(attr.text, "io") &&
                     complain(c, attr.span, "'%.*s' is no attribute of a host", TEXT(attr.text)))
                diag_hint(c->diag, "they are io and 'raises EXCEPTION'");
        }
    }
}

// ----------------------------------------------------------------- machine

Stack *value_stack(const Isa *isa)
{
    for (size_t i = 0; i < isa->stacks.count; i++)
        if (isa->stacks.at[i]->type.kind == TYPE_VALUE)
            return isa->stacks.at[i];
    return NULL;
}

static void check_one_stack(Check *c, const Stack *s)
{
    const bool is_values = s->type.kind == TYPE_VALUE;
    if (!is_values && s->type.kind != TYPE_I64)
        complain(c, s->span, "a stack holds i64 or values of the union, not %s",
                 type_name(c->arena, s->type));
    if (!s->underflow)
        complain(c, s->span, "nothing says what an empty '%.*s' raises: underflow EXCEPTION", TEXT(s->name));
    if (!s->overflow)
        complain(c, s->span, "nothing says what a full '%.*s' raises: overflow EXCEPTION", TEXT(s->name));
    if (is_values && !s->mismatch)
        complain(c, s->span, "nothing says what a wrong kind on '%.*s' raises: mismatch EXCEPTION",
                 TEXT(s->name));
    if (s->limit > 1ull << 28)
        complain(c, s->span, "a stack has at most 2^28 entries");
}

// The machine of a `code`: what the emitters and the evaluator rely on.
void check_stack_machine(Check *c)
{
    const Isa *isa = c->isa;
    if (!isa->code)
        return;
    int values = 0;
    for (size_t i = 0; i < isa->stacks.count; i++) {
        check_one_stack(c, isa->stacks.at[i]);
        values += isa->stacks.at[i]->type.kind == TYPE_VALUE;
        if (values == 2 && isa->stacks.at[i]->type.kind == TYPE_VALUE)
            complain(c, isa->stacks.at[i]->span, "a second stack of values");
    }
    if (values == 0 && isa->variants.count)
        complain(c, isa->variant_span, "no stack holds '%.*s'", TEXT(isa->variant_type));
    if (isa->stacks.count > 5)
        complain(c, isa->stacks.at[5]->span, "a machine has at most 5 stacks");
    if (!isa->code->beyond)
        complain(c, isa->code->span, "nothing says what a jump out of '%.*s' raises: beyond EXCEPTION",
                 TEXT(isa->code->name));
    if (isa->pc && isa->pc->type.kind != TYPE_I64)
        complain(c, isa->pc->span, "the program counter of a stack machine is i64");
    for (size_t i = 0; i < isa->reg.count; i++)
        if (isa->pc && isa->reg.at[i] != isa->pc)
            complain(c, isa->reg.at[i]->span, "a stack machine has one register, its program counter");
    for (size_t i = 0; i < isa->exceptions.count; i++)
        if (isa->exceptions.at[i]->exit < 0)
            complain(c, isa->exceptions.at[i]->span,
                     "an exception of a stack machine has an exit code: exit N");
}

// Inputs and outputs are variants, and only the effect moves values.
void check_effect(Check *c, const Insn *insn)
{
    const LocalList *sides[] = { &insn->inputs, &insn->outputs };
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < sides[s]->count; i++) {
            const Local *l = sides[s]->at[i];
            const int tag = s ? insn->output_tags.at[i] : insn->input_tags.at[i];
            if (tag < 0 && l->type.kind != TYPE_VALUE && l->type.kind != TYPE_NONE)
                complain(c, l->span, "'%.*s' is a variant of '%.*s', or nothing is said of it", TEXT(l->name),
                         TEXT(c->isa->variant_type));
        }
}

bool moves_values(const Stack *stack)
{
    return stack && stack->type.kind == TYPE_VALUE;
}

// ------------------------------------------------------------------- fuses

static bool calls_host(const Expr *e)
{
    if (!e)
        return false;
    bool calls = e->kind == EXPR_HOST || calls_host(e->a) || calls_host(e->b) || calls_host(e->c);
    for (size_t i = 0; i < e->args.count; i++)
        calls |= calls_host(e->args.at[i]);
    return calls;
}

static const char *why_not_fused(const Block *body, bool is_last)
{
    for (size_t i = 0; i < body->count; i++) {
        const Stmt *s = body->at[i];
        const bool is_plain = s->kind == STMT_LET || s->kind == STMT_SET || (s->kind == STMT_PUSH && is_last);
        if (!is_plain)
            return s->kind == STMT_PUSH ? "moves more than its effect" : "does more than compute";
        if (calls_host(s->value))
            return "calls a host";
        if (!is_last && s->kind == STMT_SET && s->target->kind == EXPR_REG)
            return "leaves the straight line";
    }
    return NULL;
}

// A superinstruction leaves before its first part or does all of them: the parts
// compute, and only the last may jump.
void check_stack_fuse(Check *c, const Fuse *fuse)
{
    for (size_t i = 0; i < fuse->parts.count; i++) {
        const FusePart *part = &fuse->parts.at[i];
        const Insn *insn = part->insn_target;
        if (!insn || !insn->is_stack)
            continue;
        const bool is_last = i + 1 == fuse->parts.count;
        const char *why = insn->has_body ? why_not_fused(&insn->body, is_last) : NULL;
        if (!why && !is_last && insn->roles & ROLE_RETURN)
            why = "leaves the straight line";
        if (why)
            complain(c, part->target_span, "'%.*s' %s%s", TEXT(part->insn), why,
                     is_last ? "" : " in the middle of a fuse");
    }
    if (fuse->where)
        complain(c, fuse->where->span, "a fuse of a stack machine has no condition");
}
