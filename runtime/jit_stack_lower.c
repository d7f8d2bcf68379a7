// Versions, blocks, and the function that they make.
#include "jit_stack_own.h"

#include <stdlib.h>
#include <string.h>

// ------------------------------------------------------------------ versions

static bool same_values(const Shape *have, const Shape *want, bool exactly)
{
    if (have->cached != want->cached || have->backs != want->backs ||
        memcmp(have->back, want->back, (size_t)want->backs * sizeof *want->back) != 0)
        return false;
    for (int i = 0; i < want->cached; i++)
        if (have->tags[i] != want->tags[i] && (exactly || have->tags[i] >= 0))
            return false;
    return true;
}

static int add_version(StackLower *l, int64_t at, const Shape *shape)
{
    if (l->version_count == l->version_room) {
        l->version_room = l->version_room ? 2 * l->version_room : 64;
        l->versions = need_memory(realloc(l->versions, (size_t)l->version_room * sizeof *l->versions));
    }
    const int v = l->version_count++;
    l->versions[v] = (Version){ at, *shape, ir_block(l, ""), l->first[at] };
    l->first[at] = v;
    return v;
}

int version_find(StackLower *l, int64_t at, const Shape *shape)
{
    int same = 0, usable = -1;
    const bool is_plain = shape->cached == 0 && shape->backs == 0;
    for (int v = l->first[at]; v >= 0; v = l->versions[v].next, same++) {
        if (same_values(&l->versions[v].shape, shape, true))
            return v;
        if (same_values(&l->versions[v].shape, shape, false))
            usable = v;
    }
    const bool is_full = l->version_count >= VERSIONS_MAX || l->words >= WORDS_MAX;
    if (is_full || (same >= SAME_MAX && !is_plain))
        return usable;
    return add_version(l, at, shape);
}

// -------------------------------------------------------------------- blocks

static void grown(StackLower *l)
{
    if (l->now.off + l->now.held_count > l->highest)
        l->highest = l->now.off + l->now.held_count;
}

static void lower_literal(StackLower *l, int tag)
{
    const StackTable *t = l->m->table;
    LLVMValueRef n;
    if (t->variants[tag].payload == STACK_STR) { // the code holds no address
        LLVMValueRef at = ir_field(l, l->slots, (size_t)l->at * sizeof(StackSlot) + offsetof(StackSlot, n));
        n = LLVMBuildLoad2(l->builder, l->i64, at, "");
    } else {
        n = ir_num(l, l->m->slots[l->at].n);
    }
    say_put(l, say_held(l, tag, n));
    grown(l);
    l->done++;
}

// The interpreter does this operation; the code goes on behind it.
static void leave_here(StackLower *l, const StackOp *op)
{
    LLVMBuildStore(l->builder, LLVMBuildSub(l->builder, l->left_here, ir_num(l, l->done), ""), l->left);
    flow_rest(l, &l->now, true);
    flow_exit(l, STACK_CODE_STEP, ir_num(l, l->at));
    if (op && !(op->roles & STACK_HALT))
        version_find(l, l->at + 1, &(Shape){ 0 });
}

// Lowers an operation; false when it ended the version.
static bool lower_operation(StackLower *l, int word)
{
    l->before = l->now;
    l->leave = NULL;
    l->jump = NULL;
    l->has_pushed = false;
    stack_lowering.ops[word](l);
    grown(l);
    if (l->jump)
        flow_jump(l);
    l->done++;
    return !l->jump;
}

// Lowers the word; false when the version ends with it.
static bool lower_word(StackLower *l)
{
    const StackTable *t = l->m->table;
    const int word = l->m->words[l->at];
    l->has_pushed = false;
    if (l->at == l->m->count || (word < t->op_count && !stack_lowering.ops[word])) {
        leave_here(l, l->at == l->m->count ? NULL : &t->ops[word]);
        return false;
    }
    l->words++;
    if (word == stack_label(t) || l->done == BLOCK_WORDS || l->now.held_count > HELD_MAX / 2) {
        l->done += word == stack_label(t);
        flow_edge(l, l->at + (word == stack_label(t)));
        return false;
    }
    if (word < t->op_count)
        return lower_operation(l, word);
    lower_literal(l, word - t->op_count);
    return true;
}

