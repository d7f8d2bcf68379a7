// parse.y -- the language of descriptions, one item at a time.
//
// The rules collect; names and types are resolved by check.c.  Every list is
// written "one, or many then one" and every optional list as two rules, because
// Lemon mishandles an empty list that directly follows a token.
%name Item
%token_prefix TOK_
%token_type {Token}
%extra_argument {Reader *r}
%stack_size 400

%include {
#include "read.h"
#include <assert.h>
#include <stdlib.h>
}

// Keywords are words wherever the grammar has no use for them.
%fallback ID ISA DIALECT DEFAULT REGS REG LAZY AT MEM REGION GUARD TYPE STACK CODE POLICY FN PROC EXCEPTION
    EXIT INTERRUPT PRIORITY HOST ENCODING FIELD TOKENS LITERAL INSN FORM ENC ASM HINT FAR DO RESERVED TRAPS IN
    OUT READS WRITES SETS OTHERWISE ALIAS FUSE WHERE EXAMPLE GIVEN RUN EXPECT LET IF ELSE WHEN RAISE TRAP HALT
    PUSH POP.

%syntax_error {
    // In a state that reports a mistake no reduction is left, so what has an
    // action here is what may stand here.
    int expected[YYNTOKEN], count = 0;
    for (int i = 1; i < YYNTOKEN; i++) {
        const YYACTIONTYPE act = yy_find_shift_action((YYCODETYPE)i, yypParser->yytos->stateno);
        const int fallback = i < (int)(sizeof yyFallback / sizeof *yyFallback) ? yyFallback[i] : 0;
        if (act != YY_ERROR_ACTION && !(fallback && act == yy_find_shift_action((YYCODETYPE)fallback, yypParser->yytos->stateno)))
            expected[count++] = i;
    }
    read_unexpected(r, TOKEN, expected, count);
}
%stack_overflow {
    if (!r->failed)
        diag_error(r->diag, r->last.span, "nested too deeply");
    r->failed = true;
}

%right QUESTION COLON.
%left OROR.
%left ANDAND.
%nonassoc SAME DIFFERS LT LE GT GE.
%left OR.
%left XOR.
%left AND.
%left SHL SHR.
%left PLUS MINUS.
%left STAR SLASH PERCENT.
%right BANG TILDE NEGATE.

start ::= item.

// ------------------------------------------------------------------- state

item ::= ISA ID(N) STR(T) SEMI.                  { read_isa(r, N, T); }
item ::= DIALECT dialects SEMI.
dialects ::= dialect.
dialects ::= dialects COMMA dialect.
dialect ::= ID(N).                               { read_dialect(r, N, false); }
dialect ::= ID(N) DEFAULT.                       { read_dialect(r, N, true); }

item ::= REGS ID(N) LEFT NUM(C) RIGHT COLON ID(T) strings(S) SEMI.  { read_regs(r, N, C, T, S); }
item ::= REG ID(N) COLON ID(T) SEMI.                          { read_reg(r, N, T, NULL, NULL); }
item ::= REG ID(N) COLON ID(T) words(A) SEMI.                 { read_reg(r, N, T, NULL, A); }
item ::= REG ID(N) COLON ID(T) EQUALS expr(E) SEMI.           { read_reg(r, N, T, E, NULL); }
item ::= REG ID(N) COLON ID(T) EQUALS expr(E) words(A) SEMI.  { read_reg(r, N, T, E, A); }

item ::= LAZY ID(N) COLON ID(T) EQUALS ID(F) OPEN params(P) CLOSE SEMI.             { read_lazy(r, N, T, F, P, NULL); }
item ::= LAZY ID(N) COLON ID(T) EQUALS ID(F) OPEN params(P) CLOSE AT postfix(E) SEMI. { read_lazy(r, N, T, F, P, E); }

