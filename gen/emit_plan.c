#include "emit_plan.h"

#include <assert.h>

#include "eval.h"

// --------------------------------------------------------------- constants

static bool is_pure(const Expr *e)
{
    if (!e)
        return true;
    switch (e->kind) {
    case EXPR_REG: case EXPR_REGS: case EXPR_LAZY: case EXPR_MEM: case EXPR_HOST: case EXPR_POP:
        return false;
    case EXPR_CALL:
        if (!is_pure(e->fn->body))
            return false;
        break;
    default:
        break;
    }
    for (size_t i = 0; i < e->args.count; i++)
        if (!is_pure(e->args.at[i]))
            return false;
    return is_pure(e->a) && is_pure(e->b) && is_pure(e->c);
}

const Expr *plan_value(const Plan *plan, const Expr *e)
{
    while (e->kind == EXPR_LOCAL) {
        const Expr *value = NULL;
        for (size_t i = 0; i < plan->locals.count; i++)
            if (plan->locals.at[i].local == e->local)
                value = plan->locals.at[i].value;
        if (!value)
            return e;
        e = value;
    }
    return e;
}

bool plan_is_constant(const Plan *plan, const Expr *e)
{
    if (!e)
        return true;
    e = plan_value(plan, e);
    switch (e->kind) {
    case EXPR_NUM: case EXPR_BOOL: case EXPR_FIELD:
        return true;
    case EXPR_REG:
        return e->reg->is_pc && plan->decode == DECODE_ADDR;
    case EXPR_BINARY:
        if (expr_may_stop(e))
            return false;
        // fall through
    case EXPR_SLICE: case EXPR_UNARY: case EXPR_COND: case EXPR_CONVERT:
        return plan_is_constant(plan, e->a) && plan_is_constant(plan, e->b) && plan_is_constant(plan, e->c);
    case EXPR_CALL:
        if (!is_pure(e->fn->body))
            return false;
        for (size_t i = 0; i < e->args.count; i++)
            if (!plan_is_constant(plan, e->args.at[i]))
                return false;
        return true;
    default:
        return false;
    }
}

static bool same_expr(const Plan *plan, const Expr *a, const Expr *b)
{
    if (!a || !b)
        return a == b;
    a = plan_value(plan, a);
    b = plan_value(plan, b);
    if (a->kind != b->kind || a->type.kind != b->type.kind || a->type.width != b->type.width || a->op != b->op ||
        a->convert != b->convert || a->num != b->num || a->hi != b->hi || a->lo != b->lo || a->local != b->local ||
        a->field != b->field || a->reg != b->reg || a->fn != b->fn || a->args.count != b->args.count)
        return false;
    for (size_t i = 0; i < a->args.count; i++)
        if (!same_expr(plan, a->args.at[i], b->args.at[i]))
            return false;
    return same_expr(plan, a->a, b->a) && same_expr(plan, a->b, b->b) && same_expr(plan, a->c, b->c);
}

const Slot *plan_slot(const Plan *plan, const Expr *e)
{
    for (size_t i = 0; i < plan->slots.count; i++)
        if (same_expr(plan, plan->slots.at[i].expr, e))
            return &plan->slots.at[i];
    return NULL;
}

// ------------------------------------------------------------------- slots

static const Field *first_field(const Plan *plan, const Expr *e)
{
    if (!e)
        return NULL;
    e = plan_value(plan, e);
    if (e->kind == EXPR_FIELD)
        return e->field;
    const Field *f = first_field(plan, e->a);
    if (!f)
        f = first_field(plan, e->b);
    if (!f)
        f = first_field(plan, e->c);
    for (size_t i = 0; !f && i < e->args.count; i++)
        f = first_field(plan, e->args.at[i]);
    return f;
}

static bool has_pc(const Plan *plan, const Expr *e)
{
    if (!e)
        return false;
    e = plan_value(plan, e);
    return e->kind == EXPR_REG || has_pc(plan, e->a) || has_pc(plan, e->b) || has_pc(plan, e->c);
}

