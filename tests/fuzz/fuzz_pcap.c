// Bytes as a capture, through libpcap into a table: whatever they are, the table
// that results is whole, and replaying it accounts for every frame.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nic_pcap.h"
#include "nic_link.h"
#include "nic_queue.h"

// Everything that a VM would be given lies in the pool and is padded with zeros.
static void check_table(const FrameTable *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const Frame *f = &t->frames[i];
        const uint8_t *at = frame_bytes(t->bytes, f);
        fuzz_check(f->length && f->held <= f->length, "lengths");
        fuzz_check((size_t)f->at * FRAME_UNIT + f->held + FRAME_SLACK <= t->bytes_size, "the pool");
        fuzz_check(at[f->held] == 0, "the padding");
        link_flow(at, f->held); // stays inside the frame, says the sanitizer
    }
}

static void replay(FrameTable *t, RateKind kind)
{
    enum { RING = 4, PASSES = 3 };
    const Rate rate = { .kind = kind, .per_s = 1e9, .speed = 1 };
    const TicksQ32 pass = schedule_build(t, &rate, t->count ? t->stamps[0] : 0, 1e9);
    NicQueue *q = calloc(1, sizeof *q);
    NicRun runs[RING];
    nic_queue_init(q, t->frames, (uint32_t)t->count, t->bytes, PASSES, true, RING, runs);
    nic_queue_start(q, 0, pass);
    uint64_t now = 0;
    const Frame *f;
    for (unsigned visit = 0; visit < 1000 && q->next_due != UINT64_MAX; visit++) {
        now = q->next_due + visit % 7 * 100;
        if (nic_queue_look(q, now, &f) == NIC_FRAME)
            nic_queue_take(q, now);
    }
    nic_queue_stop(q, UINT64_MAX >> 1);
    fuzz_check(q->counts.offered == q->counts.received + q->counts.dropped, "the account");
    free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const filters[] = { NULL, "udp", "vlan and ip6", "len > 100" };
    FILE *in = size > 1 ? fmemopen((void *)(bytes + 1), size - 1, "rb") : NULL;
    if (!in)
        return 0;
    FrameTable t = { 0 };
    Error err = { "" };
    if (nic_pcap_load(&t, in, "fuzz", filters[bytes[0] & 3], &err)) {
        check_table(&t);
        replay(&t, bytes[0] & 4 ? RATE_BITS : RATE_ORIG);
        frames_free(&t);
    } else {
        fuzz_check(*err.text && !t.frames && !t.bytes, "a failure leaves a message and nothing else");
    }
    return 0;
}
