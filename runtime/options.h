// options.h -- what lc3run was asked to do.
#ifndef RUNTIME_OPTIONS_H
#define RUNTIME_OPTIONS_H

#include "base/arena.h"
#include "base/error.h"
#include "cards.h"
#include "monitor.h"
#include "scheduler.h"

typedef enum { STATS_NONE, STATS_TABLE, STATS_JSON, STATS_HDR } StatsForm;

typedef struct {
    const char *path;
    uint32_t copies;
} ProgramArgument;

typedef struct {
    uint32_t machine;
    const char *name;
} MachineName;

typedef struct {
    LIST(ProgramArgument) programs;
    // engine
    const char *engine, *dispatch, *dialect;
    bool has_no_cache; // of compiled code
    bool has_asm_os, finds_uninit, is_strict;
    // VMs
    LIST(const char *) links;
    LIST(MachineName) names;
    uint32_t threads;
    WaitMode wait;
    // network cards
    LIST(CardArgument) cards;
    const char *filter; // of --nic options to come
    // other hosts
    const char *bus;      // URLs, or NULL
    double bus_timeout_s; // 0: wait for ever
    const char *checkpoint; // DIR[,every=N], or NULL
    // limits
    uint64_t max_instructions, max_output, seed;
    double timeout_s;
    // console
    uint32_t stdin_machine;
    const char *input, *record, *output;
    // reports
    StatsForm stats;
    const char *dump, *profile;
    const char *trace; // a path, "" for standard error, NULL: none
    bool is_quiet, has_sandbox;
    uint32_t sample;
    // metrics
    const char *metrics; // [ADDR:]PORT, or NULL
    double linger_s;
    bool has_view;       // --watch
    LIST(MetricName) metric_names;
    bool wants_help, wants_version;
} RunOptions;

// Reads the command line.  On failure the message names the argument.
bool options_read(RunOptions *o, Arena *a, int argc, char **argv, Error *err);

extern const char options_help[];

#endif
