#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "nic_copy.h"
#include "nic_frames.h"
#include "nic_link.h"

// ------------------------------------------------------------------- links

typedef struct {
    const char *name;
    int link;
    uint8_t bytes[24];
    uint32_t held;
    bool is_usable;
    uint16_t type; // of the Ethernet header in its place
    uint32_t rest; // bytes that follow it
} LinkRow;

static const LinkRow link_rows[] = {
    { "raw IPv4", LINK_RAW, { 0x45 }, 20, true, 0x0800, 20 },
    { "raw IPv6", LINK_RAW, { 0x60 }, 20, true, 0x86DD, 20 },
    { "raw, no IP", LINK_RAW, { 0x15 }, 20, false, 0, 0 },
    { "raw, nothing", LINK_RAW, { 0 }, 0, false, 0, 0 },
    { "IPv4", LINK_IPV4, { 0x45 }, 20, true, 0x0800, 20 },
    { "IPv6", LINK_IPV6, { 0x60 }, 20, true, 0x86DD, 20 },
    { "loopback, little-endian", LINK_NULL, { 2, 0, 0, 0, 0x45 }, 24, true, 0x0800, 20 },
    { "loopback, big-endian", LINK_NULL, { 0, 0, 0, 2, 0x45 }, 24, true, 0x0800, 20 },
    { "loopback, IPv6 of macOS", LINK_NULL, { 30, 0, 0, 0, 0x60 }, 24, true, 0x86DD, 20 },
    { "OpenBSD loopback", LINK_LOOP, { 0, 0, 0, 24, 0x60 }, 24, true, 0x86DD, 20 },
    { "loopback, cut", LINK_NULL, { 2, 0, 0 }, 3, false, 0, 0 },
    { "loopback, strange family", LINK_NULL, { 77, 0, 0, 0 }, 24, false, 0, 0 },
    { "cooked",
      LINK_LINUX_SLL,
      { 0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x08, 0x06 },
      24,
      true,
      0x0806,
      8 },
    { "cooked, cut", LINK_LINUX_SLL, { 0 }, 15, false, 0, 0 },
    { "cooked 2", LINK_LINUX_SLL2, { 0x86, 0xDD }, 24, true, 0x86DD, 4 },
    { "cooked 2, cut", LINK_LINUX_SLL2, { 0x86, 0xDD }, 19, false, 0, 0 },
    { "802.11", 105, { 0 }, 24, false, 0, 0 },
};

Test(nic_link, other_headers_become_ethernet)
{
    for (size_t i = 0; i < sizeof link_rows / sizeof *link_rows; i++) {
        const LinkRow *row = &link_rows[i];
        LinkFront front;
        const bool is_usable = link_front(row->link, row->bytes, row->held, &front);
        cr_expect_eq(is_usable, row->is_usable, "%s", row->name);
        if (!is_usable)
            continue;
        cr_expect_eq(front.bytes[12] << 8 | front.bytes[13], row->type, "%s", row->name);
        cr_expect_eq(row->held - front.skip, row->rest, "%s", row->name);
    }
}

static uint32_t flow(uint16_t vlan, uint8_t host, uint8_t port, uint16_t fragment)
{
    uint8_t f[60] = { 0 };
    unsigned at = 12;
    if (vlan) {
        memcpy(f + at, "\x81\x00", 2);
        f[at + 3] = (uint8_t)vlan;
        at += 4;
    }
    memcpy(f + at, "\x08\x00", 2);
    at += 2;
    f[at] = 0x45;
    f[at + 6] = (uint8_t)(fragment >> 8);
    f[at + 7] = (uint8_t)fragment;
    f[at + 9] = 17;
    f[at + 15] = host;
    f[at + 21] = port;
    f[at + 25] = (uint8_t)(port * 3); // length of the datagram: not of the flow
    return link_flow(f, sizeof f);
}

Test(nic_link, a_flow_is_addresses_protocol_and_ports)
{
    cr_expect_eq(flow(0, 1, 2, 0), flow(0, 1, 2, 0));
    cr_expect_eq(flow(0, 1, 2, 0), flow(7, 1, 2, 0), "a tag changes nothing");
    cr_expect_neq(flow(0, 1, 2, 0), flow(0, 2, 2, 0), "another host");
    cr_expect_neq(flow(0, 1, 2, 0), flow(0, 1, 3, 0), "another port");
    cr_expect_eq(flow(0, 1, 2, 0x2000), flow(0, 1, 9, 0x0010), "fragments have no ports");
}

