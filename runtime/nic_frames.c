#include "nic_frames.h"

#include <string.h>
#include <sys/mman.h>

#include "nic_link.h"

enum { FIRST_MAPPING = 1 << 21 };

// Grows a mapping to hold `need` bytes.  The kernel moves pages, not bytes, so
// doubling costs no copy; new pages are zero.
static bool grow(void *mapping, size_t *size, size_t need, Error *err)
{
    if (need <= *size)
        return true;
    void *old, *new;
    memcpy(&old, mapping, sizeof old);
    size_t bigger = *size ? *size : FIRST_MAPPING;
    while (bigger < need)
        bigger *= 2;
    if (old)
        new = mremap(old, *size, bigger, MREMAP_MAYMOVE);
    else
        new = mmap(NULL, bigger, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (new == MAP_FAILED)
        return fail(err, "no memory for the frames of a capture (%zu bytes)", bigger);
    madvise(new, bigger, MADV_HUGEPAGE); // a page fault costs as much as some thirty frames
    memcpy(mapping, &new, sizeof new);
    *size = bigger;
    return true;
}

static bool make_room(FrameTable *t, uint32_t bytes, Error *err)
{
    const size_t pool = t->units * FRAME_UNIT + bytes + FRAME_UNIT + FRAME_SLACK;
    if (t->units + bytes / FRAME_UNIT + 1 > UINT32_MAX)
        return fail(err, "more than %llu bytes of frames", (unsigned long long)UINT32_MAX * FRAME_UNIT);
    return grow(&t->frames, &t->frames_size, (t->count + 1) * sizeof *t->frames, err) &&
           grow(&t->stamps, &t->stamps_size, (t->count + 1) * sizeof *t->stamps, err) &&
           grow(&t->bytes, &t->bytes_size, pool, err);
}

static bool count_skipped(uint64_t *count)
{
    ++*count;
    return true;
}

bool frames_add(FrameTable *t, int link, uint64_t stamp_ns, const uint8_t *bytes, uint32_t held,
                uint32_t length, Error *err)
{
    if (length < held)
        length = held; // a header that contradicts itself: the bytes are there
    if (!length)
        return count_skipped(&t->found.empty);
    LinkFront front;
    if (!link_front(link, bytes, held, &front))
        return count_skipped(&t->found.runt);
    const uint64_t long_length = (uint64_t)length - front.skip + front.size;
    if (long_length > FRAME_LENGTH_MAX)
        return count_skipped(&t->found.oversize);
    if (!make_room(t, held + front.size, err))
        return false;

    const uint32_t body = held - front.skip;
    uint8_t *to = t->bytes + t->units * FRAME_UNIT;
    memcpy(to, front.bytes, front.size);
    memcpy(to + front.size, bytes + front.skip, body);
    t->frames[t->count] = (Frame){
        .at = (uint32_t)t->units,
        .length = (uint16_t)long_length,
        .held = (uint16_t)(front.size + body),
    };
    t->stamps[t->count] = stamp_ns;
    t->found.cut += held < length;
    t->found.backwards += t->count && stamp_ns < t->stamps[t->count - 1];
    t->units += (front.size + body) / FRAME_UNIT + 1; // at least one: a place names one frame
    t->count++;
    return true;
}

void frames_free(FrameTable *t)
{
    if (t->frames)
        munmap(t->frames, t->frames_size);
    if (t->stamps)
        munmap(t->stamps, t->stamps_size);
    if (t->bytes)
        munmap(t->bytes, t->bytes_size);
    *t = (FrameTable){ 0 };
}
