// dis.h -- what an object says: code, text, numbers and space, with labels.
//
// Code is what can be reached from where a program starts, from its vectors and
// through its pointers; the rest is data.  A guess may be wrong, but never the
// words: the source that dis_write_source writes assembles to the same object.
#ifndef RUNTIME_DIS_H
#define RUNTIME_DIS_H

#include "isa.h"
#include "object.h"

typedef enum { DIS_CODE, DIS_WORD, DIS_STRING, DIS_SPACE } DisKind;

// What one line of source stands for.
typedef struct {
    DisKind kind;
    uint16_t address;
    uint32_t count; // words
    const uint16_t *words;
    const char *text;    // "LDR R0, R1, #2", ".STRINGZ \"a\""
    const char *comment; // what the text does not say, or NULL
    bool has_target;     // refers to an address: of a pc-relative operand, or a pointer
    uint16_t target;
} DisItem;

typedef struct {
    uint16_t origin;
    LIST(DisItem) items;
    uint32_t end; // first address behind it
} DisBlock;

typedef struct {
    const IsaTable *isa;
    const Object *object;
    Arena *arena;
    LIST(DisBlock) blocks;
    // By address: names, first the one that operands use.
    const char **names;   // 65537 of them, NULL without
    ObjectSymbol *labels; // all, ascending
    size_t label_count;
} Dis;

// Takes an object apart.  Everything lives in the arena; the object must outlive
// the result.
void dis_object(Dis *d, Arena *a, const IsaTable *isa, const Object *obj);

void dis_write_source(Writer *w, const Dis *d);

// {"object":NAME,"blocks":[{"origin":N,"items":[ITEM...]}]} with ITEM
// {"address":N,"kind":"code|word|string|space","labels":[NAME...],
//  "words":["HEX"...],"text":S,"comment":S|null,"target":N|null}.  The words of
// space are left out: "count" of them, all zero.
void dis_write_json(Writer *w, const Dis *d);

#endif
