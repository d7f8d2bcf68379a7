#include "isa.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static unsigned width_of(const IsaField *f)
{
    return (unsigned)(f->hi - f->lo) + 1;
}

int32_t isa_field_get(const IsaField *f, uint16_t word)
{
    unsigned width = width_of(f);
    int32_t value = (word >> f->lo) & ((1 << width) - 1);
    if (f->kind == ISA_SIGNED && value >> (width - 1))
        value -= 1 << width;
    return value;
}

uint16_t isa_field_put(const IsaField *f, uint16_t word, int32_t value)
{
    unsigned mask = ((1u << width_of(f)) - 1) << f->lo;
    return (uint16_t)((word & ~mask) | (((unsigned)value << f->lo) & mask));
}

int32_t isa_field_min(const IsaField *f)
{
    return f->kind == ISA_SIGNED ? -(1 << (width_of(f) - 1)) : 0;
}

int32_t isa_field_max(const IsaField *f)
{
    return f->kind == ISA_SIGNED ? (1 << (width_of(f) - 1)) - 1 : (1 << width_of(f)) - 1;
}

const IsaForm *isa_form(const IsaTable *isa, uint16_t word)
{
    return &isa->forms[isa->decode(word)];
}

void isa_form_name(const IsaForm *form, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s%s%s", form->insn, form->form[0] ? "." : "", form->form);
}

// FNV-1a.
static uint32_t add_number(uint32_t hash, unsigned value)
{
    for (int shift = 0; shift < 16; shift += 8)
        hash = (hash ^ (value >> shift & 0xFF)) * 16777619u;
    return hash;
}

static uint32_t add_field(uint32_t hash, const IsaField *field)
{
    return add_number(add_number(hash, (unsigned)field->hi << 8 | field->lo),
                      (unsigned)field->kind << 8 | field->is_pcrel);
}

uint32_t isa_form_encoding(const IsaTable *isa, const IsaForm *form)
{
    uint32_t hash = add_number(add_number(2166136261u, form->mask), form->match);
    for (int i = 0; i < form->operand_count; i++)
        hash = add_field(hash, &isa->fields[form->operand[i]]);
    return form->suffix >= 0 ? add_field(hash, &isa->fields[form->suffix]) : hash;
}

const IsaForm *isa_form_find(const IsaTable *isa, const char *name)
{
    char known[64];
    for (int i = 0; i < isa->form_count; i++) {
        isa_form_name(&isa->forms[i], known, sizeof known);
        if (!(isa->forms[i].roles & ISA_RESERVED) && strcmp(known, name) == 0)
            return &isa->forms[i];
    }
    return NULL;
}

const IsaTrap *isa_trap(const IsaTable *isa, uint16_t vector)
{
    for (int i = 0; i < isa->trap_count; i++)
        if (isa->traps[i].vector == vector)
            return &isa->traps[i];
    return NULL;
}

// The alias that fixes the most bits of the word, or NULL.  `printed` asks for
// one that the disassembler may write.
static const IsaAlias *find_alias(const IsaTable *isa, uint16_t word, uint8_t form, bool printed)
{
    const IsaAlias *best = NULL;
    for (int i = 0; i < isa->alias_count; i++) {
        const IsaAlias *a = &isa->aliases[i];
        if (a->form != form || (word & a->mask) != a->word || a->roles & ISA_FOREIGN ||
            (printed && !a->is_printed))
            continue;
        if (!best || a->bind_count > best->bind_count)
            best = a;
    }
    return best;
}

// The entry of the trap table that a word asks for, or NULL.
static const IsaTrap *trap_of(const IsaTable *isa, const IsaForm *form, uint16_t word)
{
    if (!(form->roles & ISA_TRAP) || !form->operand_count)
        return NULL;
    return isa_trap(isa, (uint16_t)isa_field_get(&isa->fields[form->operand[0]], word));
}

unsigned isa_roles(const IsaTable *isa, uint16_t word)
{
    const IsaForm *form = isa_form(isa, word);
    const IsaAlias *alias = find_alias(isa, word, (uint8_t)(form - isa->forms), false);
    unsigned roles = alias ? alias->roles : form->roles;
    const IsaTrap *trap = trap_of(isa, form, word);
    if (trap)
        roles |= trap->roles;
    if (roles & ISA_HALT)
        roles &= ~(unsigned)ISA_CALL; // a service that ends the program does not come back
    return roles;
}

