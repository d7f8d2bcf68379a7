#include "eval.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// What a statement says: EVAL_GO_ON, another EvalStop, or RAISE + the exception's index.
enum { RAISE = 0x100 };

// One body being evaluated.  An expression that cannot be evaluated puts the
// reason here, and everything stops at the next statement's end.
typedef struct {
    Eval *e;
    uint64_t word;    // of the instruction
    uint64_t *locals; // by Local.index
    int result;
} Frame;

static uint64_t mask_of(Type type)
{
    return type.kind == TYPE_BITS && type.width < 64 ? (1ull << type.width) - 1 : ~0ull;
}

static int64_t extend(uint64_t v, Type from)
{
    if (from.kind != TYPE_BITS || from.width == 64)
        return (int64_t)v;
    const uint64_t sign = 1ull << (from.width - 1);
    return (int64_t)((v ^ sign) - sign);
}

// ------------------------------------------------------------------ memory

static const Region *find_region(const Mem *mem, uint64_t address)
{
    for (size_t i = 0; i < mem->regions.count; i++)
        if (address >= mem->regions.at[i].first && address <= mem->regions.at[i].last)
            return &mem->regions.at[i];
    return NULL;
}

static uint64_t eval(Frame *f, const Expr *x);

static const Exception *guard(Frame *f, const Mem *mem, uint64_t address)
{
    const Region *r = find_region(mem, address);
    if (!r || !r->guard || (r->guard_dialect >= 0 && r->guard_dialect != f->e->dialect))
        return NULL;
    return eval(f, r->guard) ? r->raise : NULL;
}

static bool may_access(Frame *f, const Mem *mem, uint64_t address)
{
    const Exception *exception = guard(f, mem, address);
    if (exception)
        f->result = RAISE + exception->index;
    return !exception;
}

static bool is_device(const Mem *mem, uint64_t address)
{
    const Region *r = find_region(mem, address);
    return r && r->kind == REGION_DEVICE;
}

static uint64_t load(Frame *f, const Mem *mem, uint64_t address)
{
    Eval *e = f->e;
    address %= mem->count;
    if (f->result != EVAL_GO_ON || !may_access(f, mem, address))
        return 0;
    if (!is_device(mem, address))
        return e->mem[mem->index][address];
    e->looks = true;
    return e->world.device_read ? e->world.device_read(e, address) & mask_of(mem->type) : 0;
}

static void store(Frame *f, const Mem *mem, uint64_t address, uint64_t value)
{
    Eval *e = f->e;
    address %= mem->count;
    if (f->result != EVAL_GO_ON || !may_access(f, mem, address))
        return;
    if (!is_device(mem, address)) {
        e->mem[mem->index][address] = value;
        return;
    }
    e->looks = true;
    if (e->world.device_write)
        e->world.device_write(e, address, value);
}

// ------------------------------------------------------------- expressions

static uint64_t shift(Op op, uint64_t a, uint64_t by, Type type)
{
    const uint64_t width = type.kind == TYPE_BITS ? (uint64_t)type.width : 64;
    if (by >= width)
        return 0;
    return op == OP_SHL ? a << by : a >> by;
}

static bool compare(Op op, uint64_t a, uint64_t b, Type type)
{
    const bool is_signed = type.kind == TYPE_I64;
    const int order = is_signed ? ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b) : (a > b) - (a < b);
    switch (op) {
    case OP_EQ:
        return order == 0;
    case OP_NE:
        return order != 0;
    case OP_LT:
        return order < 0;
    case OP_LE:
        return order <= 0;
    case OP_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

static const Exception *policy_raise(const Isa *isa, const char *key)
{
    for (size_t i = 0; i < isa->policies.count; i++)
        if (text_is(isa->policies.at[i].key, key))
            return isa->policies.at[i].raise;
    return NULL;
}

static uint64_t binary(Frame *f, const Expr *x)
{
    const uint64_t a = eval(f, x->a);
    if (x->op == OP_LAND)
        return a && eval(f, x->b);
    if (x->op == OP_LOR)
        return a || eval(f, x->b);
    const uint64_t b = eval(f, x->b);
    switch (x->op) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
    case OP_MOD:
        if (b == 0) { // check asked for the policy
            if (f->result == EVAL_GO_ON)
                f->result = RAISE + policy_raise(f->e->isa, "divide")->index;
            return 0;
        }
        return x->op == OP_DIV ? a / b : a % b;
    case OP_AND:
        return a & b;
    case OP_OR:
        return a | b;
    case OP_XOR:
        return a ^ b;
    case OP_SHL:
    case OP_SHR:
        return shift(x->op, a, b, x->type);
    default:
        return compare(x->op, a, b, x->a->type);
    }
}

