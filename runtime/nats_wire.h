// nats_wire.h -- what a message of a link looks like.
//
// A header of 56 bytes, numbers in network order, then the words, in network order:
//
//     bytes    what
//      0- 3    4C 43 33 77, "LC3w"
//      4       version of this layout, 1
//      5       kind: 0 words, 1 end of the stream; fast links also 2 here I am (from the
//              sender) and 3 so far I have read (from the reader)
//      6- 7    zero
//      8-15    run: a number that this run has to itself
//     16-23    program: a hash of the memory the sending machine started with
//     24-31    position of the first word in the stream; of an end, the number of words
//              in all; of a kind 3, how far the reader has got
//     32-39    when it was published, ns since 1970 by the sender's clock
//     40-47    reader: whom the words are for (fast links), else zero
//     48-51    number of words that follow
//     52-55    FNV-1a of bytes 0 to 51
#ifndef RUNTIME_NATS_WIRE_H
#define RUNTIME_NATS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_VERSION = 1, WIRE_HEADER = 56 };

typedef enum { WIRE_WORDS, WIRE_END, WIRE_HERE, WIRE_READ } WireKind;

typedef struct {
    WireKind kind;
    uint64_t run, program, first, stamp_ns, reader;
    uint32_t count;
} WireHeader;

typedef enum { WIRE_GOOD, WIRE_FOREIGN, WIRE_OTHER_VERSION, WIRE_DAMAGED } WireStatus;
extern const char *const wire_status_names[];

// Writes header and words; `to` has space for WIRE_HEADER + 2 * count bytes.
void wire_write(uint8_t *to, const WireHeader *h, const uint16_t *words);

// Reads and checks the header of a message of `length` bytes.
WireStatus wire_read(WireHeader *h, const uint8_t *from, size_t length);

// The words of a good message from number `from` on.
void wire_words(uint16_t *to, const uint8_t *message, uint32_t from, uint32_t count);

// FNV-1a over bytes, 64 bits; `hash` is WIRE_HASH_START or that of what came before.
#define WIRE_HASH_START 0xCBF29CE484222325u
uint64_t wire_hash(uint64_t hash, const void *bytes, size_t length);

#endif
