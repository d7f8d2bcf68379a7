#include "jit_lower_own.h"

// ------------------------------------------------------------ leaving a region

LLVMBasicBlockRef ir_block(Lower *l, const char *name)
{
    return LLVMAppendBasicBlockInContext(l->context, l->function, name);
}

void ir_branch(Lower *l, LLVMValueRef condition, LLVMBasicBlockRef likely, LLVMBasicBlockRef rare)
{
    LLVMSetMetadata(LLVMBuildCondBr(l->builder, condition, likely, rare), l->prof, l->cold);
}

// From here to the common exit.
void ir_exit(Lower *l, LLVMValueRef code, LLVMValueRef budget)
{
    assert(l->exit_count < EXITS_MAX);
    l->exits[l->exit_count++] = (ExitEdge){ LLVMGetInsertBlock(l->builder), code, budget };
    LLVMBuildBr(l->builder, l->exit);
}

LLVMValueRef ir_exit_code(Lower *l, int kind, LLVMValueRef pc)
{
    LLVMValueRef wide = LLVMBuildZExt(l->builder, pc, l->i32, "");
    return LLVMBuildOr(l->builder, wide, ir_num(l->i32, (uint64_t)kind << 16), "");
}

// What the way to this block left over, and `more`.
LLVMValueRef ir_saved(Lower *l, int more)
{
    return LLVMBuildAdd(l->builder, l->saved, ir_num(l->i64, (uint64_t)more), "");
}

// The budget when `undone` instructions of the block are still to do.  A head takes
// off all that the longest way to the next head needs; what is not used comes back.
LLVMValueRef ir_budget(Lower *l, int undone)
{
    const JitBlock *b = &l->region->blocks[l->block];
    return LLVMBuildAdd(l->builder, l->left, ir_saved(l, b->need - b->count + undone), "");
}

// Where this instruction is given to the interpreter: nothing of it is done yet.
LLVMBasicBlockRef ir_leave_block(Lower *l)
{
    if (!l->leave) {
        LLVMBasicBlockRef here = LLVMGetInsertBlock(l->builder);
        l->leave = ir_block(l, "leave");
        LLVMPositionBuilderAtEnd(l->builder, l->leave);
        ir_exit(l, ir_exit_code(l, JIT_EXIT_STEP, ir_num(l->i16, l->at)), ir_budget(l, l->count - l->index));
        LLVMPositionBuilderAtEnd(l->builder, here);
    }
    return l->leave;
}

void lower_leave(Lower *l)
{
    LLVMBuildBr(l->builder, ir_leave_block(l));
    l->dead = true;
}

// Leaves for good, but lets the caller go on writing what is never reached.
void ir_never(Lower *l)
{
    LLVMBuildBr(l->builder, ir_leave_block(l));
    LLVMPositionBuilderAtEnd(l->builder, ir_block(l, "never"));
    l->orphan = true;
}

// ------------------------------------------------------------------ registers

LowerValue lower_read(Lower *l, unsigned cell)
{
    if (l->now.cell[cell])
        return l->now.cell[cell];
    if (!l->now.known[cell])
        l->now.known[cell] = LLVMBuildLoad2(l->builder, l->i16, l->cell[cell], "");
    return l->now.known[cell];
}

void lower_write(Lower *l, unsigned cell, LowerValue v)
{
    l->now.cell[cell] = v;
}

LowerValue lower_pc(Lower *l) { return l->now.pc; }
void lower_set_pc(Lower *l, LowerValue v) { l->now.pc = v; }

LowerValue lower_last(Lower *l)
{
    if (l->now.last)
        return l->now.last;
    if (!l->now.known_last)
        l->now.known_last = LLVMBuildLoad2(l->builder, l->i16, l->last, "");
    return l->now.known_last;
}

void lower_set_last(Lower *l, LowerValue v) { l->now.last = v; }

static void flush(Lower *l)
{
    LowerPending *now = &l->now;
    for (int i = 0; i < l->machine->cell_count; i++)
        if (now->cell[i]) {
            LLVMBuildStore(l->builder, now->cell[i], l->cell[i]);
            now->known[i] = now->cell[i];
            l->written[i] = true;
        }
    if (now->last) {
        LLVMBuildStore(l->builder, now->last, l->last);
        now->known_last = now->last;
        l->last_written = true;
    }
}

// ----------------------------------------------------------------- two arms

