// Random programs: every engine leaves what the reference evaluator leaves.
//
//   lockstep STACK.def COUNT [FIRST [N]]
//
// FIRST (1) is the number of the first program, and its seed: pieces of a soak begin COUNT apart.
// Every Nth program is also compiled (1; 0: none is, which is also so without LLVM).
// Half of the programs are built so that kinds and depths mostly fit, the rest is
// noise.  Each runs in pieces of random length; after every piece stacks, places,
// counts, output and errors must agree, with stacks of different limits.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval_stack.h"
#include "stack_jit.h"
#include "svm_machine.h"

enum { BUDGET = 3000 };

static uint64_t seed;

static uint64_t dice(uint64_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % sides;
}

// ------------------------------------------------------------------- hosts
//
// Both sides see the same world: what it answers depends on how often it was asked.

typedef struct {
    Writer out;
    uint64_t asked;
} World;

static const char *const lines[] = { "12", "", "-7", "word", "0", "9223372036854775808" };

static bool world_read(World *w, const char **line)
{
    const uint64_t n = w->asked++;
    *line = lines[n % 6];
    return n % 9 != 8;
}

static void world_print(World *w, StackValue v)
{
    stack_display(&w->out, &svm_table, v);
    write_text(&w->out, "\n");
}

void svm_host_println(StackMachine *m, StackValue v)
{
    world_print(m->user, v);
}

const StackString *svm_host_display(StackMachine *m, StackValue v)
{
    Writer w = { 0 };
    stack_display(&w, m->table, v);
    const StackString *s = stack_machine_string(m, w.at ? w.at : "", w.len);
    writer_free(&w);
    return s;
}

int64_t svm_host_parse_i64(StackMachine *m, const StackString *s)
{
    int64_t n = 0;
    return stack_number(s->bytes, s->size, &n) ? n : 0;
}

bool svm_host_read_line(StackMachine *m, const StackString **result)
{
    const char *line;
    if (!world_read(m->user, &line))
        return stack_machine_refuse(m, "asked too often");
    *result = stack_machine_string(m, line, strlen(line));
    return true;
}

void svm_host_sleep_ms(StackMachine *m, int64_t ms)
{
    World *w = m->user;
    write_format(&w->out, "sleep %" PRId64 "\n", ms);
}

static StackValue text_value(Arena *a, const char *bytes, size_t size)
{
    return (StackValue){ (int64_t)(intptr_t)stack_new_string(a, bytes, size), 0 };
}

static bool eval_host(StackEval *e, const Host *host, const StackValue *args, StackValue *out)
{
    World *w = e->user;
    if (text_is(host->name, "println")) {
        world_print(w, args[0]);
    } else if (text_is(host->name, "sleep_ms")) {
        write_format(&w->out, "sleep %" PRId64 "\n", args[0].n);
    } else if (text_is(host->name, "parse_i64")) {
        const StackString *s = stack_string(args[0]);
        if (!stack_number(s->bytes, s->size, &out->n))
            out->n = 0;
    } else if (text_is(host->name, "display")) {
        Writer text = { 0 };
        stack_display(&text, e->table, args[0]);
        *out = text_value(e->arena, text.at ? text.at : "", text.len);
        writer_free(&text);
    } else {
        const char *line;
        if (!world_read(w, &line))
            return false;
        *out = text_value(e->arena, line, strlen(line));
    }
    return true;
}

// ---------------------------------------------------------------- programs

typedef struct {
    Writer text;
    int depth[8]; // approximate kinds of the topmost values, -1 unknown
    int count, labels;
} Draft;

static void word(Draft *d, const char *s)
{
    write_format(&d->text, "%s%s", s, dice(9) ? " " : "\n");
}

static void push_kind(Draft *d, int tag)
{
    if (d->count == 8) {
        memmove(d->depth, d->depth + 1, 7 * sizeof *d->depth);
        d->count--;
    }
    d->depth[d->count++] = tag;
}

static void literal(Draft *d, int tag)
{
    char text[40];
    static const char *const texts[] = { "\"\"", "\"a\"", "\"12\"", "\"-7\"", "\"a\\\"b\"" };
    static const char *const large[] = { "9223372036854775807", "-9223372036854775808", "4294967296", "-1" };
    if (tag < 0 || tag > SVM_TAG_String)
        tag = (int)dice(10) < 7 ? SVM_TAG_Num : 1 + (int)dice(2);
    if (tag == SVM_TAG_Bool) {
        word(d, dice(2) ? "true" : "false");
    } else if (tag == SVM_TAG_String) {
        word(d, texts[dice(5)]);
    } else if (dice(8) == 0) {
        word(d, large[dice(4)]);
    } else if (dice(3) == 0) { // a place
        snprintf(text, sizeof text, "L%d", (int)dice(6));
        word(d, text);
    } else {
        snprintf(text, sizeof text, "%d", (int)dice(12) - 3);
        word(d, text);
    }
    push_kind(d, tag);
}