// What must hold before the words: the budget, and room on the stack for the highest
// that it gets.  Otherwise the interpreter goes on from here.
static void lower_head(StackLower *l, const Version *v, LLVMBasicBlockRef head, LLVMBasicBlockRef body)
{
    LLVMPositionBuilderAtEnd(l->builder, head);
    LLVMBasicBlockRef hard = NULL;
    LLVMValueRef need = ir_num(l, l->done);
    if (l->done) {
        LLVMBasicBlockRef on = ir_block(l, "");
        hard = ir_block(l, "hard");
        LLVMValueRef after = LLVMBuildSub(l->builder, l->left_here, need, "");
        ir_branch(l, LLVMBuildICmp(l->builder, LLVMIntULT, l->left_here, need, ""), on, hard);
        LLVMPositionBuilderAtEnd(l->builder, on);
        LLVMBuildStore(l->builder, after, l->left);
    }
    if (l->highest > v->shape.cached) {
        LLVMBasicBlockRef on = ir_block(l, "");
        hard = hard ? hard : ir_block(l, "hard");
        LLVMValueRef top = ir_entry(l, l->base, l->highest, sizeof(StackValue));
        ir_branch(l, LLVMBuildICmp(l->builder, LLVMIntUGT, top, l->limit, ""), on, hard);
        LLVMPositionBuilderAtEnd(l->builder, on);
    }
    LLVMBuildBr(l->builder, body);
    if (!hard)
        return;
    LLVMPositionBuilderAtEnd(l->builder, hard);
    LLVMBuildStore(l->builder, l->left_here, l->left);
    flow_rest(l, &l->before, false);
    flow_exit(l, STACK_CODE_STEP, ir_num(l, v->at));
}

static void lower_version(StackLower *l, int number)
{
    const Version v = l->versions[number]; // the list may move
    LLVMBasicBlockRef body = ir_block(l, "");
    LLVMPositionBuilderAtEnd(l->builder, v.block);
    flow_begin(l, &v.shape);
    const Point start = l->now;
    LLVMPositionBuilderAtEnd(l->builder, body);
    for (l->at = v.at; lower_word(l); l->at++) {}
    l->before = start;
    lower_head(l, &v, v.block, body);
}

// ------------------------------------------------------------------ function

static LLVMValueRef weights(StackLower *l, unsigned first, unsigned second)
{
    LLVMTypeRef i32 = LLVMInt32TypeInContext(l->context);
    LLVMMetadataRef parts[] = {
        LLVMMDStringInContext2(l->context, "branch_weights", 14),
        LLVMValueAsMetadata(LLVMConstInt(i32, first, 0)),
        LLVMValueAsMetadata(LLVMConstInt(i32, second, 0)),
    };
    return LLVMMetadataAsValue(l->context, LLVMMDNodeInContext2(l->context, parts, 3));
}

static LLVMValueRef field(StackLower *l, LLVMTypeRef type, size_t offset)
{
    return LLVMBuildLoad2(l->builder, type, ir_field(l, l->machine, offset), "");
}

static LLVMValueRef variable(StackLower *l, LLVMTypeRef type, LLVMValueRef value)
{
    LLVMValueRef v = LLVMBuildAlloca(l->builder, type, "");
    if (value)
        LLVMBuildStore(l->builder, value, v);
    return v;
}

#define RAW(i, what)                                                                                         \
    (offsetof(StackMachine, raw[0].what) + (size_t)(i) * sizeof(((StackMachine *)0)->raw[0]))

static LLVMValueRef lower_entry(StackLower *l)
{
    LLVMValueRef to = LLVMGetParam(l->function, 1);
    l->limit = field(l, l->ptr, offsetof(StackMachine, limit));
    l->slots = field(l, l->ptr, offsetof(StackMachine, slots));
    l->end = field(l, l->i64, offsetof(StackMachine, end));
    l->sp = variable(l, l->ptr, field(l, l->ptr, offsetof(StackMachine, sp)));
    LLVMValueRef gone = field(l, l->i64, offsetof(StackMachine, instructions));
    l->left = variable(l, l->i64, LLVMBuildSub(l->builder, l->end, gone, ""));
    l->ip = variable(l, l->i64, to);
    l->kind = variable(l, l->i64, ir_num(l, STACK_CODE_NEXT));
    l->target = variable(l, l->i64, NULL);
    for (int i = 1; i < l->m->table->stack_count; i++) {
        l->raw_base[i] = field(l, l->ptr, RAW(i, base));
        l->raw_limit[i] = field(l, l->ptr, RAW(i, limit));
        l->raw[i] = variable(l, l->ptr, field(l, l->ptr, RAW(i, top)));
    }
    for (int i = 0; i < CACHED_MAX; i++) {
        l->in_n[i] = variable(l, l->i64, NULL);
        l->in_tag[i] = variable(l, l->i64, NULL);
    }
    l->out = ir_block(l, "out");
    return LLVMBuildSwitch(l->builder, to, l->out, 8);
}

