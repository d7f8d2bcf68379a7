// explain.c -- `lc3gen explain FILE.def WHAT`: everything about one instruction.
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "effects.h"
#include "emit_c.h"
#include "eval.h"
#include "examples.h"
#include "headers.h"
#include "pseudo.h"
#include "tools.h"

typedef struct {
    Writer *w;
    const Isa *isa;
    const EmitOptions *options;
    Arena *arena;
    const Form *form;
    const Insn *insn; // of a stack machine
    bool has_word;
    uint64_t word;
} Explain;

// ------------------------------------------------------------- instructions

static uint64_t field_bits(const Field *f, uint64_t word)
{
    return word >> f->lo & (UINT64_MAX >> (63 - (f->hi - f->lo)));
}

static void write_value(Writer *w, const Field *f, uint64_t word)
{
    const uint64_t bits = field_bits(f, word), sign = UINT64_C(1) << (f->hi - f->lo);
    switch (f->kind) {
    case FIELD_REG:
        write_format(w, "%.*s", TEXT(f->regs->names.at[bits]));
        break;
    case FIELD_SIGNED:
        write_format(w, "#%" PRId64, (int64_t)((bits ^ sign) - sign));
        break;
    case FIELD_UNSIGNED:
        write_format(w, "#%" PRIu64, bits);
        break;
    case FIELD_HEX:
        write_format(w, "x%02" PRIX64, bits);
        break;
    case FIELD_SET:
        for (size_t i = 0; i < f->letters.len; i++)
            if (bits >> (f->letters.len - 1 - i) & 1)
                write_bytes(w, f->letters.at + i, 1);
        break;
    }
}

static const Field *field_named(const Form *form, Text name)
{
    for (size_t i = 0; i < form->fields.count; i++)
        if (text_same(form->fields.at[i]->name, name))
            return form->fields.at[i];
    return NULL;
}

void write_instruction(Writer *w, const Form *form, uint64_t word)
{
    const Text s = form->assembly;
    if (form->is_reserved)
        write_format(w, "reserved");
    for (size_t i = 0; i < s.len && !form->is_reserved; i++) {
        const char *end = s.at[i] == '{' ? memchr(s.at + i, '}', s.len - i) : NULL;
        const Field *f = end ? field_named(form, (Text){ s.at + i + 1, (size_t)(end - s.at) - i - 1 }) : NULL;
        if (f) {
            write_value(w, f, word);
            i = (size_t)(end - s.at);
        } else {
            write_bytes(w, s.at + i, 1);
        }
    }
}

// ----------------------------------------------------------------- sections

static void write_title(Explain *x)
{
    const Form *f = x->form;
    const Insn *insn = x->insn;
    const Span span = insn ? insn->span : f->span;
    if (x->has_word) {
        write_format(x->w, "x%0*" PRIX64 "  ", (x->isa->word_bits + 3) / 4, x->word);
        write_instruction(x->w, f, x->word);
        write_text(x->w, "\n");
    }
    write_format(x->w, "%s:%u: ", x->options->source, source_place(x->isa->source, span.begin).line);
    if (insn)
        write_format(x->w, "%.*s \"%.*s\"", TEXT(insn->name), TEXT(insn->spelling));
    else if (f->is_reserved)
        write_text(x->w, "reserved words");
    else
        write_format(x->w, "%s, %.*s", form_name(x->arena, f), TEXT(f->insn->title));
    write_text(x->w, "\n");
}

