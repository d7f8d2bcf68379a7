// fuse.c -- `lc3gen fuse`: reading a profile and finding what may be fused.
#include "fuse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

enum { TRIES = 200 };

typedef struct {
    uint64_t count;
    const char *parts[FUSE_PARTS];
    int length;
} Sequence;

typedef struct {
    const Isa *isa;
    Arena *arena;
    const char *profile;
    LIST(Sequence) sequences;
    LIST(Text) known; // names of forms
    uint64_t instructions, pairs;
} Profile;

// ----------------------------------------------------------------- reading

static Text next_word(Text *line)
{
    while (line->len && (*line->at == ' ' || *line->at == '\t' || *line->at == '\r')) {
        line->at++;
        line->len--;
    }
    Text word = { line->at, 0 };
    while (word.len < line->len && !strchr(" \t\r", line->at[word.len]))
        word.len++;
    line->at += word.len;
    line->len -= word.len;
    return word;
}

// A word that is no operation, as svm's profiles name it: by the variant that holds it.
static const char *literal_of(Profile *p, Text word)
{
    for (size_t i = 0; i < p->isa->tokens.count; i++) {
        const TokenRule *rule = &p->isa->tokens.at[i];
        if (rule->rule == RULE_DEFINE && text_same(p->isa->variants.at[rule->tag].name, word))
            return "label";
    }
    for (size_t i = 0; i < p->isa->variants.count; i++)
        if (text_same(p->isa->variants.at[i].name, word))
            return arena_format(p->arena, "literal %.*s", TEXT(word));
    return NULL;
}

// How a fuse names this part, or NULL when the machine has none.
static const char *part_of(Profile *p, Text word)
{
    for (size_t i = 0; i < p->isa->forms.count; i++) {
        const char *name = form_name(p->arena, p->isa->forms.at[i]);
        if (text_is(word, name))
            return name; // "reserved", too: what it is part of may not be fused
    }
    for (size_t i = 0; i < p->isa->insns.count; i++) {
        const Insn *insn = p->isa->insns.at[i];
        if (insn->is_stack && (text_same(word, insn->name) || text_same(word, insn->spelling)))
            return arena_copy(p->arena, insn->name.at, insn->name.len);
    }
    return p->isa->code ? literal_of(p, word) : NULL;
}

static bool is_number(Text word)
{
    size_t i = 0;
    while (i < word.len && word.at[i] >= '0' && word.at[i] <= '9')
        i++;
    return i && i == word.len && i <= 18;
}

// A line of folded stacks, which stand in the same file: "MAIN;FIB 1234".
static bool is_stack(Text first, Text rest)
{
    Text last = { 0 };
    for (Text word; (word = next_word(&rest)).len;)
        last = word;
    return !is_number(first) && is_number(last);
}

static bool read_line(Profile *p, Text line, unsigned number, Error *err)
{
    const Text first = next_word(&line);
    if (!first.len || first.at[0] == '#' || is_stack(first, line))
        return true;
    if (!is_number(first))
        return fail(err, "%s:%u: a line begins with a count, not with '%.*s'", p->profile, number,
                    TEXT(first));
    Sequence s = { .count = strtoull(arena_copy(p->arena, first.at, first.len), NULL, 10) };
    for (Text word; (word = next_word(&line)).len;) {
        const char *part = part_of(p, word);
        if (!part)
            return fail(err, "%s:%u: '%.*s' is no instruction of this machine", p->profile, number,
                        TEXT(word));
        if (s.length < FUSE_PARTS)
            s.parts[s.length] = part;
        s.length++;
    }
    if (!s.length)
        return fail(err, "%s:%u: a count of nothing", p->profile, number);
    p->instructions += s.length == 1 ? s.count : 0;
    p->pairs += s.length == 2 ? s.count : 0;
    if (s.length >= 2 && s.length <= FUSE_PARTS)
        LIST_ADD(p->arena, &p->sequences, s);
    return true;
}

static bool read_profile(Profile *p, Error *err)
{
    Source source;
    if (!source_read(&source, p->arena, p->profile, err))
        return false;
    for (uint32_t line = 1; line <= source.lines.count; line++)
        if (!read_line(p, source_line(&source, line), line, err))
            return false;
    if (!p->sequences.count)
        return fail(err, "%s: no line counts a sequence of 2 to %d instructions", p->profile, FUSE_PARTS);
    return true;
}

// ----------------------------------------------------------------- choosing

static uint64_t saved(const Sequence *s)
{
    return s->count * (uint64_t)(s->length - 1);
}

static int by_saving(const void *a, const void *b)
{
    const Sequence *x = a, *y = b;
    if (saved(x) != saved(y))
        return saved(x) < saved(y) ? 1 : -1;
    for (int i = 0; i < x->length && i < y->length; i++) { // the same input, the same order
        const int order = strcmp(x->parts[i], y->parts[i]);
        if (order)
            return order;
    }
    return x->length - y->length;
}

// Whether a fuse without a condition stands for this sequence already.
static bool has_fuse(const Profile *p, const Sequence *s)
{
    for (size_t i = 0; i < p->isa->fuses.count; i++) {
        const Fuse *fuse = p->isa->fuses.at[i];
        bool is_same = !fuse->where && fuse->parts.count == (size_t)s->length;
        for (int k = 0; is_same && k < s->length; k++)
            is_same = text_is(span_text(fuse->parts.at[k].target_span), s->parts[k]);
        if (is_same)
            return true;
    }
    return false;
}

