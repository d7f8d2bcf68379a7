#include "eval_stack.h"

#include <assert.h>
#include <string.h>

// One body being evaluated; `result` says why nothing goes on.
typedef struct {
    StackEval *e;
    const Insn *insn;
    StackValue *locals;
    int result;
} Frame;

static void raise_error(StackEval *e, const Exception *x, const char *want, const char *expr)
{
    e->error = x;
    e->want = want;
    e->expr = expr;
    e->exit_code = x->exit;
}

static void fault(Frame *f, const Exception *x)
{
    if (f->result != EVAL_GO_ON)
        return;
    raise_error(f->e, x, "", stack_expr(f->e->isa, f->e->arena, f->insn));
    f->result = EVAL_FAULT;
}

static int64_t cut(int64_t n, Type type)
{
    if (type.kind == TYPE_BOOL)
        return n != 0;
    return type.kind == TYPE_BITS && type.width < 64 ? n & (int64_t)((1ull << type.width) - 1) : n;
}

static StackValue eval(Frame *f, const Expr *x);

static const Exception *policy(const Isa *isa, const char *key)
{
    for (size_t i = 0; i < isa->policies.count; i++)
        if (text_is(isa->policies.at[i].key, key))
            return isa->policies.at[i].raise;
    return NULL;
}

static bool same(const Expr *x, StackValue a, StackValue b, const Isa *isa)
{
    const Type type = x->a->type;
    if (type.kind == TYPE_VALUE && a.tag != b.tag)
        return false;
    const bool is_text =
        type.kind == TYPE_STR || (type.kind == TYPE_VALUE && isa->variants.at[a.tag].type.kind == TYPE_STR);
    return is_text ? stack_text_same(a.n, b.n) : a.n == b.n;
}

static int order(const Expr *x, int64_t a, int64_t b)
{
    if (x->a->type.kind == TYPE_I64)
        return (a > b) - (a < b);
    return ((uint64_t)a > (uint64_t)b) - ((uint64_t)a < (uint64_t)b);
}

static int64_t divide(Frame *f, const Expr *x, int64_t a, int64_t b)
{
    const bool is_signed = x->type.kind == TYPE_I64;
    if (b == 0 || (is_signed && a == INT64_MIN && b == -1)) {
        fault(f, policy(f->e->isa, "divide"));
        return 0;
    }
    if (is_signed)
        return x->op == OP_DIV ? a / b : a % b;
    return (int64_t)(x->op == OP_DIV ? (uint64_t)a / (uint64_t)b : (uint64_t)a % (uint64_t)b);
}

static int64_t arithmetic(Frame *f, const Expr *x, int64_t a, int64_t b)
{
    int64_t r;
    const bool over = x->op == OP_ADD   ? __builtin_add_overflow(a, b, &r)
                      : x->op == OP_SUB ? __builtin_sub_overflow(a, b, &r)
                                        : __builtin_mul_overflow(a, b, &r);
    const Exception *raise = policy(f->e->isa, "overflow");
    if (over && raise && x->type.kind == TYPE_I64)
        fault(f, raise);
    return r;
}

static int64_t shift(const Expr *x, int64_t a, uint64_t by)
{
    const uint64_t width = x->type.kind == TYPE_BITS ? (uint64_t)x->type.width : 64;
    if (by >= width)
        return x->op == OP_SHR && x->type.kind == TYPE_I64 && a < 0 ? -1 : 0;
    if (x->op == OP_SHL)
        return (int64_t)((uint64_t)a << by);
    return x->type.kind == TYPE_I64 ? a >> by : (int64_t)((uint64_t)a >> by);
}

