// link.h -- what stands at the other end of a machine's port.
//
// A port is one side of a ring; whoever has the other side is a LinkEnd.  There are
// two kinds: another machine of this process (scheduler.c), and the bridge to a
// subject on a NATS server (remote.h).  Engines and hosts see only the ring, the
// scheduler only the function below, so neither knows which of the two it is.
#ifndef RUNTIME_LINK_H
#define RUNTIME_LINK_H

#include <stdbool.h>

typedef struct LinkEnd LinkEnd;

struct LinkEnd {
    // The caller's side of the ring has moved words, or is closed, and this end had
    // asked to be woken (ring.h, E).  `worker`: the scheduler's thread that calls, NULL
    // from any other.  `is_idle`: the caller's machine cannot go on, so nothing more is
    // coming soon.  Never waits.
    void (*wake)(LinkEnd *end, void *worker, bool is_idle);
};

#endif
