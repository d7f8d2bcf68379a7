// jit_code.h -- compiled regions that all machines of a process share, and the
// thread that makes them.
//
// Who wants a region gets a JitCode at once and may look at its state whenever it
// likes; the compiler's thread fills it in.  Machines that run the same words get
// the same one.  Code nobody uses stays for a while, in case the words come back.
#ifndef RUNTIME_JIT_CODE_H
#define RUNTIME_JIT_CODE_H

#include <stdatomic.h>

#include "jit_backend.h"
#include "jit_cache.h"
#include "jit_debug.h"

typedef enum { CODE_QUEUED, CODE_READY, CODE_FAILED } CodeState;

typedef struct JitCode {
    JitRegion region;
    const JitMachine *machine;
    char label[32];
    // Stored by the compiler (release) after `function`; machines load it (acquire).
    _Atomic int state;
    JitFunction *function;
    JitLinked linked;     // by us, and shown to debuggers
    JitDebugEntry *shown;
    void *handle;         // or by the back end
    int users;             // under the store's lock
    uint64_t released;     // when the last user left
    struct JitCode *next;  // same hash
    struct JitCode *later; // in the queue
} JitCode;

typedef struct CodeStore CodeStore;

typedef struct {
    const char *module; // path of the back end
    bool has_cache, has_thread;
    bool has_orc; // LLVM links, too
    bool is_eager; // the back end is opened at once
    int delay_ms; // from the first region wanted to the first one that is worth a compiler, or 0
} CodeOptions;

typedef struct {
    uint64_t compiled, cached, failed;
    uint64_t compile_ns, load_ns, open_ns; // totals
} CodeCounts;

// The back end is opened when the first region is wanted that is not in the cache.
CodeStore *code_open(const CodeOptions *options);
// Waits for what is being compiled; no code may be in use.
void code_close(CodeStore *s);

// Returns the region's code, its user count one up.  Without a thread it is ready
// or failed on return.
JitCode *code_want(CodeStore *s, const JitMachine *m, const JitRegion *r, const char *label);
// The same, but never compiles: NULL when the code is neither here nor in the cache.
JitCode *code_want_made(CodeStore *s, const JitMachine *m, const JitRegion *r, const char *label);
// Whether the process is so young that it had better not start a compiler: it may end
// before anything is compiled, and then only waits for the compiler's memory to go.
bool code_is_early(const CodeStore *s);
void code_release(CodeStore *s, JitCode *c);
CodeCounts code_counts(CodeStore *s);
const char *code_error(CodeStore *s); // why the first region that failed did, or NULL
// Whether the thread has work now.  A process that ends
// need not wait for it, if it leaves by _exit: exit would take LLVM apart under the
// thread's feet.
bool code_is_compiling(CodeStore *s);

#endif
