// jit_cache.h -- compiled regions kept on disk between runs.
//
// One file per region in $XDG_CACHE_HOME/lc3 (or ~/.cache/lc3), named by a hash;
// inside stands all that the object depends on, and a file counts only when all of
// it is equal: the region's words, the description, the version of LLVM and of the
// lowering, the CPU.  Anything odd is a miss, never an error: the region is compiled
// again and the file replaced.
#ifndef RUNTIME_JIT_CACHE_H
#define RUNTIME_JIT_CACHE_H

#include "jit_backend.h"

enum { JIT_CACHE_BYTES = 64 << 20 };

typedef struct {
    char directory[4096]; // empty: no cache
} JitCache;

// Finds the directory; without one to be had nothing is cached.
void cache_open(JitCache *c);

// On a hit fills `object` (free its bytes) and returns true.
bool cache_load(JitCache *c, const char *version, const JitMachine *m, const JitRegion *r, JitObject *object);
void cache_store(JitCache *c, const char *version, const JitMachine *m, const JitRegion *r,
                 const JitObject *object);

// Removes the files used longest ago until at most `limit` bytes are left.
void cache_trim(JitCache *c, uint64_t limit);

#endif
