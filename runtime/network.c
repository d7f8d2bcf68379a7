#include "network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "prefault.h"

// Two machines that have a core each hide each other's pauses behind many words.
// Thousands take turns, and what counts is how much memory a turn touches.
static uint32_t default_capacity(const Network *n)
{
    return n->machine_count <= CROWD ? RING_CAPACITY : RING_CAPACITY_CROWD;
}

// --------------------------------------------------------------- reading

static bool parse_number(Text t, uint32_t *value)
{
    *value = 0;
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] < '0' || t.at[i] > '9' || *value > 100000000)
            return false;
        *value = *value * 10 + (uint32_t)(t.at[i] - '0');
    }
    return t.len > 0;
}

static bool find_machine(const Network *n, Text name, uint32_t *number, const char *link, Error *err)
{
    for (uint32_t i = 0; i < n->machine_count; i++)
        if (n->names[i] && text_is(name, n->names[i])) {
            *number = i;
            return true;
        }
    if (!parse_number(name, number))
        return fail(err, "--link %s: no machine is called '%.*s' (give it the name with --name=NUMBER:NAME)", link,
                    TEXT(name));
    if (*number >= n->machine_count)
        return fail(err, "--link %s: there is no machine %u, only 0 to %u", link, *number, n->machine_count - 1);
    return true;
}

static bool parse_capacity(const char *text, const char *link, uint32_t *capacity, Error *err)
{
    if (strncmp(text, "cap=", 4) != 0)
        return fail(err, "--link %s: unknown setting '%s' (known: cap=N)", link, text);
    if (!parse_number(text_of(text + 4), capacity) || !*capacity || *capacity > RING_CAPACITY_MAX ||
        (*capacity & (*capacity - 1)))
        return fail(err, "--link %s: the capacity must be a power of two from 1 to %d", link, RING_CAPACITY_MAX);
    return true;
}

static bool add_remote(Network *n, const char *text, Error *err)
{
    Remote *r = arena_new(n->arena, Remote);
    Link link = { .from = ELSEWHERE, .to = ELSEWHERE, .remote = r };
    if (!remote_parse(&r->settings, n->arena, text, err) ||
        !find_machine(n, text_of(r->settings.machine), r->settings.is_out ? &link.from : &link.to, text, err))
        return false;
    link.capacity = r->settings.capacity;
    n->is_listed = true;
    LIST_ADD(n->arena, &n->links, link);
    return true;
}

bool network_add(Network *n, const char *text, Error *err)
{
    if (remote_is_meant(text))
        return add_remote(n, text, err);
    if (strcmp(text, "ring") == 0) {
        n->is_ring = true;
        return true;
    }
    const char *colon = strchr(text, ':');
    if (!colon)
        return fail(err, "--link %s: expected A:B, A:B,cap=N, A:nats:SUBJECT, nats:SUBJECT:B or ring", text);
    const char *comma = strchr(colon, ',');
    const char *end = comma ? comma : text + strlen(text);
    Link link = { .capacity = default_capacity(n) };
    if (!find_machine(n, (Text){ text, (size_t)(colon - text) }, &link.from, text, err) ||
        !find_machine(n, (Text){ colon + 1, (size_t)(end - colon - 1) }, &link.to, text, err) ||
        (comma && !parse_capacity(comma + 1, text, &link.capacity, err)))
        return false;
    n->is_listed = true;
    LIST_ADD(n->arena, &n->links, link);
    return true;
}

void network_complete(Network *n)
{
    if (n->is_listed && !n->is_ring)
        return;
    for (uint32_t i = 0; i + 1 < n->machine_count; i++)
        LIST_ADD(n->arena, &n->links, ((Link){ .from = i, .to = i + 1, .capacity = default_capacity(n) }));
    if (n->is_ring)
        LIST_ADD(n->arena, &n->links,
                 ((Link){ .from = n->machine_count - 1, .to = 0, .capacity = default_capacity(n) }));
}

// ---------------------------------------------------------------- making