static uint64_t unary(Frame *f, const Expr *x)
{
    const uint64_t a = eval(f, x->a);
    return x->op == OP_NEG ? -a : x->op == OP_COMPL ? ~a : !a;
}

static uint64_t convert(Frame *f, const Expr *x)
{
    const uint64_t a = eval(f, x->a);
    if (x->convert == CONVERT_SEXT || x->convert == CONVERT_SIGNED)
        return (uint64_t)extend(a, x->a->type);
    return a; // zext and trunc: the result's mask does the rest
}

static bool enter(Frame *f)
{
    if (++f->e->depth <= EVAL_DEPTH)
        return true;
    f->e->work = 0;
    return false;
}

static uint64_t call(Frame *f, const Expr *x)
{
    const Fn *fn = x->fn;
    uint64_t locals[fn->locals + 1];
    memset(locals, 0, sizeof locals);
    for (size_t i = 0; i < x->args.count; i++)
        locals[fn->params.at[i]->index] = eval(f, x->args.at[i]);
    Frame inner = { f->e, f->word, locals, f->result };
    const uint64_t value = enter(f) ? eval(&inner, fn->body) : 0;
    f->e->depth--;
    f->result = inner.result;
    return value;
}

static uint64_t eval_unmasked(Frame *f, const Expr *x)
{
    Eval *e = f->e;
    switch (x->kind) {
    case EXPR_NUM:
    case EXPR_BOOL:
        return x->num;
    case EXPR_LOCAL:
        return f->locals[x->local->index];
    case EXPR_FIELD:
        return f->word >> x->field->lo & ((2ull << (x->field->hi - x->field->lo)) - 1);
    case EXPR_REG:
        return e->reg[x->reg->index];
    case EXPR_REGS:
        return e->regs[x->regs->index][eval(f, x->a) % (uint64_t)x->regs->count];
    case EXPR_LAZY:
        return e->reg[x->lazy->at->index] >> x->lazy->at_lo;
    case EXPR_MEM:
        return load(f, x->mem, eval(f, x->a));
    case EXPR_SLICE:
        return eval(f, x->a) >> x->lo & ((2ull << (x->hi - x->lo)) - 1);
    case EXPR_UNARY:
        return unary(f, x);
    case EXPR_BINARY:
        return binary(f, x);
    case EXPR_COND:
        return eval(f, x->a) ? eval(f, x->b) : eval(f, x->c);
    case EXPR_CONVERT:
        return convert(f, x);
    case EXPR_CALL:
        return call(f, x);
    default:
        break;
    }
    assert(!"no other expression in the body of a word machine");
    return 0;
}

static uint64_t eval(Frame *f, const Expr *x)
{
    if (f->result != EVAL_GO_ON)
        return 0;
    if (--f->e->work < 0) {
        f->result = EVAL_FAULT;
        return 0;
    }
    return eval_unmasked(f, x) & mask_of(x->type);
}

// -------------------------------------------------------------- statements

static void set_bits(uint64_t *place, int hi, int lo, uint64_t value)
{
    const uint64_t mask = ((2ull << (hi - lo)) - 1) << lo;
    *place = (*place & ~mask) | (value << lo & mask);
}

static uint64_t *register_place(Frame *f, const Expr *x)
{
    if (x->kind == EXPR_REG)
        return &f->e->reg[x->reg->index];
    assert(x->kind == EXPR_REGS);
    return &f->e->regs[x->regs->index][eval(f, x->a) % (uint64_t)x->regs->count];
}

