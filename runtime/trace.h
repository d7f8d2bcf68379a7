// trace.h -- every instruction of a machine as a line of text.
//
// A line says which instruction this is, where it stands, its word and text, and
// what had changed when the next one began: registers, condition codes, stores.
//
//        3 x3002 LOOP             x1021 ADD R0, R0, #1           R0=x0005 CC=p
//
// Lines of several machines stay whole; each then begins with the machine's number.
#ifndef RUNTIME_TRACE_H
#define RUNTIME_TRACE_H

#include <stdio.h>

#include "machine.h"

enum { TRACE_STORES = 4 }; // of one instruction are shown, the others are counted

typedef struct {
    FILE *out;
    bool is_numbered;
    bool is_open;   // an instruction has begun whose effects are not written yet
    uint64_t count; // instructions executed before it; unchanged when it had to wait
    uint16_t at, word, PSR;
    uint16_t R[sizeof((Lc3State *)0)->R / sizeof(uint16_t)];
    struct { uint16_t address, value; } store[TRACE_STORES];
    uint32_t store_count;
} Trace;

// Before the word at `at` is executed; the line of the one before is written.
void trace_step(Trace *t, const Machine *m, uint16_t at, uint16_t word);
void trace_store(Trace *t, uint16_t address, uint16_t value);
// After the last one.
void trace_end(Trace *t, const Machine *m);

#endif
