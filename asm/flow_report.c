// What is suspicious about where execution goes.
#include "flow.h"

#include <string.h>

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
            if (unit_warn(u, WARN_UNREACHABLE, flow_span(f, first), "nothing leads to this code (%zu %s)",
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
            if (unit_warn(u, WARN_RET_IN_MAIN, flow_span(f, i),
                          "the main program returns, but nobody called it"))
                unit_hint(u, "end the program with a %s", flow_halt_name(u));
        } else if (f->owner[i] >= SUBROUTINES && s->roles & ISA_HALT) {
            Routine *r = &f->routines.at[f->owner[i] - SUBROUTINES];
            if (!r->has_halt && r->comes_back &&
                unit_warn(u, WARN_HALT_IN_SUBROUTINE, flow_span(f, i),
                          "this stops the machine inside a subroutine"))
                unit_note(u, flow_span(f, r->entry), "the subroutine begins here");
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
        if (saves[number] || r->has_unsaved || !r->comes_back || !flow_comes_back(f, i))
            continue;
        r->has_unsaved = true;
        const char *link = u->isa->register_names[u->isa->link_register];
        if (unit_warn(u, WARN_UNSAVED_LINK, flow_span(f, i),
                      "this call overwrites %s, so the subroutine cannot return", link)) {
            if (r->entry != i)
                unit_note(u, flow_span(f, r->entry), "the subroutine begins here");
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
            unit_warn(u, WARN_SAVED_REGISTERS, flow_span(f, restored[i].statement),
                      "this restores %s from where %s was saved", u->isa->register_names[restored[i].reg],
                      u->isa->register_names[s->reg]))
            unit_note(u, flow_span(f, s->statement), "it was saved here");
    }
    for (int i = 0; i < saves; i++)
        if (!find_label(restored, restores, saved[i].label) &&
            !loads_label(f, f->owner[saved[i].statement], saved[i].label) &&
            unit_warn(u, WARN_SAVED_REGISTERS, flow_span(f, saved[i].statement),
                      "%s is saved here, but not restored before the return",
                      u->isa->register_names[saved[i].reg]))
            unit_note(u, flow_span(f, restored[0].statement), "the others are restored here");
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
    const uint16_t word = flow_word(f, i);
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
    const IsaForm *form = isa_form(f->u->isa, flow_word(f, i));
    if (!(s->roles & ISA_SETS_CC) || !strstr(form->pseudo, " & sext"))
        return false;
    const IsaField *field =
        form->operand_count ? &f->u->isa->fields[form->operand[form->operand_count - 1]] : NULL;
    return field && field->kind == ISA_SIGNED && isa_field_get(field, flow_word(f, i)) == 0;
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
            unit_warn(u, WARN_REDUNDANT_CONDITION, flow_span(f, i),
                      "never taken: the conditions here are others");
        else if (possible != all && (set & possible) == possible)
            unit_warn(u, WARN_REDUNDANT_CONDITION, flow_span(f, i),
                      "always taken: no other condition is left here");
        else if (u->statements.at[i].has_target &&
                 u->statements.at[i].target == (uint16_t)(flow_address(f, i) + 1))
            unit_warn(u, WARN_REDUNDANT_CONDITION, flow_span(f, i),
                      "this branches to the next instruction either way");
        possible &= ~set;
    }
}

void flow_report(Flow *f)
{
    warn_about_unreachable(f);
    warn_about_ends(f);
    warn_about_links(f);
    warn_about_saves(f);
    warn_about_conditions(f);
}
