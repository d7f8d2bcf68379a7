// dis_write.c -- an object taken apart, as source and as JSON.
#include "dis.h"

#include <string.h>

enum { LABEL_COLUMN = 12, COMMENT_COLUMN = 48 };

// Which labels have been written: blocks may overlap, and a label stands once.
typedef struct {
    const Dis *d;
    bool *done; // by label
} Labels;

static size_t first_label(const Dis *d, uint32_t address)
{
    size_t low = 0, high = d->label_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (d->labels[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// ------------------------------------------------------------------ source

// Writes the labels of an address, all but the last on lines of their own;
// returns the width of the last.
static size_t write_labels(Writer *w, Labels *l, uint32_t address, bool alone)
{
    const char *last = NULL;
    for (size_t i = first_label(l->d, address); i < l->d->label_count && l->d->labels[i].address == address;
         i++) {
        if (l->done[i])
            continue;
        l->done[i] = true;
        if (last)
            write_format(w, "%s:\n", last);
        last = l->d->labels[i].name;
    }
    if (last && (alone || strlen(last) >= LABEL_COLUMN)) {
        write_format(w, "%s:\n", last);
        return 0;
    }
    write_text(w, last ? last : "");
    return last ? strlen(last) : 0;
}

static void write_item(Writer *w, Labels *l, const DisItem *item)
{
    size_t width = write_labels(w, l, item->address, false);
    write_format(w, "%*s%s", LABEL_COLUMN - (int)width, "", item->text);
    int pad = COMMENT_COLUMN - LABEL_COLUMN - (int)strlen(item->text);
    write_format(w, "%*s; x%04X", pad > 1 ? pad : 1, "", item->address);
    if (item->kind == DIS_CODE || item->kind == DIS_WORD)
        write_format(w, " %04X", item->words[0]);
    if (item->comment)
        write_format(w, "  %s", item->comment);
    write_text(w, "\n");
}

static void write_block(Writer *w, Labels *l, const DisBlock *block)
{
    write_format(w, "%*s.ORIG x%04X\n", LABEL_COLUMN, "", block->origin);
    for (size_t i = 0; i < block->items.count; i++) {
        // A routine begins: a line of air makes it visible.
        const DisItem *item = &block->items.at[i];
        if (i && item->kind == DIS_CODE && block->items.at[i - 1].kind != DIS_CODE)
            write_text(w, "\n");
        write_item(w, l, item);
    }
    if (block->end < 65536)
        write_labels(w, l, block->end, true);
    write_format(w, "%*s.END\n", LABEL_COLUMN, "");
}

void dis_write_source(Writer *w, const Dis *d)
{
    Labels l = { .d = d, .done = arena_array(d->arena, bool, d->label_count + 1) };
    for (size_t i = 0; i < d->blocks.count; i++) {
        write_text(w, i ? "\n" : "");
        write_block(w, &l, &d->blocks.at[i]);
    }
}

// -------------------------------------------------------------------- JSON

static const char *const kind_names[] = {
    [DIS_CODE] = "code", [DIS_WORD] = "word", [DIS_STRING] = "string", [DIS_SPACE] = "space"
};

static void write_item_labels(Writer *w, const Dis *d, uint16_t address)
{
    size_t first = first_label(d, address);
    for (size_t i = first; i < d->label_count && d->labels[i].address == address; i++) {
        write_text(w, i > first ? "," : "");
        write_json_string(w, d->labels[i].name);
    }
}

static void write_json_item(Writer *w, const Dis *d, const DisItem *item)
{
    write_format(w, "{\"address\":%u,\"kind\":\"%s\",\"count\":%u,\"labels\":[", item->address,
                 kind_names[item->kind], item->count);
    write_item_labels(w, d, item->address);
    write_text(w, "],\"words\":[");
    for (uint32_t i = 0; item->kind != DIS_SPACE && i < item->count; i++)
        write_format(w, "%s\"%04X\"", i ? "," : "", item->words[i]);
    write_text(w, "],\"text\":");
    write_json_string(w, item->text);
    write_text(w, ",\"comment\":");
    if (item->comment)
        write_json_string(w, item->comment);
    else
        write_text(w, "null");
    if (item->has_target)
        write_format(w, ",\"target\":%u}", item->target);
    else
        write_text(w, ",\"target\":null}");
}

void dis_write_json(Writer *w, const Dis *d)
{
    write_text(w, "{\"object\":");
    write_json_string(w, d->object->name ? d->object->name : "");
    write_text(w, ",\"blocks\":[");
    for (size_t i = 0; i < d->blocks.count; i++) {
        const DisBlock *block = &d->blocks.at[i];
        write_format(w, "%s{\"origin\":%u,\"items\":[", i ? "," : "", block->origin);
        for (size_t k = 0; k < block->items.count; k++) {
            write_text(w, k ? ",\n" : "\n");
            write_json_item(w, d, &block->items.at[k]);
        }
        write_text(w, "]}");
    }
    write_text(w, "]}\n");
}
