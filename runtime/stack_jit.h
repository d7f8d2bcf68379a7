// stack_jit.h -- native code for a stack machine's programs, beside an interpreter.
//
// stack_jit_run is an engine like any other: it stops after exactly `budget`
// instructions and leaves what the interpreters leave.  Native code does what only
// computes; hosts, halts, every mistake and the last words of a budget are done by the
// machine's exact step, code that was not compiled by an interpreter.
//
// STACK_JIT_NOW compiles what is reached before running it.  STACK_JIT_AUTO interprets
// until a program has shown that it runs long, and has it compiled by another thread;
// nothing waits for that.
#ifndef RUNTIME_STACK_JIT_H
#define RUNTIME_STACK_JIT_H

#include "stack_machine.h"

typedef enum { STACK_JIT_AUTO, STACK_JIT_NOW } StackJitWay;

typedef struct StackJit StackJit;

typedef struct {
    StackJitWay way;
    const StackEngine *interpreter;
    const char *module; // path of the back end; NULL: beside the program, or where it was installed
} StackJitOptions;

typedef struct {
    uint64_t native;     // instructions run by native code, those that it left included
    uint64_t units;      // pieces of code
    uint64_t words;      // of the program that were compiled, with repetitions
    uint64_t compile_ns; // in all, the module's opening included
} StackJitCounts;

bool stack_jit_is_built(const StackKind *kind); // whether there is a back end
// STACK_JIT_NOW fails when there is no back end; STACK_JIT_AUTO then only interprets.
StackJit *stack_jit_open(const StackKind *kind, const StackJitOptions *options, Error *err);
// Waits for what is being compiled.
void stack_jit_close(StackJit *j);
// For a process that ends: true when another thread compiles at this moment.  Nobody waits
// for that thread any more; the process must end by _exit then and close nothing.
bool stack_jit_leave(StackJit *j);

// Takes a machine; forgets the code of the program before.
void stack_jit_attach(StackJit *j, StackMachine *m);
// STACK_JIT_NOW: compiles what can be reached from the ip, without running it.
void stack_jit_prepare(StackJit *j);
Stop stack_jit_run(StackMachine *m, uint64_t budget); // a StackRun

StackJitCounts stack_jit_counts(const StackJit *j);
const char *stack_jit_error(const StackJit *j); // why something was not compiled, or NULL

#endif
