// nic_bench -- what the card itself costs, without a machine behind it.
//
//   nic_bench index FILE            frames a second into the table, best of five
//   nic_bench copy                  bytes a second from frames into words
//   nic_bench ring FILE             frames a second that a reader can take, unpaced
//   nic_bench pace FILE RATE SECONDS  a reader that does nothing but ask: pacing
//
// One line of JSON each.  While it paces, the reader also notes how much time the
// machine takes away from it: every distance of more than 1 us between two reads
// of the counter that has no frame in it is such a gap.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "nic.h"
#include "nic_copy.h"
#include "nic_pcap.h"

static int usage(void)
{
    fputs("usage: nic_bench index FILE | copy | ring FILE | pace FILE RATE SECONDS\n", stderr);
    return 2;
}

static int complain(const Error *err)
{
    fprintf(stderr, "nic_bench: %s\n", err->text);
    return 1;
}

static int bench_index(const char *path)
{
    uint64_t best = UINT64_MAX;
    size_t frames = 0;
    for (int i = 0; i < 5; i++) {
        FrameTable t = { 0 };
        Error err;
        const uint64_t start = clock_ns();
        if (!lc3_nic_driver.load(&t, path, NULL, &err))
            return complain(&err);
        const uint64_t ns = clock_ns() - start;
        best = ns < best ? ns : best;
        frames = t.count;
        frames_free(&t);
    }
    printf("{\"frames\":%zu,\"mpps\":%.2f}\n", frames, (double)frames * 1e3 / (double)best);
    return 0;
}

static int bench_copy(void)
{
    enum { ROUNDS = 2000000 };
    static uint8_t from[1600];
    static uint16_t to[1024];
    printf("{");
    const unsigned sizes[] = { 60, 590, 1514 };
    for (int s = 0; s < 3; s++) {
        uint64_t best = UINT64_MAX;
        for (int round = 0; round < 5; round++) {
            const uint64_t start = clock_ns();
            for (int i = 0; i < ROUNDS / 10; i++) {
                nic_copy(to, from, sizes[s] / 2);
                __asm__ volatile("" ::"r"(to), "r"(from) : "memory");
            }
            const uint64_t ns = clock_ns() - start;
            best = ns < best ? ns : best;
        }
        printf("%s\"ns_%u\":%.2f,\"gb_s_%u\":%.1f", s ? "," : "", sizes[s], (double)best / (ROUNDS / 10),
               sizes[s], (double)sizes[s] * (ROUNDS / 10) / (double)best);
    }
    printf("}\n");
    return 0;
}

typedef struct {
    uint64_t first_ns, last_ns; // of the clock, when frames were taken
    uint64_t gaps, stolen;      // ticks
    uint64_t longest;
} Watching;

// Takes everything, as fast as it comes, into one place.
static void take_all(NicPort *port, Watching *w, uint64_t gap_ticks)
{
    static uint16_t words[32768];
    uint64_t before = clock_ticks();
    for (;;) {
        const Frame *f;
        const uint8_t *bytes;
        const NicStatus status = nic_port_look(port, &f, &bytes);
        if (status == NIC_ENDED)
            return;
        const uint64_t now = port->queue.is_paced ? port->queue.now : before;
        if (now - before > gap_ticks) {
            w->gaps++;
            w->stolen += now - before;
            w->longest = now - before > w->longest ? now - before : w->longest;
        }
        before = now;
        if (status == NIC_WAIT)
            continue;
        nic_copy(words, bytes, (f->held + 1u) / 2);
        nic_port_take(port);
        if (!w->first_ns)
            w->first_ns = clock_ns();
    }
}

static Nic *open_nic(const char *text, Error *err)
{
    static Arena arena;
    NicOptions options;
    return nic_options_parse(&options, &arena, text, 0, err) ? nic_open(&options, err) : NULL;
}

