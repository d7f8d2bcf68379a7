#include "assemble.h"

#include "link.h"

#include <string.h>

// ------------------------------------------------------------------- objects

static size_t count_words(const Unit *u)
{
    size_t words = 0;
    for (size_t b = 0; b < u->blocks.count; b++)
        words += u->blocks.at[b].size;
    return words;
}

// A machine starts at the first segment, so blocks that say where they stand come
// before those that the linker placed.  A placed one directly behind the last
// segment becomes part of it: a program with routines of the library stays a
// classic object.
static void add_segment(Object *obj, Arena *a, const Block *block, bool is_placed)
{
    ObjectSegment *last = obj->segment_count ? &obj->segments[obj->segment_count - 1] : NULL;
    if (is_placed && last && last->origin >= 0x3000 && last->origin + last->count == block->origin) {
        uint16_t *words = arena_array(a, uint16_t, last->count + block->size + 1);
        memcpy(words, last->words, last->count * sizeof *words);
        memcpy(words + last->count, block->words, block->size * sizeof *words);
        last->words = words;
        last->count += block->size;
        return;
    }
    obj->segments[obj->segment_count++] =
        (ObjectSegment){ (uint16_t)block->origin, block->size, block->words };
}

static void add_segments(Object *obj, Arena *a, const Program *p)
{
    size_t blocks = 0, words = 0;
    for (size_t i = 0; i < p->units.count; i++) {
        blocks += p->units.at[i]->blocks.count;
        words += count_words(p->units.at[i]);
    }
    obj->segments = arena_array(a, ObjectSegment, blocks + 1);
    for (int is_placed = 0; is_placed <= 1; is_placed++)
        for (size_t i = 0; i < p->units.count; i++) {
            const Unit *u = p->units.at[i];
            for (size_t b = 0; b < u->blocks.count; b++) {
                const Block *block = &u->blocks.at[b];
                if (block->is_floating == is_placed &&
                    (block->size || (words == 0 && obj->segment_count == 0)))
                    add_segment(obj, a, block, is_placed);
            }
        }
}

static void add_symbols(Object *obj, Arena *a, const Program *p)
{
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < p->units.count; i++) {
        const Unit *u = p->units.at[i];
        count += u->labels.count;
        for (size_t k = 0; k < u->labels.count; k++)
            bytes += u->labels.at[k]->len + 1;
    }
    obj->symbols = arena_array(a, ObjectSymbol, count + 1);
    char *name = arena_array(a, char, bytes + 1);
    for (size_t i = 0; i < p->units.count; i++)
        for (size_t k = 0; k < p->units.at[i]->labels.count; k++) {
            const Word *w = p->units.at[i]->labels.at[k];
            obj->symbols[obj->symbol_count++] = (ObjectSymbol){ name, w->address };
            memcpy(name, w->at, w->len);
            name += w->len + 1;
        }
    object_sort_symbols(obj);
}

static void add_lines(Object *obj, const Unit *u, uint32_t first_file, bool is_placed)
{
    for (size_t b = 0; b < u->blocks.count; b++) {
        const Block *block = &u->blocks.at[b];
        if (block->is_floating != is_placed)
            continue;
        for (size_t i = block->statement; i < block->statement_end; i++) {
            const Statement *s = &u->statements.at[i];
            if (!s->words)
                continue;
            obj->lines[obj->line_count++] = (ObjectLine){ (uint16_t)(block->origin + s->offset),
                                                          (uint16_t)s->words, first_file + s->file->number,
                                                          s->file->is_macro ? s->file->call_line : s->line };
        }
    }
}

