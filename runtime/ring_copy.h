// ring_copy.h -- the slots of a batch, eight at a time.
//
// A slot is four aligned bytes, and whatever a vector of slots is loaded or stored in,
// nobody sees half a slot; in which order the others become visible is not known.
// ThreadSanitizer takes a vector for one piece of plain memory, so it gets the loops.
#ifndef RUNTIME_RING_COPY_H
#define RUNTIME_RING_COPY_H

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "watched.h"

enum { RING_STEP = 8 };
typedef uint16_t RingWords __attribute__((vector_size(RING_STEP * 2)));
typedef uint32_t RingSlots __attribute__((vector_size(RING_STEP * 4), aligned(4), may_alias));
typedef uint64_t RingPairs __attribute__((vector_size(RING_STEP * 4)));

// Stores `count` words of one lap, relaxed.
static inline void ring_store_slots(_Atomic uint32_t *slots, const uint16_t *words, uint32_t count,
                                    uint32_t lap)
{
    uint32_t i = 0;
#if !IS_WATCHED
    for (; i + RING_STEP <= count; i += RING_STEP) {
        RingWords w;
        memcpy(&w, words + i, sizeof w);
        *(volatile RingSlots *)(slots + i) = __builtin_convertvector(w, RingSlots) | lap;
    }
#endif
    for (; i < count; i++)
        atomic_store_explicit(&slots[i], words[i] | lap, memory_order_relaxed);
}

// Loads words of one lap up to the first that is not there, `count` at most; returns how
// many.  Whoever goes on to what stands beside them has acquired it.
static inline uint32_t ring_load_slots(uint16_t *words, const _Atomic uint32_t *slots, uint32_t count,
                                       uint32_t lap)
{
    uint32_t i = 0;
#if !IS_WATCHED
    for (; i + RING_STEP <= count; i += RING_STEP) {
        const RingSlots s = *(const volatile RingSlots *)(slots + i);
        const RingPairs missing = (RingPairs)((s ^ lap) & ~(uint32_t)0xFFFF);
        if (missing[0] | missing[1] | missing[2] | missing[3])
            break; // somewhere among these; their order decides
        const RingWords w = __builtin_convertvector(s, RingWords);
        memcpy(words + i, &w, sizeof w);
        atomic_thread_fence(memory_order_acquire); // A, B: as the load below
    }
#endif
    for (; i < count; i++) {
        const uint32_t slot = atomic_load_explicit(&slots[i], memory_order_acquire); // A, B
        if ((slot ^ lap) >> 16)
            break;
        words[i] = (uint16_t)slot;
    }
    return i;
}

#endif
