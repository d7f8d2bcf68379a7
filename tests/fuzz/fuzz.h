// fuzz.h -- what every fuzz target shares.
//
// A target is one function over any bytes; whatever they are, it returns 0.  In a
// build with -Dfuzz=true libFuzzer calls it; in any other build replay.c hands it the
// seeds, and with them the inputs that once found something.
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// Ends the program unless a promise is kept.
void fuzz_check(bool is_kept, const char *promise);

// Objects with the same words at the same places, block by block.
void fuzz_same_words(const Object *a, const Object *b);

typedef struct {
    const uint8_t *at;
    size_t left;
} FuzzInput;

// Takes from the front; zeros when there is nothing left.
uint8_t fuzz_byte(FuzzInput *in);
uint16_t fuzz_word(FuzzInput *in);

// A file's path that can be opened and holds these bytes, until the next call.
const char *fuzz_file(const uint8_t *bytes, size_t size);

#endif
