// Examples of stack machines: the program is read by the machine's own token rules.
#include "examples.h"

#include <stdlib.h>
#include <string.h>

#include "eval_stack.h"

enum { BUDGET = 100000 };

static const char *stop_text(const StackEval *e, EvalStop stop)
{
    return stop == EVAL_BUDGET ? "its budget" : arena_format(e->arena, "%.*s", TEXT(e->error->name));
}

static const char *shown_stack(const StackEval *e)
{
    Writer w = { 0 };
    for (size_t i = 0; i < e->values.count; i++) {
        write_text(&w, i ? " " : "");
        stack_display(&w, e->table, e->values.at[i]);
    }
    const char *text = arena_copy(e->arena, w.at ? w.at : "", w.len);
    writer_free(&w);
    return text;
}

static bool expects_exit(const Example *example)
{
    for (size_t i = 0; i < example->expect.count; i++)
        if (text_is(example->expect.at[i].name, "exit"))
            return true;
    return false;
}

static void compare(const StackEval *e, const ExampleBind *bind, Diag *diag)
{
    if (text_is(bind->name, "exit")) {
        if ((uint32_t)e->exit_code != (uint32_t)bind->value->num)
            diag_error(diag, bind->span, "the exit code is %d, not %d", e->exit_code, (int)bind->value->num);
        return;
    }
    if (!text_same(bind->name, stack_at(e->isa, 0)->name)) {
        diag_error(diag, bind->span, "an example of a stack machine expects its values or 'exit'");
        return;
    }
    const char *has = shown_stack(e), *wants = stack_unescape(e->arena, bind->value->text);
    if (strcmp(has, wants) != 0)
        diag_error(diag, bind->span, "the stack is \"%s\", not \"%s\"", has, wants);
}

static void run_example(const Isa *isa, const StackTable *table, const Example *example, Diag *diag,
                        int64_t *patience)
{
    Arena *const a = isa->arena;
    const char *text = stack_unescape(a, example->run);
    Source source;
    Diag findings = { .arena = a };
    StackProgram program;
    source_init(&source, a, "example", text, strlen(text));
    if (stack_read(&program, table, &source, (StackReading){ .is_program = true }, a, &findings) >= 0) {
        diag_error(diag, example->run_span, "%s", findings.list.at[0].text);
        return;
    }
    if (!example_begins(diag, example, patience, 1000))
        return;
    StackEval e;
    stack_eval_init(&e, isa, table, &program, a);
    e.patience = patience;
    const EvalStop stop = stack_eval_run(&e, BUDGET);
    if (!example_begins(diag, example, patience, 0))
        return;
    if (stop != EVAL_HALT && !(stop == EVAL_FAULT && e.error && expects_exit(example))) {
        diag_error(diag, example->run_span, "the run stops with %s", stop_text(&e, stop));
        return;
    }
    for (size_t i = 0; i < example->expect.count; i++)
        compare(&e, &example->expect.at[i], diag);
}

int examples_run_stack(const Isa *isa, Diag *diag)
{
    if (!isa->stacks.count || stack_at(isa, 0) == NULL)
        return 0;
    const StackTable *table = stack_table(isa, isa->arena);
    int64_t patience = EXAMPLES_STEPS;
    for (size_t i = 0; i < isa->examples.count && patience > 0; i++) {
        if (isa->examples.at[i]->given.count)
            diag_error(diag, isa->examples.at[i]->given.at[0].span,
                       "an example of a stack machine is given nothing");
        run_example(isa, table, isa->examples.at[i], diag, &patience);
    }
    return (int)isa->examples.count;
}
