#include "jit_lower_own.h"

// Every address as a value and a distance, so that one look serves all accesses
// near the same pointer.
static LLVMValueRef split_address(LLVMValueRef address, int *distance)
{
    *distance = 0;
    for (;;) {
        uint64_t n;
        if (!LLVMIsAInstruction(address) || LLVMGetInstructionOpcode(address) != LLVMAdd ||
            !ir_is_number(LLVMGetOperand(address, 1), &n))
            return address;
        *distance += (int16_t)n;
        address = LLVMGetOperand(address, 0);
    }
}

// base + from .. base + to lies in the plain part, without wrapping.
static void set_check(Lower *l, Check *c, int part)
{
    const uint16_t first = l->plain[part].first, size = (uint16_t)(l->plain[part].last - first);
    LLVMSetOperand(c->moved, 1, ir_num(l->i16, (uint64_t)(c->from - first)));
    LLVMSetOperand(c->inside, 1, ir_num(l->i16, (uint64_t)(size - (c->to - c->from))));
}

enum { REACH = 64 }; // words that one look may speak for

static bool is_checked(Lower *l, LLVMValueRef base, int distance)
{
    for (int i = 0; i < l->check_count; i++) {
        Check *c = &l->checks[i];
        if (c->base != base)
            continue;
        if (distance >= c->from && distance <= c->to)
            return true;
        const int from = distance < c->from ? distance : c->from, to = distance > c->to ? distance : c->to;
        if (!c->moved || l->depth || to - from > REACH)
            continue;
        c->from = from;
        c->to = to;
        set_check(l, c, 0);
        return true;
    }
    return false;
}

static LLVMValueRef compare_part(Lower *l, Check *c, int part)
{
    // By hand: the builder must not fold what set_check changes.
    LLVMValueRef nothing = LLVMGetUndef(l->i16);
    c->moved = LLVMBuildAdd(l->builder, c->base, nothing, "");
    if (!LLVMIsAInstruction(c->moved))
        return NULL;
    c->inside = LLVMBuildICmp(l->builder, LLVMIntULE, c->moved, ir_num(l->i16, 0), "");
    set_check(l, c, part);
    return c->inside;
}

static bool is_plain_number(Lower *l, uint64_t address)
{
    return jit_is_plain(l->machine, l->region->mode, (uint16_t)address);
}

static void add_check(Lower *l, const Check *c)
{
    if (l->check_count < CHECKS_MAX && !l->depth)
        l->checks[l->check_count++] = *c;
}

// A store found this address to be ordinary memory.
static void note_plain(Lower *l, LLVMValueRef address)
{
    Check c = { 0 };
    c.base = split_address(address, &c.from);
    c.to = c.from;
    add_check(l, &c);
}

static void check_address(Lower *l, LLVMValueRef address)
{
    uint64_t n;
    if (ir_is_number(address, &n)) {
        if (!is_plain_number(l, n))
            ir_never(l);
        return;
    }
    Check c = { 0 };
    c.base = split_address(address, &c.from);
    c.to = c.from;
    if (is_checked(l, c.base, c.from))
        return;
    LLVMValueRef fine = NULL;
    for (int i = 0; i < l->plain_count; i++) {
        LLVMValueRef inside = compare_part(l, &c, i);
        fine = i ? LLVMBuildOr(l->builder, fine, inside, "") : inside;
    }
    LLVMBasicBlockRef go_on = ir_block(l, "");
    ir_branch(l, fine ? fine : ir_num(l->i1, 0), go_on, ir_leave_block(l));
    LLVMPositionBuilderAtEnd(l->builder, go_on);
    if (l->plain_count != 1)
        c.moved = NULL;
    add_check(l, &c);
}

LLVMValueRef ir_place(Lower *l, LLVMTypeRef element, LLVMValueRef base, LLVMValueRef address)
{
    LLVMValueRef index = LLVMBuildZExt(l->builder, address, l->i64, "");
    return LLVMBuildInBoundsGEP2(l->builder, element, base, &index, 1, "");
}

LLVMValueRef ir_field(Lower *l, LLVMValueRef base, size_t offset)
{
    LLVMValueRef index = ir_num(l->i64, offset);
    return LLVMBuildInBoundsGEP2(l->builder, l->i8, base, &index, 1, "");
}

LowerValue lower_load(Lower *l, LowerValue address)
{
    check_address(l, address);
    return LLVMBuildLoad2(l->builder, l->i16, ir_place(l, l->i16, l->memory, address), "");
}

// The flags of a word say all that keeps compiled code from storing there: devices,
// guards, and somebody's translation of the word.
void lower_store(Lower *l, LowerValue address, LowerValue v)
{
    uint64_t n;
    const uint8_t open = l->region->mode ? 0 : CODE_GUARDED; // with no guard closed, that flag means nothing
    LLVMValueRef code = ir_field(l, l->memory, 65536 * sizeof(uint16_t));
    LLVMValueRef flags = LLVMBuildLoad2(l->builder, l->i8, ir_place(l, l->i8, code, address), "");
    if (open && (!ir_is_number(address, &n) || !is_plain_number(l, n)))
        flags = LLVMBuildAnd(l->builder, flags, ir_num(l->i8, (uint8_t)~open), "");
    LLVMBasicBlockRef go_on = ir_block(l, "");
    ir_branch(l, LLVMBuildICmp(l->builder, LLVMIntEQ, flags, ir_num(l->i8, 0), ""), go_on, ir_leave_block(l));
    LLVMPositionBuilderAtEnd(l->builder, go_on);
    LLVMBuildStore(l->builder, v, ir_place(l, l->i16, l->memory, address));
    if (!ir_is_number(address, &n))
        note_plain(l, address);
}
