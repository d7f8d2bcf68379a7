// jit_backend.h -- the module that makes native code of regions.
//
// It is a shared object of its own, opened when the first region is wanted:
// loading LLVM takes longer than a short program runs.  The driver (jit.c) knows
// it only through JitBackend.  One thread at a time calls it.
#ifndef RUNTIME_JIT_BACKEND_H
#define RUNTIME_JIT_BACKEND_H

#include "base/error.h"
#include "jit_object.h"
#include "jit_region.h"

// What compiled code and its driver share while the code runs.
typedef struct {
    uint64_t budget;     // left
    uint64_t limit;      // state->instructions when the budget is used up
    uint16_t last;       // stands for the condition codes
    uint8_t changed;     // a host call dropped code: leave after it
    void *const *hosts;  // by index of the trap entry
    void *out_ring, *in_ring; // Ring of port 0 for the inlined fast paths, or NULL
} JitFrame;

// Runs from an entry of its region and returns kind << 16 | pc, for HOST and
// REFUSED also HostStatus << 24.  Registers are back in the state then; the budget and
// `last` are in the frame.
// The flags (state->code) must follow the words (state->M) at once: one pointer less.
// They must have CODE_GUARDED and CODE_DEVICE: a store looks at nothing else.
typedef uint32_t JitFunction(Lc3State *state, uint16_t *memory, JitFrame *frame, uint32_t pc);

enum {
    JIT_EXIT_NEXT,    // control went on to pc
    JIT_EXIT_STEP,    // the interpreter must do the instruction at pc
    JIT_EXIT_BUDGET,  // the block at pc is longer than the budget
    JIT_EXIT_HOST,    // a host function has run and says how to go on; pc is after it
    JIT_EXIT_REFUSED, // a host function did nothing and says why; pc is at the trap
};

typedef struct JitBackend {
    // `label` becomes part of the function's name; it may be NULL.
    bool (*compile)(struct JitBackend *b, const JitMachine *m, const JitRegion *r, const char *label, JitObject *out,
                    Error *err);
    // Makes an object runnable that jit_link.h cannot link; `handle` is for `unload`.
    bool (*load)(struct JitBackend *b, const JitObject *object, JitFunction **function, void **handle, Error *err);
    void (*unload)(struct JitBackend *b, void *handle);
    void (*close)(struct JitBackend *b);
} JitBackend;

// The one function that the module exports, by this name.  It refuses a caller whose
// regions have another size: driver and module come from one build.
#define JIT_BACKEND_OPEN "jit_backend_open"
typedef JitBackend *JitBackendOpen(size_t region_bytes, Error *err);

#endif
