#include "dis.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    WORDS = 65536,
    VECTORS_END = 0x0200, // vectors of traps, exceptions and interrupts lie below (Appendix A)
    USER_FIRST = 0x3000,
    CLEAN_RUN = 512,     // longest routine that is guessed at
    LABELLED_STRING = 2, // characters that make a string where a label stands
    PLAIN_STRING = 4,    // and elsewhere
    SPACE = 2,           // zeros that make a .BLKW
};

// What is known of each address while an object is taken apart.
enum {
    HELD = 1,     // the object has a word for it
    REACHED = 2,  // by the flow of control
    CALLED = 4,   // a call goes there
    JUMPED = 8,   // a jump goes there
    READ = 16,    // a load or store names it
    POINTED = 32, // a pointer holds it
    ODD = 64,     // reached, but no syntax gives the word
};

typedef struct {
    Dis *d;
    uint16_t *memory; // later words win
    uint8_t *known;
    LIST(uint16_t) work; // addresses whose code is still to be followed
} Survey;

static void load(Survey *s)
{
    const Object *obj = s->d->object;
    for (size_t i = 0; i < obj->segment_count; i++)
        for (uint32_t k = 0; k < obj->segments[i].count; k++) {
            uint16_t at = (uint16_t)(obj->segments[i].origin + k);
            s->memory[at] = obj->segments[i].words[k];
            s->known[at] |= HELD;
        }
}

// -------------------------------------------------------- flow of control

// Whether the word has a spelling of its own; what has none is data, or a mistake.
static bool is_clean(const Survey *s, uint16_t word)
{
    char text[64];
    return isa_print(s->d->isa, word, text, sizeof text, NULL, 0);
}

// A row of zeros is memory nobody has written, not a row of instructions.
static bool is_blank(const Survey *s, uint16_t at)
{
    uint16_t next = (uint16_t)(at + 1);
    return s->memory[at] == 0 && (!(s->known[next] & HELD) || s->memory[next] == 0);
}

static bool ends_line(unsigned roles)
{
    if (roles & (ISA_HALT | ISA_RETURN | ISA_RESERVED))
        return true;
    return (roles & ISA_JUMP) && !(roles & (ISA_COND | ISA_CALL));
}

static void note_target(Survey *s, uint16_t at, unsigned roles)
{
    uint16_t target;
    if (!isa_target(s->d->isa, s->memory[at], at, &target))
        return;
    if (!(roles & (ISA_JUMP | ISA_CALL))) {
        s->known[target] |= READ;
        return;
    }
    s->known[target] |= roles & ISA_CALL ? CALLED : JUMPED;
    LIST_ADD(s->d->arena, &s->work, target);
}

static void follow(Survey *s, uint16_t at)
{
    while (at >= VECTORS_END && s->known[at] & HELD && !(s->known[at] & REACHED)) {
        unsigned roles = isa_roles(s->d->isa, s->memory[at]);
        if (!is_clean(s, s->memory[at]))
            s->known[at] |= ODD;
        if (is_blank(s, at) || s->known[at] & ODD)
            return;
        s->known[at] |= REACHED;
        note_target(s, at, roles);
        if (ends_line(roles))
            return;
        at++;
    }
}

static void follow_all(Survey *s)
{
    while (s->work.count)
        follow(s, s->work.at[--s->work.count]);
}

// Whether a routine may begin here: instructions with a spelling until one that
// ends the line, and none of it known to be data.
static bool looks_like_code(const Survey *s, uint16_t at)
{
    if (s->known[at] & READ || at < VECTORS_END)
        return false;
    for (int i = 0; i < CLEAN_RUN && s->known[at] & HELD; i++, at++) {
        if (s->known[at] & REACHED)
            return i > 0;
        if (is_blank(s, at) || !is_clean(s, s->memory[at]) || (i && s->known[at] & READ))
            return false;
        if (ends_line(isa_roles(s->d->isa, s->memory[at])))
            return i > 0;
    }
    return false;
}

