// replay.h -- how a machine got where it faulted.
//
// Machines remember nothing of the way they came, that would cost every
// instruction.  But a machine alone, with the same keys at the same counts, goes
// the same way again; so its last instructions are run a second time, under
// observation.
#ifndef RUNTIME_REPLAY_H
#define RUNTIME_REPLAY_H

#include "watch.h"

enum { REPLAY_KEYS = 1 << 20 }; // worth recording

// Runs the program of `m` again, which has ended in a fault, and gives `m` what a
// Watch saw of its last instructions.  `w` must live as long as `m`.  False when
// the way could not be found again (too long, other keys, or it read the clock).
bool replay_fault(Machine *m, Watch *w, const MachineOptions *options);

#endif
