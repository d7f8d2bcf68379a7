// Bytes as a message of a link between hosts: what is taken is whole, and written again is the
// same.  The first byte says what the rest is:
//     'r'  the message as it came
//     'c'  the same, with the checksum of its header made right
//     'w'  the fields of a header, and words: what is written is read
#include <stdlib.h>
#include <string.h>

#include "../../runtime/nats_wire.c"

#include "fuzz.h"

enum { ROOM = 1 << 16 };

static const WireHeader filler = { .kind = WIRE_HERE };

static uint64_t number(FuzzInput *in)
{
    uint64_t n = 0;
    for (int i = 0; i < 4; i++)
        n = n << 16 | fuzz_word(in);
    return n;
}

static bool is_same(const WireHeader *a, const WireHeader *b)
{
    return a->kind == b->kind && a->run == b->run && a->program == b->program && a->first == b->first &&
           a->stamp_ns == b->stamp_ns && a->reader == b->reader && a->count == b->count;
}

// A message of exactly `length` bytes, so that a look behind its end is seen.
static void take(const uint8_t *message, size_t length)
{
    WireHeader h = filler, again;
    const WireStatus status = wire_read(&h, message, length);
    fuzz_check(status <= WIRE_DAMAGED, "there is a word for what is wrong with it");
    fuzz_check(status == WIRE_GOOD || is_same(&h, &filler), "what is refused leaves no header");
    if (status != WIRE_GOOD)
        return;
    fuzz_check(length == WIRE_HEADER + 2 * (size_t)h.count, "its words are all there");
    uint16_t *words = malloc(2 * (size_t)h.count + 1);
    uint8_t *copy = malloc(length);
    wire_words(words, message, 0, h.count);
    wire_write(copy, &h, words);
    fuzz_check(wire_read(&again, copy, length) == WIRE_GOOD && is_same(&h, &again) &&
                   !memcmp(message + WIRE_HEADER, copy + WIRE_HEADER, length - WIRE_HEADER),
               "what is written again is the same");
    for (uint32_t from = h.count > 3 ? h.count - 3 : 0; from < h.count; from++) {
        uint16_t last;
        wire_words(&last, message, from, 1);
        fuzz_check(last == words[from], "a part is a part of the whole");
    }
    free(copy);
    free(words);
}

static void write_and_take(FuzzInput *in)
{
    WireHeader h = { .kind = (WireKind)(fuzz_byte(in) % (WIRE_READ + 1)) }, back;
    uint64_t *const fields[] = { &h.run, &h.program, &h.first, &h.stamp_ns, &h.reader };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i] = number(in);
    h.count = (uint32_t)(in->left / 2 < ROOM ? in->left / 2 : ROOM);
    const size_t length = WIRE_HEADER + 2 * (size_t)h.count;
    uint16_t *words = malloc(2 * (size_t)h.count + 1);
    uint8_t *message = malloc(length);
    for (uint32_t i = 0; i < h.count; i++)
        words[i] = fuzz_word(in);
    wire_write(message, &h, words);
    fuzz_check(wire_read(&back, message, length) == WIRE_GOOD && is_same(&h, &back),
               "what is written is read");
    take(message, length);
    free(message);
    free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FuzzInput in = { bytes, size };
    const uint8_t kind = fuzz_byte(&in);
    if (kind == 'w') {
        write_and_take(&in);
        return 0;
    }
    const size_t length = in.left;
    uint8_t *message = malloc(length ? length : 1);
    memcpy(message, in.at, length);
    if (kind == 'c' && length >= WIRE_HEADER)
        put32(message + AT_SUM, sum_of(message));
    take(message, length);
    free(message);
    return 0;
}
