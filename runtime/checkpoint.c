#include "checkpoint.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/writer.h"
#include "nats_wire.h"

#define MAGIC "lc3 checkpoint 3\n"

// ------------------------------------------------------------------ in, out

// One walk over a machine serves both ways.
typedef struct {
    Writer *to;          // or
    const uint8_t *from; // what is left of a file
    size_t left;
    bool is_damaged; // it ends too early, or says what no run leaves
} Stream;

static void pass(Stream *s, void *at, size_t bytes)
{
    if (s->to) {
        write_bytes(s->to, at, bytes);
    } else if (bytes > s->left) {
        s->is_damaged = true;
        memset(at, 0, bytes);
    } else {
        memcpy(at, s->from, bytes);
        s->from += bytes;
        s->left -= bytes;
    }
}

#define PASS(s, field) pass(s, &(field), sizeof(field))

// What has few values has no others: a file may be forged.
static uint8_t pass_one_of(Stream *s, unsigned value, unsigned count)
{
    uint8_t byte = (uint8_t)value;
    PASS(s, byte);
    s->is_damaged |= byte >= count;
    return byte < count ? byte : 0;
}

#define PASS_ONE_OF(s, field, count) ((field) = pass_one_of(s, field, count))
#define PASS_FLAG(s, field) ((field) = pass_one_of(s, field, 2) != 0)

// Words that differ from the image, as runs: address, length, words.
static void save_memory(Stream *s, Machine *m)
{
    const uint16_t *now = m->s.M, *before = m->image->words;
    for (uint32_t at = 0; at < MEMORY_WORDS;) {
        if (now[at] == before[at]) {
            at++;
            continue;
        }
        uint32_t end = at;
        while (end < MEMORY_WORDS && now[end] != before[end])
            end++;
        uint32_t count = end - at;
        PASS(s, at);
        PASS(s, count);
        pass(s, m->s.M + at, count * sizeof *now);
        at = end;
    }
    uint32_t none = MEMORY_WORDS;
    PASS(s, none);
}

static void load_memory(Stream *s, Machine *m)
{
    for (;;) {
        uint32_t at, count;
        PASS(s, at);
        if (s->is_damaged || at >= MEMORY_WORDS)
            return;
        PASS(s, count);
        if (count > MEMORY_WORDS - at) {
            s->is_damaged = true;
            return;
        }
        pass(s, m->s.M + at, count * sizeof *m->s.M);
    }
}

static void pass_metrics(Stream *s, Machine *m)
{
    PASS(s, m->counters_used);
    PASS(s, m->observed_used);
    s->is_damaged |= m->counters_used > USER_COUNTERS || m->observed_used > USER_HISTOGRAMS;
    if (s->is_damaged)
        return;
    pass(s, m->counters, m->counters_used * sizeof *m->counters);
    pass(s, m->observed, m->observed_used * sizeof *m->observed);
}

static void pass_console(Stream *s, Machine *m)
{
    uint64_t keys = m->input ? m->input->taken_count : 0;
    PASS(s, keys);
    PASS(s, m->output.total);
    PASS(s, m->output.len);
    s->is_damaged |= m->output.len > OUTPUT_BYTES || m->output.len > m->output.total;
    if (s->is_damaged)
        return;
    pass(s, m->output.buffer, m->output.len);
    m->keys_before = keys;
}

static void pass_devices(Stream *s, Machine *m)
{
    PASS_FLAG(s, m->keyboard.is_ready);
    PASS_FLAG(s, m->keyboard.is_enabled);
    PASS(s, m->keyboard.key);
    PASS(s, m->keyboard.idle_polls);
    PASS(s, m->keyboard.last_poll);
    PASS_FLAG(s, m->timer.is_ready);
    PASS_FLAG(s, m->timer.is_enabled);
    PASS_FLAG(s, m->timer.is_pending);
    PASS(s, m->timer.period);
    PASS(s, m->timer.next);
    PASS(s, m->control);
}

