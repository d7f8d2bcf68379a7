// request.h -- what the command line of lc3gen asks for.
#ifndef GEN_REQUEST_H
#define GEN_REQUEST_H

#include <stdbool.h>

#include "emit.h"

typedef enum {
    COMMAND_CHECK,
    COMMAND_EMIT,
    COMMAND_DOCS, // of one description
    COMMAND_EXPLAIN,
    COMMAND_DIFF,
    COMMAND_FUSE, // and a second argument
} Command;

typedef struct {
    Command command;
    const char *file, *second; // FILE.def, and WORD, NEW.def or PROFILE
    const char *dir, *depfile;
    const char *emit, *fuse, *dialect, *prefix, *run; // as given, or NULL
    unsigned dispatch, decode, flags;
    bool is_check, is_json, is_report;
} Request;

// Ends the program with help, or with a message and exit 2 when it is wrong.
Request request_read(int argc, char **argv);

_Noreturn void usage(const char *format, const char *word);
_Noreturn void die(const char *message); // exit 2

// files.c: what emitters are told, and writing what they make; returns the exit code.
EmitOptions files_options(const Request *request, const Isa *isa, Arena *a);
int files_write(const Request *request, const Isa *isa, Arena *a);

#endif