item ::= MEM ID(N) LEFT NUM(C) RIGHT COLON ID(T) BEGIN regions(R) END.              { read_mem(r, N, C, T, NULL, R); }
item ::= MEM ID(N) LEFT NUM(C) RIGHT COLON ID(T) words(A) BEGIN regions(R) END.     { read_mem(r, N, C, T, A, R); }

%type regions {RegionList *}
regions(L) ::= REGION NUM(F) DOTS NUM(T) ID(N) SEMI.              { L = add_region(r, NULL, F, T, N, (Token){ 0 }, NULL, (Token){ 0 }); }
regions(L) ::= REGION NUM(F) DOTS NUM(T) ID(N) GUARD expr(E) RAISE ID(X) SEMI.              { L = add_region(r, NULL, F, T, N, (Token){ 0 }, E, X); }
regions(L) ::= REGION NUM(F) DOTS NUM(T) ID(N) WHEN ID(D) GUARD expr(E) RAISE ID(X) SEMI.   { L = add_region(r, NULL, F, T, N, D, E, X); }
regions(L) ::= regions(A) REGION NUM(F) DOTS NUM(T) ID(N) SEMI.   { L = add_region(r, A, F, T, N, (Token){ 0 }, NULL, (Token){ 0 }); }
regions(L) ::= regions(A) REGION NUM(F) DOTS NUM(T) ID(N) GUARD expr(E) RAISE ID(X) SEMI.   { L = add_region(r, A, F, T, N, (Token){ 0 }, E, X); }
regions(L) ::= regions(A) REGION NUM(F) DOTS NUM(T) ID(N) WHEN ID(D) GUARD expr(E) RAISE ID(X) SEMI. { L = add_region(r, A, F, T, N, D, E, X); }

item ::= TYPE ID(N) EQUALS variants SEMI.        { read_union(r, N); }
variants ::= variant.
variants ::= variants OR variant.
variant ::= ID(N) OPEN ID(T) CLOSE.              { read_variant(r, N, T, NULL); }
variant ::= ID(N) OPEN ID(T) CLOSE strings(S).   { read_variant(r, N, T, S); }

item ::= STACK ID(N) COLON ID(T) SEMI.               { read_stack(r, N, T, NULL); }
item ::= STACK ID(N) COLON ID(T) settings(L) SEMI.   { read_stack(r, N, T, L); }
item ::= CODE ID(N) COLON ID(T) SEMI.                { read_code(r, N, T, NULL); }
item ::= CODE ID(N) COLON ID(T) settings(L) SEMI.    { read_code(r, N, T, L); }
%type settings {SettingList *}
settings(L) ::= ID(K) ID(V).                     { L = add_setting(r, NULL, K, V); }
settings(L) ::= ID(K) NUM(V).                    { L = add_setting(r, NULL, K, V); }
settings(L) ::= settings(A) ID(K) ID(V).         { L = add_setting(r, A, K, V); }
settings(L) ::= settings(A) ID(K) NUM(V).        { L = add_setting(r, A, K, V); }

item ::= POLICY policies SEMI.
policies ::= policy.
policies ::= policies COMMA policy.
policy ::= ID(K) ID(V).                          { read_policy(r, K, V, (Token){ 0 }); }
policy ::= ID(K) RAISE(V) ID(X).                 { read_policy(r, K, V, X); }

item ::= FN ID(N) OPEN params(P) CLOSE ARROW ID(T) EQUALS expr(E) SEMI.  { read_fn(r, N, P, T, E); }
item ::= FN ID(N) OPEN CLOSE ARROW ID(T) EQUALS expr(E) SEMI.            { read_fn(r, N, NULL, T, E); }
item ::= PROC ID(N) OPEN params(P) CLOSE block(B).   { read_proc(r, N, P, B); }
item ::= PROC ID(N) OPEN CLOSE block(B).             { read_proc(r, N, NULL, B); }

item ::= EXCEPTION ID(N) AT NUM(V) STR(T) DO block(B).                  { read_exception(r, N, V, NULL, T, B); }
item ::= INTERRUPT ID(N) AT NUM(V) PRIORITY NUM(P) STR(T) DO block(B).  { read_exception(r, N, V, &P, T, B); }
item ::= EXCEPTION ID(N) EXIT NUM(X) STR(T) SEMI.                       { read_error(r, N, X, T); }

