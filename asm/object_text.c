// The two text files beside an object: `.sym`, the classic symbol table, and
// `.dbg`, a line per fact:
//
//     lc3 debug 1
//     file 0 loop.asm
//     line 0 12 3000 1 7      file 0, line 12, address x3000, 1 word each, 7 lines in a row
//     counter 3 orders        histogram 4 spread        break 3004
//     form 8C0A11F2 ADD.imm   an instruction of the program, and how it was encoded
#include "object.h"

#include <stdio.h>
#include <string.h>

// ----------------------------------------------------------------- writing

static char *put_hex(char *to, uint16_t value)
{
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = "0123456789ABCDEF"[value >> shift & 15];
    return to;
}

static char *put_number(char *to, uint32_t value)
{
    char digits[10];
    int n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        *to++ = digits[--n];
    return to;
}

void object_write_symbols(Writer *w, const Object *obj)
{
    write_text(w, "// Symbol table\n// Scope level 0:\n//\tSymbol Name       Page Address\n"
                  "//\t----------------  ------------\n");
    for (size_t i = 0; i < obj->symbol_count; i++) {
        const ObjectSymbol *symbol = &obj->symbols[i];
        const size_t len = strlen(symbol->name), pad = len < 16 ? 18 - len : 2;
        char tail[32], *to = tail;
        memset(to, ' ', pad);
        to = put_hex(to + pad, symbol->address);
        *to++ = '\n';
        write_bytes(w, "//\t", 3);
        write_bytes(w, symbol->name, len);
        write_bytes(w, tail, (size_t)(to - tail));
    }
    write_text(w, "\n");
}

// How many lines from `first` on follow each other in file, line and address.
static size_t run_length(const Object *obj, size_t first)
{
    const ObjectLine *line = &obj->lines[first];
    size_t n = 1;
    for (; first + n < obj->line_count; n++) {
        const ObjectLine *next = line + n;
        if (next->file != line->file || next->words != line->words || next->line != line->line + n ||
            next->address != (uint16_t)(line->address + n * line->words))
            break;
    }
    return n;
}

void object_write_debug(Writer *w, const Object *obj)
{
    write_text(w, "lc3 debug 1\n");
    for (size_t i = 0; i < obj->file_count; i++)
        write_format(w, "file %zu %s\n", i, obj->files[i]);
    for (size_t i = 0; i < obj->line_count;) {
        const ObjectLine *line = &obj->lines[i];
        const size_t run = run_length(obj, i);
        char text[64] = "line ", *to = text + 5;
        to = put_number(to, line->file);
        *to++ = ' ';
        to = put_number(to, line->line);
        *to++ = ' ';
        to = put_hex(to, line->address);
        *to++ = ' ';
        to = put_number(to, line->words);
        *to++ = ' ';
        to = put_number(to, (uint32_t)run);
        *to++ = '\n';
        write_bytes(w, text, (size_t)(to - text));
        i += run;
    }
    for (size_t i = 0; i < obj->metric_count; i++)
        write_format(w, "%s %u %s\n", obj->metrics[i].is_histogram ? "histogram" : "counter",
                     obj->metrics[i].number, obj->metrics[i].name);
    for (size_t i = 0; i < obj->break_count; i++)
        write_format(w, "break %04X\n", obj->breaks[i]);
    for (size_t i = 0; i < obj->form_count; i++)
        write_format(w, "form %08X %s\n", obj->forms[i].encoding, obj->forms[i].name);
}

// ----------------------------------------------------------------- reading

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 127;
}

// Names go to terminals as they stand, and end at a zero byte.
static bool check_text(const char *name, Text text, Error *err)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_control(text.at[i]))
            return fail(err, "%s: damaged: no text, at byte %zu stands x%02X", name, i, (unsigned)text.at[i] & 0xFF);
    return true;
}

// Takes the next line off the text, without its newline.
static bool next_line(Text *text, Text *line)
{
    if (text->len == 0)
        return false;
    const char *newline = memchr(text->at, '\n', text->len);
    const size_t len = newline ? (size_t)(newline - text->at) : text->len;
    *line = (Text){ text->at, len && text->at[len - 1] == '\r' ? len - 1 : len };
    const size_t skip = newline ? len + 1 : len;
    text->at += skip;
    text->len -= skip;
    return true;
}

// Takes the next word off the line; empty at its end.
static Text next_word(Text *line)
{
    while (line->len && (*line->at == ' ' || *line->at == '\t')) {
        line->at++;
        line->len--;
    }
    Text word = { line->at, 0 };
    while (word.len < line->len && line->at[word.len] != ' ' && line->at[word.len] != '\t')
        word.len++;
    line->at += word.len;
    line->len -= word.len;
    return word;
}

static bool read_number(Text word, unsigned base, uint32_t max, uint32_t *value)
{
    uint64_t n = 0;
    for (size_t i = 0; i < word.len; i++) {
        const char c = word.at[i];
        const unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                               : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                               : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                      : 99;
        if (digit >= base || (n = n * base + digit) > max)
            return false;
    }
    *value = (uint32_t)n;
    return word.len > 0;
}

