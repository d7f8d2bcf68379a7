// stress_ring.c -- a writer and a reader that do everything rings allow, at random.
//
//     stress_ring [SECONDS [SEED]]
//
// Plain memory stands beside every word (as the stamps do), beside closing and
// beside sleeping, so that ThreadSanitizer sees a missing order even where the
// words themselves cannot show it.  Prints the number of words; exits 1 when one
// is lost, doubled or out of order.
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ring.h"

typedef struct {
    Ring *ring;
    uint64_t total;     // words of this round
    uint32_t seed;
    uint32_t *beside;   // plain: two laps of what the writer knew about each word
    uint64_t last_word; // plain: stored by the writer before it closes
    uint64_t taken;     // plain: stored by the reader before it closes
    uint64_t writer_position, reader_position; // plain: stored before going to sleep
    _Atomic int writer_sleeps, reader_sleeps;
    uint64_t reader_stop; // the reader closes after so many words
    uint64_t writer_slept, reader_slept;
    bool is_wrong;
} Round;

static uint32_t next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

// The machine may have fewer free cores than we have threads.
static void pause_a_little(void)
{
    static _Thread_local uint32_t turns;
    if (++turns % 64)
        clock_relax();
    else
        sched_yield();
}

static uint32_t about(uint64_t position)
{
    return (uint32_t)(position * 2654435761u);
}

// The reader looks here after it has taken the word, when its head may be public
// already; two laps later it is certainly done (C).
static uint32_t *beside(Round *t, uint64_t position)
{
    return &t->beside[position & (2 * t->ring->w.mask + 1)];
}

// Sleeping is waiting for the other side's call of wake: a flag stands for the futex.
static void sleep_for(_Atomic int *flag)
{
    while (!atomic_exchange_explicit(flag, 0, memory_order_acquire))
        pause_a_little();
}

static void rouse(_Atomic int *flag)
{
    atomic_store_explicit(flag, 1, memory_order_release);
}

static void writer_flush(Round *t)
{
    if (ring_wake_reader(t->ring)) {
        t->is_wrong |= t->reader_position > t->ring->w.tail; // covered by the exchange (E)
        rouse(&t->reader_sleeps);
    }
}

static void reader_flush(Round *t)
{
    ring_flush_reader(t->ring);
    if (ring_wake_writer(t->ring)) {
        t->is_wrong |= t->writer_position < t->ring->r.head;
        rouse(&t->writer_sleeps);
    }
}

static bool wait_for_space(Round *t, uint32_t count, uint32_t random)
{
    Ring *r = t->ring;
    RingStatus status;
    while ((status = ring_look_writer(r, r->w.tail, count)) == RING_BUSY) {
        writer_flush(t);
        if (random % 4) {
            pause_a_little();
            continue;
        }
        t->writer_position = r->w.tail;
        ring_announce_writer(r);
        if (ring_look_writer(r, r->w.tail, count) != RING_BUSY && ring_wake_writer(r))
            continue; // taken back; otherwise the reader has it and rouses us
        t->writer_slept++;
        sleep_for(&t->writer_sleeps);
    }
    return status == RING_OK;
}

static void *write_words(void *argument)
{
    Round *t = argument;
    Ring *r = t->ring;
    uint32_t seed = t->seed | 1;
    uint16_t words[64];
    uint64_t sent = 0;
    while (sent < t->total) {
        const uint32_t random = next(&seed), most = ring_capacity(r) < 64 ? ring_capacity(r) : 64;
        uint32_t n = random % 3 ? 1 : random / 3 % most + 1;
        if (n > t->total - sent)
            n = (uint32_t)(t->total - sent);
        if (!wait_for_space(t, n, random >> 8)) {
            if (sent > t->taken + ring_capacity(r)) // covered by the close (D)
                t->is_wrong = true;
            break;
        }
        for (uint32_t i = 0; i < n; i++) {
            words[i] = (uint16_t)(sent + i);
            *beside(t, sent + i) = about(sent + i);
        }
        if (n == 1 ? !ring_push(r, words[0]) : ring_push_batch(r, words, n) != RING_OK)
            t->is_wrong = true;
        sent += n;
        if (random >> 28 == 0)
            writer_flush(t);
    }
    t->last_word = sent;
    ring_close_writer(r);
    writer_flush(t);
    return NULL;
}

