// link.h -- sources joined into one program.
//
// Each unit keeps its own names.  An external name is looked for among the
// labels of the other units, then in the library: a folder of sources that say
// .GLOBAL and have no .ORIG.  Blocks without an address are placed behind the
// last block that has one, in the order of the sources, the library last.
//
// The library's folder: AssembleOptions.library, or $LC3_LIBRARY, or beside the
// running program (../share/lc3/stdlib, ../stdlib, ../../stdlib), or the
// project's own.
#ifndef ASM_LINK_H
#define ASM_LINK_H

#include "unit.h"

typedef struct {
    Text name; // that the file exports
    uint32_t file;
} LibraryName;

typedef struct {
    const char *folder; // NULL: there is none
    bool is_known;      // the folder has been read
    LIST(Source *) files;
    LIST(LibraryName) names;
    Unit **units; // per file, once it is needed
} Library;

typedef struct {
    Arena *arena;
    const AssembleOptions *options;
    Diag *diag;
    LIST(Unit *) units;
    Library library;
} Program;

// Reads the sources.
void program_read(Program *p, const Source *const *sources, size_t count);
// Finds external names and gives every label its address.
void program_link(Program *p);
bool program_failed(const Program *p);

#endif
