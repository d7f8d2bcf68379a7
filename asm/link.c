#include "link.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef LC3_SOURCE_LIBRARY
#define LC3_SOURCE_LIBRARY ""
#endif

enum { FIRST_USER_ADDRESS = 0x3000 };

// ------------------------------------------------------------- the library

// A build tree has a stdlib folder too, without sources.
static bool has_sources(const char *path)
{
    DIR *folder = *path ? opendir(path) : NULL;
    bool found = false;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        const char *dot = strrchr(entry->d_name, '.');
        found = dot && strcmp(dot, ".asm") == 0;
    }
    if (folder)
        closedir(folder);
    return found;
}

static const char *find_folder(Program *p)
{
    if (p->options->library)
        return p->options->library;
    const char *wanted = getenv("LC3_LIBRARY");
    if (wanted && *wanted)
        return wanted;
    char self[4096];
    const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *places[] = { "share/lc3/stdlib", "stdlib", "../stdlib" };
    for (size_t i = 0; len > 0 && i < sizeof places / sizeof *places; i++) {
        self[len] = 0;
        char *slash = strrchr(self, '/');
        if (!slash)
            break;
        const char *path = arena_format(p->arena, "%.*s/../%s", (int)(slash - self), self, places[i]);
        if (has_sources(path))
            return path;
    }
    return has_sources(LC3_SOURCE_LIBRARY) ? LC3_SOURCE_LIBRARY : NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The names behind .GLOBAL on a line.
static void note_globals(Program *p, Text line, uint32_t file)
{
    static const char word[] = ".GLOBAL";
    const char *at = line.at, *end = at + line.len;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if ((size_t)(end - at) <= sizeof word || strncasecmp(at, word, sizeof word - 1) != 0)
        return;
    for (at += sizeof word - 1; at < end && *at != ';';) {
        const char *begin = at;
        while (at < end && !strchr(" \t,;", *at))
            at++;
        const LibraryName name = { { begin, (size_t)(at - begin) }, file };
        if (name.name.len)
            LIST_ADD(p->arena, &p->library.names, name);
        at += at < end && *at != ';';
    }
}

static bool has_origin(const Source *source)
{
    for (uint32_t line = 1; line <= source->lines.count; line++) {
        const Text text = source_line(source, line);
        size_t at = 0;
        while (at < text.len && (text.at[at] == ' ' || text.at[at] == '\t'))
            at++;
        if (text.len - at > 5 && strncasecmp(text.at + at, ".ORIG", 5) == 0)
            return true;
    }
    return false;
}

static void read_library_file(Program *p, const char *path)
{
    Source *source = arena_new(p->arena, Source);
    Error err;
    if (!source_read(source, p->arena, path, &err))
        return; // nobody asked for this file
    const uint32_t number = (uint32_t)p->library.files.count;
    if (has_origin(source))
        return; // an operating system: nothing that could be placed
    LIST_ADD(p->arena, &p->library.files, source);
    for (uint32_t line = 1; line <= source->lines.count; line++)
        note_globals(p, source_line(source, line), number);
}

static void read_library(Program *p)
{
    Library *lib = &p->library;
    if (lib->is_known)
        return;
    lib->is_known = true;
    lib->folder = find_folder(p);
    DIR *folder = lib->folder ? opendir(lib->folder) : NULL;
    if (!folder)
        return;
    LIST(const char *) paths = { 0 };
    for (struct dirent *entry; (entry = readdir(folder));) {
        const size_t len = strlen(entry->d_name);
        if (len <= 4 || strcmp(entry->d_name + len - 4, ".asm") != 0)
            continue;
        const char *path = arena_format(p->arena, "%s/%s", lib->folder, entry->d_name);
        LIST_ADD(p->arena, &paths, path);
    }
    closedir(folder);
    if (paths.count)
        qsort(paths.at, paths.count, sizeof *paths.at, by_name); // the same order on every machine
    for (size_t i = 0; i < paths.count; i++)
        read_library_file(p, paths.at[i]);
    lib->units = arena_array(p->arena, Unit *, lib->files.count + 1);
}

static const LibraryName *find_in_library(Program *p, Text name)
{
    read_library(p);
    for (size_t i = 0; i < p->library.names.count; i++)
        if (text_same_case(p->library.names.at[i].name, name))
            return &p->library.names.at[i];
    return NULL;
}

// ---------------------------------------------------------------- the units

static void hint_elsewhere(Unit *u, Text name)
{
    Program *p = u->hint_data;
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *other = p->units.at[i];
        const Word *word = other == u ? NULL : words_find(&other->words, name);
        if (word && word->is_defined) {
            unit_hint(u, "%s has it: write .EXTERNAL %.*s", other->files.at[0]->source.name, SHOWN(name));
            return;
        }
    }
    if (find_in_library(p, name))
        unit_hint(u, "the library has it: write .EXTERNAL %.*s", SHOWN(name));
}

