// emit_semantics.c -- what the machine does, in plain C over a state at rest.
//
// One dialect's instructions, exceptions, traps and guards, complete and without
// tricks.  Engines are fast paths around it: whatever they do not care to do
// themselves they leave to ..._step, which runs one instruction from here.
#include "emit_c.h"

#include <assert.h>
#include <inttypes.h>

typedef struct {
    const Isa *isa;
    const EmitOptions *o;
    Writer *w;
    Arena arena;
    const char *type; // Lc3State
    const char *word; // uint16_t
} Out;

// ---------------------------------------------------- reaching a state at rest

static CText rest_field(Lower *l, const Field *field)
{
    return ctext(field_name(l, field), LEVEL_ATOM, false);
}

static CText rest_reg(Lower *l, const Reg *reg)
{
    return ctext(arena_format(l->arena, "m->%.*s", TEXT(reg->name)), LEVEL_ATOM, false);
}

static CText rest_lazy(Lower *l, const Lazy *lazy)
{
    const char *shift = lazy->at_lo ? arena_format(l->arena, " >> %d", lazy->at_lo) : "";
    return ctext(arena_format(l->arena, "m->%.*s%s & %s", TEXT(lazy->at->name), shift,
                              c_number(l->arena, type_mask(lazy->type))), LEVEL_AND, false);
}

static void rest_set_lazy(Lower *l, const Lazy *lazy, const char *value)
{
    const uint64_t keep = type_mask(lazy->at->type) & ~(type_mask(lazy->type) << lazy->at_lo);
    const char *shift = lazy->at_lo ? arena_format(l->arena, " << %d", lazy->at_lo) : "";
    lower_line(l, "m->%.*s = (m->%.*s & %s) | fn_%.*s(%s)%s; // %.*s", TEXT(lazy->at->name), TEXT(lazy->at->name),
               c_number(l->arena, keep), TEXT(lazy->fn->name), value, shift, TEXT(lazy->name));
}

static void rest_load(Lower *l, const Mem *mem, const char *address, const char *name)
{
    lower_line(l, "%s %s;", c_type(mem->type), name);
    lower_line(l, "TRY(load(m, %s, &%s, hooked));", address, name);
}

static void rest_store(Lower *l, const Mem *mem, const char *address, const char *value)
{
    lower_line(l, "TRY(store(m, %s, %s, hooked));", address, value);
}

static void rest_set_reg(Lower *l, const Reg *reg, const char *value)
{
    lower_line(l, "m->%.*s = %s;", TEXT(reg->name), value);
    if (reg->lazy)
        lower_line(l, "m->looks = 1;");
}

static void rest_raise(Lower *l, const Exception *exception)
{
    lower_line(l, "return RAISE + %s;", exception_id(l->arena, l->options, exception));
}

static void rest_trap(Lower *l, const char *vector)
{
    lower_line(l, "TRY(trap(m, word, %s, hooked));", vector);
}

static void rest_halt(Lower *l)
{
    lower_line(l, "return STOP_HALT;");
}

static void rest_proc(Lower *l, const Proc *proc, const char *args)
{
    lower_line(l, "TRY(proc_%.*s(m%s%s, hooked));", TEXT(proc->name), *args ? ", " : "", args);
}

static void rest_end(Lower *l)
{
    lower_line(l, "return GO_ON;");
}

static const Reach at_rest = {
    .field = rest_field, .reg = rest_reg, .lazy = rest_lazy, .load = rest_load, .store = rest_store,
    .set_reg = rest_set_reg, .set_lazy = rest_set_lazy, .raise = rest_raise, .trap = rest_trap, .halt = rest_halt,
    .proc = rest_proc, .end = rest_end,
};

static Lower body(Out *out)
{
    Lower l;
    lower_init(&l, out->isa, out->o, out->w, &out->arena, &at_rest, NULL, 4);
    return l;
}

static unsigned line_of(const Out *out, Span span)
{
    return source_place(out->isa->source, span.begin).line;
}

// ------------------------------------------------------------------ memory

