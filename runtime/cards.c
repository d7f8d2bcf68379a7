#include "cards.h"

#include <unistd.h>

enum { PATIENCE_NS = 2000 }; // a TRAP waits inside for a frame that is due this soon

// The table speaks of the default dialect.
void cards_open_region(NicPort *port, const Machine *m)
{
    if (m->dialect != &dialects[0])
        return;
    for (const IsaRegion *r = lc3_isa.regions; r < lc3_isa.regions + lc3_isa.region_count; r++)
        if (!r->is_guarded && !r->is_device) {
            port->open_first = r->first;
            port->open_last = r->last;
        }
}

static bool attach(NicPort *port, const char *text, Machine **machines, uint32_t machine_count, unsigned vm,
                   Error *err)
{
    if (vm >= machine_count)
        return fail(err, "--nic=%s: there is no machine %u to feed, only 0 to %u", text, vm,
                    machine_count - 1);
    if (machines[vm]->nic)
        return fail(err, "--nic=%s: machine %u has a card already (%s)", text, vm,
                    nic_options(machines[vm]->nic->nic)->source);
    machines[vm]->nic = port;
    cards_open_region(port, machines[vm]);
    return true;
}

static bool open_card(Cards *cards, Arena *a, const CardArgument *argument, Machine **machines,
                      uint32_t machine_count, Error *err)
{
    NicOptions options;
    if (!nic_options_parse(&options, a, argument->text, cards->count, err))
        return false;
    options.filter = argument->filter;
    Nic *nic = nic_open(&options, err);
    if (!nic)
        return false;
    cards->nics[cards->count++] = nic;
    for (unsigned i = 0; i < options.vm_count; i++)
        if (!attach(nic_port(nic, options.vm[i]), argument->text, machines, machine_count, options.vm[i],
                    err))
            return false;
    return true;
}

bool cards_open(Cards *cards, Arena *a, const CardArgument *arguments, size_t count, Machine **machines,
                uint32_t machine_count, Error *err)
{
    *cards = (Cards){ .nics = arena_array(a, Nic *, count + 1) };
    for (size_t i = 0; i < count; i++)
        if (!open_card(cards, a, &arguments[i], machines, machine_count, err))
            return false;
    return true;
}

bool cards_start(const Cards *cards, uint32_t machine_count, Error *err)
{
    const bool has_core_each = (long)machine_count <= sysconf(_SC_NPROCESSORS_ONLN);
    return nic_start(cards->nics, cards->count, has_core_each ? PATIENCE_NS : 0, err);
}

void cards_stop(const Cards *cards)
{
    for (unsigned i = 0; i < cards->count; i++)
        nic_stop(cards->nics[i]);
}

void cards_write_notes(Writer *w, const Cards *cards)
{
    for (unsigned i = 0; i < cards->count; i++)
        if (nic_note(cards->nics[i]))
            write_format(w, "lc3run: warning: %s\n", nic_note(cards->nics[i]));
}

void cards_write_text(Writer *w, const Cards *cards)
{
    for (unsigned i = 0; i < cards->count; i++)
        nic_write_text(w, cards->nics[i]);
}

void cards_write_json(Writer *w, const Cards *cards)
{
    write_text(w, "[");
    for (unsigned i = 0; i < cards->count; i++) {
        if (i)
            write_text(w, ",");
        nic_write_json(w, cards->nics[i]);
    }
    write_text(w, "]");
}

bool cards_save(const Cards *cards, Error *err)
{
    bool ok = true;
    for (unsigned i = 0; i < cards->count; i++)
        ok = nic_save(cards->nics[i], err) && ok;
    return ok;
}

void cards_close(Cards *cards)
{
    for (unsigned i = 0; i < cards->count; i++)
        nic_close(cards->nics[i]);
    cards->count = 0;
}
