// The written formats; object.h says what each looks like.
#include "object.h"

#include <stdio.h>
#include <string.h>

static void write16(Writer *w, unsigned value)
{
    const uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };
    write_bytes(w, bytes, 2);
}

static void write_words(Writer *w, const ObjectSegment *s)
{
    uint8_t part[512];
    for (uint32_t i = 0; i < s->count;) {
        size_t n = 0;
        for (; n < sizeof part && i < s->count; i++) {
            part[n++] = (uint8_t)(s->words[i] >> 8);
            part[n++] = (uint8_t)s->words[i];
        }
        write_bytes(w, part, n);
    }
}

static void write_obj(Writer *w, const Object *obj)
{
    if (obj->segment_count != 1) {
        write_bytes(w, "\xFFLC3\1\0", 6);
        write16(w, (unsigned)obj->segment_count);
    }
    for (size_t i = 0; i < obj->segment_count; i++) {
        const ObjectSegment *s = &obj->segments[i];
        write16(w, s->origin);
        if (obj->segment_count != 1)
            write16(w, s->count);
        write_words(w, s);
    }
}

// ---------------------------------------------------------------- lc3tools

static void write_entry(Writer *w, uint16_t value, bool is_origin, Text line)
{
    const uint32_t n = (uint32_t)line.len;
    const uint8_t head[7] = { (uint8_t)value,    (uint8_t)(value >> 8), is_origin,         (uint8_t)n,
                              (uint8_t)(n >> 8), (uint8_t)(n >> 16),    (uint8_t)(n >> 24) };
    write_bytes(w, head, sizeof head);
    write_bytes(w, line.at, line.len);
}

static Text line_text(const Object *obj, size_t line)
{
    if (obj->texts)
        return obj->texts[line];
    const ObjectLine *l = &obj->lines[line];
    return obj->sources ? source_line(obj->sources[l->file], l->line) : (Text){ "", 0 };
}

static void write_lc3tools(Writer *w, const Object *obj)
{
    write_bytes(w, "\x1C\x30\x15\xC0\x01\x01\x01", 7);
    size_t line = 0; // lines come in the order of the words
    for (size_t i = 0; i < obj->segment_count; i++) {
        const ObjectSegment *s = &obj->segments[i];
        char origin[24];
        snprintf(origin, sizeof origin, ".ORIG x%04X", s->origin);
        write_entry(w, s->origin, true, text_of(origin));
        for (uint32_t k = 0; k < s->count; k++) {
            const uint16_t address = (uint16_t)(s->origin + k);
            while (line < obj->line_count &&
                   (uint16_t)(address - obj->lines[line].address) >= obj->lines[line].words)
                line++;
            write_entry(w, s->words[k], false,
                        line < obj->line_count ? line_text(obj, line) : (Text){ "", 0 });
        }
    }
}

// -------------------------------------------------------------------- text

static void write_digits(Writer *w, uint16_t value, int base_bits)
{
    char line[17];
    const int digits = 16 / base_bits;
    for (int i = 0; i < digits; i++)
        line[i] = "0123456789ABCDEF"[value >> (16 - (i + 1) * base_bits) & ((1 << base_bits) - 1)];
    line[digits] = '\n';
    write_bytes(w, line, (size_t)digits + 1);
}

static void write_lines(Writer *w, const Object *obj, int base_bits)
{
    for (size_t i = 0; i < obj->segment_count; i++) {
        if (i)
            write_text(w, "\n; next block, origin first\n");
        write_digits(w, obj->segments[i].origin, base_bits);
        for (uint32_t k = 0; k < obj->segments[i].count; k++)
            write_digits(w, obj->segments[i].words[k], base_bits);
    }
}

static void write_c(Writer *w, const Object *obj)
{
    write_text(w, "// Written by lc3as.\n#include <stdint.h>\n\n");
    for (size_t i = 0; i < obj->segment_count; i++) {
        const ObjectSegment *s = &obj->segments[i];
        write_format(w, "static const uint16_t segment_%zu[%u] = {", i, s->count ? s->count : 1);
        for (uint32_t k = 0; k < s->count; k++)
            write_format(w, "%s0x%04X,", k % 8 ? " " : "\n    ", s->words[k]);
        write_text(w, s->count ? "\n};\n" : " 0 };\n");
    }
    write_format(
        w,
        "\nstatic const struct {\n    uint16_t origin;\n    uint32_t count;\n    const uint16_t *words;\n"
        "} segments[%zu] = {\n",
        obj->segment_count);
    for (size_t i = 0; i < obj->segment_count; i++)
        write_format(w, "    { 0x%04X, %u, segment_%zu },\n", obj->segments[i].origin, obj->segments[i].count,
                     i);
    write_text(w, "};\n");
}

void object_write(Writer *w, const Object *obj, ObjectFormat format)
{
    switch (format) {
    case OBJECT_OBJ:
        write_obj(w, obj);
        break;
    case OBJECT_LC3TOOLS:
        write_lc3tools(w, obj);
        break;
    case OBJECT_BIN:
        write_lines(w, obj, 1);
        break;
    case OBJECT_HEX:
        write_lines(w, obj, 4);
        break;
    case OBJECT_C:
        write_c(w, obj);
        break;
    }
}
