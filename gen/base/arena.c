#include "arena.h"

#include "error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct ArenaBlock {
    ArenaBlock *next;
    size_t size;
    size_t total; // bytes of this block and those before it
    bool is_mapped;
};

enum {
    BLOCK_BYTES = 64 * 1024,
    LARGE_FROM = 256 * 1024, // an arena of that size goes on in blocks of huge pages
    HUGE_PAGE = 2 * 1024 * 1024,
};

#if defined(__SANITIZE_ADDRESS__)
#define IS_CHECKED true // the leak checker looks into what malloc gave, and nowhere else
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_CHECKED true
#endif
#endif
#ifndef IS_CHECKED
#define IS_CHECKED false
#endif

static void out_of_memory(void)
{
    need_memory(NULL);
}

// Memory page by page costs a trap for each; asked for as huge pages, it costs one
// for 512.  Without huge pages it is memory as any other.
static ArenaBlock *map_block(size_t *size)
{
    *size = (*size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    char *begin = mmap(NULL, *size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (begin == MAP_FAILED)
        out_of_memory();
    const size_t before = -(uintptr_t)begin & (HUGE_PAGE - 1);
    if (before)
        munmap(begin, before);
    munmap(begin + before + *size, HUGE_PAGE - before);
    madvise(begin + before, *size, MADV_HUGEPAGE);
    return (ArenaBlock *)(begin + before);
}

static void add_block(Arena *a, size_t need)
{
    size_t size = sizeof(ArenaBlock) + need;
    if (size < need || size > SIZE_MAX - 2 * HUGE_PAGE)
        out_of_memory();
    if (size < BLOCK_BYTES)
        size = BLOCK_BYTES;
    const size_t before = a->block ? a->block->total : 0;
    const bool is_mapped = !IS_CHECKED && before + size >= LARGE_FROM;
    ArenaBlock *block = is_mapped ? map_block(&size) : calloc(1, size);
    if (!block)
        out_of_memory();
    block->next = a->block;
    block->size = size;
    block->total = before + size;
    block->is_mapped = is_mapped;
    a->block = block;
    a->at = (char *)(block + 1);
    a->end = (char *)block + size;
}

void *arena_alloc(Arena *a, size_t size, size_t align)
{
    size_t skip = a->at ? -(uintptr_t)a->at & (align - 1) : 0;
    if (!a->at || skip + size > (size_t)(a->end - a->at)) {
        if (size > SIZE_MAX - align)
            need_memory(NULL);
        add_block(a, size + align);
        skip = -(uintptr_t)a->at & (align - 1);
    }
    void *p = a->at + skip;
    a->at += skip + size;
    return p;
}

void arena_free(Arena *a)
{
    for (ArenaBlock *block = a->block; block;) {
        ArenaBlock *next = block->next;
        if (block->is_mapped)
            munmap(block, block->size);
        else
            free(block);
        block = next;
    }
    *a = (Arena){ 0 };
}

char *arena_copy(Arena *a, const char *text, size_t len)
{
    char *copy = arena_alloc(a, len + 1, 1);
    memcpy(copy, text, len);
    return copy;
}

char *arena_format(Arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(a, (size_t)len + 1, 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

void *arena_grow(Arena *a, void *old, size_t size, size_t align, size_t *capacity, size_t need)
{
    size_t more = *capacity ? *capacity * 2 : 8;
    if (more < need)
        more = need;
    if (more > SIZE_MAX / size)
        need_memory(NULL);
    void *p = arena_alloc(a, more * size, align);
    if (*capacity)
        memcpy(p, old, *capacity * size);
    *capacity = more;
    return p;
}
