// checkpoint.h -- a run on disk, to go on from after its process was killed.
//
//     --checkpoint=DIR[,every=N]
//
// DIR/checkpoint holds every machine whole (registers, memory that differs from the
// image, devices, counters, how much was written to --output files and read as keys),
// what stands in the rings, and the positions of links to other hosts.  It replaces the
// one before in one step.  A run that finds one goes on from there, and ends by
// removing it.
//
// Exactness across hosts rests on determinism: what a machine sends again after a
// restart is what it sent before, so the other side can leave it out by its position.
#ifndef RUNTIME_CHECKPOINT_H
#define RUNTIME_CHECKPOINT_H

#include "network.h"
#include "remotes.h"

enum { CHECKPOINT_EVERY = 1000000000 }; // instructions of any one machine

typedef struct {
    const char *folder; // NULL: no checkpoints
    uint64_t every;
    const char *path;
    int lock; // of the folder, or -1
    bool is_resumed;
    uint64_t saved; // how many were
    // The run.
    const Network *network;
    Machine **machines;
    uint32_t count;
    uint64_t identity; // of programs, links and options
} Checkpoint;

// Reads DIR[,every=N].
bool checkpoint_parse(Checkpoint *c, Arena *a, const char *text, Error *err);

// Takes the folder, and what it holds into the machines, rings and links, which are
// all fresh; `options` are those that change what a run does, as text.
bool checkpoint_open(Checkpoint *c, const Network *network, Machine **machines, uint32_t count,
                     const char *options, Error *err);

// With everybody paused.  True also when the bus did not let it happen; then the one
// before stays.
bool checkpoint_save(Checkpoint *c, const Remotes *remotes, Error *err);

// The run is complete: nobody is to go on from here.
void checkpoint_remove(Checkpoint *c);
void checkpoint_close(Checkpoint *c);

#endif
