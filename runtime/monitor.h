// monitor.h -- what a run shows while it runs: its metrics over HTTP, and a view
// in the terminal.
//
// Nothing here is in the way of the machines: readers look at words that the
// workers store anyway.
#ifndef RUNTIME_MONITOR_H
#define RUNTIME_MONITOR_H

#include "cards.h"
#include "exporter.h"
#include "jit.h"
#include "metrics.h"
#include "network.h"
#include "remotes.h"

// A name for a user counter or histogram, for programs whose object says none.
typedef struct {
    bool is_histogram;
    uint16_t number;
    const char *name;
} MetricName;

// The run that is watched; everything lives longer than the monitor.
typedef struct {
    Machine *const *machines;
    uint32_t count;
    const Links *links;
    const Cards *cards;
    const Remotes *remotes;
    Jit *jit; // or NULL
    const MetricName *metric_names;
    size_t metric_name_count;
} MonitorView;

typedef struct Seen Seen; // which user metrics of a machine have their series

typedef struct {
    MonitorView view;
    Metrics metrics;
    Exporter exporter;
    Seen *seen; // per machine
} Monitor;

// Registers everything and serves it at `where`, [ADDR:]PORT.
bool monitor_open(Monitor *m, const MonitorView *view, const char *where, Error *err);

// After the run: goes on answering for `seconds`, or until *stop is above 0.
void monitor_linger(Monitor *m, double seconds, const _Atomic int *stop);
void monitor_close(Monitor *m);

#endif
