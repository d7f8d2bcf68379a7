// report.h -- what a run has to say for itself: why machines stopped, statistics,
// the final state.  Everything is written into a Writer; main prints.
#ifndef RUNTIME_REPORT_H
#define RUNTIME_REPORT_H

#include "base/writer.h"
#include "cards.h"
#include "remotes.h"
#include "scheduler.h"

typedef struct {
    Machine **machines;
    uint32_t count;
    const ScheduleResult *result;
    const Cards *cards;
    const Remotes *remotes;
} Report;

// Why each machine stopped; unhandled exceptions with registers and branches,
// deadlocks with who waits for whom.  Many machines are summed up.
void report_stops(Writer *w, const Report *r);

// What -Wuninit found.
void report_uninit(Writer *w, const Report *r);

// The final states, as DESIGN section 2 says.
void report_dump(Writer *w, const Report *r);

// "x3004 (LOOP+2)"
void report_place(Writer *w, const Machine *m, uint16_t address);

// stats.c
void stats_write_table(Writer *w, const Report *r);
void stats_write_json(Writer *w, const Report *r); // one line
void stats_write_hdr(Writer *w, const Report *r);  // latencies, bucket by bucket

#endif
