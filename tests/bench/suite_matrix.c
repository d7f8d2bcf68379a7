// suite_matrix.c -- every way to build the interpreter, side by side.
//
// A cell is one generated engine on one program, for a fixed number of instructions
// from the program's start.  --matrix names the axes to vary; on the others a cell is
// like the default engine.  The axis "compiler" adds the same engines as another
// compiler makes them, where one was found when this was built.
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "os.h"
#include "programs.h"

enum { INSTRUCTIONS = 4000000, SLICE = 100000, CELLS_MAX = 64 };

#ifdef BENCH_OTHER
extern const Lc3Engine other_engines[];
extern const int other_engine_count;
void other_forget(Lc3State *s, uint16_t address);
#endif

typedef struct {
    Dialect dialect;
    const Lc3Engine *engine;
    const char *name;
} Cell;

typedef struct {
    const Cell *cell;
    Image *image;
    uint64_t hash; // of the plain engine's state
} CellSubject;

static const char *const axes[] = { "dispatch", "decode", "flags", "fuse", "compiler" };
enum { DISPATCH, DECODE, FLAGS, FUSE, COMPILER, AXES };

// Which axes a list names; false with the one that is not known.
static bool read_axes(const char *list, bool *has, Error *err)
{
    while (*list) {
        const size_t len = strcspn(list, ",");
        int axis = 0;
        while (axis < AXES && (strlen(axes[axis]) != len || strncmp(axes[axis], list, len)))
            axis++;
        if (axis == AXES)
            return fail(err, "--matrix: \"%.*s\" is none of dispatch, decode, flags, fuse, compiler",
                        (int)len, list);
        has[axis] = true;
        list += len + (list[len] == ',');
    }
    return true;
}

static void add_cells(Arena *a, Cell *cells, int *count, const Dialect *d, const char *compiler,
                      const bool *has)
{
    const Lc3Engine *best = &d->engines[0];
    for (int i = 0; i < *d->engine_count && *count < CELLS_MAX; i++) {
        const Lc3Engine *e = &d->engines[i];
        if ((!has[DISPATCH] && strcmp(e->dispatch, best->dispatch)) ||
            (!has[DECODE] && strcmp(e->decode, best->decode)) ||
            (!has[FLAGS] && strcmp(e->flags, best->flags)) || (!has[FUSE] && e->fused != best->fused))
            continue;
        cells[(*count)++] = (Cell){ *d, e,
                                    arena_format(a, "%s%s %s %s%s", compiler, e->dispatch, e->decode,
                                                 e->flags, e->fused ? " fused" : "") };
    }
}

static bool run_cell(const CellSubject *s, double *seconds, uint64_t *count, uint64_t *hash, Error *err)
{
    Image *const images[] = { s->image };
    const MachineOptions options = { .dialect = &s->cell->dialect,
                                     .engine = s->cell->engine,
                                     .has_native = true };
    Machine **machines;
    if (!machines_open(&machines, 1, images, &options, err))
        return false;
    Machine *m = machines[0];
    Run why = RUN_BUDGET;
    const double start = bench_cpu_seconds();
    while (why == RUN_BUDGET && m->s.instructions < INSTRUCTIONS)
        why = machine_run(m, SLICE);
    *seconds = bench_cpu_seconds() - start;
    *count = m->s.instructions;
    *hash = state_hash(m);
    machines_close(machines, 1);
    return why == RUN_BUDGET || fail(err, "ended after %llu instructions", (unsigned long long)*count);
}

static bool measure_cell(void *user, double *seconds, uint64_t *count, Error *err)
{
    const CellSubject *s = user;
    uint64_t hash;
    if (!run_cell(s, seconds, count, &hash, err))
        return false;
    return hash == s->hash || fail(err, "another state than the plain engine's");
}

