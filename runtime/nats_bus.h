// nats_bus.h -- inside the NATS module: the connection, and what its bridges share.
//
//     nats_bus.c      connection, errors, the driver's table
//     nats_run.c      JetStream: streams, and the record by which two ends find each other
//     nats_bridge.c   waiting, waking, time limits: what both directions share
//     nats_ring.c     from ring to messages, from messages to ring
//     nats_send.c     ring to subject; a window of unacknowledged messages
//     nats_receive.c  subject to ring; positions checked, damage refused
//     nats_clock.c    how far apart the clocks of two hosts are
//     nats_fast.c     mode=fast: how the ends find each other and how far they are
#ifndef RUNTIME_NATS_BUS_H
#define RUNTIME_NATS_BUS_H

#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>

#include "clock.h"
#include "nats_driver.h"
#include "nats_wire.h"

typedef struct Bridge Bridge;

struct RemoteBus {
    RemoteBusOptions options;
    natsConnection *connection;
    jsCtx *js; // or NULL: no link is safe
    int64_t replicas;
    Bridge *bridges;
    _Atomic int is_connected;
    _Atomic int is_stopping; // bridges leave at once
    _Atomic int has_given_up;
    _Atomic uint64_t reconnects;
    pthread_mutex_t trouble_lock;
    char trouble[240]; // under trouble_lock
    char credentials[512], urls[1024];
};

// A thread's alarm clock.
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool is_rung;
} Alarm;

void alarm_init(Alarm *a);
void alarm_ring(Alarm *a);
void alarm_wait(Alarm *a, uint64_t ns); // at most so long

typedef struct {
    void *(*run)(void *bridge);    // the thread
    void (*renew)(Bridge *b);      // after a reconnection; any thread
    bool (*is_settled)(Bridge *b); // everything sent is acknowledged; asked while machines are paused
    void (*place)(Bridge *b, uint64_t position, RemotePlace *place);
    void (*commit)(Bridge *b);
    void (*tick)(Bridge *b);           // now and then while it waits for space in the ring
    uint64_t (*needed)(Bridge *b);     // the first message that is; any thread
    void (*end)(Bridge *b, bool ends); // after the thread
    void (*unsubscribe)(Bridge *b);
    void (*close)(Bridge *b); // when no callback can come any more
} BridgeKind;

struct Bridge {
    RemoteBus *bus;
    Remote *remote;
    const BridgeKind *kind;
    Bridge *next;
    pthread_t thread;
    bool has_thread;
    Alarm alarm;
    RemotePlace place;
    uint64_t blocked_since_ns; // the bridge's thread; 0: all is well
    uint64_t clock_due_ns;     // nats_clock.c
    uint32_t clock_questions;
};

enum { TICK_NS = 100000000 }; // a bridge looks around this often in any case

uint64_t wall_ns(void);      // since 1970
uint64_t fresh_number(void); // random, never 0

