// jit_key.h -- what compiled code depends on besides its region and the description.
#ifndef RUNTIME_JIT_KEY_H
#define RUNTIME_JIT_KEY_H

#include <stddef.h>

// LLVM's version, the build of the back end, and the CPU; found without opening LLVM.
void jit_key(char *out, size_t size, const char *module);

#endif
