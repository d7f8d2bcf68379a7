#include "examples.h"

#include <stdlib.h>
#include <string.h>

#include "eval.h"

// ------------------------------------------------------------- assembling
//
// Just enough of an assembler for examples: instructions separated by ';',
// registers by name, numbers as #-5, 5, x1F or 0x1F; a number alone is a word.

typedef struct {
    const Isa *isa;
    Diag *diag;
    const Example *example;
    LIST(uint64_t) words;
} Assembly;

typedef struct {
    Text text;
    Span span;
} Word;

enum { WORDS = 8 };

static Span span_in(const Example *example, const char *begin, const char *end)
{
    const uint32_t first = example->run_span.begin + (uint32_t)(begin - example->run.at);
    return (Span){ example->run_span.source, first, first + (uint32_t)(end - begin) };
}

// Cuts one instruction into words; returns how many, or -1 with a report.
static int cut(Assembly *a, const char *at, const char *end, Word *words)
{
    int count = 0;
    while (at < end) {
        if (*at == ' ' || *at == ',') {
            at++;
            continue;
        }
        const char *begin = at;
        while (at < end && *at != ' ' && *at != ',')
            at++;
        if (count == WORDS) {
            diag_error(a->diag, span_in(a->example, begin, at), "too many operands");
            return -1;
        }
        words[count++] = (Word){ { begin, (size_t)(at - begin) }, span_in(a->example, begin, at) };
    }
    return count;
}

static bool register_number(const Field *field, Text word, int64_t *value)
{
    for (size_t i = 0; i < field->regs->names.count; i++)
        if (text_same_case(field->regs->names.at[i], word)) {
            *value = (int64_t)i;
            return true;
        }
    return false;
}

static bool number(Text word, int64_t *value)
{
    char digits[24];
    size_t skip = word.len && word.at[0] == '#';
    if (word.len - skip >= sizeof digits || word.len == skip)
        return false;
    memcpy(digits, word.at + skip, word.len - skip);
    digits[word.len - skip] = 0;
    const bool is_hex = (digits[0] | 32) == 'x' || (digits[0] == '0' && (digits[1] | 32) == 'x');
    char *rest;
    const char *begin = is_hex ? strchr(digits, digits[0] == '0' ? digits[1] : digits[0]) + 1 : digits;
    *value = strtoll(begin, &rest, is_hex ? 16 : 10);
    return rest != begin && *rest == 0;
}

// The letters behind a mnemonic, each at most once: "nz" of "BRnz".
static bool suffix_value(const Field *field, Text letters, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < letters.len; i++) {
        const Text one = { letters.at + i, 1 };
        size_t k = 0;
        while (k < field->letters.len && !text_same_case(one, (Text){ field->letters.at + k, 1 }))
            k++;
        const uint64_t bit = k < field->letters.len ? 1ull << (field->letters.len - 1 - k) : 0;
        if (!bit || *value & bit)
            return false;
        *value |= bit;
    }
    return letters.len > 0;
}

static uint64_t put(const Field *field, uint64_t word, uint64_t value)
{
    const uint64_t mask = (field->hi - field->lo == 63 ? ~0ull : (1ull << (field->hi - field->lo + 1)) - 1);
    return (word & ~(mask << field->lo)) | (value & mask) << field->lo;
}

static bool operand_fits(const Field *field, Text word)
{
    int64_t value;
    return field->kind == FIELD_REG ? register_number(field, word, &value) : number(word, &value);
}

// A way to read a line: a form and the fields that its first word fixes.
typedef struct {
    const Form *form;
    const Alias *alias;
    uint64_t suffix;
    const Field *operands[WORDS];
    int operand_count;
} Reading;

static bool is_bound(const Alias *alias, const Field *field)
{
    for (size_t i = 0; alias && i < alias->binds.count; i++)
        if (alias->binds.at[i].field == field)
            return true;
    return false;
}

static Reading reading_of(const Form *form, const Alias *alias, uint64_t suffix)
{
    Reading r = { .form = form, .alias = alias, .suffix = suffix };
    for (size_t i = 0; i < form->operands.count; i++)
        if (!is_bound(alias, form->operands.at[i]))
            r.operands[r.operand_count++] = form->operands.at[i];
    return r;
}

