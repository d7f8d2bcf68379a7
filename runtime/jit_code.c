#include "jit_code.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jit_key.h"

enum {
    BUCKETS = 1024,
    IDLE_MAX = 1024,
};

struct CodeStore {
    CodeOptions options;
    JitCache cache;
    char key[256]; // of the cache: LLVM, the CPU; empty until the first region is wanted
    void *module;
    JitBackend *backend; // the compiling thread's own
    bool is_broken;      // the back end could not be opened: everything fails
    int stored;          // files written to the cache

    pthread_mutex_t lock; // all below
    pthread_cond_t work;
    pthread_t thread;
    cpu_set_t allowed;  // cores, before anybody was pinned
    bool has_thread, is_closing, is_working;
    JitCode *buckets[BUCKETS], *queue, **queue_end;
    JitCode *doomed; // to be unloaded by the compiling thread
    int idle;
    uint64_t clock;
    _Atomic uint64_t wanted_ns; // when the first region was asked for, or 0; machines look at it without the lock
    CodeCounts counts; // by count and counted, without the lock
    // The first failure: who compiles writes it once, then `has_failed` (release; acquired by code_error).
    Error error;
    _Atomic bool has_failed;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// Added to by the compiler and by machines that find code in the cache; read at any time.
static void count(uint64_t *counter, uint64_t more)
{
    __atomic_fetch_add(counter, more, __ATOMIC_RELAXED);
}

static uint64_t counted(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

// ------------------------------------------------------------------ back end

static bool open_backend(CodeStore *s, Error *err)
{
    const uint64_t start = now_ns();
    s->module = dlopen(s->options.module, RTLD_NOW | RTLD_LOCAL);
    if (!s->module)
        return fail(err, "the JIT is not built in: %s", dlerror());
    JitBackendOpen *open = (JitBackendOpen *)dlsym(s->module, JIT_BACKEND_OPEN);
    s->backend = open ? open(sizeof(JitRegion), err) : NULL;
    if (!open)
        return fail(err, "%s: not a JIT module", s->options.module);
    count(&s->counts.open_ns, now_ns() - start);
    return s->backend;
}

static bool has_backend(CodeStore *s, Error *err)
{
    if (!s->backend && !s->is_broken && !open_backend(s, err))
        s->is_broken = true;
    return s->backend;
}

static bool make_object(CodeStore *s, JitCode *c, JitObject *object, Error *err)
{
    if (!has_backend(s, err))
        return false;
    JitBackend *b = s->backend;
    const uint64_t start = now_ns();
    if (!b->compile(b, c->machine, &c->region, c->label, object, err))
        return false;
    count(&s->counts.compiled, 1);
    count(&s->counts.compile_ns, now_ns() - start);
    cache_store(&s->cache, s->key, c->machine, &c->region, object);
    if (++s->stored % 64 == 0)
        cache_trim(&s->cache, JIT_CACHE_BYTES);
    return true;
}

// True when the object is as simple as they all are on this kind of CPU; takes its bytes.
static bool link_here(CodeStore *s, JitCode *c, JitObject *object)
{
    char name[64];
    if (s->options.has_orc || !object_link(object, &c->linked))
        return false;
    snprintf(name, sizeof name, "lc3:x%04X%s%s", c->region.start, *c->label ? ":" : "", c->label);
    c->function = (JitFunction *)c->linked.function;
    c->shown = jit_debug_add(object, &c->linked, name);
    return true;
}

// Code from the cache is ready in less time than a thread takes to be woken.
static bool find_cached(CodeStore *s, JitCode *c)
{
    JitObject object = { 0 };
    if (!*s->key) {
        jit_key(s->key, sizeof s->key, s->options.module);
        if (s->options.has_cache)
            cache_open(&s->cache);
    }
    const uint64_t start = now_ns();
    if (!cache_load(&s->cache, s->key, c->machine, &c->region, &object))
        return false;
    Error err;
    const bool fine = link_here(s, c, &object) || (!s->options.has_thread && has_backend(s, &err) &&
                                                   s->backend->load(s->backend, &object, &c->function, &c->handle, &err));
    free(object.bytes);
    count(&s->counts.cached, fine);
    count(&s->counts.load_ns, now_ns() - start);
    if (fine)
        atomic_store_explicit(&c->state, CODE_READY, memory_order_release);
    return fine;
}

static bool make(CodeStore *s, JitCode *c, Error *err)
{
    JitObject object = { 0 };
    if (!make_object(s, c, &object, err))
        return false;
    const uint64_t start = now_ns();
    const bool fine =
        link_here(s, c, &object) || s->backend->load(s->backend, &object, &c->function, &c->handle, err);
    count(&s->counts.load_ns, now_ns() - start);
    free(object.bytes);
    return fine;
}

static void compile(CodeStore *s, JitCode *c)
{
    Error err = { "" };
    const bool fine = make(s, c, &err);
    if (!fine) {
        count(&s->counts.failed, 1);
        if (*err.text && !atomic_load_explicit(&s->has_failed, memory_order_relaxed)) {
            s->error = err;
            atomic_store_explicit(&s->has_failed, true, memory_order_release);
        }
    }
    atomic_store_explicit(&c->state, fine ? CODE_READY : CODE_FAILED, memory_order_release);
}

static void unload(CodeStore *s, JitCode *c)
{
    jit_debug_remove(c->shown);
    object_unlink(&c->linked);
    if (c->handle)
        s->backend->unload(s->backend, c->handle);
    free(c);
}

// -------------------------------------------------------------------- thread

static JitCode *next_work(CodeStore *s)
{
    s->is_working = false;
    while (!s->queue && !s->doomed && !s->is_closing)
        pthread_cond_wait(&s->work, &s->lock);
    s->is_working = true;
    JitCode *c = s->is_closing ? NULL : s->queue;
    if (c && !(s->queue = c->later))
        s->queue_end = &s->queue;
    return c;
}

static void *run(void *user)
{
    CodeStore *s = user;
    pthread_mutex_lock(&s->lock);
    while (!s->is_closing) {
        JitCode *c = next_work(s), *doomed = s->doomed;
        s->doomed = NULL;
        pthread_mutex_unlock(&s->lock);
        for (JitCode *next; doomed; doomed = next) {
            next = doomed->later;
            unload(s, doomed);
        }
        if (c)
            compile(s, c);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

// Any core but the one that asks: a machine is pinned to it, and a kernel may take long
// to see that two threads share a core while another one is idle.
static void choose_core(CodeStore *s)
{
    cpu_set_t others = s->allowed;
    const int here = sched_getcpu();
    if (here >= 0 && CPU_COUNT(&others) > 1)
        CPU_CLR((size_t)here, &others);
    pthread_setaffinity_np(s->thread, sizeof others, &others);
}

static bool start_thread(CodeStore *s)
{
    return s->has_thread = !pthread_create(&s->thread, NULL, run, s);
}

// ---------------------------------------------------------------------- store

CodeStore *code_open(const CodeOptions *options)
{
    CodeStore *s = need_memory(calloc(1, sizeof *s));
    s->options = *options;
    s->queue_end = &s->queue;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    sched_getaffinity(0, sizeof s->allowed, &s->allowed);
    Error err;
    if (options->is_eager)
        s->is_broken = !open_backend(s, &err);
    return s;
}

void code_close(CodeStore *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_closing = true;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
    if (s->has_thread)
        pthread_join(s->thread, NULL);
    for (int i = 0; i < BUCKETS; i++)
        for (JitCode *c = s->buckets[i], *next; c; c = next) {
            next = c->next;
            unload(s, c);
        }
    for (JitCode *c = s->doomed, *next; c; c = next) {
        next = c->later;
        unload(s, c);
    }
    if (s->backend)
        s->backend->close(s->backend);
    pthread_cond_destroy(&s->work);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static JitCode **bucket_of(CodeStore *s, const JitRegion *r)
{
    return &s->buckets[r->hash % BUCKETS];
}

static JitCode *find(CodeStore *s, const JitMachine *m, const JitRegion *r)
{
    JitCode *c = *bucket_of(s, r);
    while (c && (c->machine != m || memcmp(&c->region, r, sizeof *r)))
        c = c->next;
    return c;
}

static JitCode *add(CodeStore *s, const JitMachine *m, const JitRegion *r, const char *label)
{
    JitCode *c = need_memory(calloc(1, sizeof *c)), **bucket = bucket_of(s, r);
    c->region = *r;
    c->machine = m;
    snprintf(c->label, sizeof c->label, "%s", label ? label : "");
    c->next = *bucket;
    *bucket = c;
    return c;
}

static void enqueue(CodeStore *s, JitCode *c)
{
    *s->queue_end = c;
    s->queue_end = &c->later;
    if (!s->has_thread && !start_thread(s))
        atomic_store_explicit(&c->state, CODE_FAILED, memory_order_release);
    else
        choose_core(s);
    pthread_cond_signal(&s->work);
}

static void unlink_code(CodeStore *s, JitCode *c)
{
    JitCode **at = bucket_of(s, &c->region);
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
}

static JitCode *get(CodeStore *s, const JitMachine *m, const JitRegion *r, const char *label, bool may_make)
{
    pthread_mutex_lock(&s->lock);
    if (!atomic_load_explicit(&s->wanted_ns, memory_order_relaxed))
        atomic_store_explicit(&s->wanted_ns, now_ns(), memory_order_relaxed);
    JitCode *c = find(s, m, r);
    const bool is_new = !c;
    if (is_new)
        c = add(s, m, r, label);
    else if (!c->users)
        s->idle--;
    c->users++;
    if (is_new && !find_cached(s, c)) {
        if (!may_make) {
            unlink_code(s, c);
            free(c);
            c = NULL;
        } else if (s->options.has_thread) {
            enqueue(s, c);
        } else {
            compile(s, c);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return c;
}

JitCode *code_want(CodeStore *s, const JitMachine *m, const JitRegion *r, const char *label)
{
    return get(s, m, r, label, true);
}

JitCode *code_want_made(CodeStore *s, const JitMachine *m, const JitRegion *r, const char *label)
{
    return get(s, m, r, label, false);
}

bool code_is_early(const CodeStore *s)
{
    const uint64_t wanted = atomic_load_explicit(&s->wanted_ns, memory_order_relaxed);
    return s->options.delay_ms && (!wanted || now_ns() - wanted < (uint64_t)s->options.delay_ms * 1000000u);
}

// Code that nobody has used for longest goes when there is too much of it.
static void drop_oldest(CodeStore *s)
{
    JitCode *oldest = NULL;
    for (int i = 0; i < BUCKETS; i++)
        for (JitCode *c = s->buckets[i]; c; c = c->next)
            if (!c->users && atomic_load_explicit(&c->state, memory_order_acquire) != CODE_QUEUED &&
                (!oldest || c->released < oldest->released))
                oldest = c;
    if (!oldest)
        return;
    unlink_code(s, oldest);
    s->idle--;
    if (!s->options.has_thread) {
        unload(s, oldest);
        return;
    }
    oldest->later = s->doomed;
    s->doomed = oldest;
    pthread_cond_signal(&s->work);
}

void code_release(CodeStore *s, JitCode *c)
{
    pthread_mutex_lock(&s->lock);
    if (--c->users == 0) {
        c->released = ++s->clock;
        if (++s->idle > IDLE_MAX)
            drop_oldest(s);
    }
    pthread_mutex_unlock(&s->lock);
}

CodeCounts code_counts(CodeStore *s)
{
    const CodeCounts *c = &s->counts;
    return (CodeCounts){ counted(&c->compiled), counted(&c->cached), counted(&c->failed),
                         counted(&c->compile_ns), counted(&c->load_ns), counted(&c->open_ns) };
}

bool code_is_compiling(CodeStore *s)
{
    pthread_mutex_lock(&s->lock);
    const bool is_compiling = s->has_thread && (s->is_working || s->queue);
    pthread_mutex_unlock(&s->lock);
    return is_compiling;
}

const char *code_error(CodeStore *s)
{
    return atomic_load_explicit(&s->has_failed, memory_order_acquire) ? s->error.text : NULL;
}
