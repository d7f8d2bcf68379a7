// bus_run.h -- lc3run as its users run it, and what it says about a run.
#ifndef BENCH_BUS_RUN_H
#define BENCH_BUS_RUN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

enum { BUS_ARGUMENTS_MAX = 8 };

typedef struct {
    const char *text;    // of its standard output and error, the statistics last
    double elapsed_s;    // of them
    double resident_kib; // most memory it had
} BusRun;

// Runs lc3run --stats=json with these arguments (the list ends with NULL).  False when it
// ends with another code than `code`.
bool bus_run(BusRun *run, Arena *a, const char *const *arguments, int code, Error *err);

// What the machines say under `key`, of up to `most` machines in their order; returns how many.
int bus_numbers(const BusRun *run, const char *key, double *numbers, int most);

#endif
