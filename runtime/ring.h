// ring.h -- a lock-free ring of 16-bit words between one writer and one reader.
//
// Every slot is four bytes: the word, and beside it one bit that says in which
// lap it was written.  The reader learns "new" from the slot itself, so on the
// fast path the two threads share nothing but that slot's cache line, and every
// word is legal, 0 too.  The writer must not overtake: it knows how far the
// reader had got when it last looked (head_seen) and looks again only when that
// much is used up; the reader publishes its head lazily, a quarter of the ring
// at a time, and whenever it stops running (ring_flush_reader).
//
// Positions count words since the start and never wrap (64 bits); position p
// lives in slot p & mask, in lap p >> shift.  Laps alternate: the first is
// written with bit 1, so that a zeroed ring is empty.
//
// Memory orders, each with its pair:
//
//   A  slot store, release (ring_push)       with slot load, acquire (ring_pop).
//      The slot is its own payload; the release is for what stands beside it:
//      the stamp of a sampled message.
//   B  the first slot of a batch, release    with the same load.  The other slots
//      are stored before it, relaxed and several at a time (ring_copy.h): who sees
//      the first sees all of them, so a batch is published at once.
//   C  from_reader.head store, release       with its load, acquire, in the
//      writer's slow path: who sees the head may overwrite the slots and stamps
//      before it, because the reader's loads of them are over.
//   D  closed stores, release                with their loads, acquire: who sees
//      "closed" sees every slot (or the head) stored before it, so one more look
//      decides.
//   E  waits: exchange, acquire-release, on both sides.  Both change the same
//      word, so one comes first.  If the side that goes to sleep comes first, the
//      other reads 1 and wakes it; if it comes second, it reads what the other's
//      exchange released and its last look sees the words (or the space).
#ifndef RUNTIME_RING_H
#define RUNTIME_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

enum {
    RING_LINE = 128, // two lines: the neighbour of a cache line is fetched with it
    RING_CAPACITY = 4096,      // by default
    RING_CAPACITY_CROWD = 128, // by default, where there are thousands
    RING_CAPACITY_MAX = 1 << 24,
    RING_SAMPLE = 256,         // stamps: one message in so many, by default
};

// The writer's own.  Others may look at `tail` (relaxed), it is only a count.
typedef struct {
    alignas(RING_LINE) uint64_t tail; // the next position to write
    uint64_t limit;     // position at which ring_push must take the slow path
    uint64_t mask;
    uint32_t lap;       // lap bit of all positions up to `limit`
    uint32_t shift;
    uint64_t head_seen; // the writer's last look at the reader's head
    uint64_t *stamps;
    uint32_t sample;       // one message in so many is stamped, a power of two; 0: none
    uint64_t occupancy_max; // most words seen in the ring: when space ran out, and at the end
} RingWriter;

// The reader's own.  Others may look at `head` (relaxed).
typedef struct {
    alignas(RING_LINE) uint64_t head; // the next position to read
    uint64_t pause;     // position at which ring_pop has something to note
    uint64_t mask;
    uint32_t lap;       // lap bit of all positions up to `pause`
    uint32_t shift;
    uint64_t published; // the head that the writer may know
    uint64_t *stamps;
    uint32_t sample;
    Histogram *latency; // ticks from publish to receipt; NULL: stamps are ignored
} RingReader;

typedef struct Ring {
    RingWriter w;
    RingReader r;
    struct { // stored by the reader
        alignas(RING_LINE) _Atomic uint64_t head; // C
        _Atomic uint32_t closed;                  // D
    } from_reader;
    struct { // stored by the writer
        alignas(RING_LINE) _Atomic uint32_t closed; // D
    } from_writer;
    struct { // exchanged by both, only around sleeping
        alignas(RING_LINE) _Atomic uint32_t reader_waits; // E
        _Atomic uint32_t writer_waits;                    // E
    } park;
    alignas(RING_LINE) _Atomic uint32_t slots[];
} Ring;

typedef enum { RING_OK, RING_BUSY, RING_CLOSED } RingStatus;

// Bytes of a ring with its stamps.  `capacity` is a power of two, from 1 to
// RING_CAPACITY_MAX; `sample` is a power of two or 0.
size_t ring_bytes(uint32_t capacity, uint32_t sample);

