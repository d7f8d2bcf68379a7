// The interpreters of a stack machine, and the one exact operation they all fall back on.
#include "emit.h"

#include <assert.h>
#include <string.h>

#include "emit_stack_body.h"

#define F(...) arena_format(arena, __VA_ARGS__)

// ------------------------------------------------------------------- exact

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

static void emit_origin_line(const Isa *isa, const EmitOptions *options, const Insn *insn, Arena *arena, Writer *w,
                             int indent)
{
    write_format(w, "%*s// %s:%u  %s (%s)\n", indent, "", options->source, line_of(isa, insn->span),
                 stack_unescape(arena, insn->spelling), stack_effect(isa, arena, insn));
}

static SBody body_of(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w, const Insn *insn, int indent)
{
    return (SBody){ .isa = isa, .options = options, .arena = arena, .w = w, .insn = insn, .indent = indent, .part = "" };
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

static void declare_outputs(SBody *b)
{
    for (size_t i = 0; b->insn->has_body && i < b->insn->outputs.count; i++) {
        const int tag = b->insn->output_tags.at[i];
        const char *name = sbody_name(b, b->insn->outputs.at[i]);
        sbody_line(b, "StackValue %s = { 0, %s };", name, tag >= 0 ? sbody_tag(b, tag) : "STACK_NONE");
    }
}

// The C name of what stands in the output's place.
static const char *output_name(const SBody *b, size_t i)
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
    SBody b = body_of(isa, options, arena, w, insn, 4);
    b.is_exact = true;
    emit_origin_line(isa, options, insn, arena, w, 4);
    sbody_line(&b, "case %d: {", insn->index);
    b.indent += 4;
    exact_inputs(&b);
    declare_outputs(&b);
    sbody_block(&b, &insn->body);
    const bool can_grow = insn->outputs.count > insn->inputs.count;
    for (size_t i = 0; i < insn->outputs.count; i++) {
        const char *name = output_name(&b, i);
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
    SBody b = body_of(isa, options, arena, w, NULL, 0);
    const Stack *s = stack_at(isa, 0);
    write_text(w,
               "// ------------------------------------------------------------- one operation, exactly\n\n"
               "static int wrong(StackMachine *m, int error, const char *want, const char *expr)\n{\n"
               "    const char *reason = m->fault.reason;\n"
               "    m->fault = (StackFault){ .error = error, .wanted = -1, .want = want, .expr = expr, .reason = reason };\n"
               "    return STOP_FAULT;\n}\n\n"
               "static int overflow(StackMachine *m, int stack)\n{\n");
    write_format(w,
                 "    const int at = wrong(m, %s_table.stacks[stack].overflow, \"\", \"\");\n"
                 "    m->fault.stack = stack;\n    return at;\n}\n\n",
                 options->machine);
    write_format(w,
                 "static bool take_any(StackMachine *m, StackValue *v, const char *want, const char *expr)\n{\n"
                 "    if (m->sp == m->base) {\n        wrong(m, %s, want, expr);\n        return false;\n    }\n"
                 "    *v = *--m->sp;\n    return true;\n}\n\n",
                 sbody_error(&b, s->underflow));
    write_format(w,
                 "static bool take(StackMachine *m, StackValue *v, uint64_t tag, const char *want, const char *expr)\n{\n"
                 "    if (!take_any(m, v, want, expr)) {\n        m->fault.wanted = (int)tag;\n        return false;\n    }\n"
                 "    if (v->tag == tag)\n        return true;\n"
                 "    wrong(m, %s, want, expr);\n    m->fault.wanted = (int)tag;\n    m->fault.has_found = true;\n"
                 "    m->fault.found = *v;\n    return false;\n}\n\n",
                 sbody_error(&b, s->mismatch));
    write_text(w, "static bool put(StackMachine *m, StackValue v)\n{\n    if (m->sp == m->limit) {\n"
                  "        overflow(m, 0);\n        return false;\n    }\n    *m->sp++ = v;\n    return true;\n}\n\n");
    write_format(w,
                 "static inline bool same(int64_t x, uint64_t x_tag, int64_t y, uint64_t y_tag)\n{\n"
                 "    return x_tag == y_tag && (x == y || (0x%llXu >> x_tag & 1 && stack_text_same(x, y)));\n}\n\n",
                 (unsigned long long)text_tags(isa));
}

static void emit_step(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w)
{
    const int ops = (int)isa->insns.count, variants = (int)isa->variants.count;
    emit_exact_helpers(isa, options, arena, w);
    write_text(w, "static int operate(StackMachine *m)\n{\n    switch (m->words[m->at]) {\n");
    for (int i = 0; i < ops; i++)
        emit_exact(isa, options, arena, isa->insns.at[i], w);
    for (int i = 0; i < variants; i++)
        write_format(w, "    case %d: // a literal %.*s\n"
                        "        return put(m, (StackValue){ m->slots[m->at].n, %d }) ? STACK_GO_ON : STOP_FAULT;\n",
                     ops + i, TEXT(isa->variants.at[i].name), i);
    write_text(w, "    default: // a label\n        return STACK_GO_ON;\n    }\n}\n\n");
    write_format(w, "int %s_step(StackMachine *m)\n{\n", options->machine);
    if (makes_texts(isa))
        write_text(w, "    if (m->garbage > m->garbage_limit)\n        stack_machine_collect(m);\n");
    write_format(w,
                 "    if (m->ip == m->count) {\n        m->exit_code = %d;\n        return STOP_HALT;\n    }\n"
                 "    if (m->ip < 0 || m->ip > m->count)\n        return wrong(m, %s, \"\", \"\");\n"
                 "    m->at = m->ip++;\n    m->instructions++;\n    return operate(m);\n}\n\n",
                 isa->code->halt,
                 sbody_error(&(SBody){ .isa = isa, .options = options, .arena = arena }, isa->code->beyond));
}

// -------------------------------------------------------------------- fast
//
// A handler takes what its words need, looks at all of it, computes, and only then
// changes anything.  `top` is the top of the stack, sp[0] its place, sp[-1] below it.

typedef struct {
    const char *name; // the C variable that holds the value
    int slot;         // where it stands already, counted from the top; -1 nowhere
} Held;

typedef struct {
    const Isa *isa;
    const EmitOptions *options;
    Arena *arena;
    Writer *w;
    SBody body;
    LIST(Held) held; // values above what is left of the machine's stack, bottom first
    int taken;       // values taken from the machine's stack
    int deepest;     // that some run of this handler takes, from a first run
    const char *jump;
    const char *pushed[5];
    bool popped[5];
} Fast;

typedef struct {
    int word;
    const Insn *insn; // or NULL: a literal of `tag`, a label, the end
    int tag;
} Part;

static Held take_held(Fast *f, const Local *as, int tag)
{
    Arena *arena = f->arena;
    SBody *b = &f->body;
    const char *name = sbody_name(b, as);
    Held h = { name, -1 };
    if (f->held.count) {
        const Held from = f->held.at[--f->held.count];
        sbody_line(b, "const StackValue %s = %s;", name, from.name);
        h.slot = from.slot;
    } else {
        h.slot = f->taken++;
        sbody_line(b, "const StackValue %s = %s;", name, h.slot ? F("sp[-%d]", h.slot) : "top");
        if (tag < 0 && f->taken == f->deepest) {
            sbody_line(b, "if (%s.tag == STACK_NONE)", name);
            sbody_line(b, "    SLOW;");
        }
    }
    if (tag >= 0) {
        sbody_line(b, "if (%s.tag != %s)", name, sbody_tag(b, tag));
        sbody_line(b, "    SLOW;");
    }
    return h;
}

static void fast_insn(Fast *f, const Insn *insn, const char *prefix, int place)
{
    Arena *arena = f->arena;
    SBody *b = &f->body;
    b->insn = insn;
    b->part = prefix;
    b->ip = F("(pc - m->slots + %d)", place + 1);
    Held inputs[insn->inputs.count + 1];
    for (size_t i = insn->inputs.count; i-- > 0;)
        inputs[i] = take_held(f, insn->inputs.at[i], insn->input_tags.at[i]);
    declare_outputs(b);
    sbody_block(b, &insn->body);
    for (size_t i = 0; i < insn->outputs.count; i++) {
        Held h = { output_name(b, i), -1 };
        for (size_t k = 0; !insn->has_body && k < insn->inputs.count; k++)
            if (insn->output_values.at[i]->local == insn->inputs.at[k])
                h.slot = inputs[k].slot;
        LIST_ADD(arena, &f->held, h);
    }
}

static void fast_literal(Fast *f, int tag, int place)
{
    Arena *arena = f->arena;
    SBody *b = &f->body;
    const char *name = F("k%d", place);
    sbody_line(b, "const StackValue %s = { pc[%d].n, %s };", name, place, sbody_tag(b, tag));
    LIST_ADD(arena, &f->held, ((Held){ name, -1 }));
}

// Puts what the handler leaves in place; the last of it is the new top.
static void commit_values(Fast *f)
{
    SBody *b = &f->body;
    const int left = (int)f->held.count, net = left - f->taken;
    if (left == 0) {
        if (f->taken)
            sbody_line(b, "top = sp[-%d];", f->taken);
    } else {
        if (f->taken == 0)
            sbody_line(b, "sp[0] = top;");
        for (int i = 0; i + 1 < left; i++) {
            const int slot = f->taken - 1 - i; // counted from the old top
            if (f->held.at[i].slot == slot && slot > 0)
                continue; // it is there
            sbody_line(b, slot > 0 ? "sp[-%d] = %s;" : slot == 0 ? "sp[%d] = %s;" : "sp[%d] = %s;", slot > 0 ? slot : -slot,
                       f->held.at[i].name);
        }
        sbody_line(b, "top = %s;", f->held.at[left - 1].name);
    }
    if (net)
        sbody_line(b, "sp %s= %d;", net > 0 ? "+" : "-", net > 0 ? net : -net);
}

static void fast_parts(Fast *f, const Part *parts, int count)
{
    Arena *arena = f->arena;
    SBody *b = &f->body;
    for (int i = 0; i < count; i++) {
        if (parts[i].insn)
            fast_insn(f, parts[i].insn, count > 1 ? F("%c_", 'a' + i) : "", i);
        else if (parts[i].tag >= 0)
            fast_literal(f, parts[i].tag, i);
    }
    commit_values(f);
    for (int i = 1; i < 5; i++) {
        if (b->pushed[i])
            sbody_line(b, "*m->raw[%d].top++ = %s;", i, b->pushed[i]);
        if (b->popped[i])
            sbody_line(b, "m->raw[%d].top--;", i);
    }
    if (b->jump)
        sbody_line(b, "JUMP(%d, %s);", count, b->jump);
    else
        sbody_line(b, "NEXT(%d);", count);
}

static void start(Fast *f, const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w, int indent)
{
    *f = (Fast){ .isa = isa, .options = options, .arena = arena, .w = w };
    f->body = body_of(isa, options, arena, w, NULL, indent);
}

static void emit_handler(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w, const Part *parts,
                         int count, int indent)
{
    Fast f;
    Writer scratch = { 0 };
    start(&f, isa, options, arena, &scratch, indent); // how deep it reaches
    fast_parts(&f, parts, count);
    writer_free(&scratch);
    const int deepest = f.taken;
    start(&f, isa, options, arena, w, indent);
    f.deepest = deepest;
    fast_parts(&f, parts, count);
}

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
static int parts_of(const Words *s, int word, Part *parts)
{
    const Isa *isa = s->isa;
    parts[0] = (Part){ word, NULL, -1 };
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
        parts[i] = (Part){ stack_part_word(isa, p), p->insn_target, p->is_literal ? p->literal_tag : -1 };
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
        emit_origin_line(isa, s->options, isa->insns.at[word], s->arena, s->w, indent);
    else if (word > s->ops + s->variants + 1) {
        const Fuse *fuse = isa->fuses.at[word - s->ops - s->variants - 2];
        write_format(s->w, "%*s// %s:%u  ", indent, "", s->options->source, line_of(isa, fuse->span));
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
    write_format(w,
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
                 "static int leave(StackMachine *m, const StackSlot *pc, StackValue *sp, StackValue top, int64_t credit)\n{\n"
                 "    *sp = top;\n    m->sp = sp + 1;\n    m->ip = pc - m->slots;\n"
                 "    m->instructions = m->end - (uint64_t)(credit - m->ip);\n"
                 "    const int stop = %s_step(m);\n"
                 "    return stop == STACK_GO_ON ? settle(m) : stop;\n}\n\n"
                 "// The same where the budget or the stack may run out: nothing is due.\n"
                 "static int pause(StackMachine *m, const StackSlot *pc, StackValue *sp, StackValue top, int64_t credit)\n{\n"
                 "    *sp = top;\n    m->sp = sp + 1;\n    m->ip = pc - m->slots;\n"
                 "    m->instructions = m->end - (uint64_t)(credit - m->ip);\n"
                 "    return settle(m);\n}\n\n",
                 options->machine, options->machine);
}

static const char *const reload =
    "    sp = m->sp - 1;\n    top = *sp;\n    pc = m->slots + m->ip;\n"
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
    Part parts[most_parts(s->isa)];
    if (is_goto) {
        write_text(w, "#define DISPATCH goto *(const void *)(uintptr_t)pc->run\n");
        write_text(w, "#define NEXT(words) do { pc += (words); DISPATCH; } while (0)\n");
    } else {
        write_text(w, "#define DISPATCH goto next\n#define NEXT(words) do { pc += (words); goto next; } while (0)\n");
    }
    write_text(w, "#define SLOW goto slow\n#define HARD goto hard\n");
    write_text(w, jump_macro);
    write_format(w, "\nstatic Stop run_%s(StackMachine *m, uint64_t budget)\n{\n", name);
    if (is_goto) {
        write_text(w, "    static const void *const handlers[] = {\n");
        for (int i = 0; i < s->count; i++)
            write_format(w, "        &&%s%s,\n", parts_of(s, i, parts) ? "op_" : "", parts_of(s, i, parts) ? word_name(s, i) : "slow");
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
        emit_handler(s->isa, s->options, s->arena, w, parts, count, 8);
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
    Part parts[most_parts(s->isa)];
    write_text(w,
               "#if defined(__clang__) && defined(__has_attribute)\n#if __has_attribute(musttail)\n#define HAS_TAIL 1\n#endif\n#endif\n\n"
               "#ifdef HAS_TAIL\n"
               "#define ARGUMENTS StackMachine *m, const StackSlot *pc, StackValue *sp, int64_t top_n, uint64_t top_tag, int64_t credit\n"
               "#define CONTINUE(handler) __attribute__((musttail)) return (handler)(m, pc, sp, top.n, top.tag, credit)\n"
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
        write_format(w, "static int tail_op_%s(ARGUMENTS)\n{\n    StackValue top = { top_n, top_tag };\n", word_name(s, i));
        emit_handler(s->isa, s->options, s->arena, w, parts, count, 4);
        write_text(w, "}\n\n");
    }
    write_text(w, "static Stop run_tail(StackMachine *m, uint64_t budget)\n{\n    static Handler *const handlers[] = {\n");
    for (int i = 0; i < s->count; i++)
        write_format(w, "        tail_%s%s,\n", parts_of(s, i, parts) ? "op_" : "", parts_of(s, i, parts) ? word_name(s, i) : "slow");
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
    emit_step(isa, options, &arena, w);
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
