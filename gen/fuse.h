// fuse.h -- `lc3gen fuse`: superinstructions that a profile suggests.
#ifndef GEN_FUSE_H
#define GEN_FUSE_H

#include "base/writer.h"
#include "model.h"

enum { PROPOSALS = 10, MEASURED = 3, FUSE_PARTS = 4 };

typedef struct {
    const char *line;        // "fuse ADDimm_BR = a: ADD.imm, b: BR;"
    const char *name;
    uint64_t count, saved;   // how often it ran; dispatches that it would save, at most
    const char *description; // the whole description with the line at its place
} Proposal;

typedef struct {
    LIST(Proposal) list; // the one that saves most first
    uint64_t total;      // instructions that the profile counts
} Proposals;

// Reads a profile, lines "COUNT FORM FORM ..." ('#' begins a comment; a line with one
// form counts instructions; folded stacks are left out), and proposes what the description allows and does not have.
bool fuse_propose(Proposals *out, const Isa *isa, const char *profile, Error *err);

// Seconds for an instruction, of several runs in turn.
typedef struct {
    double ns, least, most; // median and range
} Timing;

// Makes an engine of each description and runs the program on all of them in turn;
// timings[0] belongs to `before`, the others to `after` in order.
bool fuse_measure(Timing *timings, const char *name, const char *const *descriptions, size_t count,
                  const char *program, Error *err);

// `timings` of the description as it is and of the first proposals with each line, or NULL.
void fuse_write(Writer *w, const Proposals *p, const Timing *timings, bool is_json);

#endif
