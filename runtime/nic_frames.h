// nic_frames.h -- the frames of a capture, laid out for replay.
//
// A table is built once, before anything runs, and only read afterwards.  What a
// frame needs while it is replayed stands in 16 bytes, in the order of replay;
// its bytes lie in one pool in the same order, each frame at the start of a unit
// and padded with zeros to the end of one, so that a reader may load a vector
// across a frame's end.
#ifndef RUNTIME_NIC_FRAMES_H
#define RUNTIME_NIC_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    FRAME_UNIT = 32,          // bytes
    FRAME_SLACK = 64,         // readable bytes behind the pool
    FRAME_LENGTH_MAX = 65535, // a length has to fit into a register
};

typedef struct {
    uint64_t due;    // ticks after the start of its pass; the schedule's
    uint32_t at;     // where its bytes start, in units
    uint16_t length; // bytes on the wire, without preamble and CRC
    uint16_t held;   // bytes of these that are in the pool; fewer: cut by a snap length
} Frame;

// What an indexed capture did not deliver as it stood.
typedef struct {
    uint64_t filtered;  // did not match the filter
    uint64_t empty;     // no bytes on the wire
    uint64_t oversize;  // longer than FRAME_LENGTH_MAX
    uint64_t runt;      // shorter than their link header
    uint64_t cut;       // used, with fewer bytes than there were on the wire
    uint64_t backwards; // used, with a time before that of the frame before
    uint64_t damaged;   // 1: the file ends in the middle of something
} FrameFindings;

// All zero is an empty table.
typedef struct {
    Frame *frames;
    uint64_t *stamps; // by frame: when it was captured, ns since 1970
    uint8_t *bytes;
    size_t count;
    size_t units;                                // used of the pool
    size_t frames_size, stamps_size, bytes_size; // bytes mapped
    FrameFindings found;
    char note[256]; // about damage, for the user; empty if there is none
} FrameTable;

// Adds a frame that was captured with a link header of type `link` (the values of
// libpcap's DLT_...; see nic_link.h).  What cannot be used is counted in `found`.
// False only when there is no memory for more.
bool frames_add(FrameTable *t, int link, uint64_t stamp_ns, const uint8_t *bytes, uint32_t held,
                uint32_t length, Error *err);

void frames_free(FrameTable *t);

static inline const uint8_t *frame_bytes(const uint8_t *pool, const Frame *f)
{
    return pool + (size_t)f->at * FRAME_UNIT;
}

#endif
