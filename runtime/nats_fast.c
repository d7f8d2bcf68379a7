// mode=fast: core NATS, at most once.
//
// The sender says "here I am" on SUBJECT until a reader answers; the first that does is
// its reader.  Words then travel on SUBJECT.RUN.  The reader says how far it has read,
// ten times a second and at every eighth of the window; the sender stays less than a
// window ahead of that, so the ring holds it up when the reader is slow.  What the
// network lost shows as a jump in the positions, also in the sender's next "here I
// am", and is counted.
#include "nats_bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 1 << 22,    // words
    HERE_NS = 100000000, // between two signs of life
    SILENCE_S = 30,      // of the other side: it has gone
    POLL_MS = 20,
};

static void publish(Bridge *b, const char *subject, const char *reply, const uint8_t *message,
                    uint32_t length)
{
    natsConnection *nc = b->bus->connection;
    if (reply)
        natsConnection_PublishRequest(nc, subject, reply, (const char *)message, (int)length);
    else
        natsConnection_Publish(nc, subject, (const char *)message, (int)length);
}

static bool is_connected(const Bridge *b)
{
    return atomic_load_explicit(&b->bus->is_connected, memory_order_relaxed);
}

// ------------------------------------------------------------------- sender

typedef struct {
    Outlet o;
    natsSubscription *back;
    char inbox[64];
    uint8_t *message;
    uint64_t here_ns;
    // Written by the thread that brings answers.
    _Atomic uint64_t reader, credit, heard_ns;
    _Atomic bool is_read; // the reader has all it wants
} FastSender;

static void on_back(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    FastSender *s = closure;
    WireHeader h;
    if (wire_read(&h, (const uint8_t *)natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg)) ==
            WIRE_GOOD &&
        h.run == s->o.b.place.run && h.reader) {
        uint64_t none = 0;
        const bool is_first = atomic_compare_exchange_strong(&s->reader, &none, h.reader);
        if (is_first || none == h.reader) {
            const uint64_t before = atomic_load(&s->credit), credit = h.first + WINDOW;
            atomic_store(&s->heard_ns, clock_ns());
            if (credit > before)
                atomic_store(&s->credit, credit);
            if (h.kind == WIRE_END)
                atomic_store(&s->is_read, true);
            if (is_first || h.kind == WIRE_END || credit > before)
                alarm_ring(&s->o.b.alarm);
        }
    }
    natsMsg_Destroy(msg);
    (void)nc;
    (void)sub;
}

static bool has_room(Outlet *o, const Lane *l)
{
    FastSender *s = (FastSender *)o;
    return atomic_load(&s->credit) >= l->next && is_connected(&o->b) && !atomic_load(&s->is_read);
}

static void send_message(Outlet *o, Lane *l, WireKind kind)
{
    FastSender *s = (FastSender *)o;
    RemoteStats *stats = &o->b.remote->stats;
    const uint32_t count = kind == WIRE_WORDS ? l->filled : 0, length = WIRE_HEADER + 2 * count;
    const WireHeader h = { .kind = kind,
                           .run = o->b.place.run,
                           .program = o->b.place.program,
                           .first = l->next - l->filled,
                           .stamp_ns = wall_ns(),
                           .reader = atomic_load(&s->reader),
                           .count = count };
    wire_write(s->message, &h, l->open);
    publish(&o->b, l->subject, s->inbox, s->message, length);
    s->here_ns = clock_ns();
    if (kind != WIRE_WORDS)
        return;
    stat_add(&stats->messages, 1);
    stat_add(&stats->words, count);
    stat_add(&stats->bytes, length);
}

// Where readers look for a run: again when there is one, which may have missed it.
static void say_here(FastSender *s)
{
    Outlet *o = &s->o;
    uint8_t message[WIRE_HEADER];
    const WireHeader h = { .kind = WIRE_HERE,
                           .run = o->b.place.run,
                           .program = o->b.place.program,
                           .reader = atomic_load(&s->reader),
                           .stamp_ns = wall_ns() };
    wire_write(message, &h, NULL);
    publish(&o->b, o->b.remote->settings.subject, s->inbox, message, sizeof message);
}

// The end is said again until the reader has heard it.
static void look_around(FastSender *s)
{
    Outlet *o = &s->o;
    bridge_watch(&o->b, !is_connected(&o->b), "has no connection");
    if (!is_connected(&o->b) || clock_since(s->here_ns) < HERE_NS)
        return;
    send_message(o, o->lanes, o->lanes->has_end ? WIRE_END : WIRE_HERE);
    say_here(s);
}

static bool is_silent(const FastSender *s)
{
    return atomic_load(&s->reader) && clock_since(atomic_load(&s->heard_ns)) > SILENCE_S * 1000000000ull;
}

