// nic_copy.h -- bytes of a frame become words of a machine.
//
// The network's first byte is a word's high byte, so a 16-bit field at an even
// place is one word.  A vector of 16 bytes is swapped by two shifts and an or,
// which every machine has; the tail is one more vector, stored in parts, so that
// no word behind the last is touched.
#ifndef RUNTIME_NIC_COPY_H
#define RUNTIME_NIC_COPY_H

#include <stdint.h>
#include <string.h>

typedef uint16_t NicWords __attribute__((vector_size(16)));

static inline NicWords nic_load(const uint8_t *from)
{
    NicWords v;
    memcpy(&v, from, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = v << 8 | v >> 8;
#endif
    return v;
}

// Stores `words` words.  Reads up to 15 bytes behind the last one needed; the
// second byte of an odd last word has to be zero there.
static inline void nic_copy(uint16_t *to, const uint8_t *from, unsigned words)
{
    for (; words >= 8; words -= 8, to += 8, from += 16) {
        const NicWords v = nic_load(from);
        memcpy(to, &v, sizeof v);
    }
    if (!words)
        return;
    const NicWords v = nic_load(from);
    const uint16_t *tail = (const uint16_t *)&v;
    if (words & 4) {
        memcpy(to, tail, 8);
        to += 4, tail += 4;
    }
    if (words & 2) {
        memcpy(to, tail, 4);
        to += 2, tail += 2;
    }
    if (words & 1)
        *to = *tail;
}

// The other way, for frames that are sent: `bytes` bytes out of words.
static inline void nic_copy_out(uint8_t *to, const uint16_t *from, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(i & 1 ? from[i / 2] : from[i / 2] >> 8);
}

#endif
