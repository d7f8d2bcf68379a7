#include "programs.h"

#include "assemble.h"
#include "bench_programs.h"
#include "programs/twins.h"

#include <string.h>

#define PROGRAM(name)                                                                                        \
    extern const char program_##name[], program_##name##_end[];                                              \
    __asm__(".pushsection .rodata\nprogram_" #name ":\n.incbin \"" BENCH_PROGRAMS "/" #name                  \
            ".asm\"\nprogram_" #name "_end:\n.byte 0\n.popsection\n");

PROGRAM(fib)
PROGRAM(sort)
PROGRAM(sieve)
PROGRAM(lfsr)
PROGRAM(matmul)
PROGRAM(strings)
PROGRAM(queens)
PROGRAM(life)

#define ROW(name)                                                                                            \
    {                                                                                                        \
#name, program_##name, program_##name##_end, twin_##name                                             \
    }
const Program programs[PROGRAMS] = { ROW(fib),    ROW(sort),    ROW(sieve),  ROW(lfsr),
                                     ROW(matmul), ROW(strings), ROW(queens), ROW(life) };

bool program_assemble(const Program *p, Object *obj, Arena *a, uint16_t *rounds_at, uint16_t *rounds,
                      Error *err)
{
    Diag diag = { .arena = a };
    if (!assemble_text(obj, a, p->name, p->text, (size_t)(p->end - p->text), NULL, &diag))
        return fail(err, "%s.asm: %s", p->name, diag.list.count ? diag.list.at[0].text : "does not assemble");
    const ObjectSymbol *symbol = object_symbol_find(obj, "ROUNDS");
    if (!symbol || !object_word(obj, symbol->address, rounds))
        return fail(err, "%s.asm: no ROUNDS", p->name);
    *rounds_at = symbol->address;
    return true;
}

// FNV-1a (Fowler, Noll, Vo) over words.
static uint64_t add_word(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * UINT64_C(0x100000001B3);
}

uint64_t state_hash(const Machine *m)
{
    const Lc3State *s = &m->s;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (int i = 0; i < 8; i++)
        hash = add_word(hash, s->R[i]);
    hash = add_word(add_word(hash, s->PC), s->PSR);
    hash = add_word(add_word(hash, s->SSP), s->USP);
    hash = add_word(hash, s->instructions);
    for (int i = 0; i < MEMORY_WORDS; i++)
        hash = add_word(hash, s->M[i]);
    return hash;
}

const Lc3Engine *plain_engine(void)
{
    const Dialect *d = &dialects[0];
    for (int i = 0; i < *d->engine_count; i++) {
        const Lc3Engine *e = &d->engines[i];
        if (!strcmp(e->dispatch, "switch") && !strcmp(e->decode, "raw") && !strcmp(e->flags, "eager") &&
            !e->fused)
            return e;
    }
    return &d->engines[0];
}