static const char *slot_name(const Plan *plan, const Expr *e, Arena *a)
{
    const Expr *value = plan_value(plan, e);
    const Field *f = first_field(plan, value);
    const char *name;
    if (e->kind == EXPR_LOCAL)
        name = c_name(a, e->local->name);
    else if (value->kind == EXPR_REG)
        name = "next_pc";
    else if (f)
        name = arena_format(a, "%s%s", has_pc(plan, value) ? "pc_" : "", c_name(a, f->name));
    else
        name = "constant";
    for (size_t i = 0; i < plan->slots.count; i++)
        if (text_is(text_of(plan->slots.at[i].name), name))
            return arena_format(a, "%s_%zu", name, plan->slots.count + 1);
    return name;
}

typedef struct { Plan *plan; Arena *a; } Collect;

static void collect(Collect *c, const Expr *e)
{
    if (!e)
        return;
    if (plan_is_constant(c->plan, e)) {
        const Expr *value = plan_value(c->plan, e);
        if (value->kind == EXPR_NUM || value->kind == EXPR_BOOL || plan_slot(c->plan, e))
            return;
        const Slot slot = { .expr = e, .name = slot_name(c->plan, e, c->a),
                            .width = e->type.kind == TYPE_BITS ? e->type.width : 1 };
        LIST_ADD(c->a, &c->plan->slots, slot);
        return;
    }
    collect(c, e->a);
    collect(c, e->b);
    collect(c, e->c);
    for (size_t i = 0; i < e->args.count; i++)
        collect(c, e->args.at[i]);
}

static void collect_block(Collect *c, const Block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const Stmt *s = block->at[i];
        if (s->kind == STMT_WHEN) {
            collect_block(c, s->dialect == c->plan->dialect ? &s->then : &s->other);
            continue;
        }
        if (s->kind == STMT_LET && plan_is_constant(c->plan, s->value))
            continue; // where it is used
        if (s->target)
            collect(c, s->target->kind == EXPR_SLICE ? s->target->a->a : s->target->a);
        collect(c, s->value);
        for (size_t k = 0; k < s->args.count; k++)
            collect(c, s->args.at[k]);
        collect_block(c, &s->then);
        collect_block(c, &s->other);
    }
}

// Half words first, from the top; then bytes from the bottom.
static bool pack(Plan *plan)
{
    bool used[4] = { false };
    for (size_t i = 0; i < plan->slots.count; i++) {
        Slot *s = &plan->slots.at[i];
        if (s->width > 16)
            return false;
        if (s->width <= 8)
            continue;
        if (used[2] && used[0])
            return false;
        s->at = used[2] ? 0 : 16;
        s->room = 16;
        used[s->at / 8] = used[s->at / 8 + 1] = true;
    }
    for (size_t i = 0; i < plan->slots.count; i++) {
        Slot *s = &plan->slots.at[i];
        if (s->width > 8)
            continue;
        int byte = 0;
        while (byte < 4 && used[byte])
            byte++;
        if (byte == 4)
            return false;
        used[byte] = true;
        s->at = byte * 8;
        s->room = 8;
    }
    return true;
}

// -------------------------------------------------------- can it be done fast?

typedef struct {
    Plan *plan;
    Arena *a;
    bool changed; // something of the state was written
    bool pc_set;
    int depth;    // of ifs
    int stores;
} Walk;

static void refuse(Walk *k)
{
    k->plan->is_fast = false;
}

static bool touches_lazy(const Isa *isa, const Reg *reg, int hi, int lo)
{
    for (size_t i = 0; i < isa->lazies.count; i++) {
        const Lazy *z = isa->lazies.at[i];
        if (z->at == reg && hi >= z->at_lo && lo <= z->at_hi)
            return true;
    }
    return false;
}

static void access(Walk *k, const Expr *address)
{
    if (k->plan->decode == DECODE_ADDR && plan_is_constant(k->plan, address))
        LIST_ADD(k->a, &k->plan->fixed_addresses, address);
    else if (k->changed)
        refuse(k); // it could no longer be done again from the start
}

