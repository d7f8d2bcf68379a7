#include "library.h"

#include <stdio.h>
#include <string.h>

enum { STEPS = 2000000 };

// A program that calls each routine once, at a label of its own.
static void write_program(Writer *w, const LibraryRow *rows, size_t count)
{
    write_text(w, ".ORIG x3000\n");
    for (size_t i = 0; i < count; i++)
        write_format(w, ".EXTERNAL %s\n", rows[i].routine);
    for (size_t i = 0; i < count; i++)
        write_format(w, "T_%s JSR %s\nHALT\n", rows[i].routine, rows[i].routine);
    write_text(w, ".END\n");
}

void library_open(Library *l, const LibraryRow *rows, size_t count)
{
    Writer w = { 0 };
    *l = (Library){ 0 };
    write_program(&w, rows, count);
    rig_assemble(&l->object, &l->arena, "library", arena_copy(&l->arena, w.at, w.len));
    writer_free(&w);
    rig_open(&l->rig, &l->object, &(RigOptions){ 0 });
}

void library_close(Library *l)
{
    rig_close(&l->rig);
    arena_free(&l->arena);
}

bool library_call(Library *l, const char *routine, World *w)
{
    char label[64];
    snprintf(label, sizeof label, "T_%s", routine);
    Machine *m = l->rig.m;
    rig_restart(&l->rig, rig_label(&l->object, label));
    memcpy(m->s.R, w->R, sizeof w->R);
    memcpy(m->s.M + DATA, w->M, sizeof w->M);
    if (machine_run(m, STEPS) != RUN_ENDED || m->end != END_HALT)
        return false;
    memcpy(w->R, m->s.R, sizeof w->R);
    memcpy(w->M, m->s.M + DATA, sizeof w->M);
    return true;
}

static int codes(uint16_t value)
{
    return value >> 15 ? 4 : value ? 1 : 2;
}

static void show(const LibraryRow *row, int n, const World *in, const World *wanted, const World *found)
{
    printf("%s, case %d:\n", row->routine, n);
    for (int i = 0; i < 7; i++)
        if (wanted->R[i] != found->R[i])
            printf("  R%d is x%04X, C says x%04X\n", i, found->R[i], wanted->R[i]);
    for (int i = 0, shown = 0; i < DATA_END - DATA && shown < 4; i++)
        if (wanted->M[i] != found->M[i]) {
            printf("  M[x%04X] is x%04X, C says x%04X\n", DATA + i, found->M[i], wanted->M[i]);
            shown++;
        }
    printf("  with R0 to R3 = x%04X x%04X x%04X x%04X\n", in->R[0], in->R[1], in->R[2], in->R[3]);
}

void library_check(Library *l, const LibraryRow *row, uint64_t seed)
{
    static World in, wanted, found;
    uint64_t random = seed;
    int cases = row->cases ? row->cases : CASES;
    memset(&in, 0, sizeof in);
    for (int n = 0; n < cases; n++) {
        for (int i = 0; i < 8; i++)
            in.R[i] = rig_word(&random);
        row->make(&in, &random, n);
        wanted = found = in;
        row->twin(&wanted);
        bool is_back = library_call(l, row->routine, &found);
        if (!is_back)
            printf("%s, case %d: does not come back\n", row->routine, n);
        bool is_equal = is_back && !memcmp(wanted.R, found.R, 7 * sizeof *wanted.R) &&
                        !memcmp(wanted.M, found.M, sizeof wanted.M);
        if (is_back && !is_equal)
            show(row, n, &in, &wanted, &found);
        int cc = l->rig.m->s.PSR & 7;
        bool has_codes = row->codes_of < 0 || cc == codes(found.R[row->codes_of]);
        if (is_equal && !has_codes)
            printf("%s, case %d: CC is %d, not R%d's\n", row->routine, n, cc, row->codes_of);
        if ((!is_equal || !has_codes) && ++l->failures >= 5)
            return;
    }
}
