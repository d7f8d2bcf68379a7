// queens.c -- the twin of queens.asm.
#include "twins.h"

enum { N = 8 };

uint16_t twin_queens(uint16_t rounds)
{
    static uint16_t taken[N], rising[2 * N], falling[2 * N], columns[N];
    uint16_t sum = 0;
    do {
        int row = 0, column = 0;
        for (;;) {
            if (column < N && (taken[column] || rising[row + column] || falling[row - column + N])) {
                column++;
                continue;
            }
            if (column < N) {
                falling[row - column + N] = taken[column] = rising[row + column] = 1;
                columns[row++] = (uint16_t)column;
                column = 0;
                if (row < N)
                    continue;
                sum = (uint16_t)(sum + sum + columns[0] + columns[1]);
            }
            if (--row < 0)
                break;
            column = columns[row];
            falling[row - column + N] = taken[column] = rising[row + column] = 0;
            column++;
        }
    } while (--rounds);
    return sum;
}
