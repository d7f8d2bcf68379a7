// format.h -- source text laid out in columns: lc3as --fmt.
//
// Labels stand at the left margin, mnemonics in column 9, operands in column 17,
// comments behind statements in column 41.  Mnemonics, directives and registers
// become capitals, operands are separated by ", ".  Labels, numbers, strings and
// comments are never changed, nor is a line that has anything unusual.
// Formatting twice is formatting once.
#ifndef ASM_FORMAT_H
#define ASM_FORMAT_H

#include "base/writer.h"
#include "base/text.h"
#include "isa.h"

void format_source(Writer *w, const Source *source, const IsaTable *isa);

#endif
