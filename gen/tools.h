// tools.h -- what lc3gen says about a description without writing files for a build.
//
// Every function appends to a Writer and has nothing to complain about: the
// description was checked.
#ifndef GEN_TOOLS_H
#define GEN_TOOLS_H

#include "base/diag.h"
#include "emit.h"

// `check --report`: which words mean what, what each form reads, writes and may
// raise, and what it costs.
void report_write(Writer *w, const Isa *isa, const char *file, int dialect, bool is_json);

// `diff OLD NEW`: returns the number of differences.
size_t diff_write(Writer *w, const Isa *before, const Isa *after, bool is_json);

// `explain FILE.def WHAT`: a word, a line of assembly, or the name of an instruction.
// False with findings in `diag`, or in `err` when it is none of these.
bool explain_write(Writer *w, const Isa *isa, const EmitOptions *options, const char *what, bool is_json,
                   Diag *diag, Error *err);

// "ADD.imm", "BR"; "reserved" for a pattern without an instruction.
const char *form_name(Arena *a, const Form *form);
// "ADD R1, R1, #1": the word in the form's syntax.
void write_instruction(Writer *w, const Form *form, uint64_t word);
uint64_t form_words(const Isa *isa, const Form *form);

#endif
