// network.h -- which machine's words go where.
//
// Links are given in the order in which ports are numbered: a machine's first
// link out is its out port 0, its first link in is its in port 0.  Each link is
// one ring, also one that leaves the host: there a bridge (remote.h) has the other
// side.
#ifndef RUNTIME_NETWORK_H
#define RUNTIME_NETWORK_H

#include "base/arena.h"
#include "machine.h"
#include "remote.h"

enum { ELSEWHERE = UINT32_MAX }; // not a machine of this process

typedef struct {
    uint32_t from, to; // one of them may be ELSEWHERE
    uint32_t capacity;
    Remote *remote;    // then; or NULL
    Ring *ring; // after network_open
} Link;

typedef LIST(Link) Links;

typedef struct {
    Arena *arena;
    uint32_t machine_count;
    const char *const *names; // of machines, NULL where none was given
    Links links;
    bool is_ring, is_listed; // "ring" was said; a link was said
} Network;

// Reads one "A:B[,cap=N]" or "ring", or what remote.h says.  A and B are numbers or
// names.
bool network_add(Network *n, const char *text, Error *err);

// Adds the default chain (or ring) if no link was listed.
void network_complete(Network *n);

typedef struct {
    void *mapping;
    size_t mapped; // bytes
    char *rings;   // in it
} RingMemory;

// Makes the rings, touched and ready, and gives the machines their ports.
bool network_open(Network *n, Machine **machines, uint32_t sample, RingMemory *memory, Error *err);
void network_close(RingMemory *memory);

// What an end of a link is called: the machine's number, or the subject.
const char *network_end_name(const Network *n, const Link *l, uint32_t end);

#endif
