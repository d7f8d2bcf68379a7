// jit_object.h -- a compiled region as bytes: what is cached, and what is linked.
#ifndef RUNTIME_JIT_OBJECT_H
#define RUNTIME_JIT_OBJECT_H

#include <stddef.h>

typedef struct {
    void *bytes; // an object file, from malloc
    size_t size;
    char symbol[80];
} JitObject;

#endif