Test(nic_link, flows_of_short_frames_stay_inside_them)
{
    for (uint32_t held = 0; held <= 60; held++) {
        uint8_t *exact = malloc(held ? held : 1); // a sanitizer sees the end
        memset(exact, 0x45, held);
        if (held >= 14)
            memcpy(exact + 12, held & 1 ? "\x81\x00" : "\x08\x00", 2);
        link_flow(exact, held);
        free(exact);
    }
}

// ------------------------------------------------------------------ tables

Test(nic_frames, what_cannot_be_used_is_counted)
{
    static const uint8_t bytes[70000];
    FrameTable t = { 0 };
    Error err;
    cr_expect(frames_add(&t, LINK_ETHERNET, 10, bytes, 0, 0, &err));
    cr_expect(frames_add(&t, LINK_ETHERNET, 20, bytes, 65536, 65536, &err));
    cr_expect(frames_add(&t, LINK_LINUX_SLL, 30, bytes, 10, 10, &err));
    cr_expect(frames_add(&t, LINK_ETHERNET, 40, bytes, 60, 1514, &err));
    cr_expect(frames_add(&t, LINK_ETHERNET, 30, bytes, 65535, 65535, &err));
    cr_expect(frames_add(&t, LINK_ETHERNET, 50, bytes, 0, 100, &err));
    cr_expect_eq(t.count, 3);
    cr_expect_eq(t.found.empty, 1);
    cr_expect_eq(t.found.oversize, 1);
    cr_expect_eq(t.found.runt, 1);
    cr_expect_eq(t.found.cut, 2);
    cr_expect_eq(t.found.backwards, 1);
    cr_expect_eq(t.frames[0].length, 1514);
    cr_expect_eq(t.frames[0].held, 60);
    cr_expect_eq(t.frames[2].held, 0);
    frames_free(&t);
}

Test(nic_frames, a_length_that_contradicts_the_bytes_is_the_bytes)
{
    static const uint8_t bytes[100];
    FrameTable t = { 0 };
    Error err;
    cr_expect(frames_add(&t, LINK_ETHERNET, 10, bytes, 100, 7, &err));
    cr_expect_eq(t.frames[0].length, 100);
    cr_expect_eq(t.found.cut, 0);
    frames_free(&t);
}

Test(nic_frames, every_frame_keeps_its_bytes_while_the_table_grows)
{
    FrameTable t = { 0 };
    Error err;
    uint8_t bytes[1514];
    for (unsigned i = 0; i < 20000; i++) {
        const uint32_t length = 60 + i * 37 % 1455;
        memset(bytes, (int)i, length);
        cr_assert(frames_add(&t, LINK_ETHERNET, i, bytes, length, length, &err));
    }
    for (unsigned i = 0; i < 20000; i++) {
        const uint8_t *at = frame_bytes(t.bytes, &t.frames[i]);
        cr_assert_eq(t.frames[i].held, 60 + i * 37 % 1455);
        cr_assert_eq((uintptr_t)at % FRAME_UNIT, 0);
        for (unsigned k = 0; k < t.frames[i].held; k++)
            cr_assert_eq(at[k], (uint8_t)i);
    }
    frames_free(&t);
}

// -------------------------------------------------------------------- copy

Test(nic_copy, words_are_big_endian_and_nothing_behind_them_is_touched)
{
    uint8_t from[256];
    for (unsigned i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)(i * 7 + 1);
    for (unsigned words = 0; words <= 100; words++) {
        uint16_t to[128];
        memset(to, 0xEE, sizeof to);
        nic_copy(to + 1, from, words);
        cr_assert_eq(to[0], 0xEEEE);
        for (unsigned i = 0; i < words; i++)
            cr_assert_eq(to[1 + i], from[2 * i] << 8 | from[2 * i + 1], "%u words, word %u", words, i);
        cr_assert_eq(to[1 + words], 0xEEEE, "%u words", words);
    }
}

Test(nic_copy, out_is_the_way_back)
{
    uint8_t from[64], to[64];
    uint16_t words[32];
    for (unsigned i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)(i * 11 + 3);
    nic_copy(words, from, 32);
    for (unsigned bytes = 0; bytes <= 63; bytes++) {
        memset(to, 0xEE, sizeof to);
        nic_copy_out(to, words, bytes);
        cr_assert(!memcmp(to, from, bytes));
        cr_assert_eq(to[bytes], 0xEE);
    }
}
