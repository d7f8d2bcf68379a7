// Where execution goes: warnings about programs that assemble but do not do
// what their authors think.
//
// Statements are the nodes.  Main is what the start reaches, a subroutine what
// a direct call reaches; what is reached by neither but named somewhere (a
// table of addresses, LEA) is loose, and little is said about it.
#include "unit.h"

#include <string.h>

enum {
    NOBODY, // not reached
    LOOSE,
    MAIN,
    SUBROUTINES, // and its number
};

enum {
    BLOCKS_MAX = 64,     // beyond that the flow is not looked at
    ROUTINE_MAX = 4000,  // statements of a subroutine that are looked at
    VISITS_MAX = 400000, // over all subroutines
};

typedef struct {
    size_t entry;
    bool comes_back; // some path returns, or leaves for a place unknown
    bool has_halt, has_unsaved;
} Routine;

typedef struct {
    Unit *u;
    uint32_t **at;   // per block and offset: the statement that begins there, plus one
    uint32_t *owner; // per statement
    bool *has_label, *is_entry;
    uint32_t *routine; // per entry: its number
    LIST(Routine) routines;
    LIST(uint32_t) todo;
    uint32_t *seen; // per statement: the walk that saw it last
    uint32_t walk;
    size_t visits;
    bool has_indirect;
    bool *is_table; // per statement: taken for an entry of a table of jumps
} Flow;

static bool is_code(const Statement *s)
{
    return s->op && s->op->directive == DIR_NONE && s->words;
}

static const Block *block_of(const Flow *f, size_t statement, size_t *index)
{
    for (size_t b = 0; b < f->u->blocks.count; b++)
        if (statement >= f->u->blocks.at[b].statement && statement < f->u->blocks.at[b].statement_end) {
            *index = b;
            return &f->u->blocks.at[b];
        }
    return NULL;
}

static uint16_t word_of(const Flow *f, size_t statement)
{
    size_t b;
    return block_of(f, statement, &b)->words[f->u->statements.at[statement].offset];
}

static uint16_t address_of(const Flow *f, size_t statement)
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

static Span span_of(const Flow *f, size_t statement)
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

