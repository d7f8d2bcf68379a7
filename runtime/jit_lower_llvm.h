// jit_lower_llvm.h -- from a region to a function in LLVM's terms; only for jit_llvm.c.
#ifndef RUNTIME_JIT_LOWER_LLVM_H
#define RUNTIME_JIT_LOWER_LLVM_H

#include "jit_backend.h"
#include "jit_lower.h"
#include "llvm_compat.h"

// Adds a function of type JitFunction, called `name`, to the module.  Whether it has loops
// written round by round, which are worth a pass that makes vectors.
bool lower_region(LLVMModuleRef module, const JitMachine *m, const LowerMachine *lowering, const JitRegion *r,
                  const char *name);

#endif
