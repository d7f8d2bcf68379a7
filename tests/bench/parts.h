// parts.h -- one run is several processes, one after the other.
//
// Where a process and its memory happen to lie changes times by a few per cent, and
// repeating inside of it never shows that.  So the command runs itself again for the
// other parts of a run and merges what they found.
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include "bench.h"

// Runs the parts after the first, each with the arguments of this process, and adds
// their samples to the record.
bool parts_run(Bench *b, char **argv, int argc, Error *err);

#endif
