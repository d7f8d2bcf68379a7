#!/usr/bin/env bash
# No operation of the stack machine is known outside gen/stack.def: looks for their names
# and spellings in the hand-written C of the second machine.
#
#   knowledge.sh SOURCE_ROOT
set -euo pipefail
cd "$1"
names=$(sed -nE 's/^insn +([A-Za-z]+) +"([^"]*)".*/\1\n\2/p' gen/stack.def | grep -E '^[A-Za-z_]+$' | sort -u | paste -sd'|')
[ "$(tr '|' '\n' <<<"$names" | wc -l)" -gt 40 ] || { echo "found too few operations in gen/stack.def"; exit 1; }
files=$(ls gen/*stack*.[ch] runtime/stack_machine.[ch] runtime/svm*.[ch])
# "if" opens lines of C that the generator writes; comments and includes may say anything.
# svm's own messages and options are not what is looked for: whole strings, tags and cases are.
found=$(sed -E 's|//.*||' $files | grep -nE "\"($names)\"|OP_($names)\b|svm_op_($names)\b|(==|case) *($names)\b" || true)
if [ -n "$found" ]; then
    printf 'operations of the stack machine in C:\n%s\n' "$found"
    exit 1
fi
echo "no operation is known outside the description"
