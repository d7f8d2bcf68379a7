#include "monitor.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "nic.h"
#include "scheduler.h"
#include "vm_metrics.h"

enum { TRAPS_MOST = 256 };

struct Seen {
    uint8_t counter[USER_COUNTERS], observed[USER_HISTOGRAMS], trap[TRAPS_MOST];
};

// ------------------------------------------------------------------ machines

static double read_sent(const void *source)
{
    return (double)machine_sent(source);
}

static double read_received(const void *source)
{
    return (double)machine_received(source);
}

static double read_native(const void *source)
{
    return (double)jit_counts(((const Machine *)source)->jit).native;
}

static double read_state(const void *source)
{
    static const int states[] = {
        [END_NONE] = VM_RUNNING, [END_HALT] = VM_HALTED,   [END_FAULT] = VM_FAULT,
        [END_LIMIT] = VM_LIMIT,  [END_CLOSED] = VM_CLOSED, [END_BLOCKED] = VM_BLOCKED
    };
    const Machine *m = source;
    const MachineEnd end = m->end;
    return end == END_NONE && m->wait.kind != WAIT_NONE ? VM_WAITS : states[end];
}

// What a VM is called: its --name, or the file without folder and extension.
static const char *short_name(Monitor *monitor, const Machine *m)
{
    if (m->name)
        return m->name;
    const char *slash = strrchr(m->image->name, '/'), *name = slash ? slash + 1 : m->image->name;
    const char *dot = strrchr(name, '.');
    return arena_copy(&monitor->metrics.arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

static void add_machine(Monitor *monitor, const Machine *m)
{
    const VmMetrics vm = {
        .vm = m->number,
        .name = short_name(monitor, m),
        .program = m->image->name,
        .engine = m->engine,
        .instructions = &m->s.instructions,
        .spins = &m->spins,
        .sent = read_sent,
        .received = read_received,
        .native = m->jit ? read_native : NULL,
        .state = read_state,
        .source = m,
        .slice = m->slice,
        .slice_unit = SLICE_SAMPLE,
        .slowest = &m->slowest,
        .latency = m->in_count ? m->latency : NULL,
    };
    vm_metrics_add(&monitor->metrics, &vm);
}

// --------------------------------------------------------- rings, cards, JIT

static const char *number(Monitor *m, unsigned n)
{
    return arena_format(&m->metrics.arena, "%u", n);
}

static const char *link_end(Monitor *m, const Link *l, uint32_t end)
{
    return end == ELSEWHERE ? l->remote->settings.subject : number(m, end);
}

static void add_rings(Monitor *m)
{
    for (size_t i = 0; i < m->view.links->count; i++) {
        const Link *l = &m->view.links->at[i];
        const RingMetrics ring = {
            .ring = (unsigned)i,
            .from = link_end(m, l, l->from),
            .to = link_end(m, l, l->to),
            .capacity = l->capacity,
            .words_in = &l->ring->w.tail,
            .words_out = &l->ring->r.head,
            .occupancy_max = &l->ring->w.occupancy_max,
        };
        vm_metrics_add_ring(&m->metrics, &ring);
    }
}

static double read_offset(const void *source)
{
    return (double)__atomic_load_n(&((const Remote *)source)->clock_offset_ns, __ATOMIC_RELAXED) * 1e-9;
}

static double read_error(const void *source)
{
    const uint64_t ns = __atomic_load_n(&((const Remote *)source)->clock_error_ns, __ATOMIC_RELAXED);
    return ns == UINT64_MAX ? NAN : (double)ns * 1e-9;
}

static double read_reconnects(const void *source)
{
    const Remotes *r = source;
    return (double)r->driver->reconnects(r->bus);
}

static void add_remotes(Monitor *m)
{
    for (size_t i = 0; i < m->view.remotes->count; i++) {
        const Remote *r = m->view.remotes->at[i];
        const RemoteStats *s = &r->stats;
        const bool is_out = r->settings.is_out, is_fast = r->settings.is_fast;
        const LinkMetrics link = {
            .subject = r->settings.subject, .vm = r->settings.machine,
            .direction = is_out ? "out" : "in", .mode = is_fast ? "fast" : "safe",
            .messages = &s->messages, .words = &s->words, .bytes = &s->bytes,
            .unacknowledged = is_out && !is_fast ? &s->unacknowledged : NULL,
            .resent = is_out && !is_fast ? &s->resent : NULL, .full = is_out && !is_fast ? &s->full : NULL,
            .duplicates = is_out ? NULL : &s->duplicates, .refused = is_out ? NULL : &s->refused,
            .gaps = !is_out && is_fast ? &s->gaps : NULL, .lost_words = !is_out && is_fast ? &s->lost_words : NULL,
            .latency = is_out ? NULL : &r->latency,
            .clock_offset = read_offset, .clock_error = read_error, .source = r,
            .reconnects = i ? NULL : read_reconnects, .bus = m->view.remotes,
        };
        vm_metrics_add_link(&m->metrics, &link);
    }
}

// The number of a machine's card, among those of the run.
static unsigned card_number(const Cards *cards, const Nic *nic)
{
    unsigned i = 0;
    while (i < cards->count && cards->nics[i] != nic)
        i++;
    return i;
}

static void add_card(Monitor *m, const Machine *machine)
{
    const NicPort *port = machine->nic;
    const NicQueue *q = &port->queue;
    const NicMetrics nic = {
        .nic = card_number(m->view.cards, port->nic),
        .source = nic_options(port->nic)->source,
        .vm = number(m, machine->number),
        .offered = &q->counts.offered,
        .received = &q->counts.received,
        .dropped = &q->counts.dropped,
        .bytes = &q->counts.bytes,
        .sent = &port->sent,
        .delay = &q->delay,
        .pacing = &q->pacing,
        .delay_scale = METRIC_TICKS,
        .pacing_scale = METRIC_TICKS,
        .queued = port->live ? NULL : &q->outstanding,
        .ring = q->ring,
    };
    vm_metrics_add_nic(&m->metrics, &nic);
}

// The code store is shared: any machine's counts have it.
static CodeCounts code(const void *source)
{
    const Monitor *m = source;
    return jit_counts(m->view.machines[0]->jit).code;
}

static double read_compiled(const void *source)
{
    return (double)code(source).compiled;
}

static double read_cached(const void *source)
{
    return (double)code(source).cached;
}

static double read_failed(const void *source)
{
    return (double)code(source).failed;
}

static double read_compile_seconds(const void *source)
{
    return (double)code(source).compile_ns * 1e-9;
}

static double read_invalidated(const void *source)
{
    const Monitor *m = source;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->view.count; i++)
        sum += jit_counts(m->view.machines[i]->jit).drops;
    return (double)sum;
}

static double read_live(const void *source)
{
    const Monitor *m = source;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->view.count; i++) {
        const JitCounts c = jit_counts(m->view.machines[i]->jit);
        sum += c.regions > c.drops ? c.regions - c.drops : 0;
    }
    return (double)sum;
}

