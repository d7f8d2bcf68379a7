// engine.h -- what a generated engine and the machine around it agree on.
//
// An engine is a function that runs a state for at most `budget` instructions
// and says why it stopped.  It never waits: an instruction that cannot go on is
// not executed, the pc stays at it, and the scheduler tries again.  Every engine
// leaves the same state after the same number of instructions.
//
// At rest a state is exactly what the book calls the machine: registers, PC, PSR
// with its condition codes, memory.  Engines may keep parts of it in host
// registers or lazily while they run; they put everything back before a host or
// device function is called and before they return.
#ifndef RUNTIME_ENGINE_H
#define RUNTIME_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    STOP_BUDGET,    // all of the budget was executed
    STOP_HALT,      // the program ended; pc is after the instruction, which counts
    STOP_BLOCKED,   // a host asked to be tried again; pc is at the TRAP, which does not count
    STOP_CLOSED,    // the other side has ended; pc is at the TRAP, which does not count
    STOP_FAULT,     // an exception nobody handles, or a host's fault: state->fault says which;
                    // pc is at the instruction, which counts
    STOP_ATTENTION, // an instruction asked for the machine's attention; pc is after it
} Stop;

// What a host function (the native body of a TRAP) says.
typedef enum {
    HOST_DONE,      // outputs are written
    HOST_WAIT,      // nothing happened; try again later: STOP_BLOCKED
    HOST_CLOSED,    // nothing happened and nothing will: STOP_CLOSED
    HOST_HALT,      // done, and the machine stops: STOP_HALT
    HOST_ATTENTION, // done, and the engine leaves: STOP_ATTENTION
    HOST_FAULT,     // the machine's own fault record says why: STOP_FAULT
    HOST_RAISE,     // nothing happened; the exception in state->raised is raised
} HostStatus;

// Flags in the per-word code map: somebody keeps a translation of this word, so
// whoever stores there calls the state's code_changed.  CODE_WATCHED: a vector
// or a routine of the system that a native body stands for.  CODE_FUSED: what is
// decoded here swallows words that follow; generated code sets and clears it.
// CODE_GUARDED, CODE_DEVICE: never changing, of words in a region with a guard or
// of devices; compiled code sees by them that a store is not its business.
enum { CODE_DECODED = 1, CODE_COMPILED = 2, CODE_WATCHED = 4, CODE_FUSED = 8, CODE_GUARDED = 16, CODE_DEVICE = 32 };

typedef struct {
    uint8_t kind;    // FAULT_...
    uint16_t vector; // of the exception: its place in the vector table
    uint16_t at;     // address of the instruction
} Fault;

enum { FAULT_NONE, FAULT_EXCEPTION, FAULT_HOST };

#endif
