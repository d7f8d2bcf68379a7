// The ring, one thread: what each call promises.  stress_ring.c has two.
#include "ring.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

static Ring *make(uint32_t capacity, uint32_t sample)
{
    void *memory = aligned_alloc(RING_LINE, ring_bytes(capacity, sample));
    memset(memory, 0, ring_bytes(capacity, sample));
    return ring_init(memory, capacity, sample);
}

static const uint32_t capacities[] = { 1, 2, 4, 64, 4096 };

#define EACH_CAPACITY(c)                                                                           \
    for (size_t row = 0; row < sizeof capacities / sizeof *capacities; row++)                      \
        for (uint32_t c = capacities[row]; c; c = 0)

Test(ring, is_empty_at_first)
{
    EACH_CAPACITY(capacity) {
        Ring *r = make(capacity, 0);
        uint16_t word;
        cr_expect(not(ring_pop(r, &word)), "capacity %u", capacity);
        cr_expect(eq(int, ring_look_reader(r, 0), RING_BUSY));
        free(r);
    }
}

Test(ring, holds_exactly_its_capacity_and_keeps_the_order)
{
    EACH_CAPACITY(capacity) {
        Ring *r = make(capacity, 16);
        for (uint32_t i = 0; i < capacity; i++)
            cr_expect(ring_push(r, (uint16_t)(i * 7)), "capacity %u word %u", capacity, i);
        cr_expect(not(ring_push(r, 1)), "capacity %u: one too many", capacity);
        for (uint32_t i = 0; i < capacity; i++) {
            uint16_t word = 0;
            cr_expect(ring_pop(r, &word));
            cr_expect(eq(u16, word, (uint16_t)(i * 7)), "capacity %u word %u", capacity, i);
        }
        free(r);
    }
}

Test(ring, every_word_is_legal_in_every_lap)
{
    EACH_CAPACITY(capacity) {
        Ring *r = make(capacity, 256);
        for (uint32_t i = 0; i < 200000; i++) {
            uint16_t word = 1;
            cr_assert(ring_push(r, (uint16_t)i));
            cr_assert(ring_pop(r, &word));
            cr_assert(eq(u16, word, (uint16_t)i), "capacity %u word %u", capacity, i);
            cr_assert(not(ring_pop(r, &word)), "capacity %u: nothing behind word %u", capacity, i);
        }
        free(r);
    }
}

Test(ring, space_taken_by_the_reader_is_seen_after_a_flush)
{
    Ring *r = make(64, 0);
    for (int i = 0; i < 64; i++)
        ring_push(r, 0);
    uint16_t word;
    cr_expect(ring_pop(r, &word));
    cr_expect(not(ring_push(r, 5)), "the head is published a quarter at a time");
    ring_flush_reader(r);
    cr_expect(ring_push(r, 5));
    cr_expect(not(ring_push(r, 6)));
}

Test(ring, the_head_is_published_every_quarter)
{
    Ring *r = make(64, 0);
    for (int i = 0; i < 64; i++)
        ring_push(r, 0);
    uint16_t word;
    for (int i = 0; i < 16; i++)
        ring_pop(r, &word);
    cr_expect(eq(int, ring_look_writer(r, r->w.tail, 16), RING_OK));
    cr_expect(eq(int, ring_look_writer(r, r->w.tail, 17), RING_BUSY));
}

Test(ring, a_batch_goes_in_whole_or_not_at_all)
{
    EACH_CAPACITY(capacity) {
        Ring *r = make(capacity, 2);
        uint16_t in[4096], out[4096];
        for (uint32_t i = 0; i < capacity; i++)
            in[i] = (uint16_t)(i ^ 0x5A5A);
        for (int lap = 0; lap < 5; lap++) {
            cr_expect(eq(int, ring_push_batch(r, in, capacity), RING_OK));
            cr_expect(eq(int, ring_push_batch(r, in, 1), RING_BUSY));
            cr_expect(eq(u32, ring_pop_batch(r, out, 4096), capacity));
            cr_expect(zero(memcmp(in, out, capacity * 2)), "capacity %u lap %d", capacity, lap);
            cr_expect(zero(u32, ring_pop_batch(r, out, 1)));
            ring_flush_reader(r);
            cr_expect(ring_push(r, 9)); // the next lap starts elsewhere
            cr_expect(eq(u32, ring_pop_batch(r, out, 1), 1));
            ring_flush_reader(r);
        }
        free(r);
    }
}

