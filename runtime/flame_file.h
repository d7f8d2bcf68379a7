// flame_file.h -- a profile as a file: a picture, or text with counts.
//
// The text has a line per stack (names joined by ";", then nanoseconds), a line per kind
// of instruction ("1234 ADD.imm") and a line per pair of them that followed each other
// ("1234 ADD.imm BR"), the most frequent first; lines that begin with "#" say so.
#ifndef RUNTIME_FLAME_FILE_H
#define RUNTIME_FLAME_FILE_H

#include <stdint.h>

#include "base/error.h"
#include "flame.h"

enum { FLAME_WORDS = 256 };

typedef struct {
    uint64_t steps, word[FLAME_WORDS], pair[FLAME_WORDS][FLAME_WORDS];
} FlameCounts;

typedef void FlameName(Writer *w, int word, const void *user);

// An instruction was looked at; `last` is the one before it, or negative.
static inline void flame_count(FlameCounts *c, int last, int word)
{
    c->steps++;
    if (word >= FLAME_WORDS)
        return;
    c->word[word]++;
    if (last >= 0 && last < FLAME_WORDS)
        c->pair[last][word]++;
}

// How long not to look: so long that looking stays cheap, but not for ever when somebody
// else had the processor during a look.
static inline uint64_t look_pause(uint64_t wanted, uint64_t shortest)
{
    enum { LONGEST = 20 };
    const uint64_t longest = shortest * LONGEST;
    return wanted < shortest ? shortest : wanted < longest ? wanted : longest;
}

// Whether a profile can be written there, before anything is run: the name must end
// with .svg or .txt.
bool flame_check_path(const char *path, Error *err);
// The flame's times are multiplied by `scale` to be nanoseconds.
bool flame_save(Flame *f, double scale, const char *note, const FlameCounts *counts, FlameName *name,
                const void *user, const char *path, Error *err);

#endif
