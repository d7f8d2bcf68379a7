// nic_copy.h -- bytes of a frame become words of a machine.
//
// The network's first byte is a word's high byte, so a 16-bit field at an even
// place is one word.  A vector of 16 bytes is swapped by two shifts and an or,
// which every machine has; the last vector overlaps the one before, so that no
// word behind the last is touched.
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

static inline void nic_copy_vector(uint16_t *to, const uint8_t *from)
{
    const NicWords v = nic_load(from);
    memcpy(to, &v, sizeof v);
}

// Stores `words` words; the second byte of an odd last one is read, too.
static inline void nic_copy(uint16_t *to, const uint8_t *from, unsigned words)
{
    if (words < 8) {
        for (unsigned i = 0; i < words; i++)
            to[i] = (uint16_t)(from[2 * i] << 8 | from[2 * i + 1]);
        return;
    }
    const unsigned last = words - 8;
    for (unsigned i = 0; i < last; i += 8)
        nic_copy_vector(to + i, from + 2 * i);
    nic_copy_vector(to + last, from + 2 * last);
}

// The other way, for frames that are sent: `bytes` bytes out of words.
static inline void nic_copy_out(uint8_t *to, const uint16_t *from, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(i & 1 ? from[i / 2] : from[i / 2] >> 8);
}

#endif