static const char *in_region(Out *out, const Region *r)
{
    const uint64_t last = exec_mem(out->isa)->count - 1;
    if (r->first == 0 && r->last == last)
        return "true";
    if (r->first == 0)
        return arena_format(&out->arena, "address <= %s", c_number(&out->arena, r->last));
    if (r->last == last)
        return arena_format(&out->arena, "address >= %s", c_number(&out->arena, r->first));
    return arena_format(&out->arena, "address >= %s && address <= %s", c_number(&out->arena, r->first),
                        c_number(&out->arena, r->last));
}

static void emit_guard(Out *out)
{
    write_format(out->w, "int %s_guard(const %s *m, uint16_t address)\n{\n", out->o->prefix, out->type);
    const Mem *mem = exec_mem(out->isa);
    for (size_t i = 0; i < mem->regions.count; i++) {
        const Region *r = &mem->regions.at[i];
        if (!guard_holds(r, out->o->dialect))
            continue;
        Lower l = body(out);
        lower_line(&l, "// %s:%u  %.*s", out->o->source, line_of(out, r->span), TEXT(r->name));
        lower_line(&l, "if (%s)", in_region(out, r));
        l.indent += 4;
        lower_line(&l, "return %s ? (int)%s : -1;", lower_value(&l, r->guard, LEVEL_LOR),
                   exception_id(&out->arena, out->o, r->raise));
    }
    write_text(out->w, "    return -1;\n}\n\n");
}

static void emit_is_device(Out *out)
{
    const Mem *mem = exec_mem(out->isa);
    write_text(out->w, "static inline bool is_device(uint16_t address)\n{\n    return ");
    const char *join = "";
    for (size_t i = 0; i < mem->regions.count; i++)
        if (mem->regions.at[i].kind == REGION_DEVICE) {
            write_format(out->w, "%s(%s)", join, in_region(out, &mem->regions.at[i]));
            join = " || ";
        }
    write_format(out->w, "%s;\n}\n\n", *join ? "" : "false");
}

static void emit_access(Out *out)
{
    const char *mem = arena_copy(&out->arena, exec_mem(out->isa)->name.at, exec_mem(out->isa)->name.len);
    write_format(out->w,
                 "static int load_slow(%s *m, uint16_t address, %s *value, const bool hooked)\n"
                 "{\n"
                 "    const int exception = %s_guard(m, address);\n"
                 "    if (exception >= 0)\n"
                 "        return RAISE + exception;\n"
                 "    if (hooked)\n"
                 "        %s_hook_load(m, address);\n"
                 "    if (is_device(address)) {\n"
                 "        m->looks = 1;\n"
                 "        *value = %s_device_read(m, address);\n"
                 "    } else {\n"
                 "        *value = m->%s[address];\n"
                 "    }\n"
                 "    return GO_ON;\n"
                 "}\n\n",
                 out->type, out->word, out->o->prefix, out->o->machine, out->o->machine, mem);
    write_format(out->w,
                 "static int store_slow(%s *m, uint16_t address, %s value, const bool hooked)\n"
                 "{\n"
                 "    const int exception = %s_guard(m, address);\n"
                 "    if (exception >= 0)\n"
                 "        return RAISE + exception;\n"
                 "    if (hooked)\n"
                 "        %s_hook_store(m, address, value);\n"
                 "    if (is_device(address)) {\n"
                 "        m->looks = 1;\n"
                 "        %s_device_write(m, address, value);\n"
                 "        return GO_ON;\n"
                 "    }\n"
                 "    m->%s[address] = value;\n"
                 "    if (m->code[address])\n"
                 "        %s_code_changed(m, address);\n"
                 "    return GO_ON;\n"
                 "}\n\n",
                 out->type, out->word, out->o->prefix, out->o->machine, out->o->machine, mem, out->o->machine);
    write_format(out->w,
                 "static inline int load(%s *m, uint16_t address, %s *value, const bool hooked)\n"
                 "{\n"
                 "    if (hooked || !is_ram(address))\n"
                 "        return load_slow(m, address, value, hooked);\n"
                 "    *value = m->%s[address];\n"
                 "    return GO_ON;\n"
                 "}\n\n"
                 "static inline int store(%s *m, uint16_t address, %s value, const bool hooked)\n"
                 "{\n"
                 "    if (hooked || !is_ram(address))\n"
                 "        return store_slow(m, address, value, hooked);\n"
                 "    m->%s[address] = value;\n"
                 "    if (m->code[address])\n"
                 "        %s_code_changed(m, address);\n"
                 "    return GO_ON;\n"
                 "}\n\n",
                 out->type, out->word, mem, out->type, out->word, mem, out->o->machine);
}

