// engine_file.h -- engines that were made apart from this program: `--engine=FILE.so`.
#ifndef RUNTIME_ENGINE_FILE_H
#define RUNTIME_ENGINE_FILE_H

#include "machine.h"

// Whether --engine names a file rather than an engine that is built in.
bool engine_is_file(const char *engine);

// The file's engines as a dialect of their own, which lives in the arena; NULL with a
// message when it is no engine, or none for this program.  `dialect`: the one that
// was asked for, or NULL.
const Dialect *engine_file_open(Arena *a, const char *path, const char *dialect, Error *err);

// Whether the instructions that the object was assembled with are encoded so in this
// machine, as far as the object says (its .dbg does).
bool engine_takes(const IsaTable *isa, const Object *obj, const char *path, Error *err);

#endif
