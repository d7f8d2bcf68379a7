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

// ------------------------------------------------- fns and procs that recur
//
// Depth first over the calls; a fn or proc met again on its own path recurs.

typedef enum { UNSEEN, OPEN, DONE } Mark;

typedef struct {
    Check *check;
    Mark *fns, *procs;
} Cycles;

static void visit_block(Cycles *y, const Block *block);
static void visit_fn(Cycles *y, const Fn *fn, Span at);

static void visit_expr(Cycles *y, const Expr *e)
{
    if (!e)
        return;
    if (e->kind == EXPR_CALL)
        visit_fn(y, e->fn, e->span);
    visit_expr(y, e->a);
    visit_expr(y, e->b);
    visit_expr(y, e->c);
    for (size_t i = 0; i < e->args.count; i++)
        visit_expr(y, e->args.at[i]);
}

static void visit_fn(Cycles *y, const Fn *fn, Span at)
{
    if (y->fns[fn->index] == OPEN)
        complain(y->check, at, "'%.*s' calls itself", TEXT(fn->name));
    if (y->fns[fn->index] != UNSEEN)
        return;
    y->fns[fn->index] = OPEN;
    visit_expr(y, fn->body);
    y->fns[fn->index] = DONE;
}

static void visit_proc(Cycles *y, const Proc *proc, Span at)
{
    if (y->procs[proc->index] == OPEN)
        complain(y->check, at, "'%.*s' calls itself", TEXT(proc->name));
    if (y->procs[proc->index] != UNSEEN)
        return;
    y->procs[proc->index] = OPEN;
    visit_block(y, &proc->body);
    y->procs[proc->index] = DONE;
}

static void visit_block(Cycles *y, const Block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const Stmt *s = block->at[i];
        visit_expr(y, s->value);
        visit_expr(y, s->target);
        for (size_t k = 0; k < s->args.count; k++)
            visit_expr(y, s->args.at[k]);
        if (s->proc)
            visit_proc(y, s->proc, s->span);
        visit_block(y, &s->then);
        visit_block(y, &s->other);
    }
}

void check_call_cycles(Check *c)
{
    const Isa *isa = c->isa;
    Cycles y = { c, arena_array(c->arena, Mark, isa->fns.count + 1),
                 arena_array(c->arena, Mark, isa->procs.count + 1) };
    for (size_t i = 0; i < isa->fns.count; i++)
        visit_fn(&y, isa->fns.at[i], isa->fns.at[i]->span);
    for (size_t i = 0; i < isa->procs.count; i++)
        visit_proc(&y, isa->procs.at[i], isa->procs.at[i]->span);
}
