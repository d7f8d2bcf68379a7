// Arithmetic, random numbers and checksums.
#include "library.h"

static void any(World *w, uint64_t *random, int n)
{
    (void)w, (void)random, (void)n;
}

// Equal numbers, and numbers that differ in the low word alone, would be rare.
static void near_pair(World *w, uint64_t *random, int n)
{
    if (n % 3 == 0)
        w->R[3] = w->R[1];
    if (n % 9 == 0)
        w->R[2] = w->R[0];
    (void)random;
}

static void small_count(World *w, uint64_t *random, int n)
{
    if (n % 2)
        w->R[1] = (uint16_t)(rig_random(random) % 20);
}

static void small_divisor(World *w, uint64_t *random, int n)
{
    if (n % 3 == 0)
        w->R[1] = (uint16_t)(rig_random(random) % 100);
    if (n == 0)
        w->R[0] = 0x8000, w->R[1] = 0xFFFF;
}

static void multiply(World *w)
{
    w->R[0] = (uint16_t)((uint32_t)w->R[0] * w->R[1]);
}

static void set32(World *w, uint32_t value)
{
    w->R[0] = (uint16_t)value;
    w->R[1] = (uint16_t)(value >> 16);
}

static uint32_t a32(const World *w)
{
    return (uint32_t)w->R[1] << 16 | w->R[0];
}
static uint32_t b32(const World *w)
{
    return (uint32_t)w->R[3] << 16 | w->R[2];
}

static void multiply_u32(World *w)
{
    set32(w, (uint32_t)w->R[0] * w->R[1]);
}
static void multiply_s32(World *w)
{
    set32(w, (uint32_t)((int32_t)(int16_t)w->R[0] * (int16_t)w->R[1]));
}

static void divide_u(World *w)
{
    uint16_t a = w->R[0], b = w->R[1];
    w->R[0] = b ? a / b : 0xFFFF;
    w->R[1] = b ? a % b : a;
}

static void divide(World *w)
{
    int32_t a = (int16_t)w->R[0], b = (int16_t)w->R[1];
    w->R[0] = (uint16_t)(b ? a / b : -1);
    w->R[1] = (uint16_t)(b ? a % b : a);
}

static void modulo_u(World *w)
{
    uint16_t b = w->R[1];
    divide_u(w);
    w->R[0] = w->R[1];
    w->R[1] = b;
}

static void modulo(World *w)
{
    uint16_t b = w->R[1];
    divide(w);
    w->R[0] = w->R[1];
    w->R[1] = b;
}

static void shift_left(World *w)
{
    w->R[0] = w->R[1] > 15 ? 0 : (uint16_t)(w->R[0] << w->R[1]);
}
static void shift_right(World *w)
{
    w->R[0] = w->R[1] > 15 ? 0 : w->R[0] >> w->R[1];
}

static void shift_right_s(World *w)
{
    w->R[0] = (uint16_t)((int16_t)w->R[0] >> (w->R[1] > 15 ? 15 : w->R[1]));
}

static void rotate_left(World *w)
{
    unsigned n = w->R[1] % 16;
    w->R[0] = (uint16_t)(w->R[0] << n | w->R[0] >> (16 - n));
}

static void rotate_right(World *w)
{
    unsigned n = w->R[1] % 16;
    w->R[0] = (uint16_t)(w->R[0] >> n | (uint32_t)w->R[0] << (16 - n));
}

static void add32(World *w)
{
    set32(w, a32(w) + b32(w));
}
static void sub32(World *w)
{
    set32(w, a32(w) - b32(w));
}
static void mul32(World *w)
{
    set32(w, a32(w) * b32(w));
}

static void compare32(World *w)
{
    int32_t a = (int32_t)a32(w), b = (int32_t)b32(w);
    w->R[0] = (uint16_t)((a > b) - (a < b));
}

static void compare32_u(World *w)
{
    uint32_t a = a32(w), b = b32(w);
    w->R[0] = (uint16_t)((a > b) - (a < b));
}

// ------------------------------------------------------------------ random

static uint16_t state = 1;

static void random_seed(World *w)
{
    state = w->R[0] ? w->R[0] : 1;
}

static void random_next(World *w)
{
    state = (uint16_t)(state ^ state << 7);
    state = (uint16_t)(state ^ state >> 9);
    state = (uint16_t)(state ^ state << 8);
    w->R[0] = state;
}

// --------------------------------------------------------------- checksums

static void block(World *w, uint64_t *random, int n)
{
    w->R[1] = (uint16_t)(n < 4 ? (unsigned)n : rig_random(random) % 40);
    w->R[0] = (uint16_t)(DATA + rig_random(random) % 100);
    for (int i = 0; i < w->R[1]; i++)
        *at(w, (uint16_t)(w->R[0] + i)) = rig_word(random);
    if (n == 4) { // the check value that the catalogues give
        w->R[1] = 9;
        for (int i = 0; i < 9; i++)
            *at(w, (uint16_t)(w->R[0] + i)) = (uint16_t)('1' + i);
    }
}

static void crc16(World *w)
{
    uint16_t crc = 0xFFFF;
    for (int i = 0; i < w->R[1]; i++) {
        crc ^= (uint16_t)(*at(w, (uint16_t)(w->R[0] + i)) << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    w->R[0] = crc;
}

static void checksum(World *w)
{
    uint32_t sum = 0;
    for (int i = 0; i < w->R[1]; i++)
        sum += *at(w, (uint16_t)(w->R[0] + i));
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    w->R[0] = (uint16_t)~sum;
}

const LibraryRow number_rows[] = {
    { "MULTIPLY", any, multiply, -1, 0 },
    { "MULTIPLY_U32", any, multiply_u32, -1, 0 },
    { "MULTIPLY_S32", any, multiply_s32, -1, 0 },
    { "DIVIDE", small_divisor, divide, -1, 0 },
    { "DIVIDE_U", small_divisor, divide_u, -1, 0 },
    { "MODULO", small_divisor, modulo, -1, 0 },
    { "MODULO_U", small_divisor, modulo_u, -1, 0 },
    { "SHIFT_LEFT", small_count, shift_left, -1, 0 },
    { "SHIFT_RIGHT", small_count, shift_right, -1, 0 },
    { "SHIFT_RIGHT_S", small_count, shift_right_s, -1, 0 },
    { "ROTATE_LEFT", small_count, rotate_left, -1, 0 },
    { "ROTATE_RIGHT", small_count, rotate_right, -1, 0 },
    { "ADD32", any, add32, -1, 0 },
    { "SUB32", any, sub32, -1, 0 },
    { "MUL32", any, mul32, -1, 0 },
    { "COMPARE32", near_pair, compare32, 0, 0 },
    { "COMPARE32_U", near_pair, compare32_u, 0, 0 },
    { "RANDOM_SEED", any, random_seed, -1, 1 },
    { "RANDOM", any, random_next, -1, 65536 },
    { "CRC16", block, crc16, -1, 0 },
    { "NIC_CHECKSUM", block, checksum, -1, 0 },
};
const size_t number_row_count = sizeof number_rows / sizeof *number_rows;