item ::= HOST ID(N) OPEN CLOSE SEMI.                               { read_host(r, N, NULL, NULL, NULL); }
item ::= HOST ID(N) OPEN CLOSE words(A) SEMI.                      { read_host(r, N, NULL, NULL, A); }
item ::= HOST ID(N) OPEN CLOSE ARROW ID(T) SEMI.                   { read_host(r, N, NULL, &T, NULL); }
item ::= HOST ID(N) OPEN CLOSE ARROW ID(T) words(A) SEMI.          { read_host(r, N, NULL, &T, A); }
item ::= HOST ID(N) OPEN params(P) CLOSE SEMI.                     { read_host(r, N, P, NULL, NULL); }
item ::= HOST ID(N) OPEN params(P) CLOSE words(A) SEMI.            { read_host(r, N, P, NULL, A); }
item ::= HOST ID(N) OPEN params(P) CLOSE ARROW ID(T) SEMI.         { read_host(r, N, P, &T, NULL); }
item ::= HOST ID(N) OPEN params(P) CLOSE ARROW ID(T) words(A) SEMI. { read_host(r, N, P, &T, A); }

%type params {LocalList *}
params(L) ::= ID(N) COLON ID(T).                 { L = add_local(r, new_locals(r), N, T); }
params(L) ::= params(A) COMMA ID(N) COLON ID(T). { L = add_local(r, A, N, T); }

%type words {NameList *}
words(L) ::= ID(T).                              { L = add_name(r, new_names(r), T); }
words(L) ::= words(A) ID(T).                     { L = add_name(r, A, T); }

%type strings {TokenList *}
strings(L) ::= STR(T).                           { L = add_token(r, new_tokens(r), T); }
strings(L) ::= strings(A) STR(T).                { L = add_token(r, A, T); }

// ---------------------------------------------------------------- encoding

item ::= ENCODING ID(T) BEGIN fields END.        { read_encoding(r, T); }
fields ::= field.
fields ::= fields field.
field ::= FIELD ID(N) LEFT NUM(H) COLON NUM(L) RIGHT pieces(K) SEMI.  { read_field(r, N, H, L, K); }

item ::= TOKENS BEGIN rules END.
rules ::= rule.
rules ::= rules rule.
rule ::= pieces(L) SEMI.                         { read_token_rule(r, L); }

%type pieces {TokenList *}
pieces(L) ::= ID(T).                             { L = add_token(r, new_tokens(r), T); }
pieces(L) ::= pieces(A) ID(T).                   { L = add_token(r, A, T); }
pieces(L) ::= pieces(A) STR(T).                  { L = add_token(r, A, T); }

// ------------------------------------------------------------ instructions

item ::= INSN ID(N) STR(T) BEGIN forms DO block(B) END.           { read_insn(r, N, T, B); }
item ::= INSN ID(N) STR(T) BEGIN forms options DO block(B) END.   { read_insn(r, N, T, B); }
forms ::= form.
forms ::= forms form.
form ::= form_head SEMI.
form ::= form_head form_lets.
form_head ::= FORM(F) ENC STR(E) ASM STR(A).        { read_form(r, F, NULL, E, A); }
form_head ::= FORM(F) ID(N) ENC STR(E) ASM STR(A).  { read_form(r, F, &N, E, A); }
form_lets ::= form_let.
form_lets ::= form_lets form_let.
form_let ::= LET ID(N) EQUALS expr(E) SEMI.      { read_form_let(r, N, E); }
options ::= option.
options ::= options option.
option ::= HINT ID(N) SEMI.                      { read_hint(r, N); }
option ::= FAR ID(N) SEMI.                       { read_far(r, N); }