// ------------------------------------------------------------- procs, exceptions

static const char *proc_head(Out *out, Lower *l, const Proc *p)
{
    const char *head = arena_format(&out->arena, "static int proc_%.*s(%s *m", TEXT(p->name), out->type);
    for (size_t i = 0; i < p->params.count; i++)
        head = arena_format(&out->arena, "%s, const %s %s", head, c_type(p->params.at[i]->type),
                            lower_local(l, p->params.at[i]));
    return arena_format(&out->arena, "%s, const bool hooked)", head);
}

static void emit_procs(Out *out)
{
    for (size_t i = 0; i < out->isa->procs.count; i++) {
        Lower l = body(out);
        write_format(out->w, "%s;\n", proc_head(out, &l, out->isa->procs.at[i]));
    }
    write_text(out->w, "\n");
    for (size_t i = 0; i < out->isa->procs.count; i++) {
        const Proc *p = out->isa->procs.at[i];
        Lower l = body(out);
        write_format(out->w, "// %s:%u\n%s\n{\n", out->o->source, line_of(out, p->span), proc_head(out, &l, p));
        lower_body(&l, &p->body);
        write_text(out->w, "}\n\n");
    }
}

static void emit_exceptions(Out *out)
{
    const Isa *isa = out->isa;
    for (size_t i = 0; i < isa->exceptions.count; i++) {
        const Exception *e = isa->exceptions.at[i];
        write_format(out->w, "// %s:%u  %.*s\nstatic int handle_%.*s(%s *m, const bool hooked)\n{\n", out->o->source,
                     line_of(out, e->span), TEXT(e->title), TEXT(e->name), out->type);
        Lower l = body(out);
        lower_body(&l, &e->body);
        write_text(out->w, "}\n\n");
    }
    write_format(out->w, "static const uint16_t exception_vectors[%s_EXC_COUNT] = {",
                 upper_name(&out->arena, out->o->machine));
    for (size_t i = 0; i < isa->exceptions.count; i++)
        write_format(out->w, "%s0x%04" PRIX64, i ? ", " : " ", isa->exceptions.at[i]->vector);
    write_format(out->w,
                 " };\n\n"
                 "static int fault(%s *m, int exception, uint16_t at)\n"
                 "{\n"
                 "    m->fault = (Fault){ FAULT_EXCEPTION, exception_vectors[exception], at };\n"
                 "    return STOP_FAULT;\n"
                 "}\n\n"
                 "static int handle(%s *m, int exception, const bool hooked)\n"
                 "{\n"
                 "    switch (exception) {\n",
                 out->type, out->type);
    for (size_t i = 0; i < isa->exceptions.count; i++)
        write_format(out->w, "    case %s:\n        return handle_%.*s(m, hooked);\n",
                     exception_id(&out->arena, out->o, isa->exceptions.at[i]), TEXT(isa->exceptions.at[i]->name));
    write_format(out->w,
                 "    }\n"
                 "    return GO_ON;\n"
                 "}\n\n"
                 "// An exception inside the entry to a handler is never handled.\n"
                 "static int raise_at(%s *m, int exception, uint16_t at, const bool hooked)\n"
                 "{\n"
                 "    m->%.*s = at;\n"
                 "    if (m->unhandled[exception])\n"
                 "        return fault(m, exception, at);\n"
                 "    const int result = handle(m, exception, hooked);\n"
                 "    return result >= RAISE ? fault(m, result - RAISE, at) : result;\n"
                 "}\n\n",
                 out->type, TEXT(isa->pc->name));
}

