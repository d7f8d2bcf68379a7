// The table and the header of a stack machine.
#include "emit_c.h"

#include <inttypes.h>
#include <string.h>

#include "emit_stack_body.h"
#include "meaning.h"

static void write_c_string(Writer *w, const char *s)
{
    if (!s) {
        write_text(w, "NULL");
        return;
    }
    write_text(w, "\"");
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            write_format(w, "\\%c", c);
        else if (c < ' ' || c > '~')
            write_format(w, "\\%03o", c);
        else
            write_bytes(w, s, 1);
    }
    write_text(w, "\"");
}

static void write_c_char(Writer *w, char c)
{
    if (c == '\'' || c == '\\')
        write_format(w, "'\\%c'", c);
    else if (c > ' ' && c <= '~')
        write_format(w, "'%c'", c);
    else
        write_format(w, "%d", c);
}

static void emit_variants(const StackTable *t, Writer *w)
{
    static const char *const payloads[] = { "STACK_I64", "STACK_BOOL", "STACK_STR", "STACK_BITS" };
    write_text(w, "static const StackVariant variants[] = {\n");
    for (int i = 0; i < t->variant_count; i++) {
        const StackVariant *v = &t->variants[i];
        write_format(w, "    { \"%s\", %s, ", v->name, payloads[v->payload]);
        write_c_string(w, v->shown);
        write_text(w, ", ");
        write_c_string(w, v->json);
        write_text(w, " },\n");
    }
    write_text(w, "};\n\n");
}

static void emit_ops(const StackTable *t, Writer *w)
{
    write_text(w, "static const StackOp ops[] = {\n");
    for (int i = 0; i < t->op_count; i++) {
        const StackOp *o = &t->ops[i];
        write_format(w, "    { \"%s\", ", o->name);
        write_c_string(w, o->spelling);
        write_text(w, ", ");
        write_c_string(w, o->effect);
        write_text(w, ", ");
        write_c_string(w, o->does);
        write_format(w, ", %d, %d, 0x%X },\n", o->inputs, o->outputs, o->roles);
    }
    write_text(w, "};\n\n");
}

static void emit_errors_and_stacks(const StackTable *t, Writer *w)
{
    write_text(w, "static const StackError errors[] = {\n");
    for (int i = 0; i < t->error_count; i++) {
        write_format(w, "    { \"%s\", %d, ", t->errors[i].name, t->errors[i].exit);
        write_c_string(w, t->errors[i].message);
        write_text(w, " },\n");
    }
    write_text(w, "};\n\nstatic const StackStack stacks[] = {\n");
    for (int i = 0; i < t->stack_count; i++)
        write_format(w, "    { \"%s\", %s, %llu, %d },\n", t->stacks[i].name,
                     t->stacks[i].is_values ? "true" : "false", (unsigned long long)t->stacks[i].limit,
                     t->stacks[i].overflow);
    write_text(w, "};\n\n");
}

// A superinstruction that --fuse leaves out keeps its number and fits nowhere.
static void emit_fuses(const Isa *isa, const EmitOptions *options, const StackTable *t, Writer *w)
{
    write_text(w, "static const StackFuse fuses[] = {\n");
    for (int i = 0; i < t->fuse_count; i++) {
        const StackFuse *f = &t->fuses[i];
        write_format(w, "    { \"%s\", %d, (const uint16_t[]){ ", f->name,
                     fuse_is_chosen(options, isa->fuses.at[i]) ? f->count : 0);
        for (int k = 0; k < f->count; k++)
            write_format(w, "%s%d", k ? ", " : "", f->words[k]);
        write_text(w, " } },\n");
    }
    write_text(w, t->fuse_count ? "};\n\n" : "    { \"\", 0, NULL },\n};\n\n");
}

