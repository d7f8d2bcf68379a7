// emit_llvm.c -- every instruction as calls of runtime/jit_lower.h, which say it to LLVM.
//
// One C function per form: fields are C constants while compiling, values are
// LowerValues.  The interpreter takes over before an instruction that this
// language cannot leave half done: one that touches more than registers, PC,
// codes and one word of memory.  `scan_block` finds those, and the function then
// only says lower_leave.
#include "emit_c.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "pseudo.h"

enum { MAX_NAMES = 256 };

typedef struct {
    Writer *w;
    Arena *arena;
    const Isa *isa;
    const EmitOptions *options;
    int indent;
    int temps;                      // names given so far in this function
    const Field *used[32];          // fields that the function mentions
    int used_count;
    const Local *locals[MAX_NAMES]; // what a description's local is called
    char names[MAX_NAMES][48];
    int name_count;
    const Expr *hoisted[MAX_NAMES]; // expressions that already stand in a temp
    int hoisted_temp[MAX_NAMES];
    int hoisted_count;
    const Expr *codes;              // what a lazy value is while a condition is drawn into its function
    bool is_finishing;              // the block being written ends its instruction
} Out;

static void line(Out *o)
{
    write_format(o->w, "%*s", o->indent * 4, "");
}

// ------------------------------------------------------ what can be lowered

typedef struct {
    int dialect;
    bool stored;     // memory was written: nothing after it may leave the region
    bool impossible;
} Scan;

static void scan_expr(Scan *s, const Isa *isa, const Expr *e);

static bool is_constant(const Expr *e)
{
    switch (e->kind) {
    case EXPR_NUM:
    case EXPR_FIELD: return true;
    case EXPR_CONVERT: return e->convert == CONVERT_ZEXT && is_constant(e->a);
    default: return false;
    }
}

static bool is_pure(const Expr *e)
{
    if (e->kind == EXPR_MEM || e->kind == EXPR_HOST || e->kind == EXPR_POP)
        return false;
    for (size_t i = 0; i < e->args.count; i++)
        if (!is_pure(e->args.at[i]))
            return false;
    return (!e->a || is_pure(e->a)) && (!e->b || is_pure(e->b)) && (!e->c || is_pure(e->c));
}

static void scan_args(Scan *s, const Isa *isa, const Expr *e)
{
    const Expr *parts[] = { e->a, e->b, e->c };
    for (int i = 0; i < 3; i++)
        if (parts[i])
            scan_expr(s, isa, parts[i]);
    for (size_t i = 0; i < e->args.count; i++)
        scan_expr(s, isa, e->args.at[i]);
}

static void scan_expr(Scan *s, const Isa *isa, const Expr *e)
{
    scan_args(s, isa, e);
    if (e->type.kind != TYPE_BITS && e->type.kind != TYPE_BOOL && e->kind != EXPR_CONVERT)
        s->impossible = true;
    switch (e->kind) {
    case EXPR_NUM: case EXPR_BOOL: case EXPR_LOCAL: case EXPR_FIELD: case EXPR_LAZY:
    case EXPR_SLICE: case EXPR_UNARY: case EXPR_CONVERT: case EXPR_CALL:
        break;
    case EXPR_MEM:
        s->impossible |= s->stored;
        break;
    case EXPR_REG:
        s->impossible |= e->reg != isa->pc;
        break;
    case EXPR_REGS:
        s->impossible |= !is_constant(e->a);
        break;
    case EXPR_BINARY:
        s->impossible |= e->op == OP_DIV || e->op == OP_MOD || e->op == OP_SHL || e->op == OP_SHR;
        s->impossible |= (e->op == OP_LAND || e->op == OP_LOR) && !is_pure(e->b);
        break;
    case EXPR_COND:
        s->impossible |= !is_pure(e->b) || !is_pure(e->c);
        break;
    default:
        s->impossible = true;
    }
}

static void scan_block(Scan *s, const Isa *isa, const Block *block);

static void scan_set(Scan *s, const Isa *isa, const Stmt *t)
{
    const Expr *target = t->target;
    if (target->kind == EXPR_MEM) {
        scan_expr(s, isa, target->a);
        s->impossible |= s->stored;
        s->stored = true;
    } else if (target->kind == EXPR_REGS) {
        s->impossible |= !is_constant(target->a);
    } else {
        s->impossible |= target->kind != EXPR_REG || target->reg != isa->pc;
    }
}

