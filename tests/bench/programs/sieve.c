// sieve.c -- the twin of sieve.asm.
#include "twins.h"

uint16_t twin_sieve(uint16_t rounds)
{
    static uint16_t flags[8192];
    uint16_t sum = 0;
    do {
        const uint16_t size = (uint16_t)(8192 - (rounds & 255));
        for (uint16_t i = 0; i < size; i++)
            flags[i] = 1;
        for (uint16_t p = 2; p <= 90; p++)
            if (flags[p])
                for (uint16_t i = (uint16_t)(2 * p); i < size; i = (uint16_t)(i + p))
                    flags[i] = 0;
        for (uint16_t i = 2; i < size; i++)
            if (flags[i])
                sum = (uint16_t)(sum + sum + i);
    } while (--rounds);
    return sum;
}
