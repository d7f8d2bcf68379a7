// run_encodings FILE -- the hand-made words of encodings.txt, against everything
// that was generated: assembler, disassembler and every engine.
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"

enum { COLUMNS = 7, PAIRS = 16 };

// A place and its value: R2=0005, PC=3001, [3003]=8000, CC=n.
typedef struct {
    char place[8];
    uint16_t value;
} Pair;

typedef struct {
    char *text[COLUMNS];
    int line;
    uint16_t word, at;
    Pair before[PAIRS], after[PAIRS];
    int before_count, after_count;
} Row;

static int failures;
static bool seen[256]; // forms

static void report(const Row *row, const char *engine, const char *what, unsigned found, unsigned wanted)
{
    failures++;
    printf("line %d, %s%s%s: %s is x%04X, the book says x%04X\n", row->line, row->text[3],
           engine[0] ? ", " : "", engine, what, found, wanted);
}

// ------------------------------------------------------------------ reading

static char *trim(char *s)
{
    s += strspn(s, " \t");
    for (size_t n = strlen(s); n && strchr(" \t\r\n", s[n - 1]);)
        s[--n] = 0;
    return s;
}

static int read_pairs(Pair *pairs, char *text)
{
    int count = 0;
    for (char *item = strtok(text, " "); item && count < PAIRS; item = strtok(NULL, " ")) {
        char *value = strchr(item, '=');
        *value++ = 0;
        Pair *p = &pairs[count++];
        snprintf(p->place, sizeof p->place, "%s", item);
        if (!strcmp(item, "CC"))
            p->value = *value == 'n' ? 4 : *value == 'z' ? 2 : 1;
        else
            p->value = (uint16_t)strtoul(value, NULL, 16);
    }
    return count;
}

static bool read_row(Row *row, char *line)
{
    int count = 0;
    for (char *cell = line; cell && count < COLUMNS; count++) {
        char *next = strchr(cell, '|');
        if (next)
            *next++ = 0;
        row->text[count] = trim(cell);
        cell = next;
    }
    if (count != COLUMNS)
        return false;
    row->word = (uint16_t)strtoul(row->text[1], NULL, 16);
    row->at = (uint16_t)strtoul(row->text[2], NULL, 16);
    row->before_count = read_pairs(row->before, row->text[4]);
    row->after_count = read_pairs(row->after, row->text[5]);
    return true;
}

// ------------------------------------------------------------------ the text

static bool assemble_one(const char *text, uint16_t at, uint16_t *word)
{
    Arena a = { 0 };
    char source[128];
    snprintf(source, sizeof source, ".ORIG x%04X\n%s\n.END\n", at, text);
    Diag diag = { .arena = &a };
    Object obj = { 0 };
    AssembleOptions options = { .is_unchecked = true, .library = "" };
    bool done = assemble_text(&obj, &a, "row", source, strlen(source), &options, &diag);
    if (done)
        object_word(&obj, at, word);
    else
        diag_print(&diag, stdout, false);
    arena_free(&a);
    return done;
}

static void check_text(const Row *row)
{
    uint16_t word = 0;
    if (!assemble_one(row->text[3], row->at, &word) || word != row->word)
        report(row, "assembled", "the word", word, row->word);
    char text[80];
    bool is_exact = isa_print(&lc3_isa, row->word, text, sizeof text, NULL, 0);
    word = 0;
    if (!assemble_one(text, row->at, &word) || word != row->word)
        report(row, text, "the word printed and assembled", word, row->word);
    if (is_exact == (row->text[3][0] == '.'))
        report(row, text, "whether it has a syntax", is_exact, !is_exact);
}

// -------------------------------------------------------------------- effect

typedef struct {
    uint16_t R[8], PC, PSR, SSP, USP;
    uint16_t *M;
} Picture;

static void put(Picture *p, const Pair *pair)
{
    const char *place = pair->place;
    if (place[0] == '[')
        p->M[strtoul(place + 1, NULL, 16)] = pair->value;
    else if (place[0] == 'R')
        p->R[place[1] - '0'] = pair->value;
    else if (!strcmp(place, "CC"))
        p->PSR = (uint16_t)((p->PSR & ~7) | pair->value);
    else if (!strcmp(place, "PC"))
        p->PC = pair->value;
    else if (!strcmp(place, "PSR"))
        p->PSR = pair->value;
    else if (!strcmp(place, "SSP"))
        p->SSP = pair->value;
    else if (!strcmp(place, "USP"))
        p->USP = pair->value;
}