static void set(Frame *f, const Expr *target, uint64_t value)
{
    switch (target->kind) {
    case EXPR_LOCAL:
        f->locals[target->local->index] = value;
        return;
    case EXPR_REG:
        f->e->looks |= target->reg->lazy != NULL; // a whole status register
        *register_place(f, target) = value;
        return;
    case EXPR_REGS:
        *register_place(f, target) = value;
        return;
    case EXPR_SLICE:
        set_bits(register_place(f, target->a), target->hi, target->lo, value);
        return;
    default:
        assert(!"no other place to assign to");
    }
}

static void set_lazy(Frame *f, const Lazy *lazy, uint64_t argument)
{
    uint64_t locals[lazy->fn->locals + 1];
    memset(locals, 0, sizeof locals);
    locals[lazy->fn->params.at[0]->index] = argument;
    Frame inner = { f->e, f->word, locals, EVAL_GO_ON };
    const uint64_t value = eval(&inner, lazy->fn->body);
    f->result = inner.result;
    if (f->result == EVAL_GO_ON)
        set_bits(&f->e->reg[lazy->at->index], lazy->at_hi, lazy->at_lo, value);
}

static int run_block(Frame *f, const Block *block);

static int run_proc(Frame *f, const Proc *proc, const ExprList *args)
{
    uint64_t locals[proc->locals + 1];
    memset(locals, 0, sizeof locals);
    for (size_t i = 0; i < args->count; i++)
        locals[proc->params.at[i]->index] = eval(f, args->at[i]);
    if (f->result != EVAL_GO_ON)
        return f->result;
    Frame inner = { f->e, f->word, locals, EVAL_GO_ON };
    const int result = enter(f) ? run_block(&inner, &proc->body) : EVAL_FAULT;
    f->e->depth--;
    return result;
}

static int run_trap(Frame *f, uint64_t vector);

static int run_stmt(Frame *f, const Stmt *s)
{
    Eval *e = f->e;
    if (--e->work < 0)
        return EVAL_FAULT;
    switch (s->kind) {
    case STMT_LET:
        f->locals[s->local->index] = eval(f, s->value);
        return f->result;
    case STMT_SET:
        if (s->target->kind == EXPR_MEM) { // the address is found before the value
            const uint64_t address = eval(f, s->target->a);
            const uint64_t value = eval(f, s->value);
            store(f, s->target->mem, address, value);
        } else {
            const uint64_t value = eval(f, s->value);
            if (f->result == EVAL_GO_ON)
                set(f, s->target, value);
        }
        return f->result;
    case STMT_LAZY: {
        const uint64_t argument = eval(f, s->value);
        if (f->result == EVAL_GO_ON)
            set_lazy(f, s->lazy, argument);
        return f->result;
    }
    case STMT_IF: {
        const uint64_t condition = eval(f, s->value);
        return f->result != EVAL_GO_ON ? f->result : run_block(f, condition ? &s->then : &s->other);
    }
    case STMT_WHEN:
        return run_block(f, s->dialect == e->dialect ? &s->then : &s->other);
    case STMT_RAISE:
        return RAISE + s->exception->index;
    case STMT_TRAP: {
        const uint64_t vector = eval(f, s->value);
        return f->result != EVAL_GO_ON ? f->result : run_trap(f, vector);
    }
    case STMT_HALT:
        return EVAL_HALT;
    case STMT_PROC:
        return run_proc(f, s->proc, &s->args);
    default:
        assert(!"no other statement in the body of a word machine");
        return EVAL_FAULT;
    }
}

static int run_block(Frame *f, const Block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const int result = run_stmt(f, block->at[i]);
        if (result != EVAL_GO_ON)
            return result;
    }
    return EVAL_GO_ON;
}

static int run_body(Eval *e, uint64_t word, const Block *block, int count)
{
    uint64_t locals[count + 1];
    memset(locals, 0, sizeof locals);
    Frame f = { e, word, locals, EVAL_GO_ON };
    return run_block(&f, block);
}

// ------------------------------------------------------------------- traps

static int host_result(Eval *e, EvalHostStatus status)
{
    switch (status) {
    case EVAL_HOST_WAIT:
        return EVAL_BLOCKED;
    case EVAL_HOST_CLOSED:
        return EVAL_CLOSED;
    case EVAL_HOST_HALT:
        return EVAL_HALT;
    case EVAL_HOST_ATTENTION:
        return EVAL_ATTENTION;
    case EVAL_HOST_RAISE:
        return RAISE + e->raised;
    case EVAL_HOST_FAULT:
        e->fault.kind = EVAL_FAULT_HOST;
        return EVAL_FAULT;
    default:
        return EVAL_GO_ON;
    }
}

