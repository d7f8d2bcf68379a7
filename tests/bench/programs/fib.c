// fib.c -- the twin of fib.asm.
#include "twins.h"

static uint16_t fib(uint16_t n)
{
    return n < 2 ? n : (uint16_t)(fib((uint16_t)(n - 1)) + fib((uint16_t)(n - 2)));
}

uint16_t twin_fib(uint16_t rounds)
{
    uint16_t sum = 0;
    do
        sum = (uint16_t)(sum + sum + fib((uint16_t)((rounds & 7) + 12)));
    while (--rounds);
    return sum;
}
