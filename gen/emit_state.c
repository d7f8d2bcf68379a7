// emit_state.c -- lc3_state.h: the machine as a C struct, and what hand-written
// and generated code call in each other.
#include "emit_c.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>

#include "headers.h"

const char *state_type(Arena *a, const EmitOptions *options)
{
    char *name = arena_format(a, "%sState", options->machine);
    name[0] = (char)toupper((unsigned char)name[0]);
    return name;
}

const char *upper_name(Arena *a, const char *name)
{
    char *upper = arena_format(a, "%s", name);
    for (char *c = upper; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return upper;
}

const Mem *exec_mem(const Isa *isa)
{
    for (size_t i = 0; i < isa->mems.count; i++)
        if (isa->mems.at[i]->is_exec)
            return isa->mems.at[i];
    assert(!"check asks for one memory that holds the program");
    return NULL;
}

static uint64_t vector_count(const Isa *isa)
{
    return isa->traps ? 1ull << (isa->traps->field->hi - isa->traps->field->lo + 1) : 1;
}

static void emit_exceptions(const Isa *isa, Arena *a, const char *upper, Writer *w)
{
    write_text(w, "// Exceptions and interrupts, in the description's order.\nenum {\n");
    for (size_t i = 0; i < isa->exceptions.count; i++) {
        const Exception *e = isa->exceptions.at[i];
        write_format(w, "    %s_EXC_%s, // ", upper, upper_name(a, arena_copy(a, e->name.at, e->name.len)));
        if (e->has_vector)
            write_format(w, "x%04" PRIX64 " ", e->vector);
        write_format(w, "%.*s\n", TEXT(e->title));
    }
    write_format(w, "    %s_EXC_COUNT\n};\n\n", upper);
}

static void emit_registers(const Isa *isa, Writer *w)
{
    for (size_t i = 0; i < isa->regs.count; i++)
        write_format(w, "    %s %.*s[%d];\n", c_type(isa->regs.at[i]->type), TEXT(isa->regs.at[i]->name),
                     isa->regs.at[i]->count);
    for (size_t i = 0; i < isa->reg.count; i++) {
        const Reg *r = isa->reg.at[i];
        write_format(w, "    %s %.*s;", c_type(r->type), TEXT(r->name));
        for (size_t k = 0; k < isa->lazies.count; k++)
            if (isa->lazies.at[k]->at == r)
                write_format(w, " // at rest with %.*s in [%d:%d]", TEXT(isa->lazies.at[k]->name),
                             isa->lazies.at[k]->at_hi, isa->lazies.at[k]->at_lo);
        write_text(w, "\n");
    }
}

HostPath host_path(const TrapEntry *entry)
{
    for (size_t i = 0; i < entry->attrs.count; i++)
        if (text_is(entry->attrs.at[i].text, "push"))
            return HOST_PUSHES;
        else if (text_is(entry->attrs.at[i].text, "pop"))
            return HOST_POPS;
    return HOST_CALLED;
}

bool has_host_path(const Isa *isa)
{
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++)
        if (host_path(isa->traps->list.at[i]) != HOST_CALLED)
            return true;
    return false;
}

