#include "profile.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "flame_file.h"
#include "unwind.h"
#include "watch.h"

enum {
    LOOK_NS = 1000000, // between two looks
    LOOK_SHARE = 128,  // of the time, at most
    STEPS_LEAST = 64,  // that a look executes, and as many again at random
    TRAPS = 256,
    NO_FORM = -1,
};

// What native TRAPs of one vector cost, and what of that has no stack yet.
typedef struct {
    uint64_t seen;   // executed up to the last look
    double measured; // ticks, of `count` of them
    uint64_t count;
    double owed;     // ticks
    FlameNode *last; // where it was seen last
} HostTime;

// One machine's.
typedef struct MachineProfile {
    Profile *all;
    uint64_t next;        // ticks, of the next look
    uint64_t since;       // when the slice began, or the wait
    uint64_t run, waited; // ticks since the last look
    uint64_t random;
    bool is_waiting; // `since` is of a wait
    // The look that is under way.
    uint64_t last_step; // ticks
    int last_form;
    bool last_is_host;
    uint8_t last_vector;
    bool has_host; // the stack of one was noted
    HostTime host[TRAPS];
    double plain; // ticks of instructions that are no native TRAPs, and of looking at them
    uint64_t plain_count;
    FlameNode *root;
} MachineProfile;

struct Profile {
    Machine **machines;
    uint32_t count;
    MachineProfile *of; // by machine
    Watch *watches;
    const char *path;
    uint64_t look_ticks;
    pthread_mutex_t lock; // of all below
    Unwinder unwinder;
    Flame flame; // in ticks until it is written
    uint64_t looks, cut;
    FlameCounts counts;
};

// ------------------------------------------------------------------- names

static const ObjectSymbol *symbol_near(const Machine *m, uint16_t address)
{
    const ObjectSymbol *s = object_symbol_at(m->image->program, address);
    return s || !m->image->os ? s : object_symbol_at(m->image->os, address);
}

static void name_address(const Machine *m, uint16_t address, char *name, size_t size)
{
    const ObjectSymbol *s = symbol_near(m, address);
    if (!s)
        snprintf(name, size, "x%04X", address);
    else if (s->address == address)
        snprintf(name, size, "%s", s->name);
    else
        snprintf(name, size, "%s+%u", s->name, (unsigned)(address - s->address));
}

// A routine by its first word; the outermost is where the program starts.
static void name_frame(const Machine *m, const UnwindFrame *f, bool is_outermost, char *name, size_t size)
{
    const ObjectSymbol *s = symbol_near(m, is_outermost ? m->image->start : f->at);
    if (f->has_entry)
        name_address(m, f->entry, name, size);
    else if (is_outermost)
        snprintf(name, size, "%s", s && s->address == m->image->start ? s->name : "start");
    else
        snprintf(name, size, "%s%s", s ? s->name : "?", f->is_interrupt ? " (interrupt)" : "");
}

// The place of the stack that was found last, from this machine's root.
static FlameNode *stack_node(Profile *p, const Machine *m, MachineProfile *of)
{
    const Unwinder *u = &p->unwinder;
    FlameNode *node = of->root;
    char name[80];
    if (u->is_cut) {
        p->cut++;
        node = flame_child(&p->flame, node, "(not followed further)", FLAME_UNKNOWN);
    }
    for (uint32_t i = u->count; i-- > 0;) {
        name_frame(m, &u->frames[i], i == u->count - 1 && !u->is_cut, name, sizeof name);
        node = flame_child(&p->flame, node, name, FLAME_CODE);
    }
    return node;
}

static const char *trap_name(const Machine *m, unsigned vector)
{
    const IsaTrap *t = isa_trap(m->dialect->isa, (uint16_t)vector);
    return t ? t->name : "service";
}

static bool host_vector(const Machine *m, uint16_t word, uint8_t *vector)
{
    const IsaTable *isa = m->dialect->isa;
    const IsaForm *form = isa_form(isa, word);
    if (!(form->roles & ISA_TRAP))
        return false;
    *vector = (uint8_t)isa_field_get(&isa->fields[form->operand[0]], word);
    return m->s.native[*vector];
}

// ------------------------------------------------------------------- a look

