#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ArenaBlock {
    ArenaBlock *next;
    size_t size;
};

enum { BLOCK_BYTES = 64 * 1024 };

static _Noreturn void out_of_memory(void)
{
    fputs("error: out of memory\n", stderr);
    exit(2);
}

static void add_block(Arena *a, size_t need)
{
    size_t size = sizeof(ArenaBlock) + need;
    if (size < need)
        out_of_memory();
    if (size < BLOCK_BYTES)
        size = BLOCK_BYTES;
    ArenaBlock *block = calloc(1, size);
    if (!block)
        out_of_memory();
    block->next = a->block;
    block->size = size;
    a->block = block;
    a->at = (char *)(block + 1);
    a->end = (char *)block + size;
}

void *arena_alloc(Arena *a, size_t size, size_t align)
{
    size_t skip = a->at ? -(uintptr_t)a->at & (align - 1) : 0;
    if (!a->at || skip + size > (size_t)(a->end - a->at)) {
        if (size > SIZE_MAX - align)
            out_of_memory();
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
        out_of_memory();
    void *p = arena_alloc(a, more * size, align);
    if (*capacity)
        memcpy(p, old, *capacity * size);
    *capacity = more;
    return p;
}
