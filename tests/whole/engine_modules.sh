#!/usr/bin/env bash
# Engines in files of their own: made by lc3gen and one call of a compiler, used by
# lc3run and lc3as, refused with a reason when they do not fit.
#
#     engine_modules.sh SOURCE_ROOT LC3GEN LC3AS LC3RUN CC
set -uo pipefail
root=$(realpath "$1") lc3gen=$(realpath "$2") lc3as=$(realpath "$3") lc3run=$(realpath "$4") cc=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail()
{
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# engine NAME [DISPATCH [DECODE]]: NAME.def becomes NAME.so.
engine()
{
    "$lc3gen" "$1.def" -o "$1" --dialect=ed3 --dispatch="${2:-switch}" --decode="${3:-addr}" --flags=lazy --fuse=none &&
        compile "$1"
}

compile()
{
    "$cc" -O1 -shared -fPIC -o "$1.so" "$1/lc3_ed3_module.c" || fail "$1 does not compile"
}

# expect CODE "message part" COMMAND...
expect()
{
    local code=$1 part=$2 got
    shift 2
    "$@" >said 2>&1
    got=$?
    [ "$got" = "$code" ] || fail "$* exits $got, not $code: $(head -n 3 said)"
    [ -z "$part" ] || grep -qF -- "$part" said || fail "$* does not say '$part': $(head -n 3 said)"
}

# with MUL in the place of the reserved opcode
awk '/^reserved "1101/ {
    print "insn MUL \"multiply\" {"
    print "  form enc \"1101 dr sr1 --- sr2\" asm \"MUL {dr}, {sr1}, {sr2}\";"
    print "  do { let v = R[sr1] * R[sr2]; R[dr] = v; CC <- v; }"
    print "}"
    next }
  /^example ILL/ { skip = 1 }
  skip { if (/^}/) skip = 0; next }
  { print }' "$root/gen/isa.def" >mul.def
sed 's/enc "0001 dr/enc "XXXX dr/; s/enc "0101 dr/enc "0001 dr/; s/enc "XXXX dr/enc "0101 dr/' mul.def >swap.def
sed 's/^reg  PC/reg  EXTRA : bits16;\n&/' mul.def >shape.def
sed 's/0x3D OBSERVE /0x3E TWIST host io in R[0] "twist";\n  &/' mul.def >host.def
engine mul switch,goto raw,addr
for name in swap shape host; do engine $name; done

cat >six.asm <<'ASM'
        .ORIG x3000
        LD   R1, SIX
        LD   R2, SEVEN
        MUL  R0, R1, R2
        ADD  R3, R0, #1
        HALT
SIX     .FILL #6
SEVEN   .FILL #7
        .END
ASM
sed 's/MUL.*/AND R0, R1, R2/' six.asm >plain.asm

# assembled apart, and by lc3run; every strategy of the module
expect 1 "MUL" "$lc3as" six.asm
expect 0 "" "$lc3as" --isa=mul.so six.asm
"$lc3as" --isa mul.so -o other.obj six.asm && cmp -s six.obj other.obj || fail "--isa FILE"
"$lc3as" plain.asm
for run in six.obj six.asm; do
    for dispatch in switch goto; do
        expect 0 '"reg":[42,6,7,43,' "$lc3run" -q --engine=mul.so --dispatch=$dispatch --dump=- $run
    done
done
expect 0 '"reg":[6,6,7,7,' "$lc3run" -q --engine=mul.so --dump=- plain.obj
expect 0 '"reg":[6,6,7,7,' "$lc3run" -q --engine=mul.so --os=asm --dump=- plain.obj
expect 2 "there is: goto, switch" "$lc3run" --engine=mul.so --dispatch=tail plain.obj
# LC-3 code of the system, in a machine with other encodings
expect 0 "Hello, world!" "$lc3run" --engine=swap.so --os=asm "$root/examples/hello.asm"

# an object and an engine that do not belong together
expect 2 "it uses MUL, which this one does not have" "$lc3run" six.obj
expect 2 "plain.obj: it was assembled for another machine: ADD.imm is encoded differently here" \
    "$lc3run" --engine=swap.so plain.obj
expect 0 '"reg":[6,6,7,7,' "$lc3run" -q --engine=swap.so --dump=- plain.asm

# engines that do not fit this program
expect 2 "shape.so: shape.def describes another machine: it has EXTRA:16 where this program has PC:16" \
    "$lc3run" --engine=shape.so plain.asm
expect 2 "host.def needs a function host_TWIST, which this program does not have" "$lc3run" --engine=host.so plain.asm
expect 2 "mul.so: its dialect is ed3, not ed2" "$lc3run" --engine=mul.so --dialect=ed2 plain.asm
cp -r mul old && sed -i 's/\.version = 0x..../.version = 0x0BAD/; s/\.maker = "[^"]*"/.maker = "0.0.1"/' old/lc3_ed3_module.c
compile old 2>/dev/null
expect 2 "old.so: made by lc3gen 0.0.1 for other headers than" "$lc3run" --engine=old.so plain.asm
expect 2 "old.so: made by lc3gen 0.0.1" "$lc3as" --isa=old.so plain.asm
cp -r mul laid && sed -i 's/LC3_LAYOUT UINT64_C(0x..../LC3_LAYOUT UINT64_C(0x0BAD/' laid/lc3_state.h
compile laid
expect 2 "whose machines are laid out differently" "$lc3run" --engine=laid.so plain.asm

# two engines timed against each other
cat >loop.asm <<'ASM'
        .ORIG x3000
        LD   R2, COUNT
ROUND   LD   R1, COUNT
STEP    ADD  R0, R0, R1
        ADD  R1, R1, #-1
        BRp  STEP
        ADD  R2, R2, #-1
        BRp  ROUND
        HALT
COUNT   .FILL #3000
        .END
ASM
"$lc3run" -q --engine=mul.so --profile=profile.txt loop.asm || fail "no profile on an engine of its own"
expect 0 "fuse ADDreg_ADDimm = a: ADD.reg, b: ADD.imm;" "$lc3gen" fuse mul.def profile.txt
echo "490000 ADD.reg ADD.imm" >profile.txt
expect 0 "%  with ADDreg_ADDimm" env LC3RUN="$lc3run" CC="$cc" "$lc3gen" fuse mul.def profile.txt --run=loop.asm
expect 2 "instructions are too few to be timed" env LC3RUN="$lc3run" CC="$cc" "$lc3gen" fuse mul.def profile.txt \
    --run=plain.asm

# no engines at all
expect 2 "nowhere.so: cannot open shared object file" "$lc3run" --engine=nowhere.so plain.asm
expect 2 "six.asm" "$lc3run" --engine=./six.asm plain.asm
echo 'int nothing;' >empty.c && "$cc" -shared -fPIC -o empty.so empty.c
expect 2 "empty.so: not an engine: it has no engine_module" "$lc3run" --engine=empty.so plain.asm
echo 'long engine_module[40];' >zero.c && "$cc" -shared -fPIC -o zero.so zero.c
expect 2 "zero.so: not an engine: its engine_module is something else" "$lc3as" --isa=zero.so plain.asm
expect 2 "there is: auto, interp, jit, FILE.so" "$lc3run" --engine=fast plain.asm

[ $failures = 0 ] && echo "engines are taken where they fit"
[ $failures = 0 ]
