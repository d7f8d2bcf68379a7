#include "jit_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/writer.h"

static const char magic[8] = "lc3jit1\n";

typedef struct {
    char magic[8];
    uint64_t checksum; // of all that follows
    uint64_t isa;
    char version[256], machine[32], symbol[80];
    uint64_t object_size;
    JitRegion region;
} CacheHead;

static uint64_t checksum(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t h = 14695981039346656037u;
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t v;
        memcpy(&v, at, 8);
        h = (h ^ v) * 0x9E3779B97F4A7C15ull;
        h ^= h >> 31;
    }
    while (size--)
        h = (h ^ *at++) * 1099511628211u;
    return h;
}

static void make_head(CacheHead *h, const char *version, const JitMachine *m, const JitRegion *r)
{
    memset(h, 0, sizeof *h);
    memcpy(h->magic, magic, sizeof magic);
    h->isa = m->isa->hash;
    snprintf(h->version, sizeof h->version, "%s", version);
    snprintf(h->machine, sizeof h->machine, "%s", m->name);
    h->region = *r;
}

static bool path_of(const JitCache *c, const CacheHead *h, char *path, size_t size)
{
    CacheHead key = *h;
    key.checksum = key.object_size = 0;
    memset(key.symbol, 0, sizeof key.symbol);
    const int n = snprintf(path, size, "%s/%016" PRIx64 ".o", c->directory, checksum(&key, sizeof key));
    return *c->directory && n > 0 && (size_t)n < size;
}

static void make_directory(const char *path)
{
    mkdir(path, 0700);
}

void cache_open(JitCache *c)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char parent[4000] = "";
    if (base && *base == '/')
        snprintf(parent, sizeof parent, "%s", base);
    else if (home && *home == '/')
        snprintf(parent, sizeof parent, "%s/.cache", home);
    *c->directory = 0;
    if (!*parent)
        return;
    make_directory(parent);
    snprintf(c->directory, sizeof c->directory, "%s/lc3", parent);
    make_directory(c->directory);
    if (access(c->directory, R_OK | W_OK | X_OK))
        *c->directory = 0;
}

static char *read_file(const char *path, size_t *size)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (file < 0)
        return NULL;
    char *bytes = NULL;
    if (!fstat(file, &st) && st.st_size >= (off_t)sizeof(CacheHead) && st.st_size < 16 << 20) {
        bytes = malloc((size_t)st.st_size);
        *size = (size_t)st.st_size;
        if (bytes && read(file, bytes, *size) != (ssize_t)*size) {
            free(bytes);
            bytes = NULL;
        }
        if (bytes)
            futimens(file, NULL); // used now
    }
    close(file);
    return bytes;
}

static bool is_ours(const CacheHead *want, const char *bytes, size_t size)
{
    CacheHead head;
    memcpy(&head, bytes, sizeof head);
    const size_t skip = offsetof(CacheHead, isa);
    if (head.checksum != checksum(bytes + skip, size - skip) || head.object_size != size - sizeof head)
        return false;
    head.checksum = head.object_size = 0;
    memset(head.symbol, 0, sizeof head.symbol);
    return !memcmp(&head, want, sizeof head);
}

bool cache_load(JitCache *c, const char *version, const JitMachine *m, const JitRegion *r, JitObject *object)
{
    CacheHead want;
    char path[4200];
    size_t size = 0;
    make_head(&want, version, m, r);
    char *bytes = path_of(c, &want, path, sizeof path) ? read_file(path, &size) : NULL;
    if (!bytes || !is_ours(&want, bytes, size)) {
        free(bytes);
        return false;
    }
    memcpy(object->symbol, bytes + offsetof(CacheHead, symbol), sizeof object->symbol);
    object->size = size - sizeof want;
    object->bytes = malloc(object->size + 1);
    if (object->bytes)
        memcpy(object->bytes, bytes + sizeof want, object->size);
    free(bytes);
    return object->bytes;
}

void cache_store(JitCache *c, const char *version, const JitMachine *m, const JitRegion *r,
                 const JitObject *object)
{
    CacheHead head;
    char path[4200];
    Writer w = { 0 };
    Error err;
    make_head(&head, version, m, r);
    if (!path_of(c, &head, path, sizeof path))
        return;
    memcpy(head.symbol, object->symbol, sizeof head.symbol);
    head.object_size = object->size;
    write_bytes(&w, &head, sizeof head);
    write_bytes(&w, object->bytes, object->size);
    const size_t skip = offsetof(CacheHead, isa);
    head.checksum = checksum(w.at + skip, w.len - skip);
    memcpy(w.at + offsetof(CacheHead, checksum), &head.checksum, sizeof head.checksum);
    writer_save(&w, path, &err); // a cache that cannot be written is only slower
    writer_free(&w);
}

// -------------------------------------------------------------------- size

typedef struct {
    char name[32];
    struct timespec used;
    uint64_t size;
} CacheFile;

static int older_first(const void *a, const void *b)
{
    const struct timespec *x = &((const CacheFile *)a)->used, *y = &((const CacheFile *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

// Objects, and what a process that ended while writing one has left.
static bool is_cache_file(const char *name)
{
    const char *end = strstr(name, ".o");
    return end && (!end[2] || !strncmp(end + 2, ".tmp", 4));
}

static CacheFile *list_files(DIR *d, size_t *count, uint64_t *total)
{
    CacheFile *files = NULL;
    size_t capacity = 0;
    struct stat st;
    for (struct dirent *e; (e = readdir(d));) {
        const size_t len = strlen(e->d_name);
        if (len < 3 || len >= sizeof files->name || !is_cache_file(e->d_name) || fstatat(dirfd(d), e->d_name, &st, 0))
            continue;
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            files = need_memory(realloc(files, capacity * sizeof *files));
        }
        CacheFile *f = &files[(*count)++];
        snprintf(f->name, sizeof f->name, "%s", e->d_name);
        f->used = st.st_mtim;
        f->size = (uint64_t)st.st_size;
        *total += f->size;
    }
    return files;
}

void cache_trim(JitCache *c, uint64_t limit)
{
    DIR *d = *c->directory ? opendir(c->directory) : NULL;
    if (!d)
        return;
    size_t count = 0;
    uint64_t total = 0;
    CacheFile *files = list_files(d, &count, &total);
    if (total > limit)
        qsort(files, count, sizeof *files, older_first);
    for (size_t i = 0; i < count && total > limit; i++) {
        unlinkat(dirfd(d), files[i].name, 0);
        total -= files[i].size;
    }
    free(files);
    closedir(d);
}
