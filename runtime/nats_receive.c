// mode=safe, from the stream of a run to a ring.
//
// A consumer without acknowledgments, which is cheap, and which this bridge makes
// anew whenever it has reason to doubt it: a number missing in what it delivers,
// silence, a lost connection.  It goes on at the message after the last one that was
// dealt with.  Of each message only the words are taken that are next by their
// position; so messages that were sent twice do no harm, and one that came too early
// is sent again by its sender (nats_send.c).
//
// The sender is told what is still needed (nats_progress.c): with checkpoints everything since
// the last one on disk, otherwise what the machine has not taken from the ring.
#include "nats_bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AHEAD_BYTES = 4 << 20,   // asked for beyond what has come
    AHEAD_MOST = 1024,       // messages
    SILENCE_NS = 2500000000, // neither a message nor a sign of life: a new consumer
    HEARTBEAT_NS = 500000000,
    EXPIRES_NS = 5000000000ll,
    POLL_MS = 20,
    RETRY_NS = 200000000,
    LOOK_NS = 100000000, // for a run to read
    UNSAVED_PARTS = 16,  // of a stream: one taken, and a checkpoint is due
};

typedef struct {
    uint64_t first, sequence;
} Place;

typedef struct {
    Inlet i;
    natsSubscription *inbox, *progress;
    char subject[64];       // of the inbox
    char next[256];         // where messages are asked for
    char consumer[64];      // empty: none
    uint64_t delivered;     // the consumer's own numbers
    uint64_t sequence;      // of the last message dealt with; under i.lock for others
    int64_t wanted;         // messages that were asked for and have not come
    uint32_t message_bytes; // of a recent one
    _Atomic uint64_t heard_ns;
    uint64_t retry_ns, moved_ns;
    bool is_bound, has_end, is_done;
    // Where in the stream the words in the ring lie; a message holds a word at least.
    Place *places; // under i.lock
    uint64_t place_count, places_room;
    uint64_t saved;             // what the last place said
    _Atomic uint64_t committed; // with checkpoints: messages before it may go
    uint64_t looked_ns;
    uint64_t most; // messages that the stream holds; 0: not known yet
} Receiver;

// ---------------------------------------------------------------- consumer

static void drop_consumer(Receiver *c)
{
    if (c->consumer[0] && atomic_load(&c->i.b.bus->is_connected)) {
        // Its own time limit removes it; what it still sends is not asked for any more.
        natsSubscription_Destroy(c->inbox);
        c->inbox = NULL;
    }
    c->consumer[0] = 0;
    c->wanted = 0;
    c->retry_ns = clock_ns() + RETRY_NS;
}

// Servers that have lost acknowledged messages must not pass for a sender that is slow.
static bool has_lost(Receiver *c, const RunState *state)
{
    if (state->first <= c->sequence + 1)
        return false;
    bridge_break(&c->i.b, "the servers have lost messages %" PRIu64 " to %" PRIu64 " of the stream",
                 c->sequence + 1, state->first - 1);
    return true;
}

static bool make_consumer(Receiver *c)
{
    enum { WAIT_MS = 2000 };
    char stream[160];
    run_stream_name(&c->i.b, c->i.b.place.run, stream, sizeof stream);
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.DeliverPolicy = js_DeliverByStartSequence;
    config.OptStartSeq = c->sequence + 1;
    config.AckPolicy = js_AckNone;
    config.Replicas = 1;
    config.MemoryStorage = true;
    config.InactiveThreshold = EXPIRES_NS * 4;
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = WAIT_MS;
    jsConsumerInfo *info = NULL;
    jsErrCode code = 0;
    const natsStatus s = js_AddConsumer(&info, c->i.b.bus->js, stream, &config, &options, &code);
    if (s == NATS_OK)
        snprintf(c->consumer, sizeof c->consumer, "%s", info->Name);
    jsConsumerInfo_Destroy(info);
    if (code == JSStreamNotFoundErr)
        bridge_break(&c->i.b, "the stream %s is gone", stream);
    if (s != NATS_OK)
        return false;
    natsSubscription_Destroy(c->inbox);
    c->inbox = NULL;
    snprintf(c->subject, sizeof c->subject, "_INBOX.lc3.%016" PRIX64, fresh_number());
    if (natsConnection_SubscribeSync(&c->inbox, c->i.b.bus->connection, c->subject) != NATS_OK)
        return false;
    natsSubscription_SetPendingLimits(c->inbox, -1, -1);
    snprintf(c->next, sizeof c->next, "$JS.API.CONSUMER.MSG.NEXT.%s.%s", stream, c->consumer);
    c->delivered = 0;
    c->wanted = 0;
    c->heard_ns = c->moved_ns = clock_ns();
    return true;
}