static void *run_sender(void *argument)
{
    FastSender *s = argument;
    Outlet *o = &s->o;
    while (!atomic_load(&s->is_read) && !bridge_is_stopping(&o->b) && !is_silent(s)) {
        bool may_sleep = false;
        pthread_mutex_lock(&o->pump);
        look_around(s);
        if (!outlet_pump(o, false))
            may_sleep = outlet_may_sleep(o);
        const uint64_t delay_ns = (uint64_t)o->b.remote->settings.delay_us * 1000;
        const uint64_t ns = !o->lanes->filled || !o->has_room(o, o->lanes) ? TICK_NS
                            : delay_ns > 1000                              ? delay_ns
                                                                           : 1000;
        pthread_mutex_unlock(&o->pump);
        if (may_sleep)
            alarm_wait(&o->b.alarm, ns);
    }
    if (is_silent(s))
        bridge_note(&o->b, "nothing was heard of the reader for %d s", SILENCE_S);
    bridge_close_reader(&o->b);
    o->b.bus->options.leave();
    return NULL;
}

static void place_sender(Bridge *b, uint64_t position, RemotePlace *place)
{
    *place = b->place;
    place->position = position;
}

static void unsubscribe_sender(Bridge *b)
{
    natsSubscription_Destroy(((FastSender *)b)->back);
    outlet_unsubscribe((Outlet *)b);
}

static void close_sender(Bridge *b)
{
    FastSender *s = (FastSender *)b;
    free(s->message);
    outlet_close(&s->o);
}

static const BridgeKind sender_kind = {
    .run = run_sender, .place = place_sender, .unsubscribe = unsubscribe_sender, .close = close_sender
};

Bridge *fast_sender_new(RemoteBus *bus, Remote *r)
{
    FastSender *s = bridge_new(sizeof *s, &sender_kind, bus, r);
    outlet_open(&s->o, has_room, send_message);
    s->message = malloc(WIRE_HEADER + 2 * (size_t)r->settings.batch);
    s->o.b.place.run = fresh_number();
    s->o.b.place.program = r->program;
    outlet_start(&s->o);
    snprintf(s->inbox, sizeof s->inbox, "_INBOX.lc3.%016" PRIX64, fresh_number());
    natsConnection_Subscribe(&s->back, bus->connection, s->inbox, on_back, s);
    return &s->o.b;
}

// ----------------------------------------------------------------- receiver

typedef struct {
    Inlet i;
    natsSubscription *inbox; // SUBJECT, and then SUBJECT.RUN
    char back[128];          // where the sender listens
    uint64_t me;
    bool is_bound; // the sender has said that we are its reader
    bool is_done, has_end;
    uint64_t told_ns, told; // when and how far we said that we have read
    uint64_t heard_ns;
} FastReceiver;

static void listen(FastReceiver *c, const char *subject)
{
    natsSubscription_Destroy(c->inbox);
    c->inbox = NULL;
    natsConnection_SubscribeSync(&c->inbox, c->i.b.bus->connection, subject);
    natsSubscription_SetPendingLimits(c->inbox, -1, -1);
    natsSubscription_NoDeliveryDelay(c->inbox);
}

static void tell(FastReceiver *c, WireKind kind)
{
    uint8_t message[WIRE_HEADER];
    const Ring *ring = c->i.b.remote->ring;
    const WireHeader h = { .kind = kind,
                           .run = c->i.b.place.run,
                           .reader = c->me,
                           .stamp_ns = wall_ns(),
                           // What waits in the ring is not read; without words in it, all that came is.
                           .first =
                               c->i.expected - (ring->w.tail - atomic_load_explicit(&ring->from_reader.head,
                                                                                    memory_order_acquire)) };
    wire_write(message, &h, NULL);
    publish(&c->i.b, c->back, NULL, message, sizeof message);
    c->told_ns = clock_ns();
    c->told = h.first;
}

static void tell_if_due(FastReceiver *c)
{
    if (is_connected(&c->i.b) && (c->i.expected - c->told >= WINDOW / 8 || clock_since(c->told_ns) >= HERE_NS))
        tell(c, WIRE_READ);
}

// Words between what was expected and `first` never came.
static void note_gap(FastReceiver *c, uint64_t first)
{
    RemoteStats *stats = &c->i.b.remote->stats;
    if (first <= c->i.expected)
        return;
    stat_add(&stats->gaps, 1);
    stat_add(&stats->lost_words, first - c->i.expected);
    bridge_note(&c->i.b, "%" PRIu64 " words were lost before word %" PRIu64 " (mode=fast)",
                first - c->i.expected, first);
    c->i.expected = first;
}

