// suite_nic.c -- what a frame costs: to take, to look at, to be in time.
//
// "counter" and "header" are tests/bench/nic/*.asm, fed with 64-byte frames as fast as
// they take them; their CPU time is measured.  "paced" is a reader that does nothing
// else, at 10 Gbit/s: there the wall clock counts, so beside the share of late frames
// stands the share of time that the machine took away in the same loop.
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "bench_programs.h"
#include "cards.h"
#include "clock.h"
#include "jit_machines.h"
#include "machine.h"
#include "nic.h"
#include "os.h"

#define PROGRAM(name)                                                                                        \
    extern const char nic_##name[], nic_##name##_end[];                                                      \
    __asm__(".pushsection .rodata\nnic_" #name ":\n.incbin \"" BENCH_PROGRAMS "/../nic/" #name               \
            ".asm\"\nnic_" #name "_end:\n.byte 0\n.popsection\n");

PROGRAM(counter)
PROGRAM(header)

enum { FRAMES = 2000, PASSES = 1000, LENGTH = 60, PORT = 40000, SLICE = 100000 };

// ------------------------------------------------------------------ frames

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

// As pcapgen makes them: UDP to one port, the frame's number in its data.
static bool make_frames(FrameTable *t, Error *err)
{
    uint8_t frame[LENGTH] = { 0 };
    put16(frame + 12, 0x0800);
    put16(frame + 14, 0x4500);
    frame[23] = 17;
    put16(frame + 36, PORT);
    *t = (FrameTable){ 0 };
    for (unsigned i = 0; i < FRAMES; i++) {
        put16(frame + 48, i);
        if (!frames_add(t, 1, i, frame, LENGTH, LENGTH, err))
            return false;
    }
    return true;
}

// ---------------------------------------------------------------- programs

typedef struct {
    const char *name, *text, *end;
    bool has_sum; // R4 is the sum of all numbers
    Image image;
    FrameTable *table;
} Case;

typedef struct {
    Case *c;
    int way; // JIT_NOW, or -1 for the interpreter alone
} EngineSubject;

static bool check(const Case *c, const Machine *m, Error *err)
{
    const uint32_t frames = (uint32_t)m->s.R[3] << 16 | m->s.R[2], right = FRAMES * PASSES;
    const uint16_t sum = (uint16_t)((uint64_t)FRAMES * (FRAMES - 1) / 2 * PASSES);
    if (m->end != END_HALT || frames != right)
        return fail(err, "\"%s\" after %u frames, not %u", end_names[m->end], frames, right);
    return !c->has_sum || m->s.R[4] == sum || fail(err, "the sum is %u, not %u", m->s.R[4], sum);
}

static bool measure_program(void *user, double *seconds, uint64_t *count, Error *err)
{
    const EngineSubject *s = user;
    Image *const images[] = { &s->c->image };
    const Lc3Engine *engine = &dialects[0].engines[0];
    const MachineOptions options = { .dialect = &dialects[0], .engine = engine, .has_native = true };
    Machine **machines;
    Jit *jit = NULL;
    if (!machines_open(&machines, 1, images, &options, err))
        return false;
    Machine *m = machines[0];
    NicPort *port = calloc(1, sizeof *port);
    nic_queue_init(&port->queue, s->c->table->frames, FRAMES, s->c->table->bytes, PASSES, false, 0, NULL);
    nic_queue_start(&port->queue, 0, (TicksQ32)1 << 32);
    cards_open_region(port, m);
    m->nic = port;
    bool fine =
        s->way < 0 || jit_machines_start(&jit, machines, 1, engine, &(JitOptions){ .way = JIT_NOW }, err);
    const double start = bench_cpu_seconds();
    while (fine && machine_run(m, SLICE) == RUN_BUDGET)
        ;
    *seconds = bench_cpu_seconds() - start;
    *count = port->queue.counts.received;
    fine = fine && check(s->c, m, err);
    jit_machines_stop(jit, machines, 1);
    machines_close(machines, 1);
    free(port);
    return fine;
}

static bool run_program(Bench *b, Case *c, const Object *os, bool has_jit, Error *err)
{
    Object *obj = arena_new(b->arena, Object);
    Diag diag = { .arena = b->arena };
    if (!assemble_text(obj, b->arena, c->name, c->text, (size_t)(c->end - c->text), NULL, &diag))
        return fail(err, "%s.asm: %s", c->name, diag.list.count ? diag.list.at[0].text : "does not assemble");
    if (!image_open(&c->image, obj, os, 0, err))
        return false;
    EngineSubject interp = { c, -1 }, jit = { c, JIT_NOW };
    const Subject subjects[] = { { "interp", measure_program, &interp }, { "jit", measure_program, &jit } };
    bench_case(b, "nic", c->name, "frame", subjects, has_jit ? 2 : 1);
    image_close(&c->image);
    return true;
}

// ------------------------------------------------------------------- pacing

typedef struct {
    double wanted_pps, pps, late, stolen; // shares of all frames, of all time
    uint64_t offered, dropped;
    HistogramSummary pacing;
} Paced;

static Paced paced; // of the last run; a suite has one

// Takes all frames; a look that comes more than 1 us after the one before was kept
// away by somebody.
static uint64_t take_all(NicPort *port, uint64_t gap_ticks)
{
    uint64_t before = clock_ticks(), stolen = 0;
    for (;;) {
        const Frame *f;
        const uint8_t *bytes;
        const NicStatus status = nic_port_look(port, &f, &bytes);
        const uint64_t now = port->queue.now;
        if (now - before > gap_ticks)
            stolen += now - before;
        before = now;
        if (status == NIC_ENDED)
            return stolen;
        if (status == NIC_FRAME)
            nic_port_take(port);
    }
}

static bool run_paced(Bench *b, FrameTable *t, Error *err)
{
    enum { PACED_PASSES = 7440 }; // a second
    NicPort *port = calloc(1, sizeof *port);
    NicRun *runs = calloc(NIC_RING, sizeof *runs);
    if (!port || !runs)
        return fail(err, "no memory");
    const double ns_per_tick = clock_ns_per_tick();
    const TicksQ32 pass =
        schedule_build(t, &(Rate){ .kind = RATE_BITS, .per_s = 10e9 }, 0, 1e9 / ns_per_tick);
    nic_queue_init(&port->queue, t->frames, FRAMES, t->bytes, PACED_PASSES, true, NIC_RING, runs);
    const uint64_t start_ns = clock_ns();
    nic_queue_start(&port->queue, clock_ticks(), pass);
    const uint64_t stolen = take_all(port, (uint64_t)(1000 / ns_per_tick));
    const double seconds = (double)(clock_ns() - start_ns) * 1e-9;
    const NicQueue *q = &port->queue;
    const HistogramSummary delay = histogram_summary(&q->delay, ns_per_tick);
    const uint64_t in_time = histogram_count_to(&q->delay, (uint64_t)(1000 / ns_per_tick));
    paced = (Paced){
        .wanted_pps = 10e9 / 8 / 84,
        .pps = (double)q->counts.offered / seconds,
        .late = (double)(delay.count - in_time) / (double)delay.count,
        .stolen = (double)stolen * ns_per_tick * 1e-9 / seconds,
        .offered = q->counts.offered,
        .dropped = q->counts.dropped,
        .pacing = histogram_summary(&q->pacing, ns_per_tick),
    };
    if (q->counts.offered != q->counts.received + q->counts.dropped)
        b->failures++;
    free(runs);
    free(port);
    return true;
}

// -------------------------------------------------------------------- suite

static bool run_nic(Bench *b, Error *err)
{
    Object *os = arena_new(b->arena, Object);
    FrameTable table;
    if (!os_read(os, b->arena, dialects[0].name, err) || !make_frames(&table, err))
        return false;
    Error why;
    Jit *jit = jit_open(&(JitOptions){ .way = JIT_NOW }, &why);
    const bool has_jit = jit;
    if (jit)
        jit_close(jit);
    Case cases[] = { { "counter", nic_counter, nic_counter_end, false, { 0 }, &table },
                     { "header", nic_header, nic_header_end, true, { 0 }, &table } };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        if (bench_wants(b, cases[i].name) && !run_program(b, &cases[i], os, has_jit, err))
            return false;
    if (bench_wants(b, "paced") && !run_paced(b, &table, err))
        return false;
    frames_free(&table);
    return true;
}

static void print_program(const Bench *b, const char *name)
{
    const char *const engines[] = { "interp", "jit" };
    for (int i = 0; i < 2; i++) {
        const Result *r = bench_find(b, "nic", name, engines[i]);
        if (r)
            printf("%-9s %-7s %8.1f %8.1f\n", name, engines[i], r->seconds * 1e9 / (double)r->count,
                   (double)r->count / r->seconds * 1e-6);
    }
}

static void print_nic(const Bench *b)
{
    if (bench_find(b, "nic", "counter", "interp") || bench_find(b, "nic", "header", "interp"))
        printf("\n%-17s %8s %8s\n", "64-byte frames", "ns/frame", "M/s");
    print_program(b, "counter");
    print_program(b, "header");
    if (!paced.offered)
        return;
    printf("\npaced     10 Gbit/s: %.4f Mpps of %.4f (off by %.4f %%), dropped %llu of %llu\n",
           paced.pps * 1e-6, paced.wanted_pps * 1e-6, fabs(paced.pps / paced.wanted_pps - 1) * 100,
           (unsigned long long)paced.dropped, (unsigned long long)paced.offered);
    printf(
        "          pacing error p50 %.0f ns, p99 %.0f ns; later than 1 us %.2f %%, time taken away %.2f %%\n",
        paced.pacing.p50, paced.pacing.p99, paced.late * 100, paced.stolen * 100);
}

const Suite suite_nic = { "nic", "what a frame of the network card costs, and whether it comes in time",
                          run_nic, print_nic };