// Makes a bridge of `size` bytes that begins with a Bridge.
void *bridge_new(size_t size, const BridgeKind *kind, RemoteBus *bus, Remote *r);
// The machine is told of what the bridge did to the ring.
void bridge_wake_reader(Bridge *b);
void bridge_wake_writer(Bridge *b);
// The reader (writer) side of the ring ends, and the machine hears of it.
void bridge_close_reader(Bridge *b);
void bridge_close_writer(Bridge *b);
// Called at every tick: with `is_blocked` for longer than --bus-timeout, the run ends.
void bridge_watch(Bridge *b, bool is_blocked, const char *why);
// The link is broken for good.
void bridge_break(Bridge *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Keeps the first remark for the report.
void bridge_note(Bridge *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline bool bridge_is_stopping(const Bridge *b)
{
    return atomic_load_explicit(&b->bus->is_stopping, memory_order_relaxed);
}
static inline void stat_set(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}
static inline void stat_add(uint64_t *word, uint64_t value)
{
    stat_set(word, *word + value); // one writer
}

// nats_ring.c: the ring's reader.  Words are collected until they fill a message or the
// first of them has waited long enough; in one lane, or with a group in one for each replica.
typedef struct {
    uint64_t run; // of its messages
    char subject[160];
    uint16_t *open; // words of the message that is being filled
    uint32_t filled;
    uint64_t opened_ns; // when its first word came
    uint64_t next;      // position of the word after those
    bool has_end;       // the end of the stream was sent
    bool is_closed;     // its reader has ended: what is for it goes nowhere
    natsSubscription *clock;
    uint64_t read; // what its reader has said
} Lane;

typedef struct Outlet Outlet;
struct Outlet {
    Bridge b;
    // Held by whoever publishes: the bridge's thread, or a worker whose machine waits.
    pthread_mutex_t pump;
    Lane lanes[REMOTE_REPLICAS_MAX];
    uint32_t lane_count;
    // With several: the record that has begun.
    uint64_t dealt;                // words so far
    uint32_t lane;                 // of the record, once its key is whole
    uint16_t held[REMOTE_KEY_MAX]; // its words until then
    uint32_t held_count;
    bool (*has_room)(Outlet *o, const Lane *l);
    void (*send)(Outlet *o, Lane *l, WireKind kind); // what is in `open`
};

void outlet_open(Outlet *o, bool (*has_room)(Outlet *, const Lane *),
                 void (*send)(Outlet *, Lane *, WireKind));
void outlet_unsubscribe(Outlet *o);
void outlet_close(Outlet *o);
// When the run has its number, and before anybody asks for a place: where it goes on.
void outlet_start(Outlet *o);
void outlet_place(const Outlet *o, uint64_t position, RemotePlace *place);
// Every lane has sent its end, or its reader has gone.
bool outlet_is_done(const Outlet *o);
bool outlet_is_empty(const Outlet *o); // nothing waits for others
// Moves what can be moved; returns whether anything was.  Under `pump`.
bool outlet_pump(Outlet *o, bool is_idle);
// Is there nothing to do until somebody rings?  Asks the machine to do so.  Under `pump`.
bool outlet_may_sleep(Outlet *o);

// The ring's writer.
typedef struct {
    Bridge b;
    pthread_mutex_t lock;
    uint64_t expected; // position of the next word; under the lock, for others than the bridge
} Inlet;

// Puts words from number `from` on of a message into the ring and waits for space.
// False: nobody takes them any more.
bool inlet_put(Inlet *i, const uint8_t *message, uint32_t from, uint32_t count);
// How old the message is.
void inlet_measure(Inlet *i, const WireHeader *h);

// nats_clock.c
natsSubscription *clock_serve(Bridge *b, const char *subject); // the sender, of every lane
void clock_ask(Bridge *b);                                     // the receiver, now and then

// nats_progress.c: how far a reader has got, so that its sender stays in sight.
natsSubscription *progress_serve(Bridge *b); // the receiver
void progress_ask(Bridge *b, Lane *l);       // the sender

// nats_run.c
bool run_open(RemoteBus *bus, Error *err); // JetStream is there
// The sender's end: makes the streams of a new run and their records.
bool run_create(Bridge *b, Error *err);
// A run that a checkpoint names: are its streams there?
bool run_resume(Bridge *b, Error *err);
typedef enum { RUN_NONE, RUN_FREE, RUN_TAKEN, RUN_BOUND, RUN_UNUSABLE } RunStatus;
// The receiver's end: takes the newest run that nobody reads yet.
RunStatus run_find(Bridge *b, RemotePlace *place, Error *err);
// Lane I of the run that the bridge has is run + I; a reader has one lane, and its number.
void run_stream_name(const Bridge *b, uint64_t run, char *name, size_t size);
void run_subject(const Bridge *b, uint64_t run, char *subject, size_t size);
bool run_is_gone(Bridge *b, uint64_t run); // the server says that there is no such stream
uint64_t run_messages(const Bridge *b);    // that a new stream is made for
typedef struct {
    uint64_t first, last, most; // messages that it holds, and how many it can
    bool is_sealed;
} RunState;
bool run_look(Bridge *b, uint64_t run, RunState *state);
void run_seal(Bridge *b); // takes no more messages: the reader has ended
void run_delete(Bridge *b, uint64_t run);

enum { STREAM_BYTES = 128 << 20 }; // that a stream keeps at most: what its reader may be behind

Bridge *sender_new(RemoteBus *bus, Remote *r);
Bridge *receiver_new(RemoteBus *bus, Remote *r);
Bridge *fast_sender_new(RemoteBus *bus, Remote *r);
Bridge *fast_receiver_new(RemoteBus *bus, Remote *r);

#endif
