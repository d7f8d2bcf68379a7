// Bytes as damage to a file of the JIT's cache.  Anything but the very file that was
// stored is a miss.  The first byte says what the rest is:
//     'r'  the whole file
//     'p'  pieces: an offset of two bytes and the byte that stands there then
//     'c'  the same, with the checksum made right afterwards
//     't'  a length to which the file is cut (two bytes), then bytes that follow
#include <stdlib.h>
#include <string.h>

#include "../../runtime/jit_cache.c"

#include "fuzz.h"

enum { ROOM = 1 << 17 };

static JitCache cache;
static JitRegion region = { .start = 0x3000, .block_count = 1, .word_count = 1 };
static const IsaTable isa = { .hash = 42 };
static const JitMachine machine = { .name = "fuzz", .isa = &isa };
static char path[4200];
static uint8_t good[ROOM], bad[ROOM];
static size_t good_size;

static void remove_folder(void)
{
    cache_trim(&cache, 0);
    rmdir(cache.directory);
    rmdir(getenv("XDG_CACHE_HOME"));
}

static void start(void)
{
    static char folder[] = "/dev/shm/lc3-fuzz-XXXXXX", bytes[] = "an object file";
    const JitObject object = { bytes, sizeof bytes, "symbol" };
    CacheHead head;
    fuzz_check(mkdtemp(folder) && !setenv("XDG_CACHE_HOME", folder, 1), "a folder");
    cache_open(&cache);
    atexit(remove_folder);
    cache_store(&cache, "version", &machine, &region, &object);
    make_head(&head, "version", &machine, &region);
    fuzz_check(path_of(&cache, &head, path, sizeof path), "a name");
    FILE *in = fopen(path, "rb");
    fuzz_check(in, "a file is stored");
    good_size = fread(good, 1, ROOM, in);
    fclose(in);
}

static size_t damage(FuzzInput *in)
{
    const uint8_t kind = fuzz_byte(in);
    size_t size = good_size;
    memcpy(bad, good, good_size);
    if (kind == 'r' || kind == 't') {
        const size_t kept = kind == 't' ? fuzz_word(in) % (good_size + 1) : 0;
        size = kept + (in->left < ROOM - kept ? in->left : ROOM - kept);
        memcpy(bad + kept, in->at, size - kept);
        return size;
    }
    while (in->left) {
        const size_t at = fuzz_word(in) % good_size;
        bad[at] = fuzz_byte(in);
    }
    const uint64_t sum = checksum(bad + offsetof(CacheHead, isa), size - offsetof(CacheHead, isa));
    if (kind == 'c')
        memcpy(bad + offsetof(CacheHead, checksum), &sum, sizeof sum);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!good_size)
        start();
    FuzzInput in = { bytes, size };
    const bool is_forged = size && bytes[0] == 'c';
    const size_t length = damage(&in);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_check(file >= 0 && write(file, bad, length) == (ssize_t)length, "the file is replaced");
    close(file);
    JitObject object = { 0 };
    const bool is_hit = cache_load(&cache, "version", &machine, &region, &object);
    const bool is_same = length == good_size && !memcmp(bad, good, length);
    fuzz_check(is_hit == is_same || is_forged, "a hit is the file that was stored");
    if (is_hit) // forged: still this region's, and no longer than the file
        fuzz_check(object.size == length - sizeof(CacheHead) &&
                       memchr(object.symbol, 0, sizeof object.symbol),
                   "the object lies in the file, and its symbol ends");
    free(object.bytes);
    return 0;
}
