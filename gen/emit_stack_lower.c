// emit_stack_lower.c -- every operation as calls of runtime/stack_lower.h, which say it to LLVM.
//
// One C function per operation that only computes and jumps at most (sbody_is_plain);
// others have none, and the interpreter does them.  Order is the description's: all
// that can fail stands before anything that changes.
#include "emit_c.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "emit_stack_body.h"
#include "meaning.h"

#define F(...) arena_format(s->arena, __VA_ARGS__)

// What stands for a local: of the union a SayHeld, else a SayValue.
typedef struct {
    const Local *local;
    const char *text;
} Named;

typedef struct {
    const Isa *isa;
    const EmitOptions *options;
    Arena *arena;
    Writer *w;
    int temps;
    LIST(Named) names;
} Say;

static const char *expr(Say *s, const Expr *e);

static void line(Say *s, const char *text)
{
    write_format(s->w, "    %s\n", text);
}

static const char *name_of(const Say *s, const Local *local)
{
    for (size_t i = s->names.count; i-- > 0;)
        if (s->names.at[i].local == local)
            return s->names.at[i].text;
    assert(!"a local without a name");
    return "";
}

static void name(Say *s, const Local *local, const char *text)
{
    LIST_ADD(s->arena, &s->names, ((Named){ local, text }));
}

static const char *type_of(Type t)
{
    return t.kind == TYPE_VALUE ? "SayHeld" : "SayValue";
}

static int width_of(Type t)
{
    return t.kind == TYPE_BITS ? t.width : 64;
}

// A C name for a local: the description's, unless something here has it already.
static const char *own_name(Say *s, const Local *local)
{
    const char *c = c_name(s->arena, local->name);
    bool is_taken = strcmp(c, "l") == 0 || (c[0] == 't' && c[1] >= '0' && c[1] <= '9');
    for (size_t i = 0; i < s->names.count; i++)
        is_taken |= text_same(s->names.at[i].local->name, local->name);
    return is_taken ? F("%s_%d", c, s->temps++) : c;
}

static const char *temp(Say *s, Type type, const char *value)
{
    const char *t = F("t%d", s->temps++);
    line(s, F("const %s %s = %s;", type_of(type), t, value));
    return t;
}

// ------------------------------------------------------------- expressions

static const char *cut(Say *s, Type type, const char *text)
{
    return width_of(type) < 64 ? F("say_cut(l, %d, %s)", width_of(type), text) : text;
}

static const char *two(Say *s, const char *fn, const Expr *e)
{
    const char *a = expr(s, e->a);
    return F("%s(l, %s, %s)", fn, a, expr(s, e->b));
}

// `b` only counts where `condition` says so.
static const char *guarded(Say *s, const char *condition, const Expr *b)
{
    if (!sbody_is_careful(b))
        return expr(s, b);
    line(s, F("say_when(l, %s);", condition));
    const char *text = temp(s, b->type, expr(s, b));
    line(s, "say_end(l);");
    return text;
}

static const char *lazy_truth(Say *s, const Expr *e)
{
    const char *fn = e->op == OP_LAND ? "say_and" : "say_or";
    if (!sbody_is_careful(e->b))
        return two(s, fn, e);
    const char *a = temp(s, e->a->type, expr(s, e->a));
    const char *when = e->op == OP_LAND ? a : F("say_not(l, %s)", a);
    return F("%s(l, %s, %s)", fn, a, guarded(s, when, e->b));
}

static const char *arithmetic(Say *s, const Expr *e)
{
    const char *fn = e->op == OP_ADD ? "say_add" : e->op == OP_SUB ? "say_sub" : "say_mul";
    if (e->type.kind == TYPE_I64 && policy_raise(s->isa, "overflow"))
        return two(s, F("%s_checked", fn), e);
    return cut(s, e->type, two(s, fn, e));
}

static const char *compare(Say *s, const Expr *e)
{
    static const char *const names[] = { [OP_EQ] = "SAY_EQ", [OP_NE] = "SAY_NE", [OP_LT] = "SAY_LT",
                                         [OP_LE] = "SAY_LE", [OP_GT] = "SAY_GT", [OP_GE] = "SAY_GE" };
    const TypeKind kind = e->a->type.kind;
    const char *a = expr(s, e->a), *b = expr(s, e->b);
    if (kind == TYPE_VALUE || kind == TYPE_STR) {
        const char *same = F("%s(l, %s, %s)", kind == TYPE_STR ? "say_same_text" : "say_same", a, b);
        return e->op == OP_EQ ? same : F("say_not(l, %s)", same);
    }
    return F("say_compare(l, %s, %s, %s, %s)", names[e->op], kind == TYPE_I64 ? "true" : "false", a, b);
}

