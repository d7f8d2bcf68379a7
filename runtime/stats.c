// stats.c -- the statistics of a run, as a table and as JSON.
#include "clock.h"
#include "histogram_hdr.h"
#include "report.h"

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static double elapsed_s(const Report *r)
{
    return (double)r->result->elapsed_ns * 1e-9;
}

static uint64_t occupancy_max(const Machine *m)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < m->in_count; i++)
        if (m->in[i].ring->w.occupancy_max > most)
            most = m->in[i].ring->w.occupancy_max;
    return most;
}

static double spins_per_message(const Machine *m)
{
    return ratio((double)m->spins, (double)(machine_sent(m) + machine_received(m)));
}

// -------------------------------------------------------------------- JSON

static void json_latency(Writer *w, const Machine *m)
{
    const HistogramSummary h = histogram_summary(m->latency, clock_ns_per_tick());
    write_format(w, "\"latency_ns\":{\"count\":%llu,\"mean\":%.1f,\"p50\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%llu}",
                 (unsigned long long)h.count, h.mean, h.p50, h.p99, h.p999, (unsigned long long)h.max);
}

static void json_slice(Writer *w, const Machine *m)
{
    const HistogramSummary h = histogram_summary(m->slice, clock_ns_per_tick() / SLICE_SAMPLE);
    write_format(w, "\"slice_ns_per_instruction\":{\"mean\":%.4f,\"p50\":%.4f,\"p99\":%.4f,\"p999\":%.4f}", h.mean,
                 h.p50, h.p99, h.p999);
}

static void json_user_metrics(Writer *w, const Machine *m)
{
    const char *comma = "";
    if (m->counters_used) {
        write_text(w, ",\"counters\":{");
        for (uint64_t i = 0; i < m->counters_used; i++) {
            if (!m->counters[i])
                continue;
            write_format(w, "%s\"%llu\":%llu", comma, (unsigned long long)i, (unsigned long long)m->counters[i]);
            comma = ",";
        }
        write_text(w, "}");
    }
    comma = "";
    if (m->observed_used) {
        write_text(w, ",\"observed\":{");
        for (uint64_t i = 0; i < m->observed_used; i++) {
            const HistogramSummary h = histogram_summary(&m->observed[i], 1);
            if (!h.count)
                continue;
            write_format(w, "%s\"%llu\":{\"count\":%llu,\"mean\":%.2f,\"p50\":%.0f,\"p99\":%.0f,\"max\":%llu}", comma,
                         (unsigned long long)i, (unsigned long long)h.count, h.mean, h.p50, h.p99,
                         (unsigned long long)h.max);
            comma = ",";
        }
        write_text(w, "}");
    }
}

static void json_machine(Writer *w, const Report *r, const Machine *m)
{
    const unsigned long long done = m->s.instructions, sent = machine_sent(m), received = machine_received(m);
    write_text(w, "{\"program\":");
    write_json_string(w, m->image->name);
    if (m->name) {
        write_text(w, ",\"name\":");
        write_json_string(w, m->name);
    }
    write_format(w, ",\"engine\":\"%s\",\"stop\":\"%s\",\"instructions\":%llu,\"instructions_per_s\":%.0f", m->engine,
                 end_names[m->end], done, ratio((double)done, elapsed_s(r)));
    write_format(w, ",\"sent\":%llu,\"received\":%llu,\"messages_per_s\":%.0f,\"spins_per_message\":%.4f", sent,
                 received, ratio((double)received, elapsed_s(r)), spins_per_message(m));
    write_format(w, ",\"waits\":%llu,\"occupancy_max\":%llu,", (unsigned long long)m->waits,
                 (unsigned long long)occupancy_max(m));
    json_latency(w, m);
    write_text(w, ",");
    json_slice(w, m);
    json_user_metrics(w, m);
    write_text(w, "}");
}

void stats_write_json(Writer *w, const Report *r)
{
    write_format(w, "{\"elapsed_s\":%.6f,\"workers\":%u,\"vms\":[", elapsed_s(r), r->result->workers);
    for (uint32_t i = 0; i < r->count; i++) {
        if (i)
            write_text(w, ",");
        json_machine(w, r, r->machines[i]);
    }
    write_text(w, "],\"nic\":");
    cards_write_json(w, r->cards);
    if (r->remotes->count) {
        write_text(w, ",\"links\":");
        remotes_write_json(w, r->remotes);
    }
    write_text(w, "}\n");
}

