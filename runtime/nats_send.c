// mode=safe, from a ring to the stream of a run.
//
// Messages go out at once and wait in a window until the stream's leader says that
// they are stored, so many words are on their way and memory is bounded.  What the
// window promises is an order: a message leaves it only after all before it have.
// When one is refused, or nothing is acknowledged for a while, or the connection was
// lost, a new round begins: everything in the window is sent again, also what was
// acknowledged behind the one that was not, under ids of the new round.  In the stream
// the last complete round is therefore in order, and a reader that takes only the
// words that are next (nats_receive.c) gets every word once, whatever else lies there.
#include "nats_bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t ACK_LEAST_NS = 1500000000; // without any acknowledgment: a new round
static const uint64_t ACK_MOST_NS = 8000000000;  // after rounds that brought none

enum {
    WINDOW = 512, // messages, at most WINDOW_BYTES
    WINDOW_BYTES = 16 << 20,
    RETRY_LEAST_NS = 50000000,
    RETRY_MOST_NS = 2000000000,
    FULL_NS = 10000000, // between two looks at a stream that was full
};

typedef struct {
    uint8_t *message;
    uint32_t length;
    bool is_acknowledged;
} Slot;

typedef struct {
    Outlet o;
    natsSubscription *acks;
    char inbox[64], subject[160], nonce[24]; // nonce: ids of this process are its own
    int64_t space; // bytes that the stream takes before it is asked again; under `pump`
    uint64_t asked_ns;
    uint32_t window; // slots
    Slot *slots;
    // Both, and the thread that brings acknowledgments.
    pthread_mutex_t lock;
    uint64_t base, top; // numbers of messages: acknowledged up to, sent up to
    uint32_t round;
    bool needs_round;
    uint64_t round_ns; // not before
    uint64_t retry_ns;
    uint64_t progress_ns, ack_ns;
    bool is_closed;   // the stream is sealed: the reader has ended
    bool may_be_gone; // nobody takes messages on this subject
    bool is_done;
} Sender;

// --------------------------------------------------------- acknowledgments

static void ask_round(Sender *s, uint64_t delay_ns)
{
    if (!s->needs_round)
        s->round_ns = now_ns() + delay_ns;
    s->needs_round = true;
}

static void refuse(Sender *s, const char *data, int length)
{
    char text[200];
    snprintf(text, sizeof text, "%.*s", length < 190 ? length : 190, data);
    const char *code = strstr(text, "err_code\":");
    const int number = code ? atoi(code + 10) : 0;
    if (number == JSStreamSealedErr)
        s->is_closed = true;
    else if (number == JSStreamStoreFailedErr)
        stat_add(&s->o.b.remote->stats.full, 1);
    else
        bridge_note(&s->o.b, "the server refused a message: %.100s", text);
    ask_round(s, s->retry_ns);
}

static void take_ack(Sender *s, uint64_t number)
{
    s->slots[number % s->window].is_acknowledged = true;
    while (s->base < s->top && s->slots[s->base % s->window].is_acknowledged) {
        s->base++;
        s->progress_ns = now_ns();
        s->retry_ns = RETRY_LEAST_NS;
        s->ack_ns = ACK_LEAST_NS;
    }
    stat_set(&s->o.b.remote->stats.unacknowledged, s->top - s->base);
}

// On the subject INBOX.ROUND.NUMBER: an answer of the leader, or that there is none.
static void on_ack(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    Sender *s = closure;
    uint32_t round;
    uint64_t number;
    const char *tail = natsMsg_GetSubject(msg) + strlen(s->inbox);
    if (sscanf(tail, ".%" SCNu32 ".%" SCNu64, &round, &number) == 2) {
        const char *data = natsMsg_GetData(msg);
        const int length = natsMsg_GetDataLength(msg);
        pthread_mutex_lock(&s->lock);
        const bool was_full = s->top - s->base == s->window;
        if (round == s->round && number >= s->base && number < s->top) {
            if (natsMsg_IsNoResponders(msg)) {
                s->may_be_gone = true;
                ask_round(s, s->retry_ns);
            } else if (length && memmem(data, (size_t)length, "\"error\"", 7)) {
                refuse(s, data, length);
            } else {
                take_ack(s, number);
            }
        }
        const bool is_news = was_full || s->base == s->top || s->needs_round;
        pthread_mutex_unlock(&s->lock);
        if (is_news)
            alarm_ring(&s->o.b.alarm);
    }
    natsMsg_Destroy(msg);
    (void)nc;
    (void)sub;
}

