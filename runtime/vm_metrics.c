#include "vm_metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void add_word(Metrics *m, MetricKind kind, const char *name, const char *unit, const char *help,
                     const char *labels, const uint64_t *word, MetricScale scale)
{
    if (word)
        metrics_add_word(m, metrics_family(m, kind, name, unit, help), labels, word, scale);
}

static void add_call(Metrics *m, MetricKind kind, const char *name, const char *unit, const char *help,
                     const char *labels, MetricRead *read, const void *source)
{
    if (read)
        metrics_add_call(m, metrics_family(m, kind, name, unit, help), labels, read, source);
}

static void add_count(Metrics *m, const char *name, const char *unit, const char *help, const char *labels,
                      const uint64_t *word)
{
    add_word(m, METRIC_COUNTER, name, unit, help, labels, word, METRIC_ONE);
}

static const char *number(Metrics *m, unsigned n)
{
    return arena_format(&m->arena, "%u", n);
}

// ------------------------------------------------------------------ machines

static void add_slice(Metrics *m, const VmMetrics *vm, const char *labels)
{
    MetricFamily *f = metrics_histograms(m, "lc3_instruction_seconds", "seconds",
                                         "Time per instruction, measured over slices of instructions.",
                                         &metric_bounds_instruction);
    const MetricScale scale = { 1 / (vm->slice_unit > 0 ? vm->slice_unit : 1), true };
    MetricSeries *s = metrics_add_histogram(m, f, labels, vm->slice, scale);
    s->exemplar = vm->slowest;
    s->place = "instruction";
}

void vm_metrics_add(Metrics *m, const VmMetrics *vm)
{
    const char *number_text = number(m, vm->vm);
    const char *labels = metrics_labels(m, "vm", number_text, "name", vm->name, NULL);
    metrics_add_info(m,
                     metrics_family(m, METRIC_INFO, "lc3_vm", "", "What each VM runs, and on which engine."),
                     metrics_labels(m, "vm", number_text, "name", vm->name, "program", vm->program, "engine",
                                    vm->engine, NULL));
    add_count(m, "lc3_instructions", "", "Instructions executed.", labels, vm->instructions);
    add_call(m, METRIC_COUNTER, "lc3_native_instructions", "", "Of these: executed by compiled code.", labels,
             vm->native, vm->source);
    add_call(m, METRIC_COUNTER, "lc3_messages_sent", "", "Words sent to rings and links.", labels, vm->sent,
             vm->source);
    add_call(m, METRIC_COUNTER, "lc3_messages_received", "", "Words received from rings and links.", labels,
             vm->received, vm->source);
    add_count(m, "lc3_spins", "", "Looks at a full or an empty ring that found no change.", labels,
              vm->spins);
    add_call(m, METRIC_GAUGE, "lc3_vm_state", "",
             "0 running, 1 waiting, 2 halted, 3 closed, 4 blocked, 5 fault, 6 limit.", labels, vm->state,
             vm->source);
    if (vm->slice)
        add_slice(m, vm, labels);
    if (vm->latency)
        metrics_add_histogram(m,
                              metrics_histograms(m, "lc3_message_latency_seconds", "seconds",
                                                 "From publishing a word to its receipt, of sampled words, "
                                                 "on the receiving VM.",
                                                 &metric_bounds_latency),
                              labels, vm->latency, METRIC_TICKS);
}

void vm_metrics_add_trap(Metrics *m, unsigned vm, const char *name, const char *trap, const uint64_t *count)
{
    add_count(m, "lc3_traps", "", "Service calls executed, by name.",
              metrics_labels(m, "vm", number(m, vm), "name", name, "trap", trap, NULL), count);
}

// --------------------------------------------------------------------- rings

typedef struct {
    const uint64_t *in, *out;
    double capacity;
} Occupancy;

// The two words belong to two threads: read the reader's first, and what was
// taken meanwhile makes the ring look fuller than it is, never emptier than empty.
static double read_occupancy(const void *source)
{
    const Occupancy *o = source;
    const uint64_t out = __atomic_load_n(o->out, __ATOMIC_ACQUIRE);
    const uint64_t in = __atomic_load_n(o->in, __ATOMIC_RELAXED);
    const double words = in > out ? (double)(in - out) : 0;
    return words < o->capacity ? words : o->capacity;
}