static void write_pattern(Explain *x)
{
    const Form *f = x->form;
    write_format(x->w, "    %.*s", TEXT(f->enc));
    if (!f->is_reserved)
        write_format(x->w, "        %.*s", TEXT(f->assembly));
    write_format(x->w, "\n    %" PRIu64 " words, (word & x%04" PRIX64 ") == x%04" PRIX64 "\n",
                 form_words(x->isa, f), f->mask, f->match);
    for (size_t i = 0; i < f->fields.count; i++) {
        const Field *field = f->fields.at[i];
        write_format(x->w, "    %-8.*s [%d:%d]", TEXT(field->name), field->hi, field->lo);
        if (x->has_word) {
            write_text(x->w, "  ");
            for (int bit = field->hi; bit >= field->lo; bit--)
                write_text(x->w, x->word >> bit & 1 ? "1" : "0");
            write_text(x->w, "  ");
            write_value(x->w, field, x->word);
        }
        write_text(x->w, "\n");
    }
    if (x->has_word && !f->is_reserved && (x->word & f->ignored) != (f->ignored_ones & f->ignored))
        write_text(x->w,
                   "    its ignored bits are not as the assembler writes them; the machine does the same\n");
}

static void write_semantics(Explain *x)
{
    const Block *body = x->insn ? &x->insn->body : &x->form->body;
    const size_t count = x->isa->dialects.count ? x->isa->dialects.count : 1;
    Writer first = { 0 };
    for (size_t d = 0; d < count; d++) {
        Writer text = { 0 };
        pseudo_block(&text, x->isa, body, (int)d, 4);
        const bool is_same = d && first.len == text.len && memcmp(first.at, text.at, text.len) == 0;
        if (!is_same && d)
            write_format(x->w, "  in %.*s\n", TEXT(x->isa->dialects.at[d].name));
        if (!is_same)
            write_bytes(x->w, text.at, text.len);
        d ? writer_free(&text) : (void)(first = text);
    }
    writer_free(&first);
}

static void write_effects(Explain *x)
{
    const unsigned roles = x->insn ? x->insn->roles : x->form->roles;
    const Effects e = x->insn ? effects_of_insn(x->isa, x->arena, x->insn)
                              : effects_of(x->isa, x->arena, &x->form->body, x->options->dialect);
    const char *flow = effects_flow(x->arena, roles);
    write_text(x->w, "    reads ");
    write_names(x->w, &e.reads, "nothing");
    write_text(x->w, "; writes ");
    write_names(x->w, &e.writes, "nothing");
    write_text(x->w, "; may raise ");
    write_names(x->w, &e.raises, "nothing");
    write_format(x->w, "\n    %s; %d operators, %d loads, %d stores\n",
                 *flow ? flow : "goes on with the next instruction", e.operations, e.loads, e.stores);
}

// ------------------------------------------------------------ generated code

// The function whose head begins with `head`, with the comment above it.
static Text cut_function(const Writer *all, const char *head)
{
    const char *at = all->at ? strstr(all->at, head) : NULL;
    const char *end = at ? strstr(at, "\n}\n") : NULL;
    if (!end)
        return (Text){ 0 };
    while (at > all->at && at[-1] != '\n')
        at--;
    return (Text){ at, (size_t)(end + 3 - at) };
}

static void write_indented(Writer *w, Text text)
{
    while (text.len) {
        const char *newline = memchr(text.at, '\n', text.len);
        const size_t len = newline ? (size_t)(newline - text.at) : text.len;
        write_format(w, "    %.*s\n", (int)len, text.at);
        text.at += len + (newline != NULL);
        text.len -= len + (newline != NULL);
    }
}

static void emit_whole(Writer *all, Explain *x, Emit *emit)
{
    emit(x->isa, x->options, all);
    write_bytes(all, "", 1); // an end for strstr
    all->len--;
}

static void write_c(Explain *x)
{
    Writer all = { 0 };
    emit_whole(&all, x, emit_semantics_c);
    write_indented(x->w, cut_function(&all, arena_format(x->arena, "do_%s(", form_id(x->arena, x->form))));
    writer_free(&all);
}

static bool save(const char *dir, const char *name, Explain *x, Emit *emit, Error *err)
{
    Writer w = { 0 };
    emit(x->isa, x->options, &w);
    const bool good = writer_save(&w, arena_format(x->arena, "%s/%s", dir, name), err);
    writer_free(&w);
    return good;
}

