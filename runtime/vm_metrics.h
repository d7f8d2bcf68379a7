// vm_metrics.h -- what a VM, a ring, a NIC and the compiler show to the world.
//
// Each struct is a list of places to read from; whoever has a machine fills it
// with pointers into it.  NULL means "there is none": that series is left out.
// All words are stored by the part that owns them, while it runs, and may be
// read at any time.  One function per part registers its families and series.
#ifndef RUNTIME_VM_METRICS_H
#define RUNTIME_VM_METRICS_H

#include "metrics.h"

// Why a VM is not running, for the label `state`; the order is that of the states.
typedef struct {
    unsigned vm;
    const char *name, *program, *engine;
    const uint64_t *instructions, *sent, *received, *spins;
    const Histogram *slice;               // clock ticks an instruction, times `slice_unit`
    double slice_unit;                    // so many recorded units are one tick an instruction
    const MetricExemplar *slowest;        // of `slice`: at which instruction
    const Histogram *latency;             // clock ticks from publish to receipt
    MetricRead *state;                    // 0 running, 1 waiting, 2 halted, 3 closed, 4 fault, ...
    const void *state_of;
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
    MetricRead *queued; // frames waiting in the ring
    const void *queued_of;
} NicMetrics;

typedef struct {
    const uint64_t *compiled, *cached, *failed, *invalidated, *entries; // regions; times entered
    const uint64_t *live;          // regions now
    const uint64_t *compile_ns;    // time spent compiling, in all
    const Histogram *compile;      // ns a region
    MetricScale compile_scale;
} JitMetrics;

void vm_metrics_add(Metrics *m, const VmMetrics *vm);
void vm_metrics_add_trap(Metrics *m, unsigned vm, const char *name, const char *trap, const uint64_t *count);
void vm_metrics_add_ring(Metrics *m, const RingMetrics *ring);
void vm_metrics_add_nic(Metrics *m, const NicMetrics *nic);
void vm_metrics_add_jit(Metrics *m, const JitMetrics *jit);

// The build and the process: version, CPU time, memory, start time.
void vm_metrics_add_process(Metrics *m, const char *version);

#endif
