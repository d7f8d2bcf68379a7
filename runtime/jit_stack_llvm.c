// jit_stack_llvm.c -- a stack machine's back end, a module of its own: programs to code.
#include "jit_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit_maker.h"
#include "jit_stack_own.h"

typedef struct {
    StackBackend base; // first: a StackBackend * is a Backend *
    JitMaker maker;
    unsigned count; // of units, so that each has a name
} Backend;

static const char passes[] = "function(sroa,early-cse,simplifycfg)";

static bool compile(StackBackend *base, const StackMachine *m, const int64_t *roots, int root_count,
                    StackUnit *unit, Error *err)
{
    Backend *b = (Backend *)base;
    JitObject object = { 0 };
    void *address;
    *unit = (StackUnit){ 0 };
    snprintf(object.symbol, sizeof object.symbol, "%s_%u_%lld", stack_lowering.name, b->count++,
             (long long)roots[0]);
    LLVMContextRef context = compat_context();
    LLVMModuleRef module = maker_module(&b->maker, context);
    lower_program(module, m, object.symbol, roots, root_count, unit);
    const bool fine = maker_compile(&b->maker, module, passes, &object, err) &&
                      maker_load(&b->maker, &object, &address, &unit->handle, err);
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
    free(object.bytes);
    if (fine) {
        unit->run = (StackCode *)(uintptr_t)address;
        return true;
    }
    free(unit->entries);
    return false;
}

static void unload(StackBackend *base, StackUnit *unit)
{
    free(unit->entries);
    maker_unload(unit->handle);
}

static void close_backend(StackBackend *base)
{
    Backend *b = (Backend *)base;
    maker_close(&b->maker);
    free(b);
}

__attribute__((visibility("default"))) StackBackend *stack_backend_open(const StackTable *table,
                                                                       size_t machine_bytes, Error *err);

StackBackend *stack_backend_open(const StackTable *table, size_t machine_bytes, Error *err)
{
    if (machine_bytes != sizeof(StackMachine) || table->meaning != stack_lowering.meaning) {
        fail(err, "the JIT's module is of another build");
        return NULL;
    }
    Backend *b = need_memory(calloc(1, sizeof *b));
    b->base = (StackBackend){ compile, unload, close_backend };
    if (!maker_open(&b->maker, err)) {
        free(b);
        return NULL;
    }
    return &b->base;
}
