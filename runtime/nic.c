#include "nic.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "nic_link.h"

enum { CALIBRATE_NS = 20000000 }; // makes the rate of the counter good to 2 parts in a million

// --------------------------------------------------------------------- open

// How many frames each queue gets; fills in the queue of each frame.
static void count_flows(const Nic *nic, uint8_t *queue_of, uint32_t *counts)
{
    for (size_t i = 0; i < nic->table.count; i++) {
        const Frame *f = &nic->table.frames[i];
        const uint32_t hash = link_flow(frame_bytes(nic->table.bytes, f), f->held);
        queue_of[i] = (uint8_t)(hash % nic->port_count);
        counts[queue_of[i]]++;
    }
}

// Sorts the frames into their queues, each in the order of the capture.
static bool split_flows(Nic *nic, Frame **first, uint32_t *counts, Error *err)
{
    uint8_t *queue_of = malloc(nic->table.count + 1);
    nic->split = malloc((nic->table.count + 1) * sizeof *nic->split);
    if (!queue_of || !nic->split) {
        free(queue_of);
        return fail(err, "no memory for the frames of a capture");
    }
    count_flows(nic, queue_of, counts);
    Frame *end[NIC_QUEUES_MAX], *at = nic->split;
    for (unsigned i = 0; i < nic->port_count; i++) {
        first[i] = end[i] = at;
        at += counts[i];
    }
    for (size_t i = 0; i < nic->table.count; i++)
        *end[queue_of[i]]++ = nic->table.frames[i];
    free(queue_of);
    return true;
}

static bool make_queues(Nic *nic, Error *err)
{
    Frame *first[NIC_QUEUES_MAX] = { nic->table.frames };
    uint32_t counts[NIC_QUEUES_MAX] = { (uint32_t)nic->table.count };
    if (nic->port_count > 1) {
        counts[0] = 0;
        if (!split_flows(nic, first, counts, err))
            return false;
    }
    const bool is_paced = nic->options.rate.kind != RATE_MAX;
    for (unsigned i = 0; i < nic->port_count; i++) {
        NicRun *runs = is_paced ? calloc(nic->options.ring, sizeof *runs) : NULL;
        if (is_paced && !runs)
            return fail(err, "no memory for a ring of %u descriptors", nic->options.ring);
        nic_queue_init(&nic->ports[i].queue, first[i], counts[i], nic->table.bytes, nic->options.passes,
                       is_paced, nic->options.ring, runs);
    }
    return true;
}

static bool make_ports(Nic *nic, Error *err)
{
    nic->port_count = nic->options.vm_count;
    nic->ports = calloc(nic->port_count, sizeof *nic->ports);
    for (unsigned i = 0; nic->ports && i < nic->port_count; i++) {
        nic->ports[i].nic = nic;
        nic->ports[i].live = nic->live;
        nic->ports[i].queue.next_due = UINT64_MAX;
        nic->ports[i].open_first = 1;
        nic->ports[i].scratch = malloc(FRAME_LENGTH_MAX + FRAME_SLACK);
        if (!nic->ports[i].scratch)
            return fail(err, "no memory for a card");
    }
    return nic->ports ? true : fail(err, "no memory for a card");
}

static bool open_source(Nic *nic, Error *err)
{
    const NicOptions *o = &nic->options;
    if (o->is_live)
        return (nic->live = nic->driver->live_open(o->source, o->filter, o->ring, err)) != NULL;
    if (!nic->driver->load(&nic->table, o->source, o->filter, err))
        return false;
    if (nic->table.count > UINT32_MAX)
        return fail(err, "%s: more than %u frames", o->source, UINT32_MAX);
    return true;
}

static bool open_all(Nic *nic, Error *err)
{
    nic->driver = nic_driver_open(err);
    if (!nic->driver || !open_source(nic, err) || !make_ports(nic, err))
        return false;
    return nic->live || make_queues(nic, err);
}

Nic *nic_open(const NicOptions *options, Error *err)
{
    clock_start();
    Nic *nic = calloc(1, sizeof *nic);
    if (!nic) {
        fail(err, "no memory for a card");
        return NULL;
    }
    nic->options = *options;
    nic->opened_ns = clock_ns();
    pthread_mutex_init(&nic->sending, NULL);
    if (open_all(nic, err))
        return nic;
    nic_close(nic);
    return NULL;
}

const char *nic_note(const Nic *nic)
{
    return *nic->table.note ? nic->table.note : NULL;
}

