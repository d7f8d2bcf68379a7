// What a card has done, as JSON and as text.
#include "nic.h"

#include <stdlib.h>

NicTotals nic_totals(const Nic *nic)
{
    NicTotals t = { 0 };
    for (unsigned i = 0; i < nic->port_count; i++) {
        const NicPort *port = &nic->ports[i];
        const NicCounts *c = &port->queue.counts;
        t.offered += __atomic_load_n(&c->offered, __ATOMIC_RELAXED);
        t.received += __atomic_load_n(&c->received, __ATOMIC_RELAXED);
        t.bytes += __atomic_load_n(&c->bytes, __ATOMIC_RELAXED);
        t.cut += __atomic_load_n(&c->cut, __ATOMIC_RELAXED);
        t.dropped += __atomic_load_n(&c->dropped, __ATOMIC_RELAXED);
        t.dropped_full += __atomic_load_n(&c->dropped_full, __ATOMIC_RELAXED);
        t.dropped_unread += __atomic_load_n(&c->dropped_unread, __ATOMIC_RELAXED);
        t.sent += __atomic_load_n(&port->sent, __ATOMIC_RELAXED);
        t.sent_bytes += __atomic_load_n(&port->sent_bytes, __ATOMIC_RELAXED);
        t.send_failed += __atomic_load_n(&port->send_failed, __ATOMIC_RELAXED);
    }
    return t;
}

typedef enum { DELAY, PACING } Which;

static HistogramSummary summary(const Nic *nic, Which which)
{
    Histogram *sum = need_memory(calloc(1, sizeof *sum));
    for (unsigned i = 0; i < nic->port_count; i++) {
        const NicQueue *q = &nic->ports[i].queue;
        histogram_add(sum, which == DELAY ? &q->delay : &q->pacing);
    }
    const HistogramSummary result = histogram_summary(sum, nic->ns_per_tick);
    free(sum);
    return result;
}

// -------------------------------------------------------------------- JSON

static void json_summary(Writer *w, const char *name, HistogramSummary h)
{
    write_format(
        w, ",\"%s\":{\"count\":%llu,\"mean\":%.1f,\"p50\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%llu}",
        name, (unsigned long long)h.count, h.mean, h.p50, h.p99, h.p999, (unsigned long long)h.max);
}

static void json_number(Writer *w, const char *name, uint64_t value)
{
    write_format(w, "\"%s\":%llu", name, (unsigned long long)value);
}

static void json_capture(Writer *w, const FrameTable *t)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        { "filtered", t->found.filtered }, { "empty", t->found.empty }, { "oversize", t->found.oversize },
        { "runt", t->found.runt },         { "cut", t->found.cut },     { "backwards", t->found.backwards },
        { "damaged", t->found.damaged },
    };
    write_text(w, ",\"capture\":{");
    json_number(w, "frames", t->count);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_text(w, ",");
        json_number(w, rows[i].name, rows[i].value);
    }
    write_text(w, "}");
}

static void json_queues(Writer *w, const Nic *nic)
{
    write_text(w, ",\"queues\":[");
    for (unsigned i = 0; i < nic->port_count; i++) {
        const NicCounts *c = &nic->ports[i].queue.counts;
        write_format(w, "%s{\"vm\":%u,\"offered\":%llu,\"received\":%llu,\"dropped\":%llu}", i ? "," : "",
                     nic->options.vm[i], (unsigned long long)c->offered, (unsigned long long)c->received,
                     (unsigned long long)c->dropped);
    }
    write_text(w, "]");
}

void nic_write_json(Writer *w, const Nic *nic)
{
    const NicTotals t = nic_totals(nic);
    write_text(w, "{\"source\":");
    write_json_string(w, nic->options.source);
    write_format(w, ",\"offered\":%llu,\"received\":%llu,\"dropped\":%llu,\"bytes\":%llu",
                 (unsigned long long)t.offered, (unsigned long long)t.received, (unsigned long long)t.dropped,
                 (unsigned long long)t.bytes);
    json_summary(w, "delay_ns", summary(nic, DELAY));
    json_summary(w, "pacing_ns", summary(nic, PACING));
    write_format(w, ",\"drops\":{\"ring_full\":%llu,\"unread\":%llu},\"cut\":%llu",
                 (unsigned long long)t.dropped_full, (unsigned long long)t.dropped_unread,
                 (unsigned long long)t.cut);
    write_format(w, ",\"sent\":%llu,\"sent_bytes\":%llu,\"send_failed\":%llu", (unsigned long long)t.sent,
                 (unsigned long long)t.sent_bytes, (unsigned long long)t.send_failed);
    if (!nic->live)
        json_capture(w, &nic->table);
    json_queues(w, nic);
    write_text(w, "}");
}

// -------------------------------------------------------------------- text

static void text_summary(Writer *w, const char *name, HistogramSummary h)
{
    if (h.count)
        write_format(w, "     %-7s p50 %.0f ns, p99 %.0f ns, p99.9 %.0f ns, max %llu ns (%llu frames)\n",
                     name, h.p50, h.p99, h.p999, (unsigned long long)h.max, (unsigned long long)h.count);
}

static void text_findings(Writer *w, const FrameFindings *f)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        { "did not match the filter", f->filtered },     { "were empty", f->empty },
        { "were longer than 65535 bytes", f->oversize }, { "were shorter than their link header", f->runt },
        { "were cut by the snap length", f->cut },       { "had a time that goes back", f->backwards },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value)
            write_format(w, "     in the capture %llu frames %s\n", (unsigned long long)rows[i].value,
                         rows[i].name);
}

void nic_write_text(Writer *w, const Nic *nic)
{
    const NicTotals t = nic_totals(nic);
    write_format(w, "nic %s: offered %llu frames, received %llu (%llu bytes), dropped %llu",
                 nic->options.source, (unsigned long long)t.offered, (unsigned long long)t.received,
                 (unsigned long long)t.bytes, (unsigned long long)t.dropped);
    if (t.dropped)
        write_format(w, " (%llu ring full, %llu unread)", (unsigned long long)t.dropped_full,
                     (unsigned long long)t.dropped_unread);
    write_text(w, "\n");
    if (t.sent || t.send_failed)
        write_format(w, "     sent %llu frames (%llu bytes), %llu refused\n", (unsigned long long)t.sent,
                     (unsigned long long)t.sent_bytes, (unsigned long long)t.send_failed);
    text_summary(w, "delay", summary(nic, DELAY));
    text_summary(w, "pacing", summary(nic, PACING));
    text_findings(w, &nic->table.found);
}
