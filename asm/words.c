#include "words.h"

#include <string.h>

// ------------------------------------------------------------------ the table

// Eight bytes with the letters made lower case, for hashing and comparing: bit 5
// is set in every ASCII byte.  That also maps '_' and '@', but onto bytes that
// stand in no word.  Bytes above 127 stay as they are.
static uint64_t fold(uint64_t bytes)
{
    return bytes | (UINT64_C(0x2020202020202020) & ~((bytes & UINT64_C(0x8080808080808080)) >> 2));
}

static uint64_t load(const char *at, size_t len)
{
    uint64_t bytes = 0;
    if (len >= 8) {
        memcpy(&bytes, at, 8);
        return bytes;
    }
    // Zero bytes would fold to blanks; they fold the same in every word.
    if (len & 4) {
        uint32_t four;
        memcpy(&four, at + (len & 3), 4);
        bytes = (uint64_t)four << 8 * (len & 3);
    }
    for (size_t i = len & 3; i-- > 0;)
        bytes |= (uint64_t)(unsigned char)at[i] << 8 * i;
    return bytes;
}

// The last eight bytes of a longer word; with the first eight that is all of most.
static uint64_t tail_of(const char *at, size_t len)
{
    uint64_t bytes = 0;
    if (len > 8)
        memcpy(&bytes, at + len - 8, 8);
    return fold(bytes);
}

// Both halves of the product, so that every bit of the bytes counts.
static uint32_t mix(uint64_t hash, uint64_t bytes)
{
    const unsigned __int128 product = (unsigned __int128)(hash ^ bytes) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)((uint64_t)(product >> 64) ^ (uint64_t)product >> 32);
}

static uint32_t hash_of(const char *at, size_t len, uint64_t head, uint64_t tail)
{
    uint32_t hash = mix(len, head ^ tail << 29 ^ tail >> 35);
    for (size_t i = 8; i + 8 < len; i += 8)
        hash = mix((uint64_t)hash << 16, fold(load(at + i, 8)));
    return hash;
}

static bool same_middle(const char *a, const char *b, size_t len)
{
    for (size_t i = 8; i + 8 < len; i += 8)
        if (fold(load(a + i, 8)) != fold(load(b + i, 8)))
            return false;
    return true;
}

static void grow(Words *w)
{
    const uint32_t size = w->mask ? (w->mask + 1) * 4 : 512;
    Word **slots = arena_array(w->arena, Word *, size);
    for (uint32_t i = 0; w->mask && i <= w->mask; i++) {
        if (!w->slots[i])
            continue;
        uint32_t at = w->slots[i]->hash & (size - 1);
        while (slots[at])
            at = (at + 1) & (size - 1);
        slots[at] = w->slots[i];
    }
    w->slots = slots;
    w->mask = size - 1;
}

static Word *new_word(Words *w, const char *text, size_t len, uint64_t head, uint64_t tail, uint32_t hash)
{
    Word *word = arena_alloc(w->arena, sizeof(Word), 64);
    word->head = head;
    word->tail = tail;
    word->len = (uint32_t)len;
    word->hash = hash;
    word->at = text;
    return word;
}

static inline bool is_word(const Word *word, const char *text, size_t len, uint64_t head, uint64_t tail)
{
    return word->head == head && word->len == len && word->tail == tail &&
           (len <= 16 || same_middle(word->at, text, len));
}

static Word *add_word(Words *w, uint32_t at, const char *text, size_t len, uint64_t head, uint64_t tail,
                      uint32_t hash)
{
    Word *word = w->slots[at] = new_word(w, text, len, head, tail, hash);
    if (++w->count * 2 > w->mask)
        grow(w);
    return word;
}

static inline Word *get(Words *w, const char *text, size_t len, uint64_t head)
{
    const uint64_t tail = tail_of(text, len);
    const uint32_t hash = hash_of(text, len, head, tail);
    uint32_t at = hash & w->mask;
    for (Word *word; (word = w->slots[at]); at = (at + 1) & w->mask)
        if (is_word(word, text, len, head, tail))
            return word;
    return add_word(w, at, text, len, head, tail, hash);
}

