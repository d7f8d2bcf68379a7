#include "object.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t segments_magic[] = { 0xFF, 'L', 'C', '3', 1, 0 };
static const uint8_t lc3tools_magic[] = { 28, '0', 0x15, 0xC0, 1, 1, 1 };

bool object_format(const char *name, ObjectFormat *format)
{
    static const char *const names[] = { "obj", "lc3tools", "bin", "hex", "c" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *format = (ObjectFormat)i;
            return true;
        }
    return false;
}

const char *object_path(Arena *a, const char *path, const char *extension)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    const size_t len = dot && dot != name ? (size_t)(dot - path) : strlen(path);
    return arena_format(a, "%.*s%s", (int)len, path, extension);
}

// ---------------------------------------------------------------- reading

// Bytes being read; `at` is where, for messages.
typedef struct {
    const char *name;
    const uint8_t *bytes;
    size_t size, at;
    Error *err;
} Input;

static bool damaged(const Input *in, size_t at, const char *reason)
{
    return fail(in->err, "%s: damaged object: %s at offset %zu", in->name, reason, at);
}

static uint16_t big16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint16_t little16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t little32(const uint8_t *p)
{
    return little16(p) | (uint32_t)little16(p + 2) << 16;
}

// A segment must end before the device registers.
static bool check_range(const Input *in, size_t at, uint16_t origin, size_t count)
{
    if (origin + count <= OBJECT_LIMIT)
        return true;
    return fail(in->err, "%s: x%04X words from x%04X reach into device space (x%04X and up) at offset %zu",
                in->name, (unsigned)(count > 0xFFFF ? 0xFFFF : count), origin, OBJECT_LIMIT, at);
}

static bool parse_classic(Object *obj, Arena *a, Input *in)
{
    if (in->size < 2)
        return damaged(in, 0, in->size ? "one byte is no origin" : "the file is empty, no origin");
    if (in->size % 2)
        return damaged(in, in->size - 1, "half a word");
    const size_t count = in->size / 2 - 1;
    const uint16_t origin = big16(in->bytes);
    if (!check_range(in, 0, origin, count))
        return false;
    obj->segments = arena_new(a, ObjectSegment);
    obj->segment_count = 1;
    obj->segments[0] = (ObjectSegment){ origin, (uint32_t)count, arena_array(a, uint16_t, count + 1) };
    for (size_t i = 0; i < count; i++)
        obj->segments[0].words[i] = big16(in->bytes + 2 + 2 * i);
    return true;
}

static bool parse_segment(ObjectSegment *segment, Arena *a, Input *in)
{
    if (in->size - in->at < 4)
        return damaged(in, in->at, "the file ends inside a segment's origin and length");
    const uint16_t origin = big16(in->bytes + in->at), count = big16(in->bytes + in->at + 2);
    if (!check_range(in, in->at, origin, count))
        return false;
    in->at += 4;
    if ((in->size - in->at) / 2 < count)
        return fail(in->err, "%s: damaged object: a segment of %u words has only %zu bytes at offset %zu",
                    in->name, count, in->size - in->at, in->at);
    *segment = (ObjectSegment){ origin, count, arena_array(a, uint16_t, (size_t)count + 1) };
    for (uint32_t i = 0; i < count; i++)
        segment->words[i] = big16(in->bytes + in->at + 2 * i);
    in->at += 2u * count;
    return true;
}

static bool parse_segments(Object *obj, Arena *a, Input *in)
{
    if (in->size < sizeof segments_magic + 2)
        return damaged(in, in->size, "the file ends inside the header");
    if (memcmp(in->bytes, segments_magic, sizeof segments_magic) != 0)
        return damaged(in, 4, "a version that this program does not know");
    const uint16_t count = big16(in->bytes + sizeof segments_magic);
    in->at = sizeof segments_magic + 2;
    if (count == 0)
        return damaged(in, sizeof segments_magic, "no segments");
    if ((in->size - in->at) / 4 < count)
        return damaged(in, sizeof segments_magic, "more segments than the file has room for");
    obj->segments = arena_array(a, ObjectSegment, count);
    obj->segment_count = count;
    for (uint16_t i = 0; i < count; i++)
        if (!parse_segment(&obj->segments[i], a, in))
            return false;
    if (in->at != in->size)
        return damaged(in, in->at, "bytes behind the last segment");
    return true;
}

// One entry of an lc3tools object: a word or an origin, with its source line.
typedef struct {
    uint16_t value;
    bool is_origin;
    Text line;
} Entry;

static bool next_entry(Input *in, Entry *entry)
{
    if (in->size - in->at < 7)
        return damaged(in, in->at, "the file ends inside an entry");
    const uint8_t *p = in->bytes + in->at;
    const uint32_t len = little32(p + 3);
    if (p[2] > 1)
        return damaged(in, in->at + 2, "an entry that is neither a word nor an origin");
    if (in->size - in->at - 7 < len)
        return damaged(in, in->at + 3, "a source line longer than the file");
    *entry = (Entry){ little16(p), p[2] == 1, { (const char *)p + 7, len } };
    in->at += 7 + (size_t)len;
    return true;
}

static bool count_entries(Input *in, size_t *segments, size_t *words)
{
    const size_t begin = in->at;
    uint16_t origin = 0;
    size_t count = 0;
    while (in->at < in->size) {
        const size_t at = in->at;
        Entry entry;
        if (!next_entry(in, &entry))
            return false;
        if (entry.is_origin) {
            ++*segments;
            origin = entry.value;
            count = 0;
        } else if (*segments == 0) {
            return damaged(in, at, "a word before the first origin");
        } else {
            ++*words;
            count++;
        }
        if (!check_range(in, at, origin, count))
            return false;
    }
    if (*segments == 0)
        return damaged(in, begin, "no origin");
    in->at = begin;
    return true;
}