static void emit_rules(const StackTable *t, Writer *w)
{
    static const char *const kinds[] = { "STACK_WORDS",  "STACK_DECIMAL", "STACK_OPCODE",
                                         "STACK_QUOTED", "STACK_DEFINE",  "STACK_REFER" };
    write_text(w, "static const StackRule rules[] = {\n");
    for (int i = 0; i < t->rule_count; i++) {
        const StackRule *r = &t->rules[i];
        write_format(w, "    { %s, %d, %d, ", kinds[r->kind], r->tag, r->location_tag);
        write_c_string(w, r->first);
        write_text(w, ", ");
        write_c_string(w, r->second);
        write_format(w, ", %d },\n", r->wrong);
    }
    write_text(w, t->rule_count ? "};\n\n" : "    { 0 },\n};\n\n");
}

void emit_stack_table_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena arena = { 0 };
    const StackTable *t = stack_table(isa, &arena);
    emit_banner(w, options, "What tools know of the machine: words, kinds of values, errors.");
    write_text(w, "#include \"stack.h\"\n\n");
    emit_variants(t, w);
    emit_ops(t, w);
    emit_errors_and_stacks(t, w);
    emit_fuses(isa, options, t, w);
    emit_rules(t, w);
    write_format(w, "extern const StackTable %s_table;\nconst StackTable %s_table = {\n    .name = ",
                 options->machine, options->machine);
    write_c_string(w, t->name);
    write_text(w, ",\n    .title = ");
    write_c_string(w, t->title);
    write_format(
        w,
        ",\n    .variants = variants,\n    .variant_count = %d,\n    .ops = ops,\n    .op_count = %d,\n"
        "    .errors = errors,\n    .error_count = %d,\n    .stacks = stacks,\n    .stack_count = %d,\n"
        "    .fuses = fuses,\n    .fuse_count = %d,\n    .rules = rules,\n    .rule_count = %d,\n    .blanks "
        "= ",
        t->variant_count, t->op_count, t->error_count, t->stack_count, t->fuse_count, t->rule_count);
    write_c_string(w, t->blanks);
    write_text(w, ",\n    .comment = ");
    write_c_char(w, t->comment);
    write_text(w, ",\n    .quote = ");
    write_c_char(w, t->quote);
    write_text(w, ",\n    .escape = ");
    write_c_char(w, t->escape);
    write_text(w, ",\n    .pairs = ");
    write_c_string(w, t->pairs);
    write_format(w,
                 ",\n    .wrong_quote = %d,\n    .wrong_text = %d,\n    .halt = %d,\n    .beyond = %d,\n"
                 "    .meaning = 0x%016" PRIX64 ",\n};\n",
                 t->wrong_quote, t->wrong_text, t->halt, t->beyond, meaning_hash(isa));
    arena_free(&arena);
}

// ------------------------------------------------------------------ header

static const char *host_type(Type type)
{
    switch (type.kind) {
    case TYPE_VALUE:
        return "StackValue ";
    case TYPE_STR:
        return "const StackString *";
    case TYPE_BOOL:
        return "bool ";
    case TYPE_I64:
        return "int64_t ";
    case TYPE_BITS:
        return "uint64_t ";
    default:
        return "void ";
    }
}

static void emit_host(const Isa *isa, const EmitOptions *options, const Host *h, Writer *w)
{
    Arena a = { 0 };
    if (h->raises)
        write_format(w, "// False: raises %.*s.\n", TEXT(h->raises->name));
    write_format(w, "%s%s_host_%.*s(StackMachine *m", h->raises ? "bool " : host_type(h->type),
                 options->machine, TEXT(h->name));
    for (size_t i = 0; i < h->params.count; i++)
        write_format(w, ", %s%s", host_type(h->params.at[i]->type), c_name(&a, h->params.at[i]->name));
    if (h->raises && h->type.kind != TYPE_NONE)
        write_format(w, ", %s*result", host_type(h->type));
    write_text(w, ");\n");
    arena_free(&a);
}

