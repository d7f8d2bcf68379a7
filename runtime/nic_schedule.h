// nic_schedule.h -- when each frame of a capture arrives.
//
// A frame has arrived when its last bit has.  On a wire a frame costs more than
// its bytes: 8 of preamble, 4 of CRC (captures do not hold it), 12 of gap, and
// short ones are padded to 60.  64-byte frames (60 in a capture) therefore come
// at 14,880,952 a second on a 10 Gbit/s wire, one every 67.2 ns.
//
// All dues of a pass are computed from its start, with the rounding of one tick,
// so nothing accumulates; passes follow each other in 2^-32 ticks.
#ifndef RUNTIME_NIC_SCHEDULE_H
#define RUNTIME_NIC_SCHEDULE_H

#include "nic_frames.h"

enum { WIRE_PREAMBLE = 8, WIRE_CRC = 4, WIRE_GAP = 12, WIRE_LENGTH_MIN = 60 };

typedef enum {
    RATE_ORIG,   // as captured, `speed` times as fast
    RATE_BITS,   // per_s bits of the wire
    RATE_FRAMES, // per_s frames
    RATE_MAX,    // as fast as the reader takes them
} RateKind;

typedef struct {
    RateKind kind;
    double per_s;
    double speed;
} Rate;

// "orig", "max", "10G", "2.5Gbps", "14.88Mpps", "1000pps".
bool rate_parse(Rate *rate, const char *text, Error *err);

// Bytes of time that a frame takes on the wire, all included.
static inline uint32_t wire_bytes(uint32_t length)
{
    return WIRE_PREAMBLE + (length < WIRE_LENGTH_MIN ? WIRE_LENGTH_MIN : length) + WIRE_CRC + WIRE_GAP;
}

typedef unsigned __int128 TicksQ32; // ticks with 32 bits behind the point

// Sets the due of every frame and returns the length of one pass.  With RATE_ORIG
// a pass starts at `origin_ns` of the capture's clock, which is at or before the
// first frame; a frame whose stamp goes back arrives with the one before it.
// Not for RATE_MAX.
TicksQ32 schedule_build(FrameTable *t, const Rate *rate, uint64_t origin_ns, double ticks_per_s);

#endif
