// programs.h -- the eight programs, their objects, and what state they end in.
#ifndef BENCH_PROGRAMS_H
#define BENCH_PROGRAMS_H

#include "machine.h"

typedef struct {
    const char *name, *text, *end;
    uint16_t (*twin)(uint16_t rounds);
} Program;

enum { PROGRAMS = 8 };
extern const Program programs[PROGRAMS];

// Assembles a program; says which word its rounds stand in.
bool program_assemble(const Program *p, Object *obj, Arena *a, uint16_t *rounds_at, uint16_t *rounds,
                      Error *err);

// One number for all that an engine could get wrong: registers, memory, how many
// instructions.
uint64_t state_hash(const Machine *m);

// The engine that a textbook would write, which the others are checked against.
const Lc3Engine *plain_engine(void);

#endif
