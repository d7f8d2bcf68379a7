#!/usr/bin/env bash
# lc3as as a command: files, exit codes, options.
#
#   test_lc3as.sh LC3AS SOURCE_ROOT
set -u
lc3as=$(realpath "$1") root=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

# run STATUS ARGUMENTS...: runs lc3as and compares its exit status.
run() {
    local wanted=$1
    shift
    "$lc3as" "$@" >out 2>err </dev/null
    local status=$?
    [ $status -eq "$wanted" ] || fail "lc3as $*: exit $status, not $wanted: $(head -3 err)"
}

says() { grep -qF -- "$1" err || fail "expected \"$1\", found: $(head -3 err)"; }
has() { for f in "$@"; do [ -f "$f" ] || fail "$f was not written"; done; }
has_not() { for f in "$@"; do [ ! -e "$f" ] || fail "$f should not be there"; done; }
bytes() { od -An -v -tx1 "$1" | tr -d ' \n'; }
is() { [ "$(bytes "$1")" = "$2" ] || fail "$1 is $(bytes "$1"), not $2"; }

printf '.ORIG x3000\nA ADD R0, R0, #1\nHALT\n.END\n' >a.asm
printf '.ORIG x3000\nADD R0, R0, #99\n.END\n' >bad.asm
printf '.ORIG x3000\nHALT\n.END\n.ORIG x4000\n.FILL 1\n.END\n' >two.asm

# --- what is written, and where
run 0 a.asm
has a.obj a.sym a.dbg
is a.obj 30001021f025
grep -q 'A  *3000' a.sym || fail "no A in a.sym"
run 0 two.asm
is two.obj ff4c43330100000230000001f025400000010001
mkdir sub && run 0 -o sub/b.obj a.asm
has sub/b.obj sub/b.sym sub/b.dbg
run 0 --sym=s.txt --listing=l.txt a.asm
has s.txt l.txt
grep -q '3000  1021' l.txt || fail "no word in the listing"
run 0 --listing a.asm && has a.lst
run 0 --format=hex a.asm && has a.hex && run 0 --format hex -o h2 a.asm && cmp -s a.hex h2 || fail "--format hex"
run 0 --format=bin a.asm && has a.bin
run 0 --format=c a.asm && has a.c && ${3:-cc} -fsyntax-only -Wno-unused-variable a.c 2>/dev/null || fail "a.c is no C"
run 0 --format=lc3tools -o t.obj a.asm
case $(bytes t.obj) in 1c3015c0010101*) ;; *) fail "no lc3tools object" ;; esac
run 0 -o - a.asm && is out 30001021f025
has_not ./-.sym
"$lc3as" -o stdin.obj - <a.asm || fail "standard input"
is stdin.obj 30001021f025
run 0 -o /dev/null a.asm
has_not /dev/null.sym
run 0 a.asm && cp a.obj 1 && cp a.dbg 2 && run 0 a.asm && cmp -s a.obj 1 && cmp -s a.dbg 2 || fail "two runs differ"

# --- mistakes in the source: exit 1, the old object stays, nothing is left behind
run 1 bad.asm
says "bad.asm:2:13: error: 99 does not fit in 5 bits (-16 to 15)"
says "1 error, 0 warnings"
has_not bad.obj bad.sym bad.dbg
cp a.asm c.asm && run 0 c.asm && cp bad.asm c.asm && run 1 c.asm && is c.obj 30001021f025
run 1 a.asm bad.asm

# --- the world: exit 2
run 2 nowhere.asm
says "nowhere.asm: No such file or directory"
run 2 -o nowhere/x.obj a.asm
says "nowhere/x.obj: No such file or directory"
run 2 -o /dev/full a.asm
says "No space left on device"
run 2 -o a.asm a.asm
says "would overwrite the source"
cmp -s <(printf '.ORIG x3000\nA ADD R0, R0, #1\nHALT\n.END\n') a.asm || fail "the source was overwritten"
run 2 a.asm nowhere.asm
run 2 .
run 2 --isa=a.asm a.asm
run 2
says "no source file"
run 2 --frobnicate a.asm
run 2 --format=elf a.asm
run 2 -Wno-such-thing a.asm
run 2 -Wno-missing-hlat a.asm
says "did you mean missing-halt?"
run 2 --diagnostics=xml a.asm
run 2 -o
run 2 --sym=x a.asm two.asm
run 2 -
run 0 --help && grep -q -- --strict out || fail "--help"
run 0 --version && grep -q '^lc3as [0-9]' out || fail "--version"
run 0 --warnings && grep -q 'unused-label' out || fail "--warnings"

