// examples.h -- runs the examples of a description in the reference evaluator.
//
// An example is a promise about the machine, a test of the description and a
// line of the manual.  Its source is assembled by the forms' own syntax.
#ifndef GEN_EXAMPLES_H
#define GEN_EXAMPLES_H

#include "model.h"

// What all examples of a description may take together, in steps of the evaluator;
// and the most words that its memories and registers may have for them.  A description
// that asks for more is refused within a second.
enum { EXAMPLES_STEPS = 5000000, EXAMPLES_WORDS = 1 << 22 };

// Runs every example of a checked description in each dialect it is for; what
// comes out otherwise than expected is reported at its `expect`.  Returns how many ran.
int examples_run(const Isa *isa, Diag *diag);
// The words of a line of assembly in the syntax of examples; 0 with findings.
size_t example_assemble(const Isa *isa, Diag *diag, Text run, Span run_span, const uint64_t **words);
int examples_run_stack(const Isa *isa, Diag *diag); // of a stack machine; examples_run calls it

// Takes the steps of beginning a run from `patience`; false, with a finding at the
// example, when nothing is left.
bool example_begins(Diag *diag, const Example *example, int64_t *patience, int64_t steps);

#endif
