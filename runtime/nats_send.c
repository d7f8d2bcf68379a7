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
    uint32_t lane;
    bool is_acknowledged;
} Slot;

typedef struct {
    Outlet o;
    natsSubscription *acks;
    char inbox[64], nonce[24]; // nonce: ids of this process are its own
    // Of each lane's stream; under `pump`.
    struct {
        int64_t messages; // that it takes before it is asked again
        uint64_t asked_ns;
    } space[REMOTE_REPLICAS_MAX];
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
    uint32_t sealed;      // lanes, as bits, whose stream takes no more: the reader has ended
    uint32_t may_be_gone; // lanes for whose messages there is nobody
    _Atomic bool is_done; // is_settled looks, too
} Sender;

// --------------------------------------------------------- acknowledgments

static void ask_round(Sender *s, uint64_t delay_ns)
{
    if (!s->needs_round)
        s->round_ns = clock_ns() + delay_ns;
    s->needs_round = true;
}

static void refuse(Sender *s, uint32_t lane, const char *data, int length)
{
    char text[200];
    snprintf(text, sizeof text, "%.*s", length < 190 ? length : 190, data);
    const char *code = strstr(text, "err_code\":");
    const int number = code ? atoi(code + 10) : 0;
    if (number == JSStreamSealedErr)
        s->sealed |= 1u << lane;
    else if (number == JSStreamStoreFailedErr)
        stat_add(&s->o.b.remote->stats.full, 1);
    else
        bridge_note(&s->o.b, "the server refused a message: %.100s", text);
    ask_round(s, s->retry_ns);
}

// What is acknowledged without a gap leaves the window.
static void advance(Sender *s)
{
    while (s->base < s->top && s->slots[s->base % s->window].is_acknowledged) {
        s->base++;
        s->progress_ns = clock_ns();
        s->retry_ns = RETRY_LEAST_NS;
        s->ack_ns = ACK_LEAST_NS;
    }
    stat_set(&s->o.b.remote->stats.unacknowledged, s->top - s->base);
}

static void take_answer(Sender *s, uint64_t number, natsMsg *msg)
{
    Slot *slot = &s->slots[number % s->window];
    const char *data = natsMsg_GetData(msg);
    const int length = natsMsg_GetDataLength(msg);
    if (natsMsg_IsNoResponders(msg)) {
        s->may_be_gone |= 1u << slot->lane;
        ask_round(s, s->retry_ns);
    } else if (length && memmem(data, (size_t)length, "\"error\"", 7)) {
        refuse(s, slot->lane, data, length);
    } else {
        slot->is_acknowledged = true;
        advance(s);
    }
}

// On the subject INBOX.ROUND.NUMBER: an answer of the leader, or that there is none.
static void on_ack(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    Sender *s = closure;
    uint32_t round;
    uint64_t number;
    const char *tail = natsMsg_GetSubject(msg) + strlen(s->inbox);
    if (sscanf(tail, ".%" SCNu32 ".%" SCNu64, &round, &number) == 2) {
        pthread_mutex_lock(&s->lock);
        const bool was_full = s->top - s->base == s->window;
        if (round == s->round && number >= s->base && number < s->top)
            take_answer(s, number, msg);
        const bool is_news = was_full || s->base == s->top || s->needs_round;
        pthread_mutex_unlock(&s->lock);
        if (is_news)
            alarm_ring(&s->o.b.alarm);
    }
    natsMsg_Destroy(msg);
    (void)nc;
    (void)sub;
}

static bool window_has_room(Sender *s)
{
    pthread_mutex_lock(&s->lock);
    const bool room = s->top - s->base < s->window && !s->needs_round;
    pthread_mutex_unlock(&s->lock);
    return room && atomic_load_explicit(&s->o.b.bus->is_connected, memory_order_relaxed);
}

static bool has_room(Outlet *o, const Lane *l)
{
    Sender *s = (Sender *)o;
    return s->space[l - o->lanes].messages > 0 && !l->is_closed && window_has_room(s);
}

// --------------------------------------------------------------- publishing

static void publish(Sender *s, uint64_t number, uint32_t round)
{
    const Slot *slot = &s->slots[number % s->window];
    char reply[128], id[80];
    snprintf(reply, sizeof reply, "%s.%" PRIu32 ".%" PRIu64, s->inbox, round, number);
    snprintf(id, sizeof id, "%s.%" PRIu32 ".%" PRIu64, s->nonce, round, number);
    natsMsg *m = NULL;
    if (natsMsg_Create(&m, s->o.lanes[slot->lane].subject, reply, (const char *)slot->message,
                       (int)slot->length) == NATS_OK &&
        natsMsgHeader_Set(m, "Nats-Msg-Id", id) == NATS_OK)
        natsConnection_PublishMsg(s->o.b.bus->connection, m); // a failure shows as a missing acknowledgment
    natsMsg_Destroy(m);
}

