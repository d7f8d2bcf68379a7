#include "jit_lower_own.h"

#include "ring.h"

LowerValue lower_native(Lower *l, unsigned vector)
{
    LLVMValueRef flag = LLVMBuildLoad2(l->builder, l->i8, ir_field(l, l->state, l->lowering->native_offset + vector), "");
    return l->likely = LLVMBuildICmp(l->builder, LLVMIntNE, flag, ir_num(l->i8, 0), "");
}

void lower_count_trap(Lower *l, unsigned vector)
{
    if (l->dead)
        return;
    LLVMValueRef at = ir_field(l, l->state, l->lowering->traps_offset + vector * sizeof(uint64_t));
    LLVMValueRef count = LLVMBuildLoad2(l->builder, l->i64, at, "");
    LLVMBuildStore(l->builder, LLVMBuildAdd(l->builder, count, ir_num(l->i64, 1), ""), at);
}

// Puts the state at rest, as host functions expect it: nothing of the trap is done.
static void put_at_rest(Lower *l)
{
    for (int i = 0; i < l->machine->cell_count; i++)
        LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, l->i16, l->cell[i], ""),
                       ir_field(l, l->state, l->machine->cells[i]));
    LLVMBuildStore(l->builder, ir_num(l->i16, (uint16_t)(l->at + 1)), ir_field(l, l->state, l->machine->pc));
    const LowerMachine *m = l->lowering;
    LLVMValueRef where = ir_field(l, l->state, m->codes_offset);
    LLVMValueRef kept = LLVMBuildAnd(l->builder, LLVMBuildLoad2(l->builder, l->i16, where, ""),
                                     ir_num(l->i16, ~(((1ull << m->codes_width) - 1) << m->codes_lo)), "");
    LLVMValueRef codes = m->codes(l, LLVMBuildLoad2(l->builder, l->i16, l->last, ""));
    codes = LLVMBuildShl(l->builder, lower_zext(l, codes, 16), ir_num(l->i16, (uint64_t)m->codes_lo), "");
    LLVMBuildStore(l->builder, LLVMBuildOr(l->builder, kept, codes, ""), where);
    LLVMValueRef limit = LLVMBuildLoad2(l->builder, l->i64, ir_field(l, l->frame, offsetof(JitFrame, limit)), "");
    LLVMBuildStore(l->builder, LLVMBuildSub(l->builder, limit, ir_budget(l, l->count - l->index), ""),
                   ir_field(l, l->state, m->instructions_offset));
}

static LLVMValueRef call_host(Lower *l, int host, int in_count, const LowerValue *in, int out_count)
{
    LLVMTypeRef types[1 + 2 * HOST_ARGUMENTS] = { l->ptr };
    LLVMValueRef values[1 + 2 * HOST_ARGUMENTS] = { l->state };
    int n = 1;
    for (int i = 0; i < in_count; i++, n++) { // the ABI wants words extended
        types[n] = l->i32;
        values[n] = LLVMBuildZExt(l->builder, in[i], l->i32, "");
    }
    for (int i = 0; i < out_count; i++, n++) {
        types[n] = l->ptr;
        values[n] = l->host_out[i];
    }
    LLVMValueRef table = LLVMBuildLoad2(l->builder, l->ptr, ir_field(l, l->frame, offsetof(JitFrame, hosts)), "");
    LLVMValueRef callee = LLVMBuildLoad2(l->builder, l->ptr, ir_field(l, table, (size_t)host * sizeof(void *)), "");
    return LLVMBuildCall2(l->builder, LLVMFunctionType(l->i32, types, (unsigned)n, 0), callee, values, (unsigned)n, "");
}

