#include "svm_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "flame.h"
#include "flame_file.h"

enum {
    LOOK_NS = 1000000, // between two looks
    LOOK_SHARE = 128,  // of the time, at most
    STEPS_LEAST = 64,  // that a look executes, and as many again at random
    SLICE = 100000,
    HOST_LOOKS = 16, // in a millisecond of hosts
    DEPTH_MOST = 256,
    RETURNS = 1, // the stack that calls push to: the first that holds no values
    NO_WORD = -1,
};

struct SvmProfile {
    StackMachine *m;
    const StackKind *kind;
    Flame flame; // in ticks until it is written
    uint64_t since, next, look_ticks, random;
    uint64_t host; // ticks of hosts since the last look
    uint64_t owed; // and what of all has no stack yet
    uint64_t looks, steps, cut;
    FlameCounts counts;
};

// The label before a place in the program, or where it starts.
static const char *label_before(const StackMachine *m, int64_t at)
{
    if (at >= m->count)
        at = m->count - 1;
    for (; at >= 0; at--)
        if (m->program->code.at[at].word == stack_label(m->table))
            return stack_string(m->program->code.at[at].value)->bytes;
    return "start";
}

static FlameNode *stack_node(SvmProfile *p)
{
    const StackMachine *m = p->m;
    const int64_t *from = m->raw[RETURNS].base, *to = m->raw[RETURNS].top;
    FlameNode *node = &p->flame.root;
    if (to - from > DEPTH_MOST) {
        from = to - DEPTH_MOST;
        p->cut++;
        node = flame_child(&p->flame, node, "(not followed further)", FLAME_UNKNOWN);
    }
    for (; from < to; from++)
        node = flame_child(&p->flame, node, label_before(m, *from - 1), FLAME_CODE);
    return flame_child(&p->flame, node, label_before(m, m->ip), FLAME_CODE);
}

static uint64_t next_random(SvmProfile *p)
{
    p->random = p->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return p->random >> 33;
}

// Executes some operations one by one and counts them.
static int observe(SvmProfile *p)
{
    StackMachine *m = p->m;
    int stop = STACK_GO_ON, last = NO_WORD;
    for (uint64_t n = STEPS_LEAST + next_random(p) % STEPS_LEAST; n && stop == STACK_GO_ON; n--) {
        if (m->ip >= 0 && m->ip < m->count) {
            const int word = m->words[m->ip];
            flame_count(&p->counts, last, word);
            last = word;
        }
        stop = p->kind->step(m);
    }
    return stop == STACK_GO_ON ? STOP_BUDGET : stop;
}

static void charge(SvmProfile *p, FlameNode *node, uint64_t now)
{
    const uint64_t took = now - p->since;
    node->ns += took > p->host ? (double)(took - p->host) : 0;
    p->host = 0;
    p->since = now;
}

static int look(SvmProfile *p, uint64_t now)
{
    charge(p, stack_node(p), now);
    const int stop = observe(p);
    const uint64_t end = clock_ticks(), rest = (end - now) * LOOK_SHARE;
    p->next = end + look_pause(rest, p->look_ticks);
    p->since = end;
    p->host = 0;
    p->looks++;
    return stop;
}

int svm_profile_run(SvmProfile *p, StackRun *run)
{
    int stop = STOP_BUDGET;
    p->since = clock_ticks();
    p->next = p->since + p->look_ticks / 4;
    while (stop == STOP_BUDGET) {
        stop = (int)run(p->m, SLICE / 2 + next_random(p) % SLICE);
        const uint64_t now = clock_ticks();
        if (stop == STOP_BUDGET && now >= p->next)
            stop = look(p, now);
    }
    charge(p, flame_child(&p->flame, &p->flame.root, "(no look)", FLAME_UNKNOWN), clock_ticks());
    if (p->owed)
        flame_child(&p->flame, &p->flame.root, "hosts", FLAME_HOST)->ns += (double)p->owed;
    return stop;
}

void svm_profile_host(SvmProfile *p, const char *host, uint64_t ticks)
{
    p->host += ticks;
    p->owed += ticks;
    if (p->owed < p->look_ticks / HOST_LOOKS)
        return;
    flame_child(&p->flame, stack_node(p), host, FLAME_HOST)->ns += (double)p->owed;
    p->owed = 0;
}

SvmProfile *svm_profile_open(StackMachine *m, const StackKind *kind, const char *program)
{
    SvmProfile *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    const char *slash = strrchr(program, '/');
    *p = (SvmProfile){ .m = m,
                       .kind = kind,
                       .random = 1,
                       .look_ticks = (uint64_t)(LOOK_NS / clock_ns_per_tick()),
                       .flame = { .root = { .name = slash ? slash + 1 : program } } };
    return p;
}

static void name_word(Writer *w, int word, const void *user)
{
    const StackTable *t = user;
    if (word < t->op_count)
        write_text(w, t->ops[word].name);
    else if (word < stack_label(t))
        write_text(w, t->variants[word - t->op_count].name);
    else
        write_text(w, "label");
}

bool svm_profile_save(SvmProfile *p, const char *path, Error *err)
{
    char note[120];
    snprintf(note, sizeof note, "%llu looks%s", (unsigned long long)p->looks,
             p->cut ? ", some stacks cut at their outer end" : "");
    return flame_save(&p->flame, clock_ns_per_tick(), note, &p->counts, name_word, p->m->table, path, err);
}

void svm_profile_close(SvmProfile *p)
{
    if (!p)
        return;
    arena_free(&p->flame.arena);
    free(p);
}