static Unit *add_unit(Program *p, const Source *source, bool is_part, bool is_library)
{
    Unit *u = arena_new(p->arena, Unit);
    unit_init(u, p->arena, p->options, p->diag);
    u->is_part = is_part;
    u->is_library = is_library;
    if (is_library)
        u->warnings = 0;
    u->undefined_hint = hint_elsewhere;
    u->hint_data = p;
    LIST_ADD(p->arena, &p->units, u);
    unit_read(u, source);
    unit_settle(u);
    return u;
}

void program_read(Program *p, const Source *const *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_unit(p, sources[i], count > 1, false);
}

bool program_failed(const Program *p)
{
    for (size_t i = 0; i < p->units.count; i++)
        if (p->units.at[i]->has_failed)
            return true;
    return false;
}

// ------------------------------------------------------------ external names

static Word *exported(const Unit *u, Text name, bool *is_global)
{
    Word *word = words_find(&u->words, name);
    if (!word || !word->is_defined)
        return NULL;
    *is_global = word->is_global;
    for (Word *w = word; w; w = w->variant)
        if (w->is_defined && text_same(word_text(w), name))
            return w;
    return word;
}

// A global label of another unit; without one, a label that only one unit has.
static Word *find_export(Program *p, Unit *u, Word *wanted)
{
    const Text name = word_text(wanted);
    Word *found = NULL, *second = NULL;
    bool found_global = false;
    for (size_t i = 0; i < p->units.count; i++) {
        bool is_global = false;
        Word *word = p->units.at[i] == u ? NULL : exported(p->units.at[i], name, &is_global);
        if (!word || (found_global && !is_global))
            continue;
        second = found && is_global == found_global ? found : NULL;
        found = word;
        found_global = is_global;
        if (second && is_global)
            return found; // reported as doubled
    }
    if (second) {
        unit_error(u, wanted->span, "the external name %.*s is a label in two sources", SHOWN(name));
        unit_note(u, second->span, "here");
        unit_note(u, found->span, "and here");
        unit_hint(u, "say .GLOBAL %.*s in the one that is meant", SHOWN(name));
    }
    return found;
}

static Word *find_library_export(Program *p, Word *wanted)
{
    const LibraryName *name = find_in_library(p, word_text(wanted));
    if (!name)
        return NULL;
    Unit **unit = &p->library.units[name->file];
    if (!*unit)
        *unit = add_unit(p, p->library.files.at[name->file], true, true);
    bool is_global;
    return exported(*unit, name->name, &is_global);
}

// Units of the library may want others of it: the list grows while it is read.
static void resolve_externals(Program *p)
{
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *u = p->units.at[i];
        for (size_t k = 0; k < u->externals.count; k++) {
            Word *word = u->externals.at[k];
            if (word->is_defined)
                continue;
            word->import = find_export(p, u, word);
            if (!word->import)
                word->import = find_library_export(p, word);
            if (word->import || !word->is_used || p->options->is_draft)
                continue;
            unit_error(u, word->span, "nothing defines the external name %.*s", SHOWN(word_text(word)));
            unit_hint(u, "assemble it together with the source that has it: -o whole.obj this.asm other.asm");
        }
    }
}