static const char *binary(Say *s, const Expr *e)
{
    const char *is_signed = e->type.kind == TYPE_I64 ? "true" : "false";
    switch (e->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
        return arithmetic(s, e);
    case OP_DIV:
    case OP_MOD: {
        const char *a = expr(s, e->a);
        return F("%s(l, %s, %s, %s)", e->op == OP_DIV ? "say_div" : "say_mod", is_signed, a, expr(s, e->b));
    }
    case OP_AND:
        return two(s, "say_and", e);
    case OP_OR:
        return two(s, "say_or", e);
    case OP_XOR:
        return two(s, "say_xor", e);
    case OP_SHL: {
        const char *a = expr(s, e->a);
        return cut(s, e->type, F("say_shl(l, %d, %s, %s)", width_of(e->type), a, expr(s, e->b)));
    }
    case OP_SHR: {
        const char *a = expr(s, e->a);
        return F("say_shr(l, %d, %s, %s, %s)", width_of(e->type), is_signed, a, expr(s, e->b));
    }
    case OP_LAND:
    case OP_LOR:
        return lazy_truth(s, e);
    default:
        return compare(s, e);
    }
}

static const char *cond(Say *s, const Expr *e)
{
    const char *c = expr(s, e->a);
    if (sbody_is_careful(e->b) || sbody_is_careful(e->c))
        c = temp(s, e->a->type, c);
    const char *a = guarded(s, c, e->b), *b = guarded(s, F("say_not(l, %s)", c), e->c);
    return F("%s(l, %s, %s, %s)", e->type.kind == TYPE_VALUE ? "say_choose_held" : "say_choose", c, a, b);
}

static const char *convert(Say *s, const Expr *e)
{
    const char *a = expr(s, e->a);
    const bool extends = e->convert == CONVERT_SEXT || e->convert == CONVERT_SIGNED;
    if (extends && width_of(e->a->type) < 64)
        a = F("say_sext(l, %d, %s)", width_of(e->a->type), a);
    return cut(s, e->type, a);
}

static const char *call(Say *s, const Expr *e)
{
    const size_t before = s->names.count;
    for (size_t i = 0; i < e->args.count; i++)
        name(s, e->fn->params.at[i], temp(s, e->args.at[i]->type, expr(s, e->args.at[i])));
    const char *text = expr(s, e->fn->body);
    s->names.count = before;
    return text;
}

static const char *expr(Say *s, const Expr *e)
{
    switch (e->kind) {
    case EXPR_NUM:
        return e->num == 1ull << 63 ? "say_num(l, INT64_MIN)" : F("say_num(l, %" PRId64 ")", (int64_t)e->num);
    case EXPR_BOOL:
        return F("say_truth(l, %s)", e->num ? "true" : "false");
    case EXPR_LOCAL:
        return name_of(s, e->local);
    case EXPR_REG:
        return "say_ip(l)";
    case EXPR_UNARY:
        if (e->op == OP_NEG)
            return cut(s, e->type, F("say_neg(l, %s)", expr(s, e->a)));
        return cut(s, e->type.kind == TYPE_BITS ? e->type : (Type){ 0 }, F("say_not(l, %s)", expr(s, e->a)));
    case EXPR_BINARY:
        return binary(s, e);
    case EXPR_COND:
        return cond(s, e);
    case EXPR_CONVERT:
        return convert(s, e);
    case EXPR_SLICE:
        return F("say_cut(l, %d, say_shr(l, 64, false, %s, say_num(l, %d)))", e->hi - e->lo + 1, expr(s, e->a),
                 e->lo);
    case EXPR_CALL:
        return call(s, e);
    case EXPR_POP:
        return temp(s, e->type, F("say_pop(l, %d)", stack_index(s->isa, e->stack)));
    default:
        assert(!"can_say let it through");
        return "";
    }
}

// -------------------------------------------------------------- operations

static bool has_text(const Expr *e)
{
    if (!e)
        return false;
    for (size_t i = 0; i < e->args.count; i++)
        if (has_text(e->args.at[i]))
            return true;
    return e->kind == EXPR_STR || (e->kind == EXPR_CALL && has_text(e->fn->body)) || has_text(e->a) ||
           has_text(e->b) || has_text(e->c);
}