// What a compiler makes of exactly this word: its operands are constants.
static bool save_probe(Explain *x, const char *dir, Error *err)
{
    Writer w = { 0 };
    write_format(&w,
                 "#include \"%s_semantics.c\"\nint explained(%s *m)\n{\n    return do_%s(m, 0x%" PRIX64
                 ", false);\n}\n",
                 x->options->prefix, state_type(x->arena, x->options), form_id(x->arena, x->form), x->word);
    const bool good = writer_save(&w, arena_format(x->arena, "%s/probe.c", dir), err);
    writer_free(&w);
    return good && save(dir, "engine.h", x, emit_engine_h, err) &&
           save(dir, arena_format(x->arena, "%s_state.h", x->options->machine), x, emit_state_h, err) &&
           save(dir, arena_format(x->arena, "%s_semantics.c", x->options->prefix), x, emit_semantics_c, err);
}

static bool run_clang(Explain *x, const char *dir, Writer *out)
{
    static const char *const names[] = {
        "clang-19", "clang", "clang-18", "clang-17", "clang-16", "clang-15"
    };
    const char *given = getenv("CLANG");
    for (size_t i = 0; i < (given ? 1 : sizeof names / sizeof *names); i++) {
        FILE *in = popen(arena_format(x->arena, "%s -O2 -S -emit-llvm -w -o - '%s/probe.c' 2>/dev/null",
                                      given ? given : names[i], dir),
                         "r");
        char part[4096];
        for (size_t n; in && (n = fread(part, 1, sizeof part, in)) > 0;)
            write_bytes(out, part, n);
        if (in && pclose(in) == 0 && out->len)
            return true;
        out->len = 0;
    }
    return false;
}

// Without the names of attributes and metadata, which are explained elsewhere in the file.
static void write_ir_function(Explain *x, const Writer *ir)
{
    const Text text = cut_function(ir, "@explained(");
    Writer clean = { 0 };
    for (size_t i = 0; i < text.len; i++) {
        const char *rest = text.at + i;
        const size_t left = text.len - i;
        if (left > 8 && (memcmp(rest, ", !", 3) == 0 || memcmp(rest, " #", 2) == 0))
            while (i + 1 < text.len && text.at[i + 1] != '\n' && text.at[i + 1] != '{')
                i++;
        else
            write_bytes(&clean, rest, 1);
    }
    write_indented(x->w, (Text){ clean.at, clean.len });
    writer_free(&clean);
}

static void write_ir(Explain *x)
{
    char dir[] = "/tmp/lc3gen-XXXXXX";
    Error err;
    Writer ir = { 0 };
    if (!mkdtemp(dir)) {
        write_format(x->w, "    %s: %s\n", dir, strerror(errno));
        return;
    }
    if (!save_probe(x, dir, &err))
        write_format(x->w, "    %s\n", err.text);
    else if (!run_clang(x, dir, &ir))
        write_text(x->w, "    there is no clang; the environment variable CLANG can name one\n");
    else {
        write_bytes(&ir, "", 1);
        write_ir_function(x, &ir);
    }
    const char *const files[] = { "probe.c", "engine.h",
                                  arena_format(x->arena, "%s_state.h", x->options->machine),
                                  arena_format(x->arena, "%s_semantics.c", x->options->prefix) };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(arena_format(x->arena, "%s/%s", dir, files[i]));
    rmdir(dir);
    writer_free(&ir);
}

