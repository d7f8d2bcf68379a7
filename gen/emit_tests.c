// A test program: every word decodes to exactly one form, and what the
// disassembler prints assembles to the same word.
#include "emit.h"

#include <inttypes.h>
#include <string.h>

static unsigned field_bits(const Form *f)
{
    unsigned bits = 0;
    for (size_t i = 0; i < f->fields.count; i++)
        bits += (unsigned)(f->fields.at[i]->hi - f->fields.at[i]->lo) + 1;
    return bits;
}

// Words that an alias reaches although the form's own syntax has no letters for them.
static uint64_t words_of_alias(const Alias *a)
{
    unsigned bits = field_bits(a->form);
    bool no_letters = false;
    for (size_t i = 0; i < a->binds.count; i++) {
        const Bind *b = &a->binds.at[i];
        bits -= (unsigned)(b->field->hi - b->field->lo) + 1;
        no_letters = no_letters || (b->field == a->form->suffix && b->value == 0);
    }
    return no_letters ? UINT64_C(1) << bits : 0;
}

// How many words have a syntax: all settings of the fields, ignored bits as the
// assembler writes them, and at least one letter where letters are the suffix.
static uint64_t words_with_syntax(const Isa *isa)
{
    uint64_t count = 0;
    for (size_t i = 0; i < isa->forms.count; i++) {
        const Form *f = isa->forms.at[i];
        if (f->is_reserved)
            continue;
        uint64_t words = UINT64_C(1) << field_bits(f);
        count += f->suffix ? words - (words >> (f->suffix->hi - f->suffix->lo + 1)) : words;
    }
    for (size_t i = 0; i < isa->aliases.count; i++)
        if (isa->aliases.at[i]->is_printed)
            count += words_of_alias(isa->aliases.at[i]);
    return count;
}

static void write_patterns(Writer *w, const Isa *isa)
{
    write_text(w, "static const struct { uint16_t mask, match; } patterns[] = {\n");
    for (size_t i = 0; i < isa->forms.count; i++)
        write_format(w, "    {0x%04" PRIX64 ", 0x%04" PRIX64 "}, // %.*s\n", isa->forms.at[i]->mask,
                     isa->forms.at[i]->match, TEXT(isa->forms.at[i]->enc));
    write_text(w, "};\n\n");
}

static const char checks[] =
    "enum { CHUNK = 0x4000, SHOWN = 10 };\n"
    "\n"
    "static int failures;\n"
    "\n"
    "// The patterns fit each word once, and decode names the one that fits.\n"
    "static void check_decode(uint16_t word)\n"
    "{\n"
    "    unsigned fits = 0, form = 0;\n"
    "    for (unsigned i = 0; i < sizeof patterns / sizeof *patterns; i++)\n"
    "        if ((word & patterns[i].mask) == patterns[i].match) {\n"
    "            fits++;\n"
    "            form = i;\n"
    "        }\n"
    "    unsigned decoded = MACHINE_ISA.decode(word);\n"
    "    if ((fits != 1 || decoded != form) && failures++ < SHOWN)\n"
    "        printf(\"x%04X: %u patterns fit, the last is %u, decode says %u\\n\", word, fits, form, "
    "decoded);\n"
    "}\n"
    "\n"
    "// Prints CHUNK words from `first`, assembles the text and compares.  Returns\n"
    "// how many words were printed as instructions.\n"
    "static unsigned check_round_trip(unsigned first)\n"
    "{\n"
    "    Arena arena = {0};\n"
    "    Writer source = {0};\n"
    "    unsigned instructions = 0;\n"
    "    write_text(&source, \".ORIG x3000\\n\");\n"
    "    for (unsigned i = 0; i < CHUNK; i++) {\n"
    "        char text[80], meaning[160];\n"
    "        bool exact = isa_print(&MACHINE_ISA, (uint16_t)(first + i), text, sizeof text, meaning, sizeof "
    "meaning);\n"
    "        instructions += exact;\n"
    "        write_format(&source, exact ? \"%s\\n\" : \"%s ; %s\\n\", text, meaning);\n"
    "    }\n"
    "    write_text(&source, \".END\\n\");\n"
    "    Diag diag = {.arena = &arena, .limit = SHOWN};\n"
    "    Object object = {0};\n"
    "    AssembleOptions options = {.isa = &MACHINE_ISA, .is_unchecked = true, .library = \"\"};\n"
    "    bool done = assemble_text(&object, &arena, \"printed\", source.at, source.len, &options, &diag);\n"
    "    if (!done || object.segment_count != 1 || object.segments[0].count != CHUNK) {\n"
    "        diag_print(&diag, stdout, false);\n"
    "        printf(\"words from x%04X do not assemble\\n\", first);\n"
    "        failures++;\n"
    "    } else {\n"
    "        for (unsigned i = 0; i < CHUNK; i++)\n"
    "            if (object.segments[0].words[i] != (uint16_t)(first + i) && failures++ < SHOWN) {\n"
    "                char text[80];\n"
    "                isa_print(&MACHINE_ISA, (uint16_t)(first + i), text, sizeof text, NULL, 0);\n"
    "                printf(\"x%04X prints as \\\"%s\\\", which assembles to x%04X\\n\", first + i, text,\n"
    "                       object.segments[0].words[i]);\n"
    "            }\n"
    "    }\n"
    "    writer_free(&source);\n"
    "    arena_free(&arena);\n"
    "    return instructions;\n"
    "}\n"
    "\n"
    "int main(void)\n"
    "{\n"
    "    unsigned instructions = 0;\n"
    "    for (unsigned word = 0; word <= 0xFFFF; word++)\n"
    "        check_decode((uint16_t)word);\n"
    "    for (unsigned first = 0; first <= 0xFFFF; first += CHUNK)\n"
    "        instructions += check_round_trip(first);\n"
    "    if (instructions != WORDS_WITH_SYNTAX) {\n"
    "        printf(\"%u words print as instructions, the encodings have syntax for %u\\n\", instructions,\n"
    "               (unsigned)WORDS_WITH_SYNTAX);\n"
    "        failures++;\n"
    "    }\n"
    "    printf(\"65536 words, %u with syntax, %d failures\\n\", instructions, failures);\n"
    "    return failures != 0;\n"
    "}\n";

void emit_tests_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    write_format(w, "// Generated by lc3gen from %s.  Do not edit: change %s and rebuild.\n//\n",
                 options->source, options->source);
    write_text(w, "// Every word decodes to exactly one form, and the text the disassembler prints for\n"
                  "// it assembles to the same word.\n"
                  "#include \"assemble.h\"\n\n#include <stdio.h>\n\n");
    write_format(w, "#define MACHINE_ISA %s_isa\n\nextern const IsaTable MACHINE_ISA;\n\n", options->machine);
    write_format(w, "enum { WORDS_WITH_SYNTAX = %" PRIu64 " };\n\n", words_with_syntax(isa));
    write_patterns(w, isa);
    write_text(w, checks);
}
