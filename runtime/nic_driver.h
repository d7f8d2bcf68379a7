// nic_driver.h -- what the card asks of libpcap, as a part that is opened on demand.
//
// libpcap takes longer to load than a small program runs, so only nic_pcap.c
// includes it, and it is a module: nic_driver_open finds it beside lc3run or in
// the library folder when the first --nic is opened.
#ifndef RUNTIME_NIC_DRIVER_H
#define RUNTIME_NIC_DRIVER_H

#include "nic_frames.h"

typedef struct NicLive NicLive; // an open interface
typedef struct NicDump NicDump; // a capture being written

typedef struct {
    int link; // LINK_...
    uint64_t stamp_ns;
    const uint8_t *bytes; // until the next call
    uint32_t held, length;
} LiveFrame;

typedef enum { LIVE_FRAME, LIVE_NONE, LIVE_ENDED } LiveStatus;

enum { NIC_DRIVER_VERSION = 1 };

typedef struct {
    uint32_t version;             // NIC_DRIVER_VERSION
    const char *(*library)(void); // "libpcap version 1.10.3 ..."

    // Reads a capture ("-" is standard input) into an empty table; `filter` may be
    // NULL.  Damage behind usable frames is noted in the table; what cannot be
    // used at all is a failure.
    bool (*load)(FrameTable *to, const char *path, const char *filter, Error *err);

    // Opens an interface for frames that come in, with space for about `frames` in
    // the kernel.
    NicLive *(*live_open)(const char *interface, const char *filter, uint32_t frames, Error *err);
    // Never waits.  LIVE_ENDED: the interface is gone; `err` says how.
    LiveStatus (*live_next)(NicLive *live, LiveFrame *frame, Error *err);
    bool (*live_send)(NicLive *live, const uint8_t *bytes, uint32_t length, Error *err);
    // Frames that the kernel dropped since the start, for lack of space.
    uint64_t (*live_dropped)(NicLive *live);
    int (*live_fd)(NicLive *live); // readable when a frame may be there, -1 without
    void (*live_close)(NicLive *live);

    // A capture of Ethernet frames with nanoseconds; the file has its name only
    // after dump_close has succeeded.
    NicDump *(*dump_open)(const char *path, Error *err);
    void (*dump_write)(NicDump *dump, uint64_t stamp_ns, const uint8_t *bytes, uint32_t length);
    bool (*dump_close)(NicDump *dump, Error *err);
    void (*dump_drop)(NicDump *dump); // leaves no file
} NicDriver;

// The driver, which stays loaded, or NULL with a message.
const NicDriver *nic_driver_open(Error *err);

#endif
