// Values to memory, edges between versions, ways out.
#include "jit_stack_own.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

LLVMBasicBlockRef ir_block(StackLower *l, const char *name)
{
    return LLVMAppendBasicBlockInContext(l->context, l->function, name);
}

LLVMValueRef ir_field(StackLower *l, LLVMValueRef base, size_t offset)
{
    LLVMValueRef index = ir_num(l, (int64_t)offset);
    return offset ? LLVMBuildGEP2(l->builder, l->i8, base, &index, 1, "") : base;
}

LLVMValueRef ir_entry(StackLower *l, LLVMValueRef base, int64_t index, int bytes)
{
    return ir_field(l, base, (size_t)(index * bytes));
}

void ir_branch(StackLower *l, LLVMValueRef condition, LLVMBasicBlockRef likely, LLVMBasicBlockRef rare)
{
    LLVMValueRef branch = LLVMBuildCondBr(l->builder, condition, rare, likely);
    LLVMSetMetadata(branch, l->prof, l->cold);
}

static LLVMValueRef get(StackLower *l, LLVMValueRef variable)
{
    return LLVMBuildLoad2(l->builder, l->i64, variable, "");
}

static LLVMValueRef get_pointer(StackLower *l, LLVMValueRef variable)
{
    return LLVMBuildLoad2(l->builder, l->ptr, variable, "");
}

static void set(StackLower *l, LLVMValueRef variable, LLVMValueRef value)
{
    LLVMBuildStore(l->builder, value, variable);
}

void flow_begin(StackLower *l, const Shape *shape)
{
    Point *p = &l->now;
    p->held_count = p->off = 0;
    l->base = get_pointer(l, l->sp);
    l->left_here = get(l, l->left);
    for (int i = 1; i < l->m->table->stack_count; i++) {
        l->raw_here[i] = get_pointer(l, l->raw[i]);
        p->raw_off[i] = 0;
    }
    for (int i = 0; i < shape->cached; i++) {
        const int tag = shape->tags[i];
        LLVMValueRef n = get(l, l->in_n[i]);
        p->held[p->held_count++] = tag < 0 ? (SayHeld){ n, get(l, l->in_tag[i]), -1 } : say_held(l, tag, n);
    }
    p->backs = shape->backs;
    memcpy(p->back, shape->back, sizeof shape->back);
    l->highest = shape->cached;
    l->done = 0;
}

// ----------------------------------------------------------------- to memory

static void add_escaped(StackLower *l, int64_t place)
{
    for (int i = 0; i < l->escaped_count; i++)
        if (l->escaped[i] == place)
            return;
    if (l->escaped_count == l->escaped_room) {
        l->escaped_room = l->escaped_room ? 2 * l->escaped_room : 32;
        l->escaped = need_memory(realloc(l->escaped, (size_t)l->escaped_room * sizeof *l->escaped));
    }
    l->escaped[l->escaped_count++] = place;
}

static void store_values(StackLower *l, Point *p, int count)
{
    for (int i = 0; i < count; i++) {
        LLVMValueRef at = ir_entry(l, l->base, p->off++, sizeof(StackValue));
        LLVMBuildStore(l->builder, ir_wide(l, p->held[i].n), at);
        LLVMBuildStore(l->builder, p->held[i].tag, ir_field(l, at, offsetof(StackValue, tag)));
    }
    p->held_count -= count;
    memmove(p->held, p->held + count, (size_t)p->held_count * sizeof *p->held);
}

static void store_backs(StackLower *l, Point *p, int count, bool is_escape)
{
    for (int i = 0; i < count; i++) {
        if (is_escape)
            add_escaped(l, p->back[i]);
        LLVMBuildStore(l->builder, ir_num(l, p->back[i]),
                       ir_entry(l, l->raw_here[1], p->raw_off[1]++, sizeof(int64_t)));
    }
    p->backs -= count;
    memmove(p->back, p->back + count, (size_t)p->backs * sizeof *p->back);
}

// Where the stacks end, for whoever comes next.
static void set_tops(StackLower *l, const Point *p)
{
    if (p->off)
        set(l, l->sp, ir_entry(l, l->base, p->off, sizeof(StackValue)));
    for (int i = 1; i < l->m->table->stack_count; i++)
        if (p->raw_off[i])
            set(l, l->raw[i], ir_entry(l, l->raw_here[i], p->raw_off[i], sizeof(int64_t)));
}

void flow_rest(StackLower *l, Point *p, bool is_escape)
{
    store_values(l, p, p->held_count);
    store_backs(l, p, p->backs, is_escape);
    set_tops(l, p);
}

void flow_exit(StackLower *l, int kind, LLVMValueRef ip)
{
    set(l, l->ip, ip);
    set(l, l->kind, ir_num(l, kind));
    LLVMBuildBr(l->builder, l->out);
}

void ir_leave_if(StackLower *l, LLVMValueRef condition)
{
    if (l->guard)
        condition = LLVMBuildAnd(l->builder, l->guard, condition, "");
    int64_t n;
    if (ir_is_number(condition, &n) && n == 0)
        return;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(l->builder), on = ir_block(l, "");
    if (!l->leave) {
        l->leave = ir_block(l, "leave");
        LLVMPositionBuilderAtEnd(l->builder, l->leave);
        Point p = l->before;
        set(l, l->left, LLVMBuildSub(l->builder, l->left_here, ir_num(l, l->done), ""));
        flow_rest(l, &p, false);
        flow_exit(l, STACK_CODE_STEP, ir_num(l, l->at));
    }
    LLVMPositionBuilderAtEnd(l->builder, here);
    ir_branch(l, condition, on, l->leave);
    LLVMPositionBuilderAtEnd(l->builder, on);
}

