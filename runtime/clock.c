#include "clock.h"

#include <stdbool.h>
#include <time.h>

enum { MEASURE_NS = 2000000 }; // shorter spans measure the cost of reading the clock

uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t clock_since(uint64_t then)
{
    const uint64_t now = clock_ns();
    return now > then ? now - then : 0;
}

typedef struct {
    uint64_t ticks, ns;
} Pair;

// Both clocks at one moment: the try with the shortest distance between two
// reads of the counter is the one nobody interrupted.
static Pair read_both(void)
{
    Pair best = { 0 };
    uint64_t shortest = UINT64_MAX;
    for (int i = 0; i < 5; i++) {
        const uint64_t before = clock_ticks(), ns = clock_ns(), after = clock_ticks();
        if (after - before < shortest) {
            shortest = after - before;
            best = (Pair){ before + (after - before) / 2, ns };
        }
    }
    return best;
}

static Pair started;

void clock_start(void)
{
    if (!started.ns)
        started = read_both();
}

double clock_ns_per_tick(void)
{
    clock_start();
    Pair now = read_both();
    while (now.ns - started.ns < MEASURE_NS)
        now = read_both();
    return (double)(now.ns - started.ns) / (double)(now.ticks - started.ticks);
}
