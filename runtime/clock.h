// clock.h -- time as the processor counts it.
//
// A stamp is a read of the time-stamp counter: about 7 ns, monotonic on one
// core, equal on all cores up to some ten nanoseconds.  Stamps are subtracted
// while things run and turned into nanoseconds when somebody asks; the rate is
// measured over the life of the process, so that starting costs nothing.
#ifndef RUNTIME_CLOCK_H
#define RUNTIME_CLOCK_H

#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t clock_ticks(void)
{
    return __rdtsc();
}
static inline void clock_relax(void) // inside a loop that waits for another core
{
    _mm_pause();
}
#else
uint64_t clock_ns(void);
static inline uint64_t clock_ticks(void)
{
    return clock_ns();
}
static inline void clock_relax(void)
{
}
#endif

// Nanoseconds of the monotonic clock.
uint64_t clock_ns(void);

// Nanoseconds since `then`, a clock_ns.  0 when that is later, as it may be when another thread
// writes it: a difference below 0 would be five hundred years.
uint64_t clock_since(uint64_t then);

// Marks the start of the measurement; the first call counts.
void clock_start(void);

// Nanoseconds per tick.  Waits until 2 ms have passed since clock_start.
double clock_ns_per_tick(void);

#endif
