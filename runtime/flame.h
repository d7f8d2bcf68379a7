// flame.h -- time by call stack: folded text, and a flame graph.
//
// A tree of frames.  The root stands for the whole run; a stack is a path from it,
// and what is added to a node is time in that very frame, callees not counted.
#ifndef RUNTIME_FLAME_H
#define RUNTIME_FLAME_H

#include "base/arena.h"
#include "base/writer.h"

typedef enum { FLAME_CODE, FLAME_HOST, FLAME_WAIT, FLAME_UNKNOWN } FlameKind;

typedef struct FlameNode FlameNode;
struct FlameNode {
    const char *name;
    FlameKind kind;
    double ns;    // its own
    double total; // with its callees; set by the writers
    FlameNode *first, *next;
};

typedef struct {
    Arena arena;
    FlameNode root;
} Flame; // all zero, but for the root's name, is an empty one

// The child of that name and kind, made when there is none.
FlameNode *flame_child(Flame *f, FlameNode *parent, const char *name, FlameKind kind);

// A line per stack: names joined by ";", a blank, nanoseconds.
void flame_write_folded(Flame *f, Writer *w);
// A picture that needs nothing else.  `note` says below the title what was measured.
void flame_write_svg(Flame *f, const char *note, Writer *w);

#endif
