// check.h -- what the parts of the checker share.
//
// check.c drives: check_names.c finds names and says what is nearest to a wrong one;
// check_state.c looks at registers and memories, check_stack.c at machines with stacks; check_encoding.c at patterns, syntax
// and coverage; check_scope.c, check_expr.c, check_calls.c and check_stmt.c resolve and
// type the bodies; check_roles.c derives what a body does; check_tools.c looks at
// traps, aliases, fuses and examples.  A type of TYPE_NONE means "reported already":
// whatever meets it stays silent.
#ifndef GEN_CHECK_H
#define GEN_CHECK_H

#include "model.h"

typedef struct {
    Isa *isa;
    Diag *diag;
    Arena *arena;

    bool has_bad_pattern; // then coverage says nothing

    // The body at hand.
    Form *form;                 // whose fields it may read, or NULL
    const Exception *exception; // whose `vector` and `priority` it may read, or NULL
    const Fuse *fuse;           // whose parts' fields it may read, or NULL
    const Insn *stack_insn;     // whose outputs it assigns, or NULL
    bool is_pure;               // of a fn: parameters only
    bool is_constant;           // a number is wanted: no names but trap entries'
    LocalList scope;            // visible locals, innermost last
    LocalList lets;             // all lets of the body, for the unused
    LIST(Local *) used;         // locals that were read
    int locals;                 // numbered so far
    uint64_t assigned, touched; // outputs assigned on every path, on some path
} Check;

static const Type NO_TYPE = { TYPE_NONE, 0 };
static const Type BOOL_TYPE = { TYPE_BOOL, 0 };
static inline Type bits_type(int width)
{
    return (Type){ TYPE_BITS, width };
}
static inline bool same_type(Type a, Type b)
{
    return a.kind == b.kind && (a.kind != TYPE_BITS || a.width == b.width);
}
static inline uint64_t low_bits(int width)
{
    return width >= 64 ? UINT64_MAX : (1ull << width) - 1;
}
const char *type_name(Arena *a, Type type);
int index_width(uint64_t count); // bits that number `count` things

// Reports unless the same was said of the same place (a body is checked once
// for every form); returns whether it did, for a note or a hint to follow.
bool complain(Check *c, Span at, const char *format, ...) __attribute__((format(printf, 3, 4)));
// As complain, about a name that nothing has: "%s '%.*s'"; silent when a mistake in
// the text took away what has it.
bool complain_unknown(Check *c, Span at, const char *what, Text name);
// The nearest of the words offered so far.
typedef struct {
    Text word;
    Text best;
    int distance;
} Guess;
void guess_offer(Guess *g, Text candidate);
void guess_hint(Check *c, const Guess *g);

// check_names.c
Reg *find_reg(const Isa *isa, Text name);
Regs *find_regs(const Isa *isa, Text name);
Lazy *find_lazy(const Isa *isa, Text name);
Mem *find_mem(const Isa *isa, Text name);
Stack *find_stack(const Isa *isa, Text name);
Exception *find_exception(const Isa *isa, Text name);
Field *find_field(const Isa *isa, Text name);
Exception *resolve_exception(Check *c, Name name); // reports; may return NULL
int resolve_dialect(Check *c, Name name);          // reports; may return -1
void check_duplicates(Check *c);
void resolve_types(Check *c);

// check_state.c
void check_state(Check *c);

// check_stack.c
void check_tokens(Check *c);
void check_hosts(Check *c);
void check_stack_machine(Check *c);
void check_effect(Check *c, const Insn *insn);
void check_stack_fuse(Check *c, const Fuse *fuse);
Stack *value_stack(const Isa *isa);
bool moves_values(const Stack *stack); // the stack of which effects speak

// check_scope.c
Expr *copy_expr(Check *c, const Expr *e);
Block copy_block(Check *c, const Block *block);
void begin_body(Check *c);
void end_body(Check *c, int *locals); // reports what was never used
void add_parameter(Check *c, Local *local);
void use_local(Check *c, Local *local);
Local *find_local(const Check *c, Text name);
const Field *form_field(const Check *c, Text name);             // a field of the form at hand
bool number_of(const Expr *e, uint64_t *value, bool *negative); // of a literal with its sign
void become_number(Expr *e, uint64_t value, Type type);
void adapt(Check *c, Expr *e, Type type); // gives a tree of literals the type it meets
void want_type(Check *c, Expr *e, Type type, const char *where);

// check_expr.c
void check_expr(Check *c, Expr *e);

// check_calls.c
Fn *find_fn(const Isa *isa, Text name);
Proc *find_proc(const Isa *isa, Text name);
int conversion(Text name, Convert *convert); // sext16: 16; 0 when it is none
void check_args(Check *c, Span at, Text name, ExprList *args, const LocalList *params);
void resolve_apply(Check *c, Expr *e);
void resolve_host(Check *c, Expr *e);
Stack *resolve_stack(Check *c, Text name, Span at); // reports; may return NULL

// check_stmt.c
bool check_block(Check *c, Block *block); // returns whether its end is reached

// check_roles.c
void check_calls(Check *c);

// fold.c
// The value of an expression over locals and fields of known value; false when it is
// not one.  `fields` holds 64 values for each part of a fuse.
bool fold(const Expr *e, const uint64_t *locals, const uint64_t *fields, uint64_t *out);

// check_encoding.c
void check_fields(Check *c);
void check_patterns(Check *c); // patterns and syntax of every form
void check_coverage(Check *c);

// check_tools.c
void check_trap_places(Check *c);
void check_trap_bodies(Check *c);
void check_aliases(Check *c);
void check_fuses(Check *c);
void check_examples(Check *c);

#endif