static void emit_struct(const Isa *isa, const EmitOptions *o, Arena *a, const char *upper, Writer *w)
{
    const char *type = state_type(a, o);
    const Mem *mem = exec_mem(isa);
    write_format(w, "typedef struct %s {\n", type);
    emit_registers(isa, w);
    write_format(w,
                 "    uint8_t attention; // set by device and host functions: the engine leaves after this instruction\n"
                 "                       // with STOP_ATTENTION and clears it.  Looked at after every access to a\n"
                 "                       // device, every host call and every instruction that writes a whole status\n"
                 "                       // register; it may stay set until then.\n"
                 "    uint8_t looks;     // the engine's own: this instruction did one of these\n"
                 "    uint8_t raised;    // the exception of a HOST_RAISE\n"
                 "    uint16_t stored;   // the engine's own: where a store hit code\n"
                 "    uint8_t unhandled[%s_EXC_COUNT]; // 1: raising it stops with STOP_FAULT\n"
                 "    uint8_t native[%" PRIu64 "]; // by trap vector: 1 = its native body may run, 0 = `otherwise`\n"
                 "    uint64_t traps[%" PRIu64 "]; // by trap vector: how many were executed; what has to be tried again\n"
                 "                         // does not count\n"
                 "%s"
                 "    Fault fault;\n"
                 "    uint64_t instructions; // completed since the start; exact at every return and in every call of a\n"
                 "                           // host or device function, where the instruction that calls is not counted\n"
                 "    uint64_t deadline;     // the engine's own: what `instructions` is when the budget is used up\n"
                 "    %s *%.*s;           // %" PRIu64 " words\n"
                 "    uint8_t *code;         // by address: CODE_... ; every store looks at it\n"
                 "    uint64_t *decoded;     // %" PRIu64 " entries, zero = not decoded; one engine's own: zero all of\n"
                 "                           // them before another engine runs this state\n"
                 "} %s;\n\n",
                 upper, vector_count(isa), vector_count(isa),
                 has_host_path(isa) ? "    struct Ring *push_ring, *pop_ring; // of port 0 (ring.h): engines push and pop there in line; NULL:\n"
                                      "                                       // the native body does it\n"
                                    : "",
                 c_type(mem->type), TEXT(mem->name), mem->count,
                 mem->count + 1, type);
}

static void emit_hosts(const Isa *isa, const EmitOptions *o, Arena *a, Writer *w)
{
    if (!isa->traps)
        return;
    write_text(w, "// Native bodies of traps.  What goes in comes by value, what comes out by pointer; the outs are\n"
                  "// used only after HOST_DONE, HOST_HALT and HOST_ATTENTION.\n");
    for (size_t i = 0; i < isa->traps->list.count; i++) {
        const TrapEntry *t = isa->traps->list.at[i];
        if (!t->is_host)
            continue;
        write_format(w, "HostStatus %s_host_%.*s(%s *m", o->machine, TEXT(t->name), state_type(a, o));
        for (size_t k = 0; k < t->in.count; k++)
            write_format(w, ", %s in%zu", c_type(t->in.at[k]->type), k);
        for (size_t k = 0; k < t->out.count; k++)
            write_format(w, ", %s *out%zu", c_type(t->out.at[k]->type), k);
        write_format(w, "); // x%02" PRIX64 " %.*s\n", t->vector, TEXT(t->title));
    }
    write_text(w, "\n");
}

// ------------------------------------------------------------------ modules

static void write_type(Writer *w, const ExprList *in, const ExprList *out)
{
    write_text(w, "\"(");
    for (size_t i = 0; i < in->count; i++)
        write_format(w, "%s%d", i ? ", " : "", in->at[i]->type.width);
    write_text(w, ")");
    for (size_t i = 0; i < out->count; i++)
        write_format(w, "%s%d", i ? ", " : " -> ", out->at[i]->type.width);
    write_text(w, "\"");
}

static void emit_host_entry(const TrapEntry *t, const char *type, Writer *w)
{
    write_format(w, " \\\n    X(HostStatus, return, host_%.*s, ", TEXT(t->name));
    write_type(w, &t->in, &t->out);
    write_format(w, ", (%s *m", type);
    for (size_t k = 0; k < t->in.count; k++)
        write_format(w, ", %s in%zu", c_type(t->in.at[k]->type), k);
    for (size_t k = 0; k < t->out.count; k++)
        write_format(w, ", %s *out%zu", c_type(t->out.at[k]->type), k);
    write_text(w, "), (m");
    for (size_t k = 0; k < t->in.count; k++)
        write_format(w, ", in%zu", k);
    for (size_t k = 0; k < t->out.count; k++)
        write_format(w, ", out%zu", k);
    write_text(w, "))");
}

