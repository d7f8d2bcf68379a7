// jit_stack.h -- the module that makes native code of a stack machine's programs.
//
// One module per machine (svmjit.so): what lc3gen wrote of its operations, and the part
// that all share.  It is opened when a program is to be compiled; the driver
// (stack_jit.c) knows it only through StackBackend.  One thread at a time calls it.
#ifndef RUNTIME_JIT_STACK_H
#define RUNTIME_JIT_STACK_H

#include "stack_machine.h"

// Runs from ip until it has to stop, not beyond m->end instructions, and leaves the
// machine at rest.  `same` is stack_text_same.
typedef int StackCode(StackMachine *m, int64_t ip, bool (*same)(int64_t a, int64_t b));

enum {
    STACK_CODE_STEP, // the interpreter must do the operation at m->ip
    STACK_CODE_NEXT, // control went on to m->ip, which is not in this code
};

typedef struct {
    StackCode *run;
    void *handle;
    int64_t *entries; // where it may be entered, from malloc
    int entry_count;
    int64_t words;    // of the program that were compiled, with repetitions
} StackUnit;

typedef struct StackBackend {
    // Compiles what can be reached from the roots; reads only the program of the machine.
    bool (*compile)(struct StackBackend *b, const StackMachine *m, const int64_t *roots, int root_count,
                    StackUnit *unit, Error *err);
    void (*unload)(struct StackBackend *b, StackUnit *unit);
    void (*close)(struct StackBackend *b);
} StackBackend;

// The one function that the module exports, by this name.  It refuses a caller whose
// machine is another one.
#define STACK_BACKEND_OPEN "stack_backend_open"
typedef StackBackend *StackBackendOpen(const StackTable *table, size_t machine_bytes, Error *err);

#endif