Word *words_get(Words *w, const char *text, size_t len)
{
    return get(w, text, len, fold(load(text, len)));
}

Word *words_get_inside(Words *w, const char *text, size_t len)
{
    uint64_t bytes;
    memcpy(&bytes, text, 8);
    if (len < 8)
        bytes &= (UINT64_C(1) << 8 * len) - 1;
    return get(w, text, len, fold(bytes));
}

Word *words_find(const Words *w, Text text)
{
    const uint64_t head = fold(load(text.at, text.len)), tail = tail_of(text.at, text.len);
    uint32_t at = hash_of(text.at, text.len, head, tail) & w->mask;
    for (Word *word; (word = w->slots[at]); at = (at + 1) & w->mask)
        if (is_word(word, text.at, text.len, head, tail))
            return word;
    return NULL;
}

Word *words_add_variant(Words *w, Word *first, Text text)
{
    Word *word = new_word(w, text.at, text.len, first->head, first->tail, first->hash);
    word->variant = first->variant;
    first->variant = word;
    return word;
}

// ------------------------------------------------------------- instructions

enum { OPS = 256 };

// Returns the op of that name, made when it is new.
static Op *get_op(Words *w, const char *name, size_t len)
{
    Word *word = words_get(w, name, len);
    if (word->kind == WORD_OP)
        return (Op *)word->op;
    if (w->op_count == OPS)
        return NULL;
    Op *op = &w->ops[w->op_count++];
    op->name = word->at;
    word->kind = WORD_OP;
    word->op = op;
    return op;
}

static void add_choice(Words *w, const char *name, size_t len, Choice choice)
{
    Op *op = get_op(w, name, len);
    if (!op)
        return;
    Choice *choices = arena_array(w->arena, Choice, op->choice_count + 1u);
    if (op->choice_count)
        memcpy(choices, op->choices, op->choice_count * sizeof *choices);
    choices[op->choice_count++] = choice;
    op->choices = choices;
}

// A condition that names every letter is none, and one that names none never
// jumps.
static uint16_t roles_of_set(uint16_t roles, const IsaField *set, int32_t value)
{
    if (!(roles & ISA_COND))
        return roles;
    if (value == isa_field_max(set))
        return roles & (uint16_t) ~(ISA_COND | ISA_READS_CC);
    return value == 0 ? roles & (uint16_t) ~(ISA_JUMP | ISA_COND | ISA_READS_CC) : roles;
}

// Adds the mnemonic with every selection of the set's letters, in every order.
static void add_selections(Words *w, const IsaForm *form, const IsaField *set, char *name, size_t len,
                           int32_t value)
{
    const int count = set->hi - set->lo + 1;
    for (int i = 0; i < count; i++) {
        const int32_t bit = 1 << (count - 1 - i);
        if (value & bit || !set->letters[i] || len + 2 > 24)
            continue;
        name[len] = set->letters[i];
        const Choice choice = { form, isa_field_put(set, form->match | form->ignored_ones, value | bit),
                                roles_of_set(form->roles, set, value | bit), form->operand_count,
                                form->operand };
        add_choice(w, arena_copy(w->arena, name, len + 1), len + 1, choice);
        add_selections(w, form, set, name, len + 1, value | bit);
    }
}

static void add_form(Words *w, const IsaForm *form)
{
    if (!form->mnemonic)
        return;
    const size_t len = strlen(form->mnemonic);
    if (form->suffix < 0) {
        const Choice choice = { form, form->match | form->ignored_ones, form->roles, form->operand_count,
                                form->operand };
        add_choice(w, form->mnemonic, len, choice);
        return;
    }
    char name[32] = { 0 };
    if (len > 16)
        return;
    memcpy(name, form->mnemonic, len);
    add_selections(w, form, &w->isa->fields[form->suffix], name, len, 0);
}

