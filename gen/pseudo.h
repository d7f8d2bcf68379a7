// pseudo.h -- a body of the description as text that people read.
//
// The manual, the tables and the comments of generated code show what an
// instruction does in the description's own notation, shortened: a `let` that
// is used once stands where it is used, and `CC <- v` of a value that was just
// stored is only "CC".  The text derives from the checked tree, so that it
// cannot differ from what runs.
#ifndef GEN_PSEUDO_H
#define GEN_PSEUDO_H

#include "base/writer.h"
#include "model.h"

void pseudo_expr(Writer *w, const Expr *e);

// The body on one line, as `dialect` has it: "R[dr] = R[sr1] + R[sr2]; CC".
void pseudo_line(Writer *w, const Isa *isa, const Block *body, int dialect);

// The body on as many lines as it needs, each indented by `indent` blanks.
// With dialect -1 every dialect's part is shown under its name.
void pseudo_block(Writer *w, const Isa *isa, const Block *body, int dialect, int indent);

#endif
