// jit.h -- native code for the hot parts of a program, beside an interpreter.
//
// A Jit serves all machines of a process; a JitVm is one machine's view: which
// addresses have code, which regions it was made of, what is hot.  jit_run is an
// engine like any other (engine.h): it stops after exactly `budget` instructions
// and leaves the state that the interpreters leave.  What native code does not do
// (devices, exceptions, service routines, the last instructions of a budget) the
// interpreter does.
//
// Two ways to work.  JIT_AUTO starts in the interpreter, looks now and then where
// the program is, and has the loops it finds compiled by another thread; nothing
// waits for that.  JIT_NOW compiles whatever is reached before running it.
#ifndef RUNTIME_JIT_H
#define RUNTIME_JIT_H

#include "jit_code.h"
#include "jit_machine.h"
#include "ring.h"

typedef enum { JIT_AUTO, JIT_NOW } JitWay;

typedef struct Jit Jit;
typedef struct JitVm JitVm;

typedef struct {
    JitWay way;
    bool has_cache;
    uint64_t sample;    // instructions before JIT_AUTO first looks where a program is, and then
                        // compiles without delay (for tests); 0: the default
    bool has_orc;       // LLVM also links, as it does where jit_link.h cannot (for tests)
    bool is_eager; // the back end is opened before the first region is wanted
    const char *module; // path of the back end; NULL: beside the program, or where it was installed
} JitOptions;

// JIT_NOW fails when there is no back end; JIT_AUTO then only interprets.
Jit *jit_open(const JitOptions *options, Error *err);
void jit_close(Jit *jit); // after all its JitVms

typedef struct {
    Lc3State *state;
    const JitMachine *machine;
    Stop (*interpret)(Lc3State *s, uint64_t budget); // one of the dialect's engines
    // A name for code at this address, or NULL; for perf and gdb.
    const char *(*label)(void *user, uint16_t address);
    void *user;
} JitVmOptions;

JitVm *jit_attach(Jit *jit, const JitVmOptions *options);
void jit_detach(JitVm *v);

// The rings behind the TRAPs that are inlined (port 0), or NULL.
void jit_set_rings(JitVm *v, Ring *out, Ring *in);

// JIT_NOW: compiles what can be reached from the pc without running it.
void jit_prepare(JitVm *v);

Stop jit_run(JitVm *v, uint64_t budget);

// The machine stored to a word with CODE_COMPILED set.  May be called while native
// code runs (by a host function).
void jit_code_changed(JitVm *v, uint16_t address);

typedef struct {
    uint64_t native;      // instructions run by native code
    uint64_t regions, drops;
    CodeCounts code;      // of the whole Jit
} JitCounts;

JitCounts jit_counts(const JitVm *v);
const char *jit_error(const Jit *jit); // why a region was not compiled, or NULL
// Whether the compiler is at work, so that jit_close would wait for it.  A process
// that is about to end leaves the Jit alone then and ends by _exit.
bool jit_is_compiling(const Jit *jit);

#endif
