// assemble.h -- source text to Object, in memory.
//
// Nothing here prints or exits: mistakes in the source are findings in a Diag,
// and the caller shows them.
#ifndef ASM_ASSEMBLE_H
#define ASM_ASSEMBLE_H

#include "base/diag.h"
#include "isa.h"
#include "object.h"

typedef struct {
    const IsaTable *isa;     // NULL is lc3_isa
    bool is_strict;          // the book only: each departure is an error
    bool is_unchecked;       // words and errors only: no warnings at all
    bool has_fatal_warnings; // warnings are errors
    bool is_draft;           // external names need no definition (for the formatter)
    uint64_t shown, hidden;  // sets of warnings beside the default (warnings.h)
    const char *library;     // folder of library sources; NULL looks for it (see link.h)
} AssembleOptions;

// Assemble one source into `obj`, which lives in `a`.  Names that are external
// are looked for in the library.  Return true when there was no error; `obj` is
// left alone otherwise.  `diag->arena` must live as long as `diag` is used, and
// `a` too: findings point into the source text, which is kept in `a`.
// `options` may be NULL.
bool assemble_file(Object *obj, Arena *a, const char *path, const AssembleOptions *options, Diag *diag,
                   Error *err);
bool assemble_text(Object *obj, Arena *a, const char *name, const char *text, size_t size,
                   const AssembleOptions *options, Diag *diag);

// Assemble several sources into one object: each has its own names, joined by
// .GLOBAL and .EXTERNAL.  A source without .ORIG is placed behind the others.
// Sources must have been made by source_read or source_init.
bool assemble_sources(Object *obj, Arena *a, const Source *const *sources, size_t count,
                      const AssembleOptions *options, Diag *diag);

// assemble_file fails in two ways: with findings in `diag` (errors > 0), or,
// when the file cannot be read, with a message in `err` (diag->errors == 0).

#endif