bool lower_then(Lower *l, LowerIf *i, LowerValue condition)
{
    uint64_t n;
    *i = (LowerIf){ .start = l->now, .known = -1 };
    if (ir_is_number(condition, &n)) {
        i->known = (int)n;
        return n;
    }
    LLVMBasicBlockRef then = ir_block(l, "");
    i->other = ir_block(l, "");
    if (condition == l->likely)
        ir_branch(l, condition, then, i->other);
    else
        LLVMBuildCondBr(l->builder, condition, then, i->other);
    LLVMPositionBuilderAtEnd(l->builder, then);
    l->depth++;
    return true;
}

static void end_arm(Lower *l, LowerIf *i, int arm)
{
    i->end[arm] = l->dead ? NULL : LLVMGetInsertBlock(l->builder);
    i->arm[arm] = l->now;
    l->dead = false;
}

bool lower_else(Lower *l, LowerIf *i)
{
    if (i->known >= 0)
        return !i->known;
    end_arm(l, i, 0);
    l->now = i->start;
    LLVMPositionBuilderAtEnd(l->builder, i->other);
    return true;
}

static LLVMValueRef meet(Lower *l, const LowerIf *i, LLVMValueRef a, LLVMValueRef b)
{
    if (a == b)
        return a;
    LLVMValueRef phi = LLVMBuildPhi(l->builder, LLVMTypeOf(a), "");
    LLVMAddIncoming(phi, (LLVMValueRef[]){ a, b }, (LLVMBasicBlockRef[]){ i->end[0], i->end[1] }, 2);
    return phi;
}

// What one arm has written, or what stood there before.
static LLVMValueRef arm_value(Lower *l, LowerIf *i, int arm, LLVMValueRef written, LLVMValueRef slot)
{
    if (written)
        return written;
    LLVMPositionBuilderBefore(l->builder, LLVMGetBasicBlockTerminator(i->end[arm]));
    return LLVMBuildLoad2(l->builder, l->i16, slot, "");
}

static LLVMValueRef meet_slots(Lower *l, LowerIf *i, LLVMValueRef a, LLVMValueRef b, LLVMValueRef slot,
                               LLVMBasicBlockRef join)
{
    if (!a && !b)
        return NULL;
    a = arm_value(l, i, 0, a, slot);
    b = arm_value(l, i, 1, b, slot);
    LLVMPositionBuilderAtEnd(l->builder, join);
    return meet(l, i, a, b);
}

static void meet_arms(Lower *l, LowerIf *i)
{
    LLVMBasicBlockRef join = ir_block(l, "");
    for (int arm = 0; arm < 2; arm++) {
        LLVMPositionBuilderAtEnd(l->builder, i->end[arm]);
        LLVMBuildBr(l->builder, join);
    }
    LowerPending *a = &i->arm[0], *b = &i->arm[1];
    for (int c = 0; c < l->machine->cell_count; c++)
        l->now.cell[c] = meet_slots(l, i, a->cell[c], b->cell[c], l->cell[c], join);
    l->now.last = meet_slots(l, i, a->last, b->last, l->last, join);
    memcpy(l->now.known, i->start.known, sizeof l->now.known); // what stood before both arms
    l->now.known_last = i->start.known_last;
    LLVMPositionBuilderAtEnd(l->builder, join);
    l->now.pc = meet(l, i, a->pc, b->pc);
    l->now.after = NULL;
    if (a->after || b->after)
        l->now.after = meet(l, i, a->after ? a->after : ir_num(l->i32, 0), b->after ? b->after : ir_num(l->i32, 0));
}

void lower_end(Lower *l, LowerIf *i)
{
    if (i->known >= 0)
        return;
    end_arm(l, i, 1);
    l->depth--;
    if (i->end[0] && i->end[1]) {
        meet_arms(l, i);
        return;
    }
    l->dead = !i->end[0] && !i->end[1];
    if (i->end[0]) {
        l->now = i->arm[0];
        LLVMPositionBuilderAtEnd(l->builder, i->end[0]);
    }
}

// ------------------------------------------------------------- instruction's end

// After a host call: `after` is not 0 when the machine must look up.
static void leave_if_called(Lower *l)
{
    uint64_t n;
    if (!l->now.after || (ir_is_number(l->now.after, &n) && n == 0))
        return;
    LLVMBasicBlockRef fine = ir_block(l, ""), out = ir_block(l, "called");
    ir_branch(l, LLVMBuildICmp(l->builder, LLVMIntEQ, l->now.after, ir_num(l->i32, 0), ""), fine, out);
    LLVMPositionBuilderAtEnd(l->builder, out);
    LLVMValueRef status = LLVMBuildAnd(l->builder, l->now.after, ir_num(l->i32, 0xFF), "");
    LLVMValueRef code = LLVMBuildOr(l->builder, ir_exit_code(l, JIT_EXIT_HOST, l->now.pc),
                                    LLVMBuildShl(l->builder, status, ir_num(l->i32, 24), ""), "");
    ir_exit(l, code, ir_budget(l, l->count - l->index - 1));
    LLVMPositionBuilderAtEnd(l->builder, fine);
}