static bool reading_fits(const Reading *r, const Word *words, int count)
{
    if (count - 1 != r->operand_count)
        return false;
    for (int i = 0; i < r->operand_count; i++)
        if (!operand_fits(r->operands[i], words[i + 1].text))
            return false;
    return true;
}

// Finds how to read the line; `known` tells whether its first word means anything.
static bool find_reading(const Isa *isa, const Word *words, int count, Reading *out, bool *known)
{
    const Text first = words[0].text;
    *known = false;
    for (size_t i = 0; i < isa->aliases.count; i++) {
        const Alias *alias = isa->aliases.at[i];
        if (!text_same_case(alias->name, first))
            continue;
        *known = true;
        *out = reading_of(alias->form, alias, 0);
        if (reading_fits(out, words, count))
            return true;
    }
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *form = isa->forms.at[i];
        uint64_t suffix = 0;
        if (form->is_reserved || first.len < form->mnemonic.len ||
            !text_same_case(form->mnemonic, (Text){ first.at, form->mnemonic.len }))
            continue;
        const Text letters = { first.at + form->mnemonic.len, first.len - form->mnemonic.len };
        if (form->suffix ? !suffix_value(form->suffix, letters, &suffix) : letters.len > 0)
            continue;
        *known = true;
        *out = reading_of(form, NULL, suffix);
        if (reading_fits(out, words, count))
            return true;
    }
    return false;
}

static uint64_t operand(Assembly *a, const Field *field, const Word *word)
{
    int64_t value = 0;
    if (field->kind == FIELD_REG) {
        register_number(field, word->text, &value);
        return (uint64_t)value;
    }
    number(word->text, &value);
    const int width = field->hi - field->lo + 1;
    const int64_t least = field->kind == FIELD_SIGNED ? -(1ll << (width - 1)) : 0;
    const int64_t most = field->kind == FIELD_SIGNED ? (1ll << (width - 1)) - 1 : (1ll << width) - 1;
    if (value < least || value > most)
        diag_error(a->diag, word->span, "%lld does not fit in %d bits (%lld to %lld)", (long long)value,
                   width, (long long)least, (long long)most);
    return (uint64_t)value;
}

static void encode(Assembly *a, const Reading *r, const Word *words)
{
    const Form *form = r->form;
    uint64_t word = form->match | form->ignored_ones;
    if (form->suffix)
        word = put(form->suffix, word, r->suffix);
    for (size_t i = 0; r->alias && i < r->alias->binds.count; i++)
        word = put(r->alias->binds.at[i].field, word, r->alias->binds.at[i].value);
    for (int i = 0; i < r->operand_count; i++)
        word = put(r->operands[i], word, operand(a, r->operands[i], &words[i + 1]));
    LIST_ADD(a->isa->arena, &a->words, word);
}

static void assemble_line(Assembly *a, const char *at, const char *end)
{
    Word words[WORDS];
    Reading reading;
    bool known;
    const int count = cut(a, at, end, words);
    if (count <= 0)
        return;
    int64_t word;
    if (count == 1 && number(words[0].text, &word))
        LIST_ADD(a->isa->arena, &a->words, (uint64_t)word & ((1ull << a->isa->word_bits) - 1));
    else if (find_reading(a->isa, words, count, &reading, &known))
        encode(a, &reading, words);
    else if (!known)
        diag_error(a->diag, words[0].span, "no instruction is written '%.*s'", TEXT(words[0].text));
    else
        diag_error(a->diag, span_join(words[0].span, words[count - 1].span),
                   "'%.*s' does not take these operands", TEXT(words[0].text));
}

static void assemble(Assembly *a)
{
    const Text run = a->example->run;
    const char *at = run.at, *const end = run.at + run.len;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        if (!stop)
            stop = end;
        assemble_line(a, at, stop);
        at = stop + 1;
    }
    if (a->words.count == 0 && a->diag->errors == 0)
        diag_error(a->diag, a->example->run_span, "the example runs nothing");
}

size_t example_assemble(const Isa *isa, Diag *diag, Text run, Span run_span, const uint64_t **words)
{
    const Example line = { .run = run, .run_span = run_span };
    Assembly a = { .isa = isa, .diag = diag, .example = &line };
    assemble(&a);
    *words = a.words.at;
    return diag->errors ? 0 : a.words.count;
}

