// image.c -- a program's memory before its first instruction.
#include "machine.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { IMAGE_BYTES = MEMORY_WORDS * 2 + MEMORY_WORDS }; // words, then code flags

static bool check_segments(const Object *obj, Error *err)
{
    size_t words = 0;
    for (size_t i = 0; i < obj->segment_count; i++) {
        const ObjectSegment *s = &obj->segments[i];
        words += s->count;
        if (s->origin + s->count > DEVICE_FIRST)
            return fail(err, "%s: words x%04X to x%04X reach into the device registers, which begin at x%04X",
                        obj->name, s->origin, (unsigned)(s->origin + s->count - 1) & 0xFFFFF, DEVICE_FIRST);
    }
    return words ? true : fail(err, "%s: there is nothing in it to run", obj->name);
}

static void load(Image *image, const Object *obj)
{
    for (size_t i = 0; i < obj->segment_count; i++) {
        const ObjectSegment *s = &obj->segments[i];
        memcpy(image->words + s->origin, s->words, s->count * sizeof *s->words);
    }
}

// A generator of random words (Marsaglia 2003, xorshift64 by 13, 7, 17).
static uint16_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint16_t)((*state * UINT64_C(0x2545F4914F6CDD1D)) >> 48);
}

static void fill_random(Image *image, uint64_t seed)
{
    uint64_t state = seed;
    for (uint32_t at = USER_FIRST; at < DEVICE_FIRST; at++)
        image->words[at] = next_random(&state);
}

static void find_start(Image *image, const Object *obj)
{
    const ObjectSegment *first = NULL;
    for (size_t i = 0; i < obj->segment_count && !image->is_user; i++) {
        const ObjectSegment *s = &obj->segments[i];
        if (s->count && (!first || s->origin >= USER_FIRST)) {
            first = s;
            image->is_user = s->origin >= USER_FIRST;
        }
    }
    image->start = first->origin;
}

// A routine of the system that is one trap, its own: it has no other body.
static bool is_relay(const Image *image, const IsaTrap *trap)
{
    const uint16_t word = image->words[image->stock[trap->vector]];
    const IsaForm *form = isa_form(image->isa, word);
    return form->roles & ISA_TRAP && isa_field_get(&image->isa->fields[form->operand[0]], word) == trap->vector;
}

// Before the program is laid over it.
static void note_stock(Image *image)
{
    memcpy(image->stock, image->words, sizeof image->stock);
    for (unsigned i = 0; i < image->isa->trap_count; i++)
        image->is_relay[image->isa->traps[i].vector & 0xFF] = is_relay(image, &image->isa->traps[i]);
}

static uint16_t address_of(const Object *os, const char *name)
{
    const ObjectSymbol *symbol = object_symbol_find(os, name);
    return symbol ? symbol->address : 0;
}

static void watch_os(Image *image, const Object *os)
{
    // What the system keeps for itself while it runs stands between two labels.
    const uint16_t data = address_of(os, "OS_DATA"), data_end = address_of(os, "OS_DATA_END");
    for (size_t i = 0; i < os->segment_count; i++) {
        const ObjectSegment *s = &os->segments[i];
        for (uint32_t k = 0; k < s->count; k++) {
            const uint16_t at = (uint16_t)(s->origin + k);
            if (at >= data && at < data_end)
                continue;
            image->code[at] |= CODE_WATCHED;
            if (at < VECTORS_END)
                continue;
            image->os_first = at < image->os_first ? at : image->os_first;
            image->os_last = at > image->os_last ? at : image->os_last;
            if (image->words[at] != s->words[k])
                image->has_intact_os = false;
        }
    }
}

static void mark_regions(Image *image)
{
    for (int i = 0; i < image->isa->region_count; i++) {
        const IsaRegion *r = &image->isa->regions[i];
        for (uint32_t at = r->first; at <= r->last; at++)
            image->code[at] = (uint8_t)((r->is_guarded ? CODE_GUARDED : 0) | (r->is_device ? CODE_DEVICE : 0));
    }
}

static bool map_image(Image *image, Error *err)
{
    image->file = memfd_create("image", MFD_CLOEXEC);
    if (image->file < 0 || ftruncate(image->file, IMAGE_BYTES) != 0)
        return fail(err, "no memory for a program: %s", strerror(errno));
    void *at = mmap(NULL, IMAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, image->file, 0);
    if (at == MAP_FAILED)
        return fail(err, "no memory for a program: %s", strerror(errno));
    image->words = at;
    image->code = (uint8_t *)(image->words + MEMORY_WORDS);
    return true;
}

bool image_open_for(Image *image, const IsaTable *isa, const Object *program, const Object *os, uint64_t seed,
                Error *err)
{
    *image = (Image){ .name = program->name, .isa = isa, .program = program, .os = os, .file = -1, .has_intact_os = os != NULL,
                      .os_first = 0xFFFF };
    if (!check_segments(program, err) || !map_image(image, err))
        return false;
    mark_regions(image);
    if (seed)
        fill_random(image, seed);
    if (os) {
        load(image, os);
        note_stock(image);
        image->fault_vector = address_of(os, "OS_FAULT_VECTOR");
        image->fault_at = address_of(os, "OS_FAULT_AT");
    }
    load(image, program);
    if (os)
        watch_os(image, os);
    find_start(image, program);
    return true;
}

bool image_open(Image *image, const Object *program, const Object *os, uint64_t seed, Error *err)
{
    return image_open_for(image, &lc3_isa, program, os, seed, err);
}

void image_close(Image *image)
{
    if (image->words)
        munmap(image->words, IMAGE_BYTES);
    if (image->file >= 0)
        close(image->file);
    *image = (Image){ .file = -1 };
}