void emit_stack_machine_h(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena a = { 0 };
    const char *upper = upper_name(&a, options->machine);
    emit_banner(w, options, "The machine: its numbers, its engines, and the hosts that it calls.");
    write_format(w, "#ifndef %s_MACHINE_H\n#define %s_MACHINE_H\n\n#include \"stack_machine.h\"\n\n", upper,
                 upper);
    write_text(w, "enum {\n");
    for (size_t i = 0; i < isa->variants.count; i++)
        write_format(w, "    %s_TAG_%.*s = %zu,\n", upper, TEXT(isa->variants.at[i].name), i);
    for (size_t i = 0; i < isa->exceptions.count; i++)
        write_format(w, "    %s_ERROR_%.*s = %zu,\n", upper, TEXT(isa->exceptions.at[i]->name), i);
    write_text(w, "};\n\n");
    if (isa->hosts.count)
        write_text(w, "// Hosts, implemented beside the machine.  The machine is at rest while one runs.\n");
    for (size_t i = 0; i < isa->hosts.count; i++)
        emit_host(isa, options, isa->hosts.at[i], w);
    write_format(w,
                 "\n// One operation at rest: STACK_GO_ON or why the machine stops.\n"
                 "int %s_step(StackMachine *m);\n\n"
                 "extern const StackTable %s_table;\nextern const StackKind %s_kind;\n\n#endif\n",
                 options->machine, options->machine, options->machine);
    arena_free(&a);
}

// ------------------------------------------------------------------ manual

static void cell(Writer *w, const char *text)
{
    for (; *text; text++)
        write_format(w, *text == '|' ? "\\%c" : "%c", *text);
}

void emit_stack_manual_md(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena arena = { 0 };
    const StackTable *t = stack_table(isa, &arena);
    write_format(w, "<!-- Generated by lc3gen from %s. -->\n# %s: %s\n\n", options->source, t->name,
                 t->title);
    write_text(w, "A program is a list of words. Each word is a literal, which is pushed; an operation; the\n"
                  "definition of a label; or the name of a label, which is pushed as the number of the word\n"
                  "behind the definition. Operands are taken from the top one at a time and checked as they\n"
                  "are taken; what was taken before a mistake is gone.\n\n## Values\n\n"
                  "| kind | shown as |\n|---|---|\n");
    for (int i = 0; i < t->variant_count; i++) {
        write_format(w, "| %s | `", t->variants[i].name);
        cell(w, t->variants[i].shown);
        write_text(w, "` |\n");
    }
    write_text(w, "\n## Operations\n\nThe top of the stack is at the right.\n\n"
                  "| word | name | takes and leaves | does |\n|---|---|---|---|\n");
    for (int i = 0; i < t->op_count; i++) {
        write_text(w, "| `");
        cell(w, t->ops[i].spelling);
        write_format(w, "` | %s | `", t->ops[i].name);
        cell(w, t->ops[i].effect);
        write_text(w, *t->ops[i].does ? "` | `" : "` | |\n");
        if (!*t->ops[i].does)
            continue;
        cell(w, t->ops[i].does);
        write_text(w, "` |\n");
    }
    write_text(w, "\n## Stacks\n\n| stack | holds | entries at most | then |\n|---|---|---|---|\n");
    for (int i = 0; i < t->stack_count; i++)
        write_format(w, "| %s | %s | %llu | %s |\n", t->stacks[i].name,
                     t->stacks[i].is_values ? "values" : "numbers", (unsigned long long)t->stacks[i].limit,
                     t->errors[t->stacks[i].overflow].name);
    write_text(w, "\n## Errors\n\n| name | exit code | message |\n|---|---|---|\n");
    for (int i = 0; i < t->error_count; i++) {
        write_format(w, "| %s | %d | ", t->errors[i].name, t->errors[i].exit);
        cell(w, t->errors[i].message);
        write_text(w, " |\n");
    }
    write_text(w, t->fuse_count ? "\n## Superinstructions\n\n| name | words |\n|---|---|\n" : "");
    for (int i = 0; i < t->fuse_count; i++) {
        write_format(w, "| %s |", t->fuses[i].name);
        for (int k = 0; k < t->fuses[i].count; k++) {
            const int word = t->fuses[i].words[k];
            write_text(w, " `");
            cell(w, word < t->op_count       ? t->ops[word].spelling
                    : word == stack_label(t) ? "label:"
                                             : t->variants[word - t->op_count].name);
            write_text(w, "`");
        }
        write_text(w, " |\n");
    }
    arena_free(&arena);
}