static bool parse_lc3tools(Object *obj, Arena *a, Input *in)
{
    size_t segments = 0, words = 0;
    in->at = sizeof lc3tools_magic;
    if (!count_entries(in, &segments, &words))
        return false;
    obj->segments = arena_array(a, ObjectSegment, segments);
    obj->lines = arena_array(a, ObjectLine, words + 1);
    Text *texts = arena_array(a, Text, words + 1);
    uint16_t *out = arena_array(a, uint16_t, words + 1);
    while (in->at < in->size) {
        Entry entry;
        if (!next_entry(in, &entry))
            return false;
        if (entry.is_origin) {
            obj->segments[obj->segment_count++] = (ObjectSegment){ entry.value, 0, out };
            continue;
        }
        ObjectSegment *segment = &obj->segments[obj->segment_count - 1];
        texts[obj->line_count] = (Text){ arena_copy(a, entry.line.at, entry.line.len), entry.line.len };
        obj->lines[obj->line_count++] = (ObjectLine){ (uint16_t)(segment->origin + segment->count), 1, 0, 0 };
        segment->count++;
        *out++ = entry.value;
    }
    obj->texts = texts;
    obj->files = arena_new(a, const char *);
    obj->files[0] = obj->name;
    obj->file_count = 1;
    return true;
}

static bool has_magic(const Input *in, const uint8_t *magic, size_t len)
{
    return in->size >= len && memcmp(in->bytes, magic, len) == 0;
}

bool object_parse(Object *obj, Arena *a, const char *name, const uint8_t *bytes, size_t size, Error *err)
{
    Input in = { name, bytes, size, 0, err };
    Object read = { .name = arena_copy(a, name, strlen(name)) };
    bool good;
    if (has_magic(&in, segments_magic, 4))
        good = parse_segments(&read, a, &in);
    else if (has_magic(&in, lc3tools_magic, sizeof lc3tools_magic))
        good = parse_lc3tools(&read, a, &in);
    else
        good = parse_classic(&read, a, &in);
    if (!good)
        return false;
    *obj = read;
    return true;
}

bool object_read(Object *obj, Arena *a, const char *path, Error *err)
{
    Source file;
    Arena scratch = { 0 };
    const bool good = source_read(&file, &scratch, path, err) &&
                      object_parse(obj, a, path, (const uint8_t *)file.at, file.size, err);
    arena_free(&scratch);
    return good;
}

// --------------------------------------------------------------- questions

static const ObjectSegment *segment_of(const Object *obj, uint16_t address)
{
    for (size_t i = obj->segment_count; i-- > 0;) {
        const ObjectSegment *s = &obj->segments[i];
        if (address >= s->origin && (uint32_t)(address - s->origin) < s->count)
            return s;
    }
    return NULL;
}

bool object_word(const Object *obj, uint16_t address, uint16_t *word)
{
    const ObjectSegment *s = segment_of(obj, address);
    if (s)
        *word = s->words[address - s->origin];
    return s != NULL;
}

const ObjectSymbol *object_symbol_at(const Object *obj, uint16_t address)
{
    size_t low = 0, high = obj->symbol_count; // symbols below low are at or below the address
    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (obj->symbols[mid].address <= address)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0)
        return NULL;
    while (low > 1 && obj->symbols[low - 2].address == obj->symbols[low - 1].address)
        low--;
    const ObjectSymbol *symbol = &obj->symbols[low - 1];
    const ObjectSegment *s = segment_of(obj, address);
    return symbol->address == address || (s && symbol->address >= s->origin) ? symbol : NULL;
}

const ObjectSymbol *object_symbol_find(const Object *obj, const char *name)
{
    const Text wanted = text_of(name);
    for (size_t i = 0; i < obj->symbol_count; i++)
        if (text_same_case(text_of(obj->symbols[i].name), wanted))
            return &obj->symbols[i];
    return NULL;
}

const ObjectLine *object_line_at(const Object *obj, uint16_t address)
{
    for (size_t i = obj->line_count; i-- > 0;) {
        const ObjectLine *line = &obj->lines[i];
        if (address >= line->address && address - line->address < line->words)
            return line;
    }
    return NULL;
}

// A stable order needs the place as the last key; symbols stand in one array.
static int by_address(const void *a, const void *b)
{
    const ObjectSymbol *const *x = a, *const *y = b;
    if ((*x)->address != (*y)->address)
        return (*x)->address < (*y)->address ? -1 : 1;
    return *x < *y ? -1 : *x > *y;
}

void object_sort_symbols(Object *obj)
{
    bool is_sorted = true;
    for (size_t i = 1; i < obj->symbol_count && is_sorted; i++)
        is_sorted = obj->symbols[i - 1].address <= obj->symbols[i].address;
    if (is_sorted)
        return;
    const ObjectSymbol **order = need_memory(malloc(obj->symbol_count * sizeof *order));
    ObjectSymbol *sorted = need_memory(malloc(obj->symbol_count * sizeof *sorted));
    for (size_t i = 0; i < obj->symbol_count; i++)
        order[i] = &obj->symbols[i];
    qsort(order, obj->symbol_count, sizeof *order, by_address);
    for (size_t i = 0; i < obj->symbol_count; i++)
        sorted[i] = *order[i];
    memcpy(obj->symbols, sorted, obj->symbol_count * sizeof *sorted);
    free(order);
    free(sorted);
}