// The state without its pointers, which are this process's.
static void pass_state(Stream *s, Lc3State *state)
{
    pass(s, state, offsetof(Lc3State, push_ring));
    PASS_ONE_OF(s, state->fault.kind, FAULT_HOST + 1);
    PASS(s, state->fault.vector);
    PASS(s, state->fault.at);
    PASS(s, state->instructions);
}

static void pass_machine(Stream *s, Machine *m)
{
    pass_state(s, &m->s);
    if (s->to)
        save_memory(s, m);
    else
        load_memory(s, m);
    PASS(s, m->partial);
    PASS_ONE_OF(s, m->prompted, PROMPT_LENGTH + 1);
    PASS(s, m->tries);
    PASS_ONE_OF(s, m->end, END_BLOCKED + 1);
    PASS_ONE_OF(s, m->ending, END_BLOCKED + 1);
    PASS_FLAG(s, m->is_halting);
    PASS_FLAG(s, m->has_changed_os);
    PASS_FLAG(s, m->is_yielding);
    pass_devices(s, m);
    PASS(s, m->fault_text);
    s->is_damaged |= !memchr(m->fault_text, 0, sizeof m->fault_text);
    if (!s->to)
        machine_find_natives(m);
    PASS(s, m->spins);
    PASS(s, m->waits);
    PASS(s, m->slices);
    pass_metrics(s, m);
    pass_console(s, m);
}

// -------------------------------------------------------------------- links

static Port *port_of(Port *ports, uint32_t count, const Ring *ring)
{
    for (uint32_t i = 0; i < count; i++)
        if (ports[i].ring == ring)
            return &ports[i];
    return NULL;
}

// The ports at a link's ends; NULL where there is no machine.
static Port *port_out(const Checkpoint *c, const Link *l)
{
    return l->from == ELSEWHERE
               ? NULL
               : port_of(c->machines[l->from]->out, c->machines[l->from]->out_count, l->ring);
}

static Port *port_in(const Checkpoint *c, const Link *l)
{
    return l->to == ELSEWHERE ? NULL : port_of(c->machines[l->to]->in, c->machines[l->to]->in_count, l->ring);
}

// What a reader has not taken yet.
static void pass_ring(Stream *s, const Checkpoint *c, const Link *l)
{
    Port *out = port_out(c, l), *in = port_in(c, l);
    const Ring *r = l->ring;
    uint64_t read = in->before + r->r.head;
    uint32_t count = s->to ? (uint32_t)(r->w.tail - r->r.head) : 0;
    PASS(s, read);
    PASS(s, count);
    if (!s->to)
        out->before = in->before = read;
    s->is_damaged |= count > l->capacity;
    for (uint32_t i = 0; i < count && !s->is_damaged; i++) {
        uint16_t word =
            (uint16_t)atomic_load_explicit(&r->slots[(r->r.head + i) & r->r.mask], memory_order_relaxed);
        PASS(s, word);
        if (!s->to)
            ring_push(l->ring, word);
    }
}

static void pass_remote(Stream *s, const Checkpoint *c, const Link *l, const Remotes *remotes)
{
    Port *out = port_out(c, l), *in = port_in(c, l);
    RemotePlace place = { 0 };
    if (s->to)
        remotes->driver->place(l->remote, out ? out->before + l->ring->w.tail : in->before + l->ring->r.head,
                               &place);
    PASS(s, place);
    if (s->to)
        return;
    l->remote->start = place;
    (out ? out : in)->before = place.position;
}

// A machine that has ended had closed its ports.
static void close_ports(const Machine *m)
{
    for (uint32_t i = 0; i < m->in_count; i++)
        ring_close_reader(m->in[i].ring);
    for (uint32_t i = 0; i < m->out_count; i++)
        ring_close_writer(m->out[i].ring);
}

