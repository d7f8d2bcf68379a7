// module_open.h -- opening engine modules, with a clear word about a wrong one.
#ifndef GEN_MODULE_OPEN_H
#define GEN_MODULE_OPEN_H

#include "base/error.h"
#include "module.h"

// Opens FILE.so, whose tables can be used then; NULL with a message when it is no
// module or one of another version.  It stays open.
const Module *module_open(const char *path, Error *err);

// Whether a host whose state has this layout can run it; and gives the module the
// functions that it needs.  `offers` ends with a NULL name.
bool module_fits(const Module *module, const char *path, uint64_t layout, const char *shape, Error *err);
bool module_bind(const Module *module, const char *path, const ModuleOffer *offers, Error *err);

#endif