// The pc-relative field of a form, or NULL.
static const IsaField *pcrel_of(const IsaTable *isa, const IsaForm *form)
{
    for (int i = 0; i < form->operand_count; i++)
        if (isa->fields[form->operand[i]].is_pcrel)
            return &isa->fields[form->operand[i]];
    return NULL;
}

bool isa_target(const IsaTable *isa, uint16_t word, uint16_t address, uint16_t *target)
{
    const IsaField *field = pcrel_of(isa, isa_form(isa, word));
    if (!field)
        return false;
    *target = (uint16_t)(address + 1 + isa_field_get(field, word));
    return true;
}

// ---------------------------------------------------------------- printing

// Text that is cut when it does not fit.
typedef struct {
    char *out;
    size_t size, len;
} Out;

__attribute__((format(printf, 2, 3))) static void put(Out *o, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = o->len < o->size ? o->size - o->len : 0;
    int n = vsnprintf(room ? o->out + o->len : NULL, room, format, args);
    va_end(args);
    if (n > 0)
        o->len += (size_t)n;
}

static void put_letters(Out *o, const IsaField *f, uint16_t word)
{
    unsigned width = width_of(f);
    unsigned set = (unsigned)isa_field_get(f, word);
    for (unsigned i = 0; i < width; i++)
        if (set >> (width - 1 - i) & 1)
            put(o, "%c", f->letters[i]);
}

static void put_operand(Out *o, const IsaTable *isa, const IsaField *f, uint16_t word, const char *label)
{
    int32_t value = isa_field_get(f, word);
    if (f->is_pcrel && label)
        put(o, "%s", label);
    else if (f->kind == ISA_REG)
        put(o, "%s", isa->register_names[value]);
    else if (f->kind == ISA_HEX)
        put(o, "x%0*X", (int)(width_of(f) + 3) / 4, (unsigned)value);
    else if (f->kind == ISA_SET)
        put_letters(o, f, word);
    else
        put(o, "#%d", (int)value);
}

// The instruction as the syntax has it, whether or not its other bits are right.
static void put_instruction(Out *o, const IsaTable *isa, const IsaForm *form, uint16_t word,
                            const char *label)
{
    const IsaAlias *alias = find_alias(isa, word, (uint8_t)(form - isa->forms), true);
    const uint8_t *operand = alias ? alias->operand : form->operand;
    int count = alias ? alias->operand_count : form->operand_count;
    put(o, "%s", alias ? alias->name : form->mnemonic);
    if (!alias && form->suffix >= 0)
        put_letters(o, &isa->fields[form->suffix], word);
    for (int i = 0; i < count; i++) {
        put(o, i ? ", " : " ");
        put_operand(o, isa, &isa->fields[operand[i]], word, label);
    }
}

// A suffix without letters has no syntax: the bare mnemonic may mean another word.
static bool lacks_suffix(const IsaTable *isa, const IsaForm *form, uint16_t word)
{
    return form->suffix >= 0 && isa_field_get(&isa->fields[form->suffix], word) == 0 &&
           !find_alias(isa, word, (uint8_t)(form - isa->forms), true);
}

static void put_meaning(Out *o, const IsaTable *isa, const IsaForm *form, uint16_t word)
{
    if (form->roles & ISA_RESERVED) {
        put(o, "%s: %s", form->title, form->pseudo);
        return;
    }
    put_instruction(o, isa, form, word, NULL);
    if (lacks_suffix(isa, form, word))
        put(o, " without %s: no effect", isa->fields[form->suffix].letters);
    else
        put(o, " with ignored bits x%X", (unsigned)(word & form->ignored));
}

bool isa_print_label(const IsaTable *isa, uint16_t word, const char *label, char *out, size_t out_size,
                     char *meaning, size_t meaning_size)
{
    const IsaForm *form = isa_form(isa, word);
    Out text = { out, out_size, 0 }, why = { meaning, meaning ? meaning_size : 0, 0 };
    if (meaning_size && meaning)
        meaning[0] = 0;
    bool exact = !(form->roles & ISA_RESERVED) && (word & form->ignored) == form->ignored_ones &&
                 !lacks_suffix(isa, form, word);
    if (exact) {
        put_instruction(&text, isa, form, word, label);
        return true;
    }
    put(&text, ".FILL x%04X", (unsigned)word);
    put_meaning(&why, isa, form, word);
    return false;
}

bool isa_print(const IsaTable *isa, uint16_t word, char *out, size_t out_size, char *meaning,
               size_t meaning_size)
{
    return isa_print_label(isa, word, NULL, out, out_size, meaning, meaning_size);
}
