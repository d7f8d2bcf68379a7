// jit_region.h -- which words are compiled together.
//
// A region is what can be reached from its start by jumps whose targets stand in
// the words themselves, up to a size.  A subroutine called inside is part of it, and
// so is the place it returns to.  It is cut into blocks; blocks that something
// outside may reach later are entries: the start, heads of loops, places after
// calls and traps.  Making every block an entry would turn every loop into one
// with several heads, which compilers do not like.
#ifndef RUNTIME_JIT_REGION_H
#define RUNTIME_JIT_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include "jit_machine.h"

enum { REGION_BLOCKS = 64, REGION_COPIES = 128, REGION_WORDS = 512, REGION_NEED = 64 };

typedef struct {
    uint16_t address, count; // instructions
    bool is_entry;
    bool is_return; // a subroutine called here comes back to it
    bool is_copy;   // a further round of a small loop
    bool is_head;   // looks at the budget: entries, heads of loops, and some on long ways
    uint8_t edges;  // ways into it from blocks of the region whose end names it
    uint16_t need;  // instructions on the longest way from its start to the next head
    int16_t next[2]; // blocks that its end names, or -1
    int16_t latch;   // of the head of a loop: the one block that goes back to it; else -1
} JitBlock;

typedef struct {
    uint16_t start;
    unsigned mode;
    int block_count, word_count;
    int all_count;                   // of blocks, copies included
    JitBlock blocks[REGION_BLOCKS + REGION_COPIES]; // by address; then copies
    struct {
        uint16_t address, word;
    } words[REGION_WORDS];           // by address; these are armed
    uint64_t hash;                   // of all of it
} JitRegion;

// Finds the region that starts at `start` in this memory.  `unstable` has a bit
// for every word that changed too often to be compiled, or is NULL.  False when
// nothing can be compiled there.
bool region_find(JitRegion *r, const JitMachine *m, const uint16_t *memory, const uint64_t *unstable,
                 unsigned mode, uint16_t start);

enum { ROUND_BLOCKS = 4, ROUNDS_KNOWN = 16 };

typedef struct {
    int blocks[ROUND_BLOCKS], count; // the head first
    unsigned instructions;
    int before; // the only block outside that goes to the head, or -1
} JitLoop;

// The small loop that starts with this block; false when none does.
bool region_loop(const JitRegion *r, int head, JitLoop *loop);
// Whether the loop has a block that starts at `address`.
bool loop_has(const JitRegion *r, const JitLoop *loop, uint16_t address);
// From `before` control goes through so many copies of the loop's body, without a look at
// the budget between them, before it comes to the loop.  False when they are too long.
bool region_peel(JitRegion *r, const JitLoop *loop, int rounds);

// The block that starts at `address`, or -1.
int region_block(const JitRegion *r, uint16_t address);

// Whether the region was made from this word's content.
bool region_covers(const JitRegion *r, uint16_t address);

// Whether memory still holds the region's words.
bool region_is_current(const JitRegion *r, const uint16_t *memory);

#endif
