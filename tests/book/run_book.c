// run_book FILE.asm... -- programs that show what the book says.
//
// Each file says in comments at its top what must come of it; see tests/book/README.md.
// It runs on every engine of its editions, with native and with LC-3 TRAP routines,
// and all engines must end in the same state after the same number of instructions.
#include "rig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"

enum { MAX_EXPECTED = 40, MAX_KEYS = 32, OUTPUT = 8192, STEPS = 1000000 };

typedef struct {
    char place[24]; // "R0", "PC", "PSR", "M[x4000]", "output", "end", "fault", "count"
    char value[200];
    int line;
} Expected;

typedef struct {
    const char *path;
    char section[80], dialect[8];
    Expected expected[MAX_EXPECTED];
    int count;
    ScriptKey keys[MAX_KEYS];
    size_t key_count;
    uint64_t steps;
    bool is_native_only;
} Book;

static int failures;

// ----------------------------------------------------------------- comments

static char *trim(char *s)
{
    s += strspn(s, " \t");
    for (size_t n = strlen(s); n && isspace((unsigned char)s[n - 1]);)
        s[--n] = 0;
    return s;
}

// "ab\n" to bytes.
static size_t unquote(const char *text, char *out)
{
    size_t n = 0;
    for (const char *c = text + 1; *c && *c != '"'; c++) {
        if (*c == '\\')
            c++;
        else {
            out[n++] = *c;
            continue;
        }
        out[n++] = *c == 'n' ? '\n' : *c;
    }
    out[n] = 0;
    return n;
}

static void read_keys(Book *b, char *text)
{
    char *quoted;
    uint64_t count = strtoull(text, &quoted, 10);
    char keys[200];
    size_t n = unquote(trim(quoted), keys);
    for (size_t i = 0; i < n && b->key_count < MAX_KEYS; i++)
        b->keys[b->key_count++] = (ScriptKey){ count, (uint8_t)keys[i] };
}

static void read_comment(Book *b, char *text, int line)
{
    char *value = strstr(text, ": ");
    if (!value)
        return;
    *value = 0;
    value = trim(value + 2);
    if (!strcmp(text, "book"))
        snprintf(b->section, sizeof b->section, "%s", value);
    else if (!strcmp(text, "edition"))
        snprintf(b->dialect, sizeof b->dialect, "%s", value);
    else if (!strcmp(text, "keys"))
        read_keys(b, value);
    else if (!strcmp(text, "limit"))
        b->steps = strtoull(value, NULL, 10);
    else if (!strcmp(text, "system"))
        b->is_native_only = !strcmp(value, "native");
    else if (!strncmp(text, "expect ", 7) && b->count < MAX_EXPECTED) {
        Expected *e = &b->expected[b->count++];
        snprintf(e->place, sizeof e->place, "%s", text + 7);
        snprintf(e->value, sizeof e->value, "%s", value);
        e->line = line;
    }
}

static void read_book(Book *b, const Source *source)
{
    char line[300];
    b->steps = STEPS;
    for (uint32_t n = 1; n <= source->lines.count; n++) {
        Text text = source_line(source, n);
        snprintf(line, sizeof line, "%.*s", TEXT(text));
        if (line[0] == ';')
            read_comment(b, trim(line + 1), (int)n);
    }
}

// ------------------------------------------------------------------- checks

static void report(const Book *b, const Expected *e, const char *engine, const char *found)
{
    failures++;
    printf("%s:%d: %s: %s is %s, expected %s (book: %s)\n", b->path, e->line, engine, e->place, found,
           e->value, b->section);
}

// x0041, 65, #-1 or a label.
static uint16_t value_of(const Object *obj, const char *text)
{
    if (text[0] == 'x' || text[0] == 'X')
        return (uint16_t)strtoul(text + 1, NULL, 16);
    if (isdigit((unsigned char)text[0]) || text[0] == '-' || text[0] == '#')
        return (uint16_t)strtol(text + (text[0] == '#'), NULL, 10);
    return rig_label(obj, text);
}

static void check_number(const Book *b, const Object *obj, const Expected *e, const char *engine,
                         unsigned found)
{
    char text[16];
    snprintf(text, sizeof text, "x%04X", found);
    if (found != value_of(obj, e->value))
        report(b, e, engine, text);
}

static void check_fault(const Book *b, const Object *obj, const Expected *e, const char *engine,
                        const Fault *fault)
{
    char place[64], text[32];
    unsigned vector;
    if (sscanf(e->value, "x%x at %63s", &vector, place) != 2)
        return;
    snprintf(text, sizeof text, "x%04X at x%04X", fault->vector, fault->at);
    if (fault->kind != FAULT_EXCEPTION || fault->vector != vector || fault->at != value_of(obj, place))
        report(b, e, engine, text);
}

