#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "nats_wire.h"
#include "remote.h"

static const WireHeader sample = { .kind = WIRE_WORDS,
                                   .run = 0x0123456789ABCDEF,
                                   .program = 7,
                                   .first = 1000,
                                   .stamp_ns = 5,
                                   .reader = 9,
                                   .count = 3 };
static const uint16_t words[] = { 0x1234, 0, 0xFFFF };

Test(wire, what_is_written_is_read)
{
    uint8_t message[WIRE_HEADER + 6];
    WireHeader h;
    uint16_t back[2];
    wire_write(message, &sample, words);
    cr_expect(eq(int, wire_read(&h, message, sizeof message), WIRE_GOOD));
    cr_expect(eq(u64, h.run, sample.run));
    cr_expect(eq(u64, h.first, 1000));
    cr_expect(eq(u64, h.reader, 9));
    cr_expect(eq(u32, h.count, 3));
    wire_words(back, message, 1, 2);
    cr_expect(eq(int, back[0], 0));
    cr_expect(eq(int, back[1], 0xFFFF));
    cr_expect(eq(int, message[WIRE_HEADER], 0x12), "network order");
}

Test(wire, every_bit_of_the_header_counts)
{
    uint8_t message[WIRE_HEADER + 6];
    WireHeader h;
    wire_write(message, &sample, words);
    for (int bit = 0; bit < WIRE_HEADER * 8; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_expect(ne(int, wire_read(&h, message, sizeof message), WIRE_GOOD), "bit %d", bit);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

Test(wire, a_message_of_another_length_is_damaged)
{
    uint8_t message[WIRE_HEADER + 8] = { 0 };
    WireHeader h;
    wire_write(message, &sample, words);
    for (size_t length = 5; length < sizeof message; length++)
        cr_expect(
            eq(int, wire_read(&h, message, length), length == WIRE_HEADER + 6 ? WIRE_GOOD : WIRE_DAMAGED),
            "length %zu", length);
    cr_expect(eq(int, wire_read(&h, message, 3), WIRE_FOREIGN));
    message[4] = 2;
    cr_expect(eq(int, wire_read(&h, message, sizeof message), WIRE_OTHER_VERSION));
}

// ---------------------------------------------------------------- options

static const struct {
    const char *text;
    bool is_meant, is_good;
} links[] = {
    { "0:1", false, false },
    { "0:nats", false, false },
    { "nats:0", false, false },
    { "0:nats:a", true, true },
    { "nats:a.b:0", true, true },
    { "producer:nats:a,mode=fast,batch=10,delay=0,cap=16", true, true },
    { "0:nats:", true, false },
    { "0:nats:a b", true, false },
    { "0:nats:a..b", true, false },
    { "0:nats:.a", true, false },
    { "0:nats:a.", true, false },
    { "0:nats:a.>", true, false },
    { "0:nats:a,batch=0", true, false },
    { "0:nats:a,batch=500001", true, false },
    { "0:nats:a,batch=12x", true, false },
    { "0:nats:a,delay=1000001", true, false },
    { "0:nats:a,cap=3", true, false },
    { "0:nats:a,mode=", true, false },
    { "0:nats:a,", true, false },
    { "0:nats:a,group=16*g", true, true },
    { "0:nats:a,group=3*g,key=0-1/4", true, true },
    { "0:nats:a,group=3*g,key=15/65535", true, true },
    { "0:nats:a,group=3*g,key=/4", true, true },
    { "nats:a:0,group=g", true, true },
    { "0:nats:a,group=g", true, false },
    { "0:nats:a,group=0*g", true, false },
    { "0:nats:a,group=17*g", true, false },
    { "0:nats:a,group=3*", true, false },
    { "0:nats:a,group=3*g.h", true, false },
    { "0:nats:a,group=3*g,mode=fast", true, false },
    { "0:nats:a,group=3*g,batch=16", true, false },
    { "nats:a:0,group=3*g", true, false },
    { "nats:a:0,group=", true, false },
    { "nats:a:0,group=a234567890123456789012345678901234", true, false },
    { "0:nats:a,key=0/4", true, false },
    { "nats:a:0,group=g,key=0/4", true, false },
    { "0:nats:a,group=3*g,key=4/4", true, false },
    { "0:nats:a,group=3*g,key=2-1/4", true, false },
    { "0:nats:a,group=3*g,key=16/20", true, false },
    { "0:nats:a,group=3*g,key=0/0", true, false },
    { "0:nats:a,group=3*g,key=0", true, false },
    { "0:nats:a,group=3*g,key=0-/4", true, false },
    { "0:nats:a,group=3*g,key=", true, false },
};

Test(remote, links_are_read)
{
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        Arena a = { 0 };
        RemoteSettings s;
        Error err;
        cr_expect(eq(int, remote_is_meant(links[i].text), links[i].is_meant), "%s", links[i].text);
        if (links[i].is_meant)
            cr_expect(eq(int, remote_parse(&s, &a, links[i].text, &err), links[i].is_good), "%s",
                      links[i].text);
        arena_free(&a);
    }
}

Test(remote, settings_arrive)
{
    Arena a = { 0 };
    RemoteSettings s;
    Error err;
    cr_assert(eq(int, remote_parse(&s, &a, "nats:a.b:sink,mode=fast,batch=10,delay=7,cap=16", &err), 1));
    cr_expect(eq(int, s.is_out, 0));
    cr_expect(eq(int, s.is_fast, 1));
    cr_expect(eq(str, (char *)s.subject, "a.b"));
    cr_expect(eq(str, (char *)s.machine, "sink"));
    cr_expect(eq(u32, s.batch, 10));
    cr_expect(eq(u32, s.delay_us, 7));
    cr_expect(eq(u32, s.capacity, 16));
    cr_expect(eq(u32, s.replicas, 1));
    cr_assert(eq(int, remote_parse(&s, &a, "0:nats:a,group=3*parsers,key=1-2/6", &err), 1));
    cr_expect(eq(str, (char *)s.group, "parsers"));
    cr_expect(eq(u32, s.replicas, 3));
    cr_expect(eq(u32, s.key_first, 1));
    cr_expect(eq(u32, s.key_after, 3));
    cr_expect(eq(u32, s.record, 6));
    arena_free(&a);
}