static void count_step(Profile *p, const Machine *m, MachineProfile *of, uint16_t word)
{
    const int form = m->dialect->isa->decode(word);
    flame_count(&p->counts, of->last_form, form);
    of->last_form = form;
}

static void note_host(Profile *p, Machine *m, MachineProfile *of, uint8_t vector)
{
    HostTime *h = &of->host[vector];
    if (of->has_host)
        return;
    of->has_host = true;
    unwind(&p->unwinder, m);
    h->last = flame_child(&p->flame, stack_node(p, m, of), trap_name(m, vector), FLAME_HOST);
    h->last->ns += h->owed;
    h->owed = 0;
}

void profile_step(Machine *m, uint16_t at, uint16_t word)
{
    MachineProfile *of = m->profile;
    const uint64_t now = clock_ticks();
    const double took = (double)(now - of->last_step);
    if (of->last_is_host) {
        of->host[of->last_vector].measured += took;
        of->host[of->last_vector].count++;
    } else if (of->last_step) {
        of->plain += took;
        of->plain_count++;
    }
    count_step(of->all, m, of, word);
    of->last_is_host = host_vector(m, word, &of->last_vector);
    if (of->last_is_host)
        note_host(of->all, m, of, of->last_vector);
    of->last_step = clock_ticks();
}

static uint64_t next_random(MachineProfile *of)
{
    of->random = of->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return of->random >> 33;
}

// Executes some instructions under observation.
static Run observe(Profile *p, Machine *m, MachineProfile *of)
{
    Stop (*run)(Lc3State *, uint64_t) = m->run;
    Watch *watch = m->watch;
    of->last_form = NO_FORM;
    of->last_is_host = of->has_host = false;
    of->last_step = 0;
    if (!watch) {
        m->watch = &p->watches[of - p->of];
        m->run = m->dialect->run_hooked;
    }
    m->watch->has_profile = true;
    const Run why = machine_run(m, STEPS_LEAST + next_random(of) % STEPS_LEAST);
    m->watch->has_profile = false;
    if (!watch) {
        m->watch = NULL;
        m->run = run;
    }
    return why;
}

// Takes from the time that the machine ran what its native TRAPs took.
static double without_host(const Machine *m, MachineProfile *of, double run)
{
    const double plain = of->plain_count ? of->plain / (double)of->plain_count : 0;
    double host = 0;
    const IsaTable *isa = m->dialect->isa;
    for (unsigned i = 0; i < isa->trap_count; i++) {
        const unsigned v = isa->traps[i].vector & 0xFF;
        HostTime *h = &of->host[v];
        const double each = h->count ? h->measured / (double)h->count - plain : 0;
        const double took = each > 0 ? each * (double)(m->s.traps[v] - h->seen) : 0;
        const double most = (run - host) * 0.95; // inlined, one takes less than by itself
        h->seen = m->s.traps[v];
        h->owed += took < most ? took : most;
        host += took < most ? took : most;
    }
    return run - host;
}

static Run look(Profile *p, Machine *m, MachineProfile *of, uint64_t now)
{
    pthread_mutex_lock(&p->lock);
    if (of->waited && m->wait.kind != WAIT_NONE) {
        uint8_t vector;
        unwind(&p->unwinder, m);
        FlameNode *node = stack_node(p, m, of);
        if (host_vector(m, m->s.M[m->s.PC], &vector)) {
            char name[64];
            snprintf(name, sizeof name, "waiting in %s", trap_name(m, vector));
            flame_child(&p->flame, node, name, FLAME_WAIT)->ns += (double)of->waited;
            of->waited = 0;
        }
    }
    const double run = without_host(m, of, (double)of->run);
    of->run = 0;
    const Run why = observe(p, m, of);
    unwind(&p->unwinder, m);
    stack_node(p, m, of)->ns += run;
    p->looks++;
    pthread_mutex_unlock(&p->lock);
    const uint64_t end = clock_ticks(), rest = (end - now) * LOOK_SHARE;
    of->next = end + look_pause(rest, p->look_ticks);
    return why;
}

Run profile_before(Machine *m)
{
    MachineProfile *of = m->profile;
    const uint64_t now = clock_ticks();
    if (of->is_waiting)
        of->waited += now - of->since;
    of->is_waiting = false;
    const Run why = now >= of->next ? look(of->all, m, of, now) : RUN_BUDGET;
    of->since = now >= of->next ? now : clock_ticks();
    if (why != RUN_BUDGET)
        profile_after(m, why);
    return why;
}

