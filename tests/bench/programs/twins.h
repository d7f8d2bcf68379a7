// twins.h -- the benchmark programs once more in C: same algorithm, same 16-bit words.
#ifndef BENCH_TWINS_H
#define BENCH_TWINS_H

#include <stdint.h>

// Each takes what stands at ROUNDS in its .asm (0 is 65,536) and returns what the
// program leaves in R0.
uint16_t twin_fib(uint16_t rounds);
uint16_t twin_sort(uint16_t rounds);
uint16_t twin_sieve(uint16_t rounds);
uint16_t twin_lfsr(uint16_t rounds);
uint16_t twin_matmul(uint16_t rounds);
uint16_t twin_strings(uint16_t rounds);
uint16_t twin_queens(uint16_t rounds);
uint16_t twin_life(uint16_t rounds);

#endif
