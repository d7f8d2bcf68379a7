#include "nic_queue.h"

#include <assert.h>

// ------------------------------------------------------------------ places

static NicPlace place_of_pass(const NicQueue *q, uint64_t pass)
{
    return (NicPlace){ .base = q->start + (uint64_t)(pass * q->pass_length >> 32), .pass = pass };
}

static uint64_t due_at(const NicQueue *q, const NicPlace *p)
{
    return p->pass < q->passes ? p->base + q->frames[p->index].due : UINT64_MAX;
}

// The first frame in the pass of `p`, at or after `p`, that is due after `now`:
// its index, or the count when all are due.  Gallops, because it is mostly near.
static uint32_t first_not_due(const NicQueue *q, const NicPlace *p, uint64_t now)
{
    uint32_t low = p->index, step = 1; // everything before `low` is due
    while (step < q->count - low && p->base + q->frames[low + step - 1].due <= now) {
        low += step;
        step *= 2;
    }
    uint32_t high = step < q->count - low ? low + step : q->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (p->base + q->frames[middle].due <= now)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The pass that runs at `now`, or `passes` when all are over.
static uint64_t pass_at(const NicQueue *q, uint64_t now)
{
    const TicksQ32 since = (TicksQ32)(now - q->start) << 32;
    TicksQ32 pass = since / q->pass_length;
    // The start of a pass is rounded down to a tick: it may lie just before.
    if (pass < q->passes && place_of_pass(q, (uint64_t)pass + 1).base <= now)
        pass++;
    return pass < q->passes ? (uint64_t)pass : q->passes;
}

// ---------------------------------------------------------------- arrivals

static void append_run(NicQueue *q, const NicPlace *first, uint64_t count)
{
    if (!q->outstanding) {
        q->head = *first;
        q->run_left = count;
    } else {
        assert(q->runs_count < q->ring);
        const uint32_t end = (uint32_t)(((uint64_t)q->runs_first + q->runs_count) % q->ring);
        q->runs[end] = (NicRun){ *first, count };
        q->runs_count++;
    }
}

// Whether `q->next` directly follows the last run in the ring.
static bool follows_last_run(const NicQueue *q)
{
    if (!q->outstanding)
        return false;
    const NicRun last = q->runs_count ? q->runs[((uint64_t)q->runs_first + q->runs_count - 1) % q->ring]
                                      : (NicRun){ q->head, q->run_left };
    const uint64_t end = last.first.pass * q->count + last.first.index + last.count;
    return end == q->next.pass * q->count + q->next.index;
}

// Accepts due frames while descriptors are free.
static void accept(NicQueue *q, uint64_t now)
{
    const NicPlace first = q->next;
    const bool is_same_run = follows_last_run(q);
    const uint64_t room = q->ring - q->outstanding - q->unreturned;
    uint64_t count = 0;
    do {
        nic_place_step(q, &q->next);
        q->next_due = due_at(q, &q->next);
        count++;
    } while (count < room && q->next_due <= now);
    if (!is_same_run)
        append_run(q, &first, count);
    else if (q->runs_count)
        q->runs[((uint64_t)q->runs_first + q->runs_count - 1) % q->ring].count += count;
    else
        q->run_left += count;
    q->outstanding += count;
    nic_count(&q->counts.offered, count);
}

// Drops all due frames.  Takes no longer for a million of them than for one.
static void drop(NicQueue *q, uint64_t now)
{
    const uint64_t pass = pass_at(q, now);
    uint64_t dropped = 0;
    if (pass > q->next.pass) {
        dropped = (q->count - q->next.index) + (pass - q->next.pass - 1) * q->count;
        q->next = place_of_pass(q, pass);
    }
    if (q->next.pass < q->passes) {
        const uint32_t index = first_not_due(q, &q->next, now);
        dropped += index - q->next.index;
        q->next.index = index;
        if (index == q->count)
            q->next = place_of_pass(q, q->next.pass + 1);
    }
    q->next_due = due_at(q, &q->next);
    nic_count(&q->counts.offered, dropped);
    nic_count(&q->counts.dropped, dropped);
    nic_count(&q->counts.dropped_full, dropped);
}

void nic_queue_arrive(NicQueue *q, uint64_t now)
{
    if (q->outstanding + q->unreturned < q->ring)
        accept(q, now);
    if (q->next_due <= now)
        drop(q, now);
}

void nic_queue_next_run(NicQueue *q)
{
    const NicRun *run = &q->runs[q->runs_first];
    q->head = run->first;
    q->run_left = run->count;
    q->runs_first = (q->runs_first + 1) % q->ring;
    q->runs_count--;
}

// ------------------------------------------------------------ start, stop

void nic_queue_init(NicQueue *q, const Frame *frames, uint32_t count, const uint8_t *pool, uint64_t passes,
                    bool is_paced, uint32_t ring, NicRun *runs)
{
    assert(passes && (!is_paced || (ring && runs)));
    q->frames = frames;
    q->count = count;
    q->pool = pool;
    q->passes = passes;
    q->is_paced = is_paced;
    q->ring = ring;
    q->runs = runs;
    q->next_due = UINT64_MAX;
}

void nic_queue_start(NicQueue *q, uint64_t start, TicksQ32 pass_length)
{
    const uint64_t all = q->count * q->passes;
    q->start = start;
    q->pass_length = pass_length;
    q->head = q->next = place_of_pass(q, 0);
    if (!q->count)
        return;
    q->is_warm = q->is_paced && q->warm;
    if (q->is_warm)
        q->run_left = q->warm = q->warm < all ? q->warm : all;
    else if (q->is_paced)
        q->next_due = due_at(q, &q->next);
    else
        q->run_left = all; // all of it is there, and waits
}

void nic_queue_pace(NicQueue *q, uint64_t now)
{
    q->is_warm = false;
    q->next = (NicPlace){ .pass = q->warm / q->count, .index = (uint32_t)(q->warm % q->count) };
    if (q->next.pass == q->passes)
        return; // nothing is left
    // May lie before the counter's zero: what is added to it does not.
    q->start = now - (uint64_t)(q->next.pass * q->pass_length >> 32) - q->frames[q->next.index].due;
    q->next.base = place_of_pass(q, q->next.pass).base;
    q->next_due = due_at(q, &q->next);
}

void nic_queue_stop(NicQueue *q, uint64_t now)
{
    if (q->is_paced && q->next_due <= now)
        nic_queue_arrive(q, now);
    nic_count(&q->counts.dropped, q->outstanding);
    nic_count(&q->counts.dropped_unread, q->outstanding);
    q->outstanding = q->run_left = 0;
    q->glances = 0;
    q->runs_count = 0;
    q->next_due = UINT64_MAX;
}
