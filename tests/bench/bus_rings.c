#include "bus_rings.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "ring.h"

#ifdef HAVE_CK
#include <ck_ring.h>
#endif
#ifdef HAVE_RTE
#include <rte_ring.h>
#endif

// -------------------------------------------------------------- the two threads

bool ring_cores(int cores[2])
{
    cpu_set_t set;
    int count = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (int cpu = 0; cpu < CPU_SETSIZE && count < 2; cpu++)
            if (CPU_ISSET(cpu, &set))
                cores[count++] = cpu;
    return count == 2;
}

static _Atomic int present; // of the two threads
static cpu_set_t before;    // where this thread might run

// Neither starts before the other is there.
static void meet(void)
{
    atomic_fetch_add(&present, 1);
    while (atomic_load(&present) < 2)
        clock_relax();
}

static bool start_pair(pthread_t *other, void *(*run)(void *), uint64_t *count, Error *err)
{
    int cores[2];
    if (!ring_cores(cores))
        return fail(err, "two cores are needed");
    pthread_attr_t attributes;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cores[1], &set);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
    atomic_store(&present, 0);
    const bool good = pthread_create(other, &attributes, run, count) == 0;
    pthread_attr_destroy(&attributes);
    if (!good)
        return fail(err, "cannot start a thread");
    sched_getaffinity(0, sizeof before, &before);
    CPU_ZERO(&set);
    CPU_SET(cores[0], &set);
    sched_setaffinity(0, sizeof set, &set);
    return true;
}

static void end_pair(pthread_t other)
{
    pthread_join(other, NULL);
    sched_setaffinity(0, sizeof before, &before);
}

// Every word says where it belongs, as far as 16 bits can.
static inline uint16_t word_number(uint64_t i)
{
    return (uint16_t)(i * 40503);
}

static void fill_batch(uint16_t *words, uint64_t first)
{
    for (uint32_t i = 0; i < CONTEST_BATCH; i++)
        words[i] = word_number(first + i);
}

static bool batch_is_right(const uint16_t *words, uint64_t first, uint32_t count)
{
    uint16_t wrong = 0;
    for (uint32_t i = 0; i < count; i++)
        wrong |= words[i] ^ word_number(first + i);
    return !wrong;
}

// -------------------------------------------------------------------- our ring

enum {
    SLOT_BYTES = 4,
    BYTES = sizeof(Ring) + CONTEST_CAPACITY * SLOT_BYTES + CONTEST_CAPACITY / RING_SAMPLE * 8
};

// As lc3run uses it: one message in RING_SAMPLE is stamped and its age recorded.
typedef struct {
    alignas(4096) char memory[(BYTES + 4095) / 4096 * 4096];
    Histogram latency;
} ours_Ring;

static void ours_open(ours_Ring *r)
{
    ring_measure(ring_init(r->memory, CONTEST_CAPACITY, RING_SAMPLE), &r->latency);
}

static inline bool ours_push(ours_Ring *r, uint16_t word)
{
    return ring_push((Ring *)r->memory, word);
}

static inline bool ours_pop(ours_Ring *r, uint16_t *word)
{
    return ring_pop((Ring *)r->memory, word);
}

static inline bool ours_push_batch(ours_Ring *r, const uint16_t *words)
{
    return ring_push_batch((Ring *)r->memory, words, CONTEST_BATCH) == RING_OK;
}

static inline uint32_t ours_pop_batch(ours_Ring *r, uint16_t *words)
{
    return ring_pop_batch((Ring *)r->memory, words, CONTEST_BATCH);
}

#define CONTEST ours
#define CONTEST_HAS_BATCHES
#include "bus_contest.h"

// --------------------------------------------------------------- cached indices

typedef struct {
    alignas(RING_LINE) _Atomic uint64_t tail;
    uint64_t head_seen;
    alignas(RING_LINE) _Atomic uint64_t head;
    uint64_t tail_seen;
    alignas(RING_LINE) uint16_t words[CONTEST_CAPACITY];
} cached_Ring;

enum { MASK = CONTEST_CAPACITY - 1 };

static void cached_open(cached_Ring *r)
{
}

static inline bool cached_has_space(cached_Ring *r, uint64_t tail, uint32_t count)
{
    if (tail + count - r->head_seen <= CONTEST_CAPACITY)
        return true;
    r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
    return tail + count - r->head_seen <= CONTEST_CAPACITY;
}

static inline uint64_t cached_there(cached_Ring *r, uint64_t head)
{
    if (head == r->tail_seen)
        r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
    return r->tail_seen - head;
}

static inline bool cached_push(cached_Ring *r, uint16_t word)
{
    const uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    if (!cached_has_space(r, tail, 1))
        return false;
    r->words[tail & MASK] = word;
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
    return true;
}

static inline bool cached_pop(cached_Ring *r, uint16_t *word)
{
    const uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    if (!cached_there(r, head))
        return false;
    *word = r->words[head & MASK];
    atomic_store_explicit(&r->head, head + 1, memory_order_release);
    return true;
}

// The capacity is a multiple of the batch, and so is every position.
static inline bool cached_push_batch(cached_Ring *r, const uint16_t *words)
{
    const uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    if (!cached_has_space(r, tail, CONTEST_BATCH))
        return false;
    memcpy(&r->words[tail & MASK], words, CONTEST_BATCH * 2);
    atomic_store_explicit(&r->tail, tail + CONTEST_BATCH, memory_order_release);
    return true;
}