static bool run(Nic *nic, Watching *w, Error *err)
{
    if (!nic_start(&nic, 1, 0, err))
        return false;
    take_all(nic_port(nic, 0), w, (uint64_t)(1000 / nic->ns_per_tick));
    w->last_ns = clock_ns();
    nic_stop(nic);
    return true;
}

static int bench_ring(const char *path)
{
    char text[1000];
    Error err;
    snprintf(text, sizeof text, "pcap:%s,rate=max,loop=1000", path);
    Nic *nic = open_nic(text, &err);
    Watching w = { 0 };
    if (!nic || !run(nic, &w, &err))
        return complain(&err);
    printf("{\"mpps\":%.2f}\n", (double)nic_totals(nic).received * 1e3 / (double)(w.last_ns - w.first_ns));
    nic_close(nic);
    return 0;
}

static double wanted_rate(const Nic *nic)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < nic->table.count; i++)
        bytes += wire_bytes(nic->table.frames[i].length);
    const Rate *r = &nic->options.rate;
    return r->kind == RATE_FRAMES ? r->per_s : r->per_s / 8 * (double)nic->table.count / (double)bytes;
}

static void print_pace(const Nic *nic, const Watching *w)
{
    const NicTotals t = nic_totals(nic);
    const NicQueue *q = &nic->ports[0].queue;
    const HistogramSummary delay = histogram_summary(&q->delay, nic->ns_per_tick);
    const HistogramSummary pacing = histogram_summary(&q->pacing, nic->ns_per_tick);
    const uint64_t in_time = histogram_count_to(&q->delay, (uint64_t)(1000 / nic->ns_per_tick));
    const double seconds = (double)(w->last_ns - w->first_ns) * 1e-9;
    printf("{\"wanted_pps\":%.1f,\"rate_pps\":%.1f,\"offered\":%llu,\"dropped\":%llu,\"pacing_p50_ns\":%.0f,"
           "\"pacing_p99_ns\":%.0f,\"delay_p50_ns\":%.0f,\"delay_p99_ns\":%.0f,\"delay_max_ns\":%llu,"
           "\"late_share\":%.6f,\"stolen_share\":%.6f,\"gaps_per_s\":%.0f,\"longest_gap_ns\":%.0f}\n",
           wanted_rate(nic), (double)(t.offered - 1) / seconds, (unsigned long long)t.offered,
           (unsigned long long)t.dropped, pacing.p50, pacing.p99, delay.p50, delay.p99,
           (unsigned long long)delay.max, (double)(delay.count - in_time) / (double)delay.count,
           (double)w->stolen * nic->ns_per_tick * 1e-9 / seconds, (double)w->gaps / seconds,
           (double)w->longest * nic->ns_per_tick);
}

static int bench_pace(const char *path, const char *rate, double seconds)
{
    char text[1000];
    Error err;
    snprintf(text, sizeof text, "pcap:%s,rate=%s", path, rate);
    Nic *nic = open_nic(text, &err); // once to know how many passes that is
    if (!nic)
        return complain(&err);
    const double passes = seconds * wanted_rate(nic) / (double)nic->table.count;
    nic_close(nic);
    snprintf(text, sizeof text, "pcap:%s,rate=%s,loop=%.0f", path, rate, passes < 1 ? 1 : passes);
    Watching w = { 0 };
    if (!(nic = open_nic(text, &err)) || !run(nic, &w, &err))
        return complain(&err);
    print_pace(nic, &w);
    nic_close(nic);
    return 0;
}

// In the place of the module.
const NicDriver *nic_driver_open(Error *err)
{
    return &lc3_nic_driver;
}

int main(int argc, char **argv)
{
    clock_start();
    if (argc == 3 && !strcmp(argv[1], "index"))
        return bench_index(argv[2]);
    if (argc == 2 && !strcmp(argv[1], "copy"))
        return bench_copy();
    if (argc == 3 && !strcmp(argv[1], "ring"))
        return bench_ring(argv[2]);
    if (argc == 5 && !strcmp(argv[1], "pace"))
        return bench_pace(argv[2], argv[3], atof(argv[4]));
    return usage();
}