// Asks for more when half of it has come.
static void ask(Receiver *c)
{
    const uint32_t each = c->message_bytes + 256;
    const int64_t most = AHEAD_BYTES / each < 4            ? 4
                         : AHEAD_BYTES / each > AHEAD_MOST ? AHEAD_MOST
                                                           : AHEAD_BYTES / each;
    if (c->wanted > most / 2)
        return;
    char request[120];
    const int64_t batch = most - c->wanted;
    const int length =
        snprintf(request, sizeof request, "{\"batch\":%" PRId64 ",\"expires\":%lld,\"idle_heartbeat\":%d}",
                 batch, (long long)EXPIRES_NS, HEARTBEAT_NS);
    if (natsConnection_PublishRequest(c->i.b.bus->connection, c->next, c->subject, request, length) ==
        NATS_OK)
        c->wanted += batch;
}

// ------------------------------------------------------------------ the ring

static void remember(Receiver *c, uint64_t first, uint64_t sequence)
{
    pthread_mutex_lock(&c->i.lock);
    c->places[c->place_count++ % c->places_room] = (Place){ first, sequence };
    pthread_mutex_unlock(&c->i.lock);
}

// The message that holds the word at `position`, or will be the next.
static uint64_t sequence_of(Receiver *c, uint64_t position)
{
    pthread_mutex_lock(&c->i.lock);
    uint64_t sequence = c->sequence + 1;
    const uint64_t oldest = c->place_count > c->places_room ? c->place_count - c->places_room : 0;
    if (position < c->i.expected)
        for (uint64_t i = c->place_count; i > oldest; i--)
            if (c->places[(i - 1) % c->places_room].first <= position) {
                sequence = c->places[(i - 1) % c->places_room].sequence;
                break;
            }
    pthread_mutex_unlock(&c->i.lock);
    return sequence;
}

// ---------------------------------------------------------------- messages

static void refuse(Receiver *c, const char *why)
{
    stat_add(&c->i.b.remote->stats.refused, 1);
    bridge_note(&c->i.b, "refused message %" PRIu64 " of the stream: %s", c->sequence + 1, why);
}

// Words that are next.  Returns false when nobody takes them.
static bool take_words(Receiver *c, const WireHeader *h, const uint8_t *message)
{
    RemoteStats *stats = &c->i.b.remote->stats;
    const uint64_t end = h->first + h->count;
    if (h->first > c->i.expected)
        return true; // too early: what is missing comes again, and then this too
    if (end <= c->i.expected) {
        stat_add(&stats->duplicates, h->count);
        return true;
    }
    const uint32_t known = (uint32_t)(c->i.expected - h->first);
    stat_add(&stats->duplicates, known);
    inlet_measure(&c->i, h);
    remember(c, c->i.expected, c->sequence + 1);
    if (!inlet_put(&c->i, message, known, h->count - known))
        return false;
    stat_add(&stats->messages, 1);
    stat_add(&stats->words, h->count - known);
    stat_add(&stats->bytes, WIRE_HEADER + 2 * (uint64_t)h->count);
    return true;
}

// Returns false when there is nothing more to do for this stream.
static bool take(Receiver *c, const uint8_t *message, size_t length)
{
    WireHeader h;
    const WireStatus status = wire_read(&h, message, length);
    if (status != WIRE_GOOD)
        refuse(c, wire_status_names[status]);
    else if (h.run != c->i.b.place.run)
        refuse(c, "of another run");
    else if (h.program != c->i.b.place.program)
        refuse(c, "of another program");
    else if (h.kind == WIRE_WORDS)
        return take_words(c, &h, message);
    else if (h.kind == WIRE_END && h.first == c->i.expected) {
        c->has_end = true;
        return false;
    }
    return true;
}