// Everything above once more, for modules: X(result, return or nothing, name, type, parameters, arguments).
static void emit_runtime_list(const Isa *isa, const EmitOptions *o, Arena *a, const char *upper, Writer *w)
{
    const char *t = state_type(a, o), *word = c_type(exec_mem(isa)->type);
    write_format(w,
                 "// The same as a list, for modules and those who run them:\n"
                 "// X(result, `return` or nothing, name, type in words, parameters, arguments)\n"
                 "#define %s_RUNTIME(X) \\\n"
                 "    X(%s, return, device_read, \"(address) -> word\", (%s *m, uint16_t address), (m, address)) \\\n"
                 "    X(void, , device_write, \"(address, word)\", (%s *m, uint16_t address, %s value), (m, address, value)) \\\n"
                 "    X(void, , code_changed, \"(address)\", (%s *m, uint16_t address), (m, address)) \\\n"
                 "    X(bool, return, hook_step, \"(at, word) -> bool\", (%s *m, uint16_t at, %s word), (m, at, word)) \\\n"
                 "    X(void, , hook_load, \"(address)\", (%s *m, uint16_t address), (m, address)) \\\n"
                 "    X(void, , hook_store, \"(address, word)\", (%s *m, uint16_t address, %s value), (m, address, value))",
                 upper, word, t, t, word, t, t, word, t, t, word);
    for (size_t i = 0; isa->traps && i < isa->traps->list.count; i++)
        if (isa->traps->list.at[i]->is_host)
            emit_host_entry(isa->traps->list.at[i], t, w);
    write_text(w, "\n\n");
}

// What the runtime takes for granted of a machine, a word for each part.
static void write_shape(const Isa *isa, Writer *w)
{
    for (size_t i = 0; i < isa->regs.count; i++)
        write_format(w, "%.*s[%d]:%d ", TEXT(isa->regs.at[i]->name), isa->regs.at[i]->count,
                     isa->regs.at[i]->type.width);
    for (size_t i = 0; i < isa->reg.count; i++)
        write_format(w, "%.*s:%d ", TEXT(isa->reg.at[i]->name), isa->reg.at[i]->type.width);
    for (size_t i = 0; i < isa->lazies.count; i++)
        write_format(w, "%.*s=%.*s[%d:%d] ", TEXT(isa->lazies.at[i]->name), TEXT(isa->lazies.at[i]->at->name),
                     isa->lazies.at[i]->at_hi, isa->lazies.at[i]->at_lo);
    const Mem *mem = exec_mem(isa);
    for (size_t i = 0; i < mem->regions.count; i++)
        write_format(w, "%.*s:x%04" PRIX64 "..x%04" PRIX64 " ", TEXT(mem->regions.at[i].name),
                     mem->regions.at[i].first, mem->regions.at[i].last);
    for (size_t i = 0; i < isa->exceptions.count; i++)
        write_format(w, "%.*s@x%04" PRIX64 " ", TEXT(isa->exceptions.at[i]->name), isa->exceptions.at[i]->vector);
    write_format(w, "traps:%" PRIu64, vector_count(isa));
}

// A number that is the same for two machines only when code for one may run the state of the other.
static uint64_t layout_hash(const Isa *isa, const EmitOptions *o, Arena *a)
{
    Writer w = { 0 };
    EmitOptions plain = *o;
    plain.machine = "machine";
    emit_struct(isa, &plain, a, "MACHINE", &w);
    write_shape(isa, &w);
    const uint64_t hash = hash_bytes(headers_version(), w.at, w.len);
    writer_free(&w);
    return hash;
}

static void emit_shape(const Isa *isa, const EmitOptions *o, Arena *a, const char *upper, Writer *w)
{
    write_format(w, "#define %s_LAYOUT UINT64_C(0x%016" PRIX64 ")\n#define %s_SHAPE \"", upper,
                 layout_hash(isa, o, a), upper);
    write_shape(isa, w);
    write_text(w, "\"\n\n");
}

static void emit_runtime_side(const Isa *isa, const EmitOptions *o, Arena *a, Writer *w)
{
    const char *type = state_type(a, o), *word = c_type(exec_mem(isa)->type);
    const char *p = o->machine;
    write_format(w,
                 "// ------------------------------------------ written by hand, called by generated code\n\n"
                 "// The state is at rest in all of these, and engines read it anew afterwards.\n"
                 "%s %s_device_read(%s *m, uint16_t address);\n"
                 "void %s_device_write(%s *m, uint16_t address, %s value);\n"
                 "// After a store to a word with code[address] != 0; registers may not be at rest here.  Calls\n"
                 "// %s_..._forget when CODE_DECODED is set.\n"
                 "void %s_code_changed(%s *m, uint16_t address);\n"
                 "// Only by ..._run_hooked: before an instruction runs (the pc is still at it), and before a load or\n"
                 "// store that no guard forbids.  A word for which the first one returns false is treated as reserved.\n"
                 "bool %s_hook_step(%s *m, uint16_t at, %s word);\n"
                 "void %s_hook_load(%s *m, uint16_t address);\n"
                 "void %s_hook_store(%s *m, uint16_t address, %s value);\n\n",
                 word, p, type, p, type, word, p, p, type, p, type, word, p, type, p, type, word);
    emit_hosts(isa, o, a, w);
    emit_runtime_list(isa, o, a, upper_name(a, p), w);
}

