// session.h -- one run of lc3run, from its options to its reports.
//
//     session_open   programs, memory, machines, rings, console: everything that
//                    can be wrong is found here, before anything runs
//     session_run    until every machine has ended, or something stopped them
//     session_report why they stopped, statistics, the dump
//     session_close
//
// Nothing here prints or exits: main does, with what the Writers hold.
#ifndef RUNTIME_SESSION_H
#define RUNTIME_SESSION_H

#include "base/diag.h"
#include "checkpoint.h"
#include "jit_machines.h"
#include "monitor.h"
#include "network.h"
#include "options.h"
#include "profile.h"
#include "remotes.h"
#include "report.h"
#include "top.h"
#include "watch.h"

typedef struct {
    Arena arena;
    RunOptions options;
    const Dialect *dialect;
    Diag diag;        // of sources that were assembled
    Object os;
    bool has_os;
    LIST(Image *) images; // one per program, in the order of their first use
    LIST(const char *) paths;
    Image **image_of; // per machine
    const char **names;
    Machine **machines;
    MachineOptions machine_options;
    uint32_t count;
    Network network;
    RingMemory rings;
    Remotes remotes;
    Checkpoint checkpoint;
    Cards cards;
    Jit *jit; // or NULL
    Monitor monitor;
    bool has_monitor; // --metrics
    Top top;          // --watch
    Profile *profile; // --profile, or NULL
    Input input;
    FILE *trace; // --trace
    ScheduleResult result;
    int dump_file; // of --dump in a sandbox, else 0
    bool has_run; // `result` and the machines say how it ended
    bool was_interrupted, timed_out, has_lost_bus, has_broken_link;
    bool leaves_compiler; // the JIT's thread is still at work: the process must end by _exit
} Session;

// What asked the run to stop: 0, a signal's number, or one of these.
enum { STOP_BY_TIME = -1, STOP_BY_BUS = -2, STOP_BY_LOSS = -3 };
extern _Atomic int session_stop;

bool session_open(Session *s, Error *err); // with `options` read
bool session_run(Session *s, Error *err);
// Text for standard error; the statistics come last.  Writes the dump.
bool session_report(Session *s, Writer *w, Error *err);
int session_exit_code(const Session *s);
// Goes on answering scrapers as long as --linger says.
void session_linger(Session *s);
void session_close(Session *s);

#endif