const NicOptions *nic_options(const Nic *nic)
{
    return &nic->options;
}

NicPort *nic_port(Nic *nic, unsigned vm)
{
    for (unsigned i = 0; i < nic->port_count; i++)
        if (nic->options.vm[i] == vm)
            return &nic->ports[i];
    return NULL;
}

// -------------------------------------------------------------------- start

typedef struct {
    uint64_t first, last;
} Times;

static Times times_of(const FrameTable *t)
{
    Times times = { t->stamps[0], t->stamps[0] };
    for (size_t i = 1; i < t->count; i++)
        if (t->stamps[i] > times.last)
            times.last = t->stamps[i];
    return times;
}

// Where a card's passes start on the capture's clock: with its first frame, or
// with that of the earliest capture that it overlaps.
static uint64_t origin_of(Nic **nics, unsigned count, const Nic *nic)
{
    if (!nic->table.count)
        return 0;
    const Times mine = times_of(&nic->table);
    uint64_t origin = mine.first;
    for (unsigned i = 0; i < count; i++) {
        const Nic *other = nics[i];
        if (other->options.rate.kind != RATE_ORIG || !other->table.count)
            continue;
        const Times theirs = times_of(&other->table);
        if (theirs.first < origin && theirs.last >= mine.first)
            origin = theirs.first;
    }
    return origin;
}

// The schedule is made for the capture as a whole; the queues' copies follow it.
static void copy_dues(Nic *nic)
{
    for (unsigned i = 0; nic->split && i < nic->port_count; i++) {
        const NicQueue *q = &nic->ports[i].queue;
        Frame *to = nic->split + (q->frames - nic->split);
        const Frame *from = nic->table.frames;
        for (uint32_t k = 0; k < q->count; k++) {
            while (from->at != to[k].at)
                from++;
            to[k].due = from->due;
        }
    }
}

static TicksQ32 schedule(Nic **nics, unsigned count, Nic *nic)
{
    const Rate *rate = &nic->options.rate;
    if (rate->kind == RATE_MAX || nic->live)
        return (TicksQ32)1 << 32;
    const uint64_t origin = rate->kind == RATE_ORIG ? origin_of(nics, count, nic) : 0;
    const TicksQ32 pass = schedule_build(&nic->table, rate, origin, 1e9 / nic->ns_per_tick);
    copy_dues(nic);
    return pass;
}

// The longer the counter has been compared with the clock, the better its rate is
// known; a capture that took its time to load has seen to that already.
static double measure_ns_per_tick(Nic **nics, unsigned count)
{
    bool is_timed = false;
    for (unsigned i = 0; i < count; i++)
        is_timed |= nics[i]->live || nics[i]->options.rate.kind != RATE_MAX;
    while (is_timed && clock_ns() - nics[0]->opened_ns < CALIBRATE_NS)
        clock_relax();
    return clock_ns_per_tick();
}

// Last of all, so that what goes wrong before leaves no file behind.
static bool open_dump(Nic *nic, Error *err)
{
    return !nic->options.tx || (nic->dump = nic->driver->dump_open(nic->options.tx, err)) != NULL;
}

bool nic_start(Nic **nics, unsigned count, uint64_t patience_ns, Error *err)
{
    if (!count)
        return true;
    for (unsigned i = 0; i < count; i++)
        if (!open_dump(nics[i], err))
            return false;
    TicksQ32 *pass = calloc(count, sizeof *pass);
    if (!pass)
        return fail(err, "no memory for a card");
    const double ns_per_tick = measure_ns_per_tick(nics, count);
    for (unsigned i = 0; i < count; i++) {
        nics[i]->ns_per_tick = ns_per_tick;
        pass[i] = schedule(nics, count, nics[i]);
    }
    const uint64_t now = clock_ticks(), wall = nic_wall_ns();
    for (unsigned i = 0; i < count; i++) {
        Nic *nic = nics[i];
        nic->start_ticks = now;
        nic->start_ns = nic->table.count ? nic->table.stamps[0] : wall;
        for (unsigned k = 0; k < nic->port_count; k++) {
            nic->ports[k].patience_ticks = (uint64_t)((double)patience_ns / ns_per_tick);
            if (nic->live)
                continue;
            nic->ports[k].queue.warm = nic->options.warm;
            nic_queue_start(&nic->ports[k].queue, now, pass[i]);
        }
    }
    free(pass);
    return true;
}

// ---------------------------------------------------------------- receiving

