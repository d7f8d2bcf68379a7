#include "listing.h"

#include <stdio.h>

enum { WORDS_SHOWN = 8 }; // of a statement: a .BLKW would fill pages

static void write_row(Writer *w, const char *number, const char *place, Text text)
{
    char head[64];
    const int len = snprintf(head, sizeof head, "%6s  %-10s ", number, place);
    write_bytes(w, head, (size_t)len);
    if (text.len)
        write_bytes(w, " ", 1);
    write_bytes(w, text.at, text.len);
    while (w->len && w->at[w->len - 1] == ' ')
        w->len--;
    write_bytes(w, "\n", 1);
}

// The words of a statement: the first stands beside the source line.
static void write_statement(Writer *w, const Object *obj, const ObjectLine *line, const char *number,
                            Text text)
{
    char place[32];
    for (unsigned i = 0; i < line->words && i < WORDS_SHOWN; i++) {
        uint16_t word = 0;
        const uint16_t address = (uint16_t)(line->address + i);
        object_word(obj, address, &word);
        snprintf(place, sizeof place, "%04X  %04X", address, word);
        write_row(w, i ? "" : number, place, i ? (Text){ "", 0 } : text);
    }
    if (line->words > WORDS_SHOWN) {
        snprintf(place, sizeof place, "...");
        write_row(w, "", place, (Text){ "", 0 });
    }
}

// For each line of a file the statements that begin on it, in order.
typedef struct {
    uint32_t *first, *next; // plus one; 0 ends
} Index;

static Index make_index(Arena *a, const Object *obj, uint32_t file)
{
    const Source *source = obj->sources[file];
    Index index = { arena_array(a, uint32_t, source->lines.count + 2),
                    arena_array(a, uint32_t, obj->line_count + 1) };
    for (size_t i = obj->line_count; i-- > 0;) {
        const ObjectLine *line = &obj->lines[i];
        if (line->file != file || line->line > source->lines.count)
            continue;
        index.next[i] = index.first[line->line];
        index.first[line->line] = (uint32_t)i + 1;
    }
    return index;
}

static void write_file(Writer *w, const Object *obj, uint32_t file)
{
    Arena scratch = { 0 };
    const Source *source = obj->sources[file];
    const Index index = make_index(&scratch, obj, file);
    write_format(w, "%s%s\n\n  line  addr  word  source\n", file ? "\n" : "", source->name);
    for (uint32_t line = 1; line <= source->lines.count; line++) {
        char number[16];
        const Text text = source_line(source, line);
        if (line == source->lines.count && text.len == 0)
            break;
        snprintf(number, sizeof number, "%u", line);
        uint32_t i = index.first[line];
        if (!i)
            write_row(w, number, "", text);
        for (bool is_first = true; i; i = index.next[i - 1], is_first = false)
            write_statement(w, obj, &obj->lines[i - 1], is_first ? number : "",
                            is_first ? text : (Text){ "", 0 });
    }
    arena_free(&scratch);
}

void listing_write(Writer *w, const Object *obj)
{
    for (uint32_t file = 0; obj->sources && file < obj->file_count; file++)
        write_file(w, obj, file);
}
