// jit_llvm.c -- the JIT's back end, a module of its own: regions to objects to running code.
//
// LLVM compiles a region to an object file in memory; the object is what is cached
// and what ORC links.  So a region from the cache and a fresh one take the same
// way into the program, and compiling needs no ORC at all.
#include "jit_backend.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "jit_lower_llvm.h"

typedef struct {
    JitBackend base; // first: a JitBackend * is an LlvmBackend *
    LLVMTargetMachineRef machine;
    LLVMOrcLLJITRef jit;
    LLVMJITEventListenerRef listeners[2];
    char version[256];
} LlvmBackend;

static bool fail_llvm(Error *err, const char *what, LLVMErrorRef error)
{
    char *message = LLVMGetErrorMessage(error);
    fail(err, "%s: %s", what, message);
    LLVMDisposeErrorMessage(message);
    return false;
}

static const LowerMachine *lowering_of(const JitMachine *m)
{
    static const LowerMachine *const all[] = { &lc3_ed3_lowering, &lc3_ed2_lowering };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i]->name, m->name))
            return all[i];
    return NULL;
}

// ------------------------------------------------------------------ compiling

// What these leave, code generation does as well: instcombine, licm and gvn after them
// changed nothing that could be measured.
static const char passes[] = "function(sroa,early-cse,simplifycfg)";

static bool run_passes(LlvmBackend *b, LLVMModuleRef module, Error *err)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, passes, b->machine, options);
    LLVMDisposePassBuilderOptions(options);
    return !error || fail_llvm(err, "optimising", error);
}

static LLVMModuleRef make_module(LlvmBackend *b, LLVMContextRef context, const JitMachine *m, const JitRegion *r,
                                 const char *symbol)
{
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("region", context);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(b->machine);
    LLVMSetModuleDataLayout(module, layout);
    LLVMDisposeTargetData(layout);
    char *triple = LLVMGetTargetMachineTriple(b->machine);
    LLVMSetTarget(module, triple);
    LLVMDisposeMessage(triple);
    lower_region(module, m, lowering_of(m), r, symbol);
#ifdef JIT_VERIFY
    char *message = NULL;
    if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
        LLVMDumpModule(module);
        fprintf(stderr, "%s\n", message);
        abort();
    }
    LLVMDisposeMessage(message);
#endif
    return module;
}

static void name_symbol(char *out, size_t size, const JitMachine *m, const JitRegion *r, const char *label)
{
    char clean[32] = "";
    for (size_t i = 0; label && label[i] && i + 1 < sizeof clean; i++) {
        const char c = label[i];
        const bool fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        clean[i] = fine ? c : '_';
        clean[i + 1] = 0;
    }
    snprintf(out, size, "%s_x%04X%s%s_%016" PRIx64 "_%u", m->name, r->start, *clean ? "_" : "", clean, r->hash,
             r->mode);
}

static bool compile(JitBackend *base, const JitMachine *m, const JitRegion *r, const char *label,
                    JitObject *out, Error *err)
{
    LlvmBackend *b = (LlvmBackend *)base;
    if (!lowering_of(m))
        return fail(err, "%s: the JIT module was built for another machine", m->name);
    name_symbol(out->symbol, sizeof out->symbol, m, r, label);
    LLVMContextRef context = compat_context();
    LLVMModuleRef module = make_module(b, context, m, r, out->symbol);
    bool fine = run_passes(b, module, err);
    LLVMMemoryBufferRef object = NULL;
    char *message = NULL;
    if (fine && LLVMTargetMachineEmitToMemoryBuffer(b->machine, module, LLVMObjectFile, &message, &object)) {
        fine = fail(err, "generating code: %s", message);
        LLVMDisposeMessage(message);
    }
    if (fine) {
        out->size = LLVMGetBufferSize(object);
        out->bytes = malloc(out->size);
        if (!out->bytes)
            abort();
        memcpy(out->bytes, LLVMGetBufferStart(object), out->size);
        LLVMDisposeMemoryBuffer(object);
    }
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
    return fine;
}

// -------------------------------------------------------------------- linking

