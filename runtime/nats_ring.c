// The bridges' side of the ring: what every link does, whatever carries it.
#include "nats_bus.h"

#include <stdlib.h>
#include <string.h>

enum {
    INLINE_WORDS = 64, // so few a waiting machine's worker sends itself
    PIECE = 1024,      // words that go into the ring at once
};

// -------------------------------------------------------------------- lanes

static void lane_send(Outlet *o, Lane *l, WireKind kind)
{
    o->send(o, l, kind);
    l->filled = 0;
}

static void lane_add(Lane *l, const uint16_t *words, uint32_t count)
{
    l->next += count;
    if (l->is_closed)
        return;
    if (!l->filled)
        l->opened_ns = clock_ns();
    memcpy(l->open + l->filled, words, count * sizeof *words);
    l->filled += count;
}

static bool lane_is_due(const Outlet *o, const Lane *l)
{
    return clock_since(l->opened_ns) >= (uint64_t)o->b.remote->settings.delay_us * 1000;
}

// ------------------------------------------------------------------ dealing

// The same words always go to the same lane, on every host and after every restart.
static uint32_t lane_of_key(const Outlet *o)
{
    const RemoteSettings *s = &o->b.remote->settings;
    uint64_t hash = WIRE_HASH_START;
    for (uint32_t i = s->key_first; i < s->key_after; i++)
        hash = wire_hash(hash, (const uint8_t[]){ (uint8_t)(o->held[i] >> 8), (uint8_t)o->held[i] }, 2);
    // Short keys differ in few bits of that: MurmurHash3's last steps spread them.
    hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCD;
    hash = (hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53;
    return (uint32_t)((hash ^ hash >> 33) % o->lane_count);
}

// The next words of the stream: each record goes to the lane of its key, or to the next
// lane in turn.
static void deal(Outlet *o, const uint16_t *words, uint32_t count)
{
    const RemoteSettings *s = &o->b.remote->settings;
    for (uint32_t i = 0; i < count;) {
        uint32_t at = (uint32_t)(o->dealt % s->record);
        if (!at && s->key_first == s->key_after)
            o->lane = (uint32_t)(o->dealt / s->record % o->lane_count);
        if (at < s->key_after) {
            o->held[at] = words[i++];
            o->held_count++;
            o->dealt++;
            if (at + 1 < s->key_after)
                continue;
            o->lane = lane_of_key(o);
            lane_add(&o->lanes[o->lane], o->held, o->held_count);
            o->held_count = 0;
            continue;
        }
        const uint32_t left = s->record - at, now = left < count - i ? left : count - i;
        lane_add(&o->lanes[o->lane], words + i, now);
        o->dealt += now;
        i += now;
    }
}

// A stream that ends before the key of its last record: the first lane gets those words.
static void deal_rest(Outlet *o)
{
    lane_add(o->lanes, o->held, o->held_count);
    o->held_count = 0;
}

// ------------------------------------------------------------------ outlets

static bool is_ended(const Outlet *o)
{
    const Ring *r = o->b.remote->ring;
    return ring_look_reader(r, r->r.head) == RING_CLOSED;
}

// Words that the fullest lane takes, whoever they are for.
static uint32_t space_left(const Outlet *o)
{
    const uint32_t batch = o->b.remote->settings.batch, held = o->lane_count > 1 ? REMOTE_KEY_MAX : 0;
    uint32_t least = batch;
    for (uint32_t i = 0; i < o->lane_count; i++)
        least = batch - o->lanes[i].filled < least ? batch - o->lanes[i].filled : least;
    return least > held ? least - held : 0;
}

// Fills messages with what is in the ring; returns whether anything came.
static bool fill(Outlet *o)
{
    uint16_t words[PIECE];
    Lane *l = o->lanes;
    const uint32_t space = space_left(o);
    if (!space)
        return false;
    if (o->lane_count == 1 && !l->is_closed) {
        const uint32_t got = ring_pop_batch(o->b.remote->ring, l->open + l->filled, space);
        if (got && !l->filled)
            l->opened_ns = clock_ns();
        l->filled += got;
        l->next += got;
        return got > 0;
    }
    const uint32_t got = ring_pop_batch(o->b.remote->ring, words, space < PIECE ? space : PIECE);
    deal(o, words, got);
    return got > 0;
}

// Sends what has waited long enough, and the end.
static bool send_due(Outlet *o, Lane *l, bool is_idle, bool ended)
{
    bool has_sent = false;
    if (l->filled && (is_idle || ended || lane_is_due(o, l)) && o->has_room(o, l)) {
        lane_send(o, l, WIRE_WORDS);
        has_sent = true;
    }
    if (ended && !l->filled && !l->has_end && o->has_room(o, l)) {
        lane_send(o, l, WIRE_END);
        l->has_end = has_sent = true;
    }
    return has_sent;
}

// Sends the lanes that take no more; returns whether there was one.
static bool send_full(Outlet *o)
{
    const uint32_t batch = o->b.remote->settings.batch, held = o->lane_count > 1 ? REMOTE_KEY_MAX : 0;
    bool has_sent = false;
    for (Lane *l = o->lanes; l < o->lanes + o->lane_count; l++)
        if (l->filled + held >= batch && o->has_room(o, l)) {
            lane_send(o, l, WIRE_WORDS);
            has_sent = true;
        }
    return has_sent;
}

bool outlet_pump(Outlet *o, bool is_idle)
{
    bool has_sent = false, has_popped = false, went;
    do {
        has_popped |= fill(o);
        went = send_full(o);
        has_sent |= went;
    } while (went);
    const bool ended = is_ended(o);
    if (ended && o->held_count && space_left(o))
        deal_rest(o);
    for (Lane *l = o->lanes; l < o->lanes + o->lane_count; l++)
        has_sent |= send_due(o, l, is_idle, ended && !o->held_count);
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
    return ring_look_reader(ring, ring->r.head) != RING_OK || !space_left(o);
}

bool outlet_is_empty(const Outlet *o)
{
    for (uint32_t i = 0; i < o->lane_count; i++)
        if (o->lanes[i].filled)
            return false;
    return true;
}

bool outlet_is_done(const Outlet *o)
{
    for (uint32_t i = 0; i < o->lane_count; i++)
        if (!o->lanes[i].has_end && !o->lanes[i].is_closed)
            return false;
    return true;
}

static bool has_few_words(const Ring *ring)
{
    const uint64_t tail = __atomic_load_n(&ring->w.tail, __ATOMIC_RELAXED),
                   head = __atomic_load_n(&ring->r.head, __ATOMIC_RELAXED);
    return tail - head <= INLINE_WORDS;
}

static bool all_have_room(Outlet *o)
{
    for (uint32_t i = 0; i < o->lane_count; i++)
        if (!o->has_room(o, &o->lanes[i]))
            return false;
    return true;
}

// A machine that waits has sent all it is going to send for now: its worker publishes
// that itself, which saves waking a thread.
static void outlet_wake(LinkEnd *end, void *worker, bool is_idle)
{
    Outlet *o = ((Remote *)end)->bridge;
    bool is_done = false;
    if (is_idle && worker && has_few_words(o->b.remote->ring) && pthread_mutex_trylock(&o->pump) == 0) {
        if (outlet_is_empty(o) && all_have_room(o)) {
            outlet_pump(o, true);
            is_done = outlet_may_sleep(o) && outlet_is_empty(o) && !is_ended(o);
        }
        pthread_mutex_unlock(&o->pump);
    }
    if (!is_done)
        alarm_ring(&o->b.alarm);
}

void outlet_open(Outlet *o, bool (*has_room)(Outlet *, const Lane *),
                 void (*send)(Outlet *, Lane *, WireKind))
{
    pthread_mutex_init(&o->pump, NULL);
    o->lane_count = o->b.remote->settings.replicas;
    for (uint32_t i = 0; i < o->lane_count; i++)
        o->lanes[i].open = malloc(2 * (size_t)o->b.remote->settings.batch);
    o->has_room = has_room;
    o->send = send;
    o->b.remote->link.wake = outlet_wake;
}

void outlet_start(Outlet *o)
{
    const RemotePlace *place = &o->b.place;
    const uint32_t record = o->b.remote->settings.record, at = (uint32_t)(place->position % record);
    for (uint32_t i = 0; i < o->lane_count; i++) {
        Lane *l = &o->lanes[i];
        l->run = place->run + i;
        l->next = o->lane_count > 1 ? place->lanes[i] : place->position;
        l->has_end = place->ended >> i & 1;
        run_subject(&o->b, l->run, l->subject, sizeof l->subject);
        l->clock = clock_serve(&o->b, l->subject);
    }
    o->dealt = place->position;
    o->lane = place->lane % o->lane_count;
    o->held_count = at < o->b.remote->settings.key_after ? at : 0;
    memcpy(o->held, place->held, sizeof o->held);
}

void outlet_place(const Outlet *o, uint64_t position, RemotePlace *place)
{
    *place = o->b.place;
    place->position = position;
    place->lane = o->lane;
    memcpy(place->held, o->held, sizeof place->held);
    for (uint32_t i = 0; i < o->lane_count; i++) {
        place->lanes[i] = o->lanes[i].next;
        place->ended |= (uint32_t)o->lanes[i].has_end << i;
    }
}

void outlet_unsubscribe(Outlet *o)
{
    for (uint32_t i = 0; i < o->lane_count; i++)
        natsSubscription_Destroy(o->lanes[i].clock);
}

void outlet_close(Outlet *o)
{
    for (uint32_t i = 0; i < o->lane_count; i++)
        free(o->lanes[i].open);
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
