// The receive ring against a plain simulation of one, event by event.
#include <criterion/criterion.h>
#include <stdlib.h>

#include "nic_queue.h"

enum { FRAMES_MAX = 400, RING_MAX = 64 };

typedef struct {
    NicQueue q;
    Frame frames[FRAMES_MAX];
    NicRun runs[RING_MAX];
} Rig;

static Rig *rig_warm(uint32_t count, uint64_t passes, uint32_t ring, uint64_t gap, uint64_t warm)
{
    Rig *r = calloc(1, sizeof *r);
    for (uint32_t i = 0; i < count; i++)
        r->frames[i] = (Frame){ .due = i * gap, .at = i, .length = 60, .held = 60 };
    nic_queue_init(&r->q, r->frames, count, NULL, passes, true, ring, r->runs);
    r->q.warm = warm;
    nic_queue_start(&r->q, 1000, (TicksQ32)(count * gap) << 32);
    return r;
}

static Rig *rig_new(uint32_t count, uint64_t passes, uint32_t ring, uint64_t gap)
{
    return rig_warm(count, passes, ring, gap, 0);
}

static bool take(Rig *r, uint64_t now, uint32_t *index)
{
    const Frame *f;
    if (nic_queue_look(&r->q, now, &f) != NIC_FRAME)
        return false;
    *index = f->at;
    nic_queue_take(&r->q, now);
    return true;
}

Test(nic_queue, nothing_is_there_before_it_is_due)
{
    Rig *r = rig_new(3, 1, 4, 10);
    const Frame *f;
    cr_expect_eq(nic_queue_look(&r->q, 999, &f), NIC_WAIT);
    cr_expect_eq(nic_queue_look(&r->q, 1000, &f), NIC_FRAME);
    nic_queue_take(&r->q, 1000);
    cr_expect_eq(nic_queue_look(&r->q, 1009, &f), NIC_WAIT);
    cr_expect_eq(nic_queue_look(&r->q, 1010, &f), NIC_FRAME);
    free(r);
}

Test(nic_queue, ends_after_the_last_frame_of_the_last_pass)
{
    Rig *r = rig_new(3, 2, 4, 10);
    uint32_t index;
    for (unsigned i = 0; i < 6; i++) {
        cr_expect(take(r, 1000 + i * 10, &index));
        cr_expect_eq(index, i % 3);
    }
    const Frame *f;
    cr_expect_eq(nic_queue_look(&r->q, 5000, &f), NIC_ENDED);
    cr_expect_eq(r->q.counts.received, 6);
    cr_expect_eq(r->q.counts.offered, 6);
    free(r);
}

Test(nic_queue, a_full_ring_keeps_the_oldest_and_drops_what_comes)
{
    Rig *r = rig_new(10, 1, 4, 10);
    uint32_t index;
    for (unsigned i = 0; i < 4; i++) {
        cr_expect(take(r, 5000, &index));
        cr_expect_eq(index, i);
    }
    cr_expect_not(take(r, 5000, &index));
    cr_expect_eq(r->q.counts.dropped_full, 6);
    free(r);
}

// The clock starts behind them, in the middle of a pass, whenever that is.
Test(nic_queue, warm_frames_are_there_and_the_clock_starts_behind_them)
{
    for (uint64_t at = 500; at < 1000000; at *= 9) { // also before the first pass would have begun
        Rig *r = rig_warm(10, 3, 4, 10, 14);
        uint32_t index;
        for (unsigned i = 0; i < 14; i++) {
            cr_assert(take(r, 1, &index), "warm frame %u", i);
            cr_expect_eq(index, i % 10);
        }
        cr_expect_eq(histogram_summary(&r->q.delay, 1).count, 0);
        cr_expect(take(r, at, &index) && index == 4);
        cr_expect_not(take(r, at + 9, &index));
        cr_expect(take(r, at + 10, &index) && index == 5);
        cr_expect_not(take(r, at + 19, &index));
        unsigned got = 0;
        while (take(r, at + 100, &index))
            cr_expect_eq(index, (6 + got++) % 10);
        cr_expect_eq(got, 4, "the ring keeps four");
        cr_expect_eq(r->q.counts.dropped_full, 5, "and drops up to the one due at 100");
        while (take(r, at + 100000, &index))
            got++;
        const Frame *f;
        cr_expect_eq(nic_queue_look(&r->q, at + 100000, &f), NIC_ENDED);
        cr_expect_eq(r->q.counts.offered, 30);
        cr_expect_eq(r->q.counts.received + r->q.counts.dropped, 30);
        free(r);
    }
}