static void scan_if(Scan *s, const Isa *isa, const Stmt *t)
{
    Scan other = *s;
    scan_block(s, isa, &t->then);
    scan_block(&other, isa, &t->other);
    s->stored |= other.stored;
    s->impossible |= other.impossible;
}

static void scan_stmt(Scan *s, const Isa *isa, const Stmt *t)
{
    if (t->value && t->kind != STMT_PROC) // there the call itself, already taken apart
        scan_expr(s, isa, t->value);
    for (size_t i = 0; i < t->args.count; i++)
        scan_expr(s, isa, t->args.at[i]);
    switch (t->kind) {
    case STMT_LET: case STMT_LAZY: break;
    case STMT_SET: scan_set(s, isa, t); break;
    case STMT_IF: scan_if(s, isa, t); break;
    case STMT_WHEN: scan_block(s, isa, t->dialect == s->dialect ? &t->then : &t->other); break;
    case STMT_RAISE: s->impossible |= s->stored; break;
    case STMT_TRAP: s->impossible |= s->stored || !is_constant(t->value); break;
    case STMT_PROC: scan_block(s, isa, &t->proc->body); break;
    default: s->impossible = true;
    }
}

static void scan_block(Scan *s, const Isa *isa, const Block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        s->impossible |= block->at[i]->kind == STMT_TRAP && i + 1 < block->count; // its arms end the instruction
        scan_stmt(s, isa, block->at[i]);
    }
}

static bool can_lower(const Out *o, const Block *block)
{
    Scan s = { .dialect = o->options->dialect };
    scan_block(&s, o->isa, block);
    return !s.impossible;
}

// ------------------------------------------------------------- expressions

static void name_local(Out *o, const Local *local, const char *name)
{
    assert(o->name_count < MAX_NAMES);
    o->locals[o->name_count] = local;
    snprintf(o->names[o->name_count++], sizeof o->names[0], "%s", name);
}

static const char *local_name(const Out *o, const Local *local)
{
    for (int i = o->name_count; i-- > 0;)
        if (o->locals[i] == local)
            return o->names[i];
    assert(!"a local has a name");
    return "";
}

static int find_hoisted(const Out *o, const Expr *e)
{
    for (int i = o->hoisted_count; i-- > 0;)
        if (o->hoisted[i] == e)
            return o->hoisted_temp[i];
    return -1;
}

static void note_field_name(Out *o, const Field *f)
{
    bool known = false;
    for (int i = 0; i < o->used_count; i++)
        known |= o->used[i] == f;
    if (!known && o->used_count < 32)
        o->used[o->used_count++] = f;
    write_format(o->w, "%.*s", TEXT(f->name));
}

static void constant(Out *o, const Expr *e)
{
    if (e->kind == EXPR_NUM)
        write_format(o->w, e->num < 10 ? "%" PRIu64 : "0x%" PRIX64, e->num);
    else if (e->kind == EXPR_FIELD)
        note_field_name(o, e->field);
    else
        constant(o, e->a);
}

static unsigned first_cell(const Isa *isa, const Regs *regs)
{
    unsigned cell = 0;
    for (size_t i = 0; i < isa->regs.count && isa->regs.at[i] != regs; i++)
        cell += isa->regs.at[i]->count;
    return cell;
}

static void cell(Out *o, const Expr *e)
{
    unsigned first = first_cell(o->isa, e->regs);
    if (first)
        write_format(o->w, "%u + ", first);
    constant(o, e->a);
}

static int width_of(Type t)
{
    return t.kind == TYPE_BITS ? t.width : t.kind == TYPE_I64 ? 64 : 1;
}

static void print(Out *o, const Expr *e);

static void print_two(Out *o, const char *head, const Expr *a, const Expr *b)
{
    write_text(o->w, head);
    print(o, a);
    write_text(o->w, ", ");
    print(o, b);
    write_text(o->w, ")");
}

static bool is_bit_test(const Expr *e)
{
    return (e->op == OP_EQ || e->op == OP_NE) && e->a->kind == EXPR_SLICE && e->a->hi == e->a->lo &&
           e->b->kind == EXPR_NUM;
}

static void print_bit_test(Out *o, const Expr *e)
{
    bool is_set = (e->b->num == 1) == (e->op == OP_EQ);
    write_text(o->w, "lower_bit(l, ");
    print(o, e->a->a);
    write_format(o->w, ", %d, %s)", e->a->lo, is_set ? "true" : "false");
}

