// How far a reader has got.
//
// A stream keeps its newest messages, run_messages() of them, and drops what is older by itself.
// So a sender must never be so far ahead that this would be something unread.  The reader tells
// it on SUBJECT.RUN.read the number of the first message that it still needs: with checkpoints
// that of the last one on disk.  A reader that is not there tells nothing; then the sender stops
// at what it heard last.
//
// Removing what was read would be simpler; but nats-server 2.9, when it starts again, takes a
// request to remove messages up to a number for one to remove all that there were.
#include "nats_bus.h"

#include <inttypes.h>
#include <stdio.h>

enum { WAIT_MS = 300 };

static void name(const Bridge *b, uint64_t run, char *subject, size_t size)
{
    char stem[180];
    run_subject(b, run, stem, sizeof stem);
    snprintf(subject, size, "%s.read", stem);
}

static void answer(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    Bridge *b = closure;
    char text[24];
    const int length = snprintf(text, sizeof text, "%" PRIu64, b->kind->needed(b));
    if (natsMsg_GetReply(msg))
        natsConnection_Publish(nc, natsMsg_GetReply(msg), text, length);
    natsMsg_Destroy(msg);
    (void)sub;
}

natsSubscription *progress_serve(Bridge *b)
{
    char subject[200];
    natsSubscription *sub = NULL;
    name(b, b->place.run, subject, sizeof subject);
    natsConnection_Subscribe(&sub, b->bus->connection, subject, answer, b);
    return sub;
}

void progress_ask(Bridge *b, Lane *l)
{
    char subject[200], text[24];
    natsMsg *m = NULL;
    uint64_t read;
    name(b, l->run, subject, sizeof subject);
    if (natsConnection_Request(&m, b->bus->connection, subject, NULL, 0, WAIT_MS) == NATS_OK) {
        snprintf(text, sizeof text, "%.*s", natsMsg_GetDataLength(m), natsMsg_GetData(m));
        if (sscanf(text, "%" SCNu64, &read) == 1 && read > l->read)
            l->read = read;
    }
    natsMsg_Destroy(m);
}