static void send_message(Outlet *o, Lane *l, WireKind kind)
{
    Sender *s = (Sender *)o;
    const WireHeader h = { .kind = kind,
                           .run = l->run,
                           .program = o->b.place.program,
                           .first = l->next - l->filled,
                           .stamp_ns = wall_ns(),
                           .count = l->filled };
    const uint32_t lane = (uint32_t)(l - o->lanes);
    pthread_mutex_lock(&s->lock);
    const uint64_t number = s->top++;
    const uint32_t round = s->round;
    if (s->base == number)
        s->progress_ns = clock_ns();
    Slot *slot = &s->slots[number % s->window];
    slot->lane = lane;
    slot->is_acknowledged = false;
    slot->length = WIRE_HEADER + 2 * l->filled;
    stat_set(&s->o.b.remote->stats.unacknowledged, s->top - s->base);
    pthread_mutex_unlock(&s->lock);
    wire_write(slot->message, &h, l->open);
    publish(s, number, round);
    RemoteStats *stats = &s->o.b.remote->stats;
    stat_add(&stats->messages, 1);
    stat_add(&stats->words, l->filled);
    stat_add(&stats->bytes, slot->length);
    s->space[lane].messages--;
}

// What follows a message of its lane that was not acknowledged counts as not
// acknowledged either: its reader leaves it out.
static void mark_round(Sender *s)
{
    uint32_t behind = 0;
    for (uint64_t n = s->base; n < s->top; n++) {
        Slot *slot = &s->slots[n % s->window];
        if (!slot->is_acknowledged)
            behind |= 1u << slot->lane;
        slot->is_acknowledged &= !(behind >> slot->lane & 1);
    }
}

// A quarter is for messages on their way, and those that are sent again.
static void ask_for_space(Sender *s, uint32_t lane)
{
    Lane *l = &s->o.lanes[lane];
    RunState state;
    progress_ask(&s->o.b, l);
    s->space[lane].messages = 0;
    s->space[lane].asked_ns = clock_ns();
    const bool is_there = run_look(&s->o.b, l->run, &state);
    if (is_there)
        s->space[lane].messages = (int64_t)(state.most / 4 * 3) - (int64_t)(state.last + 1 - l->read);
    if (s->space[lane].messages > 0)
        return;
    stat_add(&s->o.b.remote->stats.full, 1);
    pthread_mutex_lock(&s->lock);
    s->may_be_gone |= is_there ? 0 : 1u << lane; // nothing is sent that would show it
    s->sealed |= is_there && state.is_sealed ? 1u << lane : 0;
    pthread_mutex_unlock(&s->lock);
}

// What is sent again must not push out what is unread either.
static bool may_repeat(Sender *s)
{
    uint32_t lanes = 0;
    pthread_mutex_lock(&s->lock);
    for (uint64_t n = s->base; n < s->top; n++)
        lanes |= 1u << s->slots[n % s->window].lane;
    pthread_mutex_unlock(&s->lock);
    for (uint32_t i = 0; i < s->o.lane_count; i++)
        if (lanes >> i & 1) {
            ask_for_space(s, i);
            if (s->space[i].messages <= 0)
                return false;
        }
    return true;
}

// The window again, in order.
static void send_round(Sender *s)
{
    pthread_mutex_lock(&s->lock);
    s->needs_round = false;
    const uint32_t round = ++s->round;
    const uint64_t base = s->base, top = s->top;
    mark_round(s);
    s->ack_ns = s->ack_ns * 2 < ACK_MOST_NS ? s->ack_ns * 2 : ACK_MOST_NS;
    s->progress_ns = clock_ns();
    s->retry_ns = s->retry_ns * 2 < RETRY_MOST_NS ? s->retry_ns * 2 : RETRY_MOST_NS;
    pthread_mutex_unlock(&s->lock);
    for (uint64_t n = base; n < top; n++)
        if (!s->slots[n % s->window].is_acknowledged) {
            publish(s, n, round);
            s->space[s->slots[n % s->window].lane].messages--;
            stat_add(&s->o.b.remote->stats.resent, 1);
        }
}

// ----------------------------------------------------------------- the thread

static void look_for_space(Sender *s)
{
    for (uint32_t i = 0; i < s->o.lane_count; i++) {
        const Lane *l = &s->o.lanes[i];
        if (s->space[i].messages <= 0 && !l->is_closed && !l->has_end &&
            clock_since(s->space[i].asked_ns) >= FULL_NS)
            ask_for_space(s, i);
    }
}

