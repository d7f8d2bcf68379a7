#!/usr/bin/env bash
# No operation of the stack machine is known outside gen/stack.def: looks for their names
# and spellings in the hand-written C of the second machine.
#
#   knowledge.sh SOURCE_ROOT
set -euo pipefail
cd "$1"
names=$(sed -nE 's/^insn +([A-Za-z]+) +"([^"]*)".*/\1\n\2/p' gen/stack.def | grep -E '^[A-Za-z_]+$' | sort -u | paste -sd'|')
[ "$(tr '|' '\n' <<<"$names" | wc -l)" -gt 40 ] || { echo "found too few operations in gen/stack.def"; exit 1; }
files=$(ls gen/*stack*.[ch] runtime/stack_machine.[ch] runtime/svm*.[ch] runtime/stack_jit.[ch] runtime/jit_stack*.[ch])
# "exit" is also a word of the description's language: an example's `expect exit = 1`.
found=$(sed -E 's|//.*||' $files | grep -nE "\"($names)\"|OP_($names)\b|svm_op_($names)\b|(==|case) *($names)\b" |
    grep -v 'bind->name, "exit"\|at\[i\].name, "exit"' || true)
if [ -n "$found" ]; then
    printf 'operations of the stack machine in C:\n%s\n' "$found"
    exit 1
fi
echo "no operation is known outside the description"