static bool run_program(Bench *b, const Program *p, const Object *os, const Cell *cells, int cell_count,
                        Error *err)
{
    Object *obj = arena_new(b->arena, Object);
    Image image;
    uint16_t rounds_at, rounds;
    if (!program_assemble(p, obj, b->arena, &rounds_at, &rounds, err) || !image_open(&image, obj, os, 0, err))
        return false;
    const Cell plain = { dialects[0], plain_engine(), "plain" };
    CellSubject reference = { &plain, &image, 0 };
    double seconds;
    uint64_t count;
    bool fine = run_cell(&reference, &seconds, &count, &reference.hash, err);
    CellSubject users[CELLS_MAX];
    Subject subjects[CELLS_MAX];
    for (int i = 0; i < cell_count; i++) {
        users[i] = (CellSubject){ &cells[i], &image, reference.hash };
        subjects[i] = (Subject){ cells[i].name, measure_cell, &users[i], BENCH_CPU };
    }
    if (fine)
        bench_case(b, "matrix", p->name, "instruction", subjects, cell_count);
    image_close(&image);
    return fine;
}

static bool run_matrix(Bench *b, Error *err)
{
    bool has[AXES] = { false };
    Cell cells[CELLS_MAX];
    int count = 0;
    Object *os = arena_new(b->arena, Object);
    if (!b->matrix)
        return true;
    if (!read_axes(b->matrix, has, err) || !os_read(os, b->arena, dialects[0].name, err))
        return false;
#ifdef BENCH_OTHER
    Dialect other = dialects[0];
    other.engines = other_engines;
    other.engine_count = &other_engine_count;
    other.forget = other_forget;
    add_cells(b->arena, cells, &count, &dialects[0], has[COMPILER] ? BENCH_COMPILER ": " : "", has);
    if (has[COMPILER])
        add_cells(b->arena, cells, &count, &other, BENCH_OTHER ": ", has);
#else
    if (has[COMPILER])
        return fail(err, "--matrix: no other compiler was found when lc3bench was built");
    add_cells(b->arena, cells, &count, &dialects[0], "", has);
#endif
    for (int i = 0; i < PROGRAMS; i++)
        if (bench_wants(b, programs[i].name) && !run_program(b, &programs[i], os, cells, count, err))
            return false;
    return true;
}

// ------------------------------------------------------------------ the table

typedef struct {
    const char *name;
    double log_sum;
    int programs;
} Row;

static int by_mean(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    const double p = x->log_sum / x->programs, q = y->log_sum / y->programs;
    return (p > q) - (p < q);
}

// Fastest first, by the geometric mean.
static int make_rows(const Bench *b, Row *rows)
{
    int count = 0;
    for (size_t i = 0; i < b->record.results.count; i++) {
        const Result *r = &b->record.results.at[i];
        int row = 0;
        if (strcmp(r->suite, "matrix"))
            continue;
        while (row < count && strcmp(rows[row].name, r->subject))
            row++;
        if (row == count)
            rows[count++] = (Row){ r->subject, 0, 0 };
        rows[row].log_sum += log(r->ns.middle);
        rows[row].programs++;
    }
    qsort(rows, (size_t)count, sizeof *rows, by_mean);
    return count;
}

static void print_matrix(const Bench *b)
{
    Row rows[CELLS_MAX];
    const int count = make_rows(b, rows);
    if (!count)
        return;
    printf("%-34s%9s%9s", "ns/instr", "geomean", "");
    for (int p = 0; p < PROGRAMS; p++)
        if (bench_wants(b, programs[p].name))
            printf("%9s", programs[p].name);
    for (int i = 0; i < count; i++) {
        const double mean = exp(rows[i].log_sum / rows[i].programs);
        printf("\n%-34s%9.3f%8.2fx", rows[i].name, mean, mean / exp(rows[0].log_sum / rows[0].programs));
        for (int p = 0; p < PROGRAMS; p++) {
            const Result *r = bench_find(b, "matrix", programs[p].name, rows[i].name);
            r ? printf("%9.3f", r->ns.middle) : bench_wants(b, programs[p].name) ? printf("%9s", "-") : 0;
        }
    }
    printf("\n");
}

const Suite suite_matrix = { "matrix", "every way to build the interpreter; only with --matrix", run_matrix,
                             print_matrix };
