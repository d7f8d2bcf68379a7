// error.h -- the world is wrong: a missing file, a full disk, a damaged object.
//
// The first `fail` knows the most, so it writes the message; callers only pass
// the false on.
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

typedef struct {
    char text[1024];
} Error;

// Writes the message and returns false.
bool fail(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Returns `p`, what an allocation gave.  Without memory the program ends here, with a
// message and exit 2, so callers never check.
void *need_memory(void *p);

#endif