static void print_compare(Out *o, const Expr *e)
{
    static const char *const names[] = { [OP_EQ] = "EQ", [OP_NE] = "NE", [OP_LT] = "LT",
                                         [OP_LE] = "LE", [OP_GT] = "GT", [OP_GE] = "GE" };
    if (is_bit_test(e)) {
        print_bit_test(o, e);
        return;
    }
    write_format(o->w, "lower_compare(l, LOWER_%s, %s, ", names[e->op],
                 e->a->type.kind == TYPE_I64 ? "true" : "false");
    print_two(o, "", e->a, e->b);
}

static void print_binary(Out *o, const Expr *e)
{
    switch (e->op) {
    case OP_ADD: print_two(o, "lower_add(l, ", e->a, e->b); break;
    case OP_SUB: print_two(o, "lower_sub(l, ", e->a, e->b); break;
    case OP_MUL: print_two(o, "lower_mul(l, ", e->a, e->b); break;
    case OP_XOR: print_two(o, "lower_xor(l, ", e->a, e->b); break;
    case OP_AND: case OP_LAND: print_two(o, "lower_and(l, ", e->a, e->b); break;
    case OP_OR: case OP_LOR: print_two(o, "lower_or(l, ", e->a, e->b); break;
    default: print_compare(o, e);
    }
}

static void print_one(Out *o, const char *head, const Expr *a, const char *format, int x, int y)
{
    write_text(o->w, head);
    print(o, a);
    write_format(o->w, format, x, y);
}

static void print_convert(Out *o, const Expr *e)
{
    int width = width_of(e->type);
    switch (e->convert) {
    case CONVERT_ZEXT: print_one(o, "lower_zext(l, ", e->a, ", %d)", width, 0); break;
    case CONVERT_TRUNC: print_one(o, "lower_trunc(l, ", e->a, ", %d)", width, 0); break;
    default: print_one(o, "lower_sext(l, ", e->a, ", %d)", width, 0);
    }
}

// An expression whose memory accesses and calls already stand in temps.
static void print(Out *o, const Expr *e)
{
    int temp = find_hoisted(o, e);
    if (temp >= 0) {
        write_format(o->w, "t%d", temp);
        return;
    }
    switch (e->kind) {
    case EXPR_NUM: write_format(o->w, "lower_num(l, %d, 0x%" PRIX64 ")", width_of(e->type), e->num); break;
    case EXPR_BOOL: write_format(o->w, "lower_num(l, 1, %d)", (int)e->num); break;
    case EXPR_LOCAL: write_text(o->w, local_name(o, e->local)); break;
    case EXPR_FIELD:
        write_format(o->w, "lower_num(l, %d, ", width_of(e->type));
        note_field_name(o, e->field);
        write_text(o->w, ")");
        break;
    case EXPR_REG: write_text(o->w, "lower_pc(l)"); break;
    case EXPR_REGS:
        write_text(o->w, "lower_read(l, ");
        cell(o, e);
        write_text(o->w, ")");
        break;
    case EXPR_LAZY:
        assert(o->codes);
        print(o, o->codes);
        break;
    case EXPR_SLICE: print_one(o, "lower_slice(l, ", e->a, ", %d, %d)", e->hi, e->lo); break;
    case EXPR_UNARY: print_one(o, e->op == OP_NEG ? "lower_neg(l, " : "lower_not(l, ", e->a, ")", 0, 0); break;
    case EXPR_BINARY: print_binary(o, e); break;
    case EXPR_CONVERT: print_convert(o, e); break;
    case EXPR_COND:
        write_text(o->w, "lower_choose(l, ");
        print(o, e->a);
        write_text(o->w, ", ");
        print_two(o, "", e->b, e->c);
        break;
    default: assert(!"scan_expr let it through");
    }
}

// ------------------------------------------ what has to stand before a line

static int new_temp(Out *o, const Expr *e)
{
    assert(o->hoisted_count < MAX_NAMES);
    o->hoisted[o->hoisted_count] = e;
    o->hoisted_temp[o->hoisted_count++] = o->temps;
    line(o);
    write_format(o->w, "const LowerValue t%d = ", o->temps);
    return o->temps++;
}

static bool mentions_lazy(const Expr *e)
{
    if (e->kind == EXPR_LAZY)
        return true;
    for (size_t i = 0; i < e->args.count; i++)
        if (mentions_lazy(e->args.at[i]))
            return true;
    return (e->a && mentions_lazy(e->a)) || (e->b && mentions_lazy(e->b)) || (e->c && mentions_lazy(e->c));
}

