#include "trace.h"

#include <string.h>

static const ObjectSymbol *label_at(const Machine *m, uint16_t address)
{
    const ObjectSymbol *s = object_symbol_at(m->image->program, address);
    if ((!s || s->address != address) && m->image->os)
        s = object_symbol_at(m->image->os, address);
    return s && s->address == address ? s : NULL;
}

static void write_text_of(Writer *w, const Machine *m, uint16_t at, uint16_t word)
{
    char text[128], meaning[160], place[8];
    const char *operand = NULL;
    uint16_t target;
    if (isa_target(m->dialect->isa, word, at, &target)) {
        const ObjectSymbol *label = label_at(m, target);
        snprintf(place, sizeof place, "x%04X", target);
        operand = label ? label->name : place;
    }
    const bool is_plain = isa_print_label(m->dialect->isa, word, operand, text, sizeof text, meaning, sizeof meaning);
    write_format(w, " x%04X %-24s", word, is_plain ? text : meaning);
}

static void write_changes(Writer *w, const Trace *t, const Machine *m)
{
    static const char *const codes[] = { "none", "p", "z", "zp", "n", "np", "nz", "nzp" };
    for (int i = 0; i < m->dialect->isa->register_count; i++)
        if (m->s.R[i] != t->R[i])
            write_format(w, " %s=x%04X", m->dialect->isa->register_names[i], m->s.R[i]);
    if ((m->s.PSR ^ t->PSR) & 7)
        write_format(w, " CC=%s", codes[m->s.PSR & 7]);
    if ((m->s.PSR ^ t->PSR) & ~7)
        write_format(w, " PSR=x%04X", m->s.PSR);
    for (uint32_t i = 0; i < t->store_count && i < TRACE_STORES; i++)
        write_format(w, " M[x%04X]=x%04X", t->store[i].address, t->store[i].value);
    if (t->store_count > TRACE_STORES)
        write_format(w, " and %u more words", t->store_count - TRACE_STORES);
}

static void write_line(Trace *t, const Machine *m)
{
    Writer w = { 0 };
    const ObjectSymbol *label = label_at(m, t->at);
    if (t->is_numbered)
        write_format(&w, "%u ", m->number);
    write_format(&w, "%8llu x%04X %-16s", (unsigned long long)m->s.instructions, t->at, label ? label->name : "");
    write_text_of(&w, m, t->at, t->word);
    write_changes(&w, t, m);
    while (w.at[w.len - 1] == ' ')
        w.len--;
    write_text(&w, "\n");
    fwrite(w.at, 1, w.len, t->out);
    writer_free(&w);
}

void trace_step(Trace *t, const Machine *m, uint16_t at, uint16_t word)
{
    if (t->is_open && t->count != m->s.instructions)
        write_line(t, m);
    t->is_open = true;
    t->count = m->s.instructions;
    t->at = at;
    t->word = word;
    t->PSR = m->s.PSR;
    memcpy(t->R, m->s.R, sizeof t->R);
    t->store_count = 0;
}

void trace_store(Trace *t, uint16_t address, uint16_t value)
{
    if (t->store_count < TRACE_STORES) {
        t->store[t->store_count].address = address;
        t->store[t->store_count].value = value;
    }
    t->store_count++;
}

void trace_end(Trace *t, const Machine *m)
{
    if (t->is_open && t->count != m->s.instructions)
        write_line(t, m);
    t->is_open = false;
}
