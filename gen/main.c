// lc3gen -- reads a machine description and writes everything that knows the machine.
#include <stdio.h>
#include <stdlib.h>

#include "examples.h"
#include "fuse.h"
#include "request.h"
#include "tools.h"
#include "base/standard.h"

static void print_summary(const Isa *isa, const char *file, int examples)
{
    size_t forms = 0;
    for (size_t i = 0; i < isa->forms.count; i++)
        forms += !isa->forms.at[i]->is_reserved;
    printf("%s: %.*s: %zu instructions", file, TEXT(isa->title), isa->insns.count);
    if (forms)
        printf(", %zu forms", forms);
    if (isa->traps)
        printf(", %zu traps", isa->traps->list.count);
    printf(", %d example%s hold%s\n", examples, examples == 1 ? "" : "s", examples == 1 ? "s" : "");
}

static void print_findings(const Request *q, Diag *diag)
{
    if (q->is_json)
        diag_print_json(diag, stdout);
    else
        diag_print(diag, stderr, diag_wants_colour(stderr));
}

// ---------------------------------------------------------------- commands

// Reads and checks a description and runs its examples; the program ends when there
// are mistakes.
static Isa *read_description(const Request *q, const char *file, Arena *a, Diag *diag, int *examples)
{
    Error err;
    Source *source = arena_new(a, Source);
    if (!source_read(source, a, file, &err))
        die(err.text);
    Isa *isa = isa_parse(source, a, diag);
    isa_check(isa, diag);
    *examples = diag->errors ? 0 : examples_run(isa, diag);
    if (diag->errors) {
        print_findings(q, diag);
        exit(1);
    }
    return isa;
}

static void print(Writer *w)
{
    Error err;
    if (!writer_save(w, "-", &err))
        die(err.text);
    writer_free(w);
}

static int check(const Request *q, const Isa *isa, Diag *diag, int examples)
{
    Writer w = { 0 };
    if (!q->is_report && q->is_json) {
        print_findings(q, diag);
        return 0;
    }
    if (!q->is_json)
        print_summary(isa, q->file, examples);
    fflush(stdout);
    const EmitOptions options = files_options(q, isa, isa->arena);
    if (q->is_report)
        report_write(&w, isa, q->file, options.dialect, q->is_json);
    print(&w);
    return 0;
}

static int explain(const Request *q, const Isa *isa, Diag *diag)
{
    Writer w = { 0 };
    Error err;
    const EmitOptions options = files_options(q, isa, isa->arena);
    if (!explain_write(&w, isa, &options, q->second, q->is_json, diag, &err)) {
        if (!diag->errors)
            die(err.text);
        print_findings(q, diag);
        return 2;
    }
    print(&w);
    return 0;
}

static int diff(const Request *q, const Isa *isa, Arena *a, Diag *diag)
{
    Writer w = { 0 };
    int examples;
    const Isa *other = read_description(q, q->second, a, diag, &examples);
    const size_t count = diff_write(&w, isa, other, q->is_json);
    print(&w);
    return count ? 1 : 0;
}

static int fuse(const Request *q, const Isa *isa)
{
    Proposals proposals;
    Timing timings[MEASURED + 1];
    Writer w = { 0 };
    Error err;
    if (!fuse_propose(&proposals, isa, q->second, &err))
        die(err.text);
    const bool is_measured = q->run && proposals.list.count;
    if (is_measured) {
        const char *descriptions[MEASURED + 1] = { isa->source->at };
        size_t count = 1;
        while (count <= MEASURED && count <= proposals.list.count) {
            descriptions[count] = proposals.list.at[count - 1].description;
            count++;
        }
        if (!fuse_measure(timings, q->file, descriptions, count, q->run, &err))
            die(err.text);
    }
    fuse_write(&w, &proposals, is_measured ? timings : NULL, q->is_json);
    print(&w);
    return 0;
}

int main(int argc, char **argv)
{
    standard_open("lc3gen");
    const Request q = request_read(argc, argv);
    Arena arena = { 0 };
    Diag diag = { .arena = &arena, .limit = 1000 };
    int examples, code = 0;
    Isa *isa = read_description(&q, q.file, &arena, &diag, &examples);
    switch (q.command) {
    case COMMAND_CHECK:
        code = check(&q, isa, &diag, examples);
        break;
    case COMMAND_EXPLAIN:
        code = explain(&q, isa, &diag);
        break;
    case COMMAND_DIFF:
        code = diff(&q, isa, &arena, &diag);
        break;
    case COMMAND_FUSE:
        code = fuse(&q, isa);
        break;
    case COMMAND_EMIT:
    case COMMAND_DOCS:
        if (q.is_json)
            print_findings(&q, &diag);
        code = files_write(&q, isa, &arena);
        break;
    }
    arena_free(&arena);
    return code;
}