static const Lazy *lazy_in(const Expr *e)
{
    const Expr *parts[] = { e->a, e->b, e->c };
    if (e->kind == EXPR_LAZY)
        return e->lazy;
    for (int i = 0; i < 3; i++)
        if (parts[i] && mentions_lazy(parts[i]))
            return lazy_in(parts[i]);
    return NULL;
}

// (nzp & CC) != 0 over CC's function `v == 0 ? 2 : ...` becomes `v == 0 ? (nzp & 2) != 0 : ...`:
// its arms are constants, and what is left are the comparisons.
static void print_drawn_in(Out *o, const Expr *function, const Expr *use)
{
    if (function->kind == EXPR_COND) {
        write_text(o->w, "lower_choose(l, ");
        print(o, function->a);
        write_text(o->w, ",\n");
        o->indent += 2;
        line(o);
        print_drawn_in(o, function->b, use);
        write_text(o->w, ",\n");
        line(o);
        print_drawn_in(o, function->c, use);
        o->indent -= 2;
        write_text(o->w, ")");
        return;
    }
    o->codes = function;
    print(o, use);
    o->codes = NULL;
}

static void name_temp(Out *o, const Local *local, int temp)
{
    char name[16];
    snprintf(name, sizeof name, "t%d", temp);
    name_local(o, local, name);
}

static void hoist_lazy(Out *o, const Expr *e)
{
    const Lazy *lazy = lazy_in(e);
    line(o);
    write_format(o->w, "const LowerValue t%d = lower_last(l);\n", o->temps);
    name_temp(o, lazy->fn->params.at[0], o->temps++);
    // The function's own text must not find what an earlier use left in temps.
    int temp = o->temps;
    line(o);
    write_format(o->w, "const LowerValue t%d = ", temp);
    o->temps++;
    print_drawn_in(o, lazy->fn->body, e);
    write_text(o->w, ";\n");
    o->hoisted[o->hoisted_count] = e;
    o->hoisted_temp[o->hoisted_count++] = temp;
}

static void hoist(Out *o, const Expr *e);

static void hoist_call(Out *o, const Expr *e)
{
    for (size_t i = 0; i < e->args.count; i++) {
        line(o);
        write_format(o->w, "const LowerValue t%d = ", o->temps);
        print(o, e->args.at[i]);
        write_text(o->w, ";\n");
        name_temp(o, e->fn->params.at[i], o->temps++);
    }
    hoist(o, e->fn->body);
    new_temp(o, e);
    print(o, e->fn->body);
    write_text(o->w, ";\n");
}

static void hoist(Out *o, const Expr *e)
{
    if (mentions_lazy(e) && is_pure(e) && (e->type.kind == TYPE_BOOL || e->kind == EXPR_LAZY)) {
        hoist_lazy(o, e);
        return;
    }
    const Expr *parts[] = { e->a, e->b, e->c };
    for (int i = 0; i < 3; i++)
        if (parts[i])
            hoist(o, parts[i]);
    for (size_t i = 0; i < e->args.count; i++)
        hoist(o, e->args.at[i]);
    if (e->kind == EXPR_CALL)
        hoist_call(o, e);
    if (e->kind == EXPR_MEM) {
        new_temp(o, e);
        write_text(o->w, "lower_load(l, ");
        print(o, e->a);
        write_text(o->w, ");\n");
    }
}

// --------------------------------------------------------------- statements

static void emit_block(Out *o, const Block *block);

static void emit_let(Out *o, const Local *local, const Expr *value)
{
    hoist(o, value);
    char name[48];
    snprintf(name, sizeof name, "%.*s%d", (int)(local->name.len < 24 ? local->name.len : 24), local->name.at,
             o->temps++);
    line(o);
    write_format(o->w, "const LowerValue %s = ", name);
    print(o, value);
    write_text(o->w, ";\n");
    name_local(o, local, name);
}

static void emit_set(Out *o, const Stmt *t)
{
    hoist(o, t->value);
    if (t->target->kind == EXPR_MEM) {
        hoist(o, t->target->a);
        line(o);
        write_text(o->w, "lower_store(l, ");
        print_two(o, "", t->target->a, t->value);
        write_text(o->w, ";\n");
        return;
    }
    line(o);
    if (t->target->kind == EXPR_REGS) {
        write_text(o->w, "lower_write(l, ");
        cell(o, t->target);
        write_text(o->w, ", ");
    } else {
        write_text(o->w, "lower_set_pc(l, ");
    }
    print(o, t->value);
    write_text(o->w, ");\n");
}

