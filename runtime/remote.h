// remote.h -- one end of a link that leaves this host.
//
//     --link=0:nats:SUBJECT[,settings]     out port of machine 0
//     --link=nats:SUBJECT:0[,settings]     in port of machine 0
//
// A Remote is the LinkEnd that owns the other side of an ordinary ring: a bridge
// moves words between that ring and messages on the subject, in threads of its own.
// What a machine sees is therefore a ring that is sometimes slow.  The bridge itself
// is part of a module that knows the NATS client (remotes.h); NATS.md is the guide.
//
// Words have positions, counted from the start of the run at the sender.  Everything
// that is promised (nothing lost, nothing doubled, in order) is a promise about
// positions.
#ifndef RUNTIME_REMOTE_H
#define RUNTIME_REMOTE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "histogram.h"
#include "link.h"
#include "ring.h"

enum {
    REMOTE_BATCH = 484,        // words in a message by default: 1 KiB with its header
    REMOTE_BATCH_MAX = 500000, // a message is at most 1 MB by NATS' own default
    REMOTE_DELAY_US = 50,
    REMOTE_SUBJECT_MAX = 100,
    REMOTE_GROUP_MAX = 32,     // characters of a group's name
    REMOTE_REPLICAS_MAX = 16,  // of a group
    REMOTE_KEY_MAX = 16,       // words from the start of a record to the end of its key
    REMOTE_RECORD_MAX = 65535, // words
};

// A sender with group=N*NAME deals its words out to N lanes, one for each replica of a
// stage: a word goes where the key of its record does.  A lane is a run of its own, with
// positions of its own.

typedef struct {
    const char *text;              // of the option, for messages
    const char *subject, *machine; // the machine's number or name
    bool is_out, is_fast;
    const char *group;             // or NULL
    uint32_t replicas;             // the sender's: lanes; 1 without a group
    uint32_t key_first, key_after; // words of a record that are its key; the same: dealt in turn
    uint32_t record;               // words
    uint32_t batch, delay_us, capacity;
} RemoteSettings;

// Written by the bridge, readable at any time (relaxed).
typedef struct {
    uint64_t messages, words, bytes; // that were sent or taken
    uint64_t unacknowledged;         // messages on their way
    uint64_t resent;                 // messages sent again
    uint64_t duplicates;             // words that came again, and were left out
    uint64_t refused;                // messages that are not of this run: damaged, another program or version
    uint64_t lost_words;             // mode=fast: words that never came
    uint64_t gaps;                   // in how many pieces
    uint64_t full;                   // times the stream had no space
} RemoteStats;

// Where a run stands, for a checkpoint.
typedef struct {
    uint64_t run;      // 0: no run yet
    uint64_t program;  // of the sender
    uint64_t position; // the next word
    uint64_t sequence; // of the message in the stream that holds it
    uint64_t reader;   // who reads: a number that outlives the process
    uint32_t ended;    // a sender's lanes, as bits, that have sent their end
    // A sender's, with a group.
    uint64_t lanes[REMOTE_REPLICAS_MAX]; // the next word of each
    uint32_t lane;                       // of the record that has begun
    uint16_t held[REMOTE_KEY_MAX];       // its words, while its key is not whole
} RemotePlace;

typedef struct Remote {
    LinkEnd link; // first: what the ring's other side wakes
    RemoteSettings settings;
    Ring *ring;
    LinkEnd *near;     // the machine
    uint64_t program;  // hash of what our machine runs
    RemotePlace start; // from a checkpoint; run 0: a fresh start
    RemoteStats stats;
    Histogram latency;       // ns from publishing a message to its receipt, corrected by the clocks' offset
    int64_t clock_offset_ns; // the sender's clock minus ours, measured
    uint64_t clock_error_ns; // at most so wrong; UINT64_MAX: not measured
    char note[160];          // the first refusal or gap, for the report; empty without
    void *bridge;            // the module's
} Remote;

// Is this the text of a link to another host?
bool remote_is_meant(const char *text);

// Reads it.
bool remote_parse(RemoteSettings *s, Arena *a, const char *text, Error *err);

#endif