Test(nic_queue, more_warm_frames_than_there_are)
{
    Rig *r = rig_warm(3, 2, 4, 10, 100);
    uint32_t index;
    for (unsigned i = 0; i < 6; i++)
        cr_expect(take(r, 1, &index) && index == i % 3);
    const Frame *f;
    cr_expect_eq(nic_queue_look(&r->q, 5000, &f), NIC_ENDED);
    nic_queue_stop(&r->q, 5000);
    cr_expect_eq(r->q.counts.offered, 6);
    cr_expect_eq(r->q.counts.received, 6);
    free(r);
}

Test(nic_queue, an_empty_capture_ends_at_once)
{
    Rig *r = rig_new(0, 5, 4, 10);
    const Frame *f;
    cr_expect_eq(nic_queue_look(&r->q, 1, &f), NIC_ENDED);
    nic_queue_stop(&r->q, 1000000);
    cr_expect_eq(r->q.counts.offered, 0);
    free(r);
}

Test(nic_queue, unpaced_it_waits_for_the_reader)
{
    Rig *r = rig_new(3, 1000000000, 4, 10);
    nic_queue_init(&r->q, r->frames, 3, NULL, 4, false, 0, NULL);
    nic_queue_start(&r->q, 0, 1);
    uint32_t index;
    for (unsigned i = 0; i < 12; i++) {
        cr_expect(take(r, 0, &index));
        cr_expect_eq(index, i % 3);
    }
    cr_expect_not(take(r, 0, &index));
    nic_queue_stop(&r->q, 0);
    cr_expect_eq(r->q.counts.received, 12);
    cr_expect_eq(r->q.counts.offered, 12);
    cr_expect_eq(r->q.counts.dropped, 0);
    free(r);
}

Test(nic_queue, a_long_absence_costs_no_time_and_loses_no_count)
{
    const uint64_t passes = 1000000000;
    Rig *r = rig_new(FRAMES_MAX, passes, 8, 3);
    uint32_t index;
    const uint64_t end = 1000 + passes * FRAMES_MAX * 3;
    cr_expect(take(r, end / 2, &index));
    nic_queue_stop(&r->q, end);
    cr_expect_eq(r->q.counts.offered, passes * FRAMES_MAX);
    cr_expect_eq(r->q.counts.received, 1);
    cr_expect_eq(r->q.counts.dropped_unread, 8); // one was taken, one took its place
    cr_expect_eq(r->q.counts.offered, r->q.counts.received + r->q.counts.dropped);
    free(r);
}

Test(nic_queue, delay_is_from_arrival_and_pacing_only_for_frames_waited_for)
{
    Rig *r = rig_new(4, 1, 4, 100);
    uint32_t index;
    cr_expect(take(r, 1007, &index)); // nobody had waited
    cr_expect_not(take(r, 1050, &index));
    cr_expect(take(r, 1103, &index)); // waited for since 1050, due at 1100
    cr_expect(take(r, 1250, &index)); // late because the reader was away
    cr_expect_eq(r->q.delay.sum, 7 + 3 + 50);
    cr_expect_eq(r->q.pacing.sum, 3);
    cr_expect_eq(r->q.arrival, 1200);
    free(r);
}

// ------------------------------------------------- against a simulation

typedef struct {
    uint32_t frame[RING_MAX];
    uint32_t first, count, ring;
    uint32_t unreturned; // descriptors of frames taken since the clock was last read
    uint64_t offered, dropped, received;
    uint64_t serial, total;
} Model;

