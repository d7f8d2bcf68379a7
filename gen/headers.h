// headers.h -- the headers that generated code and its hosts share, as lc3gen carries them.
#ifndef GEN_HEADERS_H
#define GEN_HEADERS_H

#include <stddef.h>
#include <stdint.h>

// A number that changes with any of them.
uint64_t headers_version(void);

// FNV-1a, from `hash` on; begin with HASH_START.
#define HASH_START UINT64_C(0xCBF29CE484222325)
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size);

#endif
