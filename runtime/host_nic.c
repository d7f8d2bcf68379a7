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
static void deliver(Machine *m, uint16_t at, const Frame *f, const uint8_t *bytes, uint32_t words)
{
    const uint32_t held = words_of(f->held) < words ? words_of(f->held) : words;
    uint16_t *to = machine_room(m, at, words);
    nic_copy(to, bytes, held);
    if (held < words)
        memset(to + held, 0, (words - held) * sizeof *to);
    machine_fill(m, at, words);
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
    const HostStatus allowed = machine_check(m, at, words);
    if (allowed != HOST_DONE)
        return allowed; // the frame stays where it is
    deliver(m, at, f, bytes, words);
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
