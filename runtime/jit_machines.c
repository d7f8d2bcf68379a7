#include "jit_machines.h"

#include <string.h>

static Stop run_jit(Lc3State *s, uint64_t budget)
{
    return jit_run(machine_of(s)->jit, budget);
}

static const char *label_at(void *user, uint16_t address)
{
    const Machine *m = user;
    const ObjectSymbol *symbol = object_symbol_at(m->image->program, address);
    return symbol ? symbol->name : NULL;
}

static const JitMachine *machine_kind(const Dialect *dialect)
{
    static const JitMachine *const all[] = { &lc3_ed3_jit, &lc3_ed2_jit };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strstr(all[i]->name, dialect->name))
            return all[i];
    return NULL;
}

bool jit_machines_start(Jit **jit, Machine *const *machines, uint32_t count, const Lc3Engine *interpreter,
                        const JitOptions *options, Error *err)
{
    const JitMachine *kind = count ? machine_kind(machines[0]->dialect) : NULL;
    *jit = jit_open(options, err);
    if (!*jit || !kind)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        Machine *m = machines[i];
        m->jit = jit_attach(*jit, &(JitVmOptions){ &m->s, kind, interpreter->run, label_at, m });
        jit_set_rings(m->jit, m->out_count ? m->out[0].ring : NULL, m->in_count ? m->in[0].ring : NULL);
        m->run = run_jit;
        m->engine = options->way == JIT_NOW ? "jit" : "auto";
        if (options->way == JIT_NOW)
            jit_prepare(m->jit);
    }
    const char *why = options->way == JIT_NOW ? jit_error(*jit) : NULL;
    return !why || fail(err, "engine jit: %s", why);
}

void jit_machines_stop(Jit *jit, Machine *const *machines, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (machines[i]->jit)
            jit_detach(machines[i]->jit);
    if (jit)
        jit_close(jit);
}
