// nic_queue.h -- a receive ring of N descriptors, as its reader finds it.
//
// A card writes a frame into the ring when it arrives, whether or not anybody
// looks, and drops it when no descriptor is free.  Only the reader frees
// descriptors, so between two of its visits the ring can only fill: what it holds
// at a visit follows from what it held at the one before and from the frames that
// came due in between.  That is computed here, at each visit, from the schedule;
// there is no pacing thread, and what is dropped is exactly what a ring of N
// would have dropped.
//
// Frames that were accepted one after the other are one run of the capture; a
// drop ends a run.  A reader that keeps up only ever meets the first run, which
// is a position and a count.
//
// Reading the clock costs as much as the rest of a small frame.  When many wait, one
// reading serves for NIC_STAMP_FRAMES: their delay is up to that much too short, and
// their descriptors are free only from the next reading on.
//
// A paced queue may begin with frames that are there when they are asked for: code is
// compiled and memory is touched by them, and the clock starts when they are taken.
//
// Time is whatever the caller counts (ticks of the processor, nanoseconds of a
// test); it must not go back.  One thread owns a queue; others may read counts
// and histograms.
#ifndef RUNTIME_NIC_QUEUE_H
#define RUNTIME_NIC_QUEUE_H

#include "histogram.h"
#include "nic_schedule.h"

enum { NIC_STAMP_FRAMES = 8 };
enum { NIC_RING = 32768, NIC_RING_MAX = 1 << 24 }; // descriptors, by default and at most

typedef enum { NIC_FRAME, NIC_WAIT, NIC_ENDED } NicStatus;

// A place in the endless sequence of passes over the capture.
typedef struct {
    uint64_t base; // when its pass starts
    uint64_t pass;
    uint32_t index;
} NicPlace;

typedef struct {
    NicPlace first;
    uint64_t count;
} NicRun;

// Each counter has one writer, the reader of the queue.  Once it has stopped,
// offered = received + dropped.
typedef struct {
    uint64_t offered;         // arrived, or would have in a longer ring
    uint64_t received, bytes; // taken by the reader
    uint64_t dropped;
    uint64_t cut;            // of these: with fewer bytes than on the wire
    uint64_t dropped_full;   // of the dropped: no free descriptor when they arrived
    uint64_t dropped_unread; // of the dropped: in the ring when the reader stopped
} NicCounts;

typedef struct {
    // Set before the clock starts.
    const Frame *frames;
    const uint8_t *pool;
    uint32_t count;
    uint32_t ring; // descriptors
    bool is_paced; // false: a frame arrives when it is asked for
    bool is_warm;  // or is not paced yet
    uint64_t passes;
    uint64_t warm;  // frames before the clock starts, 0 unless the owner sets it
    uint64_t start; // when the first pass starts
    TicksQ32 pass_length;

    NicPlace next;     // the first frame that has not arrived
    uint64_t next_due; // UINT64_MAX: none will

    NicPlace head;        // the oldest frame in the ring
    uint64_t run_left;    // frames of its run, itself included
    uint64_t outstanding; // frames in the ring, all runs
    NicRun *runs;         // the runs behind it: a ring of `ring` entries
    uint32_t runs_first, runs_count;

    uint64_t now;        // of the visit, for callers that keep it here
    uint32_t glances;    // frames that may still be taken at that visit
    uint32_t unreturned; // frames taken so; their descriptors are not free yet
    uint64_t arrival; // of the frame taken last
    uint32_t last_at; // and where its bytes are
    bool is_waiting;  // the last visit found nothing
    NicCounts counts;
    Histogram delay;  // arrival to taking
    Histogram pacing; // due to seen, for frames that a reader waited for
} NicQueue;

// Makes a queue over `count` frames in `memory`, which is zeroed and belongs to
// the caller.  `runs` has room for `ring` entries, or is NULL when not paced.
void nic_queue_init(NicQueue *q, const Frame *frames, uint32_t count, const uint8_t *pool, uint64_t passes,
                    bool is_paced, uint32_t ring, NicRun *runs);

// The clock starts: the first pass begins at `start`.  With `warm` frames the first one
// behind them is due when they have been taken.
void nic_queue_start(NicQueue *q, uint64_t start, TicksQ32 pass_length);

// Not for callers: the frames that were not paced are taken.
void nic_queue_pace(NicQueue *q, uint64_t now);

// Not for callers: notes what arrived up to `now`.
void nic_queue_arrive(NicQueue *q, uint64_t now);
// Not for callers: makes the next run the first.
void nic_queue_next_run(NicQueue *q);

static inline void nic_count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void nic_place_step(const NicQueue *q, NicPlace *p)
{
    if (__builtin_expect(++p->index == q->count, 0)) {
        p->index = 0;
        p->pass++;
        p->base = q->start + (uint64_t)(p->pass * q->pass_length >> 32);
    }
}

// What the reader finds at `now`; with NIC_FRAME, `*frame` is the oldest one.
static inline NicStatus nic_queue_look(NicQueue *q, uint64_t now, const Frame **frame)
{
    if (__builtin_expect(q->is_warm && !q->run_left, 0))
        nic_queue_pace(q, now);
    if (q->next_due <= now)
        nic_queue_arrive(q, now);
    q->unreturned = 0;
    q->glances = q->run_left >= 2 * NIC_STAMP_FRAMES ? NIC_STAMP_FRAMES - 1 : 0;
    if (!q->run_left) {
        q->is_waiting = true;
        return q->next_due == UINT64_MAX ? NIC_ENDED : NIC_WAIT;
    }
    *frame = &q->frames[q->head.index];
    return NIC_FRAME;
}

// The next frame, without a look at the clock: to be taken at the `now` of the visit
// before.  False: a visit is due.
static inline bool nic_queue_glance(NicQueue *q, const Frame **frame)
{
    if (!q->glances)
        return false;
    q->glances--;
    q->unreturned++;
    *frame = &q->frames[q->head.index];
    return true;
}

// Takes the frame that nic_queue_look showed at the same `now`.
static inline void nic_queue_take(NicQueue *q, uint64_t now)
{
    const Frame *f = &q->frames[q->head.index];
    if (q->is_paced && !q->is_warm) {
        q->arrival = q->head.base + f->due;
        histogram_record(&q->delay, now - q->arrival);
        if (q->is_waiting)
            histogram_record(&q->pacing, now - q->arrival);
        q->is_waiting = false;
        q->outstanding--;
    } else {
        q->arrival = now;
        nic_count(&q->counts.offered, 1);
    }
    nic_count(&q->counts.received, 1);
    nic_count(&q->counts.bytes, f->length);
    if (f->held < f->length)
        nic_count(&q->counts.cut, 1);
    q->last_at = f->at;
    nic_place_step(q, &q->head);
    if (!--q->run_left && q->runs_count)
        nic_queue_next_run(q);
}

// Settles the account when the reader has stopped: what arrived up to `now` and
// was not taken is dropped.  Nothing arrives afterwards.
void nic_queue_stop(NicQueue *q, uint64_t now);

#endif
