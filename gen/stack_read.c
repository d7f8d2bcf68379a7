// Reading programs: cutting a text into words, saying what they are, resolving labels.
#include "stack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// ------------------------------------------------------------------ tokens

typedef struct {
    char *bytes; // after escapes and comments
    size_t size;
    uint32_t begin, end; // where it stands
    bool is_closed;      // ended by its quote
} Word;

typedef struct {
    StackProgram *p;
    const StackTable *t;
    StackReading how;
    Arena *arena;
    Diag *diag;
    int error; // of the first mistake
    uint32_t error_at;
    LIST(Word) words;
    // The token at hand.
    LIST(char) bytes;
    uint32_t begin, end;
    bool is_escaped, in_comment, has_wrong;
} Reader;

static Span span_at(const Reader *r, uint32_t begin, uint32_t end)
{
    return (Span){ r->p->source, begin, end };
}

static void note_error(Reader *r, int error, uint32_t at)
{
    if (r->error < 0 || at < r->error_at) {
        r->error = error;
        r->error_at = at;
    }
}

// Reports as the table words it.  The named error stands behind the text.
static void report(Reader *r, int error, uint32_t begin, uint32_t end, const StackName *names)
{
    if (error < 0) {
        diag_error(r->diag, span_at(r, begin, end), "%s", names[0].value);
        note_error(r, 0, begin);
        return;
    }
    const StackError *e = &r->t->errors[error];
    diag_error(r->diag, span_at(r, begin, end), "%s [%s]", stack_message(r->arena, e->message, names),
               e->name);
    note_error(r, error, begin);
}

static void append(Reader *r, char c, uint32_t at)
{
    if (r->bytes.count == 0)
        r->begin = at;
    r->end = at + 1;
    LIST_ADD(r->arena, &r->bytes, c);
}

static void end_word(Reader *r, bool is_closed)
{
    if (r->bytes.count) {
        const Word w = { arena_copy(r->arena, r->bytes.at, r->bytes.count), r->bytes.count, r->begin, r->end,
                         is_closed };
        LIST_ADD(r->arena, &r->words, w);
    }
    r->bytes.count = 0;
}

static bool in_string(const Reader *r)
{
    return r->bytes.count && r->bytes.at[0] == r->t->quote;
}

static bool is_blank(const Reader *r, char c)
{
    return c && strchr(r->t->blanks, c);
}

// One byte as the first author's tokenizer took it: an escape is a flag that only a
// quote or another escape clears, everywhere; a comment swallows its newline.
static void take_compatible(Reader *r, char c, uint32_t at)
{
    if (r->in_comment) {
        r->in_comment = c != '\n';
    } else if (c == r->t->quote && c) {
        append(r, c, at);
        if (!r->is_escaped && r->bytes.count > 1)
            end_word(r, true);
        r->is_escaped = false;
    } else if (c == r->t->escape && c) {
        if (r->is_escaped)
            append(r, c, at);
        r->is_escaped = !r->is_escaped;
    } else if (c == r->t->comment && c && !in_string(r)) {
        r->in_comment = true;
    } else if (is_blank(r, c) && !in_string(r)) {
        end_word(r, false);
    } else {
        append(r, c, at);
    }
}

static void take_escaped(Reader *r, char c, uint32_t at)
{
    r->is_escaped = false;
    if (c == r->t->quote || c == r->t->escape) {
        append(r, c, at);
        return;
    }
    for (const char *pair = r->t->pairs; pair[0] && pair[1]; pair += 2)
        if (pair[0] == c) {
            append(r, pair[1], at);
            return;
        }
    uint32_t end = at + 1; // of the whole character
    while (end < r->p->source->size && (r->p->source->at[end] & 0xC0) == 0x80)
        end++;
    const StackName names[] = { { "reason", arena_format(r->arena, "'%c%.*s' is no escape", r->t->escape,
                                                         (int)(end - at), r->p->source->at + at) },
                                { 0 } };
    report(r, r->t->wrong_quote, at - 1, end, names);
    append(r, c, at);
}

static void take_modern(Reader *r, char c, uint32_t at)
{
    if (r->in_comment) {
        r->in_comment = c != '\n';
    } else if (r->is_escaped) {
        take_escaped(r, c, at);
    } else if (c == r->t->quote && c) {
        append(r, c, at);
        if (r->bytes.count > 1)
            end_word(r, true);
    } else if (c == r->t->escape && c && in_string(r)) {
        r->is_escaped = true;
    } else if (c == r->t->comment && c && !in_string(r)) {
        r->in_comment = true;
        end_word(r, false);
    } else if (is_blank(r, c) && !in_string(r)) {
        end_word(r, false);
    } else {
        append(r, c, at);
    }
}

static void cut(Reader *r)
{
    const Source *s = r->p->source;
    for (uint32_t i = 0; i < s->size; i++)
        if (r->how.is_compatible)
            take_compatible(r, s->at[i], i);
        else
            take_modern(r, s->at[i], i);
    if (!r->how.is_compatible && in_string(r)) {
        const StackName names[] = { { "reason", "nothing closes this quote" }, { 0 } };
        report(r, r->t->wrong_quote, r->begin, r->begin + 1, names);
        r->bytes.count = 0;
    }
    end_word(r, false);
}