// ------------------------------------------------------------ HdrHistogram

static void hdr_of(Writer *w, const Machine *m, const char *what, const Histogram *h, double scale)
{
    if (!h->max && !h->bucket[0])
        return;
    write_format(w, "# %s of VM %u %s\n", what, m->number, m->name ? m->name : m->image->name);
    histogram_write_hdr(w, h, scale);
}

void stats_write_hdr(Writer *w, const Report *r)
{
    const double ns = clock_ns_per_tick();
    for (uint32_t i = 0; i < r->count; i++) {
        hdr_of(w, r->machines[i], "message latency in ns", r->machines[i]->latency, ns);
        hdr_of(w, r->machines[i], "ns per instruction", r->machines[i]->slice, ns / SLICE_SAMPLE);
    }
}

// ------------------------------------------------------------------- table

enum { ROWS_MAX = 32 };

static void table_machines(Writer *w, const Report *r)
{
    write_format(w, "%5s %-20s %-8s %15s %9s %8s %8s\n", "vm", "program", "stop", "instructions", "M instr/s",
                 "ns/instr", "p99");
    for (uint32_t i = 0; i < r->count && i < ROWS_MAX; i++) {
        const Machine *m = r->machines[i];
        const HistogramSummary h = histogram_summary(m->slice, clock_ns_per_tick() / SLICE_SAMPLE);
        write_format(w, "%5u %-20.20s %-8s %15llu %9.1f", i, m->name ? m->name : m->image->name, end_names[m->end],
                     (unsigned long long)m->s.instructions, ratio((double)m->s.instructions, elapsed_s(r)) * 1e-6);
        if (h.count)
            write_format(w, " %8.2f %8.2f\n", h.mean, h.p99);
        else
            write_format(w, " %8s %8s\n", "-", "-");
    }
    if (r->count > ROWS_MAX)
        write_format(w, "      and %u more\n", r->count - ROWS_MAX);
}

static void table_messages(Writer *w, const Report *r)
{
    write_format(w, "\n%5s %12s %12s %10s %9s %9s %9s %9s %9s %10s %9s %8s\n", "vm", "sent", "received", "M words/s",
                 "p50 ns", "p99", "p99.9", "max", "ns/word", "spins/word", "waits", "fullest");
    for (uint32_t i = 0; i < r->count && i < ROWS_MAX; i++) {
        const Machine *m = r->machines[i];
        const double received = (double)machine_received(m);
        const HistogramSummary h = histogram_summary(m->latency, clock_ns_per_tick());
        write_format(w, "%5u %12llu %12llu", i, (unsigned long long)machine_sent(m),
                     (unsigned long long)machine_received(m));
        if (h.count)
            write_format(w, " %10.2f %9.0f %9.0f %9.0f %9llu %9.1f", ratio(received, elapsed_s(r)) * 1e-6, h.p50,
                         h.p99, h.p999, (unsigned long long)h.max, ratio((double)r->result->elapsed_ns, received));
        else
            write_format(w, " %10s %9s %9s %9s %9s %9s", "-", "-", "-", "-", "-", "-");
        write_format(w, " %10.3f %9llu", spins_per_message(m), (unsigned long long)m->waits);
        if (m->in_count)
            write_format(w, " %8llu\n", (unsigned long long)occupancy_max(m));
        else
            write_format(w, " %8s\n", "-");
    }
    write_text(w, "      p50 to max: latency from publish to receipt, sampled; ns/word: elapsed / received; waits: times it\n"
                  "      slept; fullest: most words seen in a ring to it\n");
}

static bool has_links(const Report *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->machines[i]->in_count)
            return true;
    return false;
}

void stats_write_table(Writer *w, const Report *r)
{
    table_machines(w, r);
    if (has_links(r))
        table_messages(w, r);
    cards_write_text(w, r->cards);
    remotes_write_text(w, r->remotes);
    write_format(w, "\nelapsed %.6f s, %u machine%s on %u worker%s\n", elapsed_s(r), r->count,
                 r->count == 1 ? "" : "s", r->result->workers, r->result->workers == 1 ? "" : "s");
}
