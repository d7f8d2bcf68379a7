// emit_interp.c -- interpreters: one emitter, every strategy.
#include "emit_interp.h"

#include <ctype.h>
#include <inttypes.h>

static const char *decode_name(Decode d)
{
    return d == DECODE_RAW ? "raw" : d == DECODE_WORD ? "word" : "addr";
}

static const char *dispatch_name(Dispatch d)
{
    return d == DISPATCH_SWITCH ? "switch" : d == DISPATCH_GOTO ? "goto" : "tail";
}

// ----------------------------------------------------------- what engines share

static void emit_lazy_tables(Interp *out)
{
    for (size_t i = 0; i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        const uint64_t count = type_mask(z->type) + 1;
        write_format(out->w, "// An argument for which fn_%.*s gives this %.*s, or -1.\nstatic const int64_t argument_%.*s[%" PRIu64
                     "] = {", TEXT(z->fn->name), TEXT(z->name), TEXT(z->name), count);
        for (uint64_t v = 0; v < count; v++)
            write_format(out->w, "%s%" PRId64, v ? ", " : " ", z->inverse[v]);
        write_text(out->w, " };\n\n");
    }
    write_format(out->w, "// Whether the lazy engines can stand for this state.\nstatic bool is_settled(const %s *m)\n{\n    return ",
                 out->type);
    for (size_t i = 0; i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        write_format(out->w, "%sargument_%.*s[%s] >= 0", i ? " && " : "", TEXT(z->name), rest_bits(&out->arena, z));
    }
    write_text(out->w, ";\n}\n\n");
    write_format(out->w,
                 "// Runs the plain way until they can.\n"
                 "static int settle(%s *m)\n"
                 "{\n"
                 "    int result = GO_ON;\n"
                 "    while (result == GO_ON && !is_settled(m))\n"
                 "        result = m->instructions == m->deadline ? STOP_BUDGET : %s_step(m);\n"
                 "    return result;\n"
                 "}\n\n",
                 out->type, out->o->prefix);
}

static bool uses_lazy(const Interp *out)
{
    return (out->o->flags & FLAGS_LAZY) && out->isa->lazies.count;
}

static void emit_preamble(Interp *out)
{
    emit_banner(out->w, out->o, "Interpreters of one dialect.");
    write_format(out->w, "#include \"%s_state.h\"\n%s\n", out->o->machine,
                 has_host_path(out->isa) ? "\n#include \"ring.h\"\n" : "");
    emit_quiet_pragmas(out->w);
    emit_dialect_prototypes(out->o, out->o->prefix, out->w);
    emit_shared_c(out->isa, out->o, out->w);
    write_text(out->w,
                 "#define UNLIKELY(x) __builtin_expect(!!(x), 0)\n\n"
                 "// Tail calls need a compiler that promises them, and registers enough to pass all of the engine in.\n"
                 "#if defined __has_attribute\n"
                 "#if __has_attribute(musttail) && __has_attribute(preserve_none) && defined __x86_64__\n"
                 "#define HAS_TAIL 1\n"
                 "#endif\n"
                 "#endif\n\n");
}

// ------------------------------------------------------------ the engine table

typedef struct { Dispatch dispatch; Decode decode; bool lazy, fused; const char *name; } Choice;
typedef LIST(Choice) ChoiceList;

static void emit_run(Interp *out, const Choice *c)
{
    if (c->dispatch == DISPATCH_TAIL)
        write_text(out->w, "#ifdef HAS_TAIL\n");
    write_format(out->w, "static Stop run_%s(%s *m, uint64_t budget)\n{\n    m->deadline = m->instructions + budget;\n", c->name,
                 out->type);
    if (c->lazy)
        write_format(out->w,
                     "    for (;;) { // until the engine has more to say than that a lazy value is odd\n"
                     "        int result = settle(m);\n"
                     "        if (result == GO_ON)\n"
                     "            result = %s(m);\n"
                     "        if (result != GO_ON)\n"
                     "            return (Stop)result;\n"
                     "    }\n", c->name);
    else
        write_format(out->w, "    return (Stop)%s(m);\n", c->name);
    write_text(out->w, "}\n");
    write_text(out->w, c->dispatch == DISPATCH_TAIL ? "#endif\n\n" : "\n");
}

static void emit_choice(Interp *out, const Choice *c)
{
    if (c->dispatch == DISPATCH_TAIL)
        write_text(out->w, "#ifdef HAS_TAIL\n");
    write_format(out->w, "    { \"%s\", \"%s\", \"%s\", %s, run_%s },\n", dispatch_name(c->dispatch), decode_name(c->decode),
                 c->lazy ? "lazy" : "eager", c->fused ? "true" : "false", c->name);
    if (c->dispatch == DISPATCH_TAIL)
        write_text(out->w, "#endif\n");
}