static bool has_room(Outlet *o)
{
    Sender *s = (Sender *)o;
    pthread_mutex_lock(&s->lock);
    const bool room = s->top - s->base < s->window && !s->needs_round && !s->is_closed;
    pthread_mutex_unlock(&s->lock);
    return room && s->space > 0 && atomic_load_explicit(&s->o.b.bus->is_connected, memory_order_relaxed);
}

// --------------------------------------------------------------- publishing

static void publish(Sender *s, uint64_t number, uint32_t round)
{
    const Slot *slot = &s->slots[number % s->window];
    char reply[128], id[80];
    snprintf(reply, sizeof reply, "%s.%" PRIu32 ".%" PRIu64, s->inbox, round, number);
    snprintf(id, sizeof id, "%s.%" PRIu32 ".%" PRIu64, s->nonce, round, number);
    natsMsg *m = NULL;
    if (natsMsg_Create(&m, s->subject, reply, (const char *)slot->message, (int)slot->length) == NATS_OK &&
        natsMsgHeader_Set(m, "Nats-Msg-Id", id) == NATS_OK)
        natsConnection_PublishMsg(s->o.b.bus->connection, m); // a failure shows as a missing acknowledgment
    natsMsg_Destroy(m);
}

static void send_message(Outlet *o, WireKind kind)
{
    Sender *s = (Sender *)o;
    const WireHeader h = { .kind = kind,
                           .run = o->b.place.run,
                           .program = o->b.place.program,
                           .first = o->next - o->filled,
                           .stamp_ns = wall_ns(),
                           .count = o->filled };
    pthread_mutex_lock(&s->lock);
    const uint64_t number = s->top++;
    const uint32_t round = s->round;
    if (s->base == number)
        s->progress_ns = now_ns();
    Slot *slot = &s->slots[number % s->window];
    slot->is_acknowledged = false;
    slot->length = WIRE_HEADER + 2 * o->filled;
    stat_set(&s->o.b.remote->stats.unacknowledged, s->top - s->base);
    pthread_mutex_unlock(&s->lock);
    wire_write(slot->message, &h, o->open);
    publish(s, number, round);
    RemoteStats *stats = &s->o.b.remote->stats;
    stat_add(&stats->messages, 1);
    stat_add(&stats->words, o->filled);
    stat_add(&stats->bytes, slot->length);
    s->space -= slot->length + 128; // what the server adds
}

// The whole window again, in order.
static void send_round(Sender *s)
{
    pthread_mutex_lock(&s->lock);
    s->needs_round = false;
    const uint32_t round = ++s->round;
    const uint64_t base = s->base, top = s->top;
    for (uint64_t n = base; n < top; n++)
        s->slots[n % s->window].is_acknowledged = false;
    s->ack_ns = s->ack_ns * 2 < ACK_MOST_NS ? s->ack_ns * 2 : ACK_MOST_NS;
    s->progress_ns = now_ns();
    s->retry_ns = s->retry_ns * 2 < RETRY_MOST_NS ? s->retry_ns * 2 : RETRY_MOST_NS;
    pthread_mutex_unlock(&s->lock);
    for (uint64_t n = base; n < top; n++)
        publish(s, n, round);
    stat_add(&s->o.b.remote->stats.resent, top - base);
}

// ----------------------------------------------------------------- the thread

static void look_for_space(Sender *s)
{
    if (s->space > 0 || !s->o.filled || now_ns() - s->asked_ns < FULL_NS)
        return;
    s->space = run_space(&s->o.b);
    s->asked_ns = now_ns();
    if (s->space <= 0)
        stat_add(&s->o.b.remote->stats.full, 1);
}

static void close_early(Sender *s)
{
    bridge_note(&s->o.b, "the reader has ended");
    s->is_done = true;
    bridge_close_reader(&s->o.b);
}

// Rounds, and the end of all.
static void look_around(Sender *s)
{
    const bool is_connected = atomic_load(&s->o.b.bus->is_connected);
    const uint64_t now = now_ns();
    pthread_mutex_lock(&s->lock);
    const bool is_late = s->base < s->top && now - s->progress_ns > s->ack_ns;
    if (is_late)
        ask_round(s, 0);
    const bool is_due = s->needs_round && now >= s->round_ns && is_connected;
    const bool is_stuck = s->needs_round && is_late;
    const bool is_closed = s->is_closed, may_be_gone = s->may_be_gone;
    s->may_be_gone = false;
    pthread_mutex_unlock(&s->lock);
    bridge_watch(&s->o.b, !is_connected || is_stuck,
                 is_connected ? "gets no acknowledgment" : "has no connection");
    if (is_closed || (may_be_gone && is_connected && run_is_gone(&s->o.b)))
        close_early(s);
    else if (is_due)
        send_round(s);
    pthread_mutex_lock(&s->lock);
    s->is_done |= s->o.has_end && s->base == s->top;
    pthread_mutex_unlock(&s->lock);
}

