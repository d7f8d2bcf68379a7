// fuzz_description.c -- descriptions that nobody would write.
//
//     fuzz_description RUNS SEED FILE.def...
//
// Mutates the files: bytes, words, pieces moved from elsewhere.  Whatever comes
// out is read, checked, run and its findings printed; nothing may crash, hang or
// touch memory that is not its own (run it with the sanitizers).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples.h"

enum { ROOM = 4096, PIECE = 200 };

typedef struct {
    char *at;
    size_t len, capacity;
    uint64_t random;
} Mutant;

// clang-format off
static const char *const words[] = {
    "isa", "reg", "regs", "fn", "proc", "{", "}", "(", ")", "[", "]", ";", ":", "=", "0", "1", "0xFFFFFFFFFFFFFFFF",
    "65536", "R", "PC", "M", "bits16", "bits1", "bits64", "i64", "-", "~", "!", "?", "<<", "==", "let", "if", "else",
    "when", "raise", "trap", "halt", "host", "\"", "\"----\"", "enc", "asm", "form", "{dr}", "dr", "imm5", "alias",
    "fuse", "where", "example", "given", "run", "expect", "zext16", "sext5", "s16", "a.imm5", "//", "..", "otherwise",
    "sets", "in", "out", "true", "type", "stack", "push", "pop", "code", "insn", "--", "tokens", "encoding", "field",
};
// clang-format on

static size_t below(Mutant *m, size_t limit)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (size_t)(m->random >> 16) % limit;
}

static void cut(Mutant *m, size_t at, size_t len)
{
    if (len > m->len - at)
        len = m->len - at;
    memmove(m->at + at, m->at + at + len, m->len - at - len);
    m->len -= len;
}

static void insert(Mutant *m, size_t at, const char *text, size_t len)
{
    if (m->len + len > m->capacity)
        return;
    memmove(m->at + at + len, m->at + at, m->len - at);
    memcpy(m->at + at, text, len);
    m->len += len;
}

static size_t word_length(const Mutant *m, size_t at)
{
    size_t len = 0;
    while (at + len < m->len && ((m->at[at + len] | 32) >= 'a' && (m->at[at + len] | 32) <= 'z'))
        len++;
    return len;
}

static void mutate(Mutant *m)
{
    const size_t at = below(m, m->len);
    const char *word = words[below(m, sizeof words / sizeof *words)];
    char piece[PIECE];
    const size_t from = below(m, m->len), rest = m->len - from;
    const size_t len = 1 + below(m, rest < PIECE ? rest : PIECE);
    memcpy(piece, m->at + from, len);
    switch (below(m, 5)) {
    case 0:
        m->at[at] = (char)(below(m, 8) ? 32 + below(m, 95) : below(m, 256));
        break;
    case 1:
        cut(m, at, 1 + below(m, below(m, 3) ? 8 : PIECE));
        break;
    case 2:
        insert(m, at, word, strlen(word));
        break;
    case 3:
        cut(m, at, word_length(m, at));
        insert(m, at, word, strlen(word));
        break;
    default:
        insert(m, at, piece, len);
        break;
    }
}

static bool try_text(const char *text, size_t len, FILE *sink)
{
    Arena arena = { 0 };
    Source source;
    Diag diag = { .arena = &arena, .limit = 1000 };
    source_init(&source, &arena, "mutant.def", arena_copy(&arena, text, len), len);
    Isa *isa = isa_parse(&source, &arena, &diag);
    isa_check(isa, &diag);
    if (diag.errors == 0)
        examples_run(isa, &diag);
    diag_print(&diag, sink, true);
    diag_print_json(&diag, sink);
    const bool is_clean = diag.errors == 0;
    arena_free(&arena);
    return is_clean;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        puts("usage: fuzz_description RUNS SEED FILE.def...");
        return 2;
    }
    Arena arena = { 0 };
    Error err;
    FILE *sink = fopen("/dev/null", "w");
    const long runs = atol(argv[1]);
    long clean = 0;
    Mutant m = { .random = strtoull(argv[2], NULL, 0) * 0x9E3779B97F4A7C15 | 1 };
    for (long run = 0; run < runs; run++) {
        Source source;
        if (!source_read(&source, &arena, argv[3 + run % (argc - 3)], &err)) {
            puts(err.text);
            return 2;
        }
        m.len = source.size;
        m.capacity = source.size + ROOM;
        m.at = malloc(m.capacity);
        memcpy(m.at, source.at, m.len);
        for (size_t k = 1 + below(&m, below(&m, 4) ? 4 : 30); k > 0 && m.len > 0; k--)
            mutate(&m);
        clean += try_text(m.at, m.len, sink);
        free(m.at);
        arena_free(&arena);
    }
    fclose(sink);
    printf("%ld descriptions, %ld without a finding\n", runs, clean);
    return 0;
}
