// sandbox.h -- what lc3run may ask of the kernel while programs run (--sandbox).
//
// Everything is open before: programs, captures, modules, outputs, the exporter's
// socket.  From then on no file is opened, nothing is executed, no socket or process
// made, on any thread; what a run needs (memory, threads, reading, writing and waiting
// on what is open) goes on.  A system call that is not allowed fails with EPERM; to
// execute something, or to trace a process, ends lc3run.
#ifndef RUNTIME_SANDBOX_H
#define RUNTIME_SANDBOX_H

#include "base/error.h"

// From here on, for all threads.
bool sandbox_enter(Error *err);

// The module: libseccomp, and nothing else.
#define SANDBOX_MODULE "lc3_sandbox.so"
#define SANDBOX_SYMBOL "lc3_sandbox_enter"
typedef bool SandboxEnter(Error *err);

#endif
