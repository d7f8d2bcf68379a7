#include "module_open.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *first_line(const char *message)
{
    static char line[512];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(message ? message : "", "\n"), message ? message : "");
    return line;
}

static bool is_ours(const Module *module, const char *path, Error *err)
{
    if (!module)
        return fail(err, "%s: not an engine: it has no engine_module, as what lc3gen writes has", path);
    if (module->magic != MODULE_MAGIC)
        return fail(err, "%s: not an engine: its engine_module is something else", path);
    if (module->version != lc3_isa.version)
        return fail(err,
                    "%s: made by lc3gen %s for other headers than this "
                    "program's: generate and compile it again with the lc3gen that belongs to this program",
                    path, module->maker);
    return true;
}

const Module *module_open(const char *path, Error *err)
{
    Arena a = { 0 };
    const char *name = strchr(path, '/') ? path : arena_format(&a, "./%s", path); // no search path
    void *file = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    const char *reason = file ? NULL : first_line(dlerror());
    const Module *module = file ? dlsym(file, "engine_module") : NULL;
    if (reason) // "./my.so: cannot open ..."
        fail(err, "%s%s%s", strstr(reason, path) ? "" : path, strstr(reason, path) ? "" : ": ", reason);
    arena_free(&a);
    return !reason && is_ours(module, path, err) ? module : NULL;
}

bool module_fits(const Module *module, const char *path, uint64_t layout, const char *shape, Error *err)
{
    if (module->layout == layout)
        return true;
    const char *theirs = module->shape, *ours = shape;
    while (*theirs && *ours) { // the first word that differs
        const size_t a = strcspn(theirs, " "), b = strcspn(ours, " ");
        if (a != b || memcmp(theirs, ours, a) != 0)
            return fail(err, "%s: %s describes another machine: it has %.*s where this program has %.*s",
                        path, module->source, (int)a, theirs, (int)b, ours);
        theirs += a + (theirs[a] == ' ');
        ours += b + (ours[b] == ' ');
    }
    return fail(
        err, "%s: made by lc3gen %s, whose machines are laid out differently: generate and compile it again",
        path, module->maker);
}

bool module_bind(const Module *module, const char *path, const ModuleOffer *offers, Error *err)
{
    for (const ModuleNeed *need = module->needs; need->name; need++) {
        const ModuleOffer *offer = offers;
        while (offer->name && strcmp(offer->name, need->name) != 0)
            offer++;
        if (!offer->name)
            return fail(err, "%s: %s needs a function %s, which this program does not have", path,
                        module->source, need->name);
        if (strcmp(offer->type, need->type) != 0)
            return fail(err, "%s: %s wants %s to be %s, and here it is %s", path, module->source, need->name,
                        need->type, offer->type);
        *need->at = offer->function;
    }
    return true;
}
