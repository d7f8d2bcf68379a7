// top.h -- a run as a table in the terminal: a line per machine, each second.
//
// A thread of its own looks at what the workers store and draws the table over
// the one before.  Machines that write to the same terminal write in between.
#ifndef RUNTIME_TOP_H
#define RUNTIME_TOP_H

#include <pthread.h>

#include "base/writer.h"
#include "machine.h"

typedef struct {
    uint64_t instructions, received;
} TopCounts;

typedef struct {
    Machine *const *machines;
    uint32_t count;
    int file;          // a terminal
    TopCounts *before; // of the rows, a second ago
    uint64_t before_ns;
    uint32_t rows;  // of the table, without head and foot
    uint32_t drawn; // lines of the last table
    pthread_t thread;
    bool is_running;
    int wake; // eventfd: time to end
} Top;

// False: there is no thread to be had.
bool top_start(Top *t, Machine *const *machines, uint32_t count, int file, Error *err);
void top_stop(Top *t); // draws a last time

// One table into `w`, from what changed in `seconds`; `t->before` is brought up to date.
void top_draw(Top *t, Writer *w, double seconds);

#endif