static void add_entries(Survey *s)
{
    const Object *obj = s->d->object;
    const ObjectSegment *entry = NULL;
    for (size_t i = 0; i < obj->segment_count; i++) {
        const ObjectSegment *g = &obj->segments[i];
        bool is_user = g->origin >= USER_FIRST;
        if (g->count && g->origin >= VECTORS_END && (!entry || (is_user && entry->origin < USER_FIRST)))
            entry = g;
        for (uint32_t k = 0; k < g->count && g->origin + k < VECTORS_END; k++) {
            s->known[g->words[k]] |= POINTED;
            LIST_ADD(s->d->arena, &s->work, g->words[k]);
        }
    }
    if (entry)
        LIST_ADD(s->d->arena, &s->work, entry->origin);
}

// Routines that only a pointer or a symbol leads to.  Each may lead to others.
static void guess_routines(Survey *s)
{
    const Object *obj = s->d->object;
    for (bool found = true; found;) {
        found = false;
        for (size_t i = 0; i < obj->symbol_count; i++) {
            uint16_t at = obj->symbols[i].address;
            if (!(s->known[at] & REACHED) && looks_like_code(s, at)) {
                LIST_ADD(s->d->arena, &s->work, at);
                found = true;
            }
            follow_all(s);
        }
        for (uint32_t at = 0; at < WORDS; at++) {
            uint16_t to = s->memory[at];
            bool is_pointer =
                (s->known[at] & (HELD | READ | REACHED)) == (HELD | READ) && s->known[to] & HELD;
            if (is_pointer && !(s->known[to] & (REACHED | POINTED)) && looks_like_code(s, to)) {
                s->known[to] |= POINTED;
                LIST_ADD(s->d->arena, &s->work, to);
                follow_all(s);
                found = true;
            }
        }
    }
}

// Data that code reaches through a pointer beside it.
static void note_pointers(Survey *s)
{
    for (uint32_t at = 0; at < WORDS; at++) {
        uint16_t to = s->memory[at];
        bool is_data = (s->known[at] & (HELD | READ | REACHED)) == (HELD | READ);
        if (is_data && to >= VECTORS_END && s->known[to] & HELD)
            s->known[to] |= POINTED;
    }
}

// ------------------------------------------------------------------ labels

// A name that the assembler takes as a label wherever it stands.
static bool is_label(const IsaTable *isa, const char *name)
{
    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
    if (strchr("xXbBoO0", name[0]) && name[1] &&
        strspn(name + 1, "0123456789abcdefABCDEF_") == strlen(name + 1))
        return false; // reads as a number
    for (int i = 0; i < isa->register_count; i++)
        if (!strcasecmp(name, isa->register_names[i]))
            return false;
    for (int i = 0; i < isa->alias_count; i++)
        if (!strcasecmp(name, isa->aliases[i].name))
            return false;
    for (int i = 0; i < isa->form_count; i++) {
        const IsaForm *f = &isa->forms[i];
        size_t len = f->mnemonic ? strlen(f->mnemonic) : 0;
        if (!len || strncasecmp(name, f->mnemonic, len) != 0)
            continue;
        if (!name[len] || (f->suffix >= 0 && !name[len + strspn(name + len, "nzpNZP")]))
            return false;
    }
    return true;
}

static bool is_taken(const Dis *d, const char *name)
{
    for (size_t i = 0; i < d->object->symbol_count; i++)
        if (!strcasecmp(d->object->symbols[i].name, name))
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    const ObjectSymbol *x = *(ObjectSymbol *const *)a, *y = *(ObjectSymbol *const *)b;
    int order = strcasecmp(x->name, y->name);
    return order ? order : x < y ? -1 : x > y;
}

// Marks symbols whose name another one already has.
static bool *find_doubles(Survey *s)
{
    const Object *obj = s->d->object;
    bool *is_double = arena_array(s->d->arena, bool, obj->symbol_count + 1);
    const ObjectSymbol **sorted = arena_array(s->d->arena, const ObjectSymbol *, obj->symbol_count + 1);
    for (size_t i = 0; i < obj->symbol_count; i++)
        sorted[i] = &obj->symbols[i];
    qsort(sorted, obj->symbol_count, sizeof *sorted, by_name);
    for (size_t i = 1; i < obj->symbol_count; i++)
        is_double[sorted[i] - obj->symbols] = !strcasecmp(sorted[i]->name, sorted[i - 1]->name);
    return is_double;
}