// --------------------------------------------------------------------- edges

static Shape shape_of(const Point *p)
{
    Shape s = { .cached = p->held_count, .backs = p->backs };
    assert(s.cached <= CACHED_MAX && s.backs <= BACKS_MAX);
    for (int i = 0; i < s.cached; i++)
        s.tags[i] = p->held[i].known;
    memcpy(s.back, p->back, (size_t)s.backs * sizeof *s.back);
    return s;
}

// What the other side finds in variables, once it asks by its shape.
static void hand_over(StackLower *l, const Point *p, const Shape *shape)
{
    for (int i = 0; i < shape->cached; i++) {
        set(l, l->in_n[i], ir_wide(l, p->held[i].n));
        if (shape->tags[i] < 0)
            set(l, l->in_tag[i], p->held[i].tag);
    }
    set_tops(l, p);
}

static void keep_at_most(StackLower *l, Point *p, int values, int backs)
{
    if (p->held_count > values)
        store_values(l, p, p->held_count - values);
    if (p->backs > backs)
        store_backs(l, p, p->backs - backs, true);
}

void flow_edge(StackLower *l, int64_t to)
{
    Point p = l->now;
    keep_at_most(l, &p, l->has_pushed ? CALL_CACHED : CACHED_MAX, BACKS_MAX);
    Shape shape = shape_of(&p);
    int version = version_find(l, to, &shape);
    if (version < 0) {
        keep_at_most(l, &p, 0, 0);
        shape = (Shape){ 0 };
        version = version_find(l, to, &shape);
    }
    if (version < 0) {
        set_tops(l, &p);
        flow_exit(l, STACK_CODE_NEXT, ir_num(l, to));
        return;
    }
    hand_over(l, &p, &l->versions[version].shape);
    LLVMBuildBr(l->builder, l->versions[version].block);
}

// The dispatch for a shape; its block only leaves until cases are added.
static Dispatch *find_dispatch(StackLower *l, const Shape *shape)
{
    for (int i = 0; i < l->dispatch_count; i++)
        if (memcmp(&l->dispatches[i].shape, shape, sizeof *shape) == 0)
            return &l->dispatches[i];
    if (l->dispatch_count >= DISPATCH_MAX && shape->cached)
        return NULL;
    Dispatch *d = &l->dispatches[l->dispatch_count++];
    LLVMBasicBlockRef here = LLVMGetInsertBlock(l->builder), other = ir_block(l, "elsewhere");
    *d = (Dispatch){ .shape = *shape, .block = ir_block(l, "dispatch"), .cases = -1 };
    LLVMPositionBuilderAtEnd(l->builder, d->block);
    d->choice = LLVMBuildSwitch(l->builder, get(l, l->target), other, 8);
    LLVMPositionBuilderAtEnd(l->builder, here);
    return d;
}

static void go_anywhere(StackLower *l, LLVMValueRef to)
{
    Point p = l->now;
    keep_at_most(l, &p, CALL_CACHED, 0);
    Shape shape = shape_of(&p);
    Dispatch *d = find_dispatch(l, &shape);
    if (!d) {
        keep_at_most(l, &p, 0, 0);
        shape = (Shape){ 0 };
        d = find_dispatch(l, &shape);
    }
    hand_over(l, &p, &shape);
    set(l, l->target, to);
    LLVMBuildBr(l->builder, d->block);
}

// Lowers what a block of the dispatch does with values that have just arrived.
static void continue_at(StackLower *l, LLVMBasicBlockRef block, const Shape *shape)
{
    LLVMPositionBuilderAtEnd(l->builder, block);
    l->has_pushed = false;
    flow_begin(l, shape);
}

void flow_add_case(StackLower *l, Dispatch *d)
{
    if (d->cases < 0) {
        continue_at(l, LLVMGetSwitchDefaultDest(d->choice), &d->shape);
        flow_rest(l, &l->now, false);
        flow_exit(l, STACK_CODE_NEXT, get(l, l->target));
    } else {
        const int64_t to = l->escaped[d->cases];
        LLVMBasicBlockRef block = ir_block(l, "back");
        LLVMAddCase(d->choice, ir_num(l, to), block);
        continue_at(l, block, &d->shape);
        flow_edge(l, to);
    }
    d->cases++;
}

static bool is_inside(const StackLower *l, int64_t place)
{
    return place >= 0 && place <= l->m->count;
}

static void edge_in(StackLower *l, LLVMBasicBlockRef block, int64_t to)
{
    LLVMPositionBuilderAtEnd(l->builder, block);
    flow_edge(l, to);
}

void flow_jump(StackLower *l)
{
    int64_t to, other;
    LLVMValueRef v = l->jump;
    if (ir_is_number(v, &to) && is_inside(l, to)) {
        flow_edge(l, to);
        return;
    }
    if (LLVMIsASelectInst(v) && ir_is_number(LLVMGetOperand(v, 1), &to) && is_inside(l, to) &&
        ir_is_number(LLVMGetOperand(v, 2), &other) && is_inside(l, other)) {
        LLVMBasicBlockRef yes = ir_block(l, ""), no = ir_block(l, "");
        LLVMBuildCondBr(l->builder, LLVMGetOperand(v, 0), yes, no);
        edge_in(l, yes, to);
        edge_in(l, no, other);
        return;
    }
    ir_leave_if(l, LLVMBuildICmp(l->builder, LLVMIntUGT, v, ir_num(l, l->m->count), ""));
    go_anywhere(l, v);
}
