// lockstep.c -- random programs on every engine at once; all must leave the same state.
//
//     lockstep [--instructions=N] [--seed=N] [--module=lc3jit.so] [--jit-only] [--orc]
//              [--program=N]
//
// Each program runs in short pieces with budgets 1, 2, 7 and random ones.  The plain
// step function leads; the interpreters and the JIT, in both of its ways, follow.
// Exits 1 at the first difference and says how to see it again.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stand.h"

enum { FOLLOWERS_MAX = 40 };

typedef struct {
    Stand *m;
    const Lc3Engine *engine; // NULL: the JIT
    char name[64];
} Follower;

typedef struct {
    uint64_t instructions, seed;
    uint64_t program; // instructions of one program at most
    const char *module;
    bool is_jit_only, has_orc;
} Options;

static Stop run_steps(Stand *m, uint64_t budget)
{
    while (budget--) {
        const int stop = m->dialect->step(&m->s);
        if (stop != LC3_GO_ON)
            return (Stop)stop;
    }
    return STOP_BUDGET;
}

static Stop follow(Follower *f, uint64_t budget)
{
    return f->engine ? f->engine->run(&f->m->s, budget) : jit_run(f->m->vm, budget);
}

static void attach(Follower *f, Jit *jit)
{
    const StandDialect *d = f->m->dialect;
    f->m->vm = jit_attach(jit, &(JitVmOptions){ .state = &f->m->s, .machine = d->jit,
                                                .interpret = d->engines[0].run });
}

static int make_followers(Follower *out, const StandDialect *d, Jit *const *jits, const Options *o)
{
    int n = 0;
    for (int i = 0; i < (o->is_jit_only ? 0 : *d->engine_count); i++, n++) {
        const Lc3Engine *e = &d->engines[i];
        out[n] = (Follower){ stand_new(d), e, "" };
        snprintf(out[n].name, sizeof out[n].name, "%s/%s/%s%s", e->dispatch, e->decode, e->flags,
                 e->fused ? "/fused" : "");
    }
    for (int way = 0; way < 2; way++, n++) {
        out[n] = (Follower){ stand_new(d), NULL, "" };
        snprintf(out[n].name, sizeof out[n].name, way == JIT_AUTO ? "auto" : "jit");
        (void)jits;
    }
    return n;
}

static uint64_t random_budget(uint64_t *r)
{
    static const uint64_t small[] = { 1, 2, 7 };
    const uint64_t roll = next_random(r);
    return roll % 4 == 0 ? small[(roll >> 8) % 3] : roll % 4 == 1 ? 1 + (roll >> 8) % 40 : 1 + (roll >> 8) % 4000;
}

static bool is_over(Stop stop)
{
    return stop == STOP_HALT || stop == STOP_FAULT || stop == STOP_CLOSED;
}

// Where a follower first goes another way than the leader, by running both again step by step.
static void report(const Follower *f, uint64_t seed, uint64_t budget, Stop want, Stop got, const char *what,
                   uint16_t from)
{
    printf("%s differs (%s, seed %llu): after %llu instructions from x%04X on stop %d and %d, %s\n", f->name,
           f->m->dialect->name, (unsigned long long)seed, (unsigned long long)budget, from, want, got, what);
}

static uint64_t native_total;