static void pass_run(Stream *s, Checkpoint *c, const Remotes *remotes)
{
    for (uint32_t i = 0; i < c->count && !s->is_damaged; i++)
        pass_machine(s, c->machines[i]);
    for (size_t i = 0; i < c->network->links.count && !s->is_damaged; i++) {
        const Link *l = &c->network->links.at[i];
        if (l->remote)
            pass_remote(s, c, l, remotes);
        else
            pass_ring(s, c, l);
    }
    for (uint32_t i = 0; i < c->count && !s->to && !s->is_damaged; i++)
        if (c->machines[i]->end)
            close_ports(c->machines[i]);
}

// ------------------------------------------------------------------- saving

static void sync_outputs(const Checkpoint *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        Output *out = &c->machines[i]->output;
        output_flush(out, !out->is_shared);
        if (out->file > STDERR_FILENO)
            fdatasync(out->file);
    }
}

static bool write_file(const char *path, const Writer *w, Error *err)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t done = 0;
    while (file >= 0 && done < w->len) {
        const ssize_t n = write(file, w->at + done, w->len - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    if (file < 0 || done < w->len || fsync(file) != 0 || close(file) != 0)
        return fail(err, "%s: %s", path, strerror(errno));
    return true;
}

// The new one under its name only when all of it is on disk.
static bool replace(const Checkpoint *c, const Writer *w, Error *err)
{
    Writer fresh = { 0 };
    write_format(&fresh, "%s.new", c->path);
    write_bytes(&fresh, "", 1);
    bool good = write_file(fresh.at, w, err);
    if (good && rename(fresh.at, c->path) != 0)
        good = fail(err, "%s: %s", c->path, strerror(errno));
    writer_free(&fresh);
    if (good)
        fsync(c->lock); // the folder's own
    return good;
}

bool checkpoint_save(Checkpoint *c, const Remotes *remotes, Error *err)
{
    if (remotes->bus && remotes->has_started && !remotes->driver->settle(remotes->bus))
        return true;
    sync_outputs(c);
    Writer w = { 0 };
    Stream s = { .to = &w };
    write_text(&w, MAGIC);
    PASS(&s, c->identity);
    pass_run(&s, c, remotes);
    uint64_t sum = wire_hash(WIRE_HASH_START, w.at, w.len);
    PASS(&s, sum);
    const bool good = replace(c, &w, err);
    writer_free(&w);
    c->saved += good;
    if (good && remotes->bus)
        remotes->driver->commit(remotes->bus);
    return good;
}

// ------------------------------------------------------------------ resuming

static bool read_file(const char *path, uint8_t **bytes, size_t *size, Error *err)
{
    *bytes = NULL;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return true;
    struct stat st;
    if (file < 0 || fstat(file, &st) != 0)
        return fail(err, "%s: %s", path, strerror(errno));
    *size = (size_t)st.st_size;
    *bytes = malloc(*size + 1);
    size_t done = 0;
    for (ssize_t n; done < *size && (n = read(file, *bytes + done, *size - done)) > 0;)
        done += (size_t)n;
    close(file);
    return done == *size ? true : fail(err, "%s: %s", path, strerror(errno));
}

static bool load(Checkpoint *c, const uint8_t *bytes, size_t size, Error *err)
{
    const size_t head = sizeof MAGIC - 1;
    uint64_t sum, identity;
    if (size < head + sizeof sum + sizeof identity || memcmp(bytes, MAGIC, head) != 0)
        return fail(err, "%s: not a checkpoint of this version", c->path);
    memcpy(&sum, bytes + size - sizeof sum, sizeof sum);
    if (sum != wire_hash(WIRE_HASH_START, bytes, size - sizeof sum))
        return fail(err, "%s: damaged: its checksum does not fit", c->path);
    Stream s = { .from = bytes + head, .left = size - head - sizeof sum };
    PASS(&s, identity);
    if (identity != c->identity)
        return fail(err,
                    "%s: of another run: it had other programs, links or options; remove it to start anew",
                    c->path);
    pass_run(&s, c, NULL);
    return !s.is_damaged && !s.left ? true : fail(err, "%s: damaged: it holds what no run leaves", c->path);
}

// ------------------------------------------------------------------ the folder

bool checkpoint_parse(Checkpoint *c, Arena *a, const char *text, Error *err)
{
    const char *comma = strrchr(text, ',');
    const bool has_every = comma && strncmp(comma, ",every=", 7) == 0;
    c->every = CHECKPOINT_EVERY;
    c->folder = has_every ? arena_copy(a, text, (size_t)(comma - text)) : text;
    if (!*c->folder)
        return fail(err, "--checkpoint=%s: expected DIR or DIR,every=N", text);
    c->path = arena_format(a, "%s/checkpoint", c->folder);
    if (!has_every)
        return true;
    char *end;
    errno = 0;
    c->every = strtoull(comma + 7, &end, 10);
    if (!isdigit((unsigned char)comma[7]) || *end || errno || !c->every)
        return fail(err, "--checkpoint=%s: every is a number of instructions, at least 1", text);
    return true;
}

// What decides which word has which place.
static uint64_t identify_remote(uint64_t hash, const RemoteSettings *s)
{
    const uint32_t dealing[] = { s->replicas, s->key_first, s->key_after, s->record };
    const char *group = s->group ? s->group : "";
    hash = wire_hash(hash, s->subject, strlen(s->subject) + 1);
    hash = wire_hash(hash, group, strlen(group));
    return wire_hash(hash, dealing, sizeof dealing);
}

static uint64_t identify(const Checkpoint *c, const char *options)
{
    uint64_t hash = wire_hash(WIRE_HASH_START, LC3_VERSION, sizeof LC3_VERSION);
    hash = wire_hash(hash, options, strlen(options) + 1);
    const uint64_t layout[] = { sizeof(Lc3State), sizeof(Machine), c->count, c->network->links.count };
    hash = wire_hash(hash, layout, sizeof layout);
    const Image *last = NULL;
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->machines[i]->image != last)
            hash = wire_hash(hash, c->machines[i]->image->words, MEMORY_WORDS * sizeof(uint16_t));
        last = c->machines[i]->image;
    }
    for (size_t i = 0; i < c->network->links.count; i++) {
        const Link *l = &c->network->links.at[i];
        const uint32_t ends[] = { l->from, l->to, l->capacity };
        hash = wire_hash(hash, ends, sizeof ends);
        if (l->remote)
            hash = identify_remote(hash, &l->remote->settings);
    }
    return hash;
}