void emit_dialect_prototypes(const EmitOptions *o, const char *prefix, Writer *w)
{
    Arena a = { 0 };
    const char *type = state_type(&a, o);
    write_format(w, "int %s_guard(const %s *m, uint16_t address);\n", prefix, type);
    write_format(w, "int %s_step(%s *m);\n", prefix, type);
    write_format(w, "int %s_trap(%s *m, uint16_t vector);\n", prefix, type);
    write_format(w, "Stop %s_raise(%s *m, int exception, uint16_t at);\n", prefix, type);
    write_format(w, "void %s_interrupt(%s *m, int exception);\n", prefix, type);
    write_format(w, "void %s_forget(%s *m, uint16_t address);\n", prefix, type);
    write_format(w, "Stop %s_run_hooked(%s *m, uint64_t budget);\n", prefix, type);
    char *engine = arena_format(&a, "%sEngine", o->machine);
    engine[0] = (char)toupper((unsigned char)engine[0]);
    write_format(w, "extern const %s %s_engines[];\nextern const int %s_engine_count;\n\n", engine, prefix, prefix);
    arena_free(&a);
}

static void emit_generated_side(const Isa *isa, const EmitOptions *o, Arena *a, const char *upper, Writer *w)
{
    const char *type = state_type(a, o);
    char *engine = arena_format(a, "%sEngine", o->machine);
    engine[0] = (char)toupper((unsigned char)engine[0]);
    write_format(w,
                 "// ------------------------------------------------------ generated, per dialect\n\n"
                 "// run: at most `budget` instructions from a state at rest, to a state at rest.\n"
                 "typedef struct {\n"
                 "    const char *dispatch, *decode, *flags; // \"tail\", \"addr\", \"lazy\"\n"
                 "    bool fused;\n"
                 "    Stop (*run)(%s *m, uint64_t budget);\n"
                 "} %s;\n\n"
                 "// ..._guard      the exception that an access by the running program would raise, or -1.\n"
                 "// ..._step       one instruction, the plain way: %s_GO_ON, or why to stop.\n"
                 "// ..._trap       the rest of a trap instruction that was fetched already: pc is after it.\n"
                 "// ..._raise      what an engine does when the instruction at `at` raises: STOP_FAULT when nobody\n"
                 "//                handles it, else its handler is entered and STOP_BUDGET says: go on.\n"
                 "// ..._interrupt  enters the handler now, between two instructions.\n"
                 "// ..._forget     drops what is decoded from this word, its neighbours' fused pairs included.\n"
                 "// ..._run_hooked as an engine, with the hooks called.\n"
                 "// ..._engines    the default comes first.\n"
                 "enum { %s_GO_ON = -1 };\n\n",
                 type, engine, upper, upper);
    for (size_t i = 0; i < isa->dialects.count; i++)
        emit_dialect_prototypes(o, arena_format(a, "%s_%.*s", o->machine, TEXT(isa->dialects.at[i].name)), w);
    if (!isa->dialects.count)
        emit_dialect_prototypes(o, o->machine, w);
}

void emit_state_h(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena arena = { 0 };
    const char *upper = upper_name(&arena, options->machine);
    emit_banner(w, options, "The machine's state, and the functions by which hand-written and generated code meet.");
    write_format(w, "#ifndef %s_STATE_H\n#define %s_STATE_H\n\n#include \"engine.h\"\n\n", upper, upper);
    emit_exceptions(isa, &arena, upper, w);
    emit_struct(isa, options, &arena, upper, w);
    emit_shape(isa, options, &arena, upper, w);
    emit_runtime_side(isa, options, &arena, w);
    emit_generated_side(isa, options, &arena, upper, w);
    write_text(w, "#endif\n");
    arena_free(&arena);
}