// A pop in an arm would be one that sometimes does not happen.
static bool pops_sometimes(const Expr *e, bool is_arm)
{
    if (!e)
        return false;
    for (size_t i = 0; i < e->args.count; i++)
        if (pops_sometimes(e->args.at[i], is_arm))
            return true;
    const bool has_arms = e->kind == EXPR_COND || e->op == OP_LAND || e->op == OP_LOR;
    return (is_arm && e->kind == EXPR_POP) || pops_sometimes(e->a, is_arm) ||
           pops_sometimes(e->b, is_arm || has_arms) || pops_sometimes(e->c, is_arm || has_arms);
}

static bool can_say(const Insn *insn)
{
    for (size_t i = 0; i < insn->body.count; i++)
        if (has_text(insn->body.at[i]->value) || pops_sometimes(insn->body.at[i]->value, false))
            return false;
    return sbody_is_plain(insn);
}

static void keep(Say *s, const Local *local, Type type, const char *value)
{
    const char *c = own_name(s, local);
    line(s, F("const %s %s = %s;", type_of(type), c, value));
    name(s, local, c);
}

static void stmt(Say *s, const Stmt *t)
{
    const char *value = expr(s, t->value);
    if (t->kind == STMT_PUSH)
        line(s, F("say_push(l, %d, %s);", stack_index(s->isa, t->stack), value));
    else if (t->kind == STMT_SET && t->target->kind == EXPR_REG)
        line(s, F("say_jump(l, %s);", value));
    else
        keep(s, t->kind == STMT_LET ? t->local : t->target->local, t->value->type, value);
}

static const char *tag_name(Say *s, int tag)
{
    return F("%s_TAG_%.*s", upper_name(s->arena, s->options->machine), TEXT(s->isa->variants.at[tag].name));
}

// A held value under the name of its local, which stands for what is in it when its kind is known.
static void input(Say *s, const Insn *insn, size_t i)
{
    const Local *local = insn->inputs.at[i];
    const int tag = insn->input_tags.at[i];
    const char *c = own_name(s, local);
    line(s, F("const SayHeld %s = say_take(l, %s);", c, tag < 0 ? "-1" : tag_name(s, tag)));
    name(s, local, local->type.kind == TYPE_VALUE ? c : F("%s.n", c));
}

static void output(Say *s, const Insn *insn, size_t i)
{
    if (!insn->has_body) {
        line(s, F("say_put(l, %s);", name_of(s, insn->output_values.at[i]->local)));
        return;
    }
    const char *text = name_of(s, insn->outputs.at[i]);
    const int tag = insn->output_tags.at[i];
    line(s, tag < 0 ? F("say_put(l, %s);", text)
                    : F("say_put(l, say_held(l, %s, %s));", tag_name(s, tag), text));
}

static void operation(Say *s, const Insn *insn)
{
    emit_stack_origin(s->isa, s->options, insn, s->arena, s->w, 0);
    write_format(s->w, "static void lower_%.*s(StackLower *l)\n{\n", TEXT(insn->name));
    for (size_t i = insn->inputs.count; i-- > 0;)
        input(s, insn, i);
    for (size_t i = 0; i < insn->body.count; i++)
        stmt(s, insn->body.at[i]);
    for (size_t i = 0; i < insn->outputs.count; i++)
        output(s, insn, i);
    write_text(s->w, "}\n\n");
}

void emit_stack_lower_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena arena = { 0 };
    emit_banner(w, options, "The operations that only compute, said to LLVM.");
    write_format(w, "#include \"stack_lower.h\"\n#include \"%s_machine.h\"\n\n", options->machine);
    write_text(w, "#pragma GCC diagnostic ignored \"-Wunused-variable\"\n\n");
    for (size_t i = 0; i < isa->insns.count; i++)
        if (can_say(isa->insns.at[i]))
            operation(&(Say){ .isa = isa, .options = options, .arena = &arena, .w = w }, isa->insns.at[i]);
    write_text(w, "static void (*const ops[])(StackLower *l) = {\n");
    for (size_t i = 0; i < isa->insns.count; i++) {
        const Insn *insn = isa->insns.at[i];
        write_format(w, can_say(insn) ? "    lower_%.*s,\n" : "    NULL, // %.*s\n", TEXT(insn->name));
    }
    write_format(w,
                 "};\n\nconst StackLowering stack_lowering = {\n    .name = \"%s\",\n"
                 "    .meaning = 0x%016" PRIX64 ",\n    .op_count = %zu,\n    .ops = ops,\n};\n",
                 options->machine, meaning_hash(isa), isa->insns.count);
    arena_free(&arena);
}
