// The interpreters of a stack machine.
#include "emit.h"

#include <string.h>

#include "emit_stack_body.h"

#define F(...) arena_format(arena, __VA_ARGS__)

// ---------------------------------------------------------------- the words

// All words by number: operations, literals, the label, the end, superinstructions.
typedef struct {
    const Isa *isa;
    const EmitOptions *options;
    Arena *arena;
    Writer *w;
    int ops, variants, count;
} Words;

static Words words_of(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w)
{
    Words s = { isa, options, arena, w, (int)isa->insns.count, (int)isa->variants.count, 0 };
    s.count = s.ops + s.variants + 2 + (int)isa->fuses.count;
    return s;
}

bool fuse_is_chosen(const EmitOptions *options, const Fuse *fuse)
{
    if (!options->fuse)
        return false;
    for (size_t i = 0; i < options->fuses.count; i++)
        if (text_same(options->fuses.at[i], fuse->name))
            return true;
    return options->fuses.count == 0;
}

// The parts of a word; 0: only the exact way does it.
static int parts_of(const Words *s, int word, StackPart *parts)
{
    const Isa *isa = s->isa;
    parts[0] = (StackPart){ word, NULL, -1 };
    if (word < s->ops) {
        parts[0].insn = isa->insns.at[word];
        return sbody_is_plain(parts[0].insn);
    }
    if (word < s->ops + s->variants) {
        parts[0].tag = word - s->ops;
        return 1;
    }
    if (word == s->ops + s->variants)
        return 1;
    if (word == s->ops + s->variants + 1)
        return 0;
    const Fuse *fuse = isa->fuses.at[word - s->ops - s->variants - 2];
    if (!fuse_is_chosen(s->options, fuse))
        return 0;
    for (size_t i = 0; i < fuse->parts.count; i++) {
        const FusePart *p = &fuse->parts.at[i];
        parts[i] =
            (StackPart){ stack_part_word(isa, p), p->insn_target, p->is_literal ? p->literal_tag : -1 };
        if (parts[i].insn && !sbody_is_plain(parts[i].insn))
            return 0;
    }
    return (int)fuse->parts.count;
}

static const char *word_name(const Words *s, int word)
{
    Arena *arena = s->arena;
    const Isa *isa = s->isa;
    if (word < s->ops)
        return F("%.*s", TEXT(isa->insns.at[word]->name));
    if (word < s->ops + s->variants)
        return F("literal_%.*s", TEXT(isa->variants.at[word - s->ops].name));
    if (word == s->ops + s->variants)
        return "label";
    if (word == s->ops + s->variants + 1)
        return "end";
    return F("fuse_%.*s", TEXT(isa->fuses.at[word - s->ops - s->variants - 2]->name));
}

static void emit_word_origin(const Words *s, int word, int indent)
{
    const Isa *isa = s->isa;
    if (word < s->ops)
        emit_stack_origin(isa, s->options, isa->insns.at[word], s->arena, s->w, indent);
    else if (word > s->ops + s->variants + 1) {
        const Fuse *fuse = isa->fuses.at[word - s->ops - s->variants - 2];
        write_format(s->w, "%*s// %s:%u  ", indent, "", s->options->source, source_place(isa->source, fuse->span.begin).line);
        for (size_t i = 0; i < fuse->parts.count; i++) {
            const FusePart *p = &fuse->parts.at[i];
            write_format(s->w, "%s%.*s", i ? " " : "", TEXT(p->is_literal ? p->form : p->insn));
        }
        write_text(s->w, "\n");
    }
}

static int most_parts(const Isa *isa)
{
    size_t most = 1;
    for (size_t i = 0; i < isa->fuses.count; i++)
        if (isa->fuses.at[i]->parts.count > most)
            most = isa->fuses.at[i]->parts.count;
    return (int)most;
}

// -------------------------------------------------------------- strategies

// Runs step by step until a straight line can no more pass a limit.
static void emit_settle(const EmitOptions *options, Writer *w)
{
    write_format(
        w,
        "// ---------------------------------------------------------------------- interpreters\n"
        "//\n"
        "// credit - (pc - slots) is what is left of the budget.  It and the stack's depth are\n"
        "// looked at where control jumps: between two jumps neither can run out.\n\n"
        "// Goes on exactly, one operation at a time, until the fast way is safe again.\n"
        "static int settle(StackMachine *m)\n{\n"
        "    while (!stack_is_easy(m)) {\n"
        "        if (m->instructions == m->end)\n            return STOP_BUDGET;\n"
        "        const int stop = %s_step(m);\n"
        "        if (stop != STACK_GO_ON)\n            return stop;\n    }\n    return STACK_GO_ON;\n}\n\n"
        "static void begin(StackMachine *m, uint64_t budget)\n{\n"
        "    const uint64_t most = INT64_MAX / 2; // so that a credit never overflows\n"
        "    m->end = budget > most - m->instructions ? most : m->instructions + budget;\n}\n\n"
        "// Puts everything to rest with the pc at the operation, and does it exactly.\n"
        "static int leave(StackMachine *m, const StackSlot *pc, StackValue *sp, StackValue top, int64_t "
        "credit)\n{\n"
        "    *sp = top;\n    m->sp = sp + 1;\n    m->ip = pc - m->slots;\n"
        "    m->instructions = m->end - (uint64_t)(credit - m->ip);\n"
        "    const int stop = %s_step(m);\n"
        "    return stop == STACK_GO_ON ? settle(m) : stop;\n}\n\n"
        "// The same where the budget or the stack may run out: nothing is due.\n"
        "static int pause(StackMachine *m, const StackSlot *pc, StackValue *sp, StackValue top, int64_t "
        "credit)\n{\n"
        "    *sp = top;\n    m->sp = sp + 1;\n    m->ip = pc - m->slots;\n"
        "    m->instructions = m->end - (uint64_t)(credit - m->ip);\n"
        "    return settle(m);\n}\n\n",
        options->machine, options->machine);
}

