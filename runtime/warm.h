// warm.h -- asks for the memory of machines before their turn.
//
// With thousands of machines each turn is short and begins with everything far away:
// the state, the ports, the rings, each on lines of its own.  So each turn asks for a
// part of what the next three need, one step per turn, because where a thing stands is
// known only when the one that points to it has come.
#ifndef RUNTIME_WARM_H
#define RUNTIME_WARM_H

#include "machine.h"

enum { WARM_LINE = 64 };

static inline void warm_lines(const void *from, const void *to)
{
    for (const char *at = from; at < (const char *)to; at += WARM_LINE)
        __builtin_prefetch(at, 1);
}

// Third in the queue: the machine itself.
static inline void warm_machine(const Machine *m)
{
    warm_lines(m, m->s.traps); // registers, which traps are native
    warm_lines(&m->s.push_ring, &m->counters_used);
}

// Second: its next instruction, and what its two first rings say of themselves.
static inline void warm_ports(const Machine *m)
{
    __builtin_prefetch(m->s.M + m->s.PC);
    __builtin_prefetch(m->in);
    __builtin_prefetch(m->out);
    if (m->s.pop_ring) {
        warm_lines(&m->s.pop_ring->r, &m->s.pop_ring->r + 1);
        __builtin_prefetch(&m->s.pop_ring->from_reader, 1);
        __builtin_prefetch(&m->s.pop_ring->park, 1);
    }
    if (m->s.push_ring) {
        warm_lines(&m->s.push_ring->w, &m->s.push_ring->w + 1);
        __builtin_prefetch(&m->s.push_ring->park, 1);
    }
}

// First: the slots that it reads and writes next.
static inline void warm_slots(const Machine *m)
{
    const Ring *in = m->s.pop_ring, *out = m->s.push_ring;
    if (in)
        __builtin_prefetch((const void *)&in->slots[in->r.head & in->r.mask]);
    if (out)
        __builtin_prefetch((const void *)&out->slots[out->w.tail & out->w.mask], 1);
}

// `first` heads a list of machines that only the caller takes from.
static inline void warm_up(const Machine *first)
{
    if (!first)
        return;
    warm_slots(first);
    if (!(first = first->next))
        return;
    warm_ports(first);
    if (first->next)
        warm_machine(first->next);
}

#endif
