#include "emit_interp.h"

#include <inttypes.h>
#include <string.h>

// ---------------------------------------------------------- engines: macros

static const char *lazy_sync(Interp *out) // "m->PSR = ...; "
{
    const char *text = "";
    for (size_t i = 0; out->lazy && i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        text = arena_format(&out->arena, "%s    %s\n", text,
                            set_rest_bits(&out->arena, z, arena_format(&out->arena, "last_%.*s", TEXT(z->name))));
    }
    return text;
}

static const char *lazy_load(Interp *out, bool declare)
{
    const char *text = "";
    for (size_t i = 0; out->lazy && i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        const char *type = c_type(z->fn->params.at[0]->type);
        text = arena_format(&out->arena, "%s    %s%slast_%.*s = (%s)argument_%.*s[%s];\n", text, declare ? type : "",
                            declare ? " " : "", TEXT(z->name), type, TEXT(z->name), rest_bits(&out->arena, z));
    }
    return text;
}

static const char *pc_now(const Interp *out)
{
    return out->decode == DECODE_ADDR ? arena_format(&((Interp *)out)->arena, "(%s)(ip - decoded)", out->at) : "pc";
}

static const char *pc_before(const Interp *out)
{
    return arena_format(&((Interp *)out)->arena, out->decode == DECODE_ADDR ? "(%s)(ip - 1 - decoded)" : "(%s)(pc - 1)",
                        out->at);
}

// What a handler finds in its entry.
static void emit_operand_macros(Interp *out)
{
    if (out->decode == DECODE_ADDR)
        write_text(out->w, "#define BYTE(n) BYTE_AT(ip - 1, n)\n#define HALF(n) HALF_AT(ip - 1, n)\n");
    else if (out->decode == DECODE_WORD)
        write_text(out->w, "#define BYTE(n) ((uint8_t)(entry >> (n) * 8))\n#define HALF(n) ((uint16_t)(entry >> (n) * 16))\n");
}

// One instruction by `call`, from and to a state at rest whose pc is `pc`.
static void emit_rest_body(Interp *out, const char *pc, const char *call)
{
    write_format(out->w, "    m->%s = %s;\n    m->instructions = m->deadline - left - 1;\n%s", out->pc, pc, lazy_sync(out));
    write_format(out->w, "    const int result = %s_%s;\n    if (result != GO_ON)\n        return result;\n",
                 out->o->prefix, call);
    if (out->lazy)
        write_text(out->w, "    if (UNLIKELY(!is_settled(m)))\n        return GO_ON;\n");
    write_format(out->w, "    left = m->deadline - m->instructions;\n%s", lazy_load(out, false));
    if (out->decode == DECODE_ADDR)
        write_format(out->w, "    ip = decoded + m->%s;\n", out->pc);
    else
        write_format(out->w, "    pc = m->%s;\n", out->pc);
}

static void emit_slow_body(Interp *out)
{
    emit_rest_body(out, pc_before(out), "step(m)");
}

static void emit_trap_body(Interp *out)
{
    emit_rest_body(out, pc_now(out), "trap(m, BYTE(0))");
}

static void emit_trap_handler(Interp *out)
{
    if (!has_traps(out))
        return;
    write_text(out->w, "HANDLER(TRAP)\n{\n");
    emit_trap_body(out);
    write_text(out->w, "    NEXT;\n}\n\n");
}

static void emit_out_body(Interp *out)
{
    write_format(out->w, "    m->%s = %s;\n    m->instructions = m->deadline;\n%s    return STOP_BUDGET;\n", out->pc,
                 pc_now(out), lazy_sync(out));
}

static const char *table_name(const Interp *out)
{
    return arena_format(&((Interp *)out)->arena, "%s_words", out->engine);
}

// Gets the next instruction into `fetched`; leaves to SLOW what must not be fetched plainly.
static const char *fetch_lines(Interp *out, const char *newline)
{
    if (out->decode == DECODE_ADDR)
        return arena_format(&out->arena, "        ip++;%s", newline);
    const char *check = arena_format(&out->arena,
                                     "        pc++;%s"
                                     "        if (UNLIKELY(!is_ram(%s)))%s"
                                     "            SLOW;%s", newline, pc_before(out), newline, newline);
    if (out->decode == DECODE_RAW)
        return arena_format(&out->arena, "%s        word = M[%s];%s", check, pc_before(out), newline);
    return arena_format(&out->arena,
                        "%s        entry = __atomic_load_n(&%s[M[%s]], __ATOMIC_RELAXED);%s", check, table_name(out),
                        pc_before(out), newline);
}