static const char *const reload = "    sp = m->sp - 1;\n    top = *sp;\n    pc = m->slots + m->ip;\n"
                                  "    credit = (int64_t)(m->end - m->instructions) + m->ip;\n";

static const char *const jump_macro =
    "#define JUMP(words, to)                                                       \\\n"
    "    do {                                                                      \\\n"
    "        const int64_t left = credit - (pc + (words) - m->slots);              \\\n"
    "        pc = m->slots + (to);                                                 \\\n"
    "        credit = left + (to);                                                 \\\n"
    "        if (left <= m->count + 1 || sp >= m->high)                            \\\n"
    "            HARD;                                                             \\\n"
    "        DISPATCH;                                                             \\\n"
    "    } while (0)\n";

static void emit_loop(const Words *s, bool is_goto)
{
    Writer *w = s->w;
    const char *name = is_goto ? "goto" : "switch";
    StackPart parts[most_parts(s->isa)];
    if (is_goto) {
        write_text(w, "#define DISPATCH goto *(const void *)(uintptr_t)pc->run\n");
        write_text(w, "#define NEXT(words) do { pc += (words); DISPATCH; } while (0)\n");
    } else {
        write_text(
            w,
            "#define DISPATCH goto next\n#define NEXT(words) do { pc += (words); goto next; } while (0)\n");
    }
    write_text(w, "#define SLOW goto slow\n#define HARD goto hard\n");
    write_text(w, jump_macro);
    write_format(w, "\nstatic Stop run_%s(StackMachine *m, uint64_t budget)\n{\n", name);
    if (is_goto) {
        write_text(w, "    static const void *const handlers[] = {\n");
        for (int i = 0; i < s->count; i++)
            write_format(w, "        &&%s%s,\n", parts_of(s, i, parts) ? "op_" : "",
                         parts_of(s, i, parts) ? word_name(s, i) : "slow");
        write_text(w, "    };\n");
    }
    write_format(w,
                 "    if (m->prepared != (const void *)run_%s) {\n"
                 "        for (int64_t i = 0; i <= m->count; i++)\n            m->slots[i].run = %s;\n"
                 "        m->prepared = (const void *)run_%s;\n    }\n"
                 "    const StackSlot *pc;\n    StackValue *sp, top;\n    int64_t credit;\n"
                 "    begin(m, budget);\n    int stop = settle(m);\n"
                 "resume:\n    if (stop != STACK_GO_ON)\n        return (Stop)stop;\n%s",
                 name, is_goto ? "(uint64_t)(uintptr_t)handlers[m->fused[i]]" : "m->fused[i]", name, reload);
    write_text(w, is_goto ? "    DISPATCH;\n\n" : "next:\n    switch (pc->run) {\n");
    for (int i = 0; i < s->count; i++) {
        const int count = parts_of(s, i, parts);
        if (!count)
            continue;
        emit_word_origin(s, i, 4);
        if (is_goto)
            write_format(w, "op_%s: {\n", word_name(s, i));
        else
            write_format(w, "    case %d: { // %s\n", i, word_name(s, i));
        emit_stack_handler(s->isa, s->options, s->arena, w, parts, count, 8);
        write_text(w, "    }\n");
    }
    if (!is_goto)
        write_text(w, "    default:\n        goto slow;\n    }\n");
    write_text(w, "slow:\n    stop = leave(m, pc, sp, top, credit);\n    goto resume;\n"
                  "hard:\n    stop = pause(m, pc, sp, top, credit);\n    goto resume;\n}\n"
                  "#undef DISPATCH\n#undef NEXT\n#undef SLOW\n#undef HARD\n#undef JUMP\n\n");
}