static void apply(Draft *d, const Insn *insn)
{
    for (size_t i = insn->inputs.count; i-- > 0;)
        d->count -= d->count > 0;
    for (size_t i = 0; i < insn->outputs.count; i++)
        push_kind(d, insn->output_tags.at[i]);
    word(d, svm_table.ops[insn->index].spelling);
}

// Pushes what the operation wants, as far as it is not there.
static void feed(Draft *d, const Insn *insn)
{
    const int need = (int)insn->inputs.count;
    bool fits = d->count >= need;
    for (int i = 0; fits && i < need; i++) {
        const int want = insn->input_tags.at[i], has = d->depth[d->count - need + i];
        fits = want < 0 || has < 0 || want == has;
    }
    for (int i = 0; !fits && i < need; i++)
        literal(d, insn->input_tags.at[i]);
}

static void superinstruction(Draft *d, const Isa *isa, bool is_good)
{
    const StackFuse *f = &svm_table.fuses[dice((uint64_t)svm_table.fuse_count)];
    for (int i = 0; i < f->count; i++)
        if (f->words[i] < svm_table.op_count) {
            if (is_good && i == 0)
                feed(d, isa->insns.at[f->words[i]]);
            apply(d, isa->insns.at[f->words[i]]);
        } else if (f->words[i] < stack_label(&svm_table)) {
            literal(d, f->words[i] - svm_table.op_count);
        }
}

static void define_label(Draft *d)
{
    char text[40];
    if (d->labels == 6)
        return;
    snprintf(text, sizeof text, "L%d:", d->labels++);
    word(d, text);
    for (int i = 0; i < d->count; i++)
        d->depth[i] = -1;
}

static const char *make_program(const Isa *isa, Arena *a)
{
    Draft d = { 0 };
    const bool is_good = dice(5);
    const int length = 3 + (int)dice(60);
    for (int i = 0; i < length; i++) {
        const uint64_t kind = dice(20);
        const Insn *insn = isa->insns.at[dice(isa->insns.count)];
        const bool ends = insn->roles & ROLE_HALT;
        if (kind < 2)
            define_label(&d);
        else if (kind < 5)
            superinstruction(&d, isa, is_good);
        else if (kind < 9)
            literal(&d, -1);
        else if (!ends || dice(8) == 0) {
            if (is_good && dice(40))
                feed(&d, insn);
            apply(&d, insn);
        }
    }
    while (d.labels < 6)
        define_label(&d);
    const char *text = arena_copy(a, d.text.at, d.text.len);
    writer_free(&d.text);
    return text;
}

// ----------------------------------------------------------------- compare

static int failures;

static void differ(const char *what, const char *engine, const char *text)
{
    if (failures++ < 5)
        printf("%s differs with %s in\n%s\n", what, engine, text);
}

static bool same_value(StackValue a, StackValue b)
{
    if (a.tag != b.tag)
        return false;
    return svm_table.variants[a.tag].payload == STACK_STR ? stack_text_same(a.n, b.n) : a.n == b.n;
}

static const char *difference(const StackEval *e, EvalStop eval_stop, const StackMachine *m, Stop stop)
{
    const EvalStop stops[] = {
        [STOP_BUDGET] = EVAL_BUDGET, [STOP_HALT] = EVAL_HALT, [STOP_FAULT] = EVAL_FAULT
    };
    if (stops[stop] != eval_stop)
        return "the stop";
    if (e->instructions != m->instructions)
        return "the count";
    if (e->ip != m->ip || (m->at != e->at && stop == STOP_FAULT))
        return "the place";
    if (e->values.count != (size_t)(m->sp - m->base))
        return "the depth";
    for (size_t i = 0; i < e->values.count; i++)
        if (!same_value(e->values.at[i], m->base[i]))
            return "a value";
    const size_t depth = (size_t)(m->raw[1].top - m->raw[1].base);
    if (e->raw[1].count != depth ||
        (depth && memcmp(e->raw[1].at, m->raw[1].base, depth * sizeof(int64_t)) != 0))
        return "the return stack";
    if (stop == STOP_HALT && e->exit_code != m->exit_code)
        return "the exit code";
    if (stop == STOP_FAULT && (e->error->index != m->fault.error || strcmp(e->want, m->fault.want) != 0 ||
                               strcmp(e->expr, m->fault.expr) != 0))
        return "the error";
    const World *x = e->user, *y = m->user;
    return x->out.len != y->out.len || (x->out.len && memcmp(x->out.at, y->out.at, x->out.len) != 0)
               ? "the output"
               : NULL;
}

static StackJit *jit; // or NULL
static uint64_t native, compiled, units, words;

