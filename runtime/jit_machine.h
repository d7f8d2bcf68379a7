// jit_machine.h -- what the JIT must know of a generated machine, without LLVM.
//
// lc3gen writes one JitMachine per dialect (lc3_ed3_jit).  A *mode* is the set of
// memory guards that hold, one bit for each different guard of the description:
// on the LC-3 one bit, user mode.  Code is compiled for one mode, so that what a
// guard decides is known while compiling.
#ifndef RUNTIME_JIT_MACHINE_H
#define RUNTIME_JIT_MACHINE_H

#include <stddef.h>

#include "isa.h"
#include "lc3_state.h"

typedef struct {
    uint16_t first, last;
    int8_t guard; // the mode's bit that closes the region, or -1
    bool is_device;
} JitRange;

typedef struct {
    const char *name;
    void *call; // the runtime's function, its type as engine.h says
    enum { JIT_CALL, JIT_PUSH, JIT_POP } path; // what it does with port 0 when it need not wait
} JitHost;

typedef struct {
    const char *name; // "lc3_ed3"
    const IsaTable *isa;
    const JitRange *ranges; // ascending, covering all of memory
    int range_count, guard_count;
    const uint16_t *cells; // where in a state each register stands, all `regs` in order
    int cell_count;
    size_t pc;             // where the pc stands
    const JitHost *hosts;  // by index of the trap entry; name is NULL without a host
    int host_count;
    unsigned (*mode)(const Lc3State *s);
    // The result whose codes the state at rest shows, or -1 when no result does.
    int (*last)(const Lc3State *s);
    void (*set_last)(Lc3State *s, uint16_t last);
    int (*step)(Lc3State *s); // one instruction, or why not
    Stop (*raise)(Lc3State *s, int exception, uint16_t at);
} JitMachine;

// Whether code at `address` is ordinary memory in this mode: no device, no guard.
static inline bool jit_is_plain(const JitMachine *m, unsigned mode, uint16_t address)
{
    for (int i = 0; i < m->range_count; i++) {
        const JitRange *r = &m->ranges[i];
        if (address <= r->last)
            return !r->is_device && (r->guard < 0 || !(mode >> r->guard & 1));
    }
    return false;
}

extern const JitMachine lc3_ed3_jit, lc3_ed2_jit; // generated from gen/isa.def

#endif