// ------------------------------------------------------------------- traps

static void emit_host_call(Out *out, const TrapEntry *t)
{
    Lower l = body(out);
    const char *args = "";
    for (size_t k = 0; k < t->in.count; k++)
        args = arena_format(&out->arena, "%s, %s", args, lower_value(&l, t->in.at[k], LEVEL_COND));
    for (size_t k = 0; k < t->out.count; k++) {
        lower_line(&l, "%s out%zu = 0;", c_type(t->out.at[k]->type), k);
        args = arena_format(&out->arena, "%s, &out%zu", args, k);
    }
    lower_line(&l, "const HostStatus status = %s_host_%.*s(m%s);", out->o->machine, TEXT(t->name), args);
    lower_line(&l, "m->looks = 1;");
    lower_line(&l, "if (status != HOST_DONE && status != HOST_HALT && status != HOST_ATTENTION)");
    lower_line(&l, "    return host_stop(m, status);");
    for (size_t k = 0; k < t->out.count; k++)
        lower_line(&l, "%s = out%zu;", lower_expr(&l, t->out.at[k]).text, k);
    if (t->sets)
        at_rest.set_lazy(&l, t->sets, "out0");
}

static void emit_trap_entry(Out *out, const TrapEntry *t)
{
    const uint64_t fields = used_fields(&t->body, out->o->dialect);
    write_format(out->w, "// %s:%u  x%02" PRIX64 " %.*s: %.*s\n", out->o->source, line_of(out, t->span), t->vector,
                 TEXT(t->name), TEXT(t->title));
    if (t->is_host && t->body.count) {
        write_format(out->w, "static int after_%.*s(%s *m, const %s word, const bool hooked)\n{\n", TEXT(t->name),
                     out->type, out->word);
        Lower l = body(out);
        emit_raw_fields(&l, fields, "word");
        lower_body(&l, &t->body);
        write_text(out->w, "}\n\n");
    }
    write_format(out->w, "static int trap_%.*s(%s *m, const %s word, const bool hooked)\n{\n", TEXT(t->name), out->type,
                 out->word);
    Lower l = body(out);
    if (t->is_host) {
        emit_host_call(out, t);
        if (t->body.count)
            lower_line(&l, "TRY(after_%.*s(m, word, hooked));", TEXT(t->name));
        lower_line(&l, "return status == HOST_HALT ? STOP_HALT : status == HOST_ATTENTION ? STOP_ATTENTION : GO_ON;");
    } else {
        emit_raw_fields(&l, fields, "word");
        lower_body(&l, &t->body);
    }
    write_text(out->w, "}\n\n");
}

static void emit_traps(Out *out)
{
    const Traps *traps = out->isa->traps;
    if (!traps)
        return;
    write_format(out->w,
                 "static int host_stop(const %s *m, HostStatus status)\n"
                 "{\n"
                 "    switch (status) {\n"
                 "    case HOST_WAIT:\n"
                 "        return STOP_BLOCKED;\n"
                 "    case HOST_CLOSED:\n"
                 "        return STOP_CLOSED;\n"
                 "    case HOST_RAISE:\n"
                 "        return RAISE + m->raised;\n"
                 "    default:\n"
                 "        return STOP_FAULT;\n"
                 "    }\n"
                 "}\n\n",
                 out->type);
    for (size_t i = 0; i < traps->list.count; i++)
        emit_trap_entry(out, traps->list.at[i]);
    write_format(out->w, "// %.*s\nstatic int trap_otherwise(%s *m, const %s word, const bool hooked)\n{\n",
                 TEXT(traps->otherwise_title), out->type, out->word);
    Lower l = body(out);
    emit_raw_fields(&l, used_fields(&traps->otherwise, out->o->dialect), "word");
    lower_body(&l, &traps->otherwise);
    write_format(out->w,
                 "}\n\n"
                 "static int do_trap(%s *m, const %s word, uint16_t vector, const bool hooked)\n"
                 "{\n"
                 "    if (!m->native[vector])\n"
                 "        return trap_otherwise(m, word, hooked);\n"
                 "    switch (vector) {\n",
                 out->type, out->word);
    for (size_t i = 0; i < traps->list.count; i++)
        write_format(out->w, "    case 0x%02" PRIX64 ":\n        return trap_%.*s(m, word, hooked);\n",
                     traps->list.at[i]->vector, TEXT(traps->list.at[i]->name));
    write_format(out->w,
                 "    default:\n        return trap_otherwise(m, word, hooked);\n    }\n}\n\n"
                 "static int trap(%s *m, const %s word, uint16_t vector, const bool hooked)\n"
                 "{\n"
                 "    const int went = do_trap(m, word, vector, hooked);\n"
                 "    if (went != STOP_BLOCKED && went != STOP_CLOSED)\n"
                 "        m->traps[vector]++;\n"
                 "    return went;\n"
                 "}\n\n",
                 out->type, out->word);
}

