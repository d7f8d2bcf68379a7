// stack_table.h -- the table of a stack machine, from its checked model.
#ifndef GEN_STACK_TABLE_H
#define GEN_STACK_TABLE_H

#include "model.h"
#include "stack.h"

const StackTable *stack_table(const Isa *isa, Arena *a);

// The bytes that a string of the description stands for: \n \t \r \" \\ \0.
const char *stack_unescape(Arena *a, Text text);
// "b: Num, a: Num -- r: Num"
const char *stack_effect(const Isa *isa, Arena *a, const Insn *insn);
// What messages call an operand and an instruction: "Num(a)", "Push(Num(a + b))".
const char *stack_want(const Isa *isa, Arena *a, const Insn *insn, size_t input);
const char *stack_expr(const Isa *isa, Arena *a, const Insn *insn);
// The stacks in the table's order.
const Stack *stack_at(const Isa *isa, int index);
int stack_index(const Isa *isa, const Stack *stack);
uint64_t stack_limit(const Stack *stack);
int stack_part_word(const Isa *isa, const FusePart *part);

#endif