// With --os=asm an exception handler says on the display what happened, behind
// what the program wrote.
static void check_output(const Book *b, const Expected *e, const char *engine, Rig *r, bool may_be_more)
{
    static char found[OUTPUT];
    char wanted[200];
    size_t n = unquote(e->value, wanted), len = rig_output(r, found, sizeof found);
    if ((may_be_more ? len < n : len != n) || memcmp(found, wanted, n))
        report(b, e, engine, found);
}

static void check_place(const Book *b, const Object *obj, const Expected *e, const char *engine, Rig *r,
                        bool is_asm)
{
    const Machine *m = r->m;
    const char *p = e->place;
    if (!strcmp(p, "end")) {
        if (strcmp(e->value, end_names[m->end]))
            report(b, e, engine, end_names[m->end]);
    } else if (!strcmp(p, "fault")) {
        check_fault(b, obj, e, engine, &m->s.fault);
    } else if (!strcmp(p, "output")) {
        check_output(b, e, engine, r, is_asm && m->end == END_FAULT);
    } else if (p[0] == 'R') {
        check_number(b, obj, e, engine, m->s.R[p[1] - '0']);
    } else if (p[0] == 'M') {
        char name[24];
        snprintf(name, sizeof name, "%s", p + 2);
        name[strcspn(name, "]")] = 0;
        check_number(b, obj, e, engine, m->s.M[value_of(obj, name)]);
    } else if (!strcmp(p, "PC")) {
        check_number(b, obj, e, engine, m->s.PC);
    } else if (!strcmp(p, "PSR")) {
        check_number(b, obj, e, engine, m->s.PSR);
    } else if (!strcmp(p, "count")) {
        if (!is_asm)
            check_number(b, obj, e, engine, (unsigned)m->s.instructions);
    } else {
        printf("%s:%d: nothing is called \"%s\"\n", b->path, e->line, p);
        failures++;
    }
}

// What must not depend on the engine.
static uint64_t digest(const Machine *m)
{
    uint64_t hash = 0xCBF29CE484222325;
    const uint16_t words[] = { m->s.PC, m->s.PSR, m->s.SSP, m->s.USP, (uint16_t)m->end };
    for (int i = 0; i < 8; i++)
        hash = (hash ^ m->s.R[i]) * 0x100000001B3;
    for (int i = 0; i < 5; i++)
        hash = (hash ^ words[i]) * 0x100000001B3;
    for (unsigned i = 0; i < DEVICE_FIRST; i++)
        hash = (hash ^ m->s.M[i]) * 0x100000001B3;
    return (hash ^ m->s.instructions) * 0x100000001B3;
}

static void run_book(const Book *b, const Object *obj, const Dialect *d, bool is_asm)
{
    uint64_t first = 0;
    for (int i = 0; i < *d->engine_count; i++) {
        Rig r;
        char engine[80];
        rig_open(&r, obj, &(RigOptions){ .dialect = d->name, .engine = i, .is_asm_os = is_asm });
        rig_keys(&r, b->keys, b->key_count);
        r.m->instruction_limit = b->steps;
        snprintf(engine, sizeof engine, "%s %s/%s/%s%s", d->name, d->engines[i].dispatch,
                 d->engines[i].decode, d->engines[i].flags, is_asm ? ", --os=asm" : "");
        while (machine_run(r.m, 1000) == RUN_BUDGET)
            ;
        for (int k = 0; k < b->count; k++)
            check_place(b, obj, &b->expected[k], engine, &r, is_asm);
        uint64_t state = digest(r.m);
        if (i && state != first) {
            printf("%s: %s: the state differs from the first engine's\n", b->path, engine);
            failures++;
        }
        first = i ? first : state;
        rig_close(&r);
    }
}

static void check_book(const char *path)
{
    Arena a = { 0 };
    Error err;
    Source source;
    Book b = { .path = path };
    if (!source_read(&source, &a, path, &err)) {
        printf("%s\n", err.text);
        failures++;
        return;
    }
    read_book(&b, &source);
    if (!b.section[0] || !b.count || !b.dialect[0]) {
        printf("%s: does not say its section, its edition and what is expected\n", path);
        failures++;
    }
    Object obj = { 0 };
    rig_assemble(&obj, &a, path, source.at);
    for (const Dialect *d = dialects; d->name; d++) {
        if (strcmp(b.dialect, "both") && strcmp(b.dialect, d->name))
            continue;
        run_book(&b, &obj, d, false);
        if (!b.is_native_only)
            run_book(&b, &obj, d, true);
    }
    arena_free(&a);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        check_book(argv[i]);
    printf("%d programs, %d failures\n", argc - 1, failures);
    return failures != 0 || argc < 2;
}
