// The bridges' side of the ring: what every link does, whatever carries it.
#include "nats_bus.h"

#include <stdlib.h>

enum {
    INLINE_WORDS = 64, // so few a waiting machine's worker sends itself
    PIECE = 1024,      // words that go into the ring at once
};

// ------------------------------------------------------------------ outlets

static void outlet_send(Outlet *o, WireKind kind)
{
    o->send(o, kind);
    o->filled = 0;
}

static bool is_ended(const Outlet *o)
{
    const Ring *r = o->b.remote->ring;
    return ring_look_reader(r, r->r.head) == RING_CLOSED;
}

// Fills the message with what is in the ring; returns whether anything came.
static bool fill(Outlet *o)
{
    const uint32_t batch = o->b.remote->settings.batch;
    if (o->filled == batch)
        return false;
    const uint32_t got = ring_pop_batch(o->b.remote->ring, o->open + o->filled, batch - o->filled);
    if (got && !o->filled)
        o->opened_ns = now_ns();
    o->filled += got;
    o->next += got;
    return got > 0;
}

static bool is_due(const Outlet *o)
{
    return now_ns() - o->opened_ns >= (uint64_t)o->b.remote->settings.delay_us * 1000;
}

bool outlet_pump(Outlet *o, bool is_idle)
{
    bool has_sent = false, has_popped = false;
    for (;;) {
        has_popped |= fill(o);
        if (o->filled < o->b.remote->settings.batch || !o->has_room(o))
            break;
        outlet_send(o, WIRE_WORDS);
        has_sent = true;
    }
    const bool ended = is_ended(o);
    if (o->filled && (is_idle || ended || is_due(o)) && o->has_room(o)) {
        outlet_send(o, WIRE_WORDS);
        has_sent = true;
    }
    if (ended && !o->filled && !o->has_end && o->has_room(o)) {
        outlet_send(o, WIRE_END);
        o->has_end = has_sent = true;
    }
    if (has_popped) {
        ring_flush_reader(o->b.remote->ring);
        bridge_wake_writer(&o->b);
    }
    return has_sent || has_popped;
}

bool outlet_may_sleep(Outlet *o)
{
    Ring *ring = o->b.remote->ring;
    ring_announce_reader(ring);
    return ring_look_reader(ring, ring->r.head) != RING_OK || !o->has_room(o);
}

static bool has_few_words(const Ring *ring)
{
    const uint64_t tail = __atomic_load_n(&ring->w.tail, __ATOMIC_RELAXED),
                   head = __atomic_load_n(&ring->r.head, __ATOMIC_RELAXED);
    return tail - head <= INLINE_WORDS;
}

// A machine that waits has sent all it is going to send for now: its worker publishes
// that itself, which saves waking a thread.
static void outlet_wake(LinkEnd *end, void *worker, bool is_idle)
{
    Outlet *o = ((Remote *)end)->bridge;
    bool is_done = false;
    if (is_idle && worker && has_few_words(o->b.remote->ring) && pthread_mutex_trylock(&o->pump) == 0) {
        if (!o->filled && o->has_room(o)) {
            outlet_pump(o, true);
            is_done = outlet_may_sleep(o) && !o->filled && !is_ended(o);
        }
        pthread_mutex_unlock(&o->pump);
    }
    if (!is_done)
        alarm_ring(&o->b.alarm);
}

void outlet_open(Outlet *o, bool (*has_room)(Outlet *), void (*send)(Outlet *, WireKind))
{
    pthread_mutex_init(&o->pump, NULL);
    o->open = malloc(2 * (size_t)o->b.remote->settings.batch);
    o->has_room = has_room;
    o->send = send;
    o->b.remote->link.wake = outlet_wake;
}

void outlet_close(Outlet *o)
{
    free(o->open);
}

// ------------------------------------------------------------------- inlets

static bool put(Inlet *i, const uint16_t *words, uint32_t count)
{
    Ring *ring = i->b.remote->ring;
    for (;;) {
        if (ring_reader_is_closed(ring) || bridge_is_stopping(&i->b))
            return false;
        if (ring_push_batch(ring, words, count) == RING_OK)
            break;
        ring_announce_writer(ring);
        if (ring_look_writer(ring, ring->w.tail, count) == RING_BUSY)
            alarm_wait(&i->b.alarm, TICK_NS);
        if (i->b.kind->tick)
            i->b.kind->tick(&i->b);
    }
    bridge_wake_reader(&i->b);
    return true;
}

bool inlet_put(Inlet *i, const uint8_t *message, uint32_t from, uint32_t count)
{
    uint16_t words[PIECE];
    const uint32_t quarter = ring_capacity(i->b.remote->ring) / 4, most = quarter ? quarter : 1,
                   piece = most < PIECE ? most : PIECE;
    for (uint32_t done = 0; done < count;) {
        const uint32_t now = count - done < piece ? count - done : piece;
        wire_words(words, message, from + done, now);
        // First: a machine that has taken a word finds that it was expected.
        pthread_mutex_lock(&i->lock);
        i->expected += now;
        pthread_mutex_unlock(&i->lock);
        if (!put(i, words, now))
            return false;
        done += now;
    }
    return true;
}

void inlet_measure(Inlet *i, const WireHeader *h)
{
    Remote *r = i->b.remote;
    const int64_t age =
        (int64_t)(wall_ns() - h->stamp_ns) + __atomic_load_n(&r->clock_offset_ns, __ATOMIC_RELAXED);
    histogram_record(&r->latency, age > 0 ? (uint64_t)age : 0);
}
