#include "jit_debug.h"

#include "base/error.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// --------------------------------------------------------------------- gdb

struct JitDebugEntry { // gdb's layout
    JitDebugEntry *next, *previous;
    const char *bytes;
    uint64_t size;
};

typedef struct {
    uint32_t version, action;
    JitDebugEntry *relevant, *first;
} JitDebugDescriptor;

enum { NOTHING, ADDED, REMOVED };

extern JitDebugDescriptor __jit_debug_descriptor;
void __jit_debug_register_code(void);

// Names that gdb looks for; it sets a breakpoint in the function.
JitDebugDescriptor __jit_debug_descriptor = { .version = 1 };
__attribute__((noinline)) void __jit_debug_register_code(void)
{
    __asm__ volatile("" ::: "memory");
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // all of this file's state

static void tell_gdb(uint32_t action, JitDebugEntry *e)
{
    __jit_debug_descriptor.action = action;
    __jit_debug_descriptor.relevant = e;
    __jit_debug_register_code();
    __jit_debug_descriptor.action = NOTHING;
    __jit_debug_descriptor.relevant = NULL;
}

// -------------------------------------------------------------------- perf

static FILE *map, *dump;
static uint64_t dumped; // regions in the dump

// As tools/perf/Documentation/jitdump-specification.txt in the kernel says.
typedef struct {
    uint32_t magic, version, total_size, elf_mach, pad, pid;
    uint64_t timestamp, flags;
} DumpHead;

typedef struct {
    uint32_t id, total_size;
    uint64_t timestamp;
    uint32_t pid, tid;
    uint64_t vma, code_addr, code_size, code_index;
} DumpCode;

static uint64_t perf_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// perf learns of the dump by seeing its first page mapped as code.
static FILE *open_dump(void)
{
    char path[4096];
    const char *folder = getenv("JITDUMPDIR");
    snprintf(path, sizeof path, "%s/jit-%d.dump", folder && *folder ? folder : ".", (int)getpid());
    const int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    FILE *out = file < 0 ? NULL : fdopen(file, "w");
    if (!out)
        return NULL;
#if defined(__x86_64__)
    const uint32_t machine = EM_X86_64;
#else
    const uint32_t machine = EM_AARCH64;
#endif
    const DumpHead head = { 0x4A695444, 1, sizeof head, machine, 0, (uint32_t)getpid(), perf_time(), 0 };
    fwrite(&head, sizeof head, 1, out);
    fflush(out);
    mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    return out;
}

static void open_perf(void)
{
    static bool is_open;
    char path[64];
    if (is_open)
        return;
    is_open = true;
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    map = fopen(path, "we");
    dump = open_dump();
}

static void tell_perf(const JitLinked *linked, const char *name)
{
    open_perf();
    const uint64_t address = (uint64_t)(uintptr_t)linked->function;
    if (map) {
        fprintf(map, "%llx %zx %s\n", (unsigned long long)address, linked->function_bytes, name);
        fflush(map);
    }
    if (!dump)
        return;
    const size_t name_bytes = strlen(name) + 1;
    const DumpCode code = { .total_size = (uint32_t)(sizeof code + name_bytes + linked->function_bytes),
                            .timestamp = perf_time(), .pid = (uint32_t)getpid(), .tid = (uint32_t)syscall(SYS_gettid),
                            .vma = address, .code_addr = address, .code_size = linked->function_bytes,
                            .code_index = dumped++ };
    fwrite(&code, sizeof code, 1, dump);
    fwrite(name, name_bytes, 1, dump);
    fwrite((const void *)linked->function, linked->function_bytes, 1, dump);
    fflush(dump);
}

// -------------------------------------------------------------------- both

JitDebugEntry *jit_debug_add(JitObject *object, const JitLinked *linked, const char *name)
{
    JitDebugEntry *e = need_memory(calloc(1, sizeof *e));
    *e = (JitDebugEntry){ .bytes = object->bytes, .size = object->size };
    object->bytes = NULL;
    pthread_mutex_lock(&lock);
    if ((e->next = __jit_debug_descriptor.first))
        e->next->previous = e;
    __jit_debug_descriptor.first = e;
    tell_gdb(ADDED, e);
    if (getenv("LC3_JIT_PERF"))
        tell_perf(linked, name);
    pthread_mutex_unlock(&lock);
    return e;
}

void jit_debug_remove(JitDebugEntry *e)
{
    if (!e)
        return;
    pthread_mutex_lock(&lock);
    if (e->next)
        e->next->previous = e->previous;
    if (e->previous)
        e->previous->next = e->next;
    else
        __jit_debug_descriptor.first = e->next;
    tell_gdb(REMOVED, e);
    pthread_mutex_unlock(&lock);
    free((void *)e->bytes);
    free(e);
}
