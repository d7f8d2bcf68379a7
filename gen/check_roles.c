#include "check.h"

// -------------------------------------------------------- what a body does

typedef struct {
    const Isa *isa;
    int dialect;
    unsigned roles;
    int depth; // of procs within procs
} Walk;

static bool is_guarded(const Walk *w, const Mem *mem)
{
    for (size_t i = 0; i < mem->regions.count; i++) {
        const Region *region = &mem->regions.at[i];
        if (region->guard && (region->guard_dialect < 0 || region->guard_dialect == w->dialect))
            return true;
    }
    return false;
}

static void walk_expr(Walk *w, const Expr *e)
{
    if (!e)
        return;
    switch (e->kind) {
    case EXPR_MEM:
        w->roles |= ROLE_LOAD | (is_guarded(w, e->mem) ? ROLE_RAISES : 0);
        break;
    case EXPR_LAZY:
        w->roles |= ROLE_READS_LAZY;
        break;
    case EXPR_REG:
        w->roles |= e->reg->lazy ? ROLE_READS_LAZY : 0;
        break;
    case EXPR_SLICE: // bits beside the lazy value do not read it
        if (e->a->kind == EXPR_REG && e->a->reg->lazy &&
            (e->lo > e->a->reg->lazy->at_hi || e->hi < e->a->reg->lazy->at_lo))
            return;
        break;
    case EXPR_POP:
        w->roles |= e->stack->underflow ? ROLE_RAISES : 0;
        break;
    default:
        break;
    }
    walk_expr(w, e->a);
    walk_expr(w, e->b);
    walk_expr(w, e->c);
    for (size_t i = 0; i < e->args.count; i++)
        walk_expr(w, e->args.at[i]);
}

// Whether a jump's target follows from the instruction word and its address.
static bool is_direct(const Expr *e)
{
    if (!e)
        return true;
    switch (e->kind) {
    case EXPR_NUM:
    case EXPR_FIELD:
        return true;
    case EXPR_REG:
        return e->reg->is_pc;
    case EXPR_LOCAL:
        return e->local->value && is_direct(e->local->value);
    case EXPR_UNARY:
    case EXPR_BINARY:
    case EXPR_CONVERT:
    case EXPR_SLICE:
        return is_direct(e->a) && is_direct(e->b);
    default:
        return false;
    }
}

static bool walk_block(Walk *w, const Block *block);

// The walkers return whether every path leaves the straight line there.
static bool walk_set(Walk *w, const Stmt *s)
{
    const Expr *target = s->target;
    walk_expr(w, s->value);
    if (target->kind == EXPR_MEM || target->kind == EXPR_REGS)
        walk_expr(w, target->a);
    if (target->kind == EXPR_MEM)
        w->roles |= ROLE_STORE | (is_guarded(w, target->mem) ? ROLE_RAISES : 0);
    if (target->kind == EXPR_REG && target->reg->lazy)
        w->roles |= ROLE_SETS_LAZY;
    if (target->kind == EXPR_REGS && s->value->kind == EXPR_REG && s->value->reg->is_pc)
        w->roles |= ROLE_LINK;
    if (target->kind != EXPR_REG || !target->reg->is_pc)
        return false;
    w->roles |= ROLE_JUMP | (is_direct(s->value) ? 0 : ROLE_INDIRECT);
    return true;
}

static bool walk_proc(Walk *w, const Stmt *s)
{
    for (size_t i = 0; i < s->args.count; i++)
        walk_expr(w, s->args.at[i]);
    return walk_block(w, &s->proc->body);
}

static bool walk_stmt(Walk *w, const Stmt *s)
{
    walk_expr(w, s->kind == STMT_SET ? NULL : s->value);
    switch (s->kind) {
    case STMT_SET:
        return walk_set(w, s);
    case STMT_LAZY:
        w->roles |= ROLE_SETS_LAZY;
        return false;
    case STMT_IF: {
        const bool then = walk_block(w, &s->then), other = walk_block(w, &s->other);
        return then && other;
    }
    case STMT_WHEN:
        return walk_block(w, s->dialect == w->dialect ? &s->then : &s->other);
    case STMT_RAISE:
        w->roles |= ROLE_RAISES;
        return true;
    case STMT_TRAP:
        w->roles |= ROLE_TRAP;
        return true;
    case STMT_HALT:
        w->roles |= ROLE_HALT;
        return true;
    case STMT_PUSH:
        w->roles |= s->stack->overflow ? ROLE_RAISES : 0;
        return false;
    case STMT_PROC:
        return walk_proc(w, s);
    default:
        return false;
    }
}

static bool walk_block(Walk *w, const Block *block)
{
    bool leaves = false;
    for (size_t i = 0; i < block->count; i++)
        leaves |= walk_stmt(w, block->at[i]);
    return leaves;
}

unsigned isa_block_roles(const Isa *isa, const Block *block, int dialect)
{
    Walk w = { .isa = isa, .dialect = dialect };
    const bool leaves = walk_block(&w, block);
    if (!leaves && (w.roles & ROLE_JUMP))
        w.roles |= ROLE_COND;
    return w.roles;
}

