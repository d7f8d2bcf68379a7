// eval.h -- the reference evaluator: runs a description by walking its tree.
//
// It is the oracle: every engine must leave what this leaves.  So it is written
// to be obviously right and nothing else.  All state is plain numbers; a lazy
// value is simply some bits of the register in which it rests.
#ifndef GEN_EVAL_H
#define GEN_EVAL_H

#include "model.h"

typedef enum { // as Stop in a generated machine
    EVAL_GO_ON = -1,
    EVAL_BUDGET,
    EVAL_HALT,
    EVAL_BLOCKED,
    EVAL_CLOSED,
    EVAL_FAULT,
    EVAL_ATTENTION,
} EvalStop;

typedef enum { // as HostStatus
    EVAL_HOST_DONE,
    EVAL_HOST_WAIT,
    EVAL_HOST_CLOSED,
    EVAL_HOST_HALT,
    EVAL_HOST_ATTENTION,
    EVAL_HOST_FAULT,
    EVAL_HOST_RAISE,
} EvalHostStatus;

typedef enum {
    EVAL_FAULT_NONE,
    EVAL_FAULT_EXCEPTION, // an exception nobody handles
    EVAL_FAULT_HOST,
    EVAL_FAULT_ENDLESS,   // one instruction took more than EVAL_WORK steps of the evaluator, or all
                          // patience is used up
} EvalFaultKind;

enum { EVAL_WORK = 1000000, EVAL_DEPTH = 100 };

typedef struct Eval Eval;

// What stands around the machine.  A NULL function reads 0, ignores, is done.
typedef struct {
    void *user;
    uint64_t (*device_read)(Eval *e, uint64_t address);
    void (*device_write)(Eval *e, uint64_t address, uint64_t value);
    // Gives the outs their values; `out` starts as zeros.
    EvalHostStatus (*host)(Eval *e, const TrapEntry *trap, const uint64_t *in, uint64_t *out);
} EvalWorld;

struct Eval {
    const Isa *isa;
    int dialect;
    EvalWorld world;
    uint64_t **regs;  // by Regs.index, then the register's number
    uint64_t *reg;    // by Reg.index
    uint64_t **mem;   // by Mem.index, then the address
    bool *unhandled;  // by Exception.index: raising it stops with EVAL_FAULT
    bool *native;     // by trap vector: its native body may run; true at first
    bool attention;   // as in a generated machine
    int raised;       // the exception of EVAL_HOST_RAISE
    struct {
        EvalFaultKind kind;
        const Exception *exception;
        uint64_t at;
    } fault;
    uint64_t instructions; // completed; in a host or device function without the one that calls
    int64_t *patience; // steps left for all of several runs, or NULL: no such limit
    // The evaluator's own:
    bool looks;
    int depth;
    int64_t work, given; // steps left of those that were given to this instruction
};

// A machine at its reset values with memory all zero.
void eval_init(Eval *e, const Isa *isa, int dialect);
void eval_free(Eval *e);

// One instruction.
EvalStop eval_step(Eval *e);
// At most `budget` instructions; EVAL_BUDGET when all were executed.
EvalStop eval_run(Eval *e, uint64_t budget);
// Enters an exception's handler, as the instruction at `at` would; EVAL_GO_ON or EVAL_FAULT.
EvalStop eval_raise(Eval *e, const Exception *exception, uint64_t at);
// Enters an interrupt's handler between two instructions.
void eval_interrupt(Eval *e, const Exception *interrupt);
// The exception that an access by the running program would raise, or NULL.
const Exception *eval_guard(Eval *e, const Mem *mem, uint64_t address);

// The one form of a word.
const Form *eval_decode(const Isa *isa, uint64_t word);
// The value of an expression of numbers, and of one that also has fields of a word.
uint64_t eval_constant(const Isa *isa, const Expr *expr);
uint64_t eval_in_word(const Isa *isa, const Expr *expr, uint64_t word);
// fn(argument).
uint64_t eval_fn(const Isa *isa, const Fn *fn, uint64_t argument);

#endif
