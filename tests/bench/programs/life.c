// life.c -- the twin of life.asm.
#include <string.h>

#include "twins.h"

enum { SIDE = 28, STRIDE = 30 };

static uint16_t boards[2][STRIDE * STRIDE];

static uint16_t generation(const uint16_t *from, uint16_t *to)
{
    uint16_t population = 0;
    for (int y = 1; y <= SIDE; y++)
        for (int x = 1; x <= SIDE; x++) {
            const uint16_t *c = from + y * STRIDE + x;
            const uint16_t n = (uint16_t)(c[-31] + c[-30] + c[-29] + c[-1] + c[1] + c[29] + c[30] + c[31]);
            const uint16_t lives = n == 3 || (n == 2 && c[0]);
            population = (uint16_t)(population + lives);
            to[y * STRIDE + x] = lives;
        }
    return population;
}

uint16_t twin_life(uint16_t rounds)
{
    uint16_t sum = 0, seed = 12345;
    memset(boards, 0, sizeof boards);
    int now = 0;
    do {
        if (!(rounds & 63))
            for (int y = 1; y <= SIDE; y++)
                for (int x = 1; x <= SIDE; x++) {
                    seed = (uint16_t)(seed * 5 + 13849);
                    boards[now][y * STRIDE + x] = seed >> 15;
                }
        sum = (uint16_t)(sum + sum + generation(boards[now], boards[!now]));
        now = !now;
    } while (--rounds);
    return sum;
}