// Goes on when the host did its work; the others leave with the trap not done.
static void refuse_unless_done(Lower *l, LLVMValueRef status)
{
    LLVMBasicBlockRef done = ir_block(l, ""), other = ir_block(l, ""), refused = ir_block(l, "refused");
    ir_branch(l, LLVMBuildICmp(l->builder, LLVMIntEQ, status, ir_num(l->i32, HOST_DONE), ""), done, other);
    LLVMPositionBuilderAtEnd(l->builder, other);
    LLVMValueRef halt = LLVMBuildICmp(l->builder, LLVMIntEQ, status, ir_num(l->i32, HOST_HALT), "");
    LLVMValueRef look = LLVMBuildICmp(l->builder, LLVMIntEQ, status, ir_num(l->i32, HOST_ATTENTION), "");
    LLVMBuildCondBr(l->builder, LLVMBuildOr(l->builder, halt, look, ""), done, refused);
    LLVMPositionBuilderAtEnd(l->builder, refused);
    LLVMValueRef code = LLVMBuildOr(l->builder, ir_exit_code(l, JIT_EXIT_REFUSED, ir_num(l->i16, l->at)),
                                    LLVMBuildShl(l->builder, status, ir_num(l->i32, 24), ""), "");
    ir_exit(l, code, ir_budget(l, l->count - l->index));
    LLVMPositionBuilderAtEnd(l->builder, done);
}

static LLVMValueRef look_up(Lower *l, LLVMValueRef status)
{
    LLVMValueRef changed =
        LLVMBuildLoad2(l->builder, l->i8, ir_field(l, l->frame, offsetof(JitFrame, changed)), "");
    LLVMValueRef attention =
        LLVMBuildLoad2(l->builder, l->i8, ir_field(l, l->state, l->lowering->attention_offset), "");
    LLVMValueRef flags = LLVMBuildZExt(l->builder, LLVMBuildOr(l->builder, changed, attention, ""), l->i32, "");
    flags = LLVMBuildShl(l->builder, flags, ir_num(l->i32, 8), "");
    return LLVMBuildOr(l->builder, status, flags, "");
}

static void call_slowly(Lower *l, int host, int in_count, const LowerValue *in, int out_count, LowerValue *out)
{
    put_at_rest(l);
    LLVMValueRef status = call_host(l, host, in_count, in, out_count);
    refuse_unless_done(l, status);
    for (int i = 0; i < out_count; i++)
        out[i] = LLVMBuildLoad2(l->builder, l->i16, l->host_out[i], "");
    l->now.after = look_up(l, status);
}

// ------------------------------------------------- the ring's fast paths, inlined

typedef struct {
    LLVMBasicBlockRef slow, join, fast_end;
    LLVMValueRef ring, position, slot, lap;
} RingPath;

static LLVMValueRef load64(Lower *l, LLVMValueRef base, size_t offset)
{
    return LLVMBuildLoad2(l->builder, l->i64, ir_field(l, base, offset), "");
}

static void slow_unless(Lower *l, RingPath *p, LLVMValueRef condition)
{
    LLVMBasicBlockRef go_on = ir_block(l, "");
    ir_branch(l, condition, go_on, p->slow);
    LLVMPositionBuilderAtEnd(l->builder, go_on);
}

// As ring_push_fast and ring_pop_fast start: position, slot, and the lap bit in its place.
static RingPath ring_path(Lower *l, size_t ring, size_t position, size_t mask, size_t lap)
{
    RingPath p = { .slow = ir_block(l, "slow"), .join = ir_block(l, "") };
    p.ring = LLVMBuildLoad2(l->builder, l->ptr, ir_field(l, l->frame, ring), "");
    slow_unless(l, &p, LLVMBuildIsNotNull(l->builder, p.ring, ""));
    p.position = load64(l, p.ring, position);
    LLVMValueRef index = LLVMBuildAnd(l->builder, p.position, load64(l, p.ring, mask), "");
    index = LLVMBuildShl(l->builder, index, ir_num(l->i64, 2), "");
    p.slot = LLVMBuildGEP2(l->builder, l->i8, ir_field(l, p.ring, offsetof(Ring, slots)), &index, 1, "");
    p.lap = LLVMBuildLoad2(l->builder, l->i32, ir_field(l, p.ring, lap), "");
    return p;
}

static void advance(Lower *l, RingPath *p, size_t position, LLVMValueRef next)
{
    LLVMValueRef store = LLVMBuildStore(l->builder, next, ir_field(l, p->ring, position));
    LLVMSetOrdering(store, LLVMAtomicOrderingMonotonic);
    p->fast_end = LLVMGetInsertBlock(l->builder);
    LLVMBuildBr(l->builder, p->join);
}

