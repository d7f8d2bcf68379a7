// watch.h -- what a run under observation remembers, tells or forbids: branches
// taken, words never written, every instruction as it happens, bits that mean nothing.
//
// A machine with a Watch runs on the hooked engine, which calls the hooks below
// before every instruction, load and store; a machine without one pays nothing.
#ifndef RUNTIME_WATCH_H
#define RUNTIME_WATCH_H

#include "trace.h"

enum { WATCH_BRANCHES = 8, WATCH_FINDINGS = 20 };

typedef struct {
    uint16_t from, to;
} Branch;

typedef struct {
    uint16_t at;      // the instruction
    uint16_t address; // the word it read; its own when it was executed
} UninitRead;

typedef struct {
    bool finds_uninit;
    bool is_strict; // words with ignored bits other than the assembler writes are reserved
    Trace *trace;   // or NULL
} WatchOptions;

struct Watch {
    WatchOptions options;
    Branch branch[WATCH_BRANCHES]; // the latest is branch[(count - 1) % WATCH_BRANCHES]
    uint64_t branch_count;
    uint16_t last; // the latest instruction
    bool has_last;
    bool has_profile; // steps are counted (profile.h)
    UninitRead uninit[WATCH_FINDINGS]; // the first ones, each address once
    uint64_t uninit_count;
    uint8_t written[MEMORY_WORDS]; // also set once a word has been reported
};

// Puts the machine under observation from here on; `w` stays the caller's.
void watch_start(Watch *w, Machine *m, const WatchOptions *options);

#endif