static bool is_done(EvalHostStatus status)
{
    return status == EVAL_HOST_DONE || status == EVAL_HOST_HALT || status == EVAL_HOST_ATTENTION;
}

static int run_host(Frame *f, const TrapEntry *t)
{
    Eval *e = f->e;
    uint64_t in[t->in.count + 1], out[t->out.count + 1];
    for (size_t i = 0; i < t->in.count; i++)
        in[i] = eval(f, t->in.at[i]);
    memset(out, 0, sizeof out);
    e->looks = true;
    const EvalHostStatus status = e->world.host ? e->world.host(e, t, in, out) : EVAL_HOST_DONE;
    if (!is_done(status))
        return host_result(e, status);
    for (size_t i = 0; i < t->out.count; i++)
        set(f, t->out.at[i], out[i] & mask_of(t->out.at[i]->type));
    if (t->sets)
        set_lazy(f, t->sets, out[0] & mask_of(t->out.at[0]->type));
    const int after = run_body(e, f->word, &t->body, t->locals);
    return after != EVAL_GO_ON ? after : host_result(e, status);
}

static int run_trap(Frame *f, uint64_t vector)
{
    Eval *e = f->e;
    const Traps *traps = e->isa->traps;
    for (size_t i = 0; i < traps->list.count && e->native[vector]; i++) {
        const TrapEntry *t = traps->list.at[i];
        if (t->vector == vector)
            return t->is_host ? run_host(f, t) : run_body(e, f->word, &t->body, t->locals);
    }
    return run_body(e, f->word, &traps->otherwise, traps->locals);
}

// -------------------------------------------------------------- the machine

static uint64_t *pc_of(Eval *e)
{
    return &e->reg[e->isa->pc->index];
}

static void settle_work(Eval *e)
{
    if (e->patience)
        *e->patience -= e->given - e->work;
    e->given = e->work;
}

static void start_work(Eval *e)
{
    settle_work(e);
    e->given = e->patience && *e->patience < EVAL_WORK ? *e->patience : EVAL_WORK;
    e->work = e->given;
    e->depth = 0;
}

static int set_fault(Eval *e, const Exception *exception, uint64_t at)
{
    e->fault.kind = EVAL_FAULT_EXCEPTION;
    e->fault.exception = exception;
    e->fault.at = at;
    return EVAL_FAULT;
}

static int handle(Eval *e, const Exception *exception, uint64_t at)
{
    const int result = run_body(e, 0, &exception->body, exception->locals);
    // An exception inside the entry to a handler is never handled.
    return result >= RAISE ? set_fault(e, e->isa->exceptions.at[result - RAISE], at) : result;
}

EvalStop eval_raise(Eval *e, const Exception *exception, uint64_t at)
{
    *pc_of(e) = at;
    if (e->unhandled[exception->index])
        return (EvalStop)set_fault(e, exception, at);
    start_work(e);
    return (EvalStop)handle(e, exception, at);
}

void eval_interrupt(Eval *e, const Exception *interrupt)
{
    start_work(e);
    handle(e, interrupt, *pc_of(e));
    e->looks = false;
}

const Form *eval_decode(const Isa *isa, uint64_t word)
{
    for (size_t i = 0; i < isa->forms.count; i++)
        if ((word & isa->forms.at[i]->mask) == isa->forms.at[i]->match)
            return isa->forms.at[i];
    assert(!"check found every word covered");
    return NULL;
}

static const Mem *program_of(const Isa *isa)
{
    for (size_t i = 0; i < isa->mems.count; i++)
        if (isa->mems.at[i]->is_exec)
            return isa->mems.at[i];
    assert(!"check asks for one memory that holds the program");
    return NULL;
}

const Exception *eval_guard(Eval *e, const Mem *mem, uint64_t address)
{
    start_work(e);
    return guard(&(Frame){ e, 0, NULL, EVAL_GO_ON }, mem, address);
}