static bool wait_for_word(Round *t, uint32_t random)
{
    Ring *r = t->ring;
    RingStatus status;
    while ((status = ring_look_reader(r, r->r.head)) == RING_BUSY) {
        reader_flush(t);
        if (random % 4) {
            pause_a_little();
            continue;
        }
        t->reader_position = r->r.head;
        ring_announce_reader(r);
        if (ring_look_reader(r, r->r.head) != RING_BUSY && ring_wake_reader(r))
            continue;
        t->reader_slept++;
        sleep_for(&t->reader_sleeps);
    }
    return status == RING_OK;
}

static uint64_t read_words(Round *t)
{
    Ring *r = t->ring;
    uint32_t seed = (t->seed ^ 0x9E3779B9) | 1;
    uint16_t words[64];
    uint64_t got = 0;
    while (got < t->reader_stop) {
        const uint32_t random = next(&seed);
        if (!wait_for_word(t, random >> 8)) {
            if (t->last_word != got) // covered by the close (D)
                t->is_wrong = true;
            break;
        }
        uint32_t n = random % 3 ? ring_pop(r, words) : ring_pop_batch(r, words, random / 3 % 64 + 1);
        for (uint32_t i = 0; i < n; i++, got++)
            if (words[i] != (uint16_t)got || *beside(t, got) != about(got))
                t->is_wrong = true;
        if (random >> 28 == 0)
            reader_flush(t);
    }
    t->taken = got;
    ring_close_reader(r);
    reader_flush(t);
    return got;
}

// Returns the words that were read, or 0 when something is wrong.
static uint64_t run_round(uint32_t *seed)
{
    const uint32_t capacity = 1u << next(seed) % 9, sample = 1u << next(seed) % 6;
    void *memory = aligned_alloc(RING_LINE, ring_bytes(capacity, sample));
    memset(memory, 0, ring_bytes(capacity, sample));
    static Round t; // ThreadSanitizer does not always watch the first thread's stack
    t = (Round){ .ring = ring_init(memory, capacity, sample), .total = next(seed) % (next(seed) % 16 ? 2000 : 100000), .seed = next(seed) };
    t.beside = calloc(2 * capacity, sizeof *t.beside);
    t.reader_stop = next(seed) % 4 ? UINT64_MAX : next(seed) % 2000;
    Histogram *latency = calloc(1, sizeof *latency);
    ring_measure(t.ring, latency);
    pthread_t writer;
    pthread_create(&writer, NULL, write_words, &t);
    const uint64_t got = read_words(&t);
    pthread_join(writer, NULL);
    if (t.reader_stop == UINT64_MAX && got != t.total)
        t.is_wrong = true;
    if (t.is_wrong)
        printf("wrong: capacity %u sample %u, %llu of %llu words, %llu sleeps\n", capacity, sample,
               (unsigned long long)got, (unsigned long long)t.total, (unsigned long long)(t.writer_slept + t.reader_slept));
    free(latency);
    free(t.beside);
    free(memory);
    return t.is_wrong ? 0 : got + 1;
}

int main(int argc, char **argv)
{
    const double seconds = argc > 1 ? atof(argv[1]) : 2;
    uint32_t seed = argc > 2 ? (uint32_t)atoi(argv[2]) | 1 : 12345;
    const uint64_t end = clock_ns() + (uint64_t)(seconds * 1e9);
    uint64_t words = 0, rounds = 0;
    while (clock_ns() < end) {
        const uint64_t got = run_round(&seed);
        if (!got)
            return 1;
        words += got - 1;
        rounds++;
    }
    printf("%llu words in %llu rounds, none lost, doubled or out of order\n", (unsigned long long)words,
           (unsigned long long)rounds);
    return 0;
}
