// faults.c -- a library to be preloaded that lets one call fail.
//
//     LD_PRELOAD=faults.so FAULT_AT=N FAULT_LOG=FILE TOOL ARGS...
//
// The N-th of the calls below that our own code makes fails as it would for want of
// memory, space, files or threads.  Our own code is the program and its modules; what
// other libraries call for themselves always works.  FILE gets a line: how many calls
// there were, or which one failed and from where.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
    uintptr_t address;
    bool is_ours;
    const char *file;
    uintptr_t base;
} Search;

static long fault_at = -1;
static _Atomic long calls;
static const char *log_path;

static bool is_our_file(const char *path)
{
    // Not the JIT's, which is LLVM for the most part: LLVM aborts on its own.
    static const char *const modules[] = { "nic_pcap.so", "lc3_metrics.so" };
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (strcmp(slash ? slash + 1 : path, modules[i]) == 0)
            return true;
    return *path == 0; // the program itself
}

static int look(struct dl_phdr_info *info, size_t size, void *arg)
{
    Search *s = arg;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        const uintptr_t begin = info->dlpi_addr + p->p_vaddr;
        if (p->p_type != PT_LOAD || s->address < begin || s->address - begin >= p->p_memsz)
            continue;
        s->file = info->dlpi_name;
        s->base = info->dlpi_addr;
        s->is_ours = is_our_file(info->dlpi_name);
        return 1;
    }
    return 0;
}

static void note(const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    const int file = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || syscall(SYS_write, file, line, len) != len)
        _exit(99);
    syscall(SYS_close, file);
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("FAULT_AT");
    log_path = getenv("FAULT_LOG");
    fault_at = at && log_path ? strtol(at, NULL, 10) : -1;
}

__attribute__((destructor)) static void end(void)
{
    if (fault_at >= 0 && calls < fault_at)
        note("calls %ld\n", calls);
}

// Whether this call, which returns to `to`, is the one that fails.
static bool fails(const char *name, void *to)
{
    if (fault_at < 0)
        return false;
    Search s = { .address = (uintptr_t)to };
    dl_iterate_phdr(look, &s);
    if (!s.is_ours || ++calls != fault_at)
        return false;
    note("%s from %s+0x%lx\n", name, *s.file ? s.file : "program", (unsigned long)(s.address - s.base));
    return true;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// name, type, parameters, arguments, what it returns when it fails, why
#define CALL(name, type, parameters, arguments, wrong, why)                                                  \
    type name parameters                                                                                     \
    {                                                                                                        \
        static __typeof__(&name) real;                                                                       \
        if (!real)                                                                                           \
            real = REAL(name);                                                                               \
        if (fails(#name, __builtin_return_address(0))) {                                                     \
            errno = why;                                                                                     \
            return wrong;                                                                                    \
        }                                                                                                    \
        return real arguments;                                                                               \
    }

// dlsym itself may allocate, so these have the C library's own names.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    if (fails("malloc", __builtin_return_address(0))) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (fails("calloc", __builtin_return_address(0))) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    if (fails("realloc", __builtin_return_address(0))) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(old, size);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (fails("open", __builtin_return_address(0))) {
        errno = EMFILE;
        return -1;
    }
    return REAL(open)(path, flags, mode);
}

CALL(fopen, FILE *, (const char *path, const char *mode), (path, mode), NULL, EMFILE)
CALL(read, ssize_t, (int file, void *to, size_t size), (file, to, size), -1, EIO)
CALL(write, ssize_t, (int file, const void *from, size_t size), (file, from, size), -1, ENOSPC)
CALL(fclose, int, (FILE * file), (file), EOF, EIO)
CALL(fflush, int, (FILE * file), (file), EOF, ENOSPC)
CALL(rename, int, (const char *from, const char *to), (from, to), -1, EACCES)
CALL(mmap, void *, (void *at, size_t size, int protection, int flags, int file, off_t offset),
     (at, size, protection, flags, file, offset), MAP_FAILED, ENOMEM)
CALL(ftruncate, int, (int file, off_t size), (file, size), -1, ENOSPC)
CALL(memfd_create, int, (const char *name, unsigned flags), (name, flags), -1, EMFILE)
CALL(socket, int, (int domain, int type, int protocol), (domain, type, protocol), -1, EMFILE)
CALL(bind, int, (int file, const struct sockaddr *to, socklen_t size), (file, to, size), -1, EADDRINUSE)
CALL(listen, int, (int file, int backlog), (file, backlog), -1, EADDRINUSE)
CALL(eventfd, int, (unsigned value, int flags), (value, flags), -1, EMFILE)

// These say why by what they return.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg)
{
    if (fails("pthread_create", __builtin_return_address(0)))
        return EAGAIN;
    return REAL(pthread_create)(thread, attributes, run, arg);
}

// Where a read or write through stdio fails, the stream says so afterwards.
size_t fread(void *to, size_t size, size_t count, FILE *file)
{
    if (fails("fread", __builtin_return_address(0))) {
        file->_flags |= 0x20; // _IO_ERR_SEEN, which ferror shows
        errno = EIO;
        return 0;
    }
    return REAL(fread)(to, size, count, file);
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *file)
{
    if (fails("fwrite", __builtin_return_address(0))) {
        file->_flags |= 0x20;
        errno = ENOSPC;
        return 0;
    }
    return REAL(fwrite)(from, size, count, file);
}