// -------------------------------------------------------- words to elements

static bool word_is(const Word *w, const char *s)
{
    return strlen(s) == w->size && memcmp(w->bytes, s, w->size) == 0;
}

static StackElement element(const Word *w, int word, int64_t n, int tag)
{
    return (StackElement){ (uint16_t)word, { n, (uint64_t)tag }, w->begin, w->end };
}

static int64_t string_of(Reader *r, const char *bytes, size_t size)
{
    return (int64_t)(intptr_t)stack_new_string(r->arena, bytes, size);
}

// Whether the rule fits the word; then *e is what it is as a value.
static bool fits(Reader *r, const StackRule *rule, const Word *w, StackElement *e)
{
    const StackTable *t = r->t;
    const int literal = rule->tag >= 0 ? stack_literal(t, rule->tag) : 0;
    int64_t n = 0;
    switch (rule->kind) {
    case STACK_WORDS:
        *e = element(w, literal, word_is(w, rule->first), rule->tag);
        return word_is(w, rule->first) || word_is(w, rule->second);
    case STACK_DECIMAL:
        if (!stack_number(w->bytes, w->size, &n))
            return false;
        *e = element(w, literal, n, rule->tag);
        return true;
    case STACK_OPCODE:
        while (n < t->op_count && !word_is(w, t->ops[n].spelling))
            n++;
        *e = element(w, (int)n, n, rule->tag);
        return n < t->op_count;
    case STACK_QUOTED:
        if (w->size < 2 || w->bytes[0] != t->quote || w->bytes[w->size - 1] != t->quote)
            return false;
        *e = element(w, literal, string_of(r, w->bytes + 1, w->size - 2), rule->tag);
        return true;
    case STACK_DEFINE:
        if (w->size < 2 || w->bytes[w->size - 1] != rule->first[0])
            return false;
        *e = element(w, stack_label(t), string_of(r, w->bytes, w->size - 1), rule->tag);
        return true;
    case STACK_REFER:
        *e = element(w, literal, string_of(r, w->bytes, w->size), rule->tag);
        return true;
    }
    return false;
}

static void report_meaningless(Reader *r, const Word *w)
{
    const StackName names[] = {
        { "", arena_format(r->arena, "'%.*s' has no meaning", (int)w->size, w->bytes) }, { 0 }
    };
    report(r, -1, w->begin, w->end, names);
}

static void add_element(Reader *r, const Word *w)
{
    for (int i = 0; i < r->t->rule_count; i++) {
        const StackRule *rule = &r->t->rules[i];
        StackElement e;
        if (!fits(r, rule, w, &e))
            continue;
        if (!r->how.is_program && rule->tag < 0)
            break; // an operation where only values can be
        if (!r->how.is_program)
            e.word = (uint16_t)stack_literal(r->t, rule->tag);
        LIST_ADD(r->arena, &r->p->code, e);
        return;
    }
    report_meaningless(r, w);
}

// ------------------------------------------------------------------ labels

static const StackRule *find_rule(const StackTable *t, StackRuleKind kind)
{
    for (int i = 0; i < t->rule_count; i++)
        if (t->rules[i].kind == kind)
            return &t->rules[i];
    return NULL;
}

typedef struct {
    const StackString *name;
    uint32_t index;
} Spot;

typedef struct {
    Reader *r;
    LIST(Spot) labels, uses; // each sorted by name, then by place
} Labels;

static int by_name(const void *a, const void *b)
{
    const Spot *x = a, *y = b;
    const size_t len = x->name->size < y->name->size ? x->name->size : y->name->size;
    const int order = memcmp(x->name->bytes, y->name->bytes, len);
    if (order)
        return order;
    if (x->name->size != y->name->size)
        return x->name->size < y->name->size ? -1 : 1;
    return 0;
}