// Measured on the benchmarks: the best that the compiler can make comes first.
static int rank(const Choice *c)
{
    const int dispatch = c->dispatch == DISPATCH_TAIL ? 0 : c->dispatch == DISPATCH_GOTO ? 1 : 2;
    const int decode = c->decode == DECODE_ADDR ? 0 : c->decode == DECODE_WORD ? 1 : 2;
    return dispatch * 12 + decode * 4 + (c->lazy ? 0 : 2) + (c->fused ? 0 : 1);
}

static void add_choice(Interp *out, ChoiceList *list, Dispatch dispatch, Decode decode, bool lazy, bool fused)
{
    const char *name = arena_format(&out->arena, "%s_%s_%s%s", dispatch_name(dispatch), decode_name(decode),
                                    lazy ? "lazy" : "eager", fused ? "_fused" : "");
    const Choice c = { dispatch, decode, lazy, fused, name };
    LIST_ADD(&out->arena, list, c);
    for (size_t i = list->count - 1; i > 0 && rank(&list->at[i]) < rank(&list->at[i - 1]); i--) {
        const Choice swap = list->at[i];
        list->at[i] = list->at[i - 1];
        list->at[i - 1] = swap;
    }
}

static bool has_super(Interp *out, Decode decode)
{
    if (decode == DECODE_RAW)
        return false;
    plan_entries(out, decode);
    return out->supers.count > 0;
}

static ChoiceList choose(Interp *out)
{
    ChoiceList list = { 0 };
    const EmitOptions *o = out->o;
    for (Decode decode = DECODE_RAW; decode <= DECODE_ADDR; decode <<= 1) {
        if (!(o->decode & decode))
            continue;
        const bool super = has_super(out, decode);
        for (Dispatch dispatch = DISPATCH_SWITCH; dispatch <= DISPATCH_TAIL; dispatch <<= 1)
            for (Flags flags = FLAGS_EAGER; flags <= FLAGS_LAZY; flags <<= 1) {
                if (!(o->dispatch & dispatch) || !(o->flags & flags))
                    continue;
                const bool lazy = flags == FLAGS_LAZY && out->isa->lazies.count > 0;
                if (flags == FLAGS_LAZY && !lazy)
                    continue;
                add_choice(out, &list, dispatch, decode, lazy, false);
                if (super)
                    add_choice(out, &list, dispatch, decode, lazy, true);
            }
    }
    return list;
}

static void emit_choice_engine(Interp *out, const Choice *c)
{
    write_format(out->w, "// ------------------------------------------------ %s\n\n", c->name);
    plan_entries(out, c->decode);
    out->dispatch = c->dispatch;
    out->lazy = c->lazy;
    out->fused = c->fused;
    out->engine = c->name;
    emit_engine(out);
}

static void emit_table(Interp *out, const ChoiceList *list)
{
    for (size_t i = 0; i < list->count; i++)
        emit_run(out, &list->at[i]);
    char *engine = arena_format(&out->arena, "%sEngine", out->o->machine);
    engine[0] = (char)toupper((unsigned char)engine[0]);
    write_format(out->w, "const %s %s_engines[] = {\n", engine, out->o->prefix);
    for (size_t i = 0; i < list->count; i++)
        emit_choice(out, &list->at[i]);
    write_format(out->w, "};\nconst int %s_engine_count = sizeof %s_engines / sizeof *%s_engines;\n", out->o->prefix,
                 out->o->prefix, out->o->prefix);
}

void emit_interp_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Interp out = { .isa = isa, .o = options, .w = w, .primary = primary_bits(isa) };
    out.type = state_type(&out.arena, options);
    out.word = c_type(exec_mem(isa)->type);
    out.mem = arena_copy(&out.arena, exec_mem(isa)->name.at, exec_mem(isa)->name.len);
    out.at = c_type(isa->pc->type);
    out.pc = arena_copy(&out.arena, isa->pc->name.at, isa->pc->name.len);
    emit_preamble(&out);
    if (uses_lazy(&out))
        emit_lazy_tables(&out);
    if (options->decode & (DECODE_WORD | DECODE_ADDR))
        emit_place(&out);
    for (Decode d = DECODE_WORD; d <= DECODE_ADDR; d <<= 1)
        if (options->decode & d)
            emit_decoding(&out, d);
    emit_forget(&out);
    const ChoiceList choices = choose(&out);
    for (size_t i = 0; i < choices.count; i++)
        emit_choice_engine(&out, &choices.at[i]);
    emit_table(&out, &choices);
    arena_free(&out.arena);
}
