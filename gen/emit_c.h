// emit_c.h -- expressions and statements of a description, written as C.
//
// A Lower writes one body.  What an expression means is decided here, once; how
// the body reaches the machine (a struct at rest, values in host registers, a
// predecoded entry) is decided by the Reach it is given.  Loads may fail, so
// they become statements of their own before the expression they belong to, in
// the order in which the description evaluates them.
#ifndef GEN_EMIT_C_H
#define GEN_EMIT_C_H

#include "emit.h"

// An expression as C text.  `dirty`: only the low bits, as many as the type has,
// are right; what stands above them is not zero.
typedef struct {
    const char *text;
    int level; // of its outermost operator, as in the C grammar; LEVEL_ATOM needs no brackets
    bool dirty;
} CText;

enum { LEVEL_COND, LEVEL_LOR, LEVEL_LAND, LEVEL_OR, LEVEL_XOR, LEVEL_AND, LEVEL_EQ, LEVEL_LESS, LEVEL_SHIFT,
       LEVEL_ADD, LEVEL_MUL, LEVEL_UNARY, LEVEL_ATOM };

typedef struct Lower Lower;

// True when evaluating it may end the instruction: it loads, or divides.
bool expr_may_stop(const Expr *e);
const Exception *policy_raise(const Isa *isa, const char *key); // or NULL

// How a body reaches the machine.  Functions that return text may write lines of
// their own before; addresses and values come as text without dirt.
typedef struct {
    // A value that this place knows by a name of its own, or NULL text.  Asked first.
    CText (*known)(Lower *l, const Expr *e);
    CText (*field)(Lower *l, const Field *field);
    CText (*reg)(Lower *l, const Reg *reg);
    CText (*lazy)(Lower *l, const Lazy *lazy);
    void (*load)(Lower *l, const Mem *mem, const char *address, const char *name); // into a new name
    void (*store)(Lower *l, const Mem *mem, const char *address, const char *value);
    void (*set_reg)(Lower *l, const Reg *reg, const char *value);
    void (*set_lazy)(Lower *l, const Lazy *lazy, const char *value); // value: of fn's parameter
    void (*raise)(Lower *l, const Exception *exception);
    void (*trap)(Lower *l, const char *vector);
    void (*halt)(Lower *l);
    void (*proc)(Lower *l, const Proc *proc, const char *args);
    void (*end)(Lower *l); // a path of the body ends here
} Reach;

typedef struct { const Local *local; const char *name; } LocalName;

struct Lower {
    const Isa *isa;
    const EmitOptions *options;
    Writer *w;
    Arena *arena;
    const Reach *reach;
    void *user; // of the reach
    const char *part; // put before names, so that two bodies fit into one block; "" for one
    int indent;
    int temps;
    LIST(LocalName) names;
};

// Prepares for one body whose lines are indented by `indent` blanks.
void lower_init(Lower *l, const Isa *isa, const EmitOptions *options, Writer *w, Arena *arena,
                const Reach *reach, void *user, int indent);

// Writes one indented line.
void lower_line(Lower *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lower_block(Lower *l, const Block *block);
// As lower_block, for a whole body: reach->end is called wherever control leaves it.
void lower_body(Lower *l, const Block *block);
// The name by which C knows a local; given on first use.
const char *lower_local(Lower *l, const Local *local);
CText lower_expr(Lower *l, const Expr *e);
// The same without dirt, and bracketed when its level is below `level`.
const char *lower_value(Lower *l, const Expr *e, int level);

// Text helpers.
CText ctext(const char *text, int level, bool dirty);
const char *ctext_in(Lower *l, CText c, int level);    // bracketed when needed
CText ctext_clean(Lower *l, CText c, Type type);       // without dirt
CText ctext_into(Lower *l, CText c, Type type);        // the same for a variable of the type: C cuts by itself
const char *c_type(Type type);                         // "uint16_t"
const char *c_number(Arena *a, uint64_t value);        // "9", "0x1F"
const char *c_name(Arena *a, Text name);               // a name of the description where C has it reserved: with _
uint64_t type_mask(Type type);

// Statements with `when` resolved: calls `visit` on every expression and statement
// in order of evaluation; a NULL visitor is skipped.
typedef struct {
    void (*expr)(void *user, const Expr *e); // children first
    void (*stmt)(void *user, const Stmt *s); // after its expressions, before its blocks
    void *user;
    int dialect;
} Visit;
void visit_expr(const Visit *v, const Expr *e);
void visit_block(const Visit *v, const Block *block);

// What files of generated C share.
void emit_banner(Writer *w, const EmitOptions *options, const char *purpose);
void emit_shared_c(const Isa *isa, const EmitOptions *options, Writer *w); // once in a file that includes several
void emit_fns_c(const Isa *isa, const EmitOptions *options, Writer *w);  // static inline fn_...
uint64_t used_fields(const Block *block, int dialect); // bits by Field.index
uint64_t used_fields_expr(const Expr *e);
const char *field_name(Lower *l, const Field *f);
void emit_raw_fields(Lower *l, uint64_t fields, const char *word); // const unsigned dr = word >> 9 & 7; ...
void emit_origin(const Isa *isa, const EmitOptions *options, Writer *w, int indent, const Form *form);

// Nested switch over a word's forms: `each` writes what one form does.  The
// outermost switch looks at the bits that are fixed in every form.
typedef struct { int lo, width; } Primary;
Primary primary_bits(const Isa *isa);
void emit_form_switch(const Isa *isa, Writer *w, const char *word, int indent,
                      void (*each)(void *user, const Form *form, int indent), void *user);
// The forms whose fixed bits allow this value of the primary bits, in order.
typedef LIST(const Form *) FormList;
FormList primary_forms(const Isa *isa, Arena *a, uint64_t primary);
// The test `(word & 0xF020) == 0x1000`, of bits that `known` does not cover; NULL when none is left.
const char *form_test(Arena *a, const Form *form, const char *word, uint64_t known);

const char *form_id(Arena *a, const Form *form); // "ADD_imm"

// What a native body does with port 0 of the bus when it need not wait; engines do that in line.
typedef enum { HOST_CALLED, HOST_PUSHES, HOST_POPS } HostPath;
HostPath host_path(const TrapEntry *entry);
bool has_host_path(const Isa *isa); // some entry is not HOST_CALLED

// The largest stretch of ordinary memory that this dialect never guards: loads
// and stores there need no more than one comparison.  count 0: there is none.
typedef struct { uint64_t first, count; } RamRange;
RamRange ram_range(const Isa *isa, int dialect);
bool guard_holds(const Region *region, int dialect);
const char *exception_id(Arena *a, const EmitOptions *options, const Exception *e); // "LC3_EXC_ACV"
void emit_quiet_pragmas(Writer *w);

// emit_state.c: names shared by generated files.
const char *state_type(Arena *a, const EmitOptions *options);          // "Lc3State"
const char *upper_name(Arena *a, const char *name);                    // "LC3"
const Mem *exec_mem(const Isa *isa);
void emit_dialect_prototypes(const EmitOptions *options, const char *prefix, Writer *w);

#endif
