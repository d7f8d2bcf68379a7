// module.h -- an engine in a file of its own: what it says of itself.
//
// lc3gen writes MACHINE_DIALECT_module.c beside everything that belongs to it, and
// one call of a C compiler makes a module of it, which `lc3run --engine` and
// `lc3as --isa` open.  A module finds nothing of its host by symbol: it lists the
// functions it needs, and a host that runs it fills in where they are.
#ifndef GEN_MODULE_H
#define GEN_MODULE_H

#include "isa.h"

#define MODULE_MAGIC UINT64_C(0x3143334C444F4D01) // stays first in every version

typedef void ModuleFunction(void); // of any type

typedef struct {
    const char *name, *type; // "host_OUT", "(16)": what it takes and gives
    ModuleFunction **at;
} ModuleNeed;

typedef struct {
    const char *name, *type;
    ModuleFunction *function;
} ModuleOffer;

typedef struct {
    uint64_t magic;
    uint64_t version;    // of the headers, as in IsaTable
    const char *maker;   // the version of lc3gen
    const char *source;  // the description's file
    const char *dialect; // "ed3"; "" in a machine without dialects
    uint64_t layout;     // of the state
    const char *shape;   // what the layout follows from, in words
    const IsaTable *isa;
    const ModuleNeed *needs; // ends with a NULL name
    // As the state's header declares them.
    const void *engines;
    const int *engine_count;
    ModuleFunction *guard, *raise, *interrupt, *forget, *run_hooked;
} Module;

// The one symbol of a module.
extern const Module engine_module __attribute__((visibility("default")));

#endif
