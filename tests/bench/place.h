// place.h -- a folder in which whole processes are measured.
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include "base/error.h"

enum { PLACE_PROGRAMS = 8 };
extern const char *const place_programs[PLACE_PROGRAMS]; // of tests/bench/programs

// Programs are assembled into it; compiled code is cached in it and nowhere else.
typedef struct {
    char folder[64], cache[96];
    char program[96]; // the object, after place_assemble
    char note[96];    // a file for what a process writes
} Place;

bool place_open(Place *p, Error *err);
void place_close(Place *p);
bool place_assemble(Place *p, const char *program, Error *err);
void place_empty_cache(const Place *p);

// Runs a command to its end; `arguments` ends with NULL.  Its standard error goes to
// `to` unless that is NULL.  False when it ends with another code than 0 or 3 (a limit).
bool place_run(char *const *arguments, const char *to, Error *err);

#endif
