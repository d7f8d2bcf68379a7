// test_dis VECTORS -- what lc3dis writes assembles to the same object, and says what
// is there.
#include "dis.h"
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "os.h"

static int failures;

static void fault(const char *what, const char *why)
{
    if (failures++ < 20)
        printf("%s: %s\n", what, why);
}

static bool same_words(const Object *a, const Object *b)
{
    if (a->segment_count != b->segment_count)
        return false;
    for (size_t i = 0; i < a->segment_count; i++) {
        const ObjectSegment *s = &a->segments[i], *t = &b->segments[i];
        if (s->origin != t->origin || s->count != t->count ||
            memcmp(s->words, t->words, s->count * sizeof *s->words))
            return false;
    }
    return true;
}

// Takes the object apart and puts it together again; returns the source.
static char *round_trip(Arena *a, const char *name, const Object *obj)
{
    Dis dis;
    Writer w = { 0 };
    dis_object(&dis, a, &lc3_isa, obj);
    dis_write_source(&w, &dis);
    char *source = arena_copy(a, w.at, w.len);
    writer_free(&w);
    Diag diag = { .arena = a };
    AssembleOptions options = { .is_unchecked = true, .library = "" };
    Object again = { 0 };
    if (!assemble_text(&again, a, name, source, strlen(source), &options, &diag)) {
        diag_print(&diag, stdout, false);
        fault(name, "the source does not assemble");
    } else if (!same_words(obj, &again)) {
        fault(name, "the source assembles to other words");
    }
    return source;
}

// A source, assembled, taken apart, with and without its symbols: each text must
// stand in the result.
static void check_source(const char *name, const char *text, bool has_symbols, const char *const *wanted)
{
    Arena a = { 0 };
    Object obj = { 0 };
    rig_assemble(&obj, &a, name, text);
    if (!has_symbols)
        obj.symbol_count = 0;
    const char *source = round_trip(&a, name, &obj);
    for (; *wanted; wanted++)
        if (!strstr(source, *wanted)) {
            fault(name, *wanted);
            printf("is not in:\n%s", source);
        }
    arena_free(&a);
}

static void check_contents(void)
{
    static const char program[] =
        ".ORIG x3000\n"
        "MAIN LEA R0, TEXT\nPUTS\nLD R1, COUNT\nLOOP ADD R1, R1, #-1\nBRp LOOP\nJSR WORK\nLD R2, TABLE\nJSRR "
        "R2\n"
        "LDI R3, POINTER\nHALT\n"
        "TEXT .STRINGZ \"say \\\"hi\\\"\\n\"\nCOUNT .FILL #5\nTABLE .FILL FAR\nPOINTER .FILL x4000\n"
        "BUFFER .BLKW 20\n.FILL xD000\n"
        "WORK ST R7, BUFFER\nRET\n"
        "FAR NOT R0, R0\nRET\n"
        ".END\n"
        ".ORIG x4000\nDATA .FILL x1234\n.STRINGZ \"another text\"\n.END\n";
    static const char *const named[] = { "MAIN        LEA R0, TEXT",
                                         "LOOP        ADD R1, R1, #-1",
                                         "BRp LOOP",
                                         "JSR WORK",
                                         "JSRR R2",
                                         "LDI R3, POINTER",
                                         "TEXT        .STRINGZ \"say \\\"hi\\\"\\n\"",
                                         "TABLE       .FILL FAR",
                                         "POINTER     .FILL DATA",
                                         "BUFFER      .BLKW #20",
                                         ".FILL xD000",
                                         "FAR         NOT R0, R0",
                                         ".STRINGZ \"another text\"",
                                         ".ORIG x4000",
                                         "HALT",
                                         NULL };
    static const char *const nameless[] = {
        "LEA R0, D_300A",         "BRp L_3003", "JSR SUB_302C", "D_300A      .STRINGZ", ".BLKW #20",
        "SUB_302E    NOT R0, R0", NULL
    };
    check_source("with symbols", program, true, named);
    check_source("without symbols", program, false, nameless);

    static const char *const meanings[] = { "without nzp: no effect", "JMP R2 with ignored bits", NULL };
    check_source(
        "odd words",
        ".ORIG x3000\n.FILL x0005\n.END\n.ORIG x0040\n.FILL x3100\n.END\n.ORIG x3100\n.FILL xC0BF\n.END\n",
        true, meanings);
    // Names that would be read as something else, and one name twice.
    static const char *const renamed[] = { "L_3000", "twice", NULL };
    Arena a = { 0 };
    uint16_t words[] = { 0x0FFF, 0x0FFE, 0xF025 };
    ObjectSegment segment = { 0x3000, 3, words };
    ObjectSymbol symbols[] = { { "ADD", 0x3000 },  { "xBAD", 0x3000 },   { "R1", 0x3000 },
                               { "BRnz", 0x3000 }, { "twice", 0x3001 },  { "TWICE", 0x3002 },
                               { "a.b", 0x3002 },  { "behind", 0x3003 }, { "elsewhere", 0x5000 } };
    Object obj = {
        .name = "names", .segments = &segment, .segment_count = 1, .symbols = symbols, .symbol_count = 9
    };
    const char *source = round_trip(&a, "names", &obj);
    for (const char *const *w = renamed; *w; w++)
        if (!strstr(source, *w))
            fault("names", *w);
    arena_free(&a);
}

