#include "nats_wire.h"

#include <endian.h>
#include <string.h>

const char *const wire_status_names[] = { "good", "not a message of lc3run",
                                          "written by another version of lc3run", "damaged" };

static const uint8_t magic[4] = { 'L', 'C', '3', 'w' };

enum {
    AT_VERSION = 4,
    AT_KIND,
    AT_RUN = 8,
    AT_PROGRAM = 16,
    AT_FIRST = 24,
    AT_STAMP = 32,
    AT_READER = 40,
    AT_COUNT = 48,
    AT_SUM = 52
};

static void put32(uint8_t *to, uint32_t v)
{
    v = htobe32(v);
    memcpy(to, &v, sizeof v);
}

static void put64(uint8_t *to, uint64_t v)
{
    v = htobe64(v);
    memcpy(to, &v, sizeof v);
}

static uint32_t get32(const uint8_t *from)
{
    uint32_t v;
    memcpy(&v, from, sizeof v);
    return be32toh(v);
}

static uint64_t get64(const uint8_t *from)
{
    uint64_t v;
    memcpy(&v, from, sizeof v);
    return be64toh(v);
}

static uint32_t sum_of(const uint8_t *header)
{
    uint32_t sum = 0x811C9DC5;
    for (int i = 0; i < AT_SUM; i++)
        sum = (sum ^ header[i]) * 0x01000193;
    return sum;
}

uint64_t wire_hash(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * 0x100000001B3;
    return hash;
}

void wire_write(uint8_t *to, const WireHeader *h, const uint16_t *words)
{
    memset(to, 0, WIRE_HEADER);
    memcpy(to, magic, sizeof magic);
    to[AT_VERSION] = WIRE_VERSION;
    to[AT_KIND] = (uint8_t)h->kind;
    put64(to + AT_RUN, h->run);
    put64(to + AT_PROGRAM, h->program);
    put64(to + AT_FIRST, h->first);
    put64(to + AT_STAMP, h->stamp_ns);
    put64(to + AT_READER, h->reader);
    put32(to + AT_COUNT, h->count);
    put32(to + AT_SUM, sum_of(to));
    uint8_t *at = to + WIRE_HEADER;
    for (uint32_t i = 0; i < h->count; i++) {
        const uint16_t word = htobe16(words[i]);
        memcpy(at + 2 * (size_t)i, &word, sizeof word);
    }
}

WireStatus wire_read(WireHeader *h, const uint8_t *from, size_t length)
{
    if (length < sizeof magic || memcmp(from, magic, sizeof magic) != 0)
        return WIRE_FOREIGN;
    if (length > AT_VERSION && from[AT_VERSION] != WIRE_VERSION)
        return WIRE_OTHER_VERSION;
    if (length < WIRE_HEADER || sum_of(from) != get32(from + AT_SUM) || from[AT_KIND] > WIRE_READ)
        return WIRE_DAMAGED;
    const uint32_t count = get32(from + AT_COUNT);
    if (length != WIRE_HEADER + 2 * (size_t)count)
        return WIRE_DAMAGED;
    *h = (WireHeader){
        .kind = (WireKind)from[AT_KIND],
        .run = get64(from + AT_RUN),
        .program = get64(from + AT_PROGRAM),
        .first = get64(from + AT_FIRST),
        .stamp_ns = get64(from + AT_STAMP),
        .reader = get64(from + AT_READER),
        .count = count,
    };
    return WIRE_GOOD;
}

void wire_words(uint16_t *to, const uint8_t *message, uint32_t from, uint32_t count)
{
    const uint8_t *at = message + WIRE_HEADER + 2 * (size_t)from;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t word;
        memcpy(&word, at + 2 * (size_t)i, sizeof word);
        to[i] = be16toh(word);
    }
}
