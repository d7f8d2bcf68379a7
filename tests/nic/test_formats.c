// Captures written here byte by byte: every magic, pcapng, cut and broken files.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nic_link.h"
#include "nic_pcap.h"

typedef struct {
    uint8_t bytes[4096];
    size_t size;
    bool is_big;
} File;

static void put(File *f, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        f->bytes[f->size++] = (uint8_t)(value >> 8 * (f->is_big ? bytes - 1 - i : i));
}

static void put_header(File *f, uint32_t magic, uint32_t snap, uint32_t link)
{
    put(f, magic, 4);
    put(f, 2, 2), put(f, 4, 2);
    put(f, 0, 4), put(f, 0, 4);
    put(f, snap, 4);
    put(f, link, 4);
}

static void put_frame(File *f, uint32_t s, uint32_t fraction, uint32_t held, uint32_t length)
{
    put(f, s, 4), put(f, fraction, 4);
    put(f, held, 4), put(f, length, 4);
    for (uint32_t i = 0; i < held && f->size < sizeof f->bytes; i++)
        f->bytes[f->size++] = (uint8_t)i;
}

static bool load(FrameTable *t, File *f, Error *err)
{
    *t = (FrameTable){ 0 };
    err->text[0] = 0;
    FILE *in = fmemopen(f->bytes, f->size ? f->size : 1, "rb");
    if (!f->size)
        fgetc(in);
    return nic_pcap_load(t, in, "test.pcap", NULL, err);
}

Test(formats, every_magic_gives_the_same_frame)
{
    const struct {
        uint32_t magic;
        bool is_nano;
    } rows[] = { { 0xA1B2C3D4, false }, { 0xA1B23C4D, true } };
    for (unsigned i = 0; i < 4; i++) {
        File f = { .is_big = i & 1 };
        put_header(&f, rows[i / 2].magic, 65535, LINK_ETHERNET);
        put_frame(&f, 7, 5, 60, 60);
        FrameTable t;
        Error err;
        cr_assert(load(&t, &f, &err), "%u: %s", i, err.text);
        cr_expect_eq(t.count, 1);
        cr_expect_eq(t.stamps[0], rows[i / 2].is_nano ? 7000000005u : 7000005000u, "%u: %lu", i, t.stamps[0]);
        cr_expect_eq(t.frames[0].length, 60);
        cr_expect_eq(frame_bytes(t.bytes, &t.frames[0])[59], 59);
        frames_free(&t);
    }
}

static void put_block(File *f, uint32_t type, const uint32_t *words, unsigned count)
{
    put(f, type, 4), put(f, 12 + 4 * count, 4);
    for (unsigned i = 0; i < count; i++)
        put(f, words[i], 4);
    put(f, 12 + 4 * count, 4);
}

static void put_section(File *f)
{
    put_block(f, 0x0A0D0D0A, (uint32_t[]){ 0x1A2B3C4D, 1 | 0 << 16, 0xFFFFFFFF, 0xFFFFFFFF }, 4);
}

Test(formats, pcapng_and_what_libpcap_refuses_of_it)
{
    File f = { 0 };
    put_section(&f);
    put_block(&f, 1, (uint32_t[]){ LINK_RAW, 0 }, 2);
    put_block(&f, 6, (uint32_t[]){ 0, 0, 1000000, 4, 20, 0x45 }, 6);
    FrameTable t;
    Error err;
    cr_assert(load(&t, &f, &err), "%s", err.text);
    cr_expect_eq(t.count, 1);
    cr_expect_eq(t.frames[0].length, 34); // an Ethernet header stands before
    cr_expect_eq(t.frames[0].held, 18);
    cr_expect_eq(t.found.cut, 1);
    cr_expect_eq(t.stamps[0], 1000000000u);
    frames_free(&t);

    put_block(&f, 1, (uint32_t[]){ LINK_ETHERNET, 0 }, 2); // another interface, of another type
    put_block(&f, 6, (uint32_t[]){ 1, 0, 1000000, 4, 20, 0x45 }, 6);
    cr_assert(load(&t, &f, &err), "%s", err.text);
    cr_expect_eq(t.count, 1);
    cr_expect_eq(t.found.damaged, 1);
    cr_expect(strstr(t.note, "interface"), "%s", t.note);
    frames_free(&t);
}