// --------------------------------------- fns and procs that recur or take for ever
//
// Depth first over the calls; a fn or proc met again on its own path recurs.  On the
// way back its steps are counted, every branch and call included: without loops that
// is the most it can take, and what is too much is cut off here, before anything walks
// along it.

enum { FN_STEPS = 1000, BODY_STEPS = 10000 };

typedef enum { UNSEEN, OPEN, DONE } Mark;

typedef struct {
    Check *check;
    Mark *fns, *procs;
    int *fn_steps, *proc_steps;
} Calls;

static int count_block(Calls *y, const Block *block);
static int count_fn(Calls *y, Fn *fn, Span at);

static int sum(int a, int b)
{
    return a + b > BODY_STEPS ? BODY_STEPS + 1 : a + b;
}

static int count_expr(Calls *y, const Expr *e)
{
    if (!e)
        return 0;
    int steps = e->kind == EXPR_CALL ? sum(1, count_fn(y, e->fn, e->span)) : 1;
    steps = sum(steps, count_expr(y, e->a));
    steps = sum(steps, count_expr(y, e->b));
    steps = sum(steps, count_expr(y, e->c));
    for (size_t i = 0; i < e->args.count; i++)
        steps = sum(steps, count_expr(y, e->args.at[i]));
    return steps;
}

// Returns the steps that are left of a body after complaining about too many.
static int limit(Calls *y, int steps, int most, Span at, const char *what)
{
    if (steps <= most)
        return steps;
    complain(y->check, at, "%s takes more than %d steps with all that it calls", what, most);
    return 0;
}

static int count_fn(Calls *y, Fn *fn, Span at)
{
    if (y->fns[fn->index] == OPEN)
        complain(y->check, at, "'%.*s' calls itself", TEXT(fn->name));
    if (y->fns[fn->index] != UNSEEN)
        return y->fn_steps[fn->index];
    y->fns[fn->index] = OPEN;
    const int steps = count_expr(y, fn->body);
    y->fn_steps[fn->index] = limit(y, steps, FN_STEPS, fn->span, "this fn");
    if (steps > FN_STEPS)
        *fn->body = (Expr){ .kind = EXPR_NUM, .span = fn->body->span, .type = fn->body->type };
    y->fns[fn->index] = DONE;
    return y->fn_steps[fn->index];
}

static int count_proc(Calls *y, Proc *proc, Span at)
{
    if (y->procs[proc->index] == OPEN)
        complain(y->check, at, "'%.*s' calls itself", TEXT(proc->name));
    if (y->procs[proc->index] != UNSEEN)
        return y->proc_steps[proc->index];
    y->procs[proc->index] = OPEN;
    const int steps = count_block(y, &proc->body);
    y->proc_steps[proc->index] = limit(y, steps, FN_STEPS, proc->span, "this proc");
    if (steps > FN_STEPS)
        proc->body = (Block){ 0 };
    y->procs[proc->index] = DONE;
    return y->proc_steps[proc->index];
}

static int count_block(Calls *y, const Block *block)
{
    int steps = 0;
    for (size_t i = 0; i < block->count; i++) {
        const Stmt *s = block->at[i];
        steps = sum(steps, sum(1, sum(count_expr(y, s->value), count_expr(y, s->target))));
        for (size_t k = 0; k < s->args.count; k++)
            steps = sum(steps, count_expr(y, s->args.at[k]));
        if (s->proc)
            steps = sum(steps, count_proc(y, s->proc, s->span));
        steps = sum(steps, sum(count_block(y, &s->then), count_block(y, &s->other)));
    }
    return steps;
}

static void check_body(Calls *y, Block *body, Span at)
{
    if (!limit(y, count_block(y, body), BODY_STEPS, at, "this"))
        *body = (Block){ 0 };
}

void check_calls(Check *c)
{
    const Isa *isa = c->isa;
    Calls y = { c, arena_array(c->arena, Mark, isa->fns.count + 1),
                arena_array(c->arena, Mark, isa->procs.count + 1),
                arena_array(c->arena, int, isa->fns.count + 1),
                arena_array(c->arena, int, isa->procs.count + 1) };
    for (size_t i = 0; i < isa->fns.count; i++)
        count_fn(&y, isa->fns.at[i], isa->fns.at[i]->span);
    for (size_t i = 0; i < isa->procs.count; i++)
        count_proc(&y, isa->procs.at[i], isa->procs.at[i]->span);
    for (size_t i = 0; i < isa->forms.count; i++)
        check_body(&y, &isa->forms.at[i]->body, isa->forms.at[i]->span);
    for (size_t i = 0; i < isa->insns.count; i++)
        check_body(&y, &isa->insns.at[i]->body, isa->insns.at[i]->span);
    for (size_t i = 0; i < isa->exceptions.count; i++)
        check_body(&y, &isa->exceptions.at[i]->body, isa->exceptions.at[i]->span);
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++)
        check_body(&y, &isa->traps->list.at[i]->body, isa->traps->list.at[i]->span);
    if (isa->traps)
        check_body(&y, &isa->traps->otherwise, isa->traps->span);
}