// Both clocks at one moment: somebody may run between two reads, so the shortest of a
// few tries counts.
static uint64_t both_clocks(uint64_t *ticks)
{
    enum { TRIES = 5, SHORT = 1000 }; // ticks
    uint64_t now = 0, shortest = UINT64_MAX;
    for (int i = 0; i < TRIES && shortest > SHORT; i++) {
        const uint64_t before = clock_ticks(), ns = clock_ns(), after = clock_ticks();
        if (after - before < shortest) {
            shortest = after - before;
            *ticks = before + shortest / 2;
            now = ns;
        }
    }
    return now;
}

uint64_t nic_port_arrival_ns(NicPort *port)
{
    const NicQueue *q = &port->queue;
    uint64_t ticks = 0;
    const uint64_t now = both_clocks(&ticks);
    if (port->live)
        return port->has_stamp ? now - nic_live_age_ns(port) : 0;
    if (!q->counts.received)
        return 0;
    return q->is_paced ? now - (uint64_t)((double)(ticks - q->arrival) * port->nic->ns_per_tick) : now;
}

uint64_t nic_port_wait_ns(NicPort *port)
{
    const NicQueue *q = &port->queue;
    if (port->live) {
        const Frame *frame;
        const uint8_t *bytes;
        return nic_live_look(port, &frame, &bytes) == NIC_WAIT ? UINT64_MAX : 0;
    }
    const uint64_t now = clock_ticks();
    if (q->run_left || q->next_due == UINT64_MAX || q->next_due <= now)
        return 0;
    return (uint64_t)((double)(q->next_due - now) * port->nic->ns_per_tick);
}

int nic_port_fd(NicPort *port)
{
    return port->live ? port->nic->driver->live_fd(port->live) : -1;
}

// ------------------------------------------------------------------ sending

// The stamp of the frame at a place in the pool.
static uint64_t stamp_at(const FrameTable *t, uint32_t at)
{
    size_t low = 0, high = t->count;
    while (low + 1 < high) {
        const size_t middle = (low + high) / 2;
        if (t->frames[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return t->count ? t->stamps[low] : 0;
}

// Sent frames are stamped with the capture's own clock: it runs from the first
// frame's time when the feed is paced, and stands at the last frame taken when
// the reader sets the pace, which makes such a run repeatable.
static uint64_t send_stamp_ns(const NicPort *port)
{
    const Nic *nic = port->nic;
    const NicQueue *q = &port->queue;
    if (port->live)
        return nic_wall_ns();
    if (q->is_paced)
        return nic->start_ns + (uint64_t)((double)(clock_ticks() - nic->start_ticks) * nic->ns_per_tick);
    return q->counts.received ? stamp_at(&nic->table, q->last_at) : nic->start_ns;
}

bool nic_port_send(NicPort *port, const uint8_t *bytes, unsigned length)
{
    Nic *nic = port->nic;
    Error err;
    bool ok = true;
    pthread_mutex_lock(&nic->sending);
    if (nic->live)
        ok = nic->driver->live_send(nic->live, bytes, length, &err);
    if (ok && nic->dump)
        nic->driver->dump_write(nic->dump, send_stamp_ns(port), bytes, length);
    pthread_mutex_unlock(&nic->sending);
    nic_count(ok ? &port->sent : &port->send_failed, 1);
    nic_count(&port->sent_bytes, ok ? length : 0);
    return ok;
}

// --------------------------------------------------------------------- stop

void nic_stop(Nic *nic)
{
    if (nic->live) {
        nic_live_stop(nic);
        return;
    }
    const uint64_t now = clock_ticks();
    for (unsigned i = 0; i < nic->port_count; i++)
        nic_queue_stop(&nic->ports[i].queue, now);
}

bool nic_save(Nic *nic, Error *err)
{
    NicDump *dump = nic->dump;
    nic->dump = NULL;
    return !dump || nic->driver->dump_close(dump, err);
}

void nic_close(Nic *nic)
{
    if (nic->dump)
        nic->driver->dump_drop(nic->dump);
    if (nic->live)
        nic->driver->live_close(nic->live);
    for (unsigned i = 0; nic->ports && i < nic->port_count; i++) {
        free(nic->ports[i].queue.runs);
        free(nic->ports[i].scratch);
    }
    free(nic->ports);
    free(nic->split);
    frames_free(&nic->table);
    pthread_mutex_destroy(&nic->sending);
    free(nic);
}
