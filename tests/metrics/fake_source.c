// fake_source.c -- an exporter with invented VMs behind it.
//
//     fake_source [--vms=N] [--seconds=S] [--port=P] [--still] [--no-ring]
//
// For tests that need no machine, and for working on the live page: N VMs in a
// chain, a NIC at the first, a compiler, user metrics.  Values change twenty
// times a second, or never with --still.  Prints the URL and serves for S seconds.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "exporter.h"
#include "vm_metrics.h"

typedef struct {
    uint64_t instructions, sent, received, spins, traps, orders, written, taken;
    uint64_t last;
    Histogram slice, latency, size;
    MetricExemplar slowest;
    uint64_t state;
} FakeVm;

enum { WITH_SIZES = 8 }; // VMs with a user histogram

static struct {
    unsigned vms;
    double seconds;
    const char *port;
    bool still, no_ring;
    FakeVm *vm;
    uint64_t offered, frames, dropped, bytes, queued, compiled, invalidated, compile_ns, live;
    Histogram delay, pacing;
    uint64_t seed;
    volatile bool end;
} fake = { .vms = 3, .seconds = 3600, .port = "9464", .seed = 1 };

static double uniform(void)
{
    fake.seed = fake.seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(fake.seed >> 11) + 0.5) / 9007199254740992.0;
}

static uint64_t skewed(double median, double spread)
{
    const double normal = sqrt(-2 * log(uniform())) * cos(6.283185307 * uniform());
    return (uint64_t)(median * exp(spread * normal));
}

static void add(uint64_t *word, uint64_t n)
{
    __atomic_store_n(word, *word + n, __ATOMIC_RELAXED);
}

static void step_vm(FakeVm *v, unsigned i)
{
    const uint64_t words = 40000 + (uint64_t)(uniform() * 20000);
    add(&v->instructions, words * (9 + i % 5));
    if (i > 0)
        add(&v->received, words);
    if (i + 1 < fake.vms) {
        add(&v->sent, words);
        add(&v->written, words);
        add(&v->taken, v->written - v->taken > 3000 ? words : words - words % 7);
    }
    add(&v->traps, words);
    add(&v->spins, words / 50);
    add(&v->orders, words / 1000);
    for (int k = 0; k < 200; k++) {
        histogram_record(&v->latency, skewed(700, 0.5));
        histogram_record(&v->slice, skewed(2100, 0.08));
        histogram_record(&v->size, skewed(200, 0.7) & 0xFFFF);
    }
    const uint64_t slow = skewed(90000, 0.6);
    if (slow > v->slice.max)
        metric_exemplar_store(&v->slowest, slow, v->instructions);
    histogram_record(&v->slice, slow);
}

static void step_others(void)
{
    const uint64_t frames = 50000;
    add(&fake.offered, frames);
    add(&fake.frames, frames - 3);
    add(&fake.dropped, 3);
    add(&fake.bytes, frames * 60);
    for (int k = 0; k < 100; k++) {
        histogram_record(&fake.delay, skewed(250, 0.6));
        histogram_record(&fake.pacing, skewed(15, 0.5));
    }
    if (fake.compiled < 40) {
        const uint64_t ns = skewed(6e6, 0.3);
        add(&fake.compiled, 1);
        add(&fake.live, 1);
        add(&fake.compile_ns, ns);
    }
}

static void step(void)
{
    for (unsigned i = 0; i < fake.vms; i++)
        step_vm(&fake.vm[i], i);
    step_others();
}

static void *work(void *arg)
{
    while (!fake.end) {
        step();
        usleep(50000);
    }
    return NULL;
}

static double sent(const void *source)
{
    return (double)((const FakeVm *)source)->sent;
}
static double received(const void *source)
{
    return (double)((const FakeVm *)source)->received;
}
static double state(const void *source)
{
    return (double)((const FakeVm *)source)->state;
}
static double compiled(const void *source)
{
    return (double)fake.compiled;
}
static double invalidated(const void *source)
{
    return (double)fake.invalidated;
}
static double live(const void *source)
{
    return (double)fake.live;
}
static double compile_seconds(const void *source)
{
    return (double)fake.compile_ns * 1e-9;
}

