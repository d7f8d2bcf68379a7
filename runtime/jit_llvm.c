// jit_llvm.c -- the LC-3's back end of the JIT, a module of its own: regions to objects.
#include "jit_backend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit_lower_llvm.h"
#include "jit_maker.h"

typedef struct {
    JitBackend base; // first: a JitBackend * is an LlvmBackend *
    JitMaker maker;
} LlvmBackend;

static const LowerMachine *lowering_of(const JitMachine *m)
{
    static const LowerMachine *const all[] = { &lc3_ed3_lowering, &lc3_ed2_lowering };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i]->name, m->name))
            return all[i];
    return NULL;
}

// What these leave, code generation does as well: reassociate, gvn, licm, jump-threading
// or all of O3 after them changed nothing that could be measured.
#define PASSES "sroa,early-cse,simplifycfg," COMPAT_INSTCOMBINE ",simplifycfg"
// Rounds that know their numbers: a sum of sixteen terms is one of vectors.
static const char passes[] = "function(" PASSES ")",
                  passes_for_rounds[] = "function(" PASSES ",slp-vectorizer," COMPAT_INSTCOMBINE ")";

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
    LLVMModuleRef module = maker_module(&b->maker, context);
    const bool has_known_rounds = lower_region(module, m, lowering_of(m), r, out->symbol);
    const bool fine = maker_compile(&b->maker, module, has_known_rounds ? passes_for_rounds : passes, out, err);
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
    return fine;
}

static bool load(JitBackend *base, const JitObject *object, JitFunction **function, void **handle, Error *err)
{
    void *address;
    if (!maker_load(&((LlvmBackend *)base)->maker, object, &address, handle, err))
        return false;
    *function = (JitFunction *)(uintptr_t)address;
    return true;
}

static void unload(JitBackend *base, void *handle)
{
    maker_unload(handle);
}

static void close_backend(JitBackend *base)
{
    LlvmBackend *b = (LlvmBackend *)base;
    maker_close(&b->maker);
    free(b);
}

__attribute__((visibility("default"))) JitBackend *jit_backend_open(size_t region_bytes, Error *err);

JitBackend *jit_backend_open(size_t region_bytes, Error *err)
{
    if (region_bytes != sizeof(JitRegion)) {
        fail(err, "the JIT's module is of another build");
        return NULL;
    }
    LlvmBackend *b = need_memory(calloc(1, sizeof *b));
    b->base = (JitBackend){ compile, load, unload, close_backend };
    if (!maker_open(&b->maker, err)) {
        free(b);
        return NULL;
    }
    return &b->base;
}
