#include "watch.h"

#include "profile.h"

#include <string.h>

static void mark_object(Watch *w, const Object *obj)
{
    for (size_t i = 0; obj && i < obj->segment_count; i++)
        memset(w->written + obj->segments[i].origin, 1, obj->segments[i].count);
}

void watch_start(Watch *w, Machine *m, const WatchOptions *options)
{
    *w = (Watch){ .options = *options };
    mark_object(w, m->image->os);
    mark_object(w, m->image->program);
    memset(w->written + DEVICE_FIRST, 1, MEMORY_WORDS - DEVICE_FIRST);
    memset(m->s.decoded, 0, (MEMORY_WORDS + 1) * sizeof *m->s.decoded); // another engine takes over
    m->watch = w;
    m->run = m->dialect->run_hooked;
}

static void note_read(Watch *w, uint16_t at, uint16_t address)
{
    if (!w->options.finds_uninit || w->written[address])
        return;
    w->written[address] = 1;
    if (w->uninit_count < WATCH_FINDINGS)
        w->uninit[w->uninit_count] = (UninitRead){ at, address };
    w->uninit_count++;
}

static bool has_stray_bits(const Machine *m, uint16_t word)
{
    const IsaForm *form = isa_form(m->dialect->isa, word);
    return (word & form->ignored) != form->ignored_ones;
}

bool lc3_hook_step(Lc3State *s, uint16_t at, uint16_t word)
{
    Watch *w = machine_of(s)->watch;
    if (w->has_profile)
        profile_step(machine_of(s), at, word);
    if (w->has_last && at != (uint16_t)(w->last + 1))
        w->branch[w->branch_count++ % WATCH_BRANCHES] = (Branch){ w->last, at };
    w->has_last = true;
    w->last = at;
    note_read(w, at, at);
    if (w->options.trace)
        trace_step(w->options.trace, machine_of(s), at, word);
    return !w->options.is_strict || !has_stray_bits(machine_of(s), word);
}

void lc3_hook_load(Lc3State *s, uint16_t address)
{
    Watch *w = machine_of(s)->watch;
    note_read(w, w->last, address);
}

void lc3_hook_store(Lc3State *s, uint16_t address, uint16_t value)
{
    Watch *w = machine_of(s)->watch;
    w->written[address] = 1;
    if (w->options.trace)
        trace_store(w->options.trace, address, value);
}