static bool call_comes_back(const Flow *f, size_t statement)
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
    if (!(s->roles & ISA_JUMP) || s->roles & ISA_COND || (is_call && call_comes_back(f, statement))) {
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
static const char *halt_name(const Unit *u)
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
        if (unit_warn(u, WARN_MISSING_HALT, span_of(f, from), "execution runs off the end of the block here"))
            unit_hint(u, "end the program with a %s or a jump", halt_name(u));
        return;
    }
    if (unit_warn(u, WARN_FALLS_INTO_DATA, span_of(f, from), "execution runs from here into data")) {
        unit_note(u, span_of(f, (size_t)to), "the data is here");
        unit_hint(u, "a %s, a return or a jump is missing between them", halt_name(u));
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
                unit_warn(u, WARN_FALLS_INTO_SUBROUTINE, span_of(f, i),
                          "execution runs from here into a subroutine")) {
                unit_note(u, span_of(f, (size_t)next[k]), "the subroutine begins here");
                unit_hint(u, "a %s, a return or a jump is missing between them", halt_name(u));
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
                target = statement_at(f, word_of(f, i));
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

// ------------------------------------------------------------ what was found

static void warn_about_unreachable(Flow *f)
{
    Unit *u = f->u;
    for (size_t b = 0; b < u->blocks.count; b++) {
        const Block *block = &u->blocks.at[b];
        for (size_t i = block->statement; i < block->statement_end; i++) {
            if (!is_code(&u->statements.at[i]) || f->owner[i] != NOBODY)
                continue;
            const size_t first = i;
            while (i < block->statement_end && is_code(&u->statements.at[i]) && f->owner[i] == NOBODY)
                i++;
            if (unit_warn(u, WARN_UNREACHABLE, span_of(f, first), "nothing leads to this code (%zu %s)",
                          i - first, i - first == 1 ? "instruction" : "instructions"))
                unit_hint(u, "give it a label that something jumps to, or remove it");
        }
    }
}

static void warn_about_ends(Flow *f)
{
    Unit *u = f->u;
    for (size_t i = 0; i < u->statements.count; i++) {
        const Statement *s = &u->statements.at[i];
        if (!is_code(s))
            continue;
        if (f->owner[i] == MAIN && s->roles & ISA_RETURN && s->roles & ISA_INDIRECT &&
            !(s->roles & ISA_LOAD)) {
            if (unit_warn(u, WARN_RET_IN_MAIN, span_of(f, i),
                          "the main program returns, but nobody called it"))
                unit_hint(u, "end the program with a %s", halt_name(u));
        } else if (f->owner[i] >= SUBROUTINES && s->roles & ISA_HALT) {
            Routine *r = &f->routines.at[f->owner[i] - SUBROUTINES];
            if (!r->has_halt && r->comes_back &&
                unit_warn(u, WARN_HALT_IN_SUBROUTINE, span_of(f, i),
                          "this stops the machine inside a subroutine"))
                unit_note(u, span_of(f, r->entry), "the subroutine begins here");
            r->has_halt = true;
        }
    }
}

// The register that the statement names first, or -1.
static int first_register(const Unit *u, const Statement *s)
{
    const Token *t = unit_operands(u, s);
    return s->operand_count && t->kind == TOK_REG ? t->value : -1;
}

// True when the statement keeps the link register somewhere: stores it, or
// copies it.
static bool saves_link(const Unit *u, const Statement *s)
{
    const Token *t = unit_operands(u, s);
    if (s->roles & ISA_STORE && first_register(u, s) == u->isa->link_register)
        return true;
    for (uint32_t i = 1; i < s->operand_count; i++)
        if (t[i].kind == TOK_REG && t[i].value == u->isa->link_register)
            return true;
    return false;
}

static void warn_about_links(Flow *f)
{
    Unit *u = f->u;
    if (u->isa->link_register < 0 || f->routines.count == 0)
        return;
    bool *saves = arena_array(u->arena, bool, f->routines.count);
    for (size_t i = 0; i < u->statements.count; i++)
        if (f->owner[i] >= SUBROUTINES && is_code(&u->statements.at[i]) &&
            saves_link(u, &u->statements.at[i]))
            saves[f->owner[i] - SUBROUTINES] = true;
    for (size_t i = 0; i < u->statements.count; i++) {
        const Statement *s = &u->statements.at[i];
        if (f->owner[i] < SUBROUTINES || !is_code(s) || !(s->roles & ISA_LINK) || !(s->roles & ISA_CALL))
            continue;
        const uint32_t number = f->owner[i] - SUBROUTINES;
        Routine *r = &f->routines.at[number];
        if (saves[number] || r->has_unsaved || !r->comes_back || !call_comes_back(f, i))
            continue;
        r->has_unsaved = true;
        const char *link = u->isa->register_names[u->isa->link_register];
        if (unit_warn(u, WARN_UNSAVED_LINK, span_of(f, i),
                      "this call overwrites %s, so the subroutine cannot return", link)) {
            if (r->entry != i)
                unit_note(u, span_of(f, r->entry), "the subroutine begins here");
            unit_hint(u, "store %s at its begin and load it before its return", link);
        }
    }
}

// ---------------------------------------------------------- saved registers

typedef struct {
    int reg;
    Word *label;
    size_t statement;
} Save;

enum { SAVES = 16 };

// Stores (or loads) of registers at labels, in a row.
static int collect(const Flow *f, int64_t i, unsigned role, int direction, Save *saves)
{
    int n = 0;
    for (; i >= 0 && (size_t)i < f->u->statements.count && n < SAVES; i += direction) {
        const Statement *s = &f->u->statements.at[i];
        if (!is_code(s) || !(s->roles & role) || s->roles & ISA_INDIRECT || s->operand_count != 2)
            break;
        const Token *t = unit_operands(f->u, s);
        if (t[0].kind != TOK_REG || t[1].kind != TOK_WORD)
            break;
        saves[n++] = (Save){ t[0].value, t[1].word, (size_t)i };
    }
    return n;
}

static const Save *find_label(const Save *saves, int n, const Word *label)
{
    for (int i = 0; i < n; i++)
        if (saves[i].label == label)
            return &saves[i];
    return NULL;
}

static bool saves_register(const Save *saves, int n, int reg)
{
    for (int i = 0; i < n; i++)
        if (saves[i].reg == reg)
            return true;
    return false;
}

// True when the routine loads from the label somewhere: then it is a variable.
static bool loads_label(const Flow *f, uint32_t owner, const Word *label)
{
    const size_t entry = f->routines.at[owner - SUBROUTINES].entry;
    for (size_t i = entry; i < f->u->statements.count && i < entry + ROUTINE_MAX; i++) {
        const Statement *s = &f->u->statements.at[i];
        const Token *t = unit_operands(f->u, s);
        if (f->owner[i] == owner && is_code(s) && s->roles & ISA_LOAD && s->operand_count == 2 &&
            t[1].word == label)
            return true;
    }
    return false;
}

// Compares what a subroutine stores first with what it loads before it returns.
// Only when some pair fits are the others taken for saves.
static void compare_saves(Flow *f, const Save *saved, int saves, const Save *restored, int restores)
{
    Unit *u = f->u;
    int pairs = 0;
    for (int i = 0; i < restores; i++) {
        const Save *s = find_label(saved, saves, restored[i].label);
        pairs += s && s->reg == restored[i].reg;
    }
    if (!pairs)
        return;
    for (int i = 0; i < restores; i++) {
        const Save *s = find_label(saved, saves, restored[i].label);
        if (s && s->reg != restored[i].reg && saves_register(saved, saves, restored[i].reg) &&
            unit_warn(u, WARN_SAVED_REGISTERS, span_of(f, restored[i].statement),
                      "this restores %s from where %s was saved", u->isa->register_names[restored[i].reg],
                      u->isa->register_names[s->reg]))
            unit_note(u, span_of(f, s->statement), "it was saved here");
    }
    for (int i = 0; i < saves; i++)
        if (!find_label(restored, restores, saved[i].label) &&
            !loads_label(f, f->owner[saved[i].statement], saved[i].label) &&
            unit_warn(u, WARN_SAVED_REGISTERS, span_of(f, saved[i].statement),
                      "%s is saved here, but not restored before the return",
                      u->isa->register_names[saved[i].reg]))
            unit_note(u, span_of(f, restored[0].statement), "the others are restored here");
}

static void warn_about_saves(Flow *f)
{
    Unit *u = f->u;
    if (!(u->warnings & WARNING_BIT(WARN_SAVED_REGISTERS)))
        return;
    for (size_t i = 0; i < u->statements.count; i++) {
        const Statement *s = &u->statements.at[i];
        if (f->owner[i] < SUBROUTINES || !is_code(s) || !(s->roles & ISA_RETURN) || i == 0)
            continue;
        Save saved[SAVES], restored[SAVES];
        const Routine *r = &f->routines.at[f->owner[i] - SUBROUTINES];
        const int saves = collect(f, (int64_t)r->entry, ISA_STORE, 1, saved);
        const int restores = collect(f, (int64_t)i - 1, ISA_LOAD, -1, restored);
        if (saves && restores)
            compare_saves(f, saved, saves, restored, restores);
    }
}

// -------------------------------------------------------------- conditions

// The set of conditions that a branch looks at, or -1.
static int condition(const Flow *f, size_t i, int32_t *all)
{
    const Statement *s = &f->u->statements.at[i];
    if (!is_code(s) || !(s->roles & ISA_COND))
        return -1;
    const uint16_t word = word_of(f, i);
    const IsaForm *form = isa_form(f->u->isa, word);
    if (form->suffix < 0)
        return -1;
    *all = isa_field_max(&f->u->isa->fields[form->suffix]);
    return isa_field_get(&f->u->isa->fields[form->suffix], word);
}

// AND with #0: the result is zero whatever was there.  The derived effect of the
// form says that it is an "and" with its number.
static bool makes_zero(const Flow *f, size_t i)
{
    const Statement *s = &f->u->statements.at[i];
    const IsaForm *form = isa_form(f->u->isa, word_of(f, i));
    if (!(s->roles & ISA_SETS_CC) || !strstr(form->pseudo, " & sext"))
        return false;
    const IsaField *field =
        form->operand_count ? &f->u->isa->fields[form->operand[form->operand_count - 1]] : NULL;
    return field && field->kind == ISA_SIGNED && isa_field_get(field, word_of(f, i)) == 0;
}

static int zero_condition(const Flow *f)
{
    for (int i = 0; i < f->u->isa->field_count; i++) {
        const IsaField *field = &f->u->isa->fields[i];
        const char *z = field->kind == ISA_SET ? strchr(field->letters, 'z') : NULL;
        if (z)
            return 1 << (field->hi - field->lo - (z - field->letters));
    }
    return 0;
}

static void warn_about_conditions(Flow *f)
{
    Unit *u = f->u;
    int possible = -1; // conditions that can still hold; -1 is unknown
    const int zero = zero_condition(f);
    for (size_t i = 0; i < u->statements.count; i++) {
        int32_t all = 0;
        const int set = condition(f, i, &all);
        if (set < 0) {
            if (u->statements.at[i].words)
                possible = -1;
            continue;
        }
        if (possible < 0)
            possible = i > 0 && is_code(&u->statements.at[i - 1]) && makes_zero(f, i - 1) ? zero : all;
        if (f->has_label[i])
            possible = all;
        if (possible != all && (set & possible) == 0)
            unit_warn(u, WARN_REDUNDANT_CONDITION, span_of(f, i),
                      "never taken: the conditions here are others");
        else if (possible != all && (set & possible) == possible)
            unit_warn(u, WARN_REDUNDANT_CONDITION, span_of(f, i),
                      "always taken: no other condition is left here");
        else if (u->statements.at[i].has_target &&
                 u->statements.at[i].target == (uint16_t)(address_of(f, i) + 1))
            unit_warn(u, WARN_REDUNDANT_CONDITION, span_of(f, i),
                      "this branches to the next instruction either way");
        possible &= ~set;
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
    warn_about_unreachable(&f);
    warn_about_ends(&f);
    warn_about_links(&f);
    warn_about_saves(&f);
    warn_about_conditions(&f);
}