// "a: ADD.imm, b: BR" as "ADDimm_BR".
static const char *name_of(Profile *p, const Sequence *s)
{
    char *name = arena_format(p->arena, "%s", "");
    for (int i = 0; i < s->length; i++)
        name = arena_format(p->arena, "%s%s%s", name, i ? "_" : "", s->parts[i]);
    char *to = name;
    for (const char *at = name; *at; at++)
        if (*at != '.' && *at != ' ')
            *to++ = *at;
    *to = 0;
    return name;
}

// The first fuse that fits is taken: a new one stands before those that are not longer.
static size_t place_of(const Profile *p, int length)
{
    const Source *source = p->isa->source;
    for (size_t i = 0; i < p->isa->fuses.count; i++) {
        const Fuse *fuse = p->isa->fuses.at[i];
        if (fuse->parts.count < 2 || fuse->parts.count > (size_t)length)
            continue;
        size_t at = fuse->span.begin;
        while (at && source->at[at - 1] != '\n')
            at--;
        return at;
    }
    return source->size;
}

static Proposal propose(Profile *p, const Sequence *s)
{
    Writer w = { 0 };
    Proposal made = { .count = s->count, .saved = saved(s), .name = name_of(p, s) };
    write_format(&w, "fuse %s = ", made.name);
    for (int i = 0; i < s->length; i++)
        write_format(&w, "%s%c: %s", i ? ", " : "", 'a' + i, s->parts[i]);
    write_text(&w, ";");
    made.line = arena_copy(p->arena, w.at, w.len);
    writer_free(&w);
    const size_t at = place_of(p, s->length), size = p->isa->source->size;
    made.description = arena_format(p->arena, "%.*s%s\n%.*s", (int)at, p->isa->source->at, made.line,
                                    (int)(size - at), p->isa->source->at + at);
    return made;
}

// What a description may fuse is for its checks to say.
static bool is_allowed(Profile *p, const Proposal *made)
{
    Arena a = { 0 };
    Source source;
    Diag diag = { .arena = &a };
    source_init(&source, &a, p->isa->source->name, made->description, strlen(made->description));
    isa_check(isa_parse(&source, &a, &diag), &diag);
    arena_free(&a);
    return diag.errors == 0;
}

bool fuse_propose(Proposals *out, const Isa *isa, const char *profile, Error *err)
{
    Profile p = { .isa = isa, .arena = isa->arena, .profile = profile };
    if (!read_profile(&p, err))
        return false;
    qsort(p.sequences.at, p.sequences.count, sizeof *p.sequences.at, by_saving);
    *out = (Proposals){ .total = p.instructions ? p.instructions : p.pairs };
    for (size_t i = 0; i < p.sequences.count && i < TRIES && out->list.count < PROPOSALS; i++) {
        const Sequence *s = &p.sequences.at[i];
        if (!s->count || has_fuse(&p, s))
            continue;
        const Proposal made = propose(&p, s);
        if (is_allowed(&p, &made))
            LIST_ADD(isa->arena, &out->list, made);
    }
    return true;
}

// ------------------------------------------------------------------ showing

static double share(const Proposals *p, const Proposal *one)
{
    return p->total ? 100 * (double)one->saved / (double)p->total : 0;
}

static void write_timings(Writer *w, const Proposals *p, const Timing *t)
{
    write_text(w, "\nmeasured, ns per instruction: median (least to most), and the gain of the median\n\n");
    write_format(w, "  %6.3f (%.3f to %.3f)            as it is\n", t[0].ns, t[0].least, t[0].most);
    for (size_t i = 0; i < p->list.count && i < MEASURED; i++)
        write_format(w, "  %6.3f (%.3f to %.3f)  %+6.1f %%  with %s\n", t[i + 1].ns, t[i + 1].least,
                     t[i + 1].most, 100 * (t[0].ns - t[i + 1].ns) / t[0].ns, p->list.at[i].name);
}

static void write_json(Writer *w, const Proposals *p, const Timing *t)
{
    write_format(w, "{\"instructions\":%" PRIu64, p->total);
    if (t)
        write_format(w, ",\"ns\":%.4f", t[0].ns);
    write_text(w, ",\"proposals\":[");
    for (size_t i = 0; i < p->list.count; i++) {
        const Proposal *one = &p->list.at[i];
        write_format(w, "%s{\"line\":\"%s\",\"count\":%" PRIu64 ",\"saved\":%" PRIu64, i ? "," : "",
                     one->line, one->count, one->saved);
        if (t && i < MEASURED)
            write_format(w, ",\"ns\":%.4f", t[i + 1].ns);
        write_text(w, "}");
    }
    write_text(w, "]}\n");
}

void fuse_write(Writer *w, const Proposals *p, const Timing *timings, bool is_json)
{
    if (is_json) {
        write_json(w, p, timings);
        return;
    }
    if (!p->list.count)
        write_text(w, "nothing that may be fused is missing\n");
    else
        write_format(w,
                     "at most saved of %" PRIu64 " dispatches; sequences overlap, so do not add them up\n\n",
                     p->total);
    for (size_t i = 0; i < p->list.count; i++)
        write_format(w, "  %12" PRIu64 " %5.1f %%  %s\n", p->list.at[i].saved, share(p, &p->list.at[i]),
                     p->list.at[i].line);
    if (timings)
        write_timings(w, p, timings);
}