// ------------------------------------------------------------------- hosts
//
// The hosts of an example return what was given for their kind, in order, and
// what they are given is kept for `expect`.

typedef struct {
    const Example *example;
    Arena *arena;
    size_t next_given;
    LIST(struct {
        Text kind;
        uint64_t value;
    })
    seen;
} World;

static bool is_kind(const TrapEntry *trap, Text kind)
{
    for (size_t i = 0; i < trap->attrs.count; i++)
        if (text_same(trap->attrs.at[i].text, kind))
            return true;
    return false;
}

static EvalHostStatus serve(Eval *e, const TrapEntry *trap, const uint64_t *in, uint64_t *out)
{
    World *const world = e->world.user;
    const Example *const example = world->example;
    for (size_t i = 0; i < trap->in.count; i++) {
        LIST_ADD(world->arena, &world->seen, ((__typeof__(*world->seen.at)){ { 0 }, in[i] }));
        if (trap->attrs.count)
            world->seen.at[world->seen.count - 1].kind = trap->attrs.at[0].text;
    }
    for (size_t i = 0; i < trap->out.count; i++) {
        while (world->next_given < example->given.count &&
               !is_kind(trap, example->given.at[world->next_given].name))
            world->next_given++;
        if (world->next_given < example->given.count)
            out[i] = example->given.at[world->next_given++].value->num;
    }
    return EVAL_HOST_DONE;
}

// Takes the next value that a host of the kind was given.
static bool take_seen(World *world, Text kind, uint64_t *value)
{
    for (size_t i = 0; i < world->seen.count; i++)
        if (text_same(world->seen.at[i].kind, kind)) {
            *value = world->seen.at[i].value;
            world->seen.at[i].kind = (Text){ 0 };
            return true;
        }
    return false;
}

// ------------------------------------------------------------------ places

static uint64_t *place_of(Eval *e, const ExampleBind *bind)
{
    const Isa *isa = e->isa;
    for (size_t i = 0; i < isa->regs.count; i++)
        if (text_same(isa->regs.at[i]->name, bind->name))
            return &e->regs[i][bind->index->num];
    for (size_t i = 0; i < isa->mems.count; i++)
        if (text_same(isa->mems.at[i]->name, bind->name))
            return &e->mem[i][bind->index->num];
    for (size_t i = 0; i < isa->reg.count; i++)
        if (text_same(isa->reg.at[i]->name, bind->name))
            return &e->reg[i];
    return NULL;
}

static const Lazy *lazy_of(const Isa *isa, Text name)
{
    for (size_t i = 0; i < isa->lazies.count; i++)
        if (text_same(isa->lazies.at[i]->name, name))
            return isa->lazies.at[i];
    return NULL;
}

static void give(Eval *e, const ExampleBind *bind)
{
    const Lazy *lazy = lazy_of(e->isa, bind->name);
    uint64_t *place = place_of(e, bind);
    if (lazy) {
        const uint64_t mask = ((1ull << lazy->type.width) - 1) << lazy->at_lo;
        uint64_t *rest = &e->reg[lazy->at->index];
        *rest = (*rest & ~mask) | (bind->value->num << lazy->at_lo & mask);
    } else if (place) {
        *place = bind->value->num;
    }
}

static bool found(Eval *e, World *world, const ExampleBind *bind, uint64_t *value)
{
    const Lazy *lazy = lazy_of(e->isa, bind->name);
    const uint64_t *place = place_of(e, bind);
    if (lazy)
        *value = e->reg[lazy->at->index] >> lazy->at_lo & ((1ull << lazy->type.width) - 1);
    else if (place)
        *value = *place;
    return lazy || place || take_seen(world, bind->name, value);
}

// --------------------------------------------------------------------- run

static const char *stop_name(EvalStop stop)
{
    static const char *const names[] = { "its budget",        "a halt",
                                         "a host that waits", "a host that is closed",
                                         "a fault",           "attention" };
    return stop < 0 ? "nothing" : names[stop];
}

static const char *dialect_note(const Isa *isa, int dialect)
{
    return isa->dialects.count < 2
               ? ""
               : arena_format(isa->arena, " (%.*s)", TEXT(isa->dialects.at[dialect].name));
}