static void store(StackLower *l, LLVMTypeRef type, LLVMValueRef variable, size_t offset)
{
    LLVMBuildStore(l->builder, LLVMBuildLoad2(l->builder, type, variable, ""), ir_field(l, l->machine, offset));
}

static void lower_out(StackLower *l)
{
    LLVMPositionBuilderAtEnd(l->builder, l->out);
    store(l, l->ptr, l->sp, offsetof(StackMachine, sp));
    store(l, l->i64, l->ip, offsetof(StackMachine, ip));
    for (int i = 1; i < l->m->table->stack_count; i++)
        store(l, l->ptr, l->raw[i], RAW(i, top));
    LLVMValueRef left = LLVMBuildLoad2(l->builder, l->i64, l->left, "");
    LLVMBuildStore(l->builder, LLVMBuildSub(l->builder, l->end, left, ""),
                   ir_field(l, l->machine, offsetof(StackMachine, instructions)));
    LLVMValueRef kind = LLVMBuildLoad2(l->builder, l->i64, l->kind, "");
    LLVMBuildRet(l->builder, LLVMBuildTrunc(l->builder, kind, LLVMInt32TypeInContext(l->context), ""));
}

static void declare(StackLower *l, LLVMModuleRef module, const char *name)
{
    LLVMTypeRef params[] = { l->ptr, l->i64, l->ptr };
    LLVMTypeRef i32 = LLVMInt32TypeInContext(l->context);
    l->function = LLVMAddFunction(module, name, LLVMFunctionType(i32, params, 3, 0));
    l->machine = LLVMGetParam(l->function, 0);
    l->same = LLVMGetParam(l->function, 2);
    LLVMAttributeRef noalias =
        LLVMCreateEnumAttribute(l->context, LLVMGetEnumAttributeKindForName("noalias", 7), 0);
    LLVMAddAttributeAtIndex(l->function, 1, noalias);
    const unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    const unsigned uwtable = LLVMGetEnumAttributeKindForName("uwtable", 7); // debuggers see who called
    LLVMAddAttributeAtIndex(l->function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(l->context, nounwind, 0));
    LLVMAddAttributeAtIndex(l->function, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(l->context, uwtable, 2));
}

// Until nothing is asked for that is not there.
static void lower_all(StackLower *l)
{
    for (int lowered = 0;;) {
        if (lowered < l->version_count) {
            lower_version(l, lowered++);
            continue;
        }
        int d = 0;
        while (d < l->dispatch_count && l->dispatches[d].cases >= l->escaped_count)
            d++;
        if (d == l->dispatch_count)
            return;
        flow_add_case(l, &l->dispatches[d]);
    }
}

static void list_entries(StackLower *l, LLVMValueRef choice, StackUnit *unit)
{
    unit->entries = need_memory(malloc((size_t)l->version_count * sizeof *unit->entries));
    for (int i = 0; i < l->version_count; i++) {
        const Version *v = &l->versions[i];
        if (v->shape.cached || v->shape.backs)
            continue;
        LLVMAddCase(choice, ir_num(l, v->at), v->block);
        unit->entries[unit->entry_count++] = v->at;
    }
    unit->words = l->words;
}

void lower_program(LLVMModuleRef module, const StackMachine *m, const char *name, const int64_t *roots,
                   int root_count, StackUnit *unit)
{
    StackLower *l = need_memory(calloc(1, sizeof *l));
    int *first = need_memory(malloc((size_t)(m->count + 1) * sizeof *first));
    for (int64_t i = 0; i <= m->count; i++)
        first[i] = -1;
    l->first = first;
    l->m = m;
    l->context = LLVMGetModuleContext(module);
    l->builder = LLVMCreateBuilderInContext(l->context);
    l->i1 = LLVMInt1TypeInContext(l->context);
    l->i8 = LLVMInt8TypeInContext(l->context);
    l->i64 = LLVMInt64TypeInContext(l->context);
    l->ptr = LLVMPointerTypeInContext(l->context, 0);
    l->prof = LLVMGetMDKindIDInContext(l->context, "prof", 4);
    l->cold = weights(l, 1, 4000);
    declare(l, module, name);
    LLVMPositionBuilderAtEnd(l->builder, ir_block(l, "entry"));
    LLVMValueRef choice = lower_entry(l);
    for (int i = 0; i < root_count; i++)
        version_find(l, roots[i], &(Shape){ 0 });
    lower_all(l);
    list_entries(l, choice, unit);
    lower_out(l);
    LLVMDisposeBuilder(l->builder);
    free(l->versions);
    free(l->escaped);
    free(l->first);
    free(l);
}
