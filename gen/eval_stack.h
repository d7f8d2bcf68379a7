// eval_stack.h -- the reference evaluator of stack machines.
//
// As eval.h: it walks the tree, one operation at a time, and is the oracle for every
// engine.  Operands are popped and checked one by one from the top; what was popped
// before a mistake stays popped.
#ifndef GEN_EVAL_STACK_H
#define GEN_EVAL_STACK_H

#include "eval.h"
#include "stack_table.h"

typedef struct StackEval StackEval;

struct StackEval {
    const Isa *isa;
    const StackTable *table;
    const StackProgram *program;
    Arena *arena; // of the texts that hosts make
    void *user;
    // What a host does: values in `args` (a tag where the parameter is the union),
    // the result in *out.  False raises what the host may raise.  NULL: zeros.
    bool (*host)(StackEval *e, const Host *host, const StackValue *args, StackValue *out);
    LIST(StackValue) values;
    LIST(int64_t) raw[5]; // by the table's number of the stack
    int64_t ip, at;       // next, and executed last
    int32_t exit_code;
    uint64_t instructions;
    // Of the error that ended the run, or NULL.
    const Exception *error;
    const char *want, *expr;
    int64_t *patience; // steps left for all of several runs, or NULL: no such limit
    // The evaluator's own:
    int64_t work;
};

void stack_eval_init(StackEval *e, const Isa *isa, const StackTable *table, const StackProgram *program,
                     Arena *arena);
// EVAL_GO_ON, EVAL_HALT or EVAL_FAULT.
EvalStop stack_eval_step(StackEval *e);
EvalStop stack_eval_run(StackEval *e, uint64_t budget);

#endif