static StackValue binary(Frame *f, const Expr *x)
{
    const StackValue a = eval(f, x->a);
    if (x->op == OP_LAND || x->op == OP_LOR) {
        if ((a.n != 0) == (x->op == OP_LOR))
            return a;
        return eval(f, x->b);
    }
    const StackValue b = eval(f, x->b);
    if (f->result != EVAL_GO_ON)
        return (StackValue){ 0 };
    int64_t r;
    switch (x->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
        r = arithmetic(f, x, a.n, b.n);
        break;
    case OP_DIV:
    case OP_MOD:
        r = divide(f, x, a.n, b.n);
        break;
    case OP_AND:
        r = a.n & b.n;
        break;
    case OP_OR:
        r = a.n | b.n;
        break;
    case OP_XOR:
        r = a.n ^ b.n;
        break;
    case OP_SHL:
    case OP_SHR:
        r = shift(x, a.n, (uint64_t)b.n);
        break;
    case OP_EQ:
        r = same(x, a, b, f->e->isa);
        break;
    case OP_NE:
        r = !same(x, a, b, f->e->isa);
        break;
    case OP_LT:
        r = order(x, a.n, b.n) < 0;
        break;
    case OP_LE:
        r = order(x, a.n, b.n) <= 0;
        break;
    case OP_GT:
        r = order(x, a.n, b.n) > 0;
        break;
    default:
        r = order(x, a.n, b.n) >= 0;
        break;
    }
    return (StackValue){ r, 0 };
}

static int64_t convert(const Expr *x, int64_t n)
{
    const Type from = x->a->type;
    const bool extends = x->convert == CONVERT_SEXT || x->convert == CONVERT_SIGNED;
    if (!extends || from.kind != TYPE_BITS || from.width == 64)
        return n;
    const int64_t sign = (int64_t)(1ull << (from.width - 1));
    return (n ^ sign) - sign;
}

static StackValue call(Frame *f, const Expr *x)
{
    StackValue locals[x->fn->locals + 1];
    memset(locals, 0, sizeof locals);
    for (size_t i = 0; i < x->args.count; i++)
        locals[x->fn->params.at[i]->index] = eval(f, x->args.at[i]);
    Frame inner = { f->e, f->insn, locals, f->result };
    const StackValue v = eval(&inner, x->fn->body);
    f->result = inner.result;
    return v;
}

static StackValue call_host(Frame *f, const Expr *x)
{
    StackEval *e = f->e;
    StackValue args[x->args.count + 1], out = { 0, 0 };
    for (size_t i = 0; i < x->args.count; i++)
        args[i] = eval(f, x->args.at[i]);
    if (f->result != EVAL_GO_ON)
        return out;
    if (e->host && !e->host(e, x->host, args, &out))
        fault(f, x->host->raises);
    if (!e->host && x->type.kind == TYPE_STR)
        out.n = (int64_t)(intptr_t)stack_new_string(e->arena, "", 0);
    return out;
}

static StackValue pop_raw(Frame *f, const Stack *stack)
{
    StackEval *e = f->e;
    const int index = stack_index(e->isa, stack);
    if (f->result != EVAL_GO_ON)
        return (StackValue){ 0, 0 };
    if (e->raw[index].count == 0) {
        raise_error(e, stack->underflow, e->table->ops[f->insn->index].name,
                    e->table->ops[f->insn->index].spelling);
        f->result = EVAL_FAULT;
        return (StackValue){ 0, 0 };
    }
    return (StackValue){ e->raw[index].at[--e->raw[index].count], 0 };
}

