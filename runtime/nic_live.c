// nic_live.c -- a card on an interface, read through the driver.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nic.h"
#include "nic_link.h"

uint64_t nic_wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// The kernel stamps with the wall clock.
uint64_t nic_live_age_ns(const NicPort *port)
{
    const uint64_t now = nic_wall_ns();
    return now > port->live_stamp_ns ? now - port->live_stamp_ns : 0;
}

// Puts the frame into the scratch, as Ethernet.  False: it cannot be used, and counts
// as one without its link header.
static bool hold_frame(NicPort *port, const LiveFrame *f)
{
    LinkFront front;
    const uint32_t length = f->length < f->held ? f->held : f->length;
    if (!length || !link_front(f->link, f->bytes, f->held, &front) ||
        length - front.skip + front.size > FRAME_LENGTH_MAX)
        return false;
    const uint32_t body = f->held - front.skip;
    memcpy(port->scratch, front.bytes, front.size);
    memcpy(port->scratch + front.size, f->bytes + front.skip, body);
    port->scratch[front.size + body] = 0; // the other half of an odd last word
    port->live_frame = (Frame){
        .length = (uint16_t)(length - front.skip + front.size),
        .held = (uint16_t)(front.size + body),
    };
    port->live_stamp_ns = f->stamp_ns;
    return true;
}

NicStatus nic_live_look(NicPort *port, const Frame **frame, const uint8_t **bytes)
{
    const NicDriver *driver = port->nic->driver;
    Error err;
    while (!port->is_held && !port->is_ended) {
        LiveFrame f;
        const LiveStatus status = driver->live_next(port->live, &f, &err);
        if (status == LIVE_NONE)
            return NIC_WAIT;
        if (status == LIVE_FRAME) {
            port->is_held = hold_frame(port, &f);
            port->nic->table.found.runt += !port->is_held;
            continue;
        }
        port->is_ended = true;
        snprintf(port->nic->table.note, sizeof port->nic->table.note, "%.60s: %.180s",
                 port->nic->options.source, err.text);
    }
    *frame = &port->live_frame;
    *bytes = port->scratch;
    return port->is_held ? NIC_FRAME : NIC_ENDED;
}

void nic_live_take(NicPort *port)
{
    NicQueue *q = &port->queue;
    port->is_held = false;
    port->has_stamp = true;
    nic_count(&q->counts.offered, 1);
    nic_count(&q->counts.received, 1);
    nic_count(&q->counts.bytes, port->live_frame.length);
    if (port->live_frame.held < port->live_frame.length)
        nic_count(&q->counts.cut, 1);
    histogram_record(&q->delay, (uint64_t)((double)nic_live_age_ns(port) / port->nic->ns_per_tick));
}

// What the kernel still holds was never read.  At most a ring of it: the
// interface may go on receiving.
void nic_live_stop(Nic *nic)
{
    NicPort *port = &nic->ports[0];
    LiveFrame f;
    Error err;
    uint64_t unread = port->is_held;
    while (unread < nic->options.ring && nic->driver->live_next(nic->live, &f, &err) == LIVE_FRAME)
        unread++;
    const uint64_t full = nic->driver->live_dropped(nic->live);
    NicCounts *counts = &port->queue.counts;
    nic_count(&counts->offered, unread + full);
    nic_count(&counts->dropped, unread + full);
    nic_count(&counts->dropped_unread, unread);
    nic_count(&counts->dropped_full, full);
    port->is_held = false;
    port->is_ended = true;
}