static void emit_arm(Out *o, const Block *block, bool is_last)
{
    o->indent++;
    emit_block(o, block);
    if (is_last) {
        line(o);
        write_text(o->w, "lower_finish(l);\n");
    }
    o->indent--;
    line(o);
}

// An `if` that ends its instruction lets every arm go its own way, so that each
// knows its pc.
static void emit_if(Out *o, const Stmt *t, bool is_last)
{
    int n = o->temps++;
    hoist(o, t->value);
    line(o);
    write_format(o->w, "LowerIf if%d;\n", n);
    line(o);
    write_format(o->w, "if (lower_then(l, &if%d, ", n);
    print(o, t->value);
    write_text(o->w, ")) {\n");
    emit_arm(o, &t->then, is_last);
    write_text(o->w, "}\n");
    line(o);
    write_format(o->w, "if (lower_else(l, &if%d)) {\n", n);
    emit_arm(o, &t->other, is_last);
    write_text(o->w, "}\n");
    line(o);
    write_format(o->w, "lower_end(l, &if%d);\n", n);
}

static void emit_proc(Out *o, const Stmt *t)
{
    for (size_t i = 0; i < t->args.count; i++)
        emit_let(o, t->proc->params.at[i], t->args.at[i]);
    emit_block(o, &t->proc->body);
}


static void emit_stmt(Out *o, const Stmt *t, bool is_last)
{
    switch (t->kind) {
    case STMT_LET: emit_let(o, t->local, t->value); break;
    case STMT_SET: emit_set(o, t); break;
    case STMT_LAZY:
        hoist(o, t->value);
        line(o);
        write_text(o->w, "lower_set_last(l, ");
        print(o, t->value);
        write_text(o->w, ");\n");
        break;
    case STMT_IF: emit_if(o, t, is_last); break;
    case STMT_WHEN: emit_block(o, t->dialect == o->options->dialect ? &t->then : &t->other); break;
    case STMT_RAISE:
        line(o);
        write_text(o->w, "lower_leave(l);\n");
        break;
    case STMT_TRAP:
        line(o);
        write_text(o->w, "trap(l, ");
        constant(o, t->value);
        write_text(o->w, ");\n");
        break;
    case STMT_PROC: emit_proc(o, t); break;
    default: assert(!"scan_stmt let it through");
    }
}

static void emit_block(Out *o, const Block *block)
{
    bool finishing = o->is_finishing;
    for (size_t i = 0; i < block->count; i++) {
        bool is_last = finishing && i + 1 == block->count;
        o->is_finishing = is_last;
        emit_stmt(o, block->at[i], is_last && block->at[i]->kind == STMT_IF);
        if (block->at[i]->kind == STMT_RAISE)
            break;
    }
    o->is_finishing = finishing;
}

// ---------------------------------------------------------------- functions

// The text between the braces of a function that lowers `block`, with the
// declarations of the fields it uses before it.
static void function_body(Out *o, const Block *block, bool finishes)
{
    Writer body = { 0 };
    Writer *out = o->w;
    o->w = &body;
    o->indent = 1;
    o->temps = o->used_count = o->name_count = o->hoisted_count = 0;
    o->is_finishing = finishes;
    if (can_lower(o, block)) {
        emit_block(o, block);
        if (finishes)
            write_text(&body, "    lower_finish(l);\n");
    } else {
        write_text(&body, "    lower_leave(l);\n");
    }
    o->w = out;
    for (int i = 0; i < o->used_count; i++) {
        const Field *f = o->used[i];
        write_format(out, "    const unsigned %.*s = word >> %d & 0x%X;\n", TEXT(f->name), f->lo,
                     (1u << (f->hi - f->lo + 1)) - 1);
    }
    write_bytes(out, body.at, body.len);
    writer_free(&body);
}

static void emit_form(Out *o, const Form *f)
{
    write_text(o->w, "\n");
    emit_origin(o->isa, o->options, o->w, 0, f);
    write_format(o->w, "static void lower_%s(Lower *l, unsigned word)\n{\n    (void)word;\n",
                 form_id(o->arena, f));
    function_body(o, &f->body, true);
    write_text(o->w, "}\n");
}

// -------------------------------------------------------------------- traps

