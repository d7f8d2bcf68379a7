// read.h -- from the text of a description to an unchecked model.
//
// lex.re cuts the text into tokens; read.c hands them to the grammar (parse.y)
// one item at a time, so that a mistake never reaches past its item; the
// grammar's rules call the builders below (build_*.c), which fill in the model
// and leave every name as it was written.
#ifndef GEN_READ_H
#define GEN_READ_H

#include "model.h"

typedef struct {
    int kind; // TOK_..., 0 at the end
    Span span;
    uint64_t num; // of a number
    Text text;    // the word, or a string's contents without quotes
    Span inner;   // where a string's contents stand
} Token;

typedef LIST(Token) TokenList;
typedef LIST(Name) NameList;

typedef struct {
    Isa *isa;
    Arena *arena;
    Diag *diag;
    Span item;   // the item at hand
    bool failed; // it has a mistake
    int nodes;   // expressions and statements of this item
    Token last;  // the token before the one at hand
    Form *form;  // the form being read
    Insn *insn;
    TrapEntry *entry;
} Reader;

// lex.re.  All tokens, without an end mark; words that are no tokens are reported.
void lex_all(const Source *source, Arena *arena, Diag *diag, TokenList *out);

// ------------------------------------------------- builders, called by parse.y

// build_expr.c: what fills in a type by its name, or leaves that to check
void set_type(Reader *r, Type *type, int *tag, Token name);
int width_suffix(Text name, const char *word); // 16 of "bits16", else 0

Name token_name(Token t);
void read_unexpected(Reader *r, Token t, const int *expected, int count);

Expr *new_expr(Reader *r, ExprKind kind, Span span);
Expr *new_unary(Reader *r, Token op, Expr *a);
Expr *new_binary(Reader *r, Expr *a, Token op, Expr *b);
Expr *new_index(Reader *r, Expr *base, Expr *hi, Expr *lo, Token close);
Expr *new_apply(Reader *r, Token name, ExprList *args, Token close);
Expr *new_host(Reader *r, Token keyword, Token name, ExprList *args, Token close);
Expr *new_pop(Reader *r, Token keyword, Token stack);
Expr *new_part_field(Reader *r, Token part, Token field);
ExprList *new_exprs(Reader *r);
ExprList *add_expr(Reader *r, ExprList *list, Expr *e);

Block *new_block(Reader *r);
Block *add_stmt(Reader *r, Block *block, Stmt *s);
Stmt *new_stmt(Reader *r, StmtKind kind, Token first, Token last);
Stmt *new_let(Reader *r, Token name, Expr *value, Token last);
Stmt *new_set(Reader *r, Expr *target, Expr *value, Token last);
Stmt *new_named(Reader *r, StmtKind kind, Token first, Token name, Expr *value, Token last);
Stmt *new_branch(Reader *r, StmtKind kind, Token first, Token name, Expr *value, Block *then, Block *other);
Stmt *new_call(Reader *r, Expr *call, Token last);

NameList *new_names(Reader *r);
NameList *add_name(Reader *r, NameList *list, Token t);
TokenList *new_tokens(Reader *r);
TokenList *add_token(Reader *r, TokenList *list, Token t);
LocalList *new_locals(Reader *r);
LocalList *add_local(Reader *r, LocalList *list, Token name, Token type);

void read_isa(Reader *r, Token name, Token title);
void read_dialect(Reader *r, Token name, bool is_default);
void read_regs(Reader *r, Token name, Token count, Token type, TokenList *names);
void read_reg(Reader *r, Token name, Token type, Expr *reset, NameList *attrs);
void read_lazy(Reader *r, Token name, Token type, Token fn, LocalList *params, Expr *at);
typedef LIST(Region) RegionList;
RegionList *add_region(Reader *r, RegionList *list, Token first, Token last, Token name, Token dialect,
                       Expr *guard, Token raise);
void read_mem(Reader *r, Token name, Token count, Token type, NameList *attrs, RegionList *regions);
void read_union(Reader *r, Token name);
void read_variant(Reader *r, Token name, Token type, TokenList *strings);
typedef LIST(Setting) SettingList;
SettingList *add_setting(Reader *r, SettingList *list, Token key, Token value);
void read_stack(Reader *r, Token name, Token type, SettingList *settings);
void read_code(Reader *r, Token name, Token type, SettingList *settings);
void read_policy(Reader *r, Token key, Token value, Token raise);
void read_fn(Reader *r, Token name, LocalList *params, Token type, Expr *body);
void read_proc(Reader *r, Token name, LocalList *params, Block *body);
void read_exception(Reader *r, Token name, Token vector, Token *priority, Token title, Block *body);
void read_error(Reader *r, Token name, Token exit, Token title);
void read_host(Reader *r, Token name, LocalList *params, Token *type, NameList *attrs);
void read_encoding(Reader *r, Token type);
void read_field(Reader *r, Token name, Token hi, Token lo, TokenList *kind);
void read_token_rule(Reader *r, TokenList *words);
void read_form(Reader *r, Token first, Token *name, Token enc, Token assembly);
void read_form_let(Reader *r, Token name, Expr *value);
void read_hint(Reader *r, Token hint);
void read_far(Reader *r, Token insn);
void read_insn(Reader *r, Token name, Token title, Block *body);
typedef struct {
    LocalList locals;
    LIST(Name) types; // empty text: any
} EffectList;
EffectList *add_effect(Reader *r, EffectList *list, Token name, Token *type);
void read_stack_insn(Reader *r, Token name, Token spelling, EffectList *in, EffectList *out, Block *body);
void read_reserved(Reader *r, Token first, Token enc, Token raise);
void read_traps(Reader *r, Token first, Token insn, Token field);
void read_trap_word(Reader *r, Token word);
void read_trap_place(Reader *r, bool is_out, Expr *place);
void read_trap_memory(Reader *r, bool is_write, Token mem);
void read_trap_sets(Reader *r, Token lazy);
void read_trap(Reader *r, Token vector, Token name, Token title, Block *body);
void read_otherwise(Reader *r, Token first, Token title, Block *body);
typedef LIST(Bind) BindList;
BindList *add_bind(Reader *r, BindList *list, Token name, Expr *value);
void read_alias(Reader *r, Token name, Token insn, Token *form, BindList *binds, NameList *hints);
typedef LIST(FusePart) PartList;
PartList *add_part(Reader *r, PartList *list, Token label, Token insn, Token *form);
void read_fuse(Reader *r, Token name, PartList *parts, Expr *where);
typedef LIST(ExampleBind) ExampleBindList;
ExampleBindList *add_example_bind(Reader *r, ExampleBindList *list, Expr *place, Expr *value);
void read_example(Reader *r, Token name, Token *dialect, ExampleBindList *given, Token run,
                  ExampleBindList *expect);

#endif
