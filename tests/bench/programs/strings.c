// strings.c -- the twin of strings.asm.
#include "twins.h"

enum { LENGTH = 1024, PATTERN = 6 };

static uint16_t text[LENGTH + 1], pattern[PATTERN + 1], seed;

static uint16_t letter(void)
{
    seed = (uint16_t)(seed * 5 + 13849);
    return (uint16_t)('A' + (seed & 0x8000 ? 2 : 0) + (seed & 0x4000 ? 1 : 0));
}

static uint16_t occurrences(void)
{
    uint16_t found = 0;
    for (int i = 0; i < LENGTH - PATTERN; i++) {
        const uint16_t *t = text + i, *p = pattern;
        while (*p && *p == *t)
            p++, t++;
        found = (uint16_t)(found + !*p);
    }
    return found;
}

static uint16_t common(const uint16_t *a, const uint16_t *b)
{
    uint16_t n = 0;
    while (*b && *a == *b)
        a++, b++, n++;
    return n;
}

uint16_t twin_strings(uint16_t rounds)
{
    uint16_t sum = 0;
    seed = 12345;
    for (int i = 0; i < LENGTH; i++)
        text[i] = letter();
    text[LENGTH] = 0;
    do {
        for (int i = 0; i < PATTERN; i++)
            pattern[i] = text[(rounds & 511) + i];
        pattern[PATTERN] = 0;
        sum = (uint16_t)(sum + sum + occurrences());
        sum = (uint16_t)(sum + sum + common(text, text + (rounds & 511)));
        text[rounds & 1023] = letter();
    } while (--rounds);
    return sum;
}
