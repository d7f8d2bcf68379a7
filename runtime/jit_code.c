#include "jit_code.h"

#include <dlfcn.h>
#include <elf.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUCKETS = 1024, IDLE_MAX = 1024 };

struct CodeStore {
    CodeOptions options;
    JitCache cache;
    void *module;
    JitBackend *backend; // the compiling thread's own
    bool is_broken;      // the back end could not be opened: everything fails
    int stored;          // files written to the cache

    pthread_mutex_t lock; // all below
    pthread_cond_t work;
    pthread_t thread;
    bool has_thread, is_closing;
    JitCode *buckets[BUCKETS], *queue, **queue_end;
    JitCode *doomed; // to be unloaded by the compiling thread
    int idle;
    uint64_t clock;
    CodeCounts counts;
    Error error;
    FILE *perf_map;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
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
    s->counts.open_ns = now_ns() - start;
    return s->backend;
}

// Bytes of the object's function, 0 when it is no ELF object of this kind of machine.
static size_t function_bytes(const JitObject *object)
{
    const char *at = object->bytes;
    const Elf64_Ehdr *elf = object->bytes;
    if (object->size < sizeof *elf || memcmp(elf->e_ident, ELFMAG, SELFMAG) || elf->e_ident[EI_CLASS] != ELFCLASS64)
        return 0;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(at + elf->e_shoff);
    for (int i = 0; i < elf->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB)
            continue;
        const Elf64_Sym *symbols = (const Elf64_Sym *)(at + sections[i].sh_offset);
        const char *names = at + sections[sections[i].sh_link].sh_offset;
        for (size_t k = 0; k < sections[i].sh_size / sizeof *symbols; k++)
            if (!strcmp(names + symbols[k].st_name, object->symbol))
                return symbols[k].st_size;
    }
    return 0;
}

// perf reads /tmp/perf-PID.map; written only when asked for.
static void note_for_perf(CodeStore *s, const JitCode *c, const JitObject *object)
{
    char path[64];
    if (!getenv("LC3_JIT_PERF"))
        return;
    if (!s->perf_map) {
        snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
        s->perf_map = fopen(path, "w");
    }
    if (!s->perf_map)
        return;
    fprintf(s->perf_map, "%lx %zx lc3:x%04X%s%s\n", (unsigned long)(uintptr_t)c->function, function_bytes(object),
            c->region.start, *c->label ? ":" : "", c->label);
    fflush(s->perf_map);
}

static bool find_object(CodeStore *s, JitCode *c, JitObject *object, Error *err)
{
    JitBackend *b = s->backend;
    if (cache_load(&s->cache, b->version, c->machine, &c->region, object)) {
        s->counts.cached++;
        return true;
    }
    const uint64_t start = now_ns();
    if (!b->compile(b, c->machine, &c->region, c->label, object, err))
        return false;
    s->counts.compiled++;
    s->counts.compile_ns += now_ns() - start;
    cache_store(&s->cache, b->version, c->machine, &c->region, object);
    if (++s->stored % 64 == 0)
        cache_trim(&s->cache, JIT_CACHE_BYTES);
    return true;
}

static bool make(CodeStore *s, JitCode *c, Error *err)
{
    JitObject object = { 0 };
    if (!s->backend && !s->is_broken && !open_backend(s, err))
        s->is_broken = true;
    if (s->is_broken || !find_object(s, c, &object, err))
        return false;
    const uint64_t start = now_ns();
    const bool fine = s->backend->load(s->backend, &object, &c->function, &c->handle, err);
    s->counts.load_ns += now_ns() - start;
    if (fine)
        note_for_perf(s, c, &object);
    free(object.bytes);
    return fine;
}

static void compile(CodeStore *s, JitCode *c)
{
    Error err = { "" };
    const bool fine = make(s, c, &err);
    if (!fine) {
        s->counts.failed++;
        if (*err.text)
            s->error = err;
    }
    atomic_store_explicit(&c->state, fine ? CODE_READY : CODE_FAILED, memory_order_release);
}

static void unload(CodeStore *s, JitCode *c)
{
    if (c->handle)
        s->backend->unload(s->backend, c->handle);
    free(c);
}

// -------------------------------------------------------------------- thread

static JitCode *next_work(CodeStore *s)
{
    while (!s->queue && !s->doomed && !s->is_closing)
        pthread_cond_wait(&s->work, &s->lock);
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

// Any core: the thread that starts this one is pinned to the one it runs a machine on.
static bool start_thread(CodeStore *s)
{
    pthread_attr_t attributes;
    cpu_set_t all;
    CPU_ZERO(&all);
    for (long i = sysconf(_SC_NPROCESSORS_CONF); i-- > 0;)
        CPU_SET((size_t)i, &all);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof all, &all);
    const bool fine = !pthread_create(&s->thread, &attributes, run, s);
    pthread_attr_destroy(&attributes);
    return s->has_thread = fine;
}

// ---------------------------------------------------------------------- store

CodeStore *code_open(const CodeOptions *options, Error *err)
{
    CodeStore *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->options = *options;
    s->queue_end = &s->queue;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    if (options->has_cache)
        cache_open(&s->cache);
    if (!options->has_thread && !open_backend(s, err)) {
        code_close(s);
        return NULL;
    }
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
    if (s->perf_map)
        fclose(s->perf_map);
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
    JitCode *c = calloc(1, sizeof *c), **bucket = bucket_of(s, r);
    if (!c)
        abort();
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
    pthread_cond_signal(&s->work);
}

JitCode *code_want(CodeStore *s, const JitMachine *m, const JitRegion *r, const char *label)
{
    pthread_mutex_lock(&s->lock);
    JitCode *c = find(s, m, r);
    const bool is_new = !c;
    if (is_new)
        c = add(s, m, r, label);
    else if (!c->users)
        s->idle--;
    c->users++;
    if (is_new && s->options.has_thread)
        enqueue(s, c);
    else if (is_new)
        compile(s, c);
    pthread_mutex_unlock(&s->lock);
    return c;
}

static void unlink_code(CodeStore *s, JitCode *c)
{
    JitCode **at = bucket_of(s, &c->region);
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
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
    return s->counts;
}

const char *code_error(CodeStore *s)
{
    return *s->error.text ? s->error.text : NULL;
}
