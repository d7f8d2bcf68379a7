// The walks: what belongs to the main program, what to which subroutine.
#include "flow.h"

#include <string.h>

static const Block *block_of(const Flow *f, size_t statement, size_t *index)
{
    for (size_t b = 0; b < f->u->blocks.count; b++)
        if (statement >= f->u->blocks.at[b].statement && statement < f->u->blocks.at[b].statement_end) {
            *index = b;
            return &f->u->blocks.at[b];
        }
    return NULL;
}

uint16_t flow_word(const Flow *f, size_t statement)
{
    size_t b;
    return block_of(f, statement, &b)->words[f->u->statements.at[statement].offset];
}

uint16_t flow_address(const Flow *f, size_t statement)
{
    size_t b;
    return (uint16_t)(block_of(f, statement, &b)->origin + f->u->statements.at[statement].offset);
}

// The statement that begins at an address, or -1.
static int64_t statement_at(const Flow *f, uint16_t address)
{
    for (size_t b = 0; b < f->u->blocks.count; b++) {
        const Block *block = &f->u->blocks.at[b];
        if (address >= block->origin && address - block->origin < block->size)
            return (int64_t)f->at[b][address - block->origin] - 1;
    }
    return -1;
}

// The next statement of the block that has words, or -1 at its end.
static int64_t next_statement(const Flow *f, size_t statement)
{
    size_t b;
    const Block *block = block_of(f, statement, &b);
    for (size_t i = statement + 1; i < block->statement_end; i++)
        if (f->u->statements.at[i].words)
            return (int64_t)i;
    return -1;
}

static int64_t target_of(const Flow *f, size_t statement)
{
    const Statement *s = &f->u->statements.at[statement];
    return s->has_target ? statement_at(f, s->target) : -1;
}

Span flow_span(const Flow *f, size_t statement)
{
    const Statement *s = &f->u->statements.at[statement];
    const uint32_t end = s->operand_count ? unit_operands(f->u, s)[s->operand_count - 1].end : s->end;
    return unit_span(s->file, s->begin, end);
}

// ------------------------------------------------------------------ the map

static bool make_map(Flow *f)
{
    Unit *u = f->u;
    Arena *a = u->arena;
    const size_t count = u->statements.count;
    if (u->blocks.count == 0 || u->blocks.count > BLOCKS_MAX)
        return false;
    f->at = arena_array(a, uint32_t *, u->blocks.count);
    f->owner = arena_array(a, uint32_t, count + 1);
    f->routine = arena_array(a, uint32_t, count + 1);
    f->seen = arena_array(a, uint32_t, count + 1);
    f->is_table = arena_array(a, bool, count + 1);
    f->has_label = arena_array(a, bool, count + 1);
    f->is_entry = arena_array(a, bool, count + 1);
    for (size_t b = 0; b < u->blocks.count; b++) {
        const Block *block = &u->blocks.at[b];
        f->at[b] = arena_array(a, uint32_t, block->size + 1);
        for (size_t i = block->statement; i < block->statement_end; i++) {
            Statement *s = &u->statements.at[i];
            if (!s->words)
                continue;
            f->at[b][s->offset] = (uint32_t)i + 1;
            if (is_code(s) && s->roles & ISA_INDIRECT && s->roles & ISA_JUMP && !(s->roles & ISA_TRAP)) {
                s->roles = (uint16_t)isa_roles(u->isa, block->words[s->offset]);
                f->has_indirect |= !(s->roles & ISA_RETURN);
            }
        }
    }
    for (size_t i = 0; i < u->labels.count; i++) {
        const Word *w = u->labels.at[i];
        const uint32_t at = f->at[w->block][w->offset];
        if (at)
            f->has_label[at - 1] = true;
    }
    return true;
}

static uint32_t add_routine(Flow *f, size_t entry)
{
    if (f->is_entry[entry])
        return f->routine[entry];
    const Routine r = { .entry = entry };
    LIST_ADD(f->u->arena, &f->routines, r);
    f->is_entry[entry] = true;
    return f->routine[entry] = (uint32_t)f->routines.count - 1;
}

