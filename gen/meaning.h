// meaning.h -- whether two descriptions mean the same machine.
#ifndef GEN_MEANING_H
#define GEN_MEANING_H

#include "model.h"

// A number that changes with encodings, storage and semantics, and not with
// layout, comments or titles.
uint64_t meaning_hash(const Isa *isa);

#endif
