#include "jit_maker.h"

#include <llvm-c/Support.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail_llvm(Error *err, const char *what, LLVMErrorRef error)
{
    char *message = LLVMGetErrorMessage(error);
    fail(err, "%s: %s", what, message);
    LLVMDisposeErrorMessage(message);
    return false;
}

// ------------------------------------------------------------------ compiling

LLVMModuleRef maker_module(const JitMaker *k, LLVMContextRef context)
{
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("region", context);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(k->machine);
    LLVMSetModuleDataLayout(module, layout);
    LLVMDisposeTargetData(layout);
    char *triple = LLVMGetTargetMachineTriple(k->machine);
    LLVMSetTarget(module, triple);
    LLVMDisposeMessage(triple);
    return module;
}

static bool run_passes(JitMaker *k, LLVMModuleRef module, const char *passes, Error *err)
{
#ifdef JIT_VERIFY
    char *message = NULL;
    if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
        LLVMDumpModule(module);
        fprintf(stderr, "%s\n", message);
        abort();
    }
    LLVMDisposeMessage(message);
#endif
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, passes, k->machine, options);
    LLVMDisposePassBuilderOptions(options);
    return !error || fail_llvm(err, "optimising", error);
}

bool maker_compile(JitMaker *k, LLVMModuleRef module, const char *passes, JitObject *out, Error *err)
{
    LLVMMemoryBufferRef object = NULL;
    char *message = NULL;
    if (!run_passes(k, module, passes, err))
        return false;
    if (LLVMTargetMachineEmitToMemoryBuffer(k->machine, module, LLVMObjectFile, &message, &object)) {
        fail(err, "generating code: %s", message);
        LLVMDisposeMessage(message);
        return false;
    }
    out->size = LLVMGetBufferSize(object);
    out->bytes = need_memory(malloc(out->size));
    memcpy(out->bytes, LLVMGetBufferStart(object), out->size);
    LLVMDisposeMemoryBuffer(object);
    return true;
}

// -------------------------------------------------------------------- linking

static bool open_jit(JitMaker *k, Error *err)
{
    if (k->jit)
        return true;
    LLVMErrorRef error = LLVMOrcCreateLLJIT(&k->jit, NULL);
    return !error || fail_llvm(err, "starting ORC", error);
}

bool maker_load(JitMaker *k, const JitObject *object, void **address, void **handle, Error *err)
{
    if (!open_jit(k, err))
        return false;
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(object->bytes, object->size, object->symbol);
    LLVMOrcJITDylibRef library = LLVMOrcLLJITGetMainJITDylib(k->jit);
    LLVMOrcResourceTrackerRef tracker = LLVMOrcJITDylibCreateResourceTracker(library);
    LLVMErrorRef error = LLVMOrcLLJITAddObjectFileWithRT(k->jit, tracker, buffer);
    LLVMOrcExecutorAddress found = 0;
    if (!error)
        error = LLVMOrcLLJITLookup(k->jit, &found, object->symbol);
    if (error) {
        LLVMConsumeError(LLVMOrcResourceTrackerRemove(tracker));
        LLVMOrcReleaseResourceTracker(tracker);
        return fail_llvm(err, "linking", error);
    }
    *address = (void *)(uintptr_t)found;
    *handle = tracker;
    return true;
}

void maker_unload(void *handle)
{
    LLVMErrorRef error = LLVMOrcResourceTrackerRemove(handle);
    if (error)
        LLVMConsumeError(error);
    LLVMOrcReleaseResourceTracker(handle);
}

// Regions' loops are as fast without loop strength reduction, which takes a fifth of the
// time of compiling; options are LLVM's, and of the whole process.
static void set_options(void)
{
    LLVMParseCommandLineOptions(2, (const char *const[]){ "lc3", "-disable-lsr" }, NULL);
}

// The CPU's own, without what makes LLVM look through regions for code to move to mask
// registers: they have none.
static char *find_features(void)
{
    char *host = LLVMGetHostCPUFeatures();
    static const char without[] = ",-avx512f";
    const size_t size = strlen(host) + sizeof without;
    char *features = need_memory(malloc(size));
    snprintf(features, size, "%s%s", host, strstr(host, "+avx512f") ? without : "");
    LLVMDisposeMessage(host);
    return features;
}

static bool open_target(JitMaker *k, Error *err)
{
    static pthread_once_t options = PTHREAD_ONCE_INIT;
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    pthread_once(&options, set_options);
    char *triple = LLVMGetDefaultTargetTriple(), *cpu = LLVMGetHostCPUName(), *features = find_features();
    char *message = NULL;
    LLVMTargetRef target;
    bool fine = !LLVMGetTargetFromTriple(triple, &target, &message);
    if (fine) {
        k->machine = LLVMCreateTargetMachine(target, triple, cpu, features, LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                             LLVMCodeModelSmall);
    } else {
        fail(err, "%s", message);
        LLVMDisposeMessage(message);
    }
    LLVMDisposeMessage(triple);
    LLVMDisposeMessage(cpu);
    free(features);
    return fine;
}

bool maker_open(JitMaker *k, Error *err)
{
    *k = (JitMaker){ 0 };
    if (open_target(k, err))
        return true;
    maker_close(k);
    return false;
}

void maker_close(JitMaker *k)
{
    if (k->jit)
        LLVMConsumeError(LLVMOrcDisposeLLJIT(k->jit));
    if (k->machine)
        LLVMDisposeTargetMachine(k->machine);
}
