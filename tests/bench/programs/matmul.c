// matmul.c -- the twin of matmul.asm.
#include "twins.h"

enum { N = 12, STRIDE = 16 };

uint16_t twin_matmul(uint16_t rounds)
{
    static uint16_t matrix[2 * 16 * STRIDE];
    uint16_t seed = 12345, sum = 0;
    const uint16_t *a = matrix, *b = matrix + 16 * STRIDE;
    do {
        for (int i = 0; i < 2 * 16 * STRIDE; i++)
            matrix[i] = seed = (uint16_t)(seed * 5 + 13849);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                uint16_t element = 0;
                for (int k = 0; k < N; k++) {
                    uint16_t x = a[i * STRIDE + k], y = b[k * STRIDE + j];
                    for (uint16_t bit = 1; bit; bit = (uint16_t)(bit + bit)) {
                        if (y & bit)
                            element = (uint16_t)(element + x);
                        x = (uint16_t)(x + x);
                    }
                }
                sum = (uint16_t)(sum + sum + element);
            }
    } while (--rounds);
    return sum;
}