bool object_parse_symbols(Object *obj, Arena *a, const char *name, Text text, Error *err)
{
    LIST(ObjectSymbol) symbols = { 0 };
    Text line;
    if (!check_text(name, text, err))
        return false;
    for (int number = 1; next_line(&text, &line); number++) {
        const Text whole = line;
        const bool is_comment = line.len >= 2 && memcmp(line.at, "//", 2) == 0;
        if (is_comment) {
            line.at += 2;
            line.len -= 2;
        }
        const Text word = next_word(&line), digits = next_word(&line), more = next_word(&line);
        uint32_t address;
        if (digits.len && more.len == 0 && digits.len <= 4 && read_number(digits, 16, 0xFFFF, &address)) {
            const ObjectSymbol symbol = { arena_copy(a, word.at, word.len), (uint16_t)address };
            LIST_ADD(a, &symbols, symbol);
        } else if (!is_comment && word.len) {
            return fail(err, "%s:%d: damaged symbol table: \"%.*s\" is no name and address", name, number,
                        (int)(whole.len > 60 ? 60 : whole.len), whole.at);
        }
    }
    obj->symbols = symbols.at;
    obj->symbol_count = symbols.count;
    object_sort_symbols(obj);
    return true;
}

typedef struct {
    LIST(const char *) files;
    LIST(ObjectLine) lines;
    LIST(ObjectMetric) metrics;
    LIST(uint16_t) breaks;
    LIST(ObjectForm) forms;
} Facts;

// An address has one line or few; more is no debug file of ours.
enum { LINES_MAX = 1 << 20 };

static bool read_lines(Facts *facts, Arena *a, Text *rest)
{
    uint32_t file, line, address, words, run;
    if (!read_number(next_word(rest), 10, UINT32_MAX, &file) || file >= facts->files.count ||
        !read_number(next_word(rest), 10, INT32_MAX, &line) ||
        !read_number(next_word(rest), 16, 0xFFFF, &address) ||
        !read_number(next_word(rest), 10, 0xFFFF, &words) ||
        !read_number(next_word(rest), 10, 0xFFFF, &run) || !words ||
        (uint64_t)words * run > 0x10000 - address || facts->lines.count + run > LINES_MAX)
        return false;
    for (uint32_t i = 0; i < run; i++) {
        const ObjectLine one = { (uint16_t)(address + i * words), (uint16_t)words, file, line + i };
        LIST_ADD(a, &facts->lines, one);
    }
    return true;
}

static bool read_fact(Facts *facts, Arena *a, Text word, Text *rest)
{
    uint32_t number;
    if (text_is(word, "line"))
        return read_lines(facts, a, rest);
    if (text_is(word, "break")) {
        if (!read_number(next_word(rest), 16, 0xFFFF, &number))
            return false;
        LIST_ADD(a, &facts->breaks, (uint16_t)number);
        return true;
    }
    if (text_is(word, "form")) {
        if (!read_number(next_word(rest), 16, UINT32_MAX, &number))
            return false;
        const Text form = next_word(rest);
        LIST_ADD(a, &facts->forms, ((ObjectForm){ arena_copy(a, form.at, form.len), number }));
        return form.len > 0;
    }
    if (!read_number(next_word(rest), 10, 0xFFFF, &number) || rest->len < 2)
        return false;
    const char *name = arena_copy(a, rest->at + 1, rest->len - 1);
    rest->len = 0;
    if (text_is(word, "file")) {
        if (number != facts->files.count)
            return false;
        LIST_ADD(a, &facts->files, name);
        return true;
    }
    const ObjectMetric metric = { text_is(word, "histogram"), (uint16_t)number, name };
    if (!metric.is_histogram && !text_is(word, "counter"))
        return false;
    LIST_ADD(a, &facts->metrics, metric);
    return true;
}

bool object_parse_debug(Object *obj, Arena *a, const char *name, Text text, Error *err)
{
    Facts facts = { 0 };
    Text line;
    if (!check_text(name, text, err))
        return false;
    for (int number = 1; next_line(&text, &line); number++) {
        const Text whole = line;
        if (number == 1 && text_is(line, "lc3 debug 1"))
            continue;
        const Text word = next_word(&line);
        if (word.len == 0)
            continue;
        if (number == 1 || !read_fact(&facts, a, word, &line) || next_word(&line).len)
            return fail(err, "%s:%d: damaged debug file at \"%.*s\"", name, number,
                        (int)(whole.len > 60 ? 60 : whole.len), whole.at);
    }
    obj->files = facts.files.at;
    obj->file_count = facts.files.count;
    obj->lines = facts.lines.at;
    obj->line_count = facts.lines.count;
    obj->texts = NULL;
    obj->sources = NULL;
    obj->metrics = facts.metrics.at;
    obj->metric_count = facts.metrics.count;
    obj->breaks = facts.breaks.at;
    obj->break_count = facts.breaks.count;
    obj->forms = facts.forms.at;
    obj->form_count = facts.forms.count;
    return true;
}

typedef bool Parse(Object *obj, Arena *a, const char *name, Text text, Error *err);

static bool read_one(Object *obj, Arena *a, const char *path, Parse *parse, Error *err)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return true; // there is none
    fclose(in);
    Source file;
    Arena scratch = { 0 };
    const bool good =
        source_read(&file, &scratch, path, err) && parse(obj, a, path, (Text){ file.at, file.size }, err);
    arena_free(&scratch);
    return good;
}

bool object_read_beside(Object *obj, Arena *a, const char *path, Error *err)
{
    return read_one(obj, a, object_path(a, path, ".sym"), object_parse_symbols, err) &&
           read_one(obj, a, object_path(a, path, ".dbg"), object_parse_debug, err);
}
