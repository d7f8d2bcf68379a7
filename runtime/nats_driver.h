// nats_driver.h -- what a run asks of the NATS client, as a part that is opened on demand.
//
// cnats and the TLS library under it take longer to load than a small program runs, so
// only nats_*.c know them, and they are a module.  A bus is one connection with all
// links of the run.
#ifndef RUNTIME_NATS_DRIVER_H
#define RUNTIME_NATS_DRIVER_H

#include "remote.h"

typedef struct RemoteBus RemoteBus;

typedef struct {
    const char *urls;                // of --bus
    double timeout_s;                // of --bus-timeout; 0: wait for ever
    bool keeps;                      // with checkpoints: what is not part of one stays in the stream
    void (*save_soon)(void);         // with checkpoints: much has come since the last one
    const _Atomic int *stop;         // non-zero: whoever waits gives up
    void (*leave)(void);             // a bridge has ended; any thread
    void (*give_up)(bool is_broken); // a link is broken for good, or the time of --bus-timeout is over
} RemoteBusOptions;

enum { NATS_DRIVER_VERSION = 1 };

typedef struct {
    uint32_t version;             // NATS_DRIVER_VERSION
    const char *(*library)(void); // "cnats 3.4.1"

    // Connects, or says what is wrong.
    RemoteBus *(*open)(const RemoteBusOptions *options, Error *err);
    // Prepares a link: its stream, its place in the run.  Nothing moves yet.
    bool (*attach)(RemoteBus *bus, Remote *r, Error *err);
    // From here on bridges move words, until each calls `leave`.
    bool (*start)(RemoteBus *bus, Error *err);
    // With all machines paused: waits until every word sent so far is acknowledged.
    // False: somebody asked to stop meanwhile.
    bool (*settle)(RemoteBus *bus);
    // With all machines paused and settled: where a link stands that has moved words up
    // to `position`.
    void (*place)(const Remote *r, uint64_t position, RemotePlace *place);
    // A checkpoint of these places is on disk: what lies before them may go.
    void (*commit)(RemoteBus *bus);
    // After the run.  `ends`: there will be no other that goes on from a checkpoint, so
    // the other sides hear that this is the end.
    void (*stop)(RemoteBus *bus, bool ends);
    uint64_t (*reconnects)(const RemoteBus *bus);
    const char *(*trouble)(const RemoteBus *bus); // why it gave up; empty without
    void (*close)(RemoteBus *bus);
} NatsDriver;

#endif
