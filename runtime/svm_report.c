#include "svm_report.h"

#include <inttypes.h>
#include <string.h>

// ------------------------------------------------------------------ faults

static const char *debug_text(const StackMachine *m, Arena *a, StackValue v)
{
    Writer w = { 0 };
    stack_debug(&w, m->table, v);
    const char *text = arena_copy(a, w.at, w.len);
    writer_free(&w);
    return text;
}

static const char *word_text(const StackMachine *m, Arena *a)
{
    const StackElement *e = &m->program->code.at[m->at];
    return arena_format(a, "%.*s", (int)(e->end - e->begin), m->program->source->at + e->begin);
}

void svm_report_fault(const StackMachine *m, Arena *a, Diag *diag)
{
    const StackFault *f = &m->fault;
    const StackError *error = &m->table->errors[f->error];
    const StackStack *stack = &m->table->stacks[f->stack];
    const StackName names[] = {
        { "want", f->want },
        { "expr", f->expr },
        { "ip", arena_format(a, "%" PRId64, m->ip) },
        { "length", arena_format(a, "%" PRId64, m->count) },
        { "stack", stack->name },
        { "limit", arena_format(a, "%" PRIu64, stack->limit) },
        { "reason", f->reason ? f->reason : "" },
        { 0 },
    };
    const char *text = stack_message(a, error->message, names);
    const StackElement *e = &m->program->code.at[m->at];
    diag_error(diag, (Span){ m->program->source, e->begin, e->end }, "%s [%s]", text, error->name);
    if (f->has_found)
        diag_hint(diag, "'%s' wants %s, found %s", word_text(m, a), m->table->variants[f->wanted].name,
                  debug_text(m, a, f->found));
    else if (f->want && *f->want)
        diag_hint(diag, "'%s' wants %s, found nothing", word_text(m, a),
                  f->wanted >= 0 ? m->table->variants[f->wanted].name : "a value");
}

// -------------------------------------------------------------------- dump

static void json_bytes(Writer *w, const char *bytes, size_t size)
{
    write_text(w, "\"");
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\')
            write_format(w, "\\%c", c);
        else if (c < ' ' || c == 127)
            write_format(w, "\\u%04x", c);
        else
            write_bytes(w, &bytes[i], 1);
    }
    write_text(w, "\"");
}

static void json_value(Writer *w, const StackTable *t, StackValue v)
{
    const StackVariant *kind = &t->variants[v.tag];
    if (kind->json)
        write_format(w, "{\"%s\":", kind->json);
    switch (kind->payload) {
    case STACK_I64:
        write_format(w, "%" PRId64, v.n);
        break;
    case STACK_BOOL:
        write_text(w, v.n ? "true" : "false");
        break;
    case STACK_STR:
        json_bytes(w, stack_string(v)->bytes, stack_string(v)->size);
        break;
    case STACK_BITS:
        json_bytes(w, t->ops[v.n].name, strlen(t->ops[v.n].name));
        break;
    }
    if (kind->json)
        write_text(w, "}");
}

void svm_write_dump(Writer *w, const StackTable *t, const StackMachine *m, int exit_code, int error)
{
    write_format(w, "{\"exit\":%d,\"error\":", exit_code);
    if (error >= 0)
        json_bytes(w, t->errors[error].name, strlen(t->errors[error].name));
    else
        write_text(w, "null");
    write_text(w, ",\"stack\":[");
    for (const StackValue *v = m ? m->base : NULL; m && v < m->sp; v++) {
        write_text(w, v > m->base ? "," : "");
        json_value(w, t, *v);
    }
    write_format(w, "],\"instructions\":%" PRIu64 "}\n", m ? m->instructions : 0);
}

// ------------------------------------------------------------------- texts

void svm_write_code(Writer *w, const StackProgram *p)
{
    write_text(w, "[");
    for (size_t i = 0; i < p->code.count; i++) {
        write_text(w, i ? ", " : "");
        stack_debug_element(w, p->table, &p->code.at[i]);
    }
    write_text(w, "]\n");
}

static void write_values(Writer *w, const StackMachine *m)
{
    write_text(w, "[");
    for (const StackValue *v = m->base; v < m->sp; v++) {
        write_text(w, v > m->base ? ", " : "");
        stack_debug(w, m->table, *v);
    }
    write_text(w, "]");
}

static void write_raw(Writer *w, const StackMachine *m, int stack)
{
    write_text(w, "[");
    for (const int64_t *v = m->raw[stack].base; v < m->raw[stack].top; v++)
        write_format(w, "%s%" PRId64, v > m->raw[stack].base ? ", " : "", *v);
    write_text(w, "]");
}

void svm_write_step(Writer *w, const StackMachine *m)
{
    const StackElement *e = &m->program->code.at[m->ip];
    write_format(w, "op:\t%s\nself.code[%" PRId64 "]:\t", m->table->ops[e->word].name, m->ip);
    stack_debug_element(w, m->table, e);
    write_text(w, "\nself.stack:\t");
    write_values(w, m);
    for (int i = 1; i < m->table->stack_count; i++) {
        write_text(w, "\nself.return_stack:\t");
        write_raw(w, m, i);
    }
    write_text(w, "\n...\n");
}

void svm_write_trace(Writer *w, const StackMachine *m)
{
    const StackElement *e = &m->program->code.at[m->ip];
    const Place at = source_place(m->program->source, e->begin);
    write_format(w, "%" PRId64 "\t%u:%u\t", m->ip, at.line, at.column);
    stack_debug_element(w, m->table, e);
    write_text(w, "\t");
    write_values(w, m);
    write_text(w, "\n");
}

void svm_write_stats(Writer *w, const SvmStats *s, bool as_json)
{
    const double rate = s->elapsed_s > 0 ? (double)s->instructions / s->elapsed_s : 0;
    if (as_json)
        write_format(w,
                     "{\"elapsed_s\":%.9f,\"engine\":\"%s\",\"dispatch\":\"%s\",\"stop\":\"%s\","
                     "\"instructions\":%" PRIu64 ",\"instructions_per_s\":%.0f}\n",
                     s->elapsed_s, s->engine, s->dispatch, s->stop, s->instructions, rate);
    else
        write_format(w, "%" PRIu64 " instructions in %.6f s, %.0f per second (%s, %s): %s\n", s->instructions,
                     s->elapsed_s, rate, s->engine, s->dispatch, s->stop);
}