static void find_routines(Flow *f)
{
    for (size_t i = 0; i < f->u->statements.count; i++) {
        const Statement *s = &f->u->statements.at[i];
        if (!is_code(s) || !(s->roles & ISA_CALL) || s->roles & (ISA_INDIRECT | ISA_TRAP))
            continue;
        const int64_t target = target_of(f, i);
        if (target >= 0 && is_code(&f->u->statements.at[target]))
            add_routine(f, (size_t)target);
    }
    for (size_t i = 0; i < f->u->globals.count; i++) {
        const Word *w = f->u->globals.at[i];
        if (w->is_defined && f->at[w->block][w->offset] &&
            is_code(&f->u->statements.at[f->at[w->block][w->offset] - 1]))
            add_routine(f, f->at[w->block][w->offset] - 1);
    }
}

// ---------------------------------------------------------------- the walks

bool flow_comes_back(const Flow *f, size_t statement)
{
    const Statement *s = &f->u->statements.at[statement];
    if (s->roles & (ISA_INDIRECT | ISA_TRAP))
        return true;
    const int64_t target = target_of(f, statement);
    return target < 0 || !f->is_entry[target] || f->routines.at[f->routine[target]].comes_back;
}

// Where a statement may go: up to two statements.  *falls says that the first is
// the next word; *leaves that it goes where nobody can see.
static int successors(const Flow *f, size_t statement, int64_t next[2], bool *falls, bool *leaves)
{
    const Statement *s = &f->u->statements.at[statement];
    *falls = *leaves = false;
    if (s->roles & ISA_HALT)
        return 0;
    if (s->roles & ISA_RETURN) {
        *leaves = true;
        return 0;
    }
    int n = 0;
    const bool is_call = s->roles & ISA_CALL;
    if (!(s->roles & ISA_JUMP) || s->roles & ISA_COND || (is_call && flow_comes_back(f, statement))) {
        *falls = true;
        next[n++] = next_statement(f, statement);
    }
    if (s->roles & ISA_JUMP && !is_call) {
        const int64_t target = s->roles & ISA_INDIRECT ? -1 : target_of(f, statement);
        if (target < 0)
            *leaves = true;
        else
            next[n++] = target;
    }
    return n;
}

// Whether a subroutine has a way back to its caller.
static bool find_way_back(Flow *f, size_t entry)
{
    size_t visits = 0;
    f->walk++;
    f->todo.count = 0;
    LIST_ADD(f->u->arena, &f->todo, (uint32_t)entry);
    while (f->todo.count) {
        const uint32_t i = f->todo.at[--f->todo.count];
        if (!is_code(&f->u->statements.at[i]))
            return true; // into data: nobody knows what happens there
        if (f->seen[i] == f->walk)
            continue;
        f->seen[i] = f->walk;
        if (++visits > ROUTINE_MAX || ++f->visits > VISITS_MAX)
            return true;
        int64_t next[2];
        bool falls, leaves;
        const int n = successors(f, i, next, &falls, &leaves);
        if (leaves)
            return true;
        for (int k = 0; k < n; k++) {
            if (next[k] < 0)
                return true;
            LIST_ADD(f->u->arena, &f->todo, (uint32_t)next[k]);
        }
    }
    return false;
}

// A call of the next word that never returns only asks for its address.
static void drop_address_calls(Flow *f)
{
    for (size_t i = 0; i < f->routines.count; i++) {
        const Routine *r = &f->routines.at[i];
        const Statement *s = &f->u->statements.at[r->entry], *before = s - 1;
        if (r->entry > 0 && !r->comes_back && is_code(before) && before->roles & ISA_CALL &&
            !(before->roles & (ISA_INDIRECT | ISA_TRAP)) && target_of(f, r->entry - 1) == (int64_t)r->entry)
            f->is_entry[r->entry] = false;
    }
}

// What the machine calls its way to stop.
const char *flow_halt_name(const Unit *u)
{
    for (int i = 0; i < u->isa->alias_count; i++)
        if (u->isa->aliases[i].roles & ISA_HALT && u->isa->aliases[i].operand_count == 0)
            return u->isa->aliases[i].name;
    return "stop";
}

static void warn_about_data(Flow *f, size_t from, int64_t to)
{
    Unit *u = f->u;
    const Statement *s = &u->statements.at[from];
    if (s->roles & ISA_CALL && !(s->roles & ISA_TRAP) && s->roles & ISA_INDIRECT)
        return; // nobody knows whether it comes back
    if (to < 0) {
        if (unit_warn(u, WARN_MISSING_HALT, flow_span(f, from),
                      "execution runs off the end of the block here"))
            unit_hint(u, "end the program with a %s or a jump", flow_halt_name(u));
        return;
    }
    if (unit_warn(u, WARN_FALLS_INTO_DATA, flow_span(f, from), "execution runs from here into data")) {
        unit_note(u, flow_span(f, (size_t)to), "the data is here");
        unit_hint(u, "a %s, a return or a jump is missing between them", flow_halt_name(u));
    }
}