static bool places_are_cells(const TrapEntry *t)
{
    bool fine = true;
    for (size_t i = 0; i < t->in.count; i++)
        fine &= t->in.at[i]->kind == EXPR_REGS && is_constant(t->in.at[i]->a);
    for (size_t i = 0; i < t->out.count; i++)
        fine &= t->out.at[i]->kind == EXPR_REGS && is_constant(t->out.at[i]->a);
    return fine;
}

static void emit_host(Out *o, const TrapEntry *t)
{
    line(o);
    write_format(o->w, "LowerValue in[%d], out[%d];\n", t->in.count ? (int)t->in.count : 1,
                 t->out.count ? (int)t->out.count : 1);
    for (size_t i = 0; i < t->in.count; i++) {
        line(o);
        write_format(o->w, "in[%d] = ", (int)i);
        print(o, t->in.at[i]);
        write_text(o->w, ";\n");
    }
    line(o);
    write_format(o->w, "lower_host(l, %d, %d, in, %d, out);\n", t->index, (int)t->in.count, (int)t->out.count);
    for (size_t i = 0; i < t->out.count; i++) {
        line(o);
        write_text(o->w, "lower_write(l, ");
        cell(o, t->out.at[i]);
        write_format(o->w, ", out[%d]);\n", (int)i);
    }
    if (t->sets) {
        line(o);
        write_text(o->w, "lower_set_last(l, out[0]);\n");
    }
}

// The native body of an entry: one function per entry.
static void emit_entry(Out *o, const TrapEntry *t)
{
    Place place = source_place(o->isa->source, t->span.begin);
    write_format(o->w, "\n// %s:%u  %.*s  %.*s\n", o->options->source, place.line, TEXT(t->name),
                 TEXT(t->title));
    write_format(o->w, "static void trap_%.*s(Lower *l, unsigned word)\n{\n", TEXT(t->name));
    write_text(o->w, "    (void)word;\n");
    if (t->is_host && places_are_cells(t) && can_lower(o, &t->body)) {
        o->indent = 1;
        o->temps = 0;
        emit_host(o, t);
        function_body(o, &t->body, false);
    } else if (!t->is_host) {
        function_body(o, &t->body, false);
    } else {
        write_text(o->w, "    lower_leave(l);\n");
    }
    write_text(o->w, "}\n");
}

static void emit_traps(Out *o)
{
    const Traps *traps = o->isa->traps;
    if (!traps)
        return;
    write_format(o->w, "\n// %.*s\n", TEXT(traps->otherwise_title));
    write_text(o->w, "static void otherwise(Lower *l, unsigned word)\n{\n    (void)word;\n");
    function_body(o, &traps->otherwise, false);
    write_text(o->w, "}\n");
    for (size_t i = 0; i < traps->list.count; i++)
        emit_entry(o, traps->list.at[i]);
    write_text(o->w, "\nstatic void native(Lower *l, unsigned vector)\n{\n    switch (vector) {\n");
    for (size_t i = 0; i < traps->list.count; i++)
        write_format(o->w, "    case 0x%02X: trap_%.*s(l, vector << %d); break;\n",
                     (unsigned)traps->list.at[i]->vector, TEXT(traps->list.at[i]->name), traps->field->lo);
    write_text(o->w, "    }\n}\n\nstatic bool is_listed(unsigned vector)\n{\n    switch (vector) {\n");
    for (size_t i = 0; i < traps->list.count; i++)
        write_format(o->w, "    case 0x%02X:%s\n", (unsigned)traps->list.at[i]->vector,
                     i + 1 == traps->list.count ? " return true;" : "");
    write_format(o->w,
                 "    }\n    return false;\n}\n\n"
                 "// The native body while it may run, else the program's routine.\n"
                 "static void trap(Lower *l, unsigned vector)\n{\n"
                 "    if (!is_listed(vector)) {\n"
                 "        otherwise(l, vector << %d);\n"
                 "        lower_count_trap(l, vector);\n"
                 "        return;\n"
                 "    }\n"
                 "    LowerIf i;\n"
                 "    if (lower_then(l, &i, lower_native(l, vector))) {\n"
                 "        native(l, vector);\n"
                 "        lower_count_trap(l, vector);\n"
                 "        lower_finish(l);\n"
                 "    }\n"
                 "    if (lower_else(l, &i)) {\n"
                 "        otherwise(l, vector << %d);\n"
                 "        lower_count_trap(l, vector);\n"
                 "        lower_finish(l);\n"
                 "    }\n"
                 "    lower_end(l, &i);\n"
                 "}\n",
                 traps->field->lo, traps->field->lo);
}