static void add_debug(Object *obj, Arena *a, const Program *p)
{
    size_t files = 0, lines = 0, metrics = 0, breaks = 0;
    for (size_t i = 0; i < p->units.count; i++) {
        const Unit *u = p->units.at[i];
        files += u->files.count;
        lines += u->statements.count;
        metrics += u->metrics.count;
        breaks += u->breaks.count;
    }
    obj->files = arena_array(a, const char *, files + 1);
    const Source **sources = arena_array(a, const Source *, files + 1);
    obj->sources = sources;
    obj->lines = arena_array(a, ObjectLine, lines + 1);
    obj->metrics = arena_array(a, ObjectMetric, metrics + 1);
    obj->breaks = arena_array(a, uint16_t, breaks + 1);
    uint32_t *first_file = arena_array(a, uint32_t, p->units.count);
    for (size_t i = 0; i < p->units.count; i++) {
        const Unit *u = p->units.at[i];
        first_file[i] = (uint32_t)obj->file_count;
        for (size_t k = 0; k < u->files.count; k++) {
            sources[obj->file_count] = &u->files.at[k]->source;
            obj->files[obj->file_count++] = u->files.at[k]->source.name;
        }
        for (size_t k = 0; k < u->metrics.count; k++)
            obj->metrics[obj->metric_count++] =
                (ObjectMetric){ u->metrics.at[k].is_histogram, u->metrics.at[k].number,
                                u->metrics.at[k].name };
        for (size_t k = 0; k < u->breaks.count; k++)
            obj->breaks[obj->break_count++] =
                (uint16_t)(u->blocks.at[u->breaks.at[k].block].origin + u->breaks.at[k].offset);
    }
    for (int is_placed = 0; is_placed <= 1; is_placed++) // as the segments
        for (size_t i = 0; i < p->units.count; i++)
            add_lines(obj, p->units.at[i], first_file[i], is_placed);
}

static void add_forms(Object *obj, Arena *a, const Program *p, const IsaTable *isa)
{
    obj->forms = arena_array(a, ObjectForm, isa->form_count);
    for (unsigned f = 0; f < isa->form_count; f++) {
        bool is_used = false;
        for (size_t i = 0; i < p->units.count; i++)
            is_used |= p->units.at[i]->used_forms[f / 64] >> f % 64 & 1;
        if (!is_used)
            continue;
        char *name = arena_array(a, char, 64);
        isa_form_name(&isa->forms[f], name, 64);
        obj->forms[obj->form_count++] = (ObjectForm){ name, isa_form_encoding(isa, &isa->forms[f]) };
    }
}

// ------------------------------------------------------------------ assembly

static void warn_about_unused(Unit *u)
{
    for (size_t i = 0; i < u->labels.count; i++) {
        const Word *w = u->labels.at[i];
        if (!w->is_used && !w->is_global)
            unit_warn(u, WARN_UNUSED_LABEL, w->span, "nothing refers to the label %.*s", SHOWN(word_text(w)));
    }
}

static void check_empty(Program *p)
{
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *u = p->units.at[i];
        if (u->blocks.count == 0 && !u->has_failed) {
            unit_error(u, unit_span(u->file, 0, 0), "nothing to assemble: no instruction and no data");
            unit_hint(u, "a program begins with .ORIG x3000 and ends with .END");
        }
    }
}

static bool assemble(Object *obj, Arena *a, const char *name, const Source *const *sources, size_t count,
                     const AssembleOptions *options, Diag *diag)
{
    AssembleOptions o = options ? *options : (AssembleOptions){ 0 };
    if (!o.isa)
        o.isa = &lc3_isa;
    Program p = { .arena = a, .options = &o, .diag = diag };
    program_read(&p, sources, count);
    check_empty(&p);
    program_link(&p);
    for (size_t i = 0; i < p.units.count; i++)
        unit_encode(p.units.at[i]);
    const bool is_good = !program_failed(&p);
    for (size_t i = 0; i < p.units.count && is_good && !o.is_unchecked; i++) {
        Unit *u = p.units.at[i];
        if (u->is_library)
            continue;
        flow_check(u);
        if (u->warnings & WARNING_BIT(WARN_UNUSED_LABEL))
            warn_about_unused(u);
    }
    if (program_failed(&p))
        return false;
    Object made = { .name = name };
    add_segments(&made, a, &p);
    add_symbols(&made, a, &p);
    add_debug(&made, a, &p);
    add_forms(&made, a, &p, o.isa);
    *obj = made;
    return true;
}

bool assemble_sources(Object *obj, Arena *a, const Source *const *sources, size_t count,
                      const AssembleOptions *options, Diag *diag)
{
    return assemble(obj, a, sources[0]->name, sources, count, options, diag);
}

bool assemble_file(Object *obj, Arena *a, const char *path, const AssembleOptions *options, Diag *diag,
                   Error *err)
{
    Source *source = arena_new(a, Source);
    return source_read(source, a, path, err) &&
           assemble_sources(obj, a, (const Source *const *)&source, 1, options, diag);
}

bool assemble_text(Object *obj, Arena *a, const char *name, const char *text, size_t size,
                   const AssembleOptions *options, Diag *diag)
{
    Source *source = arena_new(a, Source);
    source_init(source, a, arena_copy(a, name, strlen(name)), arena_copy(a, text, size), size);
    return assemble_sources(obj, a, (const Source *const *)&source, 1, options, diag);
}
