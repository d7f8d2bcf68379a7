#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_check(bool is_kept, const char *promise)
{
    if (is_kept)
        return;
    fprintf(stderr, "fuzz: not kept: %s\n", promise);
    abort();
}

void fuzz_same_words(const Object *a, const Object *b)
{
    fuzz_check(a->segment_count == b->segment_count, "as many blocks");
    for (size_t i = 0; i < a->segment_count; i++) {
        const ObjectSegment *x = &a->segments[i], *y = &b->segments[i];
        fuzz_check(x->origin == y->origin && x->count == y->count, "blocks of the same place and size");
        fuzz_check(!x->count || !memcmp(x->words, y->words, x->count * sizeof *x->words), "the same words");
    }
}

uint8_t fuzz_byte(FuzzInput *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

uint16_t fuzz_word(FuzzInput *in)
{
    const unsigned high = fuzz_byte(in);
    return (uint16_t)(high << 8 | fuzz_byte(in));
}

const char *fuzz_file(const uint8_t *bytes, size_t size)
{
    static char path[64];
    static int file = -1;
    if (file < 0) {
        file = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    fuzz_check(file >= 0 && ftruncate(file, 0) == 0 && pwrite(file, bytes, size, 0) == (ssize_t)size,
               "a file in memory");
    return path;
}
