// scheduler.h -- runs machines on workers until all have ended.
//
// There are as many workers as machines or cores, whichever is fewer, each a
// pinned thread.  A worker runs one machine until its slice is used up or it
// cannot go on.  With nothing else to run it waits by looking (spin), so that two
// machines on two cores answer each other within a cache miss or two; when others
// are waiting for a worker, it switches to the next at once; a worker with
// nothing to do for a while sleeps.
//
// Who is woken by whom: a machine that cannot go on announces itself at the ring
// it waits for (ring.h, E) and is then anybody's to wake.  A worker looks at the
// announcements of all rings its machine moved words in whenever the machine
// stops running, at the end of a slice at the latest; the fast paths never look.
//
// With a worker for each machine every worker keeps its own.  In a crowd, a machine that
// was woken because another one stopped running goes to that worker's own queue,
// without locks; machines whose slice is used up go to the common queue, so all get the
// same share whichever worker is slower.  A worker whose own queue grows while others
// sleep gives half of it away.
#ifndef RUNTIME_SCHEDULER_H
#define RUNTIME_SCHEDULER_H

#include "machine.h"

enum { SLICE_SAMPLE = 1000 }; // instructions in a measured stretch; one in every slice

typedef enum { WAIT_ADAPTIVE, WAIT_SPIN, WAIT_PARK } WaitMode;

typedef struct {
    uint32_t threads;  // 0: as many as machines or cores
    WaitMode wait;
    bool has_histograms; // measure slices
    const _Atomic int *stop; // non-zero: everybody stops
    bool stop_pauses;        // that is a SCHEDULE_PAUSED, too
    const _Atomic int *pause; // non-zero: everybody stops and can go on; or NULL
    uint64_t pause_after;    // the same when a machine has run so many instructions; 0: never
} ScheduleOptions;

typedef enum { SCHEDULE_DONE, SCHEDULE_STOPPED, SCHEDULE_DEADLOCK, SCHEDULE_PAUSED } ScheduleEnd;

typedef struct {
    ScheduleEnd end;
    uint64_t elapsed_ns; // from the first instruction to the last machine's end, added up over pauses
    uint32_t workers;
} ScheduleResult;

// Runs all machines to their ends.  Those that a deadlock or a stop caught have
// `end` set too: END_BLOCKED, END_LIMIT.  After SCHEDULE_PAUSED, call it again.
bool schedule(Machine **machines, uint32_t count, const ScheduleOptions *options, ScheduleResult *result, Error *err);

// Wakes every sleeping worker, so that it looks at `stop`; for signal handlers.
void schedule_interrupt(void);

// A bridge to another host may wake machines from its own thread (link.h, with a NULL
// worker): while one is there, machines that all wait are no deadlock.  Any thread.
void schedule_guest_enters(void);
void schedule_guest_leaves(void);

#endif