static const char *text(Metrics *m, const char *format, unsigned n)
{
    return arena_format(&m->arena, format, n);
}

static void register_vm(Metrics *m, unsigned i)
{
    FakeVm *v = &fake.vm[i];
    const char *name = text(m, i == 0 ? "reader" : "stage%u", i), *number = text(m, "%u", i);
    vm_metrics_add(m, &(VmMetrics){ .vm = i,
                                    .name = name,
                                    .program = text(m, "dir with \"quotes\"/p%u.obj", i),
                                    .engine = i % 2 ? "tail,addr,lazy" : "jit",
                                    .instructions = &v->instructions,
                                    .sent = sent,
                                    .received = received,
                                    .spins = &v->spins,
                                    .source = v,
                                    .slice = &v->slice,
                                    .slice_unit = 1000,
                                    .slowest = &v->slowest,
                                    .latency = i ? &v->latency : NULL,
                                    .state = state });
    vm_metrics_add_trap(m, i, name, "SEND", &v->traps);
    const char *labels = metrics_labels(m, "vm", number, "name", name, NULL);
    metrics_add_word(m, metrics_family(m, METRIC_COUNTER, "lc3_user_orders", "", "User counter 0."), labels,
                     &v->orders, METRIC_ONE);
    if (i < WITH_SIZES)
        metrics_add_histogram(
            m, metrics_histograms(m, "lc3_user_order_size", "", "User histogram 0.", &metric_bounds_word),
            labels, &v->size, METRIC_ONE);
    if (i + 1 < fake.vms && !fake.no_ring)
        vm_metrics_add_ring(m, &(RingMetrics){ .ring = i,
                                               .from = number,
                                               .to = text(m, "%u", i + 1),
                                               .capacity = 4096,
                                               .words_in = &v->written,
                                               .words_out = &v->taken });
}

static void register_all(Metrics *m)
{
    vm_metrics_add_process(m, LC3_VERSION);
    for (unsigned i = 0; i < fake.vms; i++)
        register_vm(m, i);
    vm_metrics_add_nic(m, &(NicMetrics){ .source = "captures/f.pcap",
                                         .vm = "0",
                                         .offered = &fake.offered,
                                         .received = &fake.frames,
                                         .dropped = &fake.dropped,
                                         .bytes = &fake.bytes,
                                         .delay = &fake.delay,
                                         .pacing = &fake.pacing,
                                         .delay_scale = METRIC_NS,
                                         .pacing_scale = METRIC_NS,
                                         .ring = 32768,
                                         .queued = &fake.queued });
    vm_metrics_add_jit(m, &(JitMetrics){ .compiled = compiled,
                                         .invalidated = invalidated,
                                         .live = live,
                                         .compile_seconds = compile_seconds });
}

static void read_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--vms=", 6) == 0)
            fake.vms = (unsigned)atoi(argv[i] + 6);
        else if (strncmp(argv[i], "--seconds=", 10) == 0)
            fake.seconds = atof(argv[i] + 10);
        else if (strncmp(argv[i], "--port=", 7) == 0)
            fake.port = argv[i] + 7;
        else if (strcmp(argv[i], "--still") == 0)
            fake.still = true;
        else if (strcmp(argv[i], "--no-ring") == 0)
            fake.no_ring = true;
}

int main(int argc, char **argv)
{
    static Metrics m;
    Exporter exporter;
    Error err;
    pthread_t thread;
    read_options(argc, argv);
    fake.vm = calloc(fake.vms, sizeof *fake.vm);
    metrics_init(&m);
    register_all(&m);
    step();
    if (!exporter_open(&exporter, &m, fake.port, &err)) {
        fprintf(stderr, "fake_source: %s\n", err.text);
        return 2;
    }
    printf("%s\n", exporter.url);
    fflush(stdout);
    if (!fake.still)
        pthread_create(&thread, NULL, work, NULL);
    usleep((useconds_t)(fake.seconds * 1e6));
    fake.end = true;
    if (!fake.still)
        pthread_join(thread, NULL);
    exporter_close(&exporter);
    metrics_free(&m);
    return 0;
}
