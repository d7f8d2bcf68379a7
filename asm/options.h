// options.h -- the command line of lc3as.
#ifndef ASM_OPTIONS_H
#define ASM_OPTIONS_H

#include "assemble.h"

typedef struct {
    AssembleOptions assemble;
    const char *output; // -o, or NULL
    ObjectFormat format;
    const char *symbols; // --sym=F, or NULL: beside the output
    bool has_listing;
    const char *listing; // --listing=F, or NULL: beside the output
    bool is_format;      // --fmt
    bool is_json;        // --diagnostics=json
    const char *engine;  // --isa
    const char **files;
    int file_count;
    bool wants_help, wants_version, wants_warnings;
} Options;

// Returns false, with the reason in `err`, on wrong usage.
bool options_parse(Options *o, Arena *a, int argc, char **argv, Error *err);

extern const char options_usage[];

// The named warnings, a line each.
void options_write_warnings(Writer *w);

#endif
