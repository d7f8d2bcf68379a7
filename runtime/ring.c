#include "ring.h"

#include <assert.h>

#include "clock.h"
#include "ring_copy.h"

enum { SLOTS_PER_LINE = 16 };

static uint32_t stamp_count(uint32_t capacity, uint32_t sample)
{
    if (!sample)
        return 0;
    return capacity > sample ? capacity / sample : 1;
}

size_t ring_bytes(uint32_t capacity, uint32_t sample)
{
    const size_t bytes = offsetof(Ring, slots) + (size_t)capacity * 4 + stamp_count(capacity, sample) * 8;
    return (bytes + RING_LINE - 1) & ~(size_t)(RING_LINE - 1);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// The lap bit of a position, in its place in the slot.
static uint32_t lap_of(uint64_t position, uint32_t shift)
{
    return (uint32_t)(~position >> shift & 1) << 16;
}

// The first position of the next lap.
static uint64_t next_lap(uint64_t position, uint64_t mask)
{
    return (position | mask) + 1;
}

// The first sampled position at or after `position`.
static uint64_t next_sample(uint64_t position, uint32_t sample)
{
    return sample ? (position + sample - 1) & ~(uint64_t)(sample - 1) : UINT64_MAX;
}

// A quarter of the ring: large enough that the writer's look at the head, which
// costs both sides a cache miss, is rare; small enough that it seldom waits.
static uint64_t next_publish(const Ring *r)
{
    const uint64_t quarter = (r->r.mask + 1) / 4;
    return r->r.published + (quarter ? quarter : 1);
}

static void set_pause(Ring *r)
{
    const uint64_t sampled = r->r.latency ? next_sample(r->r.head, r->r.sample) : UINT64_MAX;
    r->r.pause = smaller(smaller(next_publish(r), next_lap(r->r.head, r->r.mask)),
                         sampled == UINT64_MAX ? sampled : sampled + 1);
    r->r.lap = lap_of(r->r.head, r->r.shift);
}

Ring *ring_init(void *memory, uint32_t capacity, uint32_t sample)
{
    assert(capacity && (capacity & (capacity - 1)) == 0 && capacity <= RING_CAPACITY_MAX);
    assert((sample & (sample - 1)) == 0);
    Ring *r = memory;
    uint64_t *stamps = (uint64_t *)((char *)memory + offsetof(Ring, slots) + (size_t)capacity * 4);
    if (capacity == 1) // the slots end off an eight-byte boundary
        stamps = (uint64_t *)((char *)stamps + 4);
    const uint32_t shift = (uint32_t)__builtin_ctz(capacity);
    r->w.mask = r->r.mask = capacity - 1;
    r->w.shift = r->r.shift = shift;
    r->w.sample = r->r.sample = sample;
    r->w.stamps = r->r.stamps = stamps;
    r->w.limit = 0; // the first push looks, and stamps
    set_pause(r);
    return r;
}

void ring_measure(Ring *r, Histogram *latency)
{
    r->r.latency = latency;
    set_pause(r);
}

// ------------------------------------------------------------------ writer

static uint64_t *stamp_of(uint64_t *stamps, uint64_t position, uint64_t mask, uint32_t sample)
{
    const uint64_t count = stamp_count((uint32_t)mask + 1, sample);
    return &stamps[position / sample & (count - 1)];
}

static void write_stamp(Ring *r, uint64_t position)
{
    // Plain memory: the slot's release covers it (A), and the reader is done with the
    // stamp that stood here because its head has passed it (C).
    *stamp_of(r->w.stamps, position, r->w.mask, r->w.sample) = clock_ticks();
}

// Looks at the reader's head; returns the words that fit.
static uint64_t look_for_space(Ring *r)
{
    r->w.head_seen = atomic_load_explicit(&r->from_reader.head, memory_order_acquire); // C
    const uint64_t used = r->w.tail - r->w.head_seen; // what the reader has not published counts too
    if (used > r->w.occupancy_max)
        __atomic_store_n(&r->w.occupancy_max, used, __ATOMIC_RELAXED);
    return r->w.mask + 1 - used;
}

// Lets ring_push run from `first` to where something has to be done again; the
// next position that is due for a stamp lies at or after `unstamped`.
static void set_limit(Ring *r, uint64_t first, uint64_t unstamped)
{
    r->w.limit = smaller(smaller(r->w.head_seen + r->w.mask + 1, next_lap(first, r->w.mask)),
                         next_sample(unstamped, r->w.sample));
    r->w.lap = lap_of(first, r->w.shift);
}

bool ring_writer_look(Ring *r)
{
    const uint64_t tail = r->w.tail;
    if (tail - r->w.head_seen > r->w.mask && look_for_space(r) == 0)
        return false;
    if (r->w.sample && (tail & (r->w.sample - 1)) == 0)
        write_stamp(r, tail);
    set_limit(r, tail, tail + 1);
    return true;
}

// Stores words from a position on, in as many laps as they reach into.
static void store_words(Ring *r, uint64_t position, const uint16_t *words, uint64_t count)
{
    while (count) {
        const uint64_t here = smaller(count, next_lap(position, r->w.mask) - position);
        ring_store_slots(&r->slots[position & r->w.mask], words, (uint32_t)here, lap_of(position, r->w.shift));
        position += here;
        words += here;
        count -= here;
    }
}

RingStatus ring_push_batch(Ring *r, const uint16_t *words, uint32_t count)
{
    const uint64_t tail = r->w.tail, mask = r->w.mask, end = tail + count;
    assert(count && count <= mask + 1);
    if (end - r->w.head_seen > mask + 1) {
        const RingStatus status = ring_look_writer(r, tail, count);
        if (status != RING_OK)
            return status;
        look_for_space(r);
    }
    if (end > next_sample(tail, r->w.sample))
        for (uint64_t p = next_sample(tail, r->w.sample); p < end; p += r->w.sample)
            write_stamp(r, p);
    // The line of the first slot last, for the reader may be looking at it: taken from it
    // once, not before and after the others.
    const uint32_t line = SLOTS_PER_LINE - (uint32_t)(tail % SLOTS_PER_LINE), few = count < line ? count : line;
    store_words(r, tail + few, words + few, count - few); // B
    store_words(r, tail + 1, words + 1, few - 1);         // B
    atomic_store_explicit(&r->slots[tail & mask], words[0] | lap_of(tail, r->w.shift),
                          memory_order_release); // B
    __atomic_store_n(&r->w.tail, end, __ATOMIC_RELAXED);
    set_limit(r, end, end);
    return RING_OK;
}

RingStatus ring_look_writer(const Ring *r, uint64_t tail, uint32_t count)
{
    const bool closed = ring_reader_is_closed(r); // first: the head that follows is then the last
    const uint64_t head = atomic_load_explicit(&r->from_reader.head, memory_order_acquire); // C
    if (r->w.mask + 1 - (tail - head) >= count)
        return RING_OK;
    return closed ? RING_CLOSED : RING_BUSY;
}

void ring_close_writer(Ring *r)
{
    look_for_space(r); // a ring that never was full has not been looked at before
    atomic_store_explicit(&r->from_writer.closed, 1, memory_order_release); // D
}

// ------------------------------------------------------------------ reader

static void read_stamp(Ring *r, uint64_t position)
{
    // Plain memory: ordered by the slot's acquire before (A) and the head's release after (C).
    const uint64_t stamp = *stamp_of(r->r.stamps, position, r->r.mask, r->r.sample);
    const uint64_t now = clock_ticks();
    histogram_record(r->r.latency, now > stamp ? now - stamp : 0); // two cores' counters differ a little
}

static void publish_head(Ring *r)
{
    r->r.published = r->r.head;
    atomic_store_explicit(&r->from_reader.head, r->r.head, memory_order_release); // C
}

bool ring_pop_noting(Ring *r, uint16_t *word)
{
    const uint64_t head = r->r.head;
    if (!ring_load_slots(word, &r->slots[head & r->r.mask], 1, r->r.lap))
        return false;
    __atomic_store_n(&r->r.head, head + 1, __ATOMIC_RELAXED);
    if (head + 1 != r->r.pause)
        return true;
    if (r->r.latency && r->r.sample && (head & (r->r.sample - 1)) == 0)
        read_stamp(r, head);
    if (head + 1 >= next_publish(r))
        publish_head(r);
    set_pause(r);
    return true;
}

uint32_t ring_pop_batch(Ring *r, uint16_t *words, uint32_t count)
{
    const uint64_t head = r->r.head, mask = r->r.mask, end = head + count;
    uint64_t p = head, got, wanted;
    do {
        wanted = smaller(end, next_lap(p, mask)) - p;
        got = ring_load_slots(words + (p - head), &r->slots[p & mask], (uint32_t)wanted, lap_of(p, r->r.shift));
        p += got;
    } while (got == wanted && p < end);
    if (p == head)
        return 0;
    if (r->r.latency)
        for (uint64_t s = next_sample(head, r->r.sample); s < p; s += r->r.sample)
            read_stamp(r, s);
    __atomic_store_n(&r->r.head, p, __ATOMIC_RELAXED);
    if (p >= next_publish(r))
        publish_head(r);
    set_pause(r);
    return (uint32_t)(p - head);
}

static bool has_word(const Ring *r, uint64_t head)
{
    const uint32_t slot = atomic_load_explicit(&r->slots[head & r->r.mask], memory_order_acquire); // A, B
    return (slot & 0x10000) == lap_of(head, r->r.shift);
}

RingStatus ring_look_reader(const Ring *r, uint64_t head)
{
    if (has_word(r, head))
        return RING_OK;
    if (!ring_writer_is_closed(r))
        return RING_BUSY;
    return has_word(r, head) ? RING_OK : RING_CLOSED; // it may have written between the two looks
}

void ring_flush_reader(Ring *r)
{
    if (r->r.published == r->r.head)
        return;
    publish_head(r);
    set_pause(r);
}

void ring_close_reader(Ring *r)
{
    ring_flush_reader(r);
    atomic_store_explicit(&r->from_reader.closed, 1, memory_order_release); // D
}

// ---------------------------------------------------------------- sleeping

void ring_announce_reader(Ring *r)
{
    atomic_exchange_explicit(&r->park.reader_waits, 1, memory_order_acq_rel); // E
}

void ring_announce_writer(Ring *r)
{
    atomic_exchange_explicit(&r->park.writer_waits, 1, memory_order_acq_rel); // E
}

bool ring_wake_reader(Ring *r)
{
    return atomic_exchange_explicit(&r->park.reader_waits, 0, memory_order_acq_rel); // E
}

bool ring_wake_writer(Ring *r)
{
    return atomic_exchange_explicit(&r->park.writer_waits, 0, memory_order_acq_rel); // E
}
