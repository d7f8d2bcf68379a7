// jit_link.h -- objects made runnable, without LLVM.
//
// A region's object is one function and its tables: it names nothing outside itself.
// So a few relocations link it, and a program whose code is in the cache never opens
// LLVM, which takes longer than most programs run.  An object that this file does not
// understand is left to the back end.
#ifndef RUNTIME_JIT_LINK_H
#define RUNTIME_JIT_LINK_H

#include <stdbool.h>

#include "jit_object.h"

typedef struct {
    void *memory; // NULL: not linked here
    size_t size;
    void *function; // where the object's symbol is
    size_t function_bytes;
} JitLinked;

// The sections' addresses are written into the object's headers, where gdb looks for
// them.  False: the object is of another kind.
bool object_link(const JitObject *object, JitLinked *linked);
void object_unlink(JitLinked *linked);

#endif