// --------------------------------------------------------------- the file

static const Lazy *only_lazy(const Isa *isa)
{
    assert(isa->lazies.count == 1);
    return isa->lazies.at[0];
}

static void emit_codes(Out *o)
{
    const Lazy *lazy = only_lazy(o->isa);
    write_format(o->w, "\n// %.*s of a result\nstatic LowerValue codes(Lower *l, LowerValue last)\n{\n    return ",
                 TEXT(lazy->name));
    o->name_count = o->hoisted_count = 0;
    name_local(o, lazy->fn->params.at[0], "last");
    print(o, lazy->fn->body);
    write_text(o->w, ";\n}\n");
}

static void emit_lowering_table(Out *o)
{
    const Lazy *lazy = only_lazy(o->isa);
    write_text(o->w, "\nstatic void (*const forms[])(Lower *, unsigned) = {\n");
    for (size_t i = 0; i < o->isa->forms.count; i++)
        write_format(o->w, "    lower_%s,\n", form_id(o->arena, o->isa->forms.at[i]));
    write_text(o->w, "};\n");
    write_format(o->w,
                 "\nconst LowerMachine %s_lowering = {\n"
                 "    .name = \"%s\",\n"
                 "    .forms = forms,\n"
                 "    .codes = codes,\n"
                 "    .codes_lo = %d,\n"
                 "    .codes_width = %d,\n"
                 "    .codes_offset = offsetof(Lc3State, %.*s),\n"
                 "    .native_offset = offsetof(Lc3State, native),\n"
                 "    .traps_offset = offsetof(Lc3State, traps),\n"
                 "    .attention_offset = offsetof(Lc3State, attention),\n"
                 "    .instructions_offset = offsetof(Lc3State, instructions),\n"
                 "};\n",
                 o->options->prefix, o->options->prefix, lazy->at_lo, lazy->at_hi - lazy->at_lo + 1,
                 TEXT(lazy->at->name));
}

void emit_lower_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena arena = { 0 };
    Out *o = &(Out){ .w = w, .arena = &arena, .isa = isa, .options = options };
    emit_banner(w, options, "What every instruction does, said to LLVM by runtime/jit_lower.h.");
    write_format(w, "#include \"jit_lower.h\"\n\n#include <stddef.h>\n\n#include \"%s_state.h\"\n",
                 options->machine);
    emit_codes(o);
    emit_traps(o);
    for (size_t i = 0; i < isa->forms.count; i++)
        emit_form(o, isa->forms.at[i]);
    emit_lowering_table(o);
    arena_free(&arena);
}

// ------------------------------------------- the machine, for the JIT's driver

static bool same_expr(const Expr *a, const Expr *b)
{
    if (!a || !b)
        return a == b;
    return a->kind == b->kind && a->op == b->op && a->convert == b->convert && a->num == b->num &&
           a->hi == b->hi && a->lo == b->lo && a->reg == b->reg && a->regs == b->regs && a->fn == b->fn &&
           a->lazy == b->lazy && a->args.count == 0 && b->args.count == 0 && same_expr(a->a, b->a) &&
           same_expr(a->b, b->b) && same_expr(a->c, b->c);
}

static const Expr *guard_of(const Region *r, int dialect)
{
    return r->guard_dialect < 0 || r->guard_dialect == dialect ? r->guard : NULL;
}

// Every different guard is one bit of the mode.
static void emit_ranges(Out *o)
{
    const Mem *mem = exec_mem(o->isa);
    const Expr *guards[8];
    uint64_t places[8];
    int count = 0;
    write_text(o->w, "static const JitRange ranges[] = {\n");
    for (size_t i = 0; i < mem->regions.count; i++) {
        const Region *r = &mem->regions.at[i];
        const Expr *guard = guard_of(r, o->options->dialect);
        int bit = guard ? 0 : -1;
        while (guard && bit < count && !same_expr(guards[bit], guard))
            bit++;
        if (bit == count) {
            assert(count < 8);
            guards[count] = guard;
            places[count++] = r->first;
        }
        write_format(o->w, "    { 0x%04X, 0x%04X, %d, %s }, // %.*s\n", (unsigned)r->first, (unsigned)r->last, bit,
                     r->kind == REGION_DEVICE ? "true" : "false", TEXT(r->name));
    }
    write_text(o->w, "};\n\nstatic unsigned mode(const Lc3State *s)\n{\n    unsigned m = 0;\n");
    if (!count)
        write_text(o->w, "    (void)s;\n");
    for (int i = 0; i < count; i++)
        write_format(o->w, "    m |= (unsigned)(%s_guard(s, 0x%04X) >= 0) << %d;\n", o->options->prefix,
                     (unsigned)places[i], i);
    write_format(o->w, "    return m;\n}\n\nenum { GUARDS = %d };\n\n", count);
}

