// manual.h -- the pieces that the reference manual is made of.
#ifndef GEN_MANUAL_H
#define GEN_MANUAL_H

#include "emit.h"

// An instruction's section: pictures of its encodings, operands, operation,
// condition codes, exceptions, other names and examples.
void manual_insn(Writer *w, const Isa *isa, const Insn *insn);
// The section of the patterns that are no instruction.
void manual_reserved(Writer *w, const Isa *isa);

// The operation in the default dialect, then every dialect in which it differs.
void manual_operation(Writer *w, const Isa *isa, const Block *body);
// A row of a table of examples.
void manual_example(Writer *w, const Isa *isa, const Example *e);
// Text for a cell of a table, where a bar would end it.
void manual_cell(Writer *w, const Writer *text);
// "ADD {dr}, {sr1}" without its braces.
void manual_syntax(Writer *w, Text assembly);
void manual_hex(Writer *w, uint64_t value);

#endif
