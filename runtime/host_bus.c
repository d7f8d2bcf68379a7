// host_bus.c -- native bodies of the TRAPs that move words between machines.
//
// None of them waits for long: a ring that stays full or empty is named in m->wait, and
// the scheduler tries the instruction again when that has changed.
#include "machine.h"

#include "clock.h"
#include "ring.h"

static HostStatus no_port(Machine *m, const char *side, unsigned port, unsigned count)
{
    if (!count)
        return machine_fault(m, "%s port %u is not linked: this machine has no %s port", side, port, side);
    return machine_fault(m, "%s port %u is not linked: there are ports 0 to %u", side, port, count - 1);
}

static HostStatus wait_for(Machine *m, RingStatus status, WaitKind kind, uint32_t port, uint32_t need)
{
    if (status == RING_CLOSED)
        return HOST_CLOSED;
    m->wait = (Wait){ .kind = kind, .port = port, .need = need };
    return HOST_WAIT;
}

static HostStatus send(Machine *m, uint16_t port, uint16_t word)
{
    if (port >= m->out_count)
        return no_port(m, "out", port, m->out_count);
    Ring *r = m->out[port].ring;
    while (!ring_push(r, word)) {
        const RingStatus status = ring_look_writer(r, r->w.tail, 1);
        if (status != RING_OK)
            return wait_for(m, status, WAIT_SPACE, port, 1);
    }
    return HOST_DONE;
}

// An answer that is on its way is met here, not after a round through the scheduler.
static RingStatus look_for_word(Machine *m, const Ring *r)
{
    RingStatus status = ring_look_reader(r, r->r.head);
    for (uint32_t i = 0; i < m->looks && status == RING_BUSY; i++) {
        clock_relax();
        m->spins++;
        status = ring_look_reader(r, r->r.head);
    }
    return status;
}

static HostStatus receive(Machine *m, uint16_t port, uint16_t *word)
{
    if (port >= m->in_count)
        return no_port(m, "in", port, m->in_count);
    Ring *r = m->in[port].ring;
    while (!ring_pop(r, word)) {
        const RingStatus status = look_for_word(m, r);
        if (status != RING_OK)
            return wait_for(m, status, WAIT_WORD, port, 0);
    }
    return HOST_DONE;
}

HostStatus lc3_host_SEND(Lc3State *s, uint16_t word)
{
    return send(machine_of(s), 0, word);
}

HostStatus lc3_host_RECV(Lc3State *s, uint16_t *word)
{
    return receive(machine_of(s), 0, word);
}

HostStatus lc3_host_SENDTO(Lc3State *s, uint16_t word, uint16_t port)
{
    return send(machine_of(s), port, word);
}

HostStatus lc3_host_RECVFROM(Lc3State *s, uint16_t port, uint16_t *word)
{
    return receive(machine_of(s), port, word);
}

// ---------------------------------------------------------- without waiting

enum { TRY_CLOSED = 0xFFFF };
enum { TRIES = 64 }; // in a row that moved nothing, until others get the worker

static HostStatus tried(Machine *m, bool has_moved)
{
    m->tries = has_moved ? 0 : m->tries + 1;
    if (m->tries < TRIES)
        return HOST_DONE;
    m->tries = 0;
    m->is_yielding = true;
    return HOST_ATTENTION;
}

HostStatus lc3_host_TRYSEND(Lc3State *s, uint16_t word, uint16_t *result)
{
    Machine *m = machine_of(s);
    if (!m->out_count)
        return no_port(m, "out", 0, 0);
    if (ring_reader_is_closed(m->out[0].ring))
        *result = TRY_CLOSED;
    else
        *result = ring_push(m->out[0].ring, word);
    return tried(m, *result == 1);
}

HostStatus lc3_host_TRYRECV(Lc3State *s, uint16_t before, uint16_t *word, uint16_t *result)
{
    Machine *m = machine_of(s);
    if (!m->in_count)
        return no_port(m, "in", 0, 0);
    Ring *r = m->in[0].ring;
    *word = before; // when there is none
    *result = ring_pop(r, word);
    if (!*result) {
        const RingStatus status = ring_look_reader(r, r->r.head);
        if (status == RING_OK)
            *result = ring_pop(r, word);
        else if (status == RING_CLOSED)
            *result = TRY_CLOSED;
    }
    return tried(m, *result == 1);
}

// ------------------------------------------------------------------ blocks

// A block that fits into the ring is published whole.  A larger one goes out in
// parts of half a ring; what is out already is remembered over the waits.
HostStatus lc3_host_SENDN(Lc3State *s, uint16_t address, uint16_t count, uint16_t *sent)
{
    Machine *m = machine_of(s);
    if (!m->out_count)
        return no_port(m, "out", 0, 0);
    const HostStatus status = machine_check(m, address, count);
    if (status != HOST_DONE)
        return status;
    Ring *r = m->out[0].ring;
    const uint32_t capacity = ring_capacity(r), part = count <= capacity ? count : (capacity + 1) / 2;
    while (m->partial < count) {
        const uint32_t left = count - m->partial, now = left < part ? left : part;
        const uint16_t *words = machine_block(m, (uint16_t)(address + m->partial), now);
        const RingStatus pushed = ring_push_batch(r, words, now);
        if (pushed != RING_OK)
            return wait_for(m, pushed, WAIT_SPACE, 0, now);
        m->partial += now;
    }
    m->partial = 0;
    *sent = count;
    return HOST_DONE;
}

HostStatus lc3_host_RECVN(Lc3State *s, uint16_t address, uint16_t count, uint16_t *received)
{
    Machine *m = machine_of(s);
    if (!m->in_count)
        return no_port(m, "in", 0, 0);
    const HostStatus status = machine_check(m, address, count);
    if (status != HOST_DONE)
        return status;
    *received = 0;
    if (!count)
        return HOST_DONE;
    Ring *r = m->in[0].ring;
    uint32_t got;
    while (!(got = ring_pop_batch(r, machine_room(m, address, count), count))) {
        const RingStatus waiting = ring_look_reader(r, r->r.head);
        if (waiting == RING_CLOSED)
            return HOST_DONE;
        if (waiting == RING_BUSY)
            return wait_for(m, waiting, WAIT_WORD, 0, 0);
    }
    machine_fill(m, address, got);
    *received = (uint16_t)got;
    return HOST_DONE;
}
