#include "stack_jit.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jit_stack.h"
#include "made_code.h"

enum {
    UNITS_MAX = 64,       // of one program
    ROOTS_MAX = 16,       // the ip, and where the topmost calls return to
    PATIENCE = 1 << 23,   // AUTO: instructions before anything is compiled; some 3 ms
    LOOK_STEPS = 200,     // exact steps in search of an entry
    SLICE_MIN = 1000,     // of the interpreter; doubled while no entry is found
    SLICE_MAX = 200000,
    HEAT = 2,             // visits of a place without code before it gets some
};

typedef enum { JOB_NONE, JOB_RUNNING, JOB_DONE } JobState;

struct StackJit {
    const StackKind *kind;
    StackJitOptions options;
    char path[4200];
    StackBackend *backend;
    bool is_broken; // nothing more is compiled
    Error error;

    StackMachine *m;
    StackUnit units[UNITS_MAX];
    int unit_count;
    StackCode **entries; // by ip
    uint8_t *heat;       // by ip
    uint64_t slice, native, compile_ns;
    bool has_missed; // control came to a place without code, and not only because a budget ended there

    // What is being compiled; with STACK_JIT_AUTO by a thread of its own, which owns
    // these and the back end until `state` is JOB_DONE (release; acquired by collect).
    int64_t roots[ROOTS_MAX];
    int root_count;
    StackUnit unit;
    bool is_good;
    _Atomic int state;
    pthread_t thread;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// ------------------------------------------------------------------- opening

// Beside the program while building, in the library folder once installed.
static bool find_module(const StackKind *kind, char *path, size_t size)
{
    char self[4000];
    const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len > 0 ? len : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    static const char *const places[] = { "%s/%sjit.so", "%s/../runtime/%sjit.so", "%s/../../runtime/%sjit.so",
                                          "%s/../lib/lc3/%sjit.so" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, size, places[i], self, kind->table->name);
        if (access(path, R_OK) == 0)
            return true;
    }
    snprintf(path, size, LC3_MODULE_DIR "/%sjit.so", kind->table->name);
    return access(path, R_OK) == 0;
}

bool stack_jit_is_built(const StackKind *kind)
{
    char path[4200];
    return find_module(kind, path, sizeof path);
}

static bool open_backend(StackJit *j, Error *err)
{
    void *module = dlopen(j->path, RTLD_NOW | RTLD_LOCAL);
    if (!module)
        return fail(err, "the JIT cannot be opened: %s", dlerror());
    StackBackendOpen *open = (StackBackendOpen *)dlsym(module, STACK_BACKEND_OPEN);
    if (!open)
        return fail(err, "%s: not a JIT module", j->path);
    j->backend = open(j->kind->table, sizeof(StackMachine), err);
    return j->backend;
}

StackJit *stack_jit_open(const StackKind *kind, const StackJitOptions *options, Error *err)
{
    StackJit *j = need_memory(calloc(1, sizeof *j));
    j->kind = kind;
    j->options = *options;
    bool exists = options->module != NULL;
    if (exists)
        snprintf(j->path, sizeof j->path, "%s", options->module);
    else
        exists = find_module(kind, j->path, sizeof j->path);
    j->is_broken = !exists;
    if (options->way == STACK_JIT_AUTO)
        return j;
    const uint64_t begin = now_ns();
    if (!exists)
        fail(err, "the JIT is not built in (it needs LLVM)");
    else if (open_backend(j, err)) {
        j->compile_ns = now_ns() - begin;
        return j;
    }
    stack_jit_close(j);
    return NULL;
}

static void collect(StackJit *j, bool waits);

static void forget(StackJit *j)
{
    collect(j, true);
    for (int i = 0; i < j->unit_count; i++)
        j->backend->unload(j->backend, &j->units[i]);
    j->unit_count = 0;
    free(j->entries);
    free(j->heat);
    j->entries = NULL;
    j->heat = NULL;
}

void stack_jit_close(StackJit *j)
{
    forget(j);
    if (j->backend)
        j->backend->close(j->backend);
    free(j); // the module stays open: LLVM keeps things for as long as a process lives
}

bool stack_jit_leave(StackJit *j)
{
    const bool is_compiling = atomic_load_explicit(&j->state, memory_order_acquire) == JOB_RUNNING;
    if (is_compiling)
        pthread_detach(j->thread);
    return is_compiling;
}

void stack_jit_attach(StackJit *j, StackMachine *m)
{
    forget(j);
    const size_t places = (size_t)m->count + 1;
    j->m = m;
    m->jit = j;
    j->entries = need_memory(calloc(places, sizeof *j->entries));
    j->heat = need_memory(calloc(places, 1));
    j->slice = SLICE_MIN;
    j->native = 0;
}

// ----------------------------------------------------------------- compiling

static void *compile(void *user)
{
    StackJit *j = user;
    Error err;
    const uint64_t begin = now_ns();
    j->is_good = (j->backend || open_backend(j, &err)) &&
                 j->backend->compile(j->backend, j->m, j->roots, j->root_count, &j->unit, &err);
    if (!j->is_good)
        j->error = err;
    j->compile_ns += now_ns() - begin;
    atomic_store_explicit(&j->state, JOB_DONE, memory_order_release);
    return NULL;
}

