#include "remotes.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nats_wire.h"
#include "scheduler.h"

#define MODULE "lc3_nats.so"
#define SYMBOL "lc3_nats_driver"

// Beside the running program, which is where a build leaves it; where it lies from
// there when both are installed; where it was to be installed.
static const char *const places[] = { "%.*s/" MODULE, "%.*s/../" LC3_LIBDIR "/lc3/" MODULE, NULL };

static void *open_module(void)
{
    char self[4000], path[5000];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = 0;
    const char *slash = strrchr(self, '/');
    for (int i = 0; slash && places[i]; i++) {
        snprintf(path, sizeof path, places[i], (int)(slash - self), self);
        if (!access(path, R_OK))
            return dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    return dlopen(LC3_MODULE_DIR "/" MODULE, RTLD_NOW | RTLD_LOCAL);
}

static const NatsDriver *open_driver(Error *err)
{
    void *module = open_module();
    const NatsDriver *driver = module ? dlsym(module, SYMBOL) : NULL;
    if (!driver) {
        const char *reason = dlerror();
        fail(err, "--bus needs cnats, and its part %s is not built in (%s)", MODULE,
             reason ? reason : "no symbol");
    } else if (driver->version != NATS_DRIVER_VERSION) {
        fail(err, MODULE " is of another version (%u, not %u)", driver->version, NATS_DRIVER_VERSION);
        driver = NULL;
    }
    return driver;
}

// What the other side may rely on: the same memory before the first instruction.
static uint64_t program_of(const Machine *m)
{
    return wire_hash(WIRE_HASH_START, m->image->words, sizeof *m->image->words * MEMORY_WORDS);
}

static void list(Remotes *r, const Network *n, Machine **machines)
{
    r->at = arena_array(n->arena, Remote *, n->links.count);
    for (size_t i = 0; i < n->links.count; i++) {
        const Link *l = &n->links.at[i];
        if (!l->remote)
            continue;
        l->remote->program = program_of(machines[l->from == ELSEWHERE ? l->to : l->from]);
        r->at[r->count++] = l->remote;
    }
}

bool remotes_open(Remotes *r, const Network *network, Machine **machines, const RemoteBusOptions *options,
                  Error *err)
{
    list(r, network, machines);
    if (!r->count)
        return options->urls ? fail(err, "--bus=%s: no link uses it (--link=0:nats:SUBJECT)", options->urls)
                             : true;
    if (!options->urls)
        return fail(err, "--link=%s: which server? (--bus=nats://HOST:PORT)", r->at[0]->settings.text);
    if (!(r->driver = open_driver(err)) || !(r->bus = r->driver->open(options, err)))
        return false;
    for (size_t i = 0; i < r->count; i++)
        if (!r->driver->attach(r->bus, r->at[i], err))
            return false;
    return true;
}

bool remotes_start(Remotes *r, Error *err)
{
    if (!r->bus)
        return true;
    r->has_started = true;
    for (size_t i = 0; i < r->count; i++)
        schedule_guest_enters();
    return r->driver->start(r->bus, err);
}

// Machines that were cut short did not close their ports.
static void close_rings(const Remotes *r)
{
    for (size_t i = 0; i < r->count; i++) {
        Ring *ring = r->at[i]->ring;
        if (r->at[i]->settings.is_out && !ring_writer_is_closed(ring))
            ring_close_writer(ring);
        if (!r->at[i]->settings.is_out && !ring_reader_is_closed(ring))
            ring_close_reader(ring);
    }
}

void remotes_stop(Remotes *r, bool ends)
{
    if (!r->bus || !r->has_started)
        return;
    if (ends)
        close_rings(r);
    r->driver->stop(r->bus, ends);
}

void remotes_close(Remotes *r)
{
    if (r->bus)
        r->driver->close(r->bus);
    r->bus = NULL;
}

// ----------------------------------------------------------------- reports

static uint64_t value(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static const char *mode_of(const Remote *r)
{
    return r->settings.is_fast ? "fast" : "safe";
}

static void write_end(Writer *w, const Remote *r)
{
    if (r->settings.is_out)
        write_format(w, "%s:nats:%s", r->settings.machine, r->settings.subject);
    else
        write_format(w, "nats:%s:%s", r->settings.subject, r->settings.machine);
}

void remotes_write_notes(Writer *w, const Remotes *r)
{
    if (!r->bus)
        return;
    for (size_t i = 0; i < r->count; i++) {
        if (!r->at[i]->note[0])
            continue;
        write_text(w, "lc3run: link ");
        write_end(w, r->at[i]);
        write_format(w, ": %s\n", r->at[i]->note);
    }
    if (r->driver->trouble(r->bus)[0])
        write_format(w, "lc3run: %s\n", r->driver->trouble(r->bus));
}

void remotes_write_text(Writer *w, const Remotes *r)
{
    if (!r->bus)
        return;
    write_format(w, "\n%-28s %-5s %10s %12s %8s %8s %8s %8s %9s %9s\n", "link", "mode", "messages", "words",
                 "resent", "twice", "refused", "lost", "p50 us", "p99 us");
    for (size_t i = 0; i < r->count; i++) {
        const Remote *l = r->at[i];
        const RemoteStats *s = &l->stats;
        Writer name = { 0 };
        write_end(&name, l);
        write_bytes(&name, "", 1);
        const HistogramSummary h = histogram_summary(&l->latency, 1e-3);
        write_format(w, "%-28s %-5s %10llu %12llu %8llu %8llu %8llu %8llu", name.at, mode_of(l),
                     (unsigned long long)value(&s->messages), (unsigned long long)value(&s->words),
                     (unsigned long long)value(&s->resent), (unsigned long long)value(&s->duplicates),
                     (unsigned long long)value(&s->refused), (unsigned long long)value(&s->lost_words));
        if (h.count)
            write_format(w, " %9.0f %9.0f\n", h.p50, h.p99);
        else
            write_format(w, " %9s %9s\n", "-", "-");
        writer_free(&name);
    }
    write_format(w, "      resent: messages; twice: words that came again; reconnections: %llu\n",
                 (unsigned long long)r->driver->reconnects(r->bus));
}

static void json_link(Writer *w, const Remotes *r, const Remote *l)
{
    const RemoteStats *s = &l->stats;
    const struct {
        const char *name;
        const uint64_t *word;
    } counts[] = {
        { "messages", &s->messages },     { "words", &s->words },
        { "bytes", &s->bytes },           { "unacknowledged", &s->unacknowledged },
        { "resent", &s->resent },         { "duplicate_words", &s->duplicates },
        { "refused", &s->refused },       { "gaps", &s->gaps },
        { "lost_words", &s->lost_words }, { "full", &s->full },
    };
    Writer name = { 0 };
    write_end(&name, l);
    write_bytes(&name, "", 1);
    write_text(w, "{\"link\":");
    write_json_string(w, name.at);
    writer_free(&name);
    write_format(w, ",\"mode\":\"%s\"", mode_of(l));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        write_format(w, ",\"%s\":%llu", counts[i].name, (unsigned long long)value(counts[i].word));
    write_format(w, ",\"reconnects\":%llu", (unsigned long long)r->driver->reconnects(r->bus));
    const HistogramSummary h = histogram_summary(&l->latency, 1);
    if (!l->settings.is_out)
        write_format(w,
                     ",\"latency_ns\":{\"count\":%llu,\"mean\":%.1f,\"p50\":%.0f,\"p99\":%.0f,\"p999\":%.0f,"
                     "\"max\":%llu}",
                     (unsigned long long)h.count, h.mean, h.p50, h.p99, h.p999, (unsigned long long)h.max);
    if (!l->settings.is_out && l->clock_error_ns != UINT64_MAX)
        write_format(w, ",\"clock_offset_ns\":%lld,\"clock_error_ns\":%llu", (long long)l->clock_offset_ns,
                     (unsigned long long)l->clock_error_ns);
    write_text(w, "}");
}

void remotes_write_json(Writer *w, const Remotes *r)
{
    write_text(w, "[");
    for (size_t i = 0; r->bus && i < r->count; i++) {
        if (i)
            write_text(w, ",");
        json_link(w, r, r->at[i]);
    }
    write_text(w, "]");
}