void profile_after(Machine *m, Run why)
{
    MachineProfile *of = m->profile;
    const uint64_t now = clock_ticks();
    of->run += now - of->since;
    of->since = now;
    of->is_waiting = why == RUN_WAIT;
}

uint64_t profile_length(Machine *m, uint64_t slice)
{
    return slice / 2 + next_random(m->profile) % slice;
}

// ------------------------------------------------------------------ opening

static void start_one(Profile *p, Machine *m, MachineProfile *of)
{
    char name[160];
    const char *slash = strrchr(m->image->name, '/'), *program = slash ? slash + 1 : m->image->name;
    if (p->count == 1)
        snprintf(name, sizeof name, "%s", program);
    else
        snprintf(name, sizeof name, "%u:%s", m->number, m->name ? m->name : program);
    of->all = p;
    of->random = m->number + 1;
    of->next = clock_ticks() + p->look_ticks / 4;
    of->root = p->count == 1 ? &p->flame.root : flame_child(&p->flame, &p->flame.root, name, FLAME_CODE);
    if (p->count == 1)
        p->flame.root.name = arena_copy(&p->flame.arena, name, strlen(name));
    m->profile = of;
    m->waits_inside = false;
}

bool profile_open(Profile **profile, Machine **machines, uint32_t count, const char *path, Error *err)
{
    Profile *p = *profile = calloc(1, sizeof *p);
    if (!p)
        return fail(err, "no memory for a profile");
    *p = (Profile){ .machines = machines,
                    .count = count,
                    .path = path,
                    .of = calloc(count, sizeof *p->of),
                    .watches = calloc(count, sizeof *p->watches),
                    .look_ticks = (uint64_t)(LOOK_NS / clock_ns_per_tick()),
                    .flame = { .root = { .name = "lc3run" } } };
    pthread_mutex_init(&p->lock, NULL);
    if (!p->of || !p->watches)
        return fail(err, "no memory for a profile of %u machines", count);
    if (!unwind_open(&p->unwinder, machines[0], err))
        return false;
    unwind(&p->unwinder, machines[0]); // the first time costs most
    for (uint32_t i = 0; i < count; i++)
        start_one(p, machines[i], &p->of[i]);
    return true;
}

void profile_close(Profile *p)
{
    if (!p)
        return;
    for (uint32_t i = 0; i < p->count; i++)
        p->machines[i]->profile = NULL;
    unwind_close(&p->unwinder);
    arena_free(&p->flame.arena);
    free(p->of);
    free(p->watches);
    free(p);
}

// ------------------------------------------------------------------- saving

// What no look came to: the time after the last one.
static void add_rest(Profile *p, MachineProfile *of, const Machine *m)
{
    const double run = without_host(m, of, (double)of->run);
    if (run > 0)
        flame_child(&p->flame, of->root, "(no look)", FLAME_UNKNOWN)->ns += run;
    if (of->waited)
        flame_child(&p->flame, of->root, "waiting", FLAME_WAIT)->ns += (double)of->waited;
    for (unsigned v = 0; v < TRAPS; v++)
        if (of->host[v].owed > 0) {
            FlameNode *last = of->host[v].last;
            (last ? last : flame_child(&p->flame, of->root, trap_name(m, v), FLAME_HOST))->ns +=
                of->host[v].owed;
        }
}

static void name_form(Writer *w, int form, const void *user)
{
    const IsaTable *isa = user;
    const IsaForm *f = &isa->forms[form];
    write_format(w, "%s%s%s", f->insn, *f->form ? "." : "", f->form);
}

bool profile_save(Profile *p, Error *err)
{
    for (uint32_t i = 0; i < p->count; i++)
        add_rest(p, &p->of[i], p->machines[i]);
    char note[120];
    snprintf(note, sizeof note, "%llu looks%s", (unsigned long long)p->looks,
             p->cut ? ", some stacks cut at their outer end" : "");
    return flame_save(&p->flame, clock_ns_per_tick(), note, &p->counts, name_form, p->machines[0]->dialect->isa,
                      p->path, err);
}