bool checkpoint_open(Checkpoint *c, const Network *network, Machine **machines, uint32_t count,
                     const char *options, Error *err)
{
    c->network = network;
    c->machines = machines;
    c->count = count;
    c->identity = identify(c, options);
    for (size_t i = 0; i < network->links.count; i++)
        if (network->links.at[i].remote && network->links.at[i].remote->settings.is_fast)
            return fail(err, "--checkpoint: --link=%s: mode=fast cannot go on where it was; mode=safe can",
                        network->links.at[i].remote->settings.text);
    if (mkdir(c->folder, 0777) != 0 && errno != EEXIST)
        return fail(err, "--checkpoint=%s: %s", c->folder, strerror(errno));
    c->lock = open(c->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->lock < 0)
        return fail(err, "--checkpoint=%s: %s", c->folder, strerror(errno));
    if (flock(c->lock, LOCK_EX | LOCK_NB) != 0)
        return fail(err, "--checkpoint=%s: another lc3run is using it", c->folder);
    uint8_t *bytes;
    size_t size;
    if (!read_file(c->path, &bytes, &size, err))
        return false;
    c->is_resumed = bytes;
    const bool good = !bytes || load(c, bytes, size, err);
    free(bytes);
    return good;
}

void checkpoint_remove(Checkpoint *c)
{
    if (c->folder)
        unlink(c->path);
}

void checkpoint_close(Checkpoint *c)
{
    if (c->folder && c->lock > 0)
        close(c->lock);
}
