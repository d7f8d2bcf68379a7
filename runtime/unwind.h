// unwind.h -- who called whom, of a machine that is standing still.
//
// An LC-3 program keeps return addresses where it likes: in the link register, on a
// stack, in a word of its own.  So the way back is found by going it: a second
// machine gets a copy of the state and runs on from the pc, past all calls, until the
// routine returns; the roles in the description (call, return, link, conditional) say
// which words those are, and at a conditional branch both ways are tried.  Where it
// arrives is the caller, if the word before is a call.  That costs as many steps as the
// routine has instructions on the way out, and needs no help from the program.
//
// Not found is the caller of a routine that does not return, and that of one whose way
// back depends on what the calls it skips would do to registers or memory.
#ifndef RUNTIME_UNWIND_H
#define RUNTIME_UNWIND_H

#include "machine.h"

enum { UNWIND_FRAMES = 256, UNWIND_FORKS = 64 };

// A routine that is being executed.
typedef struct {
    uint16_t entry; // its first word, as far as the call says
    uint16_t at;    // the instruction that is executed in it, or its call of the next frame
    bool has_entry;
    bool is_interrupt;
} UnwindFrame;

typedef struct {
    uint16_t pc, psr, ssp, usp, registers[8];
} UnwindFork;

typedef struct {
    Machine **machine; // the second one
    UnwindFork fork[UNWIND_FORKS];
    uint32_t fork_count, steps, epoch;
    uint32_t seen[MEMORY_WORDS];  // the epoch in which the way led past
    uint16_t roles[MEMORY_WORDS]; // by word; 0: not asked yet
    UnwindFrame frames[UNWIND_FRAMES];
    uint32_t count; // of the frames, the innermost first
    bool is_cut;    // there are more than it holds, or than can be found in time
} Unwinder;

bool unwind_open(Unwinder *u, const Machine *like, Error *err);
void unwind_close(Unwinder *u);
// Fills in the frames of `m`, which is at rest.
void unwind(Unwinder *u, const Machine *m);
unsigned unwind_roles(Unwinder *u, uint16_t word);

#endif