// Without an engine: the JIT.
static void run_engine(const Isa *isa, const StackKind *kind, const StackEngine *engine,
                       const StackProgram *program, const char *text)
{
    Arena arena = { 0 };
    Error err;
    World eval_world = { 0 }, world = { 0 };
    StackEval e;
    StackMachine m;
    stack_eval_init(&e, isa, kind->table, program, &arena);
    e.user = &eval_world;
    e.host = eval_host;
    if (!stack_machine_init(&m, kind, program, &err)) {
        puts(err.text);
        exit(2);
    }
    m.user = &world;
    if (!engine)
        stack_jit_attach(jit, &m);
    m.garbage_limit = dice(2) ? 100 : 1 << 20;
    Stop stop = STOP_BUDGET;
    const char *what = NULL;
    const bool in_pieces = dice(2);
    while (stop == STOP_BUDGET && !what && m.instructions < BUDGET) {
        const uint64_t piece = in_pieces ? 1 + dice(200) : BUDGET;
        stop = (engine ? engine->run : stack_jit_run)(&m, piece);
        what = difference(&e, stack_eval_run(&e, piece), &m, stop);
    }
    if (!engine && stack_jit_error(jit) && !what)
        what = stack_jit_error(jit);
    if (what)
        differ(what, engine ? engine->dispatch : "jit", text);
    native += engine ? 0 : stack_jit_counts(jit).native;
    units += engine ? 0 : stack_jit_counts(jit).units;
    words += engine ? 0 : stack_jit_counts(jit).words;
    compiled += engine ? 0 : m.instructions;
    stack_machine_free(&m);
    writer_free(&world.out);
    writer_free(&eval_world.out);
    arena_free(&arena);
}

static int errors_seen[32], halts, budgets;

static void test_one(Isa *isa, bool has_jit)
{
    Arena arena = { 0 };
    Source source;
    StackProgram program;
    Diag diag = { .arena = &arena };
    static const uint64_t limits[] = { 16, 200, 1 << 20 };
    const uint64_t limit = limits[dice(3)];
    StackTable table = svm_table;
    StackStack stacks[2] = { svm_table.stacks[0], svm_table.stacks[1] };
    StackKind kind = svm_kind;
    kind.table = &table;
    table.stacks = stacks;
    for (int i = 0; i < 2; i++)
        stacks[i].limit = isa->stacks.at[i]->limit = limit;
    const char *text = make_program(isa, &arena);
    source_init(&source, &arena, "random", text, strlen(text));
    if (stack_read(&program, &table, &source, (StackReading){ .is_program = true }, &arena, &diag) >= 0) {
        differ("reading", diag.list.at[0].text, text);
    } else {
        for (int i = 0; i < kind.engine_count; i++)
            run_engine(isa, &kind, &kind.engines[i], &program, text);
        if (has_jit)
            run_engine(isa, &kind, NULL, &program, text);
        StackEval e; // what kind of program it was
        stack_eval_init(&e, isa, &table, &program, &arena);
        World w = { 0 };
        e.user = &w;
        e.host = eval_host;
        const EvalStop stop = stack_eval_run(&e, BUDGET);
        halts += stop == EVAL_HALT;
        budgets += stop == EVAL_BUDGET;
        if (stop == EVAL_FAULT)
            errors_seen[e.error->index]++;
        writer_free(&w.out);
    }
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    Arena arena = { 0 };
    Error err;
    Source source;
    Diag diag = { .arena = &arena };
    if (argc < 3 || !source_read(&source, &arena, argv[1], &err)) {
        puts("usage: lockstep STACK.def COUNT [SEED [N]]");
        return 2;
    }
    Isa *isa = isa_parse(&source, &arena, &diag);
    isa_check(isa, &diag);
    const long count = atol(argv[2]);
    const uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
    const long every = argc > 4 ? atol(argv[4]) : 1;
    const StackJitOptions options = { .way = STACK_JIT_NOW, .interpreter = &svm_kind.engines[0] };
    jit = every ? stack_jit_open(&svm_kind, &options, &err) : NULL;
    for (long i = 0; i < count && !diag.errors; i++) {
        seed = (first + (uint64_t)i) * 0x9E3779B97F4A7C15u | 1;
        for (int k = 0; k < 5; k++)
            dice(2);
        test_one(isa, jit && i % every == 0);
    }
    printf("%ld programs, %d failures; %d halted, %d went on", count, failures, halts, budgets);
    for (int i = 0; i < svm_table.error_count; i++)
        if (errors_seen[i])
            printf(", %d %s", errors_seen[i], svm_table.errors[i].name);
    printf("; %" PRIu64 " of %" PRIu64 " instructions in native code, %" PRIu64 " pieces of %" PRIu64 " words\n",
           native, compiled, units, words);
    if (jit)
        stack_jit_close(jit);
    arena_free(&arena);
    return failures || diag.errors ? 1 : 0;
}