static StackValue eval_any(Frame *f, const Expr *x)
{
    switch (x->kind) {
    case EXPR_NUM:
    case EXPR_BOOL:
        return (StackValue){ (int64_t)x->num, 0 };
    case EXPR_STR: {
        const char *text = stack_unescape(f->e->arena, x->text);
        return (StackValue){ (int64_t)(intptr_t)stack_new_string(f->e->arena, text, strlen(text)), 0 };
    }
    case EXPR_LOCAL:
        return f->locals[x->local->index];
    case EXPR_REG:
        return (StackValue){ f->e->ip, 0 };
    case EXPR_UNARY: {
        const int64_t a = eval(f, x->a).n;
        return (StackValue){ x->op == OP_NEG ? (int64_t) - (uint64_t)a : x->op == OP_COMPL ? ~a : !a, 0 };
    }
    case EXPR_BINARY:
        return binary(f, x);
    case EXPR_COND:
        return eval(f, x->a).n ? eval(f, x->b) : eval(f, x->c);
    case EXPR_CONVERT:
        return (StackValue){ convert(x, eval(f, x->a).n), 0 };
    case EXPR_SLICE:
        return (StackValue){ (int64_t)((uint64_t)eval(f, x->a).n >> x->lo), 0 };
    case EXPR_CALL:
        return call(f, x);
    case EXPR_HOST:
        return call_host(f, x);
    case EXPR_POP:
        return pop_raw(f, x->stack);
    default:
        break;
    }
    assert(!"no other expression in the body of a stack machine");
    return (StackValue){ 0, 0 };
}

static StackValue eval(Frame *f, const Expr *x)
{
    if (f->result != EVAL_GO_ON)
        return (StackValue){ 0, 0 };
    if (--f->e->work < 0) {
        f->result = EVAL_FAULT;
        return (StackValue){ 0, 0 };
    }
    StackValue v = eval_any(f, x);
    Type type = x->type;
    if (x->kind == EXPR_SLICE)
        type = (Type){ TYPE_BITS, x->hi - x->lo + 1 };
    v.n = cut(v.n, type);
    return v;
}

// -------------------------------------------------------------- statements

static void is_full(Frame *f, const Stack *stack)
{
    raise_error(f->e, stack->overflow, "", "");
    f->result = EVAL_FAULT;
}

static void push_raw(Frame *f, const Stack *stack, int64_t n)
{
    StackEval *e = f->e;
    const int index = stack_index(e->isa, stack);
    if (e->raw[index].count == stack_limit(stack)) {
        is_full(f, stack);
        return;
    }
    LIST_ADD(e->arena, &e->raw[index], n);
}

static void run_block(Frame *f, const Block *block);

static void run_proc(Frame *f, const Stmt *s)
{
    StackValue locals[s->proc->locals + 1];
    memset(locals, 0, sizeof locals);
    for (size_t i = 0; i < s->args.count; i++)
        locals[s->proc->params.at[i]->index] = eval(f, s->args.at[i]);
    Frame inner = { f->e, f->insn, locals, f->result };
    run_block(&inner, &s->proc->body);
    f->result = inner.result;
}

static void run_stmt(Frame *f, const Stmt *s)
{
    if (--f->e->work < 0)
        f->result = EVAL_FAULT;
    const StackValue v = s->value && s->kind != STMT_PROC ? eval(f, s->value) : (StackValue){ 0, 0 };
    if (f->result != EVAL_GO_ON)
        return;
    switch (s->kind) {
    case STMT_LET:
        f->locals[s->local->index] = v;
        break;
    case STMT_SET:
        if (s->target->kind == EXPR_LOCAL)
            f->locals[s->target->local->index] = v;
        else
            f->e->ip = v.n;
        break;
    case STMT_IF:
        run_block(f, v.n ? &s->then : &s->other);
        break;
    case STMT_WHEN:
        run_block(f, s->dialect == isa_default_dialect(f->e->isa) ? &s->then : &s->other);
        break;
    case STMT_RAISE:
        fault(f, s->exception);
        break;
    case STMT_HALT:
        f->e->exit_code = (int32_t)v.n;
        f->result = EVAL_HALT;
        break;
    case STMT_PUSH:
        push_raw(f, s->stack, v.n);
        break;
    case STMT_PROC:
        run_proc(f, s);
        break;
    case STMT_HOST:
        break; // done with its value
    default:
        assert(!"no other statement in the body of a stack machine");
    }
}

static void run_block(Frame *f, const Block *block)
{
    for (size_t i = 0; i < block->count && f->result == EVAL_GO_ON; i++)
        run_stmt(f, block->at[i]);
}

// ------------------------------------------------------------- instructions

