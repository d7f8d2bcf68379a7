// bus_rings.h -- the bare ring and its rivals: two threads on two cores.
//
// "ring" is ours (runtime/ring.h).  "ck_ring" is Concurrency Kit's, "rte_ring" is
// DPDK's, both with elements as small as they can have; they take part where their
// libraries were found at build time.  "cached index" is the plain ring that most
// people would write: two shared positions, and each side's last look at the
// other's.  "two lines" moves nothing through a ring: the round trip of a word
// through two cache lines, which is what any ring pays at least.
#ifndef BENCH_BUS_RINGS_H
#define BENCH_BUS_RINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "histogram.h"

enum { CONTEST_CAPACITY = 4096, CONTEST_BATCH = 64 };

// Seconds for `count` words from one core to the other; the reader checks each.
typedef bool RingWords(uint64_t count, double *seconds, Error *err);
// `count` round trips through two rings, each recorded in ticks.
typedef bool RingTrips(uint64_t count, Histogram *ticks, Error *err);

typedef struct {
    const char *name;
    RingWords *words, *batches; // NULL: has none
    RingTrips *trips;
} RingRival;

extern const RingRival ring_rivals[]; // ours first
extern const int ring_rival_count;
extern const char *const ring_rivals_missing; // what was not found, or ""

// Two cores for the two threads; false when this process may use only one.
bool ring_cores(int cores[2]);

#endif
