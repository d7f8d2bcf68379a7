#include "calibrate.h"

#include <stdint.h>

#include "bench.h"

enum { STEPS = 400000 };

// Independent sums, as many as the core adds at once; step by step, whatever the
// compiler could do about it.
static void add_up(void)
{
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
    for (int i = 0; i < STEPS; i++) {
        a += b ^ 5;
        b += 7;
        c += d ^ 11;
        d += 13;
        e += f ^ 17;
        f += 19;
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
    }
}

double calibrate(void)
{
    const double begin = bench_cpu_seconds();
    add_up();
    return bench_cpu_seconds() - begin;
}