static inline uint32_t cached_pop_batch(cached_Ring *r, uint16_t *words)
{
    const uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    if (!cached_there(r, head))
        return 0;
    memcpy(words, &r->words[head & MASK], CONTEST_BATCH * 2);
    atomic_store_explicit(&r->head, head + CONTEST_BATCH, memory_order_release);
    return CONTEST_BATCH;
}

#define CONTEST cached
#define CONTEST_HAS_BATCHES
#include "bus_contest.h"

// --------------------------------------------------------------------- ck_ring

#ifdef HAVE_CK
struct ck_word {
    uint16_t word;
};
CK_RING_PROTOTYPE(words, ck_word)

typedef struct {
    alignas(RING_LINE) ck_ring_t ring;
    alignas(RING_LINE) struct ck_word words[CONTEST_CAPACITY];
} ck_Ring;

static void ck_open(ck_Ring *r)
{
    ck_ring_init(&r->ring, CONTEST_CAPACITY);
}

static inline bool ck_push(ck_Ring *r, uint16_t word)
{
    return CK_RING_ENQUEUE_SPSC(words, &r->ring, r->words, &(struct ck_word){ word });
}

static inline bool ck_pop(ck_Ring *r, uint16_t *word)
{
    struct ck_word taken;
    if (!CK_RING_DEQUEUE_SPSC(words, &r->ring, r->words, &taken))
        return false;
    *word = taken.word;
    return true;
}

#define CONTEST ck
#include "bus_contest.h"
#endif

// -------------------------------------------------------------------- rte_ring

#ifdef HAVE_RTE
// Elements of four bytes, the smallest it has.  It keeps one place empty unless told
// the exact size.
typedef struct {
    alignas(RING_LINE) char memory[sizeof(struct rte_ring) + 2 * CONTEST_CAPACITY * 4];
} rte_Ring;

static void rte_open(rte_Ring *r)
{
    rte_ring_init((struct rte_ring *)r->memory, "bench", CONTEST_CAPACITY,
                  RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
}

static inline bool rte_push(rte_Ring *r, uint16_t word)
{
    uint32_t element = word;
    return rte_ring_sp_enqueue_elem((struct rte_ring *)r->memory, &element, sizeof element) == 0;
}

static inline bool rte_pop(rte_Ring *r, uint16_t *word)
{
    uint32_t element;
    if (rte_ring_sc_dequeue_elem((struct rte_ring *)r->memory, &element, sizeof element))
        return false;
    *word = (uint16_t)element;
    return true;
}

static inline bool rte_push_batch(rte_Ring *r, const uint16_t *words)
{
    uint32_t elements[CONTEST_BATCH];
    for (uint32_t i = 0; i < CONTEST_BATCH; i++)
        elements[i] = words[i];
    return rte_ring_sp_enqueue_bulk_elem((struct rte_ring *)r->memory, elements, sizeof *elements,
                                         CONTEST_BATCH, NULL) != 0;
}

static inline uint32_t rte_pop_batch(rte_Ring *r, uint16_t *words)
{
    uint32_t elements[CONTEST_BATCH];
    const uint32_t got = rte_ring_sc_dequeue_burst_elem((struct rte_ring *)r->memory, elements,
                                                        sizeof *elements, CONTEST_BATCH, NULL);
    for (uint32_t i = 0; i < got; i++)
        words[i] = (uint16_t)elements[i];
    return got;
}

#define CONTEST rte
#define CONTEST_HAS_BATCHES
#include "bus_contest.h"
#endif

// ------------------------------------------------------------------- two lines

static struct {
    alignas(RING_LINE) _Atomic uint64_t there;
    alignas(RING_LINE) _Atomic uint64_t back;
} lines;

static void *answer_line(void *argument)
{
    const uint64_t count = *(uint64_t *)argument;
    meet();
    for (uint64_t i = 1; i <= count; i++) {
        while (atomic_load_explicit(&lines.there, memory_order_acquire) != i)
            clock_relax();
        atomic_store_explicit(&lines.back, i, memory_order_release);
    }
    return NULL;
}

static bool line_trips(uint64_t count, Histogram *ticks, Error *err)
{
    pthread_t other;
    memset(&lines, 0, sizeof lines);
    if (!start_pair(&other, answer_line, &count, err))
        return false;
    meet();
    for (uint64_t i = 1; i <= count; i++) {
        const uint64_t start = clock_ticks();
        atomic_store_explicit(&lines.there, i, memory_order_release);
        while (atomic_load_explicit(&lines.back, memory_order_acquire) != i)
            clock_relax();
        histogram_record(ticks, clock_ticks() - start);
    }
    end_pair(other);
    return true;
}

// --------------------------------------------------------------------- the table

const RingRival ring_rivals[] = {
    { "ring", ours_words, ours_batches, ours_trips },
#ifdef HAVE_CK
    { "ck_ring", ck_words, NULL, ck_trips },
#endif
#ifdef HAVE_RTE
    { "rte_ring", rte_words, rte_batches, rte_trips },
#endif
    { "cached index", cached_words, cached_batches, cached_trips },
    { "two lines", NULL, NULL, line_trips },
};
const int ring_rival_count = sizeof ring_rivals / sizeof *ring_rivals;

const char *const ring_rivals_missing = ""
#ifndef HAVE_CK
                                        " ck_ring (libck-dev)"
#endif
#ifndef HAVE_RTE
                                        " rte_ring (libdpdk-dev)"
#endif
    ;