static const char *positions_name(const Interp *out)
{
    return out->dispatch == DISPATCH_SWITCH ? "NULL" : "positions";
}

static const char *decode_call(Interp *out)
{
    if (out->decode == DECODE_ADDR)
        return arena_format(&out->arena, "addr_decode(m, %s, %s, %s)", pc_before(out), positions_name(out),
                            out->fused ? "true" : "false");
    return arena_format(&out->arena, "word_decode(M[%s], %s, %s, %s)", pc_before(out), table_name(out),
                        positions_name(out), out->fused ? "true" : "false");
}

// The entry behind the last word is never filled: it leads to the first.  Where the
// last word is not plain memory, ..._step goes around that corner.
static void emit_decode_body(Interp *out)
{
    const RamRange ram = ram_range(out->isa, out->o->dialect);
    if (out->decode == DECODE_WORD) {
        write_format(out->w, "    entry = %s;\n    AGAIN;\n", decode_call(out));
        return;
    }
    if (ram.first + ram.count == exec_mem(out->isa)->count)
        write_format(out->w,
                     "    if (ip - 1 - decoded == %" PRIu64 ") {\n"
                     "        ip = decoded + 1;\n"
                     "        if (decoded[0])\n"
                     "            AGAIN;\n"
                     "    }\n", exec_mem(out->isa)->count);
    write_format(out->w, "    %s;\n    AGAIN;\n", decode_call(out));
}

// Every handler's name in the order of their numbers.
static void each_handler(Interp *out, void (*each)(Interp *out, const char *id))
{
    if (out->decode == DECODE_RAW) {
        for (uint64_t v = 0; v < 1ull << out->primary.width; v++)
            each(out, arena_format(&out->arena, "%" PRIX64, v));
        return;
    }
    each(out, "DECODE");
    each(out, "SLOW");
    if (has_traps(out))
        each(out, "TRAP");
    for (size_t i = 0; has_traps(out) && i < out->isa->traps->list.count; i++)
        if (is_ring_trap(out->isa->traps->list.at[i]))
            each(out, ring_trap_id(out, out->isa->traps->list.at[i]));
    for (size_t i = 0; i < out->entries.count; i++)
        if (out->entries.at[i].plan.is_fast)
            each(out, out->entries.at[i].id);
    for (size_t i = 0; i < out->supers.count; i++)
        each(out, out->fused ? out->supers.at[i].id : "SLOW");
}