static uint64_t nap_ns(const Sender *s)
{
    const uint64_t delay_ns = (uint64_t)s->o.b.remote->settings.delay_us * 1000;
    if (s->o.filled)
        return s->space > 0 ? (delay_ns > 1000 ? delay_ns : 1000) : FULL_NS;
    return TICK_NS;
}

static void *run(void *argument)
{
    Sender *s = argument;
    while (!s->is_done && !bridge_is_stopping(&s->o.b)) {
        bool may_sleep = false;
        pthread_mutex_lock(&s->o.pump);
        look_around(s);
        look_for_space(s);
        if (!s->is_done && !outlet_pump(&s->o, false))
            may_sleep = outlet_may_sleep(&s->o);
        const uint64_t ns = has_room(&s->o) || s->space <= 0 ? nap_ns(s) : TICK_NS / 4;
        pthread_mutex_unlock(&s->o.pump);
        if (may_sleep)
            alarm_wait(&s->o.b.alarm, ns);
    }
    s->o.b.bus->options.leave();
    return NULL;
}

// ------------------------------------------------------------- as a bridge

static void renew(Bridge *b)
{
    Sender *s = (Sender *)b;
    pthread_mutex_lock(&s->lock);
    if (s->base < s->top) {
        ask_round(s, 0);
        s->round_ns = now_ns();
    }
    pthread_mutex_unlock(&s->lock);
}

static bool is_settled(Bridge *b)
{
    Sender *s = (Sender *)b;
    if (s->is_done)
        return true;
    pthread_mutex_lock(&s->o.pump);
    outlet_pump(&s->o, true);
    pthread_mutex_lock(&s->lock);
    const bool settled = !s->o.filled && s->base == s->top &&
                         ring_look_reader(b->remote->ring, b->remote->ring->r.head) != RING_OK;
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_unlock(&s->o.pump);
    return settled;
}

static void place(Bridge *b, uint64_t position, RemotePlace *place)
{
    *place = b->place;
    place->position = position;
    place->has_ended = ((Sender *)b)->o.has_end;
}

static void close_sender(Bridge *b)
{
    Sender *s = (Sender *)b;
    natsSubscription_Destroy(s->acks);
    for (uint32_t i = 0; i < s->window; i++)
        free(s->slots[i].message);
    free(s->slots);
    outlet_close(&s->o);
}

static void *start(void *argument)
{
    Sender *s = argument;
    run_subject(&s->o.b, s->subject, sizeof s->subject);
    clock_serve(&s->o.b);
    s->o.next = s->o.b.place.position;
    s->o.has_end = s->o.b.place.has_ended;
    return run(argument);
}

static const BridgeKind kind = {
    .run = start, .renew = renew, .is_settled = is_settled, .place = place, .close = close_sender
};

Bridge *sender_new(RemoteBus *bus, Remote *r)
{
    Sender *s = bridge_new(sizeof *s, &kind, bus, r);
    const uint32_t length = WIRE_HEADER + 2 * r->settings.batch;
    outlet_open(&s->o, has_room, send_message);
    pthread_mutex_init(&s->lock, NULL);
    s->window = WINDOW_BYTES / length < WINDOW ? WINDOW_BYTES / length : WINDOW;
    s->slots = calloc(s->window, sizeof *s->slots);
    for (uint32_t i = 0; i < s->window; i++)
        s->slots[i].message = malloc(length);
    s->retry_ns = RETRY_LEAST_NS;
    s->ack_ns = ACK_LEAST_NS;
    s->space = STREAM_BYTES / 4;
    snprintf(s->nonce, sizeof s->nonce, "%016" PRIX64, fresh_number());
    snprintf(s->inbox, sizeof s->inbox, "_INBOX.lc3.%016" PRIX64, fresh_number());
    char all[80];
    snprintf(all, sizeof all, "%s.>", s->inbox);
    natsConnection_Subscribe(&s->acks, bus->connection, all, on_ack, s);
    natsSubscription_SetPendingLimits(s->acks, -1, -1);
    return &s->o.b;
}
