// jit_machines.h -- the JIT under the machines of one run.
#ifndef RUNTIME_JIT_MACHINES_H
#define RUNTIME_JIT_MACHINES_H

#include "jit.h"
#include "machine.h"

// Puts machines whose ports are linked on the JIT; `interpreter` is what they ran on.
// JIT_NOW compiles what can be reached from where each stands before this returns.
// False: it cannot be had, and `err` says why.
bool jit_machines_start(Jit **jit, Machine *const *machines, uint32_t count, const Lc3Engine *interpreter,
                        const JitOptions *options, Error *err);
// After the run; the machines stay as they are.
void jit_machines_stop(Jit *jit, Machine *const *machines, uint32_t count);

#endif