static double read_constant(const void *source)
{
    return (double)*(const uint64_t *)source;
}

static void add_constant(Metrics *m, const char *name, const char *unit, const char *help, const char *labels,
                         uint64_t value)
{
    uint64_t *kept = arena_new(&m->arena, uint64_t);
    *kept = value;
    metrics_add_call(m, metrics_family(m, METRIC_GAUGE, name, unit, help), labels, read_constant, kept);
}

void vm_metrics_add_ring(Metrics *m, const RingMetrics *ring)
{
    const char *labels =
        metrics_labels(m, "ring", number(m, ring->ring), "from", ring->from, "to", ring->to, NULL);
    Occupancy *o = arena_new(&m->arena, Occupancy);
    *o = (Occupancy){ ring->words_in, ring->words_out, (double)ring->capacity };
    add_count(m, "lc3_ring_written_words", "words", "Words put into the ring.", labels, ring->words_in);
    add_count(m, "lc3_ring_read_words", "words", "Words taken from the ring.", labels, ring->words_out);
    if (ring->words_in && ring->words_out)
        metrics_add_call(
            m, metrics_family(m, METRIC_GAUGE, "lc3_ring_occupancy_words", "words", "Words in the ring now."),
            labels, read_occupancy, o);
    add_word(m, METRIC_GAUGE, "lc3_ring_occupancy_max_words", "words",
             "Most words seen in the ring when its writer looked.", labels, ring->occupancy_max, METRIC_ONE);
    add_constant(m, "lc3_ring_capacity_words", "words", "Words the ring holds.", labels, ring->capacity);
}

// ----------------------------------------------------------------------- NIC

void vm_metrics_add_nic(Metrics *m, const NicMetrics *nic)
{
    const char *labels =
        metrics_labels(m, "nic", number(m, nic->nic), "vm", nic->vm, "source", nic->source, NULL);
    add_count(m, "lc3_nic_offered_frames", "frames", "Frames whose time of arrival has come.", labels,
              nic->offered);
    add_count(m, "lc3_nic_received_frames", "frames", "Frames the VM took.", labels, nic->received);
    add_count(m, "lc3_nic_dropped_frames", "frames", "Frames that found the ring full.", labels,
              nic->dropped);
    add_count(m, "lc3_nic_received_bytes", "bytes", "Bytes of the frames the VM took.", labels, nic->bytes);
    add_count(m, "lc3_nic_transmitted_frames", "frames", "Frames the VM sent.", labels, nic->sent);
    add_word(m, METRIC_GAUGE, "lc3_nic_queued_frames", "frames", "Frames waiting in the receive ring.",
             labels, nic->queued, METRIC_ONE);
    if (nic->ring)
        add_constant(m, "lc3_nic_ring_frames", "frames", "Frames the receive ring holds.", labels, nic->ring);
    if (nic->delay)
        metrics_add_histogram(
            m,
            metrics_histograms(m, "lc3_nic_delay_seconds", "seconds",
                               "From the scheduled arrival of a frame to its receipt by the VM.",
                               &metric_bounds_latency),
            labels, nic->delay, nic->delay_scale);
    if (nic->pacing)
        metrics_add_histogram(m,
                              metrics_histograms(m, "lc3_nic_pacing_error_seconds", "seconds",
                                                 "How late a frame was published against its schedule.",
                                                 &metric_bounds_latency),
                              labels, nic->pacing, nic->pacing_scale);
}

// -------------------------------------------------- links to other hosts

