// llvm_compat.h -- LLVM's C interface, whose names differ between versions 15 and 22.
#ifndef RUNTIME_LLVM_COMPAT_H
#define RUNTIME_LLVM_COMPAT_H

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/ExecutionEngine.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Object.h>
#include <llvm-c/Orc.h>
#include <llvm-c/OrcEE.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <llvm/Config/llvm-config.h>

#if LLVM_VERSION_MAJOR < 15
#error "LLVM 15 or newer is needed: opaque pointers"
#endif

#if LLVM_VERSION_MAJOR == 15
// Contexts of LLVM 15 still start with typed pointers in the C interface unless told otherwise.
static inline LLVMContextRef compat_context(void)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMContextSetOpaquePointers(context, 1);
    return context;
}
#else
static inline LLVMContextRef compat_context(void)
{
    return LLVMContextCreate();
}
#endif

// From 18 on instcombine takes one round for enough only when told so.
#if LLVM_VERSION_MAJOR >= 18
#define COMPAT_INSTCOMBINE "instcombine<no-verify-fixpoint>"
#else
#define COMPAT_INSTCOMBINE "instcombine"
#endif

#endif