static void add_jit(Monitor *m)
{
    const JitMetrics jit = {
        .compiled = read_compiled,
        .cached = read_cached,
        .failed = read_failed,
        .invalidated = read_invalidated,
        .live = read_live,
        .compile_seconds = read_compile_seconds,
        .source = m,
    };
    vm_metrics_add_jit(&m->metrics, &jit);
}

// -------------------------------------------------------- the users' metrics

// The object's name for a user metric, else the option's, else NULL.
static const char *user_name(const Monitor *monitor, const Machine *m, bool is_histogram, uint16_t number)
{
    const Object *program = m->image->program;
    for (size_t i = 0; i < program->metric_count; i++)
        if (program->metrics[i].is_histogram == is_histogram && program->metrics[i].number == number)
            return program->metrics[i].name;
    for (size_t i = 0; i < monitor->view.metric_name_count; i++) {
        const MetricName *n = &monitor->view.metric_names[i];
        if (n->is_histogram == is_histogram && n->number == number)
            return n->name;
    }
    return NULL;
}

// A name that is taken for the other kind is no name.
static const char *family_name(Monitor *m, const char *name, MetricKind kind)
{
    if (!name)
        return NULL;
    const char *clean = metrics_clean_name(&m->metrics.arena, name);
    const size_t len = strlen(clean);
    const bool has_total = kind == METRIC_COUNTER && len > 6 && strcmp(clean + len - 6, "_total") == 0;
    const char *full =
        arena_format(&m->metrics.arena, "lc3_user_%.*s", (int)(has_total ? len - 6 : len), clean);
    const MetricFamily *f = metrics_find(&m->metrics, full);
    return !f || f->kind == kind ? full : NULL;
}

static void add_counter(Monitor *monitor, Machine *m, uint16_t which)
{
    Metrics *metrics = &monitor->metrics;
    const char *vm = number(monitor, m->number), *name = short_name(monitor, m),
               *index = number(monitor, which);
    const char *family = family_name(monitor, user_name(monitor, m, false, which), METRIC_COUNTER);
    MetricFamily *f = family
                          ? metrics_family(metrics, METRIC_COUNTER, family, "", "A counter of the program.")
                          : metrics_family(metrics, METRIC_COUNTER, "lc3_user_counter", "",
                                           "Counters of programs that have no name.");
    metrics_add_word(metrics, f, metrics_labels(metrics, "vm", vm, "name", name, "number", index, NULL),
                     &m->counters[which], METRIC_ONE);
}