void vm_metrics_add_link(Metrics *m, const LinkMetrics *link)
{
    const char *labels = metrics_labels(m, "subject", link->subject, "vm", link->vm, "direction", link->direction,
                                        "mode", link->mode, NULL);
    const struct {
        const char *name, *unit, *help;
        const uint64_t *word;
    } counts[] = {
        { "lc3_link_messages", "", "Messages sent or taken.", link->messages },
        { "lc3_link_words", "words", "Words sent or taken.", link->words },
        { "lc3_link_bytes", "bytes", "Bytes of these messages.", link->bytes },
        { "lc3_link_resent_messages", "messages", "Messages sent again.", link->resent },
        { "lc3_link_duplicate_words", "words", "Words that came again and were left out.", link->duplicates },
        { "lc3_link_refused_messages", "messages", "Messages that are damaged or not of this run.", link->refused },
        { "lc3_link_gaps", "", "Times that words were missing, mode=fast.", link->gaps },
        { "lc3_link_lost_words", "words", "Words that never came, mode=fast.", link->lost_words },
        { "lc3_link_full", "", "Times that the stream had no space.", link->full },
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        add_count(m, counts[i].name, counts[i].unit, counts[i].help, labels, counts[i].word);
    add_word(m, METRIC_GAUGE, "lc3_link_unacknowledged_messages", "messages",
             "Messages on their way that the stream has not stored.", labels, link->unacknowledged, METRIC_ONE);
    add_call(m, METRIC_COUNTER, "lc3_bus_reconnects", "", "Connections to a server that were made anew.", NULL,
             link->reconnects, link->bus);
    if (!link->latency)
        return;
    metrics_add_histogram(m,
                          metrics_histograms(m, "lc3_link_latency_seconds", "seconds",
                                             "From publishing a message to its receipt, corrected by the offset "
                                             "of the clocks.",
                                             &metric_bounds_latency),
                          labels, link->latency, (MetricScale){ 1e-9, false });
    add_call(m, METRIC_GAUGE, "lc3_link_clock_offset_seconds", "seconds",
             "The sender's clock minus this one, as measured.", labels, link->clock_offset, link->source);
    add_call(m, METRIC_GAUGE, "lc3_link_clock_error_seconds", "seconds",
             "How wrong that may be; NaN before it was measured.", labels, link->clock_error, link->source);
}

// ----------------------------------------------------------------------- JIT

void vm_metrics_add_jit(Metrics *m, const JitMetrics *jit)
{
    const struct {
        const char *name, *help;
        MetricRead *read;
    } counts[] = {
        { "lc3_jit_compiled_regions", "Regions compiled.", jit->compiled },
        { "lc3_jit_cached_regions", "Regions loaded from the cache on disk.", jit->cached },
        { "lc3_jit_failed_regions", "Regions that were given up.", jit->failed },
        { "lc3_jit_invalidated_regions", "Regions dropped because their words changed.", jit->invalidated },
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        add_call(m, METRIC_COUNTER, counts[i].name, "regions", counts[i].help, NULL, counts[i].read,
                 jit->source);
    add_call(m, METRIC_GAUGE, "lc3_jit_live_regions", "regions", "Regions in use, over all VMs.", NULL,
             jit->live, jit->source);
    add_call(m, METRIC_COUNTER, "lc3_jit_compile_seconds", "seconds", "Time spent compiling.", NULL,
             jit->compile_seconds, jit->source);
}

// ------------------------------------------------------------------- process

static double read_cpu(const void *source)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static double read_resident(const void *source)
{
    unsigned long all, resident = 0;
    FILE *in = fopen("/proc/self/statm", "r");
    if (!in)
        return 0;
    if (fscanf(in, "%lu %lu", &all, &resident) != 2)
        resident = 0;
    fclose(in);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double read_created(const void *source)
{
    return ((const Metrics *)source)->created;
}

void vm_metrics_add_process(Metrics *m, const char *version)
{
    metrics_add_info(m, metrics_family(m, METRIC_INFO, "lc3_build", "", "The version that runs."),
                     metrics_labels(m, "version", version, NULL));
    metrics_add_call(m,
                     metrics_family(m, METRIC_COUNTER, "process_cpu_seconds", "seconds",
                                    "CPU time of this process, user and system."),
                     NULL, read_cpu, NULL);
    metrics_add_call(m,
                     metrics_family(m, METRIC_GAUGE, "process_resident_memory_bytes", "bytes",
                                    "Memory of this process that is in RAM."),
                     NULL, read_resident, NULL);
    metrics_add_call(m,
                     metrics_family(m, METRIC_GAUGE, "process_start_time_seconds", "seconds",
                                    "When this process started, in seconds since 1970."),
                     NULL, read_created, m);
}