// One program; returns the instructions run, or 0 after a difference.
static uint64_t run_program(const StandDialect *d, uint64_t seed, uint64_t most, Jit *const *jits, Follower *f,
                            int count)
{
    Stand *lead = stand_new(d);
    uint64_t random = seed;
    stand_random(lead, &random);
    for (int i = 0; i < count; i++) {
        stand_copy(f[i].m, lead);
        if (!f[i].engine)
            attach(&f[i], jits[f[i].name[0] == 'a' ? JIT_AUTO : JIT_NOW]);
    }
    bool fine = true;
    Stop stop = STOP_BUDGET;
    for (int blocked = 0; fine && lead->s.instructions < most && !is_over(stop) && blocked < 100;) {
        const uint64_t budget = random_budget(&random);
        const uint16_t from = lead->s.PC;
        stop = run_steps(lead, budget);
        blocked = stop == STOP_BLOCKED ? blocked + 1 : 0;
        const int interrupt = next_random(&random) % 50 == 0 ? LC3_EXC_KBD : -1;
        for (int i = 0; i < count && fine; i++) {
            char what[100] = "same state";
            const Stop got = follow(&f[i], budget);
            fine = !stand_differs(lead, f[i].m, what, sizeof what) && got == stop;
            if (!fine)
                report(&f[i], seed, budget, stop, got, what, from);
            if (interrupt >= 0 && !is_over(stop))
                d->interrupt(&f[i].m->s, interrupt);
        }
        if (interrupt >= 0 && !is_over(stop))
            d->interrupt(&lead->s, interrupt);
    }
    for (int i = 0; i < count; i++)
        if (!f[i].engine) {
            native_total += jit_counts(f[i].m->vm).native;
            jit_detach(f[i].m->vm);
        }
    const uint64_t done = lead->s.instructions;
    stand_free(lead);
    return fine ? done + 1 : 0;
}

static bool run_all(const Options *o, Jit *const *jits)
{
    Follower f[2][FOLLOWERS_MAX];
    int count[2];
    for (int d = 0; d < 2; d++)
        count[d] = make_followers(f[d], &stand_dialects[d], jits, o);
    uint64_t done = 0, seed = o->seed;
    bool fine = true;
    for (; fine && done < o->instructions; seed++) {
        const uint64_t n =
            run_program(&stand_dialects[seed & 1], seed, o->program, jits, f[seed & 1], count[seed & 1]);
        fine = n > 0;
        done += n;
    }
    for (int d = 0; d < 2; d++)
        for (int i = 0; i < count[d]; i++)
            stand_free(f[d][i].m);
    printf("%llu instructions in %llu programs on %d engines: %s (%llu in native code)\n", (unsigned long long)done,
           (unsigned long long)(seed - o->seed), count[0], fine ? "no difference" : "DIFFERENT",
           (unsigned long long)native_total);
    return fine;
}

static bool parse(Options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strncmp(argv[i], "--instructions=", 15))
            o->instructions = strtoull(argv[i] + 15, NULL, 0);
        else if (!strncmp(argv[i], "--seed=", 7))
            o->seed = strtoull(argv[i] + 7, NULL, 0);
        else if (!strncmp(argv[i], "--program=", 10))
            o->program = strtoull(argv[i] + 10, NULL, 0);
        else if (!strncmp(argv[i], "--module=", 9))
            o->module = argv[i] + 9;
        else if (!strcmp(argv[i], "--jit-only"))
            o->is_jit_only = true;
        else if (!strcmp(argv[i], "--orc"))
            o->has_orc = true; // code is linked as on other CPUs
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    Options o = { .instructions = 1000000, .seed = 1, .program = 60000 };
    if (!parse(&o, argc, argv)) {
        fprintf(stderr, "usage: lockstep [--instructions=N] [--seed=N] [--module=FILE] [--jit-only] [--orc]\n"
                        "       [--program=N]\n");
        return 2;
    }
    Error err;
    Jit *jits[2];
    for (int way = 0; way < 2; way++) {
        jits[way] = jit_open(&(JitOptions){ .way = (JitWay)way, .module = o.module, .sample = 1 << 14, .has_orc = o.has_orc }, &err);
        if (!jits[way]) {
            fprintf(stderr, "lockstep: %s\n", err.text);
            return 2;
        }
    }
    const bool fine = run_all(&o, jits);
    const char *error = jit_error(jits[JIT_NOW]);
    if (error)
        printf("the JIT said: %s\n", error);
    jit_close(jits[0]);
    jit_close(jits[1]);
    return fine && !error ? 0 : 1;
}
