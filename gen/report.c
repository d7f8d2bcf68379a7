// report.c -- `lc3gen check --report`.
#include <inttypes.h>
#include <string.h>

#include "effects.h"
#include "emit_c.h"
#include "tools.h"

const char *form_name(Arena *a, const Form *form)
{
    if (form->is_reserved)
        return "reserved";
    if (!form->name.len)
        return arena_copy(a, form->insn->name.at, form->insn->name.len);
    return arena_format(a, "%.*s.%.*s", TEXT(form->insn->name), TEXT(form->name));
}

uint64_t form_words(const Isa *isa, const Form *form)
{
    return UINT64_C(1) << (isa->word_bits - __builtin_popcountll(form->mask));
}

// Fills a column that a Writer was given since `from`.
static void pad(Writer *w, size_t from, size_t width)
{
    const size_t used = w->len - from;
    write_format(w, "%*s", used < width ? (int)(width - used) : 1, "");
}

// ---------------------------------------------------------------- coverage

static void write_coverage(Writer *w, const Isa *isa, Arena *a)
{
    const double all = (double)(UINT64_C(1) << isa->word_bits);
    const int digits = (isa->word_bits + 3) / 4;
    uint64_t reserved = 0;
    write_text(w, "\ncoverage: every word has one meaning\n\n"
                  "  first  pattern              form              words   share\n");
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *f = isa->forms.at[i];
        const uint64_t words = form_words(isa, f);
        reserved += f->is_reserved ? words : 0;
        size_t from = w->len;
        write_format(w, "  x%0*" PRIX64, digits, f->match);
        pad(w, from, 9);
        from = w->len;
        write_format(w, "%.*s", TEXT(f->enc));
        pad(w, from, 21);
        write_format(w, "%-12s %10" PRIu64 " %6.2f %%", form_name(a, f), words, 100 * (double)words / all);
        if (f->ignored && !f->is_reserved)
            write_format(w, "  %d ignored bits: %" PRIu64 " instructions, the rest are other spellings",
                         __builtin_popcountll(f->ignored), words >> __builtin_popcountll(f->ignored));
        write_text(w, "\n");
    }
    write_format(w, "\n  %.0f words: %.2f %% are instructions, %.2f %% reserved\n", all,
                 100 * (all - (double)reserved) / all, 100 * (double)reserved / all);
}

// ----------------------------------------------------------------- effects

static void write_column(Writer *w, const Names *names, size_t width)
{
    const size_t from = w->len;
    write_names(w, names, "-");
    pad(w, from, width);
}

static void write_row(Writer *w, Arena *a, const char *name, const Effects *e, unsigned roles)
{
    const char *flow = effects_flow(a, roles);
    write_format(w, "  %-19s %3d %5d %6d  ", name, e->operations, e->loads, e->stores);
    write_column(w, &e->reads, 20);
    write_column(w, &e->writes, 18);
    write_format(w, "%-26s ", *flow ? flow : "-");
    write_names(w, &e->raises, "-");
    write_text(w, "\n");
}

static void write_heading(Writer *w, const Isa *isa, int dialect)
{
    write_text(w, "\neffects and cost");
    if (isa->dialects.count)
        write_format(w, " in %.*s", TEXT(isa->dialects.at[dialect].name));
    write_format(w,
                 ": operators, loads and stores in the tree, both branches of an `if`\n\n"
                 "  %-19s ops loads stores  %-20s%-18s%-26s may raise\n",
                 "form", "reads", "writes", "flow");
}

static void write_effects(Writer *w, const Isa *isa, Arena *a, int dialect)
{
    write_heading(w, isa, dialect);
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *f = isa->forms.at[i];
        const Effects e = effects_of(isa, a, &f->body, dialect);
        write_row(w, a, form_name(a, f), &e, f->roles);
    }
    for (size_t i = 0; i < isa->insns.count; i++) {
        const Insn *insn = isa->insns.at[i];
        if (!insn->is_stack)
            continue;
        const Effects e = effects_of_insn(isa, a, insn);
        write_row(w, a, arena_format(a, "%.*s", TEXT(insn->name)), &e, insn->roles);
    }
}

// -------------------------------------------------------------------- JSON

static void json_names(Writer *w, const char *key, const Names *names)
{
    write_format(w, ",\"%s\":[", key);
    for (size_t i = 0; i < names->count; i++) {
        write_text(w, i ? "," : "");
        write_json_string(w, names->at[i]);
    }
    write_text(w, "]");
}

static void json_row(Writer *w, Arena *a, const char *name, const Effects *e, unsigned roles)
{
    write_text(w, "{\"form\":");
    write_json_string(w, name);
    json_names(w, "reads", &e->reads);
    json_names(w, "writes", &e->writes);
    json_names(w, "raises", &e->raises);
    write_format(w, ",\"operations\":%d,\"loads\":%d,\"stores\":%d,\"flow\":\"%s\"", e->operations, e->loads,
                 e->stores, effects_flow(a, roles));
}

static void report_json(Writer *w, const Isa *isa, Arena *a, const char *file, int dialect)
{
    const char *comma = "";
    write_text(w, "{\"file\":");
    write_json_string(w, file);
    write_format(w, ",\"word_bits\":%d,\"forms\":[", isa->word_bits);
    for (size_t i = 0; i < isa->forms.count; i++, comma = ",") {
        const Form *f = isa->forms.at[i];
        const Effects e = effects_of(isa, a, &f->body, dialect);
        write_text(w, comma);
        json_row(w, a, form_name(a, f), &e, f->roles);
        write_format(w, ",\"pattern\":\"%.*s\",\"first\":%" PRIu64 ",\"words\":%" PRIu64 ",\"reserved\":%s}",
                     TEXT(f->enc), f->match, form_words(isa, f), f->is_reserved ? "true" : "false");
    }
    for (size_t i = 0; i < isa->insns.count; i++) {
        const Insn *insn = isa->insns.at[i];
        if (!insn->is_stack)
            continue;
        const Effects e = effects_of_insn(isa, a, insn);
        write_text(w, comma);
        json_row(w, a, arena_format(a, "%.*s", TEXT(insn->name)), &e, insn->roles);
        write_format(w, ",\"inputs\":%zu,\"outputs\":%zu}", insn->inputs.count, insn->outputs.count);
        comma = ",";
    }
    write_text(w, "]}\n");
}

void report_write(Writer *w, const Isa *isa, const char *file, int dialect, bool is_json)
{
    Arena a = { 0 };
    if (is_json) {
        report_json(w, isa, &a, file, dialect);
    } else {
        if (isa->word_bits)
            write_coverage(w, isa, &a);
        write_effects(w, isa, &a, dialect);
    }
    arena_free(&a);
}
