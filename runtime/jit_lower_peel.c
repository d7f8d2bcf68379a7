#include "jit_lower_own.h"

// A loop that a register leaves after the same few rounds every time (twelve columns, sixteen
// bits) is written round after round where it is entered: there every round knows its number,
// and rounds that differ only in that become vectors.  The loop itself stays, for entries into its
// middle.
//
// Whether a loop is one of these is tried: the block before it and then its own are lowered, one
// after the other, into a function that nobody calls.  The builder computes what follows
// from numbers; when the loop's branch comes out as a number each time, the rounds are counted.

static void trace_block(Lower *l, int block)
{
    LLVMPositionBuilderAtEnd(l->builder, ir_block(l, ""));
    l->check_count = l->exit_count = l->way_count = 0;
    ir_block_words(l, block);
}

// The block that comes next on one way through the loop; the head after a round, -1 outside.
// Where only the program knows whether it stays in the loop, `is_known` becomes false.
static int next_in(const Lower *l, const JitLoop *loop, bool *is_known)
{
    const uint16_t head = l->region->blocks[loop->blocks[0]].address;
    for (int i = 0; i < l->way_count; i++)
        if (l->ways[i] < 0 || (l->way_count == 2 && (!loop_has(l->region, loop, (uint16_t)l->ways[i]) || l->ways[i] == head)))
            *is_known = false;
    if (!l->way_count || !*is_known || !loop_has(l->region, loop, (uint16_t)l->ways[0]))
        return -1;
    return region_block(l->region, (uint16_t)l->ways[0]);
}

// Of the loop when entered from the block before it; 0 when that depends, or they are many.
static int count_rounds(Lower *l, const JitLoop *loop)
{
    trace_block(l, loop->before);
    for (int rounds = 1; rounds <= ROUNDS_KNOWN; rounds++) {
        bool is_known = true;
        int block = loop->blocks[0];
        for (int i = 0; i < loop->count; i++) {
            trace_block(l, block);
            block = next_in(l, loop, &is_known);
            if (!is_known)
                return 0;
            if (block < 0)
                return rounds;
            if (block == loop->blocks[0])
                break;
        }
        if (block != loop->blocks[0])
            return 0;
    }
    return 0;
}

static int try_rounds(const Lower *l, LLVMModuleRef module, const JitLoop *loop)
{
    Lower *t = need_memory(malloc(sizeof *t));
    *t = *l;
    t->is_traced = true;
    ir_declare(t, module, "");
    LLVMPositionBuilderAtEnd(t->builder, ir_block(t, ""));
    ir_slots(t);
    t->exit = ir_block(t, "");
    t->left = t->saved = ir_num(t->i64, 0);
    const int rounds = count_rounds(t, loop);
    LLVMDeleteFunction(t->function);
    free(t);
    return rounds;
}

bool ir_peel_loops(Lower *l, LLVMModuleRef module, JitRegion *plan)
{
    bool is_any = false;
    for (int i = 0; i < plan->block_count; i++) {
        JitLoop loop;
        if (!region_loop(plan, i, &loop) || loop.before < 0)
            continue;
        const int rounds = try_rounds(l, module, &loop);
        if (rounds > 1 && region_peel(plan, &loop, rounds))
            is_any = true;
    }
    return is_any;
}
