// effects.h -- what a body does to the machine and what it costs, derived from its tree.
#ifndef GEN_EFFECTS_H
#define GEN_EFFECTS_H

#include "base/writer.h"
#include "model.h"

typedef LIST(const char *) Names;

typedef struct {
    Names reads, writes; // "R[sr1]", "PC", "CC", "M[]"; procs included
    Names raises;        // explicitly, and by guarded memory
    // Counted along the whole tree, both branches of an `if`: what an engine that does
    // not optimise has to do.
    int operations; // operators, conversions apart
    int loads, stores;
} Effects;

Effects effects_of(const Isa *isa, Arena *a, const Block *body, int dialect);

Effects effects_of_insn(const Isa *isa, Arena *a, const Insn *insn); // of a stack machine: "S*2" is two values of S

// "jumps", "may jump, indirect", "calls", "returns", "halts", "traps"; "" for the straight line.
const char *effects_flow(Arena *a, unsigned roles);

void write_names(Writer *w, const Names *names, const char *empty);

#endif
