#include "calibrate.h"

#include <stdint.h>

#include "bench.h"

enum { TABLE = 1024, STEPS = 60000 };

static uint32_t table[TABLE];

static void fill_table(void)
{
    uint32_t seed = 1;
    for (int i = 0; i < TABLE; i++)
        table[i] = seed = seed * 1664525 + 1013904223;
}

static uint32_t walk(uint32_t x)
{
    for (int i = 0; i < STEPS; i++) {
        x = table[x >> 22] ^ x << 1;
        switch (x >> 12 & 3) {
        case 0:
            x += 0x9E3779B9;
            break;
        case 1:
            x ^= x >> 15;
            break;
        case 2:
            x = x * 5 + 1;
            break;
        default:
            table[x >> 22] ^= x & 0xFFFF;
            break;
        }
        __asm__ volatile("" : "+r"(x)); // step by step, whatever the compiler can do
    }
    return x;
}

double calibrate(void)
{
    fill_table();
    const double begin = bench_cpu_seconds();
    const uint32_t x = walk(1);
    const double seconds = bench_cpu_seconds() - begin;
    __asm__ volatile("" : : "r"(x));
    return seconds;
}
