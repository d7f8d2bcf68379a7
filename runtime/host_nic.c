// The native bodies of the card's TRAPs.
#include "machine.h"
#include "nic.h"
#include "nic_copy.h"

static uint32_t words_of(uint32_t bytes)
{
    return (bytes + 1) / 2;
}

static HostStatus no_card(Machine *m)
{
    return machine_fault(m, "this VM has no network card (--nic)");
}

// The frame's words as far as they were captured; zeros for what a snap length
// cut off, so that nothing of an earlier frame shows through.
static inline void put_words(uint16_t *to, const Frame *f, const uint8_t *bytes, uint32_t words)
{
    const uint32_t held = words_of(f->held);
    if (held >= words) {
        nic_copy(to, bytes, words);
        return;
    }
    nic_copy(to, bytes, held);
    memset(to + held, 0, (words - held) * sizeof *to);
}

// Where nothing has to be asked and nobody watches: this costs as little as a frame
// of 64 bytes deserves.
static inline bool put_fast(Machine *m, uint16_t at, const Frame *f, const uint8_t *bytes, uint32_t words)
{
    const NicPort *port = m->nic;
    if (at < port->open_first || at + words > port->open_last + 1u || m->watch ||
        machine_has_code(m, at, words))
        return false;
    put_words(m->s.M + at, f, bytes, words);
    return true;
}

static HostStatus put(Machine *m, uint16_t at, const Frame *f, const uint8_t *bytes, uint32_t words)
{
    const HostStatus allowed = machine_check(m, at, words);
    if (allowed != HOST_DONE)
        return allowed; // the frame stays where it is
    put_words(machine_room(m, at, words), f, bytes, words);
    machine_fill(m, at, words);
    return HOST_DONE;
}

HostStatus lc3_host_NICRX(Lc3State *s, uint16_t at, uint16_t room, uint16_t *length)
{
    Machine *m = machine_of(s);
    if (!m->nic)
        return no_card(m);
    const Frame *f;
    const uint8_t *bytes;
    const NicStatus status = nic_port_look(m->nic, &f, &bytes);
    if (status == NIC_WAIT) {
        m->wait = (Wait){ .kind = WAIT_FRAME };
        return HOST_WAIT;
    }
    if (status == NIC_ENDED) {
        *length = 0;
        return HOST_DONE;
    }
    const uint32_t words = words_of(f->length) < room ? words_of(f->length) : room;
    if (!put_fast(m, at, f, bytes, words)) {
        const HostStatus done = put(m, at, f, bytes, words);
        if (done != HOST_DONE)
            return done;
    }
    *length = f->length;
    nic_port_take(m->nic);
    return HOST_DONE;
}

HostStatus lc3_host_NICTX(Lc3State *s, uint16_t at, uint16_t length)
{
    Machine *m = machine_of(s);
    if (!m->nic)
        return no_card(m);
    const uint32_t words = words_of(length);
    const HostStatus allowed = machine_check(m, at, words);
    if (allowed != HOST_DONE)
        return allowed;
    uint8_t frame[FRAME_LENGTH_MAX];
    nic_copy_out(frame, machine_block(m, at, words), length);
    nic_port_send(m->nic, frame, length); // what the interface refuses is counted, as on a wire
    return HOST_DONE;
}

HostStatus lc3_host_NICTIME(Lc3State *s, uint16_t at)
{
    Machine *m = machine_of(s);
    if (!m->nic)
        return no_card(m);
    const HostStatus allowed = machine_check(m, at, 4);
    if (allowed != HOST_DONE)
        return allowed;
    const uint64_t ns = nic_port_arrival_ns(m->nic);
    for (unsigned i = 0; i < 4; i++)
        machine_store(m, (uint16_t)(at + i), (uint16_t)(ns >> (48 - 16 * i)));
    return HOST_DONE;
}
