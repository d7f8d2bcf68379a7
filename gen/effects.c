#include "effects.h"

#include <string.h>

#include "emit_c.h"
#include "pseudo.h"

typedef struct {
    const Isa *isa;
    Arena *arena;
    int dialect;
    Effects *out;
} Walk;

static void add_name(Walk *w, Names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->at[i], name) == 0)
            return;
    LIST_ADD(w->arena, names, name);
}

static void add_text(Walk *w, Names *names, Text name)
{
    add_name(w, names, arena_copy(w->arena, name.at, name.len));
}

static void add_place(Walk *w, Names *names, const Expr *e)
{
    Writer text = { 0 };
    pseudo_expr(&text, e);
    add_name(w, names, arena_copy(w->arena, text.at, text.len));
    writer_free(&text);
}

static void touch_memory(Walk *w, const Mem *mem, Names *names)
{
    add_name(w, names, arena_format(w->arena, "%.*s[]", TEXT(mem->name)));
    for (size_t i = 0; i < mem->regions.count; i++)
        if (guard_holds(&mem->regions.at[i], w->dialect))
            add_text(w, &w->out->raises, mem->regions.at[i].raise->name);
}

static void add_raise(Walk *w, const Exception *exception)
{
    if (exception)
        add_text(w, &w->out->raises, exception->name);
}

static void see_expr(void *user, const Expr *e)
{
    Walk *w = user;
    switch (e->kind) {
    case EXPR_BINARY:
        if (e->op == OP_DIV || e->op == OP_MOD)
            add_raise(w, policy_raise(w->isa, "divide"));
        w->out->operations++;
        break;
    case EXPR_UNARY:
    case EXPR_COND:
    case EXPR_SLICE:
        w->out->operations++;
        break;
    case EXPR_REG:
        add_text(w, &w->out->reads, e->reg->name);
        break;
    case EXPR_REGS:
        add_place(w, &w->out->reads, e);
        break;
    case EXPR_LAZY:
        add_text(w, &w->out->reads, e->lazy->name);
        break;
    case EXPR_POP:
        add_text(w, &w->out->reads, e->stack->name);
        add_raise(w, e->stack->underflow);
        break;
    case EXPR_HOST:
        w->out->operations++;
        add_raise(w, e->host->raises);
        break;
    case EXPR_MEM:
        w->out->loads++;
        touch_memory(w, e->mem, &w->out->reads);
        break;
    case EXPR_CALL: {
        const Visit v = { .expr = see_expr, .user = w, .dialect = w->dialect };
        visit_expr(&v, e->fn->body);
        break;
    }
    default:
        break;
    }
}

static void see_set(Walk *w, const Expr *target)
{
    const Expr *place = target->kind == EXPR_SLICE ? target->a : target;
    switch (place->kind) {
    case EXPR_REG:
        add_text(w, &w->out->writes, place->reg->name);
        break;
    case EXPR_REGS:
        add_place(w, &w->out->writes, place);
        break;
    case EXPR_MEM:
        w->out->stores++;
        touch_memory(w, place->mem, &w->out->writes);
        break;
    default:
        break;
    }
}

static void see_stmt(void *user, const Stmt *s)
{
    Walk *w = user;
    const Visit v = { .expr = see_expr, .stmt = see_stmt, .user = w, .dialect = w->dialect };
    switch (s->kind) {
    case STMT_SET:
        see_set(w, s->target);
        break;
    case STMT_LAZY:
        add_text(w, &w->out->writes, s->lazy->name);
        break;
    case STMT_PUSH:
        add_text(w, &w->out->writes, s->stack->name);
        add_raise(w, s->stack->overflow);
        break;
    case STMT_RAISE:
        add_text(w, &w->out->raises, s->exception->name);
        break;
    case STMT_PROC:
        visit_block(&v, &s->proc->body);
        break;
    default:
        break;
    }
}

Effects effects_of(const Isa *isa, Arena *a, const Block *body, int dialect)
{
    Effects out = { 0 };
    Walk w = { isa, a, dialect, &out };
    const Visit v = { .expr = see_expr, .stmt = see_stmt, .user = &w, .dialect = dialect };
    visit_block(&v, body);
    return out;
}

// What taking the operands and leaving the results does to the stack of values.
static void see_operands(Walk *w, const Insn *insn)
{
    const Stack *stack = w->isa->stacks.at[0];
    const char *name = arena_format(w->arena, "%.*s", TEXT(stack->name));
    bool has_kinds = false;
    for (size_t i = 0; i < insn->input_tags.count; i++)
        has_kinds |= insn->input_tags.at[i] >= 0;
    if (insn->inputs.count) {
        add_name(w, &w->out->reads, arena_format(w->arena, "%s*%zu", name, insn->inputs.count));
        add_raise(w, stack->underflow);
    }
    if (has_kinds)
        add_raise(w, stack->mismatch);
    if (insn->outputs.count)
        add_name(w, &w->out->writes, arena_format(w->arena, "%s*%zu", name, insn->outputs.count));
    if (insn->outputs.count > insn->inputs.count)
        add_raise(w, stack->overflow);
}

Effects effects_of_insn(const Isa *isa, Arena *a, const Insn *insn)
{
    Effects out = { 0 };
    Walk w = { isa, a, isa_default_dialect(isa), &out };
    const Visit v = { .expr = see_expr, .stmt = see_stmt, .user = &w, .dialect = w.dialect };
    see_operands(&w, insn);
    visit_block(&v, &insn->body);
    return out;
}

const char *effects_flow(Arena *a, unsigned roles)
{
    static const struct {
        unsigned role;
        const char *word;
    } words[] = {
        { ROLE_CALL, "calls" }, { ROLE_RETURN, "returns" }, { ROLE_HALT, "halts" }, { ROLE_TRAP, "traps" }
    };
    const char *text = !(roles & ROLE_JUMP) ? "" : roles & ROLE_COND ? "may jump" : "jumps";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (roles & words[i].role)
            text = arena_format(a, "%s%s%s", text, *text ? ", " : "", words[i].word);
    if (roles & ROLE_INDIRECT)
        text = arena_format(a, "%s, indirect", text);
    return text;
}

void write_names(Writer *w, const Names *names, const char *empty)
{
    for (size_t i = 0; i < names->count; i++)
        write_format(w, "%s%s", i ? " " : "", names->at[i]);
    if (!names->count)
        write_text(w, empty);
}