# --- warnings
printf '.ORIG x3000\nBRnzp A\nA .BLKW 0\nB HALT\n.END\n' >w.asm
run 0 w.asm && says "[-Wempty-block]"
run 0 -Wno-empty-block w.asm && ! grep -q empty-block err || fail "-Wno-empty-block"
run 0 -Wunused-label w.asm && says "[-Wunused-label]"
run 1 -Werror w.asm && says "error: .BLKW reserves no word [-Wempty-block]"
run 0 -Werror -Wno-all w.asm
run 1 --strict w.asm

# --- JSON for editors
run 1 --diagnostics=json bad.asm
python3 - err <<'PY' || fail "--diagnostics=json"
import json, sys
found = json.load(open(sys.argv[1]))
assert len(found) == 1, found
f = found[0]
assert (f["file"], f["line"], f["column"], f["end_line"], f["end_column"]) == ("bad.asm", 2, 13, 2, 16), f
assert f["severity"] == "error" and f["hint"] and "does not fit" in f["message"], f
PY
run 2 --diagnostics=json nowhere.asm
python3 -c 'import json; assert json.load(open("err"))[0]["severity"] == "error"' || fail "JSON of a missing file"

# --- linking
printf '.ORIG x3000\n.EXTERNAL TWICE\nJSR TWICE\nHALT\n.END\n' >main.asm
printf '.GLOBAL TWICE\nTWICE ADD R0, R0, R0\nRET\n' >twice.asm
run 0 -o prog.obj main.asm twice.asm
is prog.obj 30004801f0251000c1c0
run 0 -o prog.obj twice.asm main.asm
is prog.obj 30004801f0251000c1c0 # the program first, whatever the order
run 1 main.asm
says "nothing defines the external name TWICE"
printf '.ORIG x3000\n.EXTERNAL MULTIPLY\nJSR MULTIPLY\nHALT\n.END\n' >m.asm
run 0 --library="$root/stdlib" m.asm
LC3_LIBRARY=$root/stdlib "$lc3as" m.asm || fail "LC3_LIBRARY"
run 0 m.asm # found by itself
grep -q MULTIPLY m.sym || fail "the library is not in the symbols"
mkdir lib && cp twice.asm lib/ && run 0 --library=lib main.asm && is main.obj 30004801f0251000c1c0

# --- the formatter
printf '.orig x3000\nloop:add r0,r0,#1;count\n  brnzp   loop\n;end\n.end' >f.asm
run 0 --fmt f.asm
printf '        .ORIG   x3000\nloop:   ADD     R0, R0, #1              ;count\n        BRnzp   loop\n;end\n        .END\n' >wanted
cmp -s out wanted || fail "--fmt: $(cat out)"
run 0 --fmt -o f.asm f.asm && cmp -s f.asm wanted || fail "--fmt -o"
run 1 --fmt bad.asm
printf '.ORIG x3000\nA .FILL A + b1\n.END\n.ORIG- x4000\n.FILL 1\n' >g.asm
run 0 --fmt g.asm
grep -q 'A + b1\|A+b1' out && grep -q '^.ORIG- x4000$' out || fail "--fmt of a stray sign: $(cat out)"
for source in "$root"/stdlib/*.asm "$root"/examples/*.asm "$root"/tests/asm/findings/w-*.asm; do
    run 0 --fmt -o once.asm "$source"
    run 0 --fmt -o twice.fmt once.asm
    cmp -s once.asm twice.fmt || fail "$source: formatting twice is not formatting once"
done

ls | grep -q '\.tmp' && fail "temporary files are left: $(ls)"
[ $failed -eq 0 ] && echo "lc3as: all as expected"
exit $failed