// When frame number `serial` of all passes arrives.
static uint64_t due_of(const Rig *r, uint64_t serial)
{
    const NicQueue *q = &r->q;
    const uint64_t pass = serial / q->count;
    return q->start + (uint64_t)(pass * q->pass_length >> 32) + r->frames[serial % q->count].due;
}

static void model_arrive(Model *m, const Rig *r, uint64_t now)
{
    for (; m->serial < m->total && due_of(r, m->serial) <= now; m->serial++) {
        m->offered++;
        if (m->count + m->unreturned == m->ring)
            m->dropped++;
        else
            m->frame[(m->first + m->count++) % m->ring] = (uint32_t)(m->serial % r->q.count);
    }
    m->unreturned = 0;
}

static bool model_take(Model *m, uint32_t *index)
{
    if (!m->count)
        return false;
    *index = m->frame[m->first];
    m->first = (m->first + 1) % m->ring;
    m->count--;
    m->received++;
    return true;
}

static Rig *random_rig(unsigned seed, Model *m)
{
    srandom(seed);
    const uint32_t count = 1 + random() % FRAMES_MAX, ring = 1 + random() % RING_MAX;
    const uint64_t passes = 1 + random() % 20, spread = 1 + random() % 50;
    Rig *r = rig_new(count, passes, ring, 0);
    uint64_t due = 0;
    for (uint32_t i = 0; i < count; i++) {
        r->frames[i].due = due;
        due += random() % spread; // several may be due at once
    }
    nic_queue_start(&r->q, 1000, ((TicksQ32)(due + 1) << 32) + random());
    *m = (Model){ .ring = ring, .total = count * passes };
    return r;
}

// As a reader that has a backlog: some frames without a look at the clock.
static unsigned take_glances(Rig *r, Model *m, unsigned seed)
{
    unsigned count = 0;
    const Frame *f;
    for (unsigned left = random() % NIC_STAMP_FRAMES; left && nic_queue_glance(&r->q, &f); left--, count++) {
        uint32_t want = 0;
        cr_assert(model_take(m, &want), "seed %u", seed);
        cr_assert_eq(f->at, want, "seed %u: %u, not %u", seed, f->at, want);
        nic_queue_take(&r->q, r->q.now);
        m->unreturned++;
    }
    return count;
}

static unsigned same(unsigned seed, bool has_glances)
{
    Model m;
    Rig *r = random_rig(seed, &m);
    const uint64_t pace = 1 + random() % 100;
    uint64_t now = 900;
    unsigned glances = 0;
    while (m.serial < m.total || m.count) {
        now += random() % pace + (random() % 50 ? 0 : random() % 5000);
        model_arrive(&m, r, now);
        r->q.now = now;
        uint32_t want = 0, got = 0;
        const bool is_there = model_take(&m, &want);
        cr_assert_eq(take(r, now, &got), is_there, "seed %u at %lu", seed, now);
        cr_assert_eq(got, want, "seed %u at %lu: %u, not %u", seed, now, got, want);
        cr_assert_eq(r->q.counts.dropped, m.dropped, "seed %u at %lu", seed, now);
        cr_assert_eq(r->q.outstanding, m.count, "seed %u at %lu", seed, now);
        glances += has_glances ? take_glances(r, &m, seed) : 0;
    }
    nic_queue_stop(&r->q, now);
    cr_expect_eq(r->q.counts.offered, m.total, "seed %u", seed);
    cr_expect_eq(r->q.counts.received + r->q.counts.dropped, m.total, "seed %u", seed);
    free(r);
    return glances;
}

Test(nic_queue, takes_and_drops_what_a_simulated_ring_does)
{
    for (unsigned seed = 1; seed <= 2000; seed++)
        same(seed, false);
}

Test(nic_queue, a_backlog_is_taken_by_few_looks_at_the_clock)
{
    unsigned glances = 0;
    for (unsigned seed = 1; seed <= 2000; seed++)
        glances += same(seed, true);
    cr_expect_gt(glances, 100000);
}