static bool load(JitBackend *base, const JitObject *object, JitFunction **function, void **handle, Error *err)
{
    LlvmBackend *b = (LlvmBackend *)base;
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(object->bytes, object->size, object->symbol);
    LLVMOrcJITDylibRef library = LLVMOrcLLJITGetMainJITDylib(b->jit);
    LLVMOrcResourceTrackerRef tracker = LLVMOrcJITDylibCreateResourceTracker(library);
    LLVMErrorRef error = LLVMOrcLLJITAddObjectFileWithRT(b->jit, tracker, buffer);
    LLVMOrcExecutorAddress address = 0;
    if (!error)
        error = LLVMOrcLLJITLookup(b->jit, &address, object->symbol);
    if (error) {
        LLVMConsumeError(LLVMOrcResourceTrackerRemove(tracker));
        LLVMOrcReleaseResourceTracker(tracker);
        return fail_llvm(err, "linking", error);
    }
    *function = (JitFunction *)(uintptr_t)address;
    *handle = tracker;
    return true;
}

static void unload(JitBackend *base, void *handle)
{
    LLVMErrorRef error = LLVMOrcResourceTrackerRemove(handle);
    if (error)
        LLVMConsumeError(error);
    LLVMOrcReleaseResourceTracker(handle);
}

// gdb hears of every region by its JIT interface; perf by a jitdump when LC3_JIT_PERF
// is set and this LLVM can write one.
static LLVMOrcObjectLayerRef make_layer(void *user, LLVMOrcExecutionSessionRef session, const char *triple)
{
    LlvmBackend *b = user;
    LLVMOrcObjectLayerRef layer = LLVMOrcCreateRTDyldObjectLinkingLayerWithSectionMemoryManager(session);
    b->listeners[0] = LLVMCreateGDBRegistrationListener();
    b->listeners[1] = getenv("LC3_JIT_PERF") ? LLVMCreatePerfJITEventListener() : NULL;
    for (int i = 0; i < 2; i++)
        if (b->listeners[i])
            LLVMOrcRTDyldObjectLinkingLayerRegisterJITEventListener(layer, b->listeners[i]);
    return layer;
}

static bool open_jit(LlvmBackend *b, Error *err)
{
    LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
    LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, make_layer, b);
    LLVMErrorRef error = LLVMOrcCreateLLJIT(&b->jit, builder);
    return !error || fail_llvm(err, "starting ORC", error);
}

// The module's own file: another build of the lowering must not find this one's objects.
static void describe(LlvmBackend *b, const char *cpu, const char *features)
{
    Dl_info info;
    struct stat st = { 0 };
    if (dladdr((void *)describe, &info))
        stat(info.dli_fname, &st);
    uint64_t hash = 14695981039346656037u;
    for (const char *c = features; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 1099511628211u;
    snprintf(b->version, sizeof b->version, "LLVM %s, %s, %016" PRIx64 ", %" PRIu64 ".%09ld.%" PRIu64,
             LLVM_VERSION_STRING, cpu, hash, (uint64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (uint64_t)st.st_size);
    b->base.version = b->version;
}

static bool open_target(LlvmBackend *b, Error *err)
{
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    char *triple = LLVMGetDefaultTargetTriple(), *cpu = LLVMGetHostCPUName(), *features = LLVMGetHostCPUFeatures();
    char *message = NULL;
    LLVMTargetRef target;
    bool fine = !LLVMGetTargetFromTriple(triple, &target, &message);
    if (fine) {
        b->machine = LLVMCreateTargetMachine(target, triple, cpu, features, LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                             LLVMCodeModelJITDefault);
        describe(b, cpu, features);
    } else {
        fail(err, "%s", message);
        LLVMDisposeMessage(message);
    }
    LLVMDisposeMessage(triple);
    LLVMDisposeMessage(cpu);
    LLVMDisposeMessage(features);
    return fine;
}

static void close_backend(JitBackend *base)
{
    LlvmBackend *b = (LlvmBackend *)base;
    if (b->jit)
        LLVMConsumeError(LLVMOrcDisposeLLJIT(b->jit));
    if (b->machine)
        LLVMDisposeTargetMachine(b->machine);
    free(b);
}

__attribute__((visibility("default"))) JitBackend *jit_backend_open(size_t region_bytes, Error *err);

JitBackend *jit_backend_open(size_t region_bytes, Error *err)
{
    if (region_bytes != sizeof(JitRegion)) {
        fail(err, "the JIT's module is of another build");
        return NULL;
    }
    LlvmBackend *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    b->base = (JitBackend){ b->version, compile, load, unload, close_backend };
    if (!open_target(b, err) || !open_jit(b, err)) {
        close_backend(&b->base);
        return NULL;
    }
    return &b->base;
}
