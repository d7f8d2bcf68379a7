// parse.y -- one line of source.
//
// A line is labels, then statements; nearly always one.  What is a label, an
// instruction or a register, the lexer has looked up.  The rules collect; the
// line is judged and kept when its end has been seen (unit.c), so that a
// mistake never reaches past its newline.

%name parse
%token_prefix TOK_
%token_type { Token }
%extra_argument { struct Unit *unit }
%start_symbol line

%include {
#include <assert.h>
#include <stdlib.h>

#include "unit.h"
}

%syntax_error { unit_unexpected(unit, &TOKEN); }

line ::= .
line ::= names.
line ::= statements.
line ::= statements names_here.

statements ::= statement.
statements ::= names statement.
statements ::= statements statement.
statements ::= statements names_here statement.

// Labels at the begin of a line.  Registers and numbers are there because some
// programs name labels like them, and because an unknown mnemonic looks like a
// label before its operands.
%token_class name LABEL|WORD|REG|NUM.
names ::= name(T).              { unit_name(unit, &T); }
names ::= names name(T).        { unit_name(unit, &T); }
names ::= names COLON.          { unit_colon(unit); }

// A second statement on a line; its labels need their colon.
names_here ::= LABEL(T).            { unit_name(unit, &T); }
names_here ::= names_here LABEL(T). { unit_name(unit, &T); }

statement ::= op.
statement ::= op operands.

op ::= OP(T).                   { unit_op(unit, &T); }

%token_class value REG|NUM|STRING.
operands ::= value(T).              { unit_operand(unit, &T); }
operands ::= operands value(T).     { unit_operand(unit, &T); }
operands ::= WORD(T).               { unit_operand(unit, &T); }
operands ::= operands WORD(T).      { unit_operand(unit, &T); }
operands ::= sum.
operands ::= operands sum.

sum ::= WORD(T) PLUS NUM(N).    { unit_sum(unit, &T, &N, 1); }
sum ::= WORD(T) MINUS NUM(N).   { unit_sum(unit, &T, &N, -1); }