// Makes a ring in zeroed memory of ring_bytes, aligned to RING_LINE.
Ring *ring_init(void *memory, uint32_t capacity, uint32_t sample);

// Before the first word: where the reader records the age of sampled messages.
void ring_measure(Ring *r, Histogram *latency);

static inline uint32_t ring_capacity(const Ring *r)
{
    return (uint32_t)r->w.mask + 1;
}

// -------------------------------------------------------------- fast paths

// Slow paths, not for callers.
bool ring_writer_look(Ring *r); // space for one word?  Stamps it if one is due
bool ring_pop_noting(Ring *r, uint16_t *word); // as ring_pop, at any position

// Writer: puts one word, where there is nothing to look at first.  False: nothing has
// happened, ring_push decides.  Engines have this in line: it calls nobody.
static inline bool ring_push_fast(Ring *r, uint16_t word)
{
    const uint64_t tail = r->w.tail;
    if (__builtin_expect(tail == r->w.limit, 0))
        return false;
    atomic_store_explicit(&r->slots[tail & r->w.mask], word | r->w.lap,
                          memory_order_release); // A
    __atomic_store_n(&r->w.tail, tail + 1, __ATOMIC_RELAXED);
    return true;
}

// Writer: puts one word.  False: the ring is full.
static inline bool ring_push(Ring *r, uint16_t word)
{
    return ring_push_fast(r, word) || (ring_writer_look(r) && ring_push_fast(r, word));
}

// Reader: takes one word, where there is nothing to note after it.  False: nothing has
// happened, ring_pop decides.
static inline bool ring_pop_fast(Ring *r, uint16_t *word)
{
    const uint64_t head = r->r.head;
    const uint32_t slot =
        atomic_load_explicit(&r->slots[head & r->r.mask], memory_order_acquire); // A, B
    if (__builtin_expect((slot ^ r->r.lap) >> 16 || head + 1 == r->r.pause, 0))
        return false;
    *word = (uint16_t)slot;
    __atomic_store_n(&r->r.head, head + 1, __ATOMIC_RELAXED);
    return true;
}

// Reader: takes one word.  False: the ring is empty.
static inline bool ring_pop(Ring *r, uint16_t *word)
{
    return ring_pop_fast(r, word) || ring_pop_noting(r, word);
}

// ----------------------------------------------------------------- batches

// Writer: puts all `count` words and publishes them at once, or none: RING_BUSY
// (no space for all of them yet) or RING_CLOSED (there will not be).  `count` is
// 1 to the capacity.
RingStatus ring_push_batch(Ring *r, const uint16_t *words, uint32_t count);

// Reader: takes up to `count` words that are there; returns how many.
uint32_t ring_pop_batch(Ring *r, uint16_t *words, uint32_t count);

// ------------------------------------------------------- closing, sleeping

// Exactly one call each, by the side that ends; also flushes it.
void ring_close_writer(Ring *r);
void ring_close_reader(Ring *r);

// Is there a word at position `head`?  RING_OK yes, RING_BUSY not yet, RING_CLOSED
// never.  Changes nothing, so it may be asked by anybody who knows the position.
RingStatus ring_look_reader(const Ring *r, uint64_t head);

// The same for space for `count` words from position `tail` on.  A writer whose
// reader has ended may still fill the ring: how many words it can write does then
// not depend on which of the two was faster.
RingStatus ring_look_writer(const Ring *r, uint64_t tail, uint32_t count);

static inline bool ring_reader_is_closed(const Ring *r)
{
    return atomic_load_explicit(&r->from_reader.closed, memory_order_acquire); // D
}
static inline bool ring_writer_is_closed(const Ring *r)
{
    return atomic_load_explicit(&r->from_writer.closed, memory_order_acquire); // D
}

// Reader: tells the writer of all words taken.  Due before the reader stops
// running for a while, so that a full ring is full by its real contents.
void ring_flush_reader(Ring *r);

// A side that goes to sleep calls its `announce`, looks at its status once more
// and sleeps only if that is still RING_BUSY.  A side that has moved words and
// stops running for a while calls `wake`: true, the other side asked to be woken
// (and is owed it by this call alone).
void ring_announce_reader(Ring *r);
void ring_announce_writer(Ring *r);
bool ring_wake_reader(Ring *r);
bool ring_wake_writer(Ring *r);

#endif