// Labels stand on words of the object and directly behind a block.
static bool *find_places(Survey *s)
{
    const Object *obj = s->d->object;
    bool *places = arena_array(s->d->arena, bool, WORDS + 1);
    for (size_t i = 0; i < obj->segment_count; i++)
        for (uint32_t k = 0; k <= obj->segments[i].count; k++)
            places[obj->segments[i].origin + k] = true;
    return places;
}

typedef LIST(ObjectSymbol) SymbolList;

static void add_label(Survey *s, SymbolList *list, uint16_t at, const char *name)
{
    LIST_ADD(s->d->arena, list, ((ObjectSymbol){ name, at }));
    if (!s->d->names[at])
        s->d->names[at] = name;
}

static const char *invent(Survey *s, uint16_t at)
{
    uint8_t known = s->known[at];
    bool is_routine = known & CALLED || (known & (POINTED | REACHED | JUMPED)) == (POINTED | REACHED);
    const char *kind = is_routine ? "SUB" : known & REACHED ? "L" : "D";
    const char *name = arena_format(s->d->arena, "%s_%04X", kind, at);
    while (is_taken(s->d, name))
        name = arena_format(s->d->arena, "%s_", name);
    return name;
}

static int by_address(const void *a, const void *b)
{
    const ObjectSymbol *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static void name_places(Survey *s)
{
    const Object *obj = s->d->object;
    const bool *places = find_places(s), *is_double = find_doubles(s);
    SymbolList list = { 0 };
    s->d->names = arena_array(s->d->arena, const char *, WORDS + 1);
    for (size_t i = 0; i < obj->symbol_count; i++)
        if (places[obj->symbols[i].address] && !is_double[i] && is_label(s->d->isa, obj->symbols[i].name))
            add_label(s, &list, obj->symbols[i].address, obj->symbols[i].name);
    for (uint32_t at = 0; at < WORDS; at++) {
        bool is_wanted = s->known[at] & (CALLED | JUMPED | READ | POINTED);
        if (places[at] && is_wanted && !s->d->names[at])
            add_label(s, &list, (uint16_t)at, invent(s, (uint16_t)at));
    }
    for (size_t i = 0; i + 1 < list.count; i++)
        if (list.at[i].address > list.at[i + 1].address) {
            qsort(list.at, list.count, sizeof *list.at, by_address);
            break;
        }
    s->d->labels = list.at;
    s->d->label_count = list.count;
}

// ------------------------------------------------------------------- items

static bool is_text(uint16_t word)
{
    return (word >= ' ' && word < 0x7F) || word == '\n' || word == '\t' || word == '\r';
}

// Words of the string that begins here, its zero included; 0 when none does.
static uint32_t string_at(const Survey *s, const ObjectSegment *g, uint32_t from)
{
    uint32_t k = from;
    while (k < g->count && is_text(g->words[k])) {
        uint16_t at = (uint16_t)(g->origin + k);
        if (s->known[at] & REACHED || (k > from && s->d->names[at]))
            return 0;
        k++;
    }
    uint32_t least = s->d->names[g->origin + from] ? LABELLED_STRING : PLAIN_STRING;
    bool ends = k < g->count && g->words[k] == 0 && !s->d->names[g->origin + k] &&
                !(s->known[(uint16_t)(g->origin + k)] & REACHED);
    return ends && k - from >= least ? k - from + 1 : 0;
}

static uint32_t space_at(const Survey *s, const ObjectSegment *g, uint32_t from)
{
    uint32_t k = from;
    while (k < g->count && g->words[k] == 0 && !(s->known[(uint16_t)(g->origin + k)] & REACHED) &&
           (k == from || !s->d->names[g->origin + k]))
        k++;
    return k - from >= SPACE ? k - from : 0;
}

static const char *string_text(Arena *a, const uint16_t *words, uint32_t count)
{
    Writer w = { 0 };
    write_text(&w, ".STRINGZ \"");
    for (uint32_t i = 0; i + 1 < count; i++) {
        char c = (char)words[i];
        if (c == '\n' || c == '\t' || c == '\r')
            write_format(&w, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (c == '"' || c == '\\')
            write_format(&w, "\\%c", c);
        else
            write_bytes(&w, &c, 1);
    }
    write_text(&w, "\"");
    const char *text = arena_copy(a, w.at, w.len);
    writer_free(&w);
    return text;
}

static const char *meaning_of(Survey *s, uint16_t word)
{
    char text[64], meaning[128];
    isa_print(s->d->isa, word, text, sizeof text, meaning, sizeof meaning);
    return arena_copy(s->d->arena, meaning, strlen(meaning));
}

static void describe_word(Survey *s, DisItem *item, uint16_t word)
{
    Arena *a = s->d->arena;
    const char *name = word >= VECTORS_END || item->address < VECTORS_END ? s->d->names[word] : NULL;
    item->kind = DIS_WORD;
    item->text = name ? arena_format(a, ".FILL %s", name) : arena_format(a, ".FILL x%04X", word);
    item->has_target = name != NULL;
    item->target = word;
    if (s->known[item->address] & ODD)
        item->comment = meaning_of(s, word);
    else if (is_text(word) && word > ' ')
        item->comment = arena_format(a, "'%c'", word);
    else if (word >= 0x8000 && !name)
        item->comment = arena_format(a, "%d", (int)(int16_t)word);
}

static void describe_code(Survey *s, DisItem *item, uint16_t word)
{
    const IsaTable *isa = s->d->isa;
    Arena *a = s->d->arena;
    char text[128], meaning[128];
    item->kind = DIS_CODE;
    item->has_target = isa_target(isa, word, item->address, &item->target);
    const char *label = item->has_target ? s->d->names[item->target] : NULL;
    isa_print_label(isa, word, label, text, sizeof text, meaning, sizeof meaning);
    item->text = arena_copy(a, text, strlen(text));
    const IsaForm *form = isa_form(isa, word);
    if (form->roles & ISA_TRAP) {
        const IsaTrap *trap = isa_trap(isa, (uint16_t)isa_field_get(&isa->fields[form->operand[0]], word));
        item->comment = trap ? arena_format(a, "%s: %s", trap->name, trap->title) : NULL;
    } else if (item->has_target && !label) {
        item->comment = arena_format(a, "x%04X", item->target);
    }
}

static DisItem item_at(Survey *s, const ObjectSegment *g, uint32_t k)
{
    DisItem item = { .address = (uint16_t)(g->origin + k), .count = 1, .words = g->words + k };
    // Where blocks overlap only the word that wins was followed.
    bool is_code = s->known[item.address] & REACHED && is_clean(s, g->words[k]);
    uint32_t string = is_code ? 0 : string_at(s, g, k), space = is_code ? 0 : space_at(s, g, k);
    if (is_code) {
        describe_code(s, &item, g->words[k]);
    } else if (string) {
        item.kind = DIS_STRING;
        item.count = string;
        item.text = string_text(s->d->arena, item.words, string);
    } else if (space) {
        item.kind = DIS_SPACE;
        item.count = space;
        item.text = arena_format(s->d->arena, ".BLKW #%u", space);
    } else {
        describe_word(s, &item, g->words[k]);
    }
    return item;
}

static void make_blocks(Survey *s)
{
    const Object *obj = s->d->object;
    for (size_t i = 0; i < obj->segment_count; i++) {
        const ObjectSegment *g = &obj->segments[i];
        DisBlock block = { .origin = g->origin, .end = g->origin + g->count };
        for (uint32_t k = 0; k < g->count;) {
            DisItem item = item_at(s, g, k);
            LIST_ADD(s->d->arena, &block.items, item);
            k += item.count;
        }
        LIST_ADD(s->d->arena, &s->d->blocks, block);
    }
}

void dis_object(Dis *d, Arena *a, const IsaTable *isa, const Object *obj)
{
    *d = (Dis){ .isa = isa, .object = obj, .arena = a };
    Survey s = { .d = d };
    s.memory = arena_array(a, uint16_t, WORDS);
    s.known = arena_array(a, uint8_t, WORDS);
    load(&s);
    add_entries(&s);
    follow_all(&s);
    guess_routines(&s);
    note_pointers(&s);
    name_places(&s);
    make_blocks(&s);
}