static void check_globals(Program *p)
{
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *u = p->units.at[i];
        for (size_t k = 0; k < u->globals.count; k++) {
            Word *word = u->globals.at[k];
            if (!word->is_defined) {
                unit_error(u, word->span, "the global name %.*s is not defined", SHOWN(word_text(word)));
                continue;
            }
            for (size_t j = 0; j < i; j++) {
                bool is_global = false;
                const Word *other = exported(p->units.at[j], word_text(word), &is_global);
                if (!other || !is_global || u->is_library)
                    continue;
                unit_error(u, word->span, "the global name %.*s is defined in two sources",
                           SHOWN(word_text(word)));
                unit_note(u, other->span, "the other definition is here");
                break;
            }
        }
    }
}

// ------------------------------------------------------------------- places

typedef struct {
    Unit *unit;
    Block *block;
} Placed;

typedef struct {
    Placed *at;
    size_t count;
} Map; // blocks with an address, by address

static int by_origin(const void *a, const void *b)
{
    const Placed *x = a, *y = b;
    if (x->block->origin != y->block->origin)
        return x->block->origin < y->block->origin ? -1 : 1;
    return x->block < y->block ? -1 : x->block > y->block;
}

// The first address at or above `from` where `size` words are free, or 0.
static uint32_t find_gap(const Map *map, uint32_t from, uint32_t size)
{
    for (size_t i = 0; i < map->count; i++) {
        const Block *b = map->at[i].block;
        if (b->origin + b->size <= from || b->size == 0)
            continue;
        if (b->origin >= from + size)
            break;
        from = b->origin + b->size;
    }
    return from + size <= OBJECT_LIMIT ? from : 0;
}

static void insert(Map *map, Placed placed)
{
    size_t i = map->count++;
    for (; i > 0 && map->at[i - 1].block->origin > placed.block->origin; i--)
        map->at[i] = map->at[i - 1];
    map->at[i] = placed;
}

static void place_floating(Map *map, Unit *u, Block *block)
{
    uint32_t end = FIRST_USER_ADDRESS;
    for (size_t i = 0; i < map->count; i++) {
        const Block *b = map->at[i].block;
        if (b->origin + b->size > end)
            end = b->origin + b->size;
    }
    uint32_t origin = find_gap(map, end, block->size);
    if (!origin)
        origin = find_gap(map, FIRST_USER_ADDRESS, block->size);
    if (!origin) {
        unit_error(u, block->span, "no room is left for this block of %u words", block->size);
        return;
    }
    block->origin = origin;
    insert(map, (Placed){ u, block });
}

static void check_overlaps(const Map *map)
{
    const Placed *reach = NULL; // the block that ends last so far
    for (size_t i = 0; i < map->count; i++) {
        const Placed *now = &map->at[i];
        if (now->block->size == 0)
            continue;
        if (reach && reach->unit != now->unit &&
            now->block->origin < reach->block->origin + reach->block->size) {
            unit_error(now->unit, now->block->span, "this block overlaps one of %s from x%04X on",
                       reach->unit->files.at[0]->source.name, now->block->origin);
            unit_note(now->unit, reach->block->span, "the other one is here: x%04X to x%04X",
                      reach->block->origin, reach->block->origin + reach->block->size - 1);
        }
        if (!reach || now->block->origin + now->block->size > reach->block->origin + reach->block->size)
            reach = now;
    }
}

static void place_blocks(Program *p)
{
    size_t count = 0;
    for (size_t i = 0; i < p->units.count; i++)
        count += p->units.at[i]->blocks.count;
    Map map = { arena_array(p->arena, Placed, count + 1), 0 };
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *u = p->units.at[i];
        for (size_t b = 0; b < u->blocks.count; b++)
            if (!u->blocks.at[b].is_floating)
                map.at[map.count++] = (Placed){ u, &u->blocks.at[b] };
    }
    if (map.count > 1)
        qsort(map.at, map.count, sizeof *map.at, by_origin);
    if (p->units.count > 1)
        check_overlaps(&map);
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *u = p->units.at[i];
        for (size_t b = 0; b < u->blocks.count; b++)
            if (u->blocks.at[b].is_floating)
                place_floating(&map, u, &u->blocks.at[b]);
    }
}

