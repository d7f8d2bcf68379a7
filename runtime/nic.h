// nic.h -- the simulated network card: captures and interfaces become frames in VMs.
//
// A card has a queue for each VM it feeds.  A capture is read before the clock
// starts; with several queues each flow goes to one of them, and from then on the
// queues share nothing.  An interface feeds one VM.
//
//     nic_open for every --nic, nic_port for every VM, nic_start when the VMs are
//     about to run, nic_stop when they have ended, nic_save, reports, nic_close.
//
// The native bodies of its TRAPs are in host_nic.c; a VM reaches them through
// its port.
#ifndef RUNTIME_NIC_H
#define RUNTIME_NIC_H

#include <pthread.h>

#include "base/writer.h"
#include "clock.h"
#include "nic_driver.h"
#include "nic_options.h"

typedef struct Nic Nic;

// What one VM sees of its card.  Writer: the thread that runs the VM.
typedef struct NicPort {
    NicQueue queue; // of a capture; an interface uses its counts and histograms
    Nic *nic;
    NicLive *live; // NULL: a capture
    bool is_ended; // the interface is gone
    bool is_held;  // live_frame waits to be taken
    bool has_stamp;
    Frame live_frame;
    uint64_t live_stamp_ns;
    uint8_t *scratch;               // bytes of live_frame
    uint16_t open_first, open_last; // where stores of this VM are always allowed; none: 1, 0
    uint64_t patience_ticks;        // a frame that is due this soon is waited for
    uint64_t sent, sent_bytes, send_failed;
} NicPort;

struct Nic {
    NicOptions options;
    const NicDriver *driver;
    FrameTable table;
    Frame *split; // the frames by queue, when there are several
    NicPort *ports;
    unsigned port_count;
    double ns_per_tick;
    uint64_t opened_ns;             // of the monotonic clock
    uint64_t start_ticks, start_ns; // of the counter, and of the capture's clock
    pthread_mutex_t sending;        // several VMs may send at once
    NicDump *dump;                  // of tx=
    NicLive *live;
};

// Loads the capture or opens the interface.  The options are copied, their texts
// are not.
Nic *nic_open(const NicOptions *options, Error *err);

// What the user should know about a capture that was loaded, or NULL.
const char *nic_note(const Nic *nic);
const NicOptions *nic_options(const Nic *nic);

// The port for a VM, or NULL when this card does not feed it.
NicPort *nic_port(Nic *nic, unsigned vm);

// Starts the clock of all cards at one moment.  Captures with rate=orig whose
// times overlap keep their distance; others start with their first frame.  A VM
// that asks less than `patience_ns` before a frame is due waits for it inside its
// TRAP: worth it when every VM has a core.
bool nic_start(Nic **nics, unsigned count, uint64_t patience_ns, Error *err);

// Nothing arrives any more; what was not read counts as dropped.  Only when the
// VMs have stopped.
void nic_stop(Nic *nic);

// ---------------------------------------------------------------- receiving

// Not for callers, nic_live.c: the same for an interface, and what else is its own.
NicStatus nic_live_look(NicPort *port, const Frame **frame, const uint8_t **bytes);
void nic_live_take(NicPort *port);
uint64_t nic_live_age_ns(const NicPort *port); // of the frame taken last
void nic_live_stop(Nic *nic);
uint64_t nic_wall_ns(void); // the clock of the kernel's stamps

// What the VM finds now.  NIC_FRAME: *frame and *bytes are valid until the next
// nic_port_take, nic_port_look or nic_port_send.
static inline NicStatus nic_port_look(NicPort *port, const Frame **frame, const uint8_t **bytes)
{
    if (port->live)
        return nic_live_look(port, frame, bytes);
    NicQueue *q = &port->queue;
    if (nic_queue_glance(q, frame)) {
        *bytes = frame_bytes(q->pool, *frame);
        return NIC_FRAME;
    }
    uint64_t now = q->is_paced ? clock_ticks() : 0;
    NicStatus status = nic_queue_look(q, now, frame);
    while (status == NIC_WAIT && q->next_due - now <= port->patience_ticks) {
        now = clock_ticks();
        status = nic_queue_look(q, now, frame);
    }
    if (status == NIC_FRAME)
        *bytes = frame_bytes(q->pool, *frame);
    q->now = now;
    return status;
}

// Takes the frame that nic_port_look has just shown.
static inline void nic_port_take(NicPort *port)
{
    if (port->live)
        nic_live_take(port);
    else
        nic_queue_take(&port->queue, port->queue.now);
}

// When the frame taken last arrived, in ns of the monotonic clock; 0 before the
// first.  With rate=max it arrives when it is asked for: now.
uint64_t nic_port_arrival_ns(NicPort *port);

// For whoever waits: nanoseconds until nic_port_look may find something else than
// NIC_WAIT; UINT64_MAX when only a file descriptor (nic_port_fd) can tell.
uint64_t nic_port_wait_ns(NicPort *port);
int nic_port_fd(NicPort *port); // of an interface, else -1

// ------------------------------------------------------------------ sending

// Sends a frame to the interface and to the capture of tx=, where there is one.
// False: the interface refused it; it is counted.
bool nic_port_send(NicPort *port, const uint8_t *bytes, unsigned length);

// ------------------------------------------------------------------ reports

typedef struct {
    uint64_t offered, received, bytes, cut;
    uint64_t dropped, dropped_full, dropped_unread;
    uint64_t sent, sent_bytes, send_failed;
} NicTotals;

// Over all queues, at any time, from any thread; offered = received + dropped
// after nic_stop.
NicTotals nic_totals(const Nic *nic);

// One object of the array "nic" in --stats=json.
void nic_write_json(Writer *w, const Nic *nic);
// The same for people, a few lines.
void nic_write_text(Writer *w, const Nic *nic);

// Completes the capture of tx=, if there is one, after nic_stop; false when it could
// not be written.
bool nic_save(Nic *nic, Error *err);

void nic_close(Nic *nic);

#endif
