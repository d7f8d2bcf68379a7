// Blocks of memory, order, and frames.
#include "library.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 0x400 };

static void fill_random(World *w, uint64_t *random, int spread)
{
    for (int i = 0; i < ROOM; i++)
        w->M[i] = spread ? (uint16_t)(rig_random(random) % (unsigned)spread) : rig_word(random);
}

// Two blocks that overlap more often than not.
static void two_blocks(World *w, uint64_t *random, int n)
{
    if (n % 50 == 0)
        fill_random(w, random, n % 100 ? 2 : 0);
    w->R[0] = (uint16_t)(DATA + rig_random(random) % 80);
    w->R[1] = (uint16_t)(DATA + rig_random(random) % 80);
    w->R[2] = (uint16_t)(n < 3 ? (unsigned)n : rig_random(random) % 60);
    if (n % 11 == 0)
        w->R[1] = w->R[0];
}

// Blocks with a common beginning.
static void like_blocks(World *w, uint64_t *random, int n)
{
    fill_random(w, random, 0);
    w->R[0] = DATA;
    w->R[1] = DATA + 100;
    w->R[2] = (uint16_t)(n < 3 ? (unsigned)n : rig_random(random) % 60);
    memcpy(w->M + 100, w->M, (rig_random(random) % 64) * sizeof(uint16_t));
}

static void one_block(World *w, uint64_t *random, int n)
{
    w->R[0] = (uint16_t)(DATA + rig_random(random) % 80);
    w->R[2] = (uint16_t)(n < 3 ? (unsigned)n : rig_random(random) % 60);
}

static void memory_copy(World *w)
{
    memmove(at(w, w->R[0]), at(w, w->R[1]), w->R[2] * sizeof(uint16_t));
}

static void memory_fill(World *w)
{
    for (int i = 0; i < w->R[2]; i++)
        *at(w, (uint16_t)(w->R[0] + i)) = w->R[1];
}

static void memory_compare(World *w)
{
    const uint16_t *a = at(w, w->R[0]), *b = at(w, w->R[1]);
    int order = 0;
    for (int i = 0; i < w->R[2] && !order; i++)
        order = (a[i] > b[i]) - (a[i] < b[i]);
    w->R[0] = (uint16_t)order;
}

// ------------------------------------------------------------------- order

static int by_value(const void *a, const void *b)
{
    int x = *(const int16_t *)a, y = *(const int16_t *)b;
    return (x > y) - (x < y);
}

static void unsorted(World *w, uint64_t *random, int n)
{
    int count = n < 4 ? n : n % 500 == 0 ? 800 : (int)(rig_random(random) % 40);
    w->R[0] = (uint16_t)(DATA + 16);
    w->R[1] = (uint16_t)count;
    for (int i = 0; i < count; i++)
        w->M[16 + i] = n % 3 ? rig_word(random) : (uint16_t)(rig_random(random) % 5 - 2);
    if (n % 7 == 0)
        qsort(w->M + 16, (size_t)count, sizeof(uint16_t), by_value);
}

static void sort(World *w)
{
    qsort(at(w, w->R[0]), w->R[1], sizeof(uint16_t), by_value);
}

static void sorted(World *w, uint64_t *random, int n)
{
    unsorted(w, random, n);
    sort(w);
    w->R[2] = w->R[1] && n % 2 ? w->M[16 + rig_random(random) % w->R[1]] : rig_word(random);
}

static void binary_search(World *w)
{
    int i = 0;
    while (i < w->R[1] && (int16_t)*at(w, (uint16_t)(w->R[0] + i)) < (int16_t)w->R[2])
        i++;
    bool is_there = i < w->R[1] && *at(w, (uint16_t)(w->R[0] + i)) == w->R[2];
    w->R[0] = (uint16_t)i;
    w->R[1] = is_there;
}

const LibraryRow memory_rows[] = {
    { "MEMORY_COPY", two_blocks, memory_copy, -1, 0 },       { "MEMORY_FILL", one_block, memory_fill, -1, 0 },
    { "MEMORY_COMPARE", like_blocks, memory_compare, 0, 0 }, { "SORT", unsorted, sort, -1, 0 },
    { "BINARY_SEARCH", sorted, binary_search, 1, 0 },
};
const size_t memory_row_count = sizeof memory_rows / sizeof *memory_rows;

// ------------------------------------------------------------------ frames

// A frame that is a UDP datagram but for one thing or two.
static void frame(World *w, uint64_t *random, int n)
{
    for (int i = 0; i < 64; i++)
        w->M[i] = rig_word(random);
    w->R[0] = DATA;
    int ip = 7;
    w->M[6] = 0x0800;
    if (n % 4 == 0) {
        w->M[6] = 0x8100;
        w->M[8] = 0x0800;
        ip = 9;
    }
    uint64_t r = rig_random(random);
    int header = 5 + (int)(r % 11);
    w->M[ip] = (uint16_t)(0x4000 | header << 8 | (r >> 8 & 0xFF));
    w->M[ip + 3] = (uint16_t)(r >> 16 & 0xE000);
    w->M[ip + 4] = (uint16_t)((r >> 32 & 0xFF00) | 17);
    w->M[ip + 2 * header + 2] = (uint16_t)(8 + (r >> 48) % 1400);
    switch (rig_random(random) % 10) {
    case 0: w->M[6] = rig_word(random); break;
    case 1: w->M[ip] = rig_word(random); break;
    case 2: w->M[ip + 3] = rig_word(random); break;
    case 3: w->M[ip + 4] = rig_word(random); break;
    case 4: w->M[ip + 2 * header + 2] = (uint16_t)(rig_random(random) % 10); break;
    default: break;
    }
}

static void nic_network(World *w)
{
    const uint16_t *f = at(w, w->R[0]);
    bool is_tagged = f[6] == 0x8100;
    w->R[0] = (uint16_t)(w->R[0] + (is_tagged ? 9 : 7));
    w->R[1] = is_tagged ? f[8] : f[6];
}

static void nic_udp(World *w)
{
    World n = *w;
    nic_network(&n);
    const uint16_t *ip = at(w, n.R[0]);
    int header = ip[0] >> 8 & 15;
    const uint16_t *udp = ip + 2 * header;
    bool is_udp = n.R[1] == 0x0800 && ip[0] >> 12 == 4 && header >= 5 && (ip[4] & 0xFF) == 17 &&
                  (ip[3] & 0x1FFF) == 0 && (uint16_t)(udp[2] - 8) < 0x8000;
    w->R[1] = is_udp ? (uint16_t)(udp[2] - 8) : 0xFFFF;
    if (is_udp)
        w->R[0] = (uint16_t)(n.R[0] + 2 * header + 4);
}

static void nic_swap(World *w)
{
    uint16_t *f = at(w, w->R[0]);
    for (int i = 0; i < 3; i++) {
        uint16_t t = f[i];
        f[i] = f[i + 3];
        f[i + 3] = t;
    }
}

const LibraryRow frame_rows[] = {
    { "NIC_NETWORK", frame, nic_network, -1, 0 },
    { "NIC_UDP", frame, nic_udp, -1, 0 },
    { "NIC_SWAP", frame, nic_swap, -1, 0 },
};
const size_t frame_row_count = sizeof frame_rows / sizeof *frame_rows;