// The consumer numbers what it delivers: a gap there is a message that was lost on
// the way, and asked for again by a new consumer.
static bool is_next(Receiver *c, natsMsg *m, uint64_t *sequence)
{
    jsMsgMetaData *meta = NULL;
    if (natsMsg_GetMetaData(&meta, m) != NATS_OK)
        return false;
    const bool good = meta->Sequence.Consumer == c->delivered + 1;
    *sequence = meta->Sequence.Stream;
    jsMsgMetaData_Destroy(meta);
    return good;
}

static void take_message(Receiver *c, natsMsg *m)
{
    uint64_t sequence;
    c->heard_ns = clock_ns();
    const char *status = NULL;
    if (natsMsgHeader_Get(m, "Status", &status) == NATS_OK && status) {
        if (strcmp(status, "100") != 0)
            c->wanted = 0; // the request has ended: ask again
        return;
    }
    if (!is_next(c, m, &sequence)) {
        drop_consumer(c);
        return;
    }
    if (sequence > c->sequence + 1) {
        RunState state;
        if (!run_look(&c->i.b, c->i.b.place.run, &state) || !has_lost(c, &state))
            drop_consumer(c);
        return;
    }
    c->moved_ns = clock_ns();
    c->delivered++;
    c->wanted--;
    pthread_mutex_lock(&c->i.lock);
    c->sequence = sequence - 1;
    pthread_mutex_unlock(&c->i.lock);
    const int length = natsMsg_GetDataLength(m);
    c->message_bytes = (uint32_t)length;
    c->is_done = !take(c, (const uint8_t *)natsMsg_GetData(m), (size_t)length);
    pthread_mutex_lock(&c->i.lock);
    c->sequence = sequence;
    pthread_mutex_unlock(&c->i.lock);
}

// ----------------------------------------------------------------- the thread

static void bind(Receiver *c)
{
    Error err;
    RemotePlace place = c->i.b.place;
    const bool is_connected = atomic_load(&c->i.b.bus->is_connected);
    bridge_watch(&c->i.b, !is_connected, "has no connection");
    if (!is_connected) {
        alarm_wait(&c->i.b.alarm, LOOK_NS);
        return;
    }
    const RunStatus status = run_find(&c->i.b, &place, &err);
    if (status == RUN_UNUSABLE)
        bridge_break(&c->i.b, "%s", err.text);
    pthread_mutex_lock(&c->i.lock);
    c->i.b.place = place;
    pthread_mutex_unlock(&c->i.lock);
    c->is_bound = status == RUN_BOUND;
    if (!c->is_bound)
        alarm_wait(&c->i.b.alarm, LOOK_NS);
}

static uint64_t consumed(const Receiver *c)
{
    const Ring *r = c->i.b.remote->ring;
    return c->i.b.remote->start.position + atomic_load_explicit(&r->from_reader.head, memory_order_acquire);
}

static uint64_t needed(Bridge *b)
{
    Receiver *c = (Receiver *)b;
    return b->bus->options.keeps ? atomic_load(&c->committed) : sequence_of(c, consumed(c));
}

// With checkpoints the sender can only go on when there is a new one.
static void save_if_due(Receiver *c)
{
    if (!c->i.b.bus->options.keeps || clock_since(c->looked_ns) < TICK_NS)
        return;
    c->looked_ns = clock_ns();
    RunState state;
    if (!c->most && run_look(&c->i.b, c->i.b.place.run, &state))
        c->most = state.most;
    if (c->most && sequence_of(c, consumed(c)) - atomic_load(&c->committed) >= c->most / UNSAVED_PARTS)
        c->i.b.bus->options.save_soon();
}

// A consumer lives on one server, and shows what that server has of the stream.  One
// that fell behind after it was frozen may say for long that there is nothing more.
static bool is_stuck(Receiver *c)
{
    if (clock_since(c->moved_ns) < SILENCE_NS)
        return false;
    c->moved_ns = clock_ns();
    RunState state;
    return run_look(&c->i.b, c->i.b.place.run, &state) && !has_lost(c, &state) && state.last > c->sequence;
}

