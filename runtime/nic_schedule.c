#include "nic_schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define Q32 4294967296.0L

// ------------------------------------------------------------------- rates

// The factor of an SI prefix, which is skipped, or 1.
static double take_prefix(const char **at)
{
    const char prefix = **at;
    const double factor = prefix == 'k' || prefix == 'K' ? 1e3
                          : prefix == 'M'                ? 1e6
                          : prefix == 'G'                ? 1e9
                          : prefix == 'T'                ? 1e12
                                                         : 1;
    *at += factor != 1;
    return factor;
}

bool rate_parse(Rate *rate, const char *text, Error *err)
{
    rate->per_s = 0;
    if (!strcmp(text, "orig") || !strcmp(text, "max")) {
        rate->kind = text[0] == 'o' ? RATE_ORIG : RATE_MAX;
        return true;
    }
    char *end;
    const double number = strtod(text, &end);
    const char *unit = end;
    const double factor = take_prefix(&unit);
    if (!strcasecmp(unit, "pps"))
        rate->kind = RATE_FRAMES;
    else if (!strcasecmp(unit, "bps") || !strcasecmp(unit, "bit/s") || (factor != 1 && !*unit))
        rate->kind = RATE_BITS;
    else
        return fail(err, "rate=%s: a rate is orig, max, bits (10G, 2.5Gbps) or frames (14.88Mpps, 1000pps)",
                    text);
    rate->per_s = number * factor;
    // One frame a day to one every tenth of a nanosecond, or the bits of these.
    if (end == text || !isfinite(number) || rate->per_s < 1e-5 || rate->per_s > 1e13)
        return fail(err, "rate=%s: out of range", text);
    return true;
}

// --------------------------------------------------------------- schedules

static TicksQ32 to_q32(long double ticks)
{
    return ticks < 1 ? (TicksQ32)1 << 32 : (TicksQ32)(ticks * Q32);
}

static TicksQ32 schedule_bits(FrameTable *t, double bits_per_s, double ticks_per_s)
{
    const long double ticks_per_byte = 8.0L * ticks_per_s / bits_per_s;
    uint64_t bytes = 0; // of the wire, up to the end of the frame's gap
    for (size_t i = 0; i < t->count; i++) {
        bytes += wire_bytes(t->frames[i].length);
        t->frames[i].due = (uint64_t)((bytes - WIRE_GAP) * ticks_per_byte + 0.5L);
    }
    return to_q32(bytes * ticks_per_byte);
}

static TicksQ32 schedule_frames(FrameTable *t, double frames_per_s, double ticks_per_s)
{
    const long double ticks_per_frame = (long double)ticks_per_s / frames_per_s;
    for (size_t i = 0; i < t->count; i++)
        t->frames[i].due = (uint64_t)(i * ticks_per_frame + 0.5L);
    return to_q32(t->count * ticks_per_frame);
}

// What passes between the last frame of a pass and the first of the next: the
// capture does not say, so the mean distance of its frames, at least the last
// frame's time on a 10 Gbit/s wire.
static uint64_t seam_ns(const FrameTable *t, uint64_t first, uint64_t last)
{
    const uint64_t mean = t->count > 1 ? (last - first) / (t->count - 1) : 0;
    const uint64_t wire = wire_bytes(t->frames[t->count - 1].length) * 8u / 10u;
    return mean > wire ? mean : wire;
}

static TicksQ32 schedule_orig(FrameTable *t, double speed, uint64_t origin_ns, double ticks_per_s)
{
    const long double ticks_per_ns = (long double)ticks_per_s / 1e9L / speed;
    uint64_t latest = origin_ns;
    for (size_t i = 0; i < t->count; i++) {
        if (t->stamps[i] > latest)
            latest = t->stamps[i];
        t->frames[i].due = (uint64_t)((latest - origin_ns) * ticks_per_ns + 0.5L);
    }
    const uint64_t first = t->stamps[0] > origin_ns ? t->stamps[0] : origin_ns;
    return to_q32((latest - origin_ns + seam_ns(t, first, latest)) * ticks_per_ns);
}

TicksQ32 schedule_build(FrameTable *t, const Rate *rate, uint64_t origin_ns, double ticks_per_s)
{
    if (!t->count)
        return (TicksQ32)1 << 32;
    switch (rate->kind) {
    case RATE_BITS:
        return schedule_bits(t, rate->per_s, ticks_per_s);
    case RATE_FRAMES:
        return schedule_frames(t, rate->per_s, ticks_per_s);
    default:
        return schedule_orig(t, rate->speed, origin_ns, ticks_per_s);
    }
}
