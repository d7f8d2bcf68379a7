// One operation of a stack machine, exactly: operands one by one, mistakes as errors.
#include "emit_stack_body.h"

#include <assert.h>
#include <string.h>

#define F(...) arena_format(arena, __VA_ARGS__)

static const char *quoted(Arena *arena, const char *s)
{
    Writer w = { 0 };
    for (; *s; s++)
        write_format(&w, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    const char *text = arena_copy(arena, w.at ? w.at : "", w.len);
    writer_free(&w);
    return text;
}

static uint32_t line_of(const Isa *isa, Span span)
{
    return source_place(isa->source, span.begin).line;
}

void emit_stack_origin(const Isa *isa, const EmitOptions *options, const Insn *insn, Arena *arena, Writer *w,
                       int indent)
{
    write_format(w, "%*s// %s:%u  %s (%s)\n", indent, "", options->source, line_of(isa, insn->span),
                 stack_unescape(arena, insn->spelling), stack_effect(isa, arena, insn));
}

SBody sbody_new(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w, const Insn *insn,
                int indent)
{
    return (SBody){
        .isa = isa, .options = options, .arena = arena, .w = w, .insn = insn, .indent = indent, .part = ""
    };
}

static void exact_inputs(SBody *b)
{
    const Insn *insn = b->insn;
    Arena *arena = b->arena;
    const char *expr = quoted(arena, stack_expr(b->isa, arena, insn));
    for (size_t i = insn->inputs.count; i-- > 0;) {
        const int tag = insn->input_tags.at[i];
        const char *name = sbody_name(b, insn->inputs.at[i]);
        const char *want = quoted(arena, stack_want(b->isa, arena, insn, i));
        sbody_line(b, "StackValue %s;", name);
        if (tag < 0)
            sbody_line(b, "if (!take_any(m, &%s, \"%s\", \"%s\"))", name, want, expr);
        else
            sbody_line(b, "if (!take(m, &%s, %s, \"%s\", \"%s\"))", name, sbody_tag(b, tag), want, expr);
        sbody_line(b, "    return STOP_FAULT;");
    }
}

static const char *local_name(const SBody *b, const Local *local)
{
    for (size_t i = b->names.count; i-- > 0;)
        if (b->names.at[i].local == local)
            return b->names.at[i].name;
    assert(!"a local without a name");
    return "";
}

void sbody_outputs(SBody *b)
{
    for (size_t i = 0; b->insn->has_body && i < b->insn->outputs.count; i++) {
        const int tag = b->insn->output_tags.at[i];
        const char *name = sbody_name(b, b->insn->outputs.at[i]);
        sbody_line(b, "StackValue %s = { 0, %s };", name, tag >= 0 ? sbody_tag(b, tag) : "STACK_NONE");
    }
}

// The C name of what stands in the output's place.
const char *sbody_output(const SBody *b, size_t i)
{
    const Insn *insn = b->insn;
    return local_name(b, insn->has_body ? insn->outputs.at[i] : insn->output_values.at[i]->local);
}

static bool ends_in_stop(const Block *body)
{
    const Stmt *last = body->count ? body->at[body->count - 1] : NULL;
    return last && (last->kind == STMT_HALT || last->kind == STMT_RAISE);
}

static void emit_exact(const Isa *isa, const EmitOptions *options, Arena *arena, const Insn *insn, Writer *w)
{
    SBody b = sbody_new(isa, options, arena, w, insn, 4);
    b.is_exact = true;
    emit_stack_origin(isa, options, insn, arena, w, 4);
    sbody_line(&b, "case %d: {", insn->index);
    b.indent += 4;
    exact_inputs(&b);
    sbody_outputs(&b);
    sbody_block(&b, &insn->body);
    const bool can_grow = insn->outputs.count > insn->inputs.count;
    for (size_t i = 0; i < insn->outputs.count; i++) {
        const char *name = sbody_output(&b, i);
        if (!can_grow) {
            sbody_line(&b, "*m->sp++ = %s;", name);
            continue;
        }
        sbody_line(&b, "if (!put(m, %s))", name);
        sbody_line(&b, "    return STOP_FAULT;");
    }
    if (!ends_in_stop(&insn->body))
        sbody_line(&b, "return STACK_GO_ON;");
    b.indent -= 4;
    sbody_line(&b, "}");
}

static uint64_t text_tags(const Isa *isa)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < isa->variants.count; i++)
        if (isa->variants.at[i].type.kind == TYPE_STR)
            mask |= 1ull << i;
    return mask;
}