static int execute(Eval *e, uint64_t at)
{
    Frame fetch = { e, 0, NULL, EVAL_GO_ON };
    const uint64_t word = load(&fetch, program_of(e->isa), at);
    if (fetch.result != EVAL_GO_ON)
        return fetch.result;
    *pc_of(e) = (at + 1) & mask_of(e->isa->pc->type);
    const Form *form = eval_decode(e->isa, word);
    return run_body(e, word, &form->body, form->locals);
}

EvalStop eval_step(Eval *e)
{
    const uint64_t at = *pc_of(e);
    e->looks = false;
    start_work(e);
    int result = execute(e, at);
    if (result >= RAISE)
        result = eval_raise(e, e->isa->exceptions.at[result - RAISE], at);
    settle_work(e);
    if (e->work < 0) {
        e->fault.kind = EVAL_FAULT_ENDLESS;
        e->fault.at = at;
        result = EVAL_FAULT;
    }
    if (result == EVAL_BLOCKED || result == EVAL_CLOSED || result == EVAL_FAULT)
        *pc_of(e) = at;
    if (result != EVAL_BLOCKED && result != EVAL_CLOSED)
        e->instructions++;
    if (result == EVAL_GO_ON && e->looks && e->attention)
        result = EVAL_ATTENTION;
    if (result == EVAL_ATTENTION)
        e->attention = false;
    return (EvalStop)result;
}

EvalStop eval_run(Eval *e, uint64_t budget)
{
    const uint64_t end = e->instructions + budget;
    while (e->instructions != end) {
        const EvalStop stop = eval_step(e);
        if (stop != EVAL_GO_ON)
            return stop;
    }
    return EVAL_BUDGET;
}

// ------------------------------------------------------------- life and death

static void *zeros(size_t count, size_t size)
{
    return need_memory(calloc(count ? count : 1, size));
}

void eval_init(Eval *e, const Isa *isa, int dialect)
{
    *e = (Eval){ .isa = isa, .dialect = dialect };
    e->regs = zeros(isa->regs.count, sizeof *e->regs);
    for (size_t i = 0; i < isa->regs.count; i++)
        e->regs[i] = zeros((size_t)isa->regs.at[i]->count, sizeof **e->regs);
    e->reg = zeros(isa->reg.count, sizeof *e->reg);
    for (size_t i = 0; i < isa->reg.count; i++)
        if (isa->reg.at[i]->reset)
            e->reg[i] = eval_constant(isa, isa->reg.at[i]->reset);
    e->mem = zeros(isa->mems.count, sizeof *e->mem);
    for (size_t i = 0; i < isa->mems.count; i++)
        e->mem[i] = zeros(isa->mems.at[i]->count, sizeof **e->mem);
    e->unhandled = zeros(isa->exceptions.count, sizeof *e->unhandled);
    const size_t vectors = isa->traps ? (size_t)2 << (isa->traps->field->hi - isa->traps->field->lo) : 0;
    e->native = zeros(vectors, sizeof *e->native);
    memset(e->native, true, vectors * sizeof *e->native);
}

void eval_free(Eval *e)
{
    for (size_t i = 0; i < e->isa->regs.count; i++)
        free(e->regs[i]);
    for (size_t i = 0; i < e->isa->mems.count; i++)
        free(e->mem[i]);
    free(e->regs);
    free(e->reg);
    free(e->mem);
    free(e->unhandled);
    free(e->native);
    *e = (Eval){ 0 };
}

uint64_t eval_constant(const Isa *isa, const Expr *expr)
{
    return eval_in_word(isa, expr, 0);
}

uint64_t eval_in_word(const Isa *isa, const Expr *expr, uint64_t word)
{
    Eval e = { .isa = isa, .work = EVAL_WORK };
    Frame f = { &e, word, NULL, EVAL_GO_ON };
    return eval(&f, expr);
}

uint64_t eval_fn(const Isa *isa, const Fn *fn, uint64_t argument)
{
    Eval e = { .isa = isa, .work = EVAL_WORK };
    uint64_t locals[fn->locals + 1];
    memset(locals, 0, sizeof locals);
    locals[fn->params.at[0]->index] = argument;
    Frame f = { &e, 0, locals, EVAL_GO_ON };
    return eval(&f, fn->body) & mask_of(fn->type);
}