static void add_alias(Words *w, const IsaAlias *alias)
{
    const IsaForm *form = &w->isa->forms[alias->form];
    Choice choice = { form, form->match | form->ignored_ones, alias->roles, alias->operand_count,
                      alias->operand };
    for (int i = 0; i < alias->bind_count; i++) {
        const IsaField *field = &w->isa->fields[alias->bind[i].field];
        choice.base = isa_field_put(field, choice.base, alias->bind[i].value);
        if (field->kind == ISA_SET)
            choice.roles = roles_of_set(choice.roles, field, alias->bind[i].value);
    }
    if (form->roles & ISA_TRAP && alias->operand_count == 0)
        choice.roles |= (uint16_t)isa_roles(w->isa, choice.base);
    if (choice.roles & ISA_HALT)
        choice.roles &= (uint16_t)~ISA_CALL;
    add_choice(w, alias->name, strlen(alias->name), choice);
}

// --------------------------------------------------------------- directives

static const Op directives[] = {
    { ".ORIG", DIR_ORIG, ".ORIG address", .is_book = true },
    { ".END", DIR_END, ".END", .is_book = true },
    { ".FILL", DIR_FILL, ".FILL value", .is_book = true },
    { ".BLKW", DIR_BLKW, ".BLKW count [value]", .is_book = true },
    { ".STRINGZ", DIR_STRINGZ, ".STRINGZ \"text\"", .is_book = true },
    { ".STRINGZP", DIR_STRINGZP, ".STRINGZP \"text\"" },
    { ".EXTERNAL", DIR_EXTERNAL, ".EXTERNAL label", .is_book = true },
    { ".IMPORT", DIR_EXTERNAL, ".IMPORT label", .is_foreign = true },
    { ".GLOBAL", DIR_GLOBAL, ".GLOBAL label" },
    { ".EXPORT", DIR_GLOBAL, ".EXPORT label", .is_foreign = true },
    { ".INCLUDE", DIR_INCLUDE, ".INCLUDE \"file\"" },
    { ".ALIAS", DIR_ALIAS, ".ALIAS name value" },
    { ".MACRO", DIR_MACRO, ".MACRO name [parameter ...]" },
    { ".ENDM", DIR_ENDM, ".ENDM" },
    { ".COUNTER", DIR_COUNTER, ".COUNTER number \"name\"" },
    { ".HISTOGRAM", DIR_HISTOGRAM, ".HISTOGRAM number \"name\"" },
    { ".BREAK", DIR_BREAK, ".BREAK", .is_foreign = true },
};

enum { DIRECTIVES = sizeof directives / sizeof *directives };

static void add_directives(Words *w)
{
    for (size_t i = 0; i < DIRECTIVES; i++) {
        Op *op = get_op(w, directives[i].name, strlen(directives[i].name));
        if (op)
            *op = directives[i];
    }
}

void words_init(Words *w, Arena *a, const IsaTable *isa)
{
    *w = (Words){ .arena = a, .isa = isa };
    grow(w);
    w->ops = arena_array(a, Op, OPS);
    for (int i = 0; i < isa->form_count; i++)
        add_form(w, &isa->forms[i]);
    for (int i = 0; i < isa->alias_count; i++)
        add_alias(w, &isa->aliases[i]);
    add_directives(w);
    for (int i = 0; i < isa->register_count; i++) {
        Word *word = words_get(w, isa->register_names[i], strlen(isa->register_names[i]));
        word->kind = WORD_REG;
        word->reg = (uint8_t)i;
    }
}

// -------------------------------------------------------------- suggestions

static const Op *op_by_title(const Words *w, Text text)
{
    for (size_t i = 0; i < w->op_count; i++) {
        const Op *op = &w->ops[i];
        for (int c = 0; c < op->choice_count; c++)
            if (op->choices[c].form->title && text_same_case(text, text_of(op->choices[c].form->title)))
                return op;
    }
    return NULL;
}

const Op *words_nearest_op(const Words *w, Text text, int limit)
{
    if (text.len == 0)
        return NULL;
    const bool is_directive = *text.at == '.';
    const Op *best = NULL;
    for (size_t i = 0; i < w->op_count; i++) {
        const Op *op = &w->ops[i];
        if ((op->directive != DIR_NONE) != is_directive)
            continue;
        const int distance = text_distance(text, text_of(op->name), limit);
        if (distance < limit) {
            limit = distance;
            best = op;
        }
    }
    return best || is_directive ? best : op_by_title(w, text);
}
