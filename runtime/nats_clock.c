// How far apart the clocks of two ends are, for latencies between hosts.
//
// The sender answers with its time on SUBJECT.RUN.clock; what the receiver makes of that is
// wrong by at most half the time the question took.  The quickest answer so far counts.
#include "nats_bus.h"

#include <stdio.h>
#include <string.h>

enum {
    ASK_NS = 1000000000, // between two questions
    QUESTIONS = 10,      // in all
    WAIT_MS = 200,
};

static void answer(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    char text[24];
    const int length = snprintf(text, sizeof text, "%llu", (unsigned long long)wall_ns());
    if (natsMsg_GetReply(msg))
        natsConnection_Publish(nc, natsMsg_GetReply(msg), text, length);
    natsMsg_Destroy(msg);
    (void)sub;
    (void)closure;
}

natsSubscription *clock_serve(Bridge *b, const char *subject)
{
    char question[200];
    natsSubscription *sub = NULL;
    snprintf(question, sizeof question, "%s.clock", subject);
    natsConnection_Subscribe(&sub, b->bus->connection, question, answer, b);
    return sub;
}

static void note(Bridge *b, const natsMsg *m, uint64_t asked_ns, uint64_t answered_ns)
{
    Remote *r = b->remote;
    char text[24];
    unsigned long long theirs;
    snprintf(text, sizeof text, "%.*s", natsMsg_GetDataLength(m), natsMsg_GetData(m));
    const uint64_t error = (answered_ns - asked_ns) / 2;
    if (sscanf(text, "%llu", &theirs) != 1 || error >= __atomic_load_n(&r->clock_error_ns, __ATOMIC_RELAXED))
        return;
    __atomic_store_n(&r->clock_offset_ns, (int64_t)(theirs - asked_ns - error), __ATOMIC_RELAXED);
    __atomic_store_n(&r->clock_error_ns, error, __ATOMIC_RELAXED);
}

void clock_ask(Bridge *b)
{
    if (b->clock_questions >= QUESTIONS || clock_ns() < b->clock_due_ns)
        return;
    char subject[200], run[180];
    run_subject(b, b->place.run, run, sizeof run);
    snprintf(subject, sizeof subject, "%s.clock", run);
    natsMsg *m = NULL;
    const uint64_t asked_ns = wall_ns();
    if (natsConnection_Request(&m, b->bus->connection, subject, NULL, 0, WAIT_MS) == NATS_OK)
        note(b, m, asked_ns, wall_ns());
    natsMsg_Destroy(m);
    b->clock_questions++;
    b->clock_due_ns = clock_ns() + ASK_NS;
}
