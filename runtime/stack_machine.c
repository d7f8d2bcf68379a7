#include "stack_machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// ------------------------------------------------------------------ memory

// Pages that cost nothing until they are touched.
static void *reserve(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static size_t values_size(const StackMachine *m)
{
    return (STACK_SENTINELS + m->table->stacks[0].limit + 1) * sizeof(StackValue);
}

static bool open_stacks(StackMachine *m)
{
    const StackTable *t = m->table;
    StackValue *values = reserve(values_size(m));
    if (!values)
        return false;
    for (int i = 0; i < STACK_SENTINELS; i++)
        values[i] = (StackValue){ 0, STACK_NONE };
    m->base = m->sp = values + STACK_SENTINELS;
    m->limit = m->base + t->stacks[0].limit;
    const int64_t slack = m->count + 64; // no operation leaves 64 values more than it takes
    int growth = 1;
    for (int i = 0; i < t->op_count; i++)
        if (t->ops[i].outputs - t->ops[i].inputs > growth)
            growth = t->ops[i].outputs - t->ops[i].inputs;
    m->high = slack * growth < m->limit - m->base ? m->limit - slack * growth : m->base - 1;
    for (int i = 1; i < t->stack_count; i++) {
        m->raw[i].base = m->raw[i].top = reserve(t->stacks[i].limit * sizeof(int64_t));
        if (!m->raw[i].base)
            return false;
        m->raw[i].limit = m->raw[i].base + t->stacks[i].limit;
    }
    return true;
}

// The longest superinstruction whose parts stand at `i`, or the word itself.
static uint16_t fuse_at(const StackMachine *m, int64_t i)
{
    const StackTable *t = m->table;
    int best = -1;
    for (int f = 0; f < t->fuse_count; f++) {
        const StackFuse *fuse = &t->fuses[f];
        if (fuse->count == 0 || i + fuse->count > m->count ||
            (best >= 0 && fuse->count <= t->fuses[best].count))
            continue;
        if (memcmp(m->words + i, fuse->words, (size_t)fuse->count * sizeof *fuse->words) == 0)
            best = f;
    }
    return best < 0 ? m->words[i] : (uint16_t)(stack_end(t) + 1 + best);
}

bool stack_machine_init(StackMachine *m, const StackKind *kind, const StackProgram *program, Error *err)
{
    *m = (StackMachine){ .table = kind->table, .program = program, .count = (int64_t)program->code.count };
    const size_t slots = program->code.count + 1;
    m->words = malloc(slots * sizeof *m->words);
    m->fused = malloc(slots * sizeof *m->fused);
    m->slots = calloc(slots, sizeof *m->slots);
    m->at = -1;
    m->fault.error = -1;
    m->garbage_limit = 1 << 20;
    if (!m->words || !m->fused || !m->slots || !open_stacks(m)) {
        stack_machine_free(m);
        return fail(err, "not enough memory for the stacks");
    }
    for (size_t i = 0; i < program->code.count; i++) {
        m->words[i] = program->code.at[i].word;
        m->slots[i].n = program->code.at[i].value.n;
    }
    m->words[m->count] = (uint16_t)stack_end(m->table);
    for (int64_t i = 0; i <= m->count; i++)
        m->fused[i] = fuse_at(m, i);
    return true;
}

void stack_machine_free(StackMachine *m)
{
    for (StackString *s = m->strings, *next; s; s = next) {
        next = s->next;
        free(s);
    }
    free(m->words);
    free(m->fused);
    free(m->slots);
    if (m->base)
        munmap(m->base - STACK_SENTINELS, values_size(m));
    for (int i = 1; i < STACK_COUNT; i++)
        if (m->raw[i].base)
            munmap(m->raw[i].base, (size_t)(m->raw[i].limit - m->raw[i].base) * sizeof(int64_t));
    *m = (StackMachine){ 0 };
}

void stack_machine_push(StackMachine *m, StackValue v)
{
    *m->sp++ = v;
}

size_t stack_machine_room(const StackMachine *m)
{
    return (size_t)(m->limit - m->sp);
}

// ------------------------------------------------------------------- texts

// A program that collects texts without end is no reason to fill the host's memory.
static const size_t texts_bytes = (size_t)1 << 28; // those that are dead but not yet freed included

StackString *stack_machine_string(StackMachine *m, const char *bytes, size_t size)
{
    if (m->garbage > texts_bytes)
        need_memory(NULL);
    StackString *s = need_memory(malloc(sizeof *s + size));
    *s = (StackString){ .next = m->strings, .size = size };
    memcpy(s->bytes, bytes, size);
    m->strings = s;
    m->garbage += sizeof *s + size;
    return s;
}

// Marks what the stack holds and frees the rest.  Texts of the program are marked too,
// but they are not in the chain.
void stack_machine_collect(StackMachine *m)
{
    const StackTable *t = m->table;
    for (StackValue *v = m->base; v < m->sp; v++)
        if (t->variants[v->tag].payload == STACK_STR)
            ((StackString *)(intptr_t)v->n)->is_marked = true;
    size_t kept = 0;
    for (StackString **at = &m->strings; *at;) {
        StackString *s = *at;
        if (s->is_marked) {
            s->is_marked = false;
            kept += sizeof *s + s->size;
            at = &s->next;
        } else {
            *at = s->next;
            free(s);
        }
    }
    m->garbage = kept;
    m->garbage_limit = kept < 1 << 19 ? 1 << 20 : kept * 2;
}

bool stack_machine_refuse(StackMachine *m, const char *reason)
{
    m->fault.reason = reason;
    return false;
}