// -------------------------------------------------------------- instructions

static void emit_form(Out *out, const Form *form)
{
    emit_origin(out->isa, out->o, out->w, 0, form);
    write_format(out->w, "static inline int do_%s(%s *m, const %s word, const bool hooked)\n{\n",
                 form_id(&out->arena, form), out->type, out->word);
    Lower l = body(out);
    emit_raw_fields(&l, used_fields(&form->body, out->o->dialect), "word");
    lower_body(&l, &form->body);
    write_text(out->w, "}\n\n");
}

static void call_form(void *user, const Form *form, int indent)
{
    Out *out = user;
    write_format(out->w, "%*sreturn do_%s(m, word, hooked);\n", indent, "", form_id(&out->arena, form));
}

static void emit_execute(Out *out)
{
    write_format(out->w, "static inline int execute(%s *m, const %s word, const bool hooked)\n{\n", out->type, out->word);
    emit_form_switch(out->isa, out->w, "word", 4, call_form, out);
    write_text(out->w, "    return GO_ON;\n}\n\n");
}

// What a machine does with a word that the hook refuses: what the reserved pattern says.
static const char *refusal(Out *out)
{
    const Isa *isa = out->isa;
    for (size_t i = 0; i < isa->forms.count; i++)
        if (isa->forms.at[i]->is_reserved)
            return arena_format(&out->arena, "do_%s(m, word, hooked)", form_id(&out->arena, isa->forms.at[i]));
    return "execute(m, word, hooked)";
}

static void emit_step(Out *out)
{
    const Text pc = out->isa->pc->name;
    const char *mem = arena_copy(&out->arena, exec_mem(out->isa)->name.at, exec_mem(out->isa)->name.len);
    write_format(out->w,
                 "static inline int fetch(%s *m, uint16_t at, %s *word)\n"
                 "{\n"
                 "    if (is_ram(at)) {\n"
                 "        *word = m->%s[at];\n"
                 "        return GO_ON;\n"
                 "    }\n"
                 "    return load_slow(m, at, word, false); // a fetch is no load: never hooked\n"
                 "}\n\n",
                 out->type, out->word, mem);
    write_format(out->w,
                 "// Whatever happened: the pc of what has to be tried again or explained, the count, and attention.\n"
                 "static inline int finish(%s *m, uint16_t at, int result, const bool hooked)\n"
                 "{\n"
                 "    if (result >= RAISE)\n"
                 "        result = raise_at(m, result - RAISE, at, hooked);\n"
                 "    if (result == STOP_BLOCKED || result == STOP_CLOSED || result == STOP_FAULT)\n"
                 "        m->%.*s = at;\n"
                 "    if (result != STOP_BLOCKED && result != STOP_CLOSED)\n"
                 "        m->instructions++;\n"
                 "    if (m->looks) {\n"
                 "        m->looks = 0;\n"
                 "        if (result == GO_ON && m->attention)\n"
                 "            result = STOP_ATTENTION;\n"
                 "    }\n"
                 "    if (result == STOP_ATTENTION)\n"
                 "        m->attention = 0;\n"
                 "    return result;\n"
                 "}\n\n",
                 out->type, TEXT(pc));
    write_format(out->w,
                 "static inline __attribute__((always_inline)) int step(%s *m, const bool hooked)\n"
                 "{\n"
                 "    const uint16_t at = m->%.*s;\n"
                 "    %s word;\n"
                 "    int result = fetch(m, at, &word);\n"
                 "    if (result == GO_ON) {\n"
                 "        const bool is_refused = hooked && !%s_hook_step(m, at, word);\n"
                 "        m->%.*s = at + 1;\n"
                 "        result = is_refused ? %s : execute(m, word, hooked);\n"
                 "    }\n"
                 "    return finish(m, at, result, hooked);\n"
                 "}\n\n",
                 out->type, TEXT(pc), out->word, out->o->machine, TEXT(pc), refusal(out));
}

