#!/usr/bin/env bash
# A new instruction is one change in one file: gives a copy of the description a
# MUL in the reserved opcode, builds, and asks the assembler, the machine and
# the disassembler.  No C file is touched.
#
#   add_instruction.sh SOURCE_ROOT CC
set -euo pipefail
root=$1
export CC=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "add_instruction: $*" >&2; exit 1; }

mkdir "$work/src"
(cd "$root" && tar cf - --exclude=./build --exclude=./.git --exclude='./build-*' \
    meson.build meson_options.txt gen asm runtime stdlib examples tests) | tar xf - -C "$work/src"
cd "$work"

# The README's words, put into the file as a reader would.
awk '/^reserved "1101/ {
    print "insn MUL \"multiply\" {"
    print "  form enc \"1101 dr sr1 --- sr2\" asm \"MUL {dr}, {sr1}, {sr2}\";"
    print "  do { let v = R[sr1] * R[sr2]; R[dr] = v; CC <- v; }"
    print "}"
    changed = 1; next }
  /^example ILL/ { skip = 1 }                 # what the reserved opcode did
  skip { if (/^}/) skip = 0; next }
  { print }
  END { exit !changed }' "$root/gen/isa.def" >src/gen/isa.def || fail "isa.def has no reserved opcode 1101"

meson setup build src -Dtests=disabled -Djit=disabled -Dbuildtype=debugoptimized >setup.log 2>&1 || { cat setup.log; fail "meson"; }
ninja -C build asm/lc3as runtime/lc3run runtime/lc3dis >ninja.log 2>&1 || { tail -40 ninja.log; fail "ninja"; }

cat >mul.asm <<'ASM'
        .ORIG x3000
        LD   R1, SIX
        LD   R2, SEVEN
        MUL  R0, R1, R2
        BRnz WRONG              ; the condition codes follow the product
        HALT
WRONG   AND  R0, R0, #0
        HALT
SIX     .FILL #6
SEVEN   .FILL #7
        .END
ASM
build/asm/lc3as -o mul.obj mul.asm || fail "lc3as does not take MUL"
build/runtime/lc3dis mul.obj | grep -qE '^[A-Za-z0-9_ ]*MUL +R0, R1, R2' || fail "lc3dis does not print MUL"
for dispatch in switch goto; do
    build/runtime/lc3run -q --dispatch=$dispatch --dump=state.json mul.obj || fail "lc3run --dispatch=$dispatch"
    grep -q '"reg":\[42,6,7,' state.json || { cat state.json; fail "6 * 7 is not 42 with $dispatch"; }
done

printf '        .ORIG x3000\n        MUL R0, R1, #5\n        .END\n' >wrong.asm
if build/asm/lc3as -o wrong.obj wrong.asm 2>wrong.txt; then fail "lc3as takes MUL with a number"; fi
grep -q 'wrong.asm:2:' wrong.txt || fail "no place in the error about MUL R0, R1, #5"
echo "MUL is known to lc3as, lc3run and lc3dis"