item ::= INSN ID(N) STR(S) OPEN effect(I) DASHES effect(O) CLOSE SEMI.                  { read_stack_insn(r, N, S, I, O, NULL); }
item ::= INSN ID(N) STR(S) OPEN effect(I) DASHES effect(O) CLOSE DO block(B).           { read_stack_insn(r, N, S, I, O, B); }
item ::= INSN ID(N) STR(S) OPEN effect(I) DASHES effect(O) CLOSE stack_hints DO block(B). { read_stack_insn(r, N, S, I, O, B); }
stack_hints ::= stack_hint.
stack_hints ::= stack_hints stack_hint.
stack_hint ::= HINT ID(N).                       { read_hint(r, N); }

%type effect {EffectList *}
%type effects {EffectList *}
effect(L) ::= .                                  { L = add_effect(r, NULL, (Token){ 0 }, NULL); }
effect(L) ::= effects(A).                        { L = A; }
effects(L) ::= ID(N).                            { L = add_effect(r, NULL, N, NULL); }
effects(L) ::= ID(N) COLON ID(T).                { L = add_effect(r, NULL, N, &T); }
effects(L) ::= effects(A) COMMA ID(N).           { L = add_effect(r, A, N, NULL); }
effects(L) ::= effects(A) COMMA ID(N) COLON ID(T). { L = add_effect(r, A, N, &T); }

item ::= RESERVED(F) STR(E) RAISE ID(X) SEMI.    { read_reserved(r, F, E, X); }

// ------------------------------------------------------------------- traps

item ::= traps_head BEGIN traps END.
traps_head ::= TRAPS(F) ID(I) DOT ID(V).         { read_traps(r, F, I, V); }
traps ::= trap.
traps ::= traps trap.
trap ::= NUM(V) ID(N) STR(T) SEMI.                       { read_trap(r, V, N, T, NULL); }
trap ::= NUM(V) ID(N) STR(T) DO block(B).                { read_trap(r, V, N, T, B); }
trap ::= NUM(V) ID(N) trap_attrs STR(T) SEMI.            { read_trap(r, V, N, T, NULL); }
trap ::= NUM(V) ID(N) trap_attrs STR(T) DO block(B).     { read_trap(r, V, N, T, B); }
trap ::= OTHERWISE(F) STR(T) DO block(B).                { read_otherwise(r, F, T, B); }
trap_attrs ::= trap_attr.
trap_attrs ::= trap_attrs trap_attr.
trap_attr ::= ID(W).                             { read_trap_word(r, W); }
trap_attr ::= IN postfix(P).                     { read_trap_place(r, false, P); }
trap_attr ::= OUT postfix(P).                    { read_trap_place(r, true, P); }
trap_attr ::= READS ID(M).                       { read_trap_memory(r, false, M); }
trap_attr ::= WRITES ID(M).                      { read_trap_memory(r, true, M); }
trap_attr ::= SETS ID(L).                        { read_trap_sets(r, L); }

// ------------------------------------------------------------ conveniences

item ::= ALIAS ID(N) EQUALS ID(I) OPEN binds(B) CLOSE SEMI.                  { read_alias(r, N, I, NULL, B, NULL); }
item ::= ALIAS ID(N) EQUALS ID(I) OPEN binds(B) CLOSE hints(H) SEMI.         { read_alias(r, N, I, NULL, B, H); }
item ::= ALIAS ID(N) EQUALS ID(I) OPEN CLOSE hints(H) SEMI.                  { read_alias(r, N, I, NULL, NULL, H); }
item ::= ALIAS ID(N) EQUALS ID(I) DOT ID(F) OPEN binds(B) CLOSE SEMI.        { read_alias(r, N, I, &F, B, NULL); }
item ::= ALIAS ID(N) EQUALS ID(I) DOT ID(F) OPEN binds(B) CLOSE hints(H) SEMI. { read_alias(r, N, I, &F, B, H); }
%type binds {BindList *}
binds(L) ::= ID(N) EQUALS expr(E).               { L = add_bind(r, NULL, N, E); }
binds(L) ::= binds(A) COMMA ID(N) EQUALS expr(E). { L = add_bind(r, A, N, E); }
%type hints {NameList *}
hints(L) ::= HINT ID(N).                         { L = add_name(r, new_names(r), N); }
hints(L) ::= hints(A) HINT ID(N).                { L = add_name(r, A, N); }