// The region of the system that an address stands in, or NULL.
static const IsaRegion *system_region(const IsaTable *isa, uint32_t address)
{
    for (int i = 0; i < isa->region_count; i++) {
        const IsaRegion *r = &isa->regions[i];
        if (address >= r->first && address <= r->last && r->is_guarded && !r->is_device)
            return r;
    }
    return NULL;
}

// The operand of the block's .ORIG, or NULL.
static const Token *origin_token(const Unit *u, const Block *block)
{
    if (block->is_implicit || block->statement == 0)
        return NULL;
    const Statement *s = &u->statements.at[block->statement - 1];
    return s->op && s->op->directive == DIR_ORIG && s->operand_count ? unit_operands(u, s) : NULL;
}

// .ORIG 3000, whose digits are an address for users only with an 'x' before them.
static bool lacks_x(const Unit *u, const Block *block, const Token *t)
{
    const Text digits = token_text((const File *)block->span.source, t);
    int32_t value;
    return !(t->flags & TOKEN_BITS) && digits.len == 4 &&
           lex_number((Text){ arena_format(u->arena, "x%.*s", TEXT(digits)), digits.len + 1 }, &value) &&
           value < OBJECT_LIMIT && !system_region(u->isa, (uint32_t)value);
}

static void warn_about_system_block(Unit *u, const Block *block, bool has_user_block)
{
    const IsaRegion *r = system_region(u->isa, block->origin);
    const Token *t = r ? origin_token(u, block) : NULL;
    if (!t)
        return;
    const bool is_typo = lacks_x(u, block, t);
    const Text text = token_text((const File *)block->span.source, t);
    if ((has_user_block && !is_typo) ||
        !unit_warn(u, WARN_SYSTEM_ORIGIN, token_span((const File *)block->span.source, t),
                   "x%04X is memory of the system (x%04X to x%04X)", block->origin, r->first, r->last))
        return;
    if (is_typo)
        unit_hint(u, "did you mean x%.*s?", TEXT(text));
    else
        unit_hint(u, "a user program begins at x3000; there it is not allowed to reach this block");
}

// A program for users that also brings blocks for the system (a vector, a service
// routine) does so on purpose; one that has only such blocks probably does not.
static void warn_about_system_blocks(Program *p)
{
    bool has_user_block = false;
    for (size_t i = 0; i < p->units.count; i++)
        for (size_t b = 0; b < p->units.at[i]->blocks.count; b++) {
            const Block *block = &p->units.at[i]->blocks.at[b];
            has_user_block |= block->size && !system_region(p->units.at[i]->isa, block->origin);
        }
    for (size_t i = 0; i < p->units.count; i++)
        for (size_t b = 0; b < p->units.at[i]->blocks.count; b++)
            warn_about_system_block(p->units.at[i], &p->units.at[i]->blocks.at[b], has_user_block);
}

static void give_addresses(Program *p)
{
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *u = p->units.at[i];
        for (size_t k = 0; k < u->labels.count; k++) {
            Word *w = u->labels.at[k];
            w->address = (uint16_t)(u->blocks.at[w->block].origin + w->offset);
        }
    }
    for (size_t i = 0; i < p->units.count; i++) {
        Unit *u = p->units.at[i];
        for (size_t k = 0; k < u->externals.count; k++)
            if (u->externals.at[k]->import)
                u->externals.at[k]->address = u->externals.at[k]->import->address;
    }
}

void program_link(Program *p)
{
    resolve_externals(p);
    check_globals(p);
    place_blocks(p);
    warn_about_system_blocks(p);
    give_addresses(p);
}