static void take_words(FastReceiver *c, const WireHeader *h, const uint8_t *message)
{
    RemoteStats *stats = &c->i.b.remote->stats;
    note_gap(c, h->first);
    const uint64_t known = c->i.expected - h->first;
    if (known >= h->count) {
        stat_add(&stats->duplicates, h->count);
        return;
    }
    inlet_measure(&c->i, h);
    c->is_done = !inlet_put(&c->i, message, (uint32_t)known, h->count - (uint32_t)known);
    stat_add(&stats->messages, 1);
    stat_add(&stats->words, h->count - known);
    stat_add(&stats->bytes, WIRE_HEADER + 2 * (uint64_t)h->count);
}

// A sender that looks for a reader.
static void meet(FastReceiver *c, const WireHeader *h, natsMsg *m)
{
    if (h->kind != WIRE_HERE || (h->reader && h->reader != c->me) || !natsMsg_GetReply(m))
        return;
    char subject[160];
    c->i.b.place.run = h->run;
    c->i.b.place.program = h->program;
    snprintf(c->back, sizeof c->back, "%s", natsMsg_GetReply(m));
    snprintf(subject, sizeof subject, "%s.%016" PRIX64, c->i.b.remote->settings.subject, h->run);
    listen(c, subject);
    c->heard_ns = clock_ns();
    tell(c, WIRE_READ);
}

static void forget(FastReceiver *c)
{
    c->i.b.place.run = 0;
    c->is_bound = false;
    listen(c, c->i.b.remote->settings.subject);
}

static void take(FastReceiver *c, natsMsg *m)
{
    WireHeader h;
    const uint8_t *message = (const uint8_t *)natsMsg_GetData(m);
    const WireStatus status = wire_read(&h, message, (size_t)natsMsg_GetDataLength(m));
    const char *why = status != WIRE_GOOD ? wire_status_names[status] : NULL;
    if (!why && c->i.b.place.run && h.run != c->i.b.place.run)
        why = "of another run";
    if (!why && c->i.b.place.run && h.program != c->i.b.place.program)
        why = "of another program";
    if (why) {
        stat_add(&c->i.b.remote->stats.refused, 1);
        bridge_note(&c->i.b, "refused a message: %s", why);
        return;
    }
    if (!c->i.b.place.run) {
        meet(c, &h, m);
        return;
    }
    if (h.reader != c->me) {
        if (h.reader && !c->is_bound)
            forget(c); // another reader was first
        return;
    }
    c->is_bound = true;
    c->heard_ns = clock_ns();
    if (h.kind == WIRE_WORDS)
        take_words(c, &h, message);
    else
        note_gap(c, h.first);
    c->has_end = h.kind == WIRE_END;
    c->is_done |= c->has_end;
}

static void turn(FastReceiver *c)
{
    natsMsg *m = NULL;
    if (natsSubscription_NextMsg(&m, c->inbox, POLL_MS) == NATS_OK) {
        take(c, m);
        natsMsg_Destroy(m);
    }
    bridge_watch(&c->i.b, !is_connected(&c->i.b), "has no connection");
    if (!c->i.b.place.run)
        return;
    tell_if_due(c);
    if (c->is_bound)
        clock_ask(&c->i.b);
    const uint64_t silence = clock_since(c->heard_ns);
    if (!c->is_bound && silence > 10ull * HERE_NS)
        forget(c); // our answer was lost, or it has gone
    else if (c->is_bound && silence > SILENCE_S * 1000000000ull) {
        bridge_note(&c->i.b, "nothing was heard of the sender for %d s", SILENCE_S);
        stat_add(&c->i.b.remote->stats.gaps, 1);
        c->is_done = c->has_end = true;
    }
}

static void *run_receiver(void *argument)
{
    FastReceiver *c = argument;
    while (!c->is_done && !bridge_is_stopping(&c->i.b) && !ring_reader_is_closed(c->i.b.remote->ring))
        turn(c);
    if (c->has_end)
        bridge_close_writer(&c->i.b);
    if (c->i.b.place.run) {
        tell(c, WIRE_END);
        natsConnection_FlushTimeout(c->i.b.bus->connection, 500);
    }
    c->i.b.bus->options.leave();
    return NULL;
}

static void unsubscribe_receiver(Bridge *b)
{
    natsSubscription_Destroy(((FastReceiver *)b)->inbox);
}

static void close_receiver(Bridge *b)
{
    (void)b;
}

// It is the machine that is slow: the sender must not take that for silence.
static void tick(Bridge *b)
{
    ((FastReceiver *)b)->heard_ns = clock_ns();
    tell_if_due((FastReceiver *)b);
}

static const BridgeKind receiver_kind = { .run = run_receiver,
                                          .tick = tick,
                                          .place = place_sender,
                                          .unsubscribe = unsubscribe_receiver,
                                          .close = close_receiver };

Bridge *fast_receiver_new(RemoteBus *bus, Remote *r)
{
    FastReceiver *c = bridge_new(sizeof *c, &receiver_kind, bus, r);
    pthread_mutex_init(&c->i.lock, NULL);
    c->me = fresh_number();
    listen(c, r->settings.subject);
    return &c->i.b;
}