// One turn: something comes, or nothing does for a moment.
static void turn(Receiver *c)
{
    const bool is_connected = atomic_load(&c->i.b.bus->is_connected);
    const uint64_t now = clock_ns();
    bridge_watch(&c->i.b, !is_connected || !c->consumer[0],
                 is_connected ? "finds no consumer" : "has no connection");
    if (!is_connected || (!c->consumer[0] && now < c->retry_ns)) {
        alarm_wait(&c->i.b.alarm, POLL_MS * 1000000ull);
        return;
    }
    if (!c->consumer[0] && !make_consumer(c)) {
        c->retry_ns = clock_ns() + RETRY_NS;
        return;
    }
    if (!c->progress)
        c->progress = progress_serve(&c->i.b);
    ask(c);
    clock_ask(&c->i.b);
    natsMsg *m = NULL;
    if (natsSubscription_NextMsg(&m, c->inbox, POLL_MS) == NATS_OK) {
        take_message(c, m);
        natsMsg_Destroy(m);
    } else if (clock_since(c->heard_ns) > SILENCE_NS || is_stuck(c)) {
        drop_consumer(c);
    }
    save_if_due(c);
}

static bool is_over(const Receiver *c)
{
    return c->is_done || bridge_is_stopping(&c->i.b) || ring_reader_is_closed(c->i.b.remote->ring) ||
           c->i.b.bus->has_given_up;
}

static void *run(void *argument)
{
    Receiver *c = argument;
    c->is_bound = c->i.b.place.run != 0;
    c->sequence = c->i.b.place.sequence ? c->i.b.place.sequence - 1 : 0;
    c->i.expected = c->i.b.remote->start.position;
    while (!is_over(c))
        if (c->is_bound)
            turn(c);
        else
            bind(c);
    if (c->has_end)
        bridge_close_writer(&c->i.b);
    else if (c->is_bound && ring_reader_is_closed(c->i.b.remote->ring) &&
             atomic_load(&c->i.b.bus->is_connected))
        run_seal(&c->i.b); // the sender hears of it by its next message
    c->i.b.bus->options.leave();
    return NULL;
}

// ------------------------------------------------------------- as a bridge

static void place(Bridge *b, uint64_t position, RemotePlace *place)
{
    Receiver *c = (Receiver *)b;
    pthread_mutex_lock(&c->i.lock);
    *place = b->place;
    pthread_mutex_unlock(&c->i.lock);
    place->position = position;
    place->sequence = c->saved = sequence_of(c, position);
}

static void commit(Bridge *b)
{
    Receiver *c = (Receiver *)b;
    atomic_store(&c->committed, c->saved);
}

static void renew(Bridge *b)
{
    ((Receiver *)b)->heard_ns = 0; // the thread makes a new consumer when nothing comes at once
}

// Nobody will read this stream again.
static void end(Bridge *b, bool ends)
{
    Receiver *c = (Receiver *)b;
    if (ends && c->is_bound && atomic_load(&b->bus->is_connected))
        run_delete(b, b->place.run);
}

static void unsubscribe(Bridge *b)
{
    Receiver *c = (Receiver *)b;
    natsSubscription_Destroy(c->inbox);
    natsSubscription_Destroy(c->progress);
}

static void close_receiver(Bridge *b)
{
    free(((Receiver *)b)->places);
}

static const BridgeKind kind = { .run = run,
                                 .renew = renew,
                                 .place = place,
                                 .commit = commit,
                                 .needed = needed,
                                 .end = end,
                                 .unsubscribe = unsubscribe,
                                 .close = close_receiver };

Bridge *receiver_new(RemoteBus *bus, Remote *r)
{
    Receiver *c = bridge_new(sizeof *c, &kind, bus, r);
    pthread_mutex_init(&c->i.lock, NULL);
    c->places_room = (uint64_t)r->settings.capacity + 2;
    c->places = calloc(c->places_room, sizeof *c->places);
    c->message_bytes = 1024;
    return &c->i.b;
}
