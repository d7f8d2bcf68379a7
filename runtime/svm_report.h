// svm_report.h -- what is said about a stack machine: mistakes, dumps, traces.
#ifndef RUNTIME_SVM_REPORT_H
#define RUNTIME_SVM_REPORT_H

#include "stack_machine.h"

// The error that ended the run, at the instruction, with what was found.
void svm_report_fault(const StackMachine *m, Arena *a, Diag *diag);

// {"exit":N,"error":null|"EmptyStack","stack":[...],"instructions":N}; m is NULL when
// loading failed.
void svm_write_dump(Writer *w, const StackTable *t, const StackMachine *m, int exit_code, int error);

// [Num(12), Operation(Call), ...]
void svm_write_code(Writer *w, const StackProgram *p);

// What --step shows before an operation is done.
void svm_write_step(Writer *w, const StackMachine *m);
// One line of --trace: place, word, stack before it.
void svm_write_trace(Writer *w, const StackMachine *m);

typedef struct {
    double elapsed_s;
    uint64_t instructions;
    const char *engine, *dispatch, *stop; // "halt", or the error's name
} SvmStats;
void svm_write_stats(Writer *w, const SvmStats *s, bool as_json);

#endif