// A lane's reader has ended: early, which ends the machine, or all that was lost is the
// news of its having read the end.  The other lanes get what is theirs.
static void close_lane(Sender *s, uint32_t lane)
{
    Lane *l = &s->o.lanes[lane];
    if (l->is_closed)
        return;
    l->is_closed = true;
    l->filled = 0;
    pthread_mutex_lock(&s->lock);
    for (uint64_t n = s->base; n < s->top; n++)
        s->slots[n % s->window].is_acknowledged |= s->slots[n % s->window].lane == lane;
    advance(s);
    pthread_mutex_unlock(&s->lock);
    if (l->has_end || ring_reader_is_closed(s->o.b.remote->ring))
        return;
    bridge_note(&s->o.b, "the reader has ended");
    bridge_close_reader(&s->o.b);
}

static void close_lanes(Sender *s, uint32_t sealed, uint32_t may_be_gone)
{
    for (uint32_t i = 0; i < s->o.lane_count; i++)
        if (sealed >> i & 1 || (may_be_gone >> i & 1 && run_is_gone(&s->o.b, s->o.lanes[i].run)))
            close_lane(s, i);
}

// Rounds, and the end of all.
static void look_around(Sender *s)
{
    const bool is_connected = atomic_load(&s->o.b.bus->is_connected);
    pthread_mutex_lock(&s->lock);
    const bool is_late = s->base < s->top && clock_since(s->progress_ns) > s->ack_ns;
    if (is_late)
        ask_round(s, 0);
    const bool is_due = s->needs_round && clock_ns() >= s->round_ns && is_connected;
    const bool is_stuck = s->needs_round && is_late;
    const uint32_t sealed = s->sealed, may_be_gone = is_connected ? s->may_be_gone : 0;
    s->may_be_gone &= ~may_be_gone;
    pthread_mutex_unlock(&s->lock);
    bridge_watch(&s->o.b, !is_connected || is_stuck,
                 is_connected ? "gets no acknowledgment" : "has no connection");
    close_lanes(s, sealed, may_be_gone);
    if (is_due && may_repeat(s))
        send_round(s);
    pthread_mutex_lock(&s->lock);
    s->is_done = outlet_is_done(&s->o) && s->base == s->top;
    pthread_mutex_unlock(&s->lock);
}

static uint64_t nap_ns(Sender *s)
{
    const uint64_t delay_ns = (uint64_t)s->o.b.remote->settings.delay_us * 1000;
    uint64_t nap = TICK_NS;
    if (!window_has_room(s))
        return TICK_NS / 4;
    for (uint32_t i = 0; i < s->o.lane_count; i++) {
        const uint64_t due = s->space[i].messages <= 0 ? FULL_NS : delay_ns > 1000 ? delay_ns : 1000;
        if (s->o.lanes[i].filled && due < nap)
            nap = due;
    }
    return nap;
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
        const uint64_t ns = nap_ns(s);
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
        s->round_ns = clock_ns();
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
    const bool settled = outlet_is_empty(&s->o) && s->base == s->top &&
                         ring_look_reader(b->remote->ring, b->remote->ring->r.head) != RING_OK;
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_unlock(&s->o.pump);
    return settled;
}

static void place(Bridge *b, uint64_t position, RemotePlace *place)
{
    outlet_place(&((Sender *)b)->o, position, place);
}

static void unsubscribe(Bridge *b)
{
    natsSubscription_Destroy(((Sender *)b)->acks);
    outlet_unsubscribe((Outlet *)b);
}

static void close_sender(Bridge *b)
{
    Sender *s = (Sender *)b;
    for (uint32_t i = 0; i < s->window; i++)
        free(s->slots[i].message);
    free(s->slots);
    outlet_close(&s->o);
}

static const BridgeKind kind = { .run = run,
                                 .renew = renew,
                                 .is_settled = is_settled,
                                 .place = place,
                                 .unsubscribe = unsubscribe,
                                 .close = close_sender };

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
    for (uint32_t i = 0; i < REMOTE_REPLICAS_MAX; i++)
        s->space[i].messages = r->start.run ? 0 : (int64_t)run_messages(&s->o.b) / 4;
    snprintf(s->nonce, sizeof s->nonce, "%016" PRIX64, fresh_number());
    snprintf(s->inbox, sizeof s->inbox, "_INBOX.lc3.%016" PRIX64, fresh_number());
    char all[80];
    snprintf(all, sizeof all, "%s.>", s->inbox);
    natsConnection_Subscribe(&s->acks, bus->connection, all, on_ack, s);
    natsSubscription_SetPendingLimits(s->acks, -1, -1);
    return &s->o.b;
}