static bool makes_texts(const Isa *isa)
{
    for (size_t i = 0; i < isa->hosts.count; i++)
        if (isa->hosts.at[i]->type.kind == TYPE_STR || isa->hosts.at[i]->type.kind == TYPE_VALUE)
            return true;
    return false;
}

static void emit_exact_helpers(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w)
{
    SBody b = sbody_new(isa, options, arena, w, NULL, 0);
    const Stack *s = stack_at(isa, 0);
    write_text(w,
               "// ------------------------------------------------------------- one operation, exactly\n\n"
               "static int wrong(StackMachine *m, int error, const char *want, const char *expr)\n{\n"
               "    const char *reason = m->fault.reason;\n"
               "    m->fault = (StackFault){ .error = error, .wanted = -1, .want = want, .expr = expr, "
               ".reason = reason };\n"
               "    return STOP_FAULT;\n}\n\n"
               "static int overflow(StackMachine *m, int stack)\n{\n");
    write_format(w,
                 "    const int at = wrong(m, %s_table.stacks[stack].overflow, \"\", \"\");\n"
                 "    m->fault.stack = stack;\n    return at;\n}\n\n",
                 options->machine);
    write_format(
        w,
        "static bool take_any(StackMachine *m, StackValue *v, const char *want, const char *expr)\n{\n"
        "    if (m->sp == m->base) {\n        wrong(m, %s, want, expr);\n        return false;\n    }\n"
        "    *v = *--m->sp;\n    return true;\n}\n\n",
        sbody_error(&b, s->underflow));
    write_format(
        w,
        "static bool take(StackMachine *m, StackValue *v, uint64_t tag, const char *want, const char "
        "*expr)\n{\n"
        "    if (!take_any(m, v, want, expr)) {\n        m->fault.wanted = (int)tag;\n        return "
        "false;\n    }\n"
        "    if (v->tag == tag)\n        return true;\n"
        "    wrong(m, %s, want, expr);\n    m->fault.wanted = (int)tag;\n    m->fault.has_found = true;\n"
        "    m->fault.found = *v;\n    return false;\n}\n\n",
        sbody_error(&b, s->mismatch));
    write_text(
        w,
        "static bool put(StackMachine *m, StackValue v)\n{\n    if (m->sp == m->limit) {\n"
        "        overflow(m, 0);\n        return false;\n    }\n    *m->sp++ = v;\n    return true;\n}\n\n");
    write_format(
        w,
        "static inline bool same(int64_t x, uint64_t x_tag, int64_t y, uint64_t y_tag)\n{\n"
        "    return x_tag == y_tag && (x == y || (0x%llXu >> x_tag & 1 && stack_text_same(x, y)));\n}\n\n",
        (unsigned long long)text_tags(isa));
}

void emit_stack_step(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w)
{
    const int ops = (int)isa->insns.count, variants = (int)isa->variants.count;
    emit_exact_helpers(isa, options, arena, w);
    write_text(w, "static int operate(StackMachine *m)\n{\n    switch (m->words[m->at]) {\n");
    for (int i = 0; i < ops; i++)
        emit_exact(isa, options, arena, isa->insns.at[i], w);
    for (int i = 0; i < variants; i++)
        write_format(
            w,
            "    case %d: // a literal %.*s\n"
            "        return put(m, (StackValue){ m->slots[m->at].n, %d }) ? STACK_GO_ON : STOP_FAULT;\n",
            ops + i, TEXT(isa->variants.at[i].name), i);
    write_text(w, "    default: // a label\n        return STACK_GO_ON;\n    }\n}\n\n");
    write_format(w, "int %s_step(StackMachine *m)\n{\n", options->machine);
    if (makes_texts(isa))
        write_text(w, "    if (m->garbage > m->garbage_limit)\n        stack_machine_collect(m);\n");
    write_format(
        w,
        "    if (m->ip == m->count) {\n        m->exit_code = %d;\n        return STOP_HALT;\n    }\n"
        "    if (m->ip < 0 || m->ip > m->count)\n        return wrong(m, %s, \"\", \"\");\n"
        "    m->at = m->ip++;\n    m->instructions++;\n    return operate(m);\n}\n\n",
        isa->code->halt,
        sbody_error(&(SBody){ .isa = isa, .options = options, .arena = arena }, isa->code->beyond));
}