static void emit_last(Out *o)
{
    const Lazy *lazy = only_lazy(o->isa);
    unsigned mask = (1u << (lazy->at_hi - lazy->at_lo + 1)) - 1;
    write_format(o->w, "static int last(const Lc3State *s)\n{\n    switch (s->%.*s >> %d & 0x%X) {\n",
                 TEXT(lazy->at->name), lazy->at_lo, mask);
    for (unsigned v = 0; v <= mask; v++)
        if (lazy->inverse[v] >= 0)
            write_format(o->w, "    case %u: return 0x%04X;\n", v, (unsigned)lazy->inverse[v]);
    write_format(o->w,
                 "    default: return -1;\n    }\n}\n\n"
                 "static void set_last(Lc3State *s, uint16_t last)\n{\n"
                 "    s->%.*s = (s->%.*s & ~0x%Xu) | (unsigned)fn_%.*s(last) << %d;\n}\n\n",
                 TEXT(lazy->at->name), TEXT(lazy->at->name), mask << lazy->at_lo, TEXT(lazy->fn->name),
                 lazy->at_lo);
}

static const char *ring_path(const TrapEntry *t)
{
    const HostPath path = host_path(t);
    return path == HOST_PUSHES ? "JIT_PUSH" : path == HOST_POPS ? "JIT_POP" : "JIT_CALL";
}

static void emit_cells(Out *o)
{
    write_text(o->w, "static const uint16_t cells[] = {\n");
    for (size_t i = 0; i < o->isa->regs.count; i++)
        for (int k = 0; k < o->isa->regs.at[i]->count; k++)
            write_format(o->w, "    offsetof(Lc3State, %.*s[%d]),\n", TEXT(o->isa->regs.at[i]->name), k);
    write_text(o->w, "};\n\nstatic const JitHost hosts[] = {\n");
    const Traps *traps = o->isa->traps;
    for (size_t i = 0; traps && i < traps->list.count; i++) {
        const TrapEntry *t = traps->list.at[i];
        if (t->is_host)
            write_format(o->w, "    [%d] = { \"%.*s\", (void *)%s_host_%.*s, %s },\n", t->index, TEXT(t->name),
                         o->options->machine, TEXT(t->name), ring_path(t));
        else
            write_format(o->w, "    [%d] = { 0 },\n", t->index);
    }
    write_text(o->w, "};\n\n");
}

void emit_jit_c(const Isa *isa, const EmitOptions *options, Writer *w)
{
    Arena arena = { 0 };
    Out *o = &(Out){ .w = w, .arena = &arena, .isa = isa, .options = options };
    emit_banner(w, options, "The machine as the JIT's driver knows it (runtime/jit_machine.h).");
    write_text(w, "#include \"jit_machine.h\"\n\n");
    emit_fns_c(isa, options, w);
    emit_ranges(o);
    emit_last(o);
    emit_cells(o);
    write_format(w,
                 "const JitMachine %s_jit = {\n"
                 "    .name = \"%s\",\n"
                 "    .isa = &%s_isa,\n"
                 "    .ranges = ranges,\n"
                 "    .range_count = sizeof ranges / sizeof *ranges,\n"
                 "    .guard_count = GUARDS,\n"
                 "    .cells = cells,\n"
                 "    .cell_count = sizeof cells / sizeof *cells,\n"
                 "    .pc = offsetof(Lc3State, %.*s),\n"
                 "    .hosts = hosts,\n"
                 "    .host_count = sizeof hosts / sizeof *hosts,\n"
                 "    .mode = mode,\n"
                 "    .last = last,\n"
                 "    .set_last = set_last,\n"
                 "    .step = %s_step,\n"
                 "    .raise = %s_raise,\n"
                 "};\n",
                 options->prefix, options->prefix, options->machine, TEXT(isa->pc->name), options->prefix,
                 options->prefix);
    arena_free(&arena);
}