static void compare(const Isa *isa, Diag *diag, Eval *e, World *world, const ExampleBind *bind)
{
    uint64_t value;
    const char *note = dialect_note(isa, e->dialect);
    if (!found(e, world, bind, &value))
        diag_error(diag, bind->span, "no host of kind '%.*s' was given anything%s", TEXT(bind->name), note);
    else if (value != bind->value->num)
        diag_error(diag, bind->span, "%.*s is 0x%04llX after the run, not 0x%04llX%s",
                   TEXT(span_text(bind->span)), (unsigned long long)value,
                   (unsigned long long)bind->value->num, note);
}

static Mem *program_mem(const Isa *isa)
{
    for (size_t i = 0; i < isa->mems.count; i++)
        if (isa->mems.at[i]->is_exec)
            return isa->mems.at[i];
    return NULL;
}

static void complain_of_patience(Diag *diag, const Example *example)
{
    diag_error(diag, example->run_span, "the examples take more than %d steps; this one did not end",
               EXAMPLES_STEPS);
}

bool example_begins(Diag *diag, const Example *example, int64_t *patience, int64_t steps)
{
    *patience -= steps;
    if (*patience <= 0)
        complain_of_patience(diag, example);
    return *patience > 0;
}

// A machine is made anew for every run: counted as steps, too.
static uint64_t machine_words(const Isa *isa)
{
    uint64_t words = 0;
    for (size_t i = 0; i < isa->mems.count; i++)
        words += isa->mems.at[i]->count;
    for (size_t i = 0; i < isa->regs.count; i++)
        words += (uint64_t)isa->regs.at[i]->count;
    return words;
}

static void run_in(const Isa *isa, Diag *diag, const Example *example, const Assembly *program, int dialect,
                   int64_t *patience)
{
    if (!example_begins(diag, example, patience, 1000 + (int64_t)machine_words(isa) / 64))
        return;
    const Mem *mem = program_mem(isa);
    World world = { .example = example, .arena = isa->arena };
    Eval e;
    eval_init(&e, isa, dialect);
    e.world.user = &world;
    e.world.host = serve;
    e.patience = patience;
    for (size_t i = 0; i < example->given.count; i++)
        give(&e, &example->given.at[i]);
    for (size_t i = 0; i < program->words.count; i++)
        e.mem[mem->index][(e.reg[isa->pc->index] + i) % mem->count] = program->words.at[i];
    const EvalStop stop = eval_run(&e, program->words.count);
    if (*patience <= 0)
        complain_of_patience(diag, example);
    else if (stop != EVAL_BUDGET && stop != EVAL_HALT && stop != EVAL_ATTENTION)
        diag_error(diag, example->run_span, "the run stops with %s%s", stop_name(stop),
                   dialect_note(isa, dialect));
    else
        for (size_t i = 0; i < example->expect.count; i++)
            compare(isa, diag, &e, &world, &example->expect.at[i]);
    eval_free(&e);
}

int examples_run(const Isa *isa, Diag *diag)
{
    int count = 0;
    if (isa->code)
        return examples_run_stack(isa, diag);
    if (!isa->word_bits || !program_mem(isa))
        return 0;
    if (isa->examples.count && machine_words(isa) > EXAMPLES_WORDS) {
        diag_error(diag, isa->examples.at[0]->span,
                   "examples run in machines of at most %d words; this one has %llu", EXAMPLES_WORDS,
                   (unsigned long long)machine_words(isa));
        return 0;
    }
    int64_t patience = EXAMPLES_STEPS;
    for (size_t i = 0; i < isa->examples.count && patience > 0; i++) {
        const Example *example = isa->examples.at[i];
        Assembly program = { .isa = isa, .diag = diag, .example = example };
        const int errors = diag->errors;
        assemble(&program);
        if (diag->errors > errors)
            continue;
        const int dialects = isa->dialects.count ? (int)isa->dialects.count : 1;
        for (int d = 0; d < dialects && diag->errors == errors; d++)
            if (example->dialect < 0 || example->dialect == d)
                run_in(isa, diag, example, &program, d, &patience);
        count++;
    }
    return count;
}