// Takes what has been compiled; code that is there already stays where it is entered.
static void collect(StackJit *j, bool waits)
{
    int state = atomic_load_explicit(&j->state, memory_order_acquire);
    if (state == JOB_NONE || (state == JOB_RUNNING && !waits))
        return;
    if (j->options.way == STACK_JIT_AUTO)
        pthread_join(j->thread, NULL);
    atomic_store_explicit(&j->state, JOB_NONE, memory_order_relaxed);
    j->is_broken |= !j->is_good;
    if (!j->is_good)
        return;
    StackUnit *u = &j->units[j->unit_count++];
    *u = j->unit;
    for (int i = 0; i < u->entry_count; i++)
        if (!j->entries[u->entries[i]])
            j->entries[u->entries[i]] = u->run;
}

static void add_root(StackJit *j, int64_t place)
{
    for (int i = 0; i < j->root_count; i++)
        if (j->roots[i] == place)
            return;
    if (j->root_count < ROOTS_MAX && place >= 0 && place <= j->m->count)
        j->roots[j->root_count++] = place;
}

// Asks for code from the ip, and from where the topmost calls return to.
static void want(StackJit *j)
{
    const StackMachine *m = j->m;
    if (j->is_broken || j->unit_count == UNITS_MAX || m->ip < 0 || m->ip > m->count ||
        atomic_load_explicit(&j->state, memory_order_acquire) != JOB_NONE)
        return;
    j->root_count = 0;
    add_root(j, m->ip);
    for (int i = 1; i < m->table->stack_count; i++)
        for (const int64_t *at = m->raw[i].top; at > m->raw[i].base && m->raw[i].top - at < 8; at--)
            add_root(j, at[-1]);
    atomic_store_explicit(&j->state, JOB_RUNNING, memory_order_relaxed);
    if (j->options.way == STACK_JIT_NOW) {
        compile(j);
        collect(j, false);
    } else if (pthread_create(&j->thread, NULL, compile, j) != 0) {
        atomic_store_explicit(&j->state, JOB_NONE, memory_order_relaxed);
        j->is_broken = true;
    }
}

void stack_jit_prepare(StackJit *j)
{
    if (j->options.way == STACK_JIT_NOW)
        want(j);
}

// ------------------------------------------------------------------- running

static StackCode *code_at(const StackJit *j, int64_t ip)
{
    return ip >= 0 && ip <= j->m->count ? j->entries[ip] : NULL;
}

// One step, or none when the budget is used up.
static int step(StackJit *j, uint64_t end)
{
    return j->m->instructions == end ? STOP_BUDGET : j->kind->step(j->m);
}

// Runs native code from here, and the operation before which it left.
CALLS_MADE_CODE static int run_native(StackJit *j, StackCode *code, uint64_t end)
{
    StackMachine *m = j->m;
    const uint64_t before = m->instructions;
    m->end = end;
    j->slice = SLICE_MIN;
    const int kind = code(m, m->ip, stack_text_same);
    const int stop = kind == STACK_CODE_STEP ? step(j, end) : STACK_GO_ON;
    j->has_missed = kind == STACK_CODE_NEXT;
    j->native += m->instructions - before;
    return stop;
}

// Where there is no code: exactly for a while, in search of some, then by the interpreter.
static int run_cold(StackJit *j, uint64_t end)
{
    StackMachine *m = j->m;
    int stop = STACK_GO_ON;
    for (int i = 0; i < LOOK_STEPS && stop == STACK_GO_ON && !code_at(j, m->ip) && j->unit_count; i++)
        stop = step(j, end);
    if (stop != STACK_GO_ON || code_at(j, m->ip))
        return stop;
    j->has_missed = true;
    const uint64_t left = end - m->instructions;
    stop = j->options.interpreter->run(m, left < j->slice ? left : j->slice);
    j->slice = j->slice < SLICE_MAX / 2 ? 2 * j->slice : SLICE_MAX;
    return stop == STOP_BUDGET && m->instructions < end ? STACK_GO_ON : stop;
}

static bool is_worth_code(StackJit *j)
{
    const StackMachine *m = j->m;
    if (m->ip < 0 || m->ip > m->count)
        return false;
    if (j->options.way == STACK_JIT_AUTO && m->instructions < PATIENCE)
        return false;
    return j->unit_count == 0 || (j->has_missed && (j->heat[m->ip] >= HEAT || ++j->heat[m->ip] == HEAT));
}

Stop stack_jit_run(StackMachine *m, uint64_t budget)
{
    StackJit *j = m->jit;
    const uint64_t most = INT64_MAX / 2, begin = m->instructions;
    const uint64_t end = budget > most - begin ? most : begin + budget;
    int stop = STACK_GO_ON;
    j->has_missed = false;
    while (stop == STACK_GO_ON) {
        collect(j, false);
        StackCode *code = code_at(j, m->ip);
        if (!code && is_worth_code(j)) {
            want(j);
            code = code_at(j, m->ip);
        }
        stop = code ? run_native(j, code, end) : run_cold(j, end);
    }
    return (Stop)stop;
}

StackJitCounts stack_jit_counts(const StackJit *j)
{
    StackJitCounts c = { j->native, (uint64_t)j->unit_count, 0, j->compile_ns };
    for (int i = 0; i < j->unit_count; i++)
        c.words += (uint64_t)j->units[i].words;
    return c;
}

const char *stack_jit_error(const StackJit *j)
{
    return *j->error.text ? j->error.text : NULL;
}
