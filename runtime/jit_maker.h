// jit_maker.h -- LLVM as every machine's back end needs it: modules to objects to running code.
//
// LLVM compiles a module to an object file in memory; the object is what is cached
// and linked.  So code from the cache and fresh code take the same way into the program.
// Linking is jit_link.h's; ORC links what that does not: objects of other CPUs than
// x86-64.  One thread at a time uses a maker.
#ifndef RUNTIME_JIT_MAKER_H
#define RUNTIME_JIT_MAKER_H

#include "base/error.h"
#include "jit_object.h"
#include "llvm_compat.h"

typedef struct {
    LLVMTargetMachineRef machine;
    LLVMOrcLLJITRef jit; // opened by the first maker_load
} JitMaker;

bool maker_open(JitMaker *k, Error *err); // on failure closes what it opened
void maker_close(JitMaker *k);

// An empty module for this CPU.
LLVMModuleRef maker_module(const JitMaker *k, LLVMContextRef context);
// Fills the object's bytes; its symbol is the caller's.
bool maker_compile(JitMaker *k, LLVMModuleRef module, const char *passes, JitObject *out, Error *err);
// Makes an object runnable: the address of its symbol, and a handle for maker_unload.
bool maker_load(JitMaker *k, const JitObject *object, void **address, void **handle, Error *err);
void maker_unload(void *handle);

#endif