static void walk_expr(Walk *k, const Expr *e)
{
    if (!e)
        return;
    if (e->kind == EXPR_SLICE && e->a->kind == EXPR_REG && !e->a->reg->is_pc) {
        if (touches_lazy(k->plan->isa, e->a->reg, e->hi, e->lo))
            refuse(k);
        return;
    }
    walk_expr(k, e->a);
    walk_expr(k, e->b);
    walk_expr(k, e->c);
    for (size_t i = 0; i < e->args.count; i++)
        walk_expr(k, e->args.at[i]);
    switch (e->kind) {
    case EXPR_REG:
        if (e->reg->lazy || touches_lazy(k->plan->isa, e->reg, 63, 0) || (e->reg->is_pc && k->pc_set))
            refuse(k);
        if (e->reg->is_pc && k->plan->decode == DECODE_ADDR && k->pc_set)
            refuse(k);
        break;
    case EXPR_MEM:
        k->plan->loads = true;
        access(k, e->a);
        break;
    case EXPR_BINARY:
        if (k->changed && (e->op == OP_DIV || e->op == OP_MOD))
            refuse(k); // it may raise
        break;
    case EXPR_CALL:
        if (!is_pure(e->fn->body))
            refuse(k);
        break;
    case EXPR_HOST: case EXPR_POP:
        refuse(k);
        break;
    default:
        break;
    }
}

static void walk_set(Walk *k, const Expr *target)
{
    if (target->kind == EXPR_MEM) {
        k->plan->stores = true;
        access(k, target->a);
        if (k->depth || k->stores++)
            refuse(k);
    } else if (target->kind == EXPR_REG && target->reg->is_pc) {
        k->pc_set = k->plan->sets_pc = true;
    } else if (target->kind == EXPR_REG && touches_lazy(k->plan->isa, target->reg, 63, 0)) {
        refuse(k);
    } else if (target->kind == EXPR_SLICE && target->a->kind == EXPR_REG &&
               (target->a->reg->is_pc || touches_lazy(k->plan->isa, target->a->reg, target->hi, target->lo))) {
        refuse(k);
    }
    if (target->kind != EXPR_LOCAL)
        k->changed = true;
}

static void walk_block(Walk *k, const Block *block);

static void walk_stmt(Walk *k, const Stmt *s)
{
    if (s->kind == STMT_WHEN) {
        walk_block(k, s->dialect == k->plan->dialect ? &s->then : &s->other);
        return;
    }
    if (s->target)
        walk_expr(k, s->target->kind == EXPR_SLICE ? s->target->a->a : s->target->a);
    walk_expr(k, s->value);
    for (size_t i = 0; i < s->args.count; i++)
        walk_expr(k, s->args.at[i]);
    switch (s->kind) {
    case STMT_LET:
        if (plan_is_constant(k->plan, s->value) && !k->pc_set)
            LIST_ADD(k->a, &k->plan->locals, ((ConstLocal){ s->local, s->value }));
        break;
    case STMT_SET:
        walk_set(k, s->target);
        break;
    case STMT_LAZY:
        k->changed = true;
        break;
    case STMT_IF: {
        k->depth++;
        walk_block(k, &s->then);
        walk_block(k, &s->other);
        k->depth--;
        break;
    }
    default: // raise, trap, halt, proc: ..._step does it, from the start
        if (k->changed || k->depth == 0)
            refuse(k);
        break;
    }
}

static void walk_block(Walk *k, const Block *block)
{
    for (size_t i = 0; i < block->count; i++)
        walk_stmt(k, block->at[i]);
}

// The one statement of a form that does nothing but trap, in this dialect.
static const Stmt *only_trap(const Plan *plan, const Block *block)
{
    const Stmt *found = NULL;
    for (size_t i = 0; i < block->count; i++) {
        const Stmt *s = block->at[i];
        const Stmt *inner = s;
        if (s->kind == STMT_WHEN) {
            const Block *arm = s->dialect == plan->dialect ? &s->then : &s->other;
            if (!arm->count)
                continue;
            inner = only_trap(plan, arm);
        }
        if (!inner || inner->kind != STMT_TRAP || found)
            return NULL;
        found = inner;
    }
    return found;
}