item ::= FUSE ID(N) EQUALS parts(P) SEMI.                { read_fuse(r, N, P, NULL); }
item ::= FUSE ID(N) EQUALS parts(P) WHERE expr(E) SEMI.  { read_fuse(r, N, P, E); }
%type parts {PartList *}
%type part {PartList *}
parts(L) ::= part(A).                            { L = A; }
parts(L) ::= parts(A) COMMA ID(N) COLON ID(I).          { L = add_part(r, A, N, I, NULL); }
parts(L) ::= parts(A) COMMA ID(N) COLON ID(I) DOT ID(F). { L = add_part(r, A, N, I, &F); }
parts(L) ::= parts(A) COMMA ID(N) COLON LITERAL(I) ID(F). { L = add_part(r, A, N, I, &F); }
part(L) ::= ID(N) COLON ID(I).                   { L = add_part(r, NULL, N, I, NULL); }
part(L) ::= ID(N) COLON ID(I) DOT ID(F).         { L = add_part(r, NULL, N, I, &F); }
part(L) ::= ID(N) COLON LITERAL(I) ID(F).        { L = add_part(r, NULL, N, I, &F); }

item ::= EXAMPLE ID(N) BEGIN RUN STR(R) SEMI EXPECT places(X) SEMI END.                             { read_example(r, N, NULL, NULL, R, X); }
item ::= EXAMPLE ID(N) BEGIN GIVEN places(G) SEMI RUN STR(R) SEMI EXPECT places(X) SEMI END.        { read_example(r, N, NULL, G, R, X); }
item ::= EXAMPLE ID(N) ID(D) BEGIN RUN STR(R) SEMI EXPECT places(X) SEMI END.                       { read_example(r, N, &D, NULL, R, X); }
item ::= EXAMPLE ID(N) ID(D) BEGIN GIVEN places(G) SEMI RUN STR(R) SEMI EXPECT places(X) SEMI END.  { read_example(r, N, &D, G, R, X); }
%type places {ExampleBindList *}
places(L) ::= postfix(P) EQUALS expr(E).                 { L = add_example_bind(r, NULL, P, E); }
places(L) ::= places(A) COMMA postfix(P) EQUALS expr(E). { L = add_example_bind(r, A, P, E); }

// -------------------------------------------------------------- statements

%type block {Block *}
%type stmts {Block *}
%type stmt {Stmt *}
block(B) ::= BEGIN END.                          { B = new_block(r); }
block(B) ::= BEGIN stmts(L) END.                 { B = L; }
stmts(B) ::= stmt(S).                            { B = add_stmt(r, new_block(r), S); }
stmts(B) ::= stmts(A) stmt(S).                   { B = add_stmt(r, A, S); }

