// cards.h -- the network cards of one run, and which machine each feeds.
#ifndef RUNTIME_CARDS_H
#define RUNTIME_CARDS_H

#include "machine.h"
#include "nic.h"

// One --nic with the --filter that goes with it (or NULL).
typedef struct {
    const char *text, *filter;
} CardArgument;

typedef struct {
    Nic **nics;
    unsigned count;
} Cards;

// Opens all of them and gives the machines their ports.  Without queue=, the first
// card feeds machine 0, the second machine 1, and so on.
bool cards_open(Cards *cards, Arena *a, const CardArgument *arguments, size_t count, Machine **machines,
                uint32_t machine_count, Error *err);

// Tells a port where stores of its machine are always allowed: most buffers lie in the
// region that nobody guards, and need not be checked word by word.
void cards_open_region(NicPort *port, const Machine *m);

// The clock starts; the machines have to follow at once.
bool cards_start(const Cards *cards, uint32_t machine_count, Error *err);
void cards_stop(const Cards *cards); // when the machines have ended

// What was found in the captures; lines for people.
void cards_write_notes(Writer *w, const Cards *cards);
void cards_write_text(Writer *w, const Cards *cards);
void cards_write_json(Writer *w, const Cards *cards); // the array "nic"

// Completes the captures of tx=; false when one could not be written.
bool cards_save(const Cards *cards, Error *err);
void cards_close(Cards *cards);

#endif