static void add_observed(Monitor *monitor, Machine *m, uint16_t which)
{
    Metrics *metrics = &monitor->metrics;
    const char *vm = number(monitor, m->number), *name = short_name(monitor, m),
               *index = number(monitor, which);
    const char *family = family_name(monitor, user_name(monitor, m, true, which), METRIC_HISTOGRAM);
    MetricFamily *f = metrics_histograms(
        metrics, family ? family : "lc3_user_histogram", "",
        family ? "Values the program gave." : "Values of histograms that have no name.", &metric_bounds_word);
    metrics_add_histogram(metrics, f, metrics_labels(metrics, "vm", vm, "name", name, "number", index, NULL),
                          &m->observed[which], METRIC_ONE);
}

static void gather_traps(Monitor *monitor, const Machine *m, Seen *seen)
{
    for (int i = 0; i < m->dialect->isa->trap_count; i++) {
        const IsaTrap *trap = &m->dialect->isa->traps[i];
        if (seen->trap[i] || !__atomic_load_n(&m->s.traps[trap->vector], __ATOMIC_RELAXED))
            continue;
        seen->trap[i] = 1;
        vm_metrics_add_trap(&monitor->metrics, m->number, short_name(monitor, m), trap->name,
                            &m->s.traps[trap->vector]);
    }
}

// User metrics with a name are there from the start; the others, and TRAPs, when
// they are first used.
static void gather(Metrics *metrics, void *arg)
{
    Monitor *monitor = arg;
    for (uint32_t i = 0; i < monitor->view.count; i++) {
        Machine *m = monitor->view.machines[i];
        Seen *seen = &monitor->seen[i];
        gather_traps(monitor, m, seen);
        const uint64_t counters = __atomic_load_n(&m->counters_used, __ATOMIC_RELAXED);
        for (uint16_t k = 0; k < counters; k++)
            if (!seen->counter[k] && __atomic_load_n(&m->counters[k], __ATOMIC_RELAXED)) {
                seen->counter[k] = 1;
                add_counter(monitor, m, k);
            }
        const uint64_t observed = __atomic_load_n(&m->observed_used, __ATOMIC_RELAXED);
        for (uint16_t k = 0; k < observed; k++)
            if (!seen->observed[k] && m->observed[k].bucket[0] + m->observed[k].max) {
                seen->observed[k] = 1;
                add_observed(monitor, m, k);
            }
    }
}

static void add_named_user_metrics(Monitor *monitor, uint32_t i)
{
    Machine *m = monitor->view.machines[i];
    const Object *program = m->image->program;
    for (size_t k = 0; k < program->metric_count; k++) {
        const ObjectMetric *metric = &program->metrics[k];
        uint8_t *seen = metric->is_histogram ? monitor->seen[i].observed : monitor->seen[i].counter;
        if (metric->number >= (metric->is_histogram ? USER_HISTOGRAMS : USER_COUNTERS) ||
            seen[metric->number])
            continue;
        seen[metric->number] = 1;
        (metric->is_histogram ? add_observed : add_counter)(monitor, m, metric->number);
    }
}

// ----------------------------------------------------------------- the whole

bool monitor_open(Monitor *m, const MonitorView *view, const char *where, Error *err)
{
    m->view = *view;
    metrics_init(&m->metrics);
    m->seen = arena_array(&m->metrics.arena, Seen, view->count);
    vm_metrics_add_process(&m->metrics, LC3_VERSION);
    for (uint32_t i = 0; i < view->count; i++) {
        add_machine(m, view->machines[i]);
        add_named_user_metrics(m, i);
        if (view->machines[i]->nic)
            add_card(m, view->machines[i]);
    }
    add_rings(m);
    add_remotes(m);
    if (view->jit && view->machines[0]->jit)
        add_jit(m);
    metrics_on_gather(&m->metrics, gather, m);
    if (exporter_open(&m->exporter, &m->metrics, where, err))
        return true;
    metrics_free(&m->metrics);
    return false;
}

void monitor_linger(Monitor *m, double seconds, const _Atomic int *stop)
{
    const uint64_t end = clock_ns() + (uint64_t)(seconds * 1e9);
    __atomic_store_n(&m->exporter.finished, 1, __ATOMIC_RELAXED);
    while (clock_ns() < end && *stop <= 0)
        nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

void monitor_close(Monitor *m)
{
    exporter_close(&m->exporter);
    metrics_free(&m->metrics);
}
