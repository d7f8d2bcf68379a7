// vm_metrics.h -- what a VM, a ring, a NIC and the compiler show to the world.
//
// Each struct is a list of places to read from; whoever has a machine fills it
// with pointers into it.  NULL means "there is none": that series is left out.
// All words are stored by the part that owns them, while it runs, and may be
// read at any time.  One function per part registers its families and series.
#ifndef RUNTIME_VM_METRICS_H
#define RUNTIME_VM_METRICS_H

#include "metrics.h"

// What lc3_vm_state shows.
enum { VM_RUNNING, VM_WAITS, VM_HALTED, VM_CLOSED, VM_BLOCKED, VM_FAULT, VM_LIMIT };

typedef struct {
    unsigned vm;
    const char *name, *program, *engine;
    const uint64_t *instructions, *spins;
    MetricRead *sent, *received, *native, *state; // native: instructions run by compiled code
    const void *source;                           // of these
    const Histogram *slice;                       // ticks of `slice_unit` instructions
    double slice_unit;
    const MetricExemplar *slowest; // of `slice`: at which instruction
    const Histogram *latency;      // ticks from publish to receipt
} VmMetrics;

typedef struct {
    unsigned ring;
    const char *from, *to; // numbers of VMs, or a subject
    uint64_t capacity;
    const uint64_t *words_in, *words_out, *occupancy_max; // occupancy is in - out
} RingMetrics;

typedef struct {
    unsigned nic;
    const char *source, *vm;
    const uint64_t *offered, *received, *dropped, *bytes, *sent;
    const Histogram *delay, *pacing;
    MetricScale delay_scale, pacing_scale;
    uint64_t ring;
    const uint64_t *queued; // frames waiting in the ring
} NicMetrics;

typedef struct {
    const char *subject, *vm, *direction, *mode; // direction: in, out
    const uint64_t *messages, *words, *bytes, *unacknowledged, *resent, *duplicates, *refused, *gaps, *lost_words, *full;
    const Histogram *latency; // ns from publishing to receipt, or NULL
    MetricRead *clock_offset, *clock_error, *reconnects;
    const void *source; // of the offset and its error
    const void *bus;    // of the reconnections
} LinkMetrics;

typedef struct {
    MetricRead *compiled, *cached, *failed, *invalidated, *live; // regions
    MetricRead *compile_seconds;                                 // in all
    const void *source;
} JitMetrics;

void vm_metrics_add(Metrics *m, const VmMetrics *vm);
void vm_metrics_add_trap(Metrics *m, unsigned vm, const char *name, const char *trap, const uint64_t *count);
void vm_metrics_add_ring(Metrics *m, const RingMetrics *ring);
void vm_metrics_add_nic(Metrics *m, const NicMetrics *nic);
void vm_metrics_add_link(Metrics *m, const LinkMetrics *link);
void vm_metrics_add_jit(Metrics *m, const JitMetrics *jit);

// The build and the process: version, CPU time, memory, start time.
void vm_metrics_add_process(Metrics *m, const char *version);

#endif