stmt(S) ::= LET ID(N) EQUALS expr(E) SEMI(Z).            { S = new_let(r, N, E, Z); }
stmt(S) ::= postfix(P) EQUALS expr(E) SEMI(Z).           { S = new_set(r, P, E, Z); }
stmt(S) ::= ID(N) TAKES expr(E) SEMI(Z).                 { S = new_named(r, STMT_LAZY, N, N, E, Z); }
stmt(S) ::= IF(F) expr(E) block(T).                      { S = new_branch(r, STMT_IF, F, F, E, T, NULL); }
stmt(S) ::= IF(F) expr(E) block(T) ELSE block(O).        { S = new_branch(r, STMT_IF, F, F, E, T, O); }
stmt(S) ::= WHEN(F) ID(D) block(T).                      { S = new_branch(r, STMT_WHEN, F, D, NULL, T, NULL); }
stmt(S) ::= WHEN(F) ID(D) block(T) ELSE block(O).        { S = new_branch(r, STMT_WHEN, F, D, NULL, T, O); }
stmt(S) ::= RAISE(F) ID(N) SEMI(Z).                      { S = new_named(r, STMT_RAISE, F, N, NULL, Z); }
stmt(S) ::= TRAP(F) expr(E) SEMI(Z).                     { S = new_named(r, STMT_TRAP, F, F, E, Z); }
stmt(S) ::= HALT(F) SEMI(Z).                             { S = new_named(r, STMT_HALT, F, F, NULL, Z); }
stmt(S) ::= HALT(F) expr(E) SEMI(Z).                     { S = new_named(r, STMT_HALT, F, F, E, Z); }
stmt(S) ::= PUSH(F) ID(N) COMMA expr(E) SEMI(Z).         { S = new_named(r, STMT_PUSH, F, N, E, Z); }
stmt(S) ::= postfix(P) SEMI(Z).                          { S = new_call(r, P, Z); }

// ------------------------------------------------------------- expressions

%type expr {Expr *}
%type postfix {Expr *}
%type args {ExprList *}
expr(E) ::= postfix(A).                          { E = A; }
expr(E) ::= MINUS(O) expr(A). [NEGATE]           { E = new_unary(r, O, A); }
expr(E) ::= TILDE(O) expr(A).                    { E = new_unary(r, O, A); }
expr(E) ::= BANG(O) expr(A).                     { E = new_unary(r, O, A); }
expr(E) ::= expr(A) PLUS|MINUS(O) expr(B).       { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) STAR|SLASH|PERCENT(O) expr(B). { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) AND(O) expr(B).              { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) OR(O) expr(B).               { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) XOR(O) expr(B).              { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) SHL|SHR(O) expr(B).          { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) SAME|DIFFERS|LT|LE|GT|GE(O) expr(B). { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) ANDAND(O) expr(B).           { E = new_binary(r, A, O, B); }
expr(E) ::= expr(A) OROR(O) expr(B).             { E = new_binary(r, A, O, B); }
expr(E) ::= expr(C) QUESTION expr(A) COLON expr(B). {
    E = new_expr(r, EXPR_COND, span_join(C->span, B->span));
    E->a = C;
    E->b = A;
    E->c = B;
}

postfix(E) ::= NUM(T).                           { E = new_expr(r, EXPR_NUM, T.span); E->num = T.num; }
postfix(E) ::= STR(T).                           { E = new_expr(r, EXPR_STR, T.span); E->text = T.text; }
postfix(E) ::= ID(T).                            { E = new_expr(r, EXPR_NAME, T.span); E->text = T.text; }
postfix(E) ::= ID(P) DOT ID(F).                  { E = new_part_field(r, P, F); }
postfix(E) ::= ID(N) OPEN CLOSE(Z).              { E = new_apply(r, N, NULL, Z); }
postfix(E) ::= ID(N) OPEN args(A) CLOSE(Z).      { E = new_apply(r, N, A, Z); }
postfix(E) ::= HOST(H) ID(N) OPEN CLOSE(Z).          { E = new_host(r, H, N, NULL, Z); }
postfix(E) ::= HOST(H) ID(N) OPEN args(A) CLOSE(Z).  { E = new_host(r, H, N, A, Z); }
postfix(E) ::= POP(K) ID(S).                     { E = new_pop(r, K, S); }
postfix(E) ::= OPEN(O) expr(A) CLOSE(Z).         { E = A; E->span = span_join(O.span, Z.span); }
postfix(E) ::= postfix(A) LEFT expr(H) RIGHT(Z).              { E = new_index(r, A, H, NULL, Z); }
postfix(E) ::= postfix(A) LEFT expr(H) COLON expr(L) RIGHT(Z). { E = new_index(r, A, H, L, Z); }
args(L) ::= expr(E).                             { L = add_expr(r, new_exprs(r), E); }
args(L) ::= args(A) COMMA expr(E).               { L = add_expr(r, A, E); }