Plan plan_form(const Isa *isa, int dialect, Decode decode, const Form *form, Arena *a)
{
    Plan plan = { .isa = isa, .dialect = dialect, .decode = decode, .form = form, .is_fast = true };
    Walk k = { .plan = &plan, .a = a };
    walk_block(&k, &form->body);
    const Stmt *trap = only_trap(&plan, &form->body);
    if (trap && trap->value->type.width <= 8 && plan_is_constant(&plan, trap->value))
        plan.trap = trap->value;
    if (decode != DECODE_RAW && plan.is_fast) {
        collect_block(&(Collect){ &plan, a }, &form->body);
        plan.is_packed = pack(&plan);
    }
    return plan;
}

// ------------------------------------------------------- superinstructions

static void add_folds(FoldList *list, const Expr *e, Arena *a)
{
    if (!e || e->kind != EXPR_BINARY)
        return;
    if (e->op == OP_LAND) {
        add_folds(list, e->a, a);
        add_folds(list, e->b, a);
    } else if (e->op == OP_EQ) {
        const Expr *field = e->a->kind == EXPR_FIELD ? e->a : e->b, *num = field == e->a ? e->b : e->a;
        if (field->kind == EXPR_FIELD && num->kind == EXPR_NUM)
            LIST_ADD(a, list, ((Fold){ (int)field->num, field->field, num->num }));
    }
}

FoldList plan_folds(const Fuse *fuse, Arena *a)
{
    FoldList list = { 0 };
    add_folds(&list, fuse->where, a);
    return list;
}

static bool fields_are_folded(const Plan *plan, const FoldList *folds, int part, const Expr *e)
{
    if (!e)
        return true;
    e = plan_value(plan, e);
    if (e->kind == EXPR_REG)
        return false;
    if (e->kind == EXPR_FIELD) {
        for (size_t i = 0; i < folds->count; i++)
            if (folds->at[i].part == part && folds->at[i].field == e->field)
                return true;
        return false;
    }
    for (size_t i = 0; i < e->args.count; i++)
        if (!fields_are_folded(plan, folds, part, e->args.at[i]))
            return false;
    return fields_are_folded(plan, folds, part, e->a) && fields_are_folded(plan, folds, part, e->b) &&
           fields_are_folded(plan, folds, part, e->c);
}

static bool has_local(const Expr *e)
{
    if (!e)
        return false;
    for (size_t i = 0; i < e->args.count; i++)
        if (has_local(e->args.at[i]))
            return true;
    return e->kind == EXPR_LOCAL || has_local(e->a) || has_local(e->b) || has_local(e->c);
}

bool plan_folded(const Plan *plan, const FoldList *folds, int part, const Expr *e, uint64_t *value)
{
    if (!plan_is_constant(plan, e) || !fields_are_folded(plan, folds, part, e))
        return false;
    uint64_t word = 0;
    for (size_t i = 0; i < folds->count; i++)
        if (folds->at[i].part == part)
            word |= folds->at[i].value << folds->at[i].field->lo;
    const Expr *x = plan_value(plan, e);
    if (!is_pure(x) || has_local(x))
        return false;
    *value = eval_in_word(plan->isa, x, word);
    return true;
}

bool plan_can_fuse(const Isa *isa, int dialect, Decode decode, const Fuse *fuse)
{
    Arena a = { 0 };
    bool can = fuse->parts.count == 1 || decode == DECODE_ADDR;
    for (size_t i = 0; can && i < fuse->parts.count; i++) {
        const FusePart *part = &fuse->parts.at[i];
        if (!part->target) {
            can = false;
            break;
        }
        const Plan plan = plan_form(isa, dialect, decode, part->target, &a);
        can = plan.is_fast && (i + 1 == fuse->parts.count || !plan.sets_pc);
    }
    arena_free(&a);
    return can;
}
