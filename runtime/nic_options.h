// nic_options.h -- what --nic=... says.
#ifndef RUNTIME_NIC_OPTIONS_H
#define RUNTIME_NIC_OPTIONS_H

#include "base/arena.h"
#include "nic_queue.h"

enum { NIC_QUEUES_MAX = 64 };

typedef struct {
    bool is_live;
    const char *source; // a capture's path, or an interface's name
    const char *filter; // in libpcap's language, or NULL; --filter sets it
    const char *tx;     // a capture to be written, or NULL
    Rate rate;
    uint64_t passes;
    uint64_t warm; // frames of each queue before its clock starts
    uint32_t ring;
    unsigned vm[NIC_QUEUES_MAX]; // a queue each
    unsigned vm_count;
} NicOptions;

// Parses "pcap:FILE[,rate=..][,speed=X][,loop=N][,warm=N][,ring=N][,queue=VM][,tx=FILE]"
// or "if:NAME[,ring=N][,queue=VM][,tx=FILE]".  queue= names one VM (2), several (0+2+5) or
// a range (0-3); without it the card feeds `default_vm`.  Texts live in the arena.
bool nic_options_parse(NicOptions *o, Arena *a, const char *text, unsigned default_vm, Error *err);

#endif
