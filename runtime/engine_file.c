#include "engine_file.h"

#include <string.h>

#include "module_open.h"

// What generated code calls of this program, by name.
#define OFFER(result, keep, name, type, params, args) { #name, type, (ModuleFunction *)lc3_##name },
static const ModuleOffer offers[] = {
    LC3_RUNTIME(OFFER){ 0 },
};

bool engine_is_file(const char *engine)
{
    const size_t len = strlen(engine);
    return strchr(engine, '/') || (len > 3 && strcmp(engine + len - 3, ".so") == 0);
}

static Dialect *dialect_of(Arena *a, const Module *module)
{
    Dialect *d = arena_new(a, Dialect);
    *d = (Dialect){
        .name = module->dialect,
        .engines = module->engines,
        .engine_count = module->engine_count,
        .guard = (__typeof__(d->guard))module->guard,
        .raise = (__typeof__(d->raise))module->raise,
        .interrupt = (__typeof__(d->interrupt))module->interrupt,
        .forget = (__typeof__(d->forget))module->forget,
        .run_hooked = (__typeof__(d->run_hooked))module->run_hooked,
        .isa = module->isa,
    };
    return d;
}

const Dialect *engine_file_open(Arena *a, const char *path, const char *dialect, Error *err)
{
    const Module *module = module_open(path, err);
    if (!module || !module_fits(module, path, LC3_LAYOUT, LC3_SHAPE, err) ||
        !module_bind(module, path, offers, err))
        return NULL;
    if (!*module->engine_count)
        fail(err,
             "%s: there is no interpreter in it: the compiler could make none of those that were asked for",
             path);
    else if (!dialect_find(module->dialect))
        fail(err, "%s: its dialect is \"%s\", and this program has no system for that", path,
             module->dialect);
    else if (dialect && strcmp(dialect, module->dialect) != 0)
        fail(err, "%s: its dialect is %s, not %s", path, module->dialect, dialect);
    else
        return dialect_of(a, module);
    return NULL;
}

bool engine_takes(const IsaTable *isa, const Object *obj, const char *path, Error *err)
{
    for (size_t i = 0; i < obj->form_count; i++) {
        const ObjectForm *form = &obj->forms[i];
        const IsaForm *here = isa_form_find(isa, form->name);
        if (!here)
            return fail(
                err,
                "%s: it was assembled for another machine: it uses %s, which this one does not have; run "
                "it by --engine with the engine it was assembled for",
                path, form->name);
        if (isa_form_encoding(isa, here) != form->encoding)
            return fail(
                err,
                "%s: it was assembled for another machine: %s is encoded differently here; assemble it "
                "again, with --isa when it is to run on an engine of its own",
                path, form->name);
    }
    return true;
}
