// compare.h -- what changed between two runs, beyond what chance explains.
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "record.h"

// Writes a table of what changed into `w`.  Returns the exit code: 0 nothing beyond
// noise, 1 something; 2 with a message when the two cannot be compared.
int compare(const char *old_path, const char *new_path, Writer *w, Error *err);

#endif