static void check_state(const Row *row, const char *engine, const Lc3State *s, const Picture *p)
{
    for (int i = 0; i < 8; i++)
        if (s->R[i] != p->R[i])
            report(row, engine, (char[]){ 'R', (char)('0' + i), 0 }, s->R[i], p->R[i]);
    if (s->PC != p->PC)
        report(row, engine, "PC", s->PC, p->PC);
    if (s->PSR != p->PSR)
        report(row, engine, "PSR", s->PSR, p->PSR);
    if (s->SSP != p->SSP)
        report(row, engine, "SSP", s->SSP, p->SSP);
    if (s->USP != p->USP)
        report(row, engine, "USP", s->USP, p->USP);
    if (s->instructions != 1)
        report(row, engine, "the count of instructions", (unsigned)s->instructions, 1);
    for (unsigned at = 0; at < 0xFE00; at++)
        if (s->M[at] != p->M[at]) {
            char place[8];
            snprintf(place, sizeof place, "[%04X]", at);
            report(row, engine, place, s->M[at], p->M[at]);
        }
}

// Runs the word on one engine of one edition.
static void check_effect(const Row *row, const Dialect *dialect, int engine)
{
    // Only words of the row's own are in memory, so a vector that it sets is one
    // that the program brought.
    static uint16_t memory[65536];
    memset(memory, 0, sizeof memory);
    Picture p = { .PC = row->at, .PSR = 0x8002, .SSP = 0x3000, .M = memory };
    ObjectSegment segments[PAIRS + 1] = { { row->at, 1, (uint16_t[]){ row->word } } };
    uint16_t words[PAIRS];
    Object obj = { .name = "row", .segments = segments, .segment_count = 1 };
    for (int i = 0; i < row->before_count; i++)
        if (row->before[i].place[0] == '[') {
            words[i] = row->before[i].value;
            segments[obj.segment_count++] =
                (ObjectSegment){ (uint16_t)strtoul(row->before[i].place + 1, NULL, 16), 1, &words[i] };
        }
    Rig rig;
    rig_open(&rig, &obj, &(RigOptions){ .dialect = dialect->name, .engine = engine, .has_no_os = true });
    memory[row->at] = row->word;
    for (int i = 0; i < row->before_count; i++)
        put(&p, &row->before[i]);
    Lc3State *s = &rig.m->s;
    memcpy(s->R, p.R, sizeof s->R);
    s->PC = p.PC, s->PSR = p.PSR, s->SSP = p.SSP, s->USP = p.USP;
    machine_run(rig.m, 1);
    p.PC = (uint16_t)(row->at + 1);
    for (int i = 0; i < row->after_count; i++)
        put(&p, &row->after[i]);
    char name[80];
    const Lc3Engine *e = &dialect->engines[engine];
    snprintf(name, sizeof name, "%s %s/%s/%s", dialect->name, e->dispatch, e->decode, e->flags);
    check_state(row, name, s, &p);
    rig_close(&rig);
}

static void check_row(const Row *row)
{
    check_text(row);
    seen[lc3_isa.decode(row->word)] = true;
    for (const Dialect *d = dialects; d->name; d++)
        if (!strcmp(row->text[0], "both") || !strcmp(row->text[0], d->name))
            for (int i = 0; i < *d->engine_count; i++)
                check_effect(row, d, i);
}

int main(int argc, char **argv)
{
    FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!in) {
        fprintf(stderr, "usage: run_encodings FILE\n");
        return 2;
    }
    char line[512];
    int rows = 0;
    for (int number = 1; fgets(line, sizeof line, in); number++) {
        Row row = { .line = number };
        if (line[0] == '#' || line[strspn(line, " \t\r\n")] == 0)
            continue;
        if (!read_row(&row, line)) {
            printf("line %d: not %d columns\n", number, COLUMNS);
            failures++;
            continue;
        }
        rows++;
        check_row(&row);
    }
    fclose(in);
    for (int i = 0; i < lc3_isa.form_count; i++)
        if (!seen[i]) {
            printf("no row for %s %s\n", lc3_isa.forms[i].insn, lc3_isa.forms[i].form);
            failures++;
        }
    printf("%d rows, %d failures\n", rows, failures);
    return failures != 0;
}
