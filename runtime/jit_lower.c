#include "jit_lower_own.h"

static void lower_instruction(Lower *l, uint16_t address, uint16_t word)
{
    l->at = address;
    l->leave = NULL;
    const LowerPending before = l->now;
    l->now = (LowerPending){ .pc = ir_num(l->i16, (uint16_t)(address + 1)), .known_last = before.known_last };
    memcpy(l->now.known, before.known, sizeof before.known);
    l->dead = l->open = false;
    l->lowering->forms[l->machine->isa->decode(word)](l, word);
}

static uint16_t word_at(const JitRegion *r, uint16_t address)
{
    int i = 0;
    while (r->words[i].address != address)
        i++;
    return r->words[i].word;
}

// A head takes off what it takes to reach the next head; a budget that is not
// enough for that stays for the interpreter.
static void take_budget(Lower *l, const JitBlock *b)
{
    LLVMValueRef budget = LLVMBuildLoad2(l->builder, l->i64, l->budget, "");
    if (!b->is_head) {
        l->left = budget;
        l->saved = LLVMBuildLoad2(l->builder, l->i64, l->unused, "");
        return;
    }
    LLVMBasicBlockRef body = ir_block(l, ""), over = ir_block(l, "over");
    LLVMValueRef need = ir_num(l->i64, b->need);
    l->left = LLVMBuildSub(l->builder, budget, need, "");
    l->saved = ir_num(l->i64, 0);
    ir_branch(l, LLVMBuildICmp(l->builder, LLVMIntUGE, budget, need, ""), body, over);
    LLVMPositionBuilderAtEnd(l->builder, over);
    ir_exit(l, ir_exit_code(l, JIT_EXIT_BUDGET, ir_num(l->i16, b->address)), budget);
    LLVMPositionBuilderAtEnd(l->builder, body);
}

void ir_block_words(Lower *l, int block)
{
    const JitBlock *b = &l->region->blocks[block];
    l->block = block;
    l->count = b->count;
    l->orphan = false;
    l->open = true;
    for (l->index = 0; l->index < b->count && l->open; l->index++) {
        const uint16_t address = (uint16_t)(b->address + l->index);
        lower_instruction(l, address, word_at(l->region, address));
    }
}

static void lower_block(Lower *l, int block)
{
    LLVMPositionBuilderAtEnd(l->builder, l->heads[block]);
    take_budget(l, &l->region->blocks[block]);
    l->block = block;
    ir_take_knowledge(l, &l->knowledge[block]); // none, unless an only predecessor left some
    ir_block_words(l, block);
}

static void find_plain(Lower *l)
{
    const JitMachine *m = l->machine;
    for (int i = 0; i < m->range_count; i++) {
        if (!jit_is_plain(m, l->region->mode, m->ranges[i].first))
            continue;
        if (l->plain_count && l->plain[l->plain_count - 1].last + 1 == m->ranges[i].first) {
            l->plain[l->plain_count - 1].last = m->ranges[i].last;
        } else {
            assert(l->plain_count < PLAIN_MAX);
            l->plain[l->plain_count].first = m->ranges[i].first;
            l->plain[l->plain_count++].last = m->ranges[i].last;
        }
    }
}

static LLVMValueRef weights(Lower *l, unsigned first, unsigned second)
{
    LLVMMetadataRef parts[] = {
        LLVMMDStringInContext2(l->context, "branch_weights", 14),
        LLVMValueAsMetadata(ir_num(l->i32, first)),
        LLVMValueAsMetadata(ir_num(l->i32, second)),
    };
    return LLVMMetadataAsValue(l->context, LLVMMDNodeInContext2(l->context, parts, 3));
}

void ir_declare(Lower *l, LLVMModuleRef module, const char *name)
{
    LLVMTypeRef params[] = { l->ptr, l->ptr, l->ptr, l->i32 };
    l->function = LLVMAddFunction(module, name, LLVMFunctionType(l->i32, params, 4, 0));
    const unsigned noalias = LLVMGetEnumAttributeKindForName("noalias", 7);
    const unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    for (unsigned i = 1; i <= 3; i++)
        if (i != 2) // host functions write to memory, too
            LLVMAddAttributeAtIndex(l->function, i, LLVMCreateEnumAttribute(l->context, noalias, 0));
    const unsigned uwtable = LLVMGetEnumAttributeKindForName("uwtable", 7); // debuggers see who called
    LLVMAddAttributeAtIndex(l->function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(l->context, nounwind, 0));
    LLVMAddAttributeAtIndex(l->function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(l->context, uwtable, 2));
    l->state = LLVMGetParam(l->function, 0);
    l->memory = LLVMGetParam(l->function, 1);
    l->frame = LLVMGetParam(l->function, 2);
    l->start_pc = LLVMGetParam(l->function, 3);
}

