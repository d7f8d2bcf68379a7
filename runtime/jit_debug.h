// jit_debug.h -- compiled regions shown to gdb and perf.
//
// gdb reads a list that every program with a JIT may keep (gdb manual, "JIT
// Compilation Interface"); it is always kept.  With LC3_JIT_PERF set, perf finds the
// functions in /tmp/perf-PID.map, and their code in jit-PID.dump (in the current
// folder, or where JITDUMPDIR says) for `perf inject --jit`.
#ifndef RUNTIME_JIT_DEBUG_H
#define RUNTIME_JIT_DEBUG_H

#include "jit_link.h"

typedef struct JitDebugEntry JitDebugEntry;

// Shows an object that object_link has linked, and takes its bytes.  `name` is what
// perf calls it.
JitDebugEntry *jit_debug_add(JitObject *object, const JitLinked *linked, const char *name);
void jit_debug_remove(JitDebugEntry *entry);

#endif
