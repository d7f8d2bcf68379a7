// stack_machine.h -- what a generated stack machine runs on.
//
// At rest everything is here: ip, stacks, the error that ended the run.  An engine may
// keep the top of the stack and its place in host registers while it runs; it puts all
// of it back before an operation that it does not do itself, which is then done by the
// generated `step`, one exact operation at a time: hosts, halts, and every mistake.
#ifndef RUNTIME_STACK_MACHINE_H
#define RUNTIME_STACK_MACHINE_H

#include "engine.h"
#include "stack.h"

enum {
    STACK_GO_ON = -1,      // step: the operation is done, another may follow
    STACK_SENTINELS = 512, // entries of STACK_NONE below the stack of values: more than any handler takes
    STACK_COUNT = 5,
};

// One word of the program as an engine sees it: where its work is done, and its literal.
typedef struct {
    uint64_t run; // a number, an address or a function, as the engine has it
    int64_t n;
} StackSlot;

typedef struct {
    int error;      // -1: none
    int wanted;     // variant, -1: any
    bool has_found; // a value of another kind
    StackValue found;
    const char *want, *expr; // of the message
    const char *reason;      // of a host
    int stack;               // that is full
} StackFault;

typedef struct StackMachine StackMachine;

struct StackMachine {
    const StackTable *table;
    const StackProgram *program;
    uint16_t *words; // by index; the one behind the last is the end
    uint16_t *fused; // the same, superinstructions where their parts stand in a row
    StackSlot *slots;
    int64_t count;
    const void *prepared;  // the engine that the slots are made for
    StackValue *base, *sp; // sp is the next free entry
    StackValue *limit;
    StackValue *high; // up to here no straight line of the program reaches the limit
    struct {
        int64_t *base, *top, *limit;
    } raw[STACK_COUNT]; // by number; 0 is the stack of values
    int64_t ip, at;     // next, and executed last (-1: none)
    int32_t exit_code;
    StackFault fault;
    uint64_t instructions, end; // executed, and where this run ends
    // Texts that the program made; collected between operations.
    StackString *strings;
    size_t garbage, garbage_limit;
    void *user;
    struct StackJit *jit; // attached, or NULL
};

typedef int StackStep(StackMachine *m);
typedef Stop StackRun(StackMachine *m, uint64_t budget);

typedef struct {
    const char *dispatch;
    bool is_fused;
    StackRun *run;
} StackEngine;

// What lc3gen writes of a machine.
typedef struct {
    const StackTable *table;
    StackStep *step;
    const StackEngine *engines; // the first is the default
    int engine_count;
} StackKind;

// A machine for the program, its stacks empty.  False when memory is short.
bool stack_machine_init(StackMachine *m, const StackKind *kind, const StackProgram *program, Error *err);
void stack_machine_free(StackMachine *m);
void stack_machine_push(StackMachine *m, StackValue v); // an argument; there must be room
size_t stack_machine_room(const StackMachine *m);

// For hosts: a text that lives while the program can reach it.
StackString *stack_machine_string(StackMachine *m, const char *bytes, size_t size);
void stack_machine_collect(StackMachine *m);
// For hosts that raise: false, with the reason.
bool stack_machine_refuse(StackMachine *m, const char *reason);

// Both hold when a straight line of the program cannot pass the limits.
static inline bool stack_is_easy(const StackMachine *m)
{
    return (int64_t)(m->end - m->instructions) > m->count + 1 && m->sp <= m->high && m->ip >= 0 &&
           m->ip <= m->count;
}

#endif