static int by_name_and_index(const void *a, const void *b)
{
    const int order = by_name(a, b);
    const Spot *x = a, *y = b;
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static bool same_name(const Spot *a, const Spot *b)
{
    return by_name(a, b) == 0;
}

static void report_twice(Labels *l, const StackRule *rule, size_t first, size_t count)
{
    Reader *r = l->r;
    Writer w = { 0 };
    for (size_t i = 0; i < count; i++)
        write_format(&w, "%s%" PRIu32, i ? ", " : "", l->labels.at[first + i].index + 1);
    const StackString *s = l->labels.at[first].name;
    const StackName names[] = { { "label", arena_copy(r->arena, s->bytes, s->size) },
                                { "locations", arena_copy(r->arena, w.at, w.len) },
                                { 0 } };
    writer_free(&w);
    const StackElement *second = &r->p->code.at[l->labels.at[first + 1].index];
    report(r, rule->wrong, second->begin, second->end, names);
    for (size_t i = 0; i < count; i++) {
        const StackElement *e = &r->p->code.at[l->labels.at[first + i].index];
        if (i != 1)
            diag_note(r->diag, span_at(r, e->begin, e->end), i ? "and again here" : "the first is here");
    }
}

static bool is_digits(const StackString *s)
{
    const size_t sign = s->size > 1 && (s->bytes[0] == '-' || s->bytes[0] == '+');
    size_t i = sign;
    while (i < s->size && s->bytes[i] >= '0' && s->bytes[i] <= '9')
        i++;
    return i == s->size;
}

// What the author may have meant: an operation or a label of nearly this name.
static void hint_undefined(Labels *l, const StackString *s)
{
    const Text word = { s->bytes, s->size };
    Text best = { 0 };
    int distance = word.len < 4 ? 2 : 3;
    if (is_digits(s)) {
        diag_hint(l->r->diag, "the number does not fit in 64 bits");
        return;
    }
    for (int i = 0; i < l->r->t->op_count; i++) {
        const Text op = text_of(l->r->t->ops[i].spelling);
        const int d = text_distance(word, op, distance);
        if (d < distance && d < (int)word.len) {
            distance = d;
            best = op;
        }
    }
    for (size_t i = 0; i < l->labels.count; i++) {
        const Text label = { l->labels.at[i].name->bytes, l->labels.at[i].name->size };
        const int d = text_distance(word, label, distance);
        if (d < distance && d < (int)word.len) {
            distance = d;
            best = label;
        }
    }
    if (best.len)
        diag_hint(l->r->diag, "did you mean '%.*s'?", TEXT(best));
}

static void report_undefined(Labels *l, const StackRule *rule, size_t first, size_t count)
{
    Reader *r = l->r;
    const StackString *s = l->uses.at[first].name;
    const StackName names[] = { { "label", arena_copy(r->arena, s->bytes, s->size) },
                                { "count", arena_format(r->arena, "%zu", count) },
                                { 0 } };
    const StackElement *e = &r->p->code.at[l->uses.at[first].index];
    report(r, rule->wrong, e->begin, e->end, names);
    for (size_t i = 1; i < count; i++) {
        e = &r->p->code.at[l->uses.at[first + i].index];
        diag_note(r->diag, span_at(r, e->begin, e->end), "and here");
    }
    hint_undefined(l, s);
}

static const Spot *find_label(const Labels *l, const Spot *use)
{
    return l->labels.count ? bsearch(use, l->labels.at, l->labels.count, sizeof *use, by_name) : NULL;
}

static size_t run_of(const Spot *places, size_t count, size_t first)
{
    size_t n = 1;
    while (first + n < count && same_name(&places[first], &places[first + n]))
        n++;
    return n;
}

// Every word that names a label becomes the label's location: the index behind it.
static void resolve(Reader *r)
{
    const StackRule *define = find_rule(r->t, STACK_DEFINE), *refer = find_rule(r->t, STACK_REFER);
    Labels l = { .r = r };
    for (uint32_t i = 0; i < r->p->code.count; i++) {
        const StackElement *e = &r->p->code.at[i];
        if (define && e->word == stack_label(r->t))
            LIST_ADD(r->arena, &l.labels, ((Spot){ stack_string(e->value), i }));
        else if (refer && e->word == stack_literal(r->t, refer->tag))
            LIST_ADD(r->arena, &l.uses, ((Spot){ stack_string(e->value), i }));
    }
    if (l.labels.count)
        qsort(l.labels.at, l.labels.count, sizeof *l.labels.at, by_name_and_index);
    if (l.uses.count)
        qsort(l.uses.at, l.uses.count, sizeof *l.uses.at, by_name_and_index);
    for (size_t i = 0, n; i < l.labels.count; i += n) {
        n = run_of(l.labels.at, l.labels.count, i);
        if (n > 1)
            report_twice(&l, define, i, n);
    }
    for (size_t i = 0, n; i < l.uses.count; i += n) {
        n = run_of(l.uses.at, l.uses.count, i);
        const Spot *label = find_label(&l, &l.uses.at[i]);
        if (!label)
            report_undefined(&l, refer, i, n);
        for (size_t k = i; label && k < i + n; k++) {
            StackElement *e = &r->p->code.at[l.uses.at[k].index];
            e->word = (uint16_t)stack_literal(r->t, refer->location_tag);
            e->value = (StackValue){ (int64_t)label->index + 1, (uint64_t)refer->location_tag };
        }
    }
}

int stack_read(StackProgram *p, const StackTable *table, const Source *source, StackReading how, Arena *a,
               Diag *diag)
{
    *p = (StackProgram){ .table = table, .source = source };
    Reader r = { .p = p, .t = table, .how = how, .arena = a, .diag = diag, .error = -1 };
    size_t bad;
    if (table->wrong_text >= 0 && !stack_is_utf8(source->at, source->size, &bad)) {
        const StackName names[] = {
            { "reason", arena_format(a, "byte 0x%02X is not UTF-8", (unsigned char)source->at[bad]) }, { 0 }
        };
        report(&r, table->wrong_text, (uint32_t)bad, (uint32_t)bad + 1, names);
        return r.error;
    }
    cut(&r);
    for (size_t i = 0; i < r.words.count; i++)
        add_element(&r, &r.words.at[i]);
    if (how.is_program)
        resolve(&r);
    return r.error;
}
