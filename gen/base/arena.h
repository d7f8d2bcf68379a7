// arena.h -- memory that is freed all at once.
//
// One arena serves one unit of work: a file being assembled, a description
// being read.  What lives in it needs no owner and no free of its own.
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdalign.h>
#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct {
    ArenaBlock *block; // newest first
    char *at, *end;    // free space in the newest block
} Arena;

// Returns zeroed memory that lives until arena_free.  Running out of memory
// ends the program with a message and exit 2, so callers never check.
void *arena_alloc(Arena *a, size_t size, size_t align);
void arena_free(Arena *a);

// Returns a copy with a zero byte behind it.
char *arena_copy(Arena *a, const char *text, size_t len);
char *arena_format(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Returns `old` grown to at least `need` elements; *capacity is updated.  The
// contents are kept, the new part is zero.
void *arena_grow(Arena *a, void *old, size_t size, size_t align, size_t *capacity, size_t need);

#define arena_new(a, Type) ((Type *)arena_alloc((a), sizeof(Type), alignof(Type)))
#define arena_array(a, Type, n) ((Type *)arena_alloc((a), sizeof(Type) * (n), alignof(Type)))

// A growing list in an arena: LIST(Token) tokens; LIST_ADD(arena, &tokens, t);
#define LIST(Type)                                                                                 \
    struct {                                                                                       \
        Type *at;                                                                                  \
        size_t count, capacity;                                                                    \
    }
#define LIST_ADD(a, list, value)                                                                   \
    do {                                                                                           \
        if ((list)->count == (list)->capacity)                                                     \
            (list)->at = arena_grow((a), (list)->at, sizeof *(list)->at, 16, &(list)->capacity,    \
                                    (list)->count + 1);                                            \
        (list)->at[(list)->count++] = (value);                                                     \
    } while (0)

#endif
