#include "check.h"

// -------------------------------------------------------------- statements

static void check_let(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    if (!s->local) {
        s->local = arena_new(c->arena, Local);
        s->local->name = s->name;
        s->local->span = s->name_span;
    }
    Local *const local = s->local;
    local->type = s->value->type;
    local->value = s->value;
    if (local->type.kind == TYPE_LITERAL) {
        if (complain(c, s->value->span, "'%.*s' has no width", TEXT(local->name)))
            diag_hint(c->diag, "write bits16(...) around the number");
        local->type = NO_TYPE;
    }
    add_parameter(c, local);
    LIST_ADD(c->arena, &c->lets, local);
}

static bool overlaps_lazy(const Reg *reg, int hi, int lo)
{
    return reg->lazy && lo <= reg->lazy->at_hi && hi >= reg->lazy->at_lo;
}

static void assign_output(Check *c, const Expr *target)
{
    for (size_t i = 0; c->stack_insn && i < c->stack_insn->outputs.count; i++) {
        if (c->stack_insn->outputs.at[i] != target->local)
            continue;
        if (c->touched >> i & 1)
            complain(c, target->span, "'%.*s' already has a value", TEXT(target->local->name));
        c->assigned |= 1ull << i;
        c->touched |= 1ull << i;
    }
}

static void check_target(Check *c, Expr *target)
{
    Local *local = target->kind == EXPR_NAME && !target->a ? find_local(c, target->text) : NULL;
    if (local && local->is_output) {
        target->kind = EXPR_LOCAL;
        target->local = local;
        target->type = local->type;
        assign_output(c, target);
        return;
    }
    check_expr(c, target);
    switch (target->kind) {
    case EXPR_REG:
    case EXPR_REGS:
    case EXPR_MEM:
        return;
    case EXPR_SLICE:
        if (target->a->kind == EXPR_REG && overlaps_lazy(target->a->reg, target->hi, target->lo))
            complain(c, target->span, "these bits are %.*s: set it with '<-', or the whole register",
                     TEXT(target->a->reg->lazy->name));
        if (target->a->kind == EXPR_REG || target->a->type.kind == TYPE_NONE)
            return;
        break;
    case EXPR_LOCAL:
        if (complain(c, target->span, "'%.*s' has its value already", TEXT(target->local->name)))
            diag_note(c->diag, target->local->span, "a let is named once; it was here");
        return;
    case EXPR_LAZY:
        if (complain(c, target->span, "'%.*s' is set from a result", TEXT(target->lazy->name)))
            diag_hint(c->diag, "%.*s <- result;", TEXT(target->lazy->name));
        return;
    case EXPR_NAME:
        return; // reported
    default:
        break;
    }
    complain(c, target->span, "this cannot be assigned to");
}

static void check_set(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    check_target(c, s->target);
    want_type(c, s->value, s->target->type, "the left side");
}

static void check_lazy(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    s->lazy = find_lazy(c->isa, s->name);
    if (s->lazy) {
        want_type(c, s->value, s->lazy->param->type, "the result");
        return;
    }
    Guess g = { .word = s->name };
    for (size_t i = 0; i < c->isa->lazies.count; i++)
        guess_offer(&g, c->isa->lazies.at[i]->name);
    if (complain(c, s->name_span, "'%.*s' is not declared 'lazy'", TEXT(s->name)))
        guess_hint(c, &g);
}

static bool check_branches(Check *c, Stmt *s)
{
    const uint64_t assigned = c->assigned, touched = c->touched;
    const bool then_goes_on = check_block(c, &s->then);
    const uint64_t then_assigned = then_goes_on ? c->assigned : UINT64_MAX, then_touched = c->touched;
    c->assigned = assigned;
    c->touched = touched;
    const bool other_goes_on = check_block(c, &s->other);
    c->assigned = then_assigned & (other_goes_on ? c->assigned : UINT64_MAX);
    c->touched |= then_touched;
    return then_goes_on || other_goes_on;
}

static void check_trap(Check *c, Stmt *s)
{
    check_expr(c, s->value);
    const Traps *traps = c->isa->traps;
    if (traps ? !traps->field || s->value->type.kind == TYPE_NONE : c->isa->is_broken)
        return; // reported already
    if (!traps) {
        complain(c, s->span, "the machine has no trap table");
    } else if (!c->form || !traps->insn || c->form->insn != traps->insn) {
        complain(c, s->span, "the trap table belongs to %.*s", TEXT(traps->insn_name.text));
    } else if (s->value->kind != EXPR_FIELD || s->value->field != traps->field) {
        complain(c, s->value->span, "the trap table goes by the field %.*s", TEXT(traps->field_name.text));
    }
}

static void check_proc(Check *c, Stmt *s)
{
    const Span name = { s->span.source, s->span.begin, s->span.begin + (uint32_t)s->name.len };
    s->proc = find_proc(c->isa, s->name);
    if (s->proc) {
        check_args(c, s->value->span, s->name, &s->args, &s->proc->params);
        return;
    }
    Guess g = { .word = s->name };
    for (size_t i = 0; i < c->isa->procs.count; i++)
        guess_offer(&g, c->isa->procs.at[i]->name);
    Convert convert;
    const bool is_value = find_fn(c->isa, s->name) || conversion(s->name, &convert);
    if (complain(c, name, is_value ? "the value of '%.*s' is not used" : "no proc is called '%.*s'",
                 TEXT(s->name)) &&
        !is_value)
        guess_hint(c, &g);
}

static void check_halt(Check *c, Stmt *s)
{
    if (!s->value)
        return;
    check_expr(c, s->value);
    if (c->isa->word_bits)
        complain(c, s->value->span, "only a machine with exit codes halts with a value");
    else
        want_type(c, s->value, bits_type(32), "an exit code");
}

// Returns whether what follows is reached.
static bool check_stmt(Check *c, Stmt *s)
{
    switch (s->kind) {
    case STMT_LET:
        check_let(c, s);
        return true;
    case STMT_SET:
        check_set(c, s);
        return true;
    case STMT_LAZY:
        check_lazy(c, s);
        return true;
    case STMT_IF:
        check_expr(c, s->value);
        want_type(c, s->value, BOOL_TYPE, "a condition");
        return check_branches(c, s);
    case STMT_WHEN:
        s->dialect = resolve_dialect(c, (Name){ s->name, s->name_span });
        return check_branches(c, s);
    case STMT_RAISE:
        s->exception = resolve_exception(c, (Name){ s->name, s->name_span });
        if (c->exception)
            complain(c, s->span, "an exception does not raise another");
        return false;
    case STMT_TRAP:
        check_trap(c, s);
        return false;
    case STMT_HALT:
        check_halt(c, s);
        return false;
    case STMT_PUSH:
        check_expr(c, s->value);
        s->stack = resolve_stack(c, s->name, s->name_span);
        if (moves_values(s->stack))
            complain(c, s->span, "what goes on '%.*s' is said by the instruction's effect", TEXT(s->name));
        else if (s->stack)
            want_type(c, s->value, s->stack->type, "the stack's value");
        return true;
    case STMT_PROC:
        check_proc(c, s);
        return true;
    case STMT_HOST:
        resolve_host(c, s->value);
        return true;
    }
    return true;
}

bool check_block(Check *c, Block *block)
{
    const size_t visible = c->scope.count;
    bool goes_on = true;
    for (size_t i = 0; i < block->count; i++) {
        if (!goes_on) {
            complain(c, block->at[i]->span, "this is never reached");
            break;
        }
        goes_on = check_stmt(c, block->at[i]);
    }
    c->scope.count = visible;
    return goes_on;
}
