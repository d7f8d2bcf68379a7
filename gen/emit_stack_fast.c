// Fast handlers of a stack machine.
//
// A handler takes what its words need, looks at all of it, computes, and only then
// changes anything.  `top` is the top of the stack, sp[0] its place, sp[-1] below it.
#include "emit_stack_body.h"

#include <string.h>

#define F(...) arena_format(arena, __VA_ARGS__)

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
    sbody_outputs(b);
    sbody_block(b, &insn->body);
    for (size_t i = 0; i < insn->outputs.count; i++) {
        Held h = { sbody_output(b, i), -1 };
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
            sbody_line(b,
                       slot > 0    ? "sp[-%d] = %s;"
                       : slot == 0 ? "sp[%d] = %s;"
                                   : "sp[%d] = %s;",
                       slot > 0 ? slot : -slot, f->held.at[i].name);
        }
        sbody_line(b, "top = %s;", f->held.at[left - 1].name);
    }
    if (net)
        sbody_line(b, "sp %s= %d;", net > 0 ? "+" : "-", net > 0 ? net : -net);
}

static void fast_parts(Fast *f, const StackPart *parts, int count)
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
    f->body = sbody_new(isa, options, arena, w, NULL, indent);
}

void emit_stack_handler(const Isa *isa, const EmitOptions *options, Arena *arena, Writer *w,
                        const StackPart *parts, int count, int indent)
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