static void pop_inputs(Frame *f)
{
    StackEval *e = f->e;
    const Stack *stack = stack_at(e->isa, 0);
    for (size_t i = f->insn->inputs.count; i-- > 0;) {
        const int tag = f->insn->input_tags.at[i];
        const Exception *x = e->values.count == 0 ? stack->underflow : NULL;
        if (!x) {
            const StackValue v = e->values.at[--e->values.count];
            f->locals[f->insn->inputs.at[i]->index] = v;
            x = tag >= 0 && v.tag != (uint64_t)tag ? stack->mismatch : NULL;
        }
        if (x) {
            raise_error(e, x, stack_want(e->isa, e->arena, f->insn, i),
                        stack_expr(e->isa, e->arena, f->insn));
            f->result = EVAL_FAULT;
            return;
        }
    }
}

static void push_value(Frame *f, StackValue v)
{
    const Stack *stack = stack_at(f->e->isa, 0);
    if (f->e->values.count == stack_limit(stack))
        is_full(f, stack);
    else
        LIST_ADD(f->e->arena, &f->e->values, v);
}

static void push_outputs(Frame *f)
{
    const Insn *insn = f->insn;
    for (size_t i = 0; i < insn->outputs.count && f->result == EVAL_GO_ON; i++) {
        const Local *l = insn->has_body ? insn->outputs.at[i] : insn->output_values.at[i]->local;
        StackValue v = f->locals[l->index];
        if (insn->output_tags.at[i] >= 0)
            v.tag = (uint64_t)insn->output_tags.at[i];
        push_value(f, v);
    }
}

static int execute(StackEval *e, const Insn *insn)
{
    StackValue locals[insn->locals + 1];
    memset(locals, 0, sizeof locals);
    Frame f = { e, insn, locals, EVAL_GO_ON };
    pop_inputs(&f);
    if (f.result == EVAL_GO_ON)
        run_block(&f, &insn->body);
    if (f.result == EVAL_GO_ON)
        push_outputs(&f);
    return f.result;
}

static int push_literal(StackEval *e, const StackElement *element)
{
    const Stack *stack = stack_at(e->isa, 0);
    if (e->values.count == stack_limit(stack)) {
        raise_error(e, stack->overflow, "", "");
        return EVAL_FAULT;
    }
    LIST_ADD(e->arena, &e->values, element->value);
    return EVAL_GO_ON;
}

static EvalStop step(StackEval *e)
{
    const int64_t length = (int64_t)e->program->code.count;
    if (e->ip == length) {
        e->exit_code = e->isa->code->halt;
        return EVAL_HALT;
    }
    if (e->ip < 0 || e->ip > length) {
        raise_error(e, e->isa->code->beyond, "", "");
        return EVAL_FAULT;
    }
    e->at = e->ip++;
    e->instructions++;
    const StackElement *element = &e->program->code.at[e->at];
    if (element->word < e->isa->insns.count)
        return (EvalStop)execute(e, e->isa->insns.at[element->word]);
    return element->word == stack_label(e->table) ? EVAL_GO_ON : (EvalStop)push_literal(e, element);
}

EvalStop stack_eval_step(StackEval *e)
{
    const int64_t given = e->patience && *e->patience < EVAL_WORK ? *e->patience : EVAL_WORK;
    e->work = given;
    const EvalStop stop = given > 0 ? step(e) : EVAL_FAULT;
    if (e->patience)
        *e->patience -= given - e->work + 1;
    return stop;
}

EvalStop stack_eval_run(StackEval *e, uint64_t budget)
{
    const uint64_t end = e->instructions + budget;
    while (e->instructions != end) {
        const EvalStop stop = stack_eval_step(e);
        if (stop != EVAL_GO_ON)
            return stop;
    }
    return EVAL_BUDGET;
}

void stack_eval_init(StackEval *e, const Isa *isa, const StackTable *table, const StackProgram *program,
                     Arena *arena)
{
    *e = (StackEval){ .isa = isa, .table = table, .program = program, .arena = arena, .at = -1 };
}