Test(formats, files_that_are_no_captures_are_refused_by_name)
{
    const struct {
        const char *name;
        uint32_t magic, link;
        size_t cut; // bytes that are left
        const char *reason;
    } rows[] = {
        { "nothing", 0xA1B2C3D4, 1, 0, "truncated" },
        { "half a magic", 0xA1B2C3D4, 1, 2, "truncated" },
        { "half a header", 0xA1B2C3D4, 1, 20, "truncated" },
        { "half a first frame", 0xA1B2C3D4, 1, 40, "truncated" },
        { "another magic", 0x12345678, 1, 24, "unknown file format" },
        { "802.11", 0xA1B2C3D4, 105, 24, "link type 105 (IEEE802_11)" },
        { "no such type", 0xA1B2C3D4, 999, 24, "link type 999 (unknown)" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        File f = { 0 };
        put_header(&f, rows[i].magic, 65535, rows[i].link);
        put_frame(&f, 1, 0, 60, 60);
        f.size = rows[i].cut;
        FrameTable t;
        Error err;
        cr_expect_not(load(&t, &f, &err), "%s", rows[i].name);
        cr_expect(strstr(err.text, "test.pcap: ") && strstr(err.text, rows[i].reason), "%s: %s", rows[i].name,
                  err.text);
        cr_expect_null(t.frames);
    }
}

Test(formats, damage_behind_frames_is_counted_and_said)
{
    const struct {
        const char *name;
        uint32_t held;
        size_t cut; // bytes missing at the end
    } rows[] = { { "cut in a frame", 60, 30 },
                 { "cut in a header", 60, 70 },
                 { "absurd length", 0xFFFFFFFF, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        File f = { 0 };
        put_header(&f, 0xA1B2C3D4, 65535, LINK_ETHERNET);
        put_frame(&f, 1, 0, 60, 60);
        put_frame(&f, 2, 0, rows[i].held, 60);
        f.size -= rows[i].cut;
        FrameTable t;
        Error err;
        cr_assert(load(&t, &f, &err), "%s: %s", rows[i].name, err.text);
        cr_expect_eq(t.count, 1, "%s", rows[i].name);
        cr_expect_eq(t.found.damaged, 1, "%s", rows[i].name);
        cr_expect(strstr(t.note, "damaged after frame 1"), "%s: %s", rows[i].name, t.note);
        frames_free(&t);
    }
}

Test(formats, a_capture_without_frames_is_one)
{
    File f = { 0 };
    put_header(&f, 0xA1B2C3D4, 65535, LINK_ETHERNET);
    FrameTable t;
    Error err;
    cr_assert(load(&t, &f, &err), "%s", err.text);
    cr_expect_eq(t.count, 0);
    cr_expect_eq(t.found.damaged, 0);
    frames_free(&t);
}

Test(formats, a_written_capture_can_be_read)
{
    char path[] = "/tmp/lc3-nic-XXXXXX";
    close(mkstemp(path));
    Error err = { "" };
    NicDump *dump = lc3_nic_driver.dump_open(path, &err);
    cr_assert(dump, "%s", err.text);
    uint8_t bytes[100] = { 1, 2, 3 };
    lc3_nic_driver.dump_write(dump, 1234567890123456789u, bytes, 100);
    cr_assert(lc3_nic_driver.dump_close(dump, &err), "%s", err.text);
    FrameTable t = { 0 };
    cr_assert(lc3_nic_driver.load(&t, path, NULL, &err), "%s", err.text);
    cr_expect_eq(t.count, 1);
    cr_expect_eq(t.stamps[0], 1234567890123456789u);
    cr_expect_eq(t.frames[0].length, 100);
    cr_expect_eq(t.bytes[2], 3);
    frames_free(&t);
    unlink(path);
}

Test(formats, what_is_not_there_is_said)
{
    FrameTable t = { 0 };
    Error err = { "" };
    cr_expect_not(lc3_nic_driver.load(&t, "/nonexistent/x.pcap", NULL, &err));
    cr_expect_str_eq(err.text, "/nonexistent/x.pcap: No such file or directory");
    cr_expect_null(lc3_nic_driver.live_open("no-such-if", NULL, 100, &err));
    cr_expect(strstr(err.text, "no-such-if: "), "%s", err.text);
    cr_expect_null(lc3_nic_driver.dump_open("/nonexistent/x.pcap", &err));
    cr_expect(strstr(err.text, "/nonexistent/x.pcap: "), "%s", err.text);
}