static void check_json(void)
{
    Arena a = { 0 };
    Object obj = { 0 };
    rig_assemble(&obj, &a, "json",
                 ".ORIG x3000\nMAIN LEA R0, T\nHALT\nT .STRINGZ \"a\\\"b\"\n.BLKW 3\n.END\n");
    Dis dis;
    Writer w = { 0 };
    dis_object(&dis, &a, &lc3_isa, &obj);
    dis_write_json(&w, &dis);
    const char *text = arena_copy(&a, w.at, w.len);
    static const char *const wanted[] = {
        "\"blocks\":[{\"origin\":12288,\"items\":[",
        "{\"address\":12288,\"kind\":\"code\",\"count\":1,\"labels\":[\"MAIN\"],\"words\":[\"E001\"],"
        "\"text\":\"LEA R0, T\",\"comment\":null,\"target\":12290}",
        "\"kind\":\"string\",\"count\":4,\"labels\":[\"T\"]",
        "\".STRINGZ \\\"a\\\\\\\"b\\\"\"",
        "\"kind\":\"space\",\"count\":3,\"labels\":[],\"words\":[]",
        NULL
    };
    for (const char *const *p = wanted; *p; p++)
        if (!strstr(text, *p)) {
            fault("json", *p);
            printf("%s", text);
        }
    writer_free(&w);
    arena_free(&a);
}

// Random words in random blocks, which may overlap.
static void check_random(void)
{
    uint64_t random = 5;
    for (int n = 0; n < 300; n++) {
        Arena a = { 0 };
        ObjectSegment segments[3];
        Object obj = { .name = "random", .segments = segments, .segment_count = 1 + rig_random(&random) % 3 };
        for (size_t i = 0; i < obj.segment_count; i++) {
            uint32_t count = 1 + rig_random(&random) % 400;
            segments[i] = (ObjectSegment){ (uint16_t)(n % 5 ? 0x3000 + rig_random(&random) % 0x300
                                                            : rig_random(&random) % 0xFC00),
                                           count, arena_array(&a, uint16_t, count) };
            for (uint32_t k = 0; k < count; k++) {
                uint64_t r = rig_random(&random);
                segments[i].words[k] = (uint16_t)(r % 3 == 0   ? 32 + r / 8 % 96
                                                  : r % 3 == 1 ? r >> 8
                                                  : r & 0x700  ? r >> 16
                                                               : 0);
            }
        }
        char name[32];
        snprintf(name, sizeof name, "random %d", n);
        round_trip(&a, name, &obj);
        arena_free(&a);
    }
}

// The 600 programs of the vectors, and both systems.
static void check_programs(const char *path)
{
    FILE *in = fopen(path, "r");
    if (!in) {
        fault(path, "cannot be read");
        return;
    }
    static char line[65536];
    int programs = 0;
    for (; fgets(line, sizeof line, in); programs++) {
        Arena a = { 0 };
        ObjectSegment segment = { .origin = 0x3000, .words = arena_array(&a, uint16_t, 16384) };
        const char *name = strtok(line, " ");
        strtok(NULL, " ");
        for (char *word; (word = strtok(NULL, " \n"));)
            segment.words[segment.count++] = (uint16_t)strtoul(word, NULL, 16);
        round_trip(&a, name, &(Object){ .name = name, .segments = &segment, .segment_count = 1 });
        arena_free(&a);
    }
    fclose(in);
    if (programs != 600)
        fault(path, "600 programs were expected");
    for (const Dialect *d = dialects; d->name; d++) {
        Arena a = { 0 };
        Object os = { 0 };
        Error err;
        if (!os_read(&os, &a, d->name, &err))
            fault(d->name, err.text);
        const char *source = round_trip(&a, d->name, &os);
        if (!strstr(source, ".FILL OS_GETC") ||
            !strstr(source, "PROMPT      .STRINGZ \"\\nInput a character> \""))
            fault(d->name, "vectors or texts are not recognised");
        arena_free(&a);
    }
}

int main(int argc, char **argv)
{
    check_contents();
    check_json();
    check_random();
    check_programs(argc > 1 ? argv[1] : "");
    printf("%d failures\n", failures);
    return failures != 0;
}
