// rig.h -- a program on one machine, for tests that look inside.
//
// Mistakes of the test itself (a source that does not assemble) end the program
// with a message.
#ifndef GOLDEN_RIG_H
#define GOLDEN_RIG_H

#include "machine.h"

typedef struct {
    const char *dialect; // NULL: the default
    int engine;          // of the dialect's engines
    bool has_no_os;      // nothing lies below x3000
    bool is_asm_os;      // --os=asm
} RigOptions;

typedef struct {
    Arena arena;
    Object os;
    Image image;
    Machine **machines;
    Machine *m;
    Input input;
    int file; // what the machine writes
} Rig;

// Assembles a text, with the library at hand.
void rig_assemble(Object *obj, Arena *a, const char *name, const char *text);

// Loads a program.  `obj` must outlive the rig.
void rig_open(Rig *r, const Object *obj, const RigOptions *options);
void rig_close(Rig *r);

// Keys that arrive from these counts on.
void rig_keys(Rig *r, const ScriptKey *keys, size_t count);

// Makes a stopped machine ready to run again, from `pc`.
void rig_restart(Rig *r, uint16_t pc);

// All that was written so far, with a zero byte behind it; returns its length.
size_t rig_output(Rig *r, char *out, size_t size);

// The address of a label; the program ends when there is none.
uint16_t rig_label(const Object *obj, const char *name);

// A random number (Marsaglia 2003, xorshift64); state is never 0.
uint64_t rig_random(uint64_t *state);

// A word, every second time from the edges of the range.
uint16_t rig_word(uint64_t *state);

#endif
