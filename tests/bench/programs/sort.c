// sort.c -- the twin of sort.asm.
#include "twins.h"

enum { SIZE = 2000 };

uint16_t twin_sort(uint16_t rounds)
{
    static uint16_t array[SIZE];
    uint16_t seed = 12345, sum = 0;
    do {
        for (int i = 0; i < SIZE; i++) {
            seed = (uint16_t)(seed * 5 + 13849);
            array[i] = seed & 0x7FFF;
        }
        for (int n = SIZE - 1; n > 0; n--)
            for (int i = 0; i < n; i++)
                if (array[i] > array[i + 1]) {
                    const uint16_t larger = array[i];
                    array[i] = array[i + 1];
                    array[i + 1] = larger;
                }
        for (int i = 0; i < SIZE; i++)
            sum = (uint16_t)(sum + sum + array[i]);
    } while (--rounds);
    return sum;
}
