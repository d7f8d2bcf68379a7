// remotes.h -- all links of a run that leave this host, and the bus that carries them.
//
// The NATS client is a module (nats_driver.h) that is opened when the first such link
// is; everything that can be wrong with a server, its credentials or a stream is found
// by remotes_open, before anything runs.
#ifndef RUNTIME_REMOTES_H
#define RUNTIME_REMOTES_H

#include "base/writer.h"
#include "nats_driver.h"
#include "network.h"

typedef struct {
    const NatsDriver *driver;
    RemoteBus *bus; // NULL: no link leaves the host
    Remote **at;
    size_t count;
    bool has_started;
} Remotes;

// `network` is open.  Links that go on from a checkpoint have their `start` set.
bool remotes_open(Remotes *r, const Network *network, Machine **machines, const RemoteBusOptions *options,
                  Error *err);
bool remotes_start(Remotes *r, Error *err);
// The run is over.  `ends`: nobody will go on with it, and the other hosts hear so.
void remotes_stop(Remotes *r, bool ends);
void remotes_close(Remotes *r);

// What there is to say about them: refusals, losses, why the bus gave up.
void remotes_write_notes(Writer *w, const Remotes *r);
void remotes_write_text(Writer *w, const Remotes *r); // a table
void remotes_write_json(Writer *w, const Remotes *r);

#endif
