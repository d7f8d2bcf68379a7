#include "jit_key.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/stat.h>

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9E3779B97F4A7C15ull;
    return h ^ h >> 31;
}

#if defined(__x86_64__)
#include <cpuid.h>

// Model and features: all that CPUID says but which core answers.
static uint64_t cpu_hash(void)
{
    static const unsigned leaves[][2] = { { 0, 0 }, { 1, 0 }, { 7, 0 }, { 7, 1 }, { 0x80000001, 0 } };
    uint64_t h = 0;
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        unsigned a, b, c, d;
        if (!__get_cpuid_count(leaves[i][0], leaves[i][1], &a, &b, &c, &d))
            continue;
        h = mix(mix(h, (uint64_t)a << 32 | c), (uint64_t)(leaves[i][0] == 1 ? 0 : b) << 32 | d);
    }
    return h;
}
#else
static uint64_t cpu_hash(void)
{
    return mix(getauxval(AT_HWCAP), getauxval(AT_HWCAP2));
}
#endif

void jit_key(char *out, size_t size, const char *module)
{
    struct stat st = { 0 };
    stat(module, &st);
    snprintf(out, size, "LLVM %s, %016" PRIx64 ", %" PRIu64 ".%09ld.%" PRIu64, LC3_LLVM_VERSION, cpu_hash(),
             (uint64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (uint64_t)st.st_size);
}
