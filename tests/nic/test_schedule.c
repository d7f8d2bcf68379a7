#include <criterion/criterion.h>
#include <string.h>

#include "nic_schedule.h"

enum { COUNT = 1000 };

static const uint8_t zeros[2000];

static FrameTable table_of(size_t count, uint32_t length, uint64_t gap_ns)
{
    FrameTable t = { 0 };
    Error err;
    for (size_t i = 0; i < count; i++)
        cr_assert(frames_add(&t, 1, 5000 + i * gap_ns, zeros, length, length, &err));
    return t;
}

Test(nic_rate, texts)
{
    const struct {
        const char *text;
        RateKind kind;
        double per_s;
    } rows[] = {
        { "orig", RATE_ORIG, 0 },
        { "max", RATE_MAX, 0 },
        { "10G", RATE_BITS, 10e9 },
        { "2.5Gbps", RATE_BITS, 2.5e9 },
        { "100M", RATE_BITS, 100e6 },
        { "9600bps", RATE_BITS, 9600 },
        { "14.88Mpps", RATE_FRAMES, 14.88e6 },
        { "812744pps", RATE_FRAMES, 812744 },
        { "1kpps", RATE_FRAMES, 1000 },
        { "0.5pps", RATE_FRAMES, 0.5 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Rate rate;
        Error err = { "" };
        cr_expect(rate_parse(&rate, rows[i].text, &err), "%s: %s", rows[i].text, err.text);
        cr_expect_eq(rate.kind, rows[i].kind, "%s", rows[i].text);
        cr_expect_float_eq(rate.per_s, rows[i].per_s, rows[i].per_s * 1e-15, "%s", rows[i].text);
    }
}

Test(nic_rate, texts_that_are_no_rate)
{
    const char *rows[] = { "",     "10",      "G",     "pps",  "0pps",   "-1G",
                           "10Gx", "10Gppsx", "1e99G", "nanG", "infpps", "maxx" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Rate rate;
        Error err = { "" };
        cr_expect_not(rate_parse(&rate, rows[i], &err), "\"%s\"", rows[i]);
        cr_expect(strstr(err.text, "rate="), "\"%s\": %s", rows[i], err.text);
    }
}

// 10 Gbit/s: a byte takes 0.8 ns.
Test(nic_schedule, wire_time_counts_preamble_crc_gap_and_padding)
{
    const struct {
        uint32_t length;
        uint64_t first_ps, pass_ps; // until its last bit, until the next may begin
    } rows[] = {
        { 60, 57600, 67200 },       // 8 + 64, and the gap: 14.88 Mpps
        { 14, 57600, 67200 },       // padded
        { 1514, 1220800, 1230400 }, // 812,744 a second
        { 61, 58400, 68000 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        FrameTable t = table_of(1, rows[i].length, 0);
        const Rate rate = { RATE_BITS, 10e9, 1 };
        const TicksQ32 pass = schedule_build(&t, &rate, 0, 1e12);
        cr_expect_eq(t.frames[0].due, rows[i].first_ps, "%u: %lu", rows[i].length, t.frames[0].due);
        cr_expect_eq((uint64_t)(pass >> 32), rows[i].pass_ps, "%u", rows[i].length);
        frames_free(&t);
    }
}

Test(nic_schedule, rounding_does_not_add_up)
{
    const double ticks_per_s = 2445.4321e6; // a counter
    FrameTable t = table_of(COUNT, 60, 0);
    const Rate rate = { RATE_BITS, 10e9, 1 };
    const TicksQ32 pass = schedule_build(&t, &rate, 0, ticks_per_s);
    const long double frame = 67.2e-9L * ticks_per_s;
    for (size_t i = 0; i < t.count; i++) {
        const long double exact = i * frame + 57.6e-9L * ticks_per_s;
        cr_expect_leq(t.frames[i].due, exact + 0.51L);
        cr_expect_geq(t.frames[i].due, exact - 0.51L);
    }
    const uint64_t passes = 1000000; // about a minute
    const long double exact = passes * COUNT * frame;
    cr_expect_float_eq((double)(uint64_t)(passes * pass >> 32), (double)exact, 2);
    frames_free(&t);
}

Test(nic_schedule, packet_rate_ignores_lengths)
{
    FrameTable t = table_of(3, 60, 0);
    Error err;
    frames_add(&t, 1, 0, zeros, 1514, 1514, &err);
    const Rate rate = { RATE_FRAMES, 1e6, 1 };
    const TicksQ32 pass = schedule_build(&t, &rate, 0, 1e9);
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(t.frames[i].due, i * 1000);
    cr_expect_eq((uint64_t)(pass >> 32), 4000);
    frames_free(&t);
}

Test(nic_schedule, original_times_and_speed)
{
    FrameTable t = table_of(3, 60, 1000);
    Rate rate = { RATE_ORIG, 0, 1 };
    TicksQ32 pass = schedule_build(&t, &rate, 5000, 1e9);
    cr_expect_eq(t.frames[0].due, 0);
    cr_expect_eq(t.frames[2].due, 2000);
    cr_expect_eq((uint64_t)(pass >> 32), 3000); // a mean distance before the next pass
    rate.speed = 10;
    pass = schedule_build(&t, &rate, 4000, 1e9); // starts with another capture
    cr_expect_eq(t.frames[0].due, 100);
    cr_expect_eq(t.frames[2].due, 300);
    cr_expect_eq((uint64_t)(pass >> 32), 400);
    frames_free(&t);
}

Test(nic_schedule, times_that_go_back_arrive_with_the_frame_before)
{
    FrameTable t = { 0 };
    Error err;
    const uint64_t stamps[] = { 100, 300, 200, 250, 400 }, dues[] = { 0, 200, 200, 200, 300 };
    for (size_t i = 0; i < 5; i++)
        frames_add(&t, 1, stamps[i], zeros, 60, 60, &err);
    const Rate rate = { RATE_ORIG, 0, 1 };
    schedule_build(&t, &rate, 100, 1e9);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(t.frames[i].due, dues[i], "frame %zu: %lu", i, t.frames[i].due);
    cr_expect_eq(t.found.backwards, 1); // counted from frame to frame
    frames_free(&t);
}
