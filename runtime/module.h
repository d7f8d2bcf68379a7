// module.h -- parts of lc3run that are shared objects of their own, opened on demand.
#ifndef RUNTIME_MODULE_H
#define RUNTIME_MODULE_H

#include "base/error.h"

// Returns the symbol of a module that lies beside the program, or where both are
// installed, or where it was to be installed; NULL, with the reason in `err`, when it is
// not built in.
void *module_symbol(const char *file, const char *symbol, Error *err);

#endif