static void count_ports(const Network *n, Machine **machines)
{
    for (size_t i = 0; i < n->links.count; i++) {
        const Link *l = &n->links.at[i];
        if (l->from != ELSEWHERE)
            machines[l->from]->out_count++;
        if (l->to != ELSEWHERE)
            machines[l->to]->in_count++;
    }
}

const char *network_end_name(const Network *n, const Link *l, uint32_t end)
{
    if (end == ELSEWHERE)
        return arena_format(n->arena, "nats:%s", l->remote->settings.subject);
    return arena_format(n->arena, "%u", end);
}

// How a report names what a machine waits for.
static const char *other_name(const Network *n, const Link *l, uint32_t end)
{
    return end == ELSEWHERE ? network_end_name(n, l, end) : arena_format(n->arena, "machine %u", end);
}

static Port port_to(const Network *n, const Link *l, uint32_t end, Machine **machines)
{
    return (Port){ .ring = l->ring, .other = other_name(n, l, end),
                   .far = end == ELSEWHERE ? &l->remote->link : &machines[end]->link };
}

static void allot_ports(const Network *n, Machine **machines)
{
    for (uint32_t i = 0; i < n->machine_count; i++) {
        Machine *m = machines[i];
        m->out = arena_array(n->arena, Port, m->out_count);
        m->in = arena_array(n->arena, Port, m->in_count);
        m->out_count = m->in_count = 0;
    }
    for (size_t i = 0; i < n->links.count; i++) {
        const Link *l = &n->links.at[i];
        if (l->from != ELSEWHERE)
            machines[l->from]->out[machines[l->from]->out_count++] = port_to(n, l, l->to, machines);
        if (l->to != ELSEWHERE)
            machines[l->to]->in[machines[l->to]->in_count++] = port_to(n, l, l->from, machines);
        if (l->remote) {
            l->remote->ring = l->ring;
            l->remote->near = &machines[l->from == ELSEWHERE ? l->to : l->from]->link;
        }
    }
    for (uint32_t i = 0; i < n->machine_count; i++) {
        machines[i]->s.push_ring = machines[i]->out_count ? machines[i]->out[0].ring : NULL;
        machines[i]->s.pop_ring = machines[i]->in_count ? machines[i]->in[0].ring : NULL;
    }
}

enum { HUGE_PAGE = 2 * 1024 * 1024, PREFAULT_MAX = 32 * 1024 * 1024 };

// Large rings lie in huge pages where the system has them.  Few rings are touched before
// the clock starts; ten thousand of them, most with hardly a word in them, would only
// fill memory.
static bool map_rings(RingMemory *m, size_t bytes)
{
    const bool is_huge = bytes >= HUGE_PAGE / 2;
    const size_t room = is_huge ? HUGE_PAGE - 1 : 0; // to begin at the edge of one
    m->mapped = bytes + 2 * room;
    m->mapping = mmap(NULL, m->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m->mapping == MAP_FAILED)
        return false;
    m->rings = (char *)(((uintptr_t)m->mapping + room) & ~(uintptr_t)room);
    if (is_huge)
        madvise(m->rings, (bytes + room) & ~room, MADV_HUGEPAGE);
    if (bytes <= PREFAULT_MAX)
        prefault(m->rings, m->rings + bytes);
    return true;
}

bool network_open(Network *n, Machine **machines, uint32_t sample, RingMemory *memory, Error *err)
{
    size_t bytes = 0;
    *memory = (RingMemory){ 0 };
    for (size_t i = 0; i < n->links.count; i++)
        bytes += ring_bytes(n->links.at[i].capacity, sample);
    if (bytes && !map_rings(memory, bytes))
        return fail(err, "no memory for %zu rings: %s", n->links.count, strerror(errno));
    char *at = memory->rings;
    for (size_t i = 0; i < n->links.count; i++) {
        Link *l = &n->links.at[i];
        l->ring = ring_init(at, l->capacity, sample);
        if (l->to != ELSEWHERE)
            ring_measure(l->ring, machines[l->to]->latency);
        at += ring_bytes(l->capacity, sample);
    }
    count_ports(n, machines);
    allot_ports(n, machines);
    return true;
}

void network_close(RingMemory *memory)
{
    if (memory->rings)
        munmap(memory->mapping, memory->mapped);
}