static void emit_exports(Out *out)
{
    const char *p = out->o->prefix;
    write_format(out->w,
                 "int %s_step(%s *m)\n{\n    return step(m, false);\n}\n\n"
                 "Stop %s_raise(%s *m, int exception, uint16_t at)\n"
                 "{\n"
                 "    const int result = raise_at(m, exception, at, false);\n"
                 "    return result == GO_ON ? STOP_BUDGET : (Stop)result;\n"
                 "}\n\n",
                 p, out->type, p, out->type);
    if (out->isa->traps)
        write_format(out->w,
                     "int %s_trap(%s *m, uint16_t vector)\n"
                     "{\n"
                     "    const %s at = m->%.*s - 1;\n"
                     "    m->looks = 0;\n"
                     "    return finish(m, at, trap(m, m->%.*s[at], vector, false), false);\n"
                     "}\n\n",
                     p, out->type, c_type(out->isa->pc->type), TEXT(out->isa->pc->name),
                     TEXT(exec_mem(out->isa)->name));
    write_format(out->w,
                 "void %s_interrupt(%s *m, int exception)\n"
                 "{\n"
                 "    const uint16_t at = m->%.*s;\n"
                 "    const int result = handle(m, exception, false);\n"
                 "    if (result >= RAISE)\n"
                 "        fault(m, result - RAISE, at);\n"
                 "    m->looks = 0;\n"
                 "}\n\n"
                 "Stop %s_run_hooked(%s *m, uint64_t budget)\n"
                 "{\n"
                 "    const uint64_t deadline = m->deadline = m->instructions + budget;\n"
                 "    while (m->instructions != deadline) {\n"
                 "        const int result = step(m, true);\n"
                 "        if (result != GO_ON)\n"
                 "            return (Stop)result;\n"
                 "    }\n"
                 "    return STOP_BUDGET;\n"
                 "}\n",
                 p, out->type, TEXT(out->isa->pc->name), p, out->type);
}

void emit_semantics_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Out out = { .isa = isa, .o = options, .w = w };
    out.type = state_type(&out.arena, options);
    out.word = c_type(exec_mem(isa)->type);
    emit_banner(w, options, "What the machine does, over a state at rest: one dialect, complete and plain.");
    write_format(w, "#include \"%s_state.h\"\n\n", options->machine);
    emit_quiet_pragmas(w);
    emit_dialect_prototypes(options, options->prefix, w);
    emit_shared_c(isa, options, w);
    write_text(w,
                 "// What a function says: GO_ON, a Stop, or RAISE + the exception that the instruction raises.\n"
                 "enum { RAISE = 0x100 };\n\n"
                 "#define TRY(what)                \\\n"
                 "    do {                         \\\n"
                 "        const int said = (what); \\\n"
                 "        if (said != GO_ON)       \\\n"
                 "            return said;         \\\n"
                 "    } while (0)\n\n");
    emit_guard(&out);
    emit_is_device(&out);
    emit_access(&out);
    emit_procs(&out);
    emit_exceptions(&out);
    emit_traps(&out);
    for (size_t i = 0; i < isa->forms.count; i++)
        emit_form(&out, isa->forms.at[i]);
    emit_execute(&out);
    emit_step(&out);
    emit_exports(&out);
    arena_free(&out.arena);
}
