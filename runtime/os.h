// os.h -- the system that lies under every program, assembled from stdlib/os*.asm
// when lc3run is built.
#ifndef RUNTIME_OS_H
#define RUNTIME_OS_H

#include "object.h"

// The system of a dialect with its labels, in the arena.
bool os_read(Object *os, Arena *a, const char *dialect, Error *err);

#endif