static void keep_knowledge(Lower *l, Knowledge *k)
{
    k->is_set = true;
    memcpy(k->known, l->now.known, sizeof k->known);
    k->known_last = l->now.known_last;
    memcpy(k->checks, l->checks, sizeof k->checks);
    k->check_count = l->check_count;
}

// The checks of another block stay as they are: what this one does may never happen
// there.  A further round of a loop mostly does happen.
void ir_take_knowledge(Lower *l, const Knowledge *k)
{
    l->now = (LowerPending){ .known_last = k->known_last };
    memcpy(l->now.known, k->known, sizeof k->known);
    memcpy(l->checks, k->checks, sizeof k->checks);
    l->check_count = k->check_count;
    for (int i = 0; i < l->check_count && !l->region->blocks[l->block].is_copy; i++)
        l->checks[i].moved = NULL;
}

// A head gets back what was not used; another block goes on with what is left, and
// with what this way is shorter than the longest one.
static void pass_budget(Lower *l, int block)
{
    const JitBlock *from = &l->region->blocks[l->block], *to = &l->region->blocks[block];
    if (to->is_head) {
        LLVMBuildStore(l->builder, ir_budget(l, 0), l->budget);
        return;
    }
    LLVMBuildStore(l->builder, l->left, l->budget);
    LLVMBuildStore(l->builder, ir_saved(l, from->need - from->count - to->need), l->unused);
}

// The block that the end of this one was seen to name by this address, or -1.
static int block_after(Lower *l, uint16_t pc)
{
    const JitBlock *here = &l->region->blocks[l->block];
    for (int i = 0; i < 2; i++)
        if (here->next[i] >= 0 && l->region->blocks[here->next[i]].address == pc)
            return here->next[i];
    return -1;
}

// To that block, or out.
static void go_to(Lower *l, uint16_t pc)
{
    const int block = block_after(l, pc);
    if (block >= 0) {
        pass_budget(l, block);
        LLVMBuildBr(l->builder, l->heads[block]);
        if (l->region->blocks[block].edges == 1 && !l->region->blocks[block].is_entry)
            keep_knowledge(l, &l->knowledge[block]);
    } else {
        ir_exit(l, ir_exit_code(l, JIT_EXIT_NEXT, ir_num(l->i16, pc)), ir_budget(l, 0));
    }
}

// A target known only now: the places after calls of this region, or out.
static void go_anywhere(Lower *l, LLVMValueRef pc)
{
    LLVMBasicBlockRef out = ir_block(l, "out");
    LLVMBuildStore(l->builder, ir_budget(l, 0), l->budget); // places after calls are heads
    LLVMValueRef where = LLVMBuildSwitch(l->builder, pc, out, REGION_BLOCKS);
    for (int i = 0; i < l->region->block_count; i++)
        if (l->region->blocks[i].is_return)
            LLVMAddCase(where, ir_num(l->i16, l->region->blocks[i].address), l->heads[i]);
    LLVMPositionBuilderAtEnd(l->builder, out);
    ir_exit(l, ir_exit_code(l, JIT_EXIT_NEXT, pc), ir_budget(l, 0));
}

void lower_finish(Lower *l)
{
    const bool is_last = l->index + 1 == l->count;
    if (l->dead || (l->depth && !is_last)) // arms that go on to the same place meet first
        return;
    flush(l);
    if (l->orphan) {
        LLVMBuildUnreachable(l->builder);
        l->dead = true;
        return;
    }
    leave_if_called(l);
    uint64_t pc;
    const bool is_known = ir_is_number(l->now.pc, &pc);
    if (is_last && l->is_traced) {
        if (l->way_count < 2)
            l->ways[l->way_count++] = is_known ? (int)pc : -1;
        LLVMBuildUnreachable(l->builder);
    } else if (!is_last) {
        assert(is_known && pc == (uint16_t)(l->at + 1));
        l->open = true;
    } else if (is_known) {
        go_to(l, (uint16_t)pc);
    } else {
        go_anywhere(l, l->now.pc);
    }
    l->dead = true;
}
