// lfsr.c -- the twin of lfsr.asm.
#include "twins.h"

uint16_t twin_lfsr(uint16_t rounds)
{
    uint16_t x = 0xACE1, sum = 0;
    do {
        for (int i = 0; i < 2048; i++) {
            uint16_t set = 0;
            if (x & 0x8000)
                set++;
            if (x & 0x2000)
                set++;
            if (x & 0x1000)
                set++;
            if (x & 0x0400)
                set++;
            x = (uint16_t)(x + x + (set & 1));
        }
        sum = (uint16_t)(sum + sum + x);
    } while (--rounds);
    return sum;
}