static const struct {
    const char *key, *heading;
    void (*write)(Explain *x);
    bool needs_form; // of a machine with instruction words
} sections[] = {
    { "title", NULL, write_title, false },
    { "encoding", "encoding", write_pattern, true },
    { "semantics", "semantics", write_semantics, false },
    { "effects", "effects", write_effects, false },
    { "c", "generated C", write_c, true },
    { "llvm_ir", "LLVM IR, as clang -O2 makes it of that C", write_ir, true },
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static void write_all(Explain *x)
{
    for (int i = 0; i < SECTIONS; i++) {
        if (sections[i].needs_form && !x->form)
            continue;
        if (sections[i].heading)
            write_format(x->w, "\n%s\n", sections[i].heading);
        sections[i].write(x);
    }
}

// -------------------------------------------------------------- what is meant

static bool read_number(const char *text, uint64_t *word)
{
    const bool is_hex = (text[0] | 32) == 'x' || (text[0] == '0' && (text[1] | 32) == 'x');
    const char *digits = is_hex ? text + (text[0] == '0' ? 2 : 1) : text;
    char *end;
    if (!isxdigit((unsigned char)*digits))
        return false;
    errno = 0;
    *word = strtoull(digits, &end, is_hex ? 16 : 10);
    return !*end && !errno;
}

static bool find_named(Explain *x, const char *what)
{
    for (size_t i = 0; i < x->isa->insns.count; i++) {
        const Insn *insn = x->isa->insns.at[i];
        if (insn->is_stack && (text_same_case(insn->name, text_of(what)) || text_is(insn->spelling, what))) {
            x->insn = insn;
            return true;
        }
    }
    for (size_t i = 0; i < x->isa->forms.count; i++)
        if (text_same_case(text_of(form_name(x->arena, x->isa->forms.at[i])), text_of(what))) {
            x->form = x->isa->forms.at[i];
            x->word = x->form->match | x->form->ignored_ones;
            return true;
        }
    return false;
}

static bool assemble(Explain *x, const char *what, Diag *diag)
{
    Source *source = arena_new(x->isa->arena, Source);
    source_init(source, x->isa->arena, "argument", what, strlen(what));
    const uint64_t *words;
    const size_t count =
        example_assemble(x->isa, diag, text_of(what), (Span){ source, 0, (uint32_t)strlen(what) }, &words);
    if (count != 1)
        return false;
    x->word = words[0];
    return true;
}

static bool find_word(Explain *x, const char *what, Diag *diag, Error *err)
{
    const int bits = x->isa->word_bits;
    if (!bits)
        return fail(err, "'%s' is no instruction of this machine", what);
    const bool is_number = read_number(what, &x->word);
    if (is_number && x->word >> (bits - 1) > 1)
        return fail(err, "%s does not fit in %d bits", what, bits);
    if (!is_number && !assemble(x, what, diag))
        return fail(err, "'%s': one instruction, a word such as x1261, or the name of an instruction", what);
    x->has_word = true;
    x->form = eval_decode(x->isa, x->word);
    return true;
}

static void write_json_fields(Explain *x)
{
    const Form *f = x->form;
    write_format(x->w, ",\"form\":\"%s\",\"pattern\":\"%.*s\",\"word\":%" PRIu64 ",\"fields\":[",
                 form_name(x->arena, f), TEXT(f->enc), x->word);
    for (size_t i = 0; i < f->fields.count; i++) {
        const Field *field = f->fields.at[i];
        write_format(x->w, "%s{\"name\":\"%.*s\",\"high\":%d,\"low\":%d,\"bits\":%" PRIu64 "}", i ? "," : "",
                     TEXT(field->name), field->hi, field->lo, field_bits(field, x->word));
    }
    write_text(x->w, "]");
}

static void write_json(Explain *x, const char *what)
{
    Writer *const w = x->w;
    write_text(w, "{\"what\":");
    write_json_string(w, what);
    if (x->form)
        write_json_fields(x);
    for (int i = 0; i < SECTIONS; i++) {
        Writer text = { 0 };
        if (sections[i].needs_form && !x->form)
            continue;
        x->w = &text;
        sections[i].write(x);
        x->w = w;
        write_bytes(&text, "", 1);
        write_format(w, ",\"%s\":", sections[i].key);
        write_json_string(w, text.at);
        writer_free(&text);
    }
    write_text(w, "}\n");
}

bool explain_write(Writer *w, const Isa *isa, const EmitOptions *options, const char *what, bool is_json,
                   Diag *diag, Error *err)
{
    Arena a = { 0 };
    Explain x = { .w = w, .isa = isa, .options = options, .arena = &a };
    const bool good = find_named(&x, what) || find_word(&x, what, diag, err);
    if (good && is_json)
        write_json(&x, what);
    else if (good)
        write_all(&x);
    arena_free(&a);
    return good;
}
