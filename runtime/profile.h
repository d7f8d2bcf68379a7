// profile.h -- where a program's time goes, by looking at it now and then.
//
// Between two slices, when a millisecond has passed since the last look, the machine
// executes a few hundred instructions under observation, which are counted by kind
// and by pairs; then the calls that it is in are found (unwind.h), and the time since
// the last look is theirs.  The next look is never sooner than 128 times what this one
// took, so looking costs less than a hundredth.  Slices get random lengths, or a
// loop that takes as long as a slice would always be seen at the same place.
//
// The host's time is told apart: how often each native TRAP was executed is counted
// anyway, and what one takes is measured when a look meets it.  So is waiting: from
// when a machine cannot go on to when it runs again.
#ifndef RUNTIME_PROFILE_H
#define RUNTIME_PROFILE_H

#include "machine.h"

typedef struct Profile Profile;

// Puts machines under observation; `path` passed flame_check_path (flame_file.h).
bool profile_open(Profile **profile, Machine **machines, uint32_t count, const char *path, Error *err);
bool profile_save(Profile *p, Error *err);
void profile_close(Profile *p);

// Around a slice, by the worker that runs the machine.  The first may look, for which
// the machine executes instructions: RUN_BUDGET when nothing came of that.
Run profile_before(Machine *m);
void profile_after(Machine *m, Run why);
uint64_t profile_length(Machine *m, uint64_t slice);

// Of the hooks (watch.h): an instruction is about to be executed.
void profile_step(Machine *m, uint16_t at, uint16_t word);

#endif