static void emit_undefs(Interp *out)
{
    static const char *const names[] = { "HANDLER", "NEXT", "JUMP", "SLOW", "CHANGED", "ALONE", "AGAIN", "ARGS", "PASS",
                                         "TAIL", "COLD", "BYTE", "HALF" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        write_format(out->w, "#undef %s\n", names[i]);
    write_text(out->w, "\n");
}

static void emit_jump_macro(Interp *out)
{
    write_format(out->w, out->decode == DECODE_ADDR ? "#define JUMP(target) ip = decoded + (%s)(target)\n"
                                                    : "#define JUMP(target) pc = (%s)(target)\n", out->at);
}

// Locals of an engine that is one function.
static void emit_locals(Interp *out)
{
    write_format(out->w,
                 "    %s *const M = m->%s;\n    const uint8_t *const code = m->code;\n"
                 "    uint64_t left = m->deadline - m->instructions;\n", out->word, out->mem);
    if (out->decode == DECODE_ADDR)
        write_format(out->w, "    const uint64_t *const decoded = m->decoded;\n    const uint64_t *ip = decoded + m->%s;\n",
                     out->pc);
    else
        write_format(out->w, "    %s pc = m->%s;\n", out->at, out->pc);
    if (out->decode == DECODE_RAW)
        write_format(out->w, "    %s word = 0;\n", out->word);
    else if (out->decode == DECODE_WORD)
        write_text(out->w, "    uint64_t entry = 0;\n");
    write_text(out->w, lazy_load(out, true));
}

static void emit_words_table(Interp *out)
{
    if (out->decode == DECODE_WORD)
        write_format(out->w, "static uint64_t %s[%" PRIu64 "];\n\n", table_name(out),
                     UINT64_C(1) << out->isa->word_bits);
}

// -------------------------------------------------------- engines: switch

static void emit_switch_engine(Interp *out)
{
    const char *group = out->decode == DECODE_RAW ? "" : arena_format(&out->arena, "%s_", group_prefix(out->decode));
    emit_words_table(out);
    if (out->decode == DECODE_RAW)
        write_text(out->w, "#define HANDLER(name) case 0x##name:\n");
    else
        write_format(out->w, "#define HANDLER(name) case %s##name:\n", group);
    emit_operand_macros(out);
    emit_jump_macro(out);
    write_format(out->w,
                 "#define NEXT continue\n"
                 "#define SLOW goto slow\n"
                 "#define CHANGED(address) %s_code_changed(m, address)\n",
                 out->o->machine);
    if (out->decode == DECODE_WORD)
        write_text(out->w, "#define AGAIN goto again\n"
                           "#define ALONE(name) \\\n    do { \\\n        entry = ENTRY(WORD_##name, entry); \\\n"
                           "        goto again; \\\n    } while (0)\n");
    if (out->decode == DECODE_ADDR)
        write_text(out->w, "#define AGAIN \\\n    do { \\\n        handler = POSITION_AT(ip - 1); \\\n"
                           "        goto again; \\\n    } while (0)\n"
                           "#define ALONE(name) \\\n    do { \\\n        handler = ADDR_##name; \\\n"
                           "        goto again; \\\n    } while (0)\n");
    write_format(out->w, "\nstatic int %s(%s *m)\n{\n", out->engine, out->type);
    emit_locals(out);
    if (out->decode == DECODE_ADDR)
        write_text(out->w, "    int32_t handler;\n");
    write_format(out->w, "    for (;;) {\n        if (left-- == 0)\n            break;\n%s",
                 fetch_lines(out, "\n"));
    if (out->decode == DECODE_RAW)
        write_format(out->w, "    switch (word >> %d & %s) {\n", out->primary.lo,
                     c_number(&out->arena, (1ull << out->primary.width) - 1));
    else if (out->decode == DECODE_WORD)
        write_text(out->w, "again:\n    switch (entry >> 32) {\n");
    else
        write_text(out->w, "    handler = POSITION_AT(ip - 1);\nagain:\n    switch (handler) {\n");
    emit_handlers(out);
    if (out->decode != DECODE_RAW) {
        write_text(out->w, "HANDLER(DECODE)\n{\n");
        emit_decode_body(out);
        write_text(out->w, "}\n\n");
        emit_trap_handler(out);
        write_text(out->w, "HANDLER(SLOW)\n");
    }
    write_text(out->w, "default:\nslow: {\n");
    emit_slow_body(out);
    write_text(out->w, "    NEXT;\n}\n\n    }\n    }\n");
    emit_out_body(out);
    write_text(out->w, "}\n\n");
    emit_undefs(out);
}

// ---------------------------------------------------------- engines: goto

static void each_label(Interp *out, const char *id)
{
    if (out->decode == DECODE_RAW)
        write_format(out->w, "        &&op_%s,\n", id);
    else
        write_format(out->w, "        &&op_%s - &&op_DECODE,\n", id);
}

static void emit_goto_engine(Interp *out)
{
    emit_words_table(out);
    const char *go = out->decode == DECODE_RAW
                         ? arena_format(&out->arena, "goto *handlers[word >> %d & %s]", out->primary.lo,
                                        c_number(&out->arena, (1ull << out->primary.width) - 1))
                     : out->decode == DECODE_WORD
                         ? "goto *((const char *)&&op_DECODE + ((int64_t)entry >> 32))"
                         : "goto *((const char *)&&op_DECODE + POSITION_AT(ip - 1))";
    write_text(out->w, "#define HANDLER(name) op_##name:\n");
    emit_operand_macros(out);
    emit_jump_macro(out);
    write_format(out->w,
                 "#define AGAIN %s\n"
                 "#define NEXT \\\n    do { \\\n        if (UNLIKELY(left-- == 0)) \\\n            goto out; \\\n"
                 "%s        AGAIN; \\\n    } while (0)\n"
                 "#define SLOW goto op_SLOW\n"
                 "#define ALONE(name) goto op_##name\n"
                 "#define CHANGED(address) \\\n    do { \\\n        m->stored = (address); \\\n        goto op_CHANGED; \\\n"
                 "    } while (0)\n\n",
                 go, fetch_lines(out, " \\\n"));
    write_format(out->w, "static int %s(%s *m)\n{\n", out->engine, out->type);
    write_text(out->w, out->decode == DECODE_RAW ? "    static const void *const handlers[] = {\n"
                                                 : "    static const int32_t positions[] = {\n");
    each_handler(out, each_label);
    write_text(out->w, "    };\n");
    emit_locals(out);
    write_text(out->w, "    NEXT;\n\n");
    emit_handlers(out);
    if (out->decode != DECODE_RAW) {
        write_text(out->w, "HANDLER(DECODE)\n{\n");
        emit_decode_body(out);
        write_text(out->w, "}\n\n");
        emit_trap_handler(out);
    }
    write_text(out->w, "HANDLER(SLOW)\n{\n");
    emit_slow_body(out);
    write_format(out->w, "    NEXT;\n}\n\nHANDLER(CHANGED)\n{\n    %s_code_changed(m, m->stored);\n    NEXT;\n}\n\nout:\n",
                 out->o->machine);
    emit_out_body(out);
    write_text(out->w, "}\n\n");
    emit_undefs(out);
}

// ---------------------------------------------------------- engines: tail

static void each_prototype(Interp *out, const char *id)
{
    if (strcmp(id, "SLOW") != 0)
        write_format(out->w, "static HANDLER(%s);\n", id);
}

static void each_handler_pointer(Interp *out, const char *id)
{
    write_format(out->w, "    %s_%s,\n", out->engine, id);
}

// The engine's whole state travels in argument registers.
static void emit_tail_arguments(Interp *out)
{
    const char *args = arena_format(&out->arena, "%s *m, ", out->type), *pass = "m, ";
    if (out->decode == DECODE_ADDR) {
        args = arena_format(&out->arena, "%sconst uint64_t *ip, uint64_t left, ", args);
        args = arena_format(&out->arena, "%sconst uint64_t *decoded, const char *base, ", args);
        pass = "m, ip, left, decoded, base, ";
    } else if (out->decode == DECODE_WORD) {
        args = arena_format(&out->arena, "%s%s pc, uint64_t entry, uint64_t left, const char *base, ", args, out->at);
        pass = "m, pc, entry, left, base, ";
    } else {
        args = arena_format(&out->arena, "%s%s pc, %s word, uint64_t left, ", args, out->at, out->word);
        pass = "m, pc, word, left, ";
    }
    args = arena_format(&out->arena, "%s%s *M, const uint8_t *code", args, out->word);
    pass = arena_format(&out->arena, "%sM, code", pass);
    for (size_t i = 0; out->lazy && i < out->isa->lazies.count; i++) {
        const Lazy *z = out->isa->lazies.at[i];
        // Wide, so that no handler has to cut it again just to pass it on.
        const char *type = z->fn->params.at[0]->type.width > 32 ? "uint64_t" : "uint32_t";
        args = arena_format(&out->arena, "%s, %s last_%.*s", args, type, TEXT(z->name));
        pass = arena_format(&out->arena, "%s, last_%.*s", pass, TEXT(z->name));
    }
    write_format(out->w, "#define ARGS %s\n#define PASS %s\n", args, pass);
}

static void emit_tail_macros(Interp *out)
{
    emit_tail_arguments(out);
    emit_operand_macros(out);
    write_format(out->w,
                 "#define HANDLER(name) __attribute__((preserve_none)) int %s_##name(ARGS)\n"
                 "#define COLD(name) static __attribute__((preserve_none, noinline, cold)) int %s_##name(ARGS)\n"
                 "#define TAIL(callee) __attribute__((musttail)) return (callee)(PASS)\n",
                 out->engine, out->engine);
    emit_jump_macro(out);
    if (out->decode == DECODE_RAW)
        write_format(out->w, "#define AGAIN TAIL(%s_handlers[word >> %d & %s])\n", out->engine, out->primary.lo,
                     c_number(&out->arena, (1ull << out->primary.width) - 1));
    else
        write_format(out->w, "#define AGAIN TAIL((%s_Handler *)(base + %s))\n", out->engine,
                     out->decode == DECODE_ADDR ? "POSITION_AT(ip - 1)" : "((int64_t)entry >> 32)");
    write_format(out->w,
                 "#define SLOW TAIL(%s_SLOW)\n"
                 "#define ALONE(name) TAIL(%s_##name)\n"
                 "#define CHANGED(address) \\\n    do { \\\n        m->stored = (address); \\\n        TAIL(%s_CHANGED); \\\n"
                 "    } while (0)\n"
                 "#define NEXT \\\n    do { \\\n        if (UNLIKELY(left-- == 0)) \\\n            TAIL(%s_OUT); \\\n"
                 "%s        AGAIN; \\\n    } while (0)\n\n",
                 out->engine, out->engine, out->engine, out->engine, fetch_lines(out, " \\\n"));
}

static void emit_tail_positions(Interp *out)
{
    write_format(out->w, "static %s_Handler *const %s_handlers[] = {\n", out->engine, out->engine);
    each_handler(out, each_handler_pointer);
    write_text(out->w, "};\n\n");
    if (out->decode == DECODE_RAW)
        return;
    write_format(out->w,
                 "// How far each handler is from the first; all who come first compute the same.\n"
                 "static int32_t %s_positions[%s_COUNT];\n\n"
                 "static void %s_place(void)\n"
                 "{\n"
                 "    for (int i = %s_COUNT; --i >= 0;)\n"
                 "        __atomic_store_n(&%s_positions[i], (int32_t)((const char *)%s_handlers[i] - (const char *)%s_DECODE),\n"
                 "                         __ATOMIC_RELAXED);\n"
                 "}\n\n",
                 out->engine, group_prefix(out->decode), out->engine, group_prefix(out->decode), out->engine, out->engine,
                 out->engine);
}

static void emit_tail_cold(Interp *out)
{
    if (out->decode != DECODE_RAW) {
        write_format(out->w, "COLD(DECODE)\n{\n    const int32_t *const positions = %s_positions;\n", out->engine);
        emit_decode_body(out);
        write_text(out->w, "}\n\n");
    }
    write_text(out->w, "COLD(SLOW)\n{\n");
    emit_slow_body(out);
    write_format(out->w, "    NEXT;\n}\n\nCOLD(CHANGED)\n{\n    %s_code_changed(m, m->stored);\n    NEXT;\n}\n\nCOLD(OUT)\n{\n",
                 out->o->machine);
    emit_out_body(out);
    write_text(out->w, "}\n\n");
}

static void emit_tail_engine(Interp *out)
{
    write_text(out->w, "#ifdef HAS_TAIL\n\n");
    emit_words_table(out);
    emit_tail_macros(out);
    write_format(out->w, "typedef __attribute__((preserve_none)) int %s_Handler(ARGS);\n", out->engine);
    write_text(out->w, "static HANDLER(SLOW);\nstatic HANDLER(CHANGED);\nstatic HANDLER(OUT);\n");
    each_handler(out, each_prototype);
    write_text(out->w, "\n");
    emit_tail_positions(out);
    write_text(out->w, "#undef HANDLER\n");
    write_format(out->w, "#define HANDLER(name) static __attribute__((preserve_none)) int %s_##name(ARGS)\n\n", out->engine);
    emit_handlers(out);
    if (out->decode != DECODE_RAW)
        emit_trap_handler(out);
    emit_tail_cold(out);
    write_format(out->w, "#undef HANDLER\n");
    write_format(out->w, "static __attribute__((preserve_none, noinline)) int %s_first(ARGS)\n{\n    NEXT;\n}\n\n", out->engine);
    write_format(out->w, "static int %s(%s *m)\n{\n", out->engine, out->type);
    if (out->decode != DECODE_RAW)
        write_format(out->w, "    if (!__atomic_load_n(&%s_positions[1], __ATOMIC_RELAXED))\n        %s_place();\n", out->engine,
                     out->engine);
    if (out->decode != DECODE_RAW)
        write_format(out->w, "    const char *const base = (const char *)%s_DECODE;\n", out->engine);
    emit_locals(out);
    write_format(out->w, "    return %s_first(PASS);\n}\n\n", out->engine);
    emit_undefs(out);
    write_text(out->w, "#endif\n\n");
}

void emit_engine(Interp *out)
{
    if (out->dispatch == DISPATCH_SWITCH)
        emit_switch_engine(out);
    else if (out->dispatch == DISPATCH_GOTO)
        emit_goto_engine(out);
    else
        emit_tail_engine(out);
}