// The general call where the fast path does not apply; both meet behind it.
static void join_slow(Lower *l, RingPath *p, int host, int in_count, const LowerValue *in, int out_count,
                      LowerValue *out)
{
    LowerValue fast = out_count ? out[0] : NULL;
    LLVMPositionBuilderAtEnd(l->builder, p->slow);
    call_slowly(l, host, in_count, in, out_count, out);
    LLVMBasicBlockRef slow_end = LLVMGetInsertBlock(l->builder);
    LLVMBuildBr(l->builder, p->join);
    LLVMPositionBuilderAtEnd(l->builder, p->join);
    LLVMBasicBlockRef from[] = { p->fast_end, slow_end };
    if (out_count) {
        LLVMValueRef word = LLVMBuildPhi(l->builder, l->i16, "");
        LLVMAddIncoming(word, (LLVMValueRef[]){ fast, out[0] }, from, 2);
        out[0] = word;
    }
    LLVMValueRef after = LLVMBuildPhi(l->builder, l->i32, "");
    LLVMAddIncoming(after, (LLVMValueRef[]){ ir_num(l->i32, 0), l->now.after }, from, 2);
    l->now.after = after;
}

// ring_push: the slot is free while tail is not at the limit.
static void push_inline(Lower *l, int host, const LowerValue *in)
{
    RingPath p = ring_path(l, offsetof(JitFrame, out_ring), offsetof(Ring, w.tail), offsetof(Ring, w.mask),
                           offsetof(Ring, w.lap));
    LLVMValueRef limit = load64(l, p.ring, offsetof(Ring, w.limit));
    slow_unless(l, &p, LLVMBuildICmp(l->builder, LLVMIntNE, p.position, limit, ""));
    LLVMValueRef word = LLVMBuildOr(l->builder, LLVMBuildZExt(l->builder, in[0], l->i32, ""), p.lap, "");
    LLVMValueRef store = LLVMBuildStore(l->builder, word, p.slot);
    LLVMSetOrdering(store, LLVMAtomicOrderingRelease); // A in ring.h
    LLVMSetAlignment(store, 4);
    advance(l, &p, offsetof(Ring, w.tail), LLVMBuildAdd(l->builder, p.position, ir_num(l->i64, 1), ""));
    join_slow(l, &p, host, 1, in, 0, NULL);
}

// ring_pop: the word is there when its slot has this lap's bit; positions at which
// the reader has something to note take the slow path.
static void pop_inline(Lower *l, int host, LowerValue *out)
{
    RingPath p = ring_path(l, offsetof(JitFrame, in_ring), offsetof(Ring, r.head), offsetof(Ring, r.mask),
                           offsetof(Ring, r.lap));
    LLVMValueRef slot = LLVMBuildLoad2(l->builder, l->i32, p.slot, "");
    LLVMSetOrdering(slot, LLVMAtomicOrderingAcquire); // A, B in ring.h
    LLVMSetAlignment(slot, 4);
    LLVMValueRef bit = LLVMBuildAnd(l->builder, slot, ir_num(l->i32, 0x10000), "");
    slow_unless(l, &p, LLVMBuildICmp(l->builder, LLVMIntEQ, bit, p.lap, ""));
    LLVMValueRef next = LLVMBuildAdd(l->builder, p.position, ir_num(l->i64, 1), "");
    LLVMValueRef pause = load64(l, p.ring, offsetof(Ring, r.pause));
    slow_unless(l, &p, LLVMBuildICmp(l->builder, LLVMIntNE, next, pause, ""));
    out[0] = LLVMBuildTrunc(l->builder, slot, l->i16, "");
    advance(l, &p, offsetof(Ring, r.head), next);
    join_slow(l, &p, host, 0, NULL, 1, out);
}

void lower_host(Lower *l, int host, int in_count, const LowerValue *in, int out_count, LowerValue *out)
{
    const JitHost *h = &l->machine->hosts[host];
    assert(in_count <= HOST_ARGUMENTS && out_count <= HOST_ARGUMENTS);
    if (h->path == JIT_PUSH)
        push_inline(l, host, in);
    else if (h->path == JIT_POP)
        pop_inline(l, host, out);
    else
        call_slowly(l, host, in_count, in, out_count, out);
}
