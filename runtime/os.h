// os.h -- the system that lies under every program, assembled from stdlib/os*.asm
// when lc3run is built.
#ifndef RUNTIME_OS_H
#define RUNTIME_OS_H

#include "isa.h"
#include "object.h"

// The system of a dialect with its labels, in the arena.
bool os_read(Object *os, Arena *a, const char *dialect, Error *err);

// The same, assembled now, for a machine whose words may be others.
bool os_assemble(Object *os, Arena *a, const char *dialect, const IsaTable *isa, Error *err);

#endif