// Vectors and what is left over, whatever lies where; nothing beside the batch changes.
Test(ring, batches_of_any_length_start_anywhere)
{
    enum { CAPACITY = 64, GUARD = 0xABCD };
    for (uint32_t start = 0; start < CAPACITY; start++)
        for (uint32_t length = 1; length <= CAPACITY; length++) {
            Ring *r = make(CAPACITY, 0);
            uint16_t in[CAPACITY], out[CAPACITY + 16], word;
            for (uint32_t i = 0; i < start; i++) {
                cr_assert(ring_push(r, 1));
                cr_assert(ring_pop(r, &word));
            }
            ring_flush_reader(r);
            for (uint32_t i = 0; i < CAPACITY + 16; i++)
                out[i] = GUARD;
            for (uint32_t i = 0; i < length; i++)
                in[i] = (uint16_t)(i * 0x8421 + start);
            cr_assert(eq(int, ring_push_batch(r, in, length), RING_OK));
            const uint32_t some = length / 2 + 1;
            cr_assert(eq(u32, ring_pop_batch(r, out, some), some), "start %u", start);
            cr_assert(eq(u16, out[some], GUARD), "start %u length %u: a word behind the first half", start, length);
            cr_assert(eq(u32, ring_pop_batch(r, out + some, CAPACITY), length - some), "start %u", start);
            cr_assert(memcmp(in, out, length * 2) == 0, "start %u length %u", start, length);
            cr_assert(eq(u16, out[length], GUARD), "start %u length %u: a word behind the last", start, length);
            cr_assert(not(ring_pop(r, &word)));
            free(r);
        }
}

Test(ring, batches_and_words_mix)
{
    Ring *r = make(32, 8);
    uint32_t sent = 0, received = 0, random = 1;
    uint16_t words[32];
    while (received < 100000) {
        random = random * 1664525 + 1013904223;
        const uint32_t n = (random >> 20) % 33;
        for (uint32_t i = 0; i < n; i++)
            words[i] = (uint16_t)(sent + i);
        if (random >> 31 && n) {
            sent += ring_push_batch(r, words, n) == RING_OK ? n : 0;
        } else {
            for (uint32_t i = 0; i < n && ring_push(r, (uint16_t)sent); i++)
                sent++;
        }
        const uint32_t got = ring_pop_batch(r, words, (random >> 10) % 33);
        for (uint32_t i = 0; i < got; i++)
            cr_assert(eq(u16, words[i], (uint16_t)received++));
        for (uint16_t word; random & 64 && ring_pop(r, &word);)
            cr_assert(eq(u16, word, (uint16_t)received++));
        ring_flush_reader(r);
    }
}

Test(ring, a_closed_writer_ends_the_reader_after_the_last_word)
{
    Ring *r = make(4, 0);
    ring_push(r, 1);
    ring_close_writer(r);
    cr_expect(eq(int, ring_look_reader(r, 0), RING_OK));
    uint16_t word;
    ring_pop(r, &word);
    cr_expect(eq(int, ring_look_reader(r, 1), RING_CLOSED));
}

Test(ring, a_closed_reader_ends_the_writer_when_the_ring_is_full)
{
    Ring *r = make(4, 0);
    uint16_t word;
    ring_push(r, 1);
    ring_pop(r, &word);
    ring_close_reader(r);
    uint32_t sent = 1;
    while (ring_push(r, 0))
        sent++;
    cr_expect(eq(u32, sent, 5), "one was taken and four fit");
    cr_expect(eq(int, ring_look_writer(r, r->w.tail, 1), RING_CLOSED));
    cr_expect(eq(int, ring_push_batch(r, &word, 1), RING_CLOSED));
}

Test(ring, stamps_every_sampled_message_once)
{
    EACH_CAPACITY(capacity) {
        static Histogram latency;
        latency = (Histogram){ 0 };
        Ring *r = make(capacity, 8);
        ring_measure(r, &latency);
        uint16_t words[3] = { 0 };
        for (int i = 0; i < 8 * 300; i += capacity >= 3 ? 3 : 1) {
            if (capacity >= 3) {
                cr_assert(eq(int, ring_push_batch(r, words, 3), RING_OK));
                cr_assert(eq(u32, ring_pop_batch(r, words, 3), 3));
            } else {
                cr_assert(ring_push(r, 0));
                cr_assert(ring_pop(r, words));
            }
            ring_flush_reader(r);
        }
        cr_expect(eq(u64, histogram_summary(&latency, 1).count, 300), "capacity %u", capacity);
        free(r);
    }
}

Test(ring, who_announces_is_woken_once)
{
    Ring *r = make(4, 0);
    cr_expect(not(ring_wake_reader(r)));
    ring_announce_reader(r);
    cr_expect(ring_wake_reader(r));
    cr_expect(not(ring_wake_reader(r)));
    ring_announce_writer(r);
    cr_expect(ring_wake_writer(r));
    cr_expect(not(ring_wake_writer(r)));
}