// One step of a walk that gives statements to an owner.
static void step(Flow *f, uint32_t i, uint32_t owner)
{
    Unit *u = f->u;
    int64_t next[2];
    bool falls, leaves;
    const int n = successors(f, i, next, &falls, &leaves);
    for (int k = 0; k < n; k++) {
        const bool is_fall = falls && k == 0;
        if (next[k] >= 0 && is_code(&u->statements.at[next[k]])) {
            if (is_fall && owner != LOOSE && f->is_entry[next[k]] &&
                unit_warn(u, WARN_FALLS_INTO_SUBROUTINE, flow_span(f, i),
                          "execution runs from here into a subroutine")) {
                unit_note(u, flow_span(f, (size_t)next[k]), "the subroutine begins here");
                unit_hint(u, "a %s, a return or a jump is missing between them", flow_halt_name(u));
            }
            if (!(is_fall && f->is_entry[next[k]]) && f->owner[next[k]] == NOBODY)
                LIST_ADD(u->arena, &f->todo, (uint32_t)next[k]);
        } else if (is_fall && (next[k] < 0 || u->statements.at[next[k]].op)) {
            warn_about_data(f, i, next[k]);
        }
    }
}

static void walk(Flow *f, size_t entry, uint32_t owner)
{
    f->todo.count = 0;
    LIST_ADD(f->u->arena, &f->todo, (uint32_t)entry);
    while (f->todo.count) {
        const uint32_t i = f->todo.at[--f->todo.count];
        if (f->owner[i] != NOBODY || !is_code(&f->u->statements.at[i]))
            continue;
        f->owner[i] = owner;
        step(f, i, owner);
    }
}

// The start of the program: its first block in user memory.
static int64_t find_start(const Flow *f)
{
    for (size_t b = 0; b < f->u->blocks.count; b++) {
        const Block *block = &f->u->blocks.at[b];
        if (block->origin >= 0x3000 && block->size && !block->is_floating && f->at[b][0] &&
            is_code(&f->u->statements.at[f->at[b][0] - 1]))
            return (int64_t)f->at[b][0] - 1;
        if (block->origin >= 0x3000 && block->size)
            return -1;
    }
    return -1;
}

// What is named other than by a jump or call: an address is taken, so it can be
// reached from anywhere.
static void walk_named(Flow *f)
{
    Unit *u = f->u;
    for (size_t i = 0; i < u->statements.count; i++) {
        const Statement *s = &u->statements.at[i];
        int64_t target = -1;
        if (is_code(s) && !(s->roles & ISA_JUMP)) {
            target = target_of(f, i);
        } else if (s->op && s->op->directive == DIR_FILL && s->words) {
            const Token *t = unit_operands(u, s);
            if (t->kind == TOK_WORD)
                target = statement_at(f, flow_word(f, i));
        }
        if (target < 0)
            continue;
        walk(f, (size_t)target, LOOSE);
        // A table of jumps is entered anywhere.
        for (size_t k = (size_t)target;
             f->has_indirect && k < u->statements.count && is_code(&u->statements.at[k]) && !f->is_table[k];
             k++) {
            f->is_table[k] = true;
            walk(f, k, LOOSE);
        }
    }
}

void flow_check(Unit *u)
{
    Flow f = { .u = u };
    if (!make_map(&f))
        return;
    find_routines(&f);
    for (size_t i = 0; i < f.routines.count; i++)
        f.routines.at[i].comes_back = true;
    for (size_t i = 0; i < f.routines.count; i++)
        f.routines.at[i].comes_back = find_way_back(&f, f.routines.at[i].entry);
    drop_address_calls(&f);
    const int64_t start = find_start(&f);
    if (start >= 0)
        walk(&f, (size_t)start, f.is_entry[start] ? LOOSE : MAIN);
    for (size_t i = 0; i < f.routines.count; i++)
        walk(&f, f.routines.at[i].entry, SUBROUTINES + (uint32_t)i);
    for (size_t b = 0; b < u->blocks.count; b++)
        if (f.at[b][0])
            walk(&f, f.at[b][0] - 1, LOOSE);
    walk_named(&f);
    flow_report(&f);
}