static void emit_tail(const Words *s)
{
    Writer *w = s->w;
    StackPart parts[most_parts(s->isa)];
    write_text(w, "#if defined(__clang__) && defined(__has_attribute)\n#if "
                  "__has_attribute(musttail)\n#define HAS_TAIL 1\n#endif\n#endif\n\n"
                  "#ifdef HAS_TAIL\n"
                  "#define ARGUMENTS StackMachine *m, const StackSlot *pc, StackValue *sp, int64_t top_n, "
                  "uint64_t top_tag, int64_t credit\n"
                  "#define CONTINUE(handler) __attribute__((musttail)) return (handler)(m, pc, sp, top.n, "
                  "top.tag, credit)\n"
                  "typedef int Handler(ARGUMENTS);\n"
                  "#define DISPATCH CONTINUE((Handler *)(uintptr_t)pc->run)\n"
                  "#define NEXT(words) do { pc += (words); DISPATCH; } while (0)\n"
                  "#define SLOW CONTINUE(tail_slow)\n#define HARD CONTINUE(tail_hard)\n");
    write_text(w, jump_macro);
    write_text(w, "\n__attribute__((noinline)) static int tail_slow(ARGUMENTS)\n{\n"
                  "    StackValue top = { top_n, top_tag };\n"
                  "    const int stop = leave(m, pc, sp, top, credit);\n"
                  "    if (stop != STACK_GO_ON)\n        return stop;\n");
    write_text(w, reload);
    write_text(w, "    DISPATCH;\n}\n\n__attribute__((noinline)) static int tail_hard(ARGUMENTS)\n{\n"
                  "    StackValue top = { top_n, top_tag };\n"
                  "    const int stop = pause(m, pc, sp, top, credit);\n"
                  "    if (stop != STACK_GO_ON)\n        return stop;\n");
    write_text(w, reload);
    write_text(w, "    DISPATCH;\n}\n\n");
    for (int i = 0; i < s->count; i++) {
        const int count = parts_of(s, i, parts);
        if (!count)
            continue;
        emit_word_origin(s, i, 0);
        write_format(w, "static int tail_op_%s(ARGUMENTS)\n{\n    StackValue top = { top_n, top_tag };\n",
                     word_name(s, i));
        emit_stack_handler(s->isa, s->options, s->arena, w, parts, count, 4);
        write_text(w, "}\n\n");
    }
    write_text(w, "static Stop run_tail(StackMachine *m, uint64_t budget)\n{\n    static Handler *const "
                  "handlers[] = {\n");
    for (int i = 0; i < s->count; i++)
        write_format(w, "        tail_%s%s,\n", parts_of(s, i, parts) ? "op_" : "",
                     parts_of(s, i, parts) ? word_name(s, i) : "slow");
    write_text(w, "    };\n    if (m->prepared != (const void *)run_tail) {\n"
                  "        for (int64_t i = 0; i <= m->count; i++)\n"
                  "            m->slots[i].run = (uint64_t)(uintptr_t)handlers[m->fused[i]];\n"
                  "        m->prepared = (const void *)run_tail;\n    }\n"
                  "    begin(m, budget);\n    const int stop = settle(m);\n"
                  "    if (stop != STACK_GO_ON)\n        return (Stop)stop;\n"
                  "    const StackSlot *pc;\n    StackValue *sp, top;\n    int64_t credit;\n");
    write_text(w, reload);
    write_text(w, "    return (Stop)((Handler *)(uintptr_t)pc->run)(m, pc, sp, top.n, top.tag, credit);\n}\n"
                  "#undef DISPATCH\n#undef NEXT\n#undef SLOW\n#undef HARD\n#undef JUMP\n#endif\n\n");
}

static void emit_engines(const EmitOptions *options, Writer *w)
{
    const char *fused = options->fuse ? "true" : "false";
    write_text(w, "static const StackEngine engines[] = {\n");
    if (options->dispatch & DISPATCH_TAIL)
        write_format(w, "#ifdef HAS_TAIL\n    { \"tail\", %s, run_tail },\n#endif\n", fused);
    if (options->dispatch & DISPATCH_GOTO)
        write_format(w, "    { \"goto\", %s, run_goto },\n", fused);
    if (options->dispatch & DISPATCH_SWITCH)
        write_format(w, "    { \"switch\", %s, run_switch },\n", fused);
    write_format(w,
                 "};\n\nconst StackKind %s_kind = {\n    .table = &%s_table,\n    .step = %s_step,\n"
                 "    .engines = engines,\n    .engine_count = sizeof engines / sizeof *engines,\n};\n",
                 options->machine, options->machine, options->machine);
}

void emit_stack_machine_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena arena = { 0 };
    emit_banner(w, options, "The machine itself: one exact operation, and the interpreters over it.");
    write_format(w, "#include \"%s_machine.h\"\n\n", options->machine);
    write_text(w, "#pragma GCC diagnostic ignored \"-Wunused-function\"\n"
                  "#pragma GCC diagnostic ignored \"-Wunused-variable\"\n"
                  "#pragma GCC diagnostic ignored \"-Wunused-label\"\n\n");
    emit_stack_step(isa, options, &arena, w);
    emit_settle(options, w);
    const Words words = words_of(isa, options, &arena, w);
    if (options->dispatch & DISPATCH_SWITCH)
        emit_loop(&words, false);
    if (options->dispatch & DISPATCH_GOTO)
        emit_loop(&words, true);
    if (options->dispatch & DISPATCH_TAIL)
        emit_tail(&words);
    emit_engines(options, w);
    arena_free(&arena);
}