static LLVMValueRef slot(Lower *l, LLVMTypeRef type, LLVMValueRef base, size_t offset)
{
    LLVMValueRef s = LLVMBuildAlloca(l->builder, type, "");
    LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, type, ir_field(l, base, offset), ""), s);
    return s;
}

void ir_slots(Lower *l)
{
    for (int i = 0; i < l->machine->cell_count; i++)
        l->cell[i] = slot(l, l->i16, l->state, l->machine->cells[i]);
    l->last = slot(l, l->i16, l->frame, offsetof(JitFrame, last));
    l->budget = slot(l, l->i64, l->frame, offsetof(JitFrame, budget));
    l->unused = LLVMBuildAlloca(l->builder, l->i64, "");
    for (int i = 0; i < HOST_ARGUMENTS; i++)
        l->host_out[i] = LLVMBuildAlloca(l->builder, l->i16, "");
}

static void lower_entry(Lower *l, LLVMBasicBlockRef entry)
{
    LLVMPositionBuilderAtEnd(l->builder, entry);
    ir_slots(l);
    const int start = region_block(l->region, l->region->start);
    LLVMValueRef pc = LLVMBuildTrunc(l->builder, l->start_pc, l->i16, "");
    LLVMValueRef where = LLVMBuildSwitch(l->builder, pc, l->heads[start], REGION_BLOCKS);
    for (int i = 0; i < l->region->block_count; i++)
        if (l->region->blocks[i].is_entry && i != start)
            LLVMAddCase(where, ir_num(l->i16, l->region->blocks[i].address), l->heads[i]);
}

static void lower_exit(Lower *l)
{
    LLVMPositionBuilderAtEnd(l->builder, l->exit);
    LLVMValueRef code = LLVMBuildPhi(l->builder, l->i32, "");
    LLVMValueRef budget = LLVMBuildPhi(l->builder, l->i64, "");
    for (int i = 0; i < l->exit_count; i++) {
        LLVMAddIncoming(code, &l->exits[i].code, &l->exits[i].from, 1);
        LLVMAddIncoming(budget, &l->exits[i].budget, &l->exits[i].from, 1);
    }
    for (int i = 0; i < l->machine->cell_count; i++)
        if (l->written[i])
            LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, l->i16, l->cell[i], ""),
                           ir_field(l, l->state, l->machine->cells[i]));
    if (l->last_written)
        LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, l->i16, l->last, ""),
                       ir_field(l, l->frame, offsetof(JitFrame, last)));
    LLVMBuildStore(l->builder, budget, ir_field(l, l->frame, offsetof(JitFrame, budget)));
    LLVMBuildRet(l->builder, code);
}

bool lower_region(LLVMModuleRef module, const JitMachine *m, const LowerMachine *lowering, const JitRegion *r,
                  const char *name)
{
    Lower *l = need_memory(calloc(1, sizeof *l));
    JitRegion plan = *r;
    bool has_known_rounds;
    l->exits = need_memory(calloc(EXITS_MAX, sizeof *l->exits));
    l->knowledge = need_memory(calloc(ALL_BLOCKS, sizeof *l->knowledge));
    l->context = LLVMGetModuleContext(module);
    l->builder = LLVMCreateBuilderInContext(l->context);
    l->i1 = ir_bits(l, 1);
    l->i8 = ir_bits(l, 8);
    l->i16 = ir_bits(l, 16);
    l->i32 = ir_bits(l, 32);
    l->i64 = ir_bits(l, 64);
    l->ptr = LLVMPointerTypeInContext(l->context, 0);
    l->prof = LLVMGetMDKindIDInContext(l->context, "prof", 4);
    l->cold = weights(l, 4000, 1);
    l->machine = m;
    l->lowering = lowering;
    l->region = &plan;
    find_plain(l);
    has_known_rounds = ir_peel_loops(l, module, &plan);
    ir_declare(l, module, name);
    LLVMBasicBlockRef entry = ir_block(l, "entry");
    for (int i = 0; i < plan.all_count; i++) {
        char label[16];
        snprintf(label, sizeof label, "x%04X", plan.blocks[i].address);
        l->heads[i] = ir_block(l, label);
    }
    l->exit = ir_block(l, "exit");
    lower_entry(l, entry);
    for (int i = 0; i < plan.all_count; i++)
        lower_block(l, i);
    lower_exit(l);
    LLVMDisposeBuilder(l->builder);
    free(l->knowledge);
    free(l->exits);
    free(l);
    return has_known_rounds;
}
