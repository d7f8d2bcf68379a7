#!/bin/sh
# lc3gen as a command: exit codes, messages, and files that change only when they must.
#
#     test_lc3gen.sh LC3GEN SOURCE_ROOT
lc3gen=$(realpath "$1")
set -- "$1" "$(realpath "$2")"
isa=$2/gen/isa.def
here=$2/tests/gen
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

fail()
{
    echo "FAILED: $*"
    failures=$((failures + 1))
}

run() { if [ "$1" = env ]; then shift; assign=$1; shift; env "$assign" "$lc3gen" "$@"; else "$lc3gen" "$@"; fi; }

# expect CODE "message part" ARGUMENTS...: runs lc3gen, looks at its exit code and output.
expect()
{
    code=$1
    part=$2
    shift 2
    (cd "$work" && run "$@") >"$work/said" 2>&1
    got=$?
    [ "$got" = "$code" ] || fail "lc3gen $* exits $got, not $code: $(head -n 3 "$work/said")"
    [ -z "$part" ] || grep -qF -- "$part" "$work/said" || fail "lc3gen $* does not say '$part': $(head -n 3 "$work/said")"
}

# usage
expect 2 "no description"
expect 2 "unknown option '--fast'" --fast "$isa"
expect 2 "-o needs a value" "$isa" -o
expect 2 "--emit needs a value" "$isa" --emit=
expect 2 "is too much" check "$isa" "$isa"
expect 2 "nothing is called 'fortran'" "$isa" --emit=tables,fortran
expect 2 "no dialect 'ed1'" "$isa" --dialect ed1
expect 2 "not 'fast'" "$isa" --dispatch=fast
expect 2 "no 'TURBO'" "$isa" --fuse=TURBO
expect 2 "cannot begin a C name" "$isa" --prefix=3d
expect 2 "No such file" check missing.def
expect 2 "'tables' cannot be made" "$here/pile.def" --emit=tables
expect 2 "'machine' cannot be made" "$isa" --emit=machine
expect 0 "usage: lc3gen" --help
expect 0 "lc3gen " --version

expect 2 "--report belongs to check" "$isa" --report
expect 2 "explain: a second argument is missing" explain "$isa"
expect 2 "is too much" diff "$isa" "$isa" "$isa"

# reports, explanations, differences
says() { grep -qF -- "$1" "$work/said" || fail "it does not say '$1'"; }
expect 0 "65536 words: 93.75 % are instructions, 6.25 % reserved" check --report "$isa"
says "ADD.reg            2048   3.12 %  2 ignored bits: 512 instructions"
says "LDI                   1     2      0  PC M[]              R[dr] CC          -                          ACV"
says "JSR.ind               0     0      0  R[baser] PC         R[7] PC           jumps, calls, indirect     -"
expect 0 '"form":"LD","reads":["PC","M[]"],"writes":["R[dr]","CC"],"raises":["ACV"]' check --report --json "$isa"
expect 0 '"raises":[]' check --report --json --dialect=ed2 "$isa"
grep -q '"ACV"' "$work/said" && fail "ed2 has no access control"
expect 0 "Divide                1     0      0  S*2                 S*1               -                          EmptyStack PatternMismatch Arith" check --report "$2/gen/stack.def"
expect 0 "x1261  ADD R1, R1, #1" explain "$isa" "add r1, r1, #1"
says "imm5     [4:0]  00001  #1"
says "R[dr] = R[sr1] + sext16(imm5)"
says "static inline int do_ADD_imm("
if command -v clang-19 >/dev/null || command -v clang >/dev/null; then says "add i16 %"; fi
export CLANG=nothing # it takes its time
expect 0 "there is no clang" explain "$isa" x1261
expect 0 "x0401  BRz #1" explain "$isa" x0401
expect 0 "x16FF" explain "$isa" 0x16ff
expect 0 "LEA R3, #-1" explain "$isa" 59391
expect 0 "  in ed2" explain "$isa" LEA
expect 0 "raise ILL" explain "$isa" xD123
expect 0 "its ignored bits" explain "$isa" x1008
expect 0 '"form":"ADD.imm","pattern":"0001 dr sr1 1 imm5","word":4193' explain --json "$isa" x1061
expect 0 'Plus "+"' explain "$2/gen/stack.def" +
expect 2 "argument:1:13: error: 17 does not fit" explain "$isa" "ADD R1, R1, #17"
expect 2 "x10000 does not fit in 16 bits" explain "$isa" x10000
expect 2 "'frob' is no instruction of this machine" explain "$2/gen/stack.def" frob
expect 2 "'ADD R0, R0, R0; NOP': one instruction" explain "$isa" "ADD R0, R0, R0; NOP"
expect 0 "" diff "$isa" "$isa"
[ -s "$work/said" ] && fail "a description differs from itself"
awk '/^example/ { skip = 1 } !skip { print } skip && /}$/ { skip = 0 }' "$isa" |
    sed 's/enc "0001 dr/enc "XXXX dr/; s/enc "0101 dr/enc "0001 dr/; s/enc "XXXX dr/enc "0101 dr/
        s/let v = ~R/let v = R/; s/^alias RET.*//; s/GETC     host io blocking/GETC     host io/' >"$work/other.def"
expect 1 "ADD.reg encoding" diff "$isa" other.def
says "  - 0001 dr sr1 0 -- sr2"
says "  + 0101 dr sr1 0 -- sr2"
says "NOT semantics"
says "alias RET: gone"
says "trap GETC"
says "words are another instruction; the first is x1000: ADD.reg before, AND.reg after"
expect 1 '{"what":"alias RET","before":"JMP baser=7 hint ret","after":null}' diff --json "$isa" other.def
expect 1 "error:" diff "$isa" "$here/negative/alias_twice.def"
expect 2 "No such file" diff "$isa" missing.def

# fusing
cat >"$work/profile.txt" <<'PROFILE'
# nanoseconds by stack
MAIN;FIB;FIB 12345
MAIN;TRAP x20 9
# count, forms
12 reserved
50 reserved ADD.imm
999988 ADD.imm
400000 ADD.imm LDR
300000 LDR ADD.imm
200000 AND.imm ADD.imm STR
190000 ADD.reg ADD.imm
180000 BR ADD.imm
100000 ADD.imm ADD.imm
10 ADD.imm ADD.imm ADD.imm ADD.imm ADD.imm
PROFILE
expect 0 "400000  40.0 %  fuse ANDimm_ADDimm_STR = a: AND.imm, b: ADD.imm, c: STR;" fuse "$isa" profile.txt
says "190000  19.0 %  fuse ADDreg_ADDimm = a: ADD.reg, b: ADD.imm;"
[ "$(grep -c ' fuse ' "$work/said")" = 2 ] || fail "a load in the middle, or a fuse that is there, is proposed"
expect 0 '{"instructions":1000000,"proposals":[{"line":"fuse ANDimm_ADDimm_STR' fuse --json "$isa" profile.txt
echo "5 swap Num -" >"$work/stack.txt"
expect 0 "nothing that may be fused is missing" fuse "$2/gen/stack.def" stack.txt
echo "5 Swap Swap" >"$work/stack.txt"
expect 0 "fuse Swap_Swap = a: Swap, b: Swap;" fuse "$2/gen/stack.def" stack.txt
printf '7 Num * -\n3 Label return\n' >"$work/stack.txt"
expect 0 "fuse literalNum_Multiply_Minus = a: literal Num, b: Multiply, c: Minus;" fuse "$2/gen/stack.def" stack.txt
echo "12 ADD.imm FROB" >"$work/bad.txt"
expect 2 "bad.txt:1: 'FROB' is no instruction of this machine" fuse "$isa" bad.txt
echo "many ADD.imm BR" >"$work/bad.txt"
expect 2 "bad.txt:1: a line begins with a count" fuse "$isa" bad.txt
: >"$work/bad.txt"
expect 2 "bad.txt: no line counts a sequence" fuse "$isa" bad.txt
expect 2 "No such file" fuse "$isa" missing.txt
expect 2 "lc3run" env LC3RUN=/nowhere/lc3run fuse "$isa" profile.txt --run=prog.asm --dialect=ed3

# descriptions
expect 0 "39 examples hold" check "$isa"
expect 0 "1 example holds" check "$here/toy.def"
expect 0 "a toy with a stack" check "$here/pile.def"
expect 0 "15 examples hold" check "$2/gen/stack.def"
expect 1 "error: the word 0x80 is also SYS" check "$here/negative/patterns_overlap.def"
expect 1 '"line":44,"column":7,' --json check "$here/negative/alias_twice.def"
expect 0 "[]" check --json "$isa"
printf 'isa \0 x' >"$work/zero.def"
expect 1 "error: the byte 0x00 has no meaning here" check zero.def
[ -d "$work/generated" ] && fail "a refused request wrote something"

# files
expect 0 "" "$2/gen/stack.def" -o stack1
expect 0 "" "$2/gen/stack.def" -o stack2 --fuse=all
diff -r "$work/stack1" "$work/stack2" >/dev/null || fail "two runs of stack.def differ"
expect 0 "" "$2/gen/stack.def" -o stack3 --fuse=none --dispatch=switch
grep -q run_goto "$work/stack3/svm_machine.c" && fail "--dispatch=switch of stack.def writes goto"
expect 0 "" "$isa"
[ -s "$work/generated/lc3_isa.c" ] || fail "./generated holds no tables"
expect 0 "" "$isa" -o a/b --depfile=a/files.d
diff -r "$work/generated" "$work/a/b" >/dev/null || fail "two runs differ"
grep -q "^a/b/lc3_isa.c .*: .*isa.def$" "$work/a/files.d" || fail "the depfile does not name what was written"
touch -d 2001-01-01 "$work"/a/b/*
expect 0 "" "$isa" -o a/b
[ -z "$(find "$work/a/b" -newermt 2002-01-01 -type f)" ] || fail "unchanged files were written"
expect 0 "" "$isa" --check -o a/b
echo >>"$work/a/b/lc3_isa.c"
expect 1 "lc3_isa.c is not up to date" "$isa" --check -o a/b
expect 0 "" docs "$isa" -o docs
[ "$(ls "$work/docs" | tr '\n' ' ')" = "lc3_manual.html lc3_manual.md " ] || fail "docs wrote $(ls "$work/docs")"
has() { grep -qF -- "$1" "$work/$page" || fail "$page has no '$1'"; }
page=docs/lc3_manual.html
has '<h3 id="add">ADD</h3>'
has '<td>0</td><td>0</td><td>0</td><td>1</td><td class="field" colspan="3">dr</td><td class="field" colspan="3">sr1</td><td>1</td><td class="field" colspan="5">imm5</td>'
has '<tr><td><code>ADD R1, R1, #-6</code></td><td><code>R[1] = 5</code></td>'
has '<td><code>R[dr] = R[sr1] &amp; R[sr2]; CC</code></td>'
has '<code>if (nzp &amp; CC) != 0 { PC = PC + sext16(off9) }</code>'
has 'prefers-color-scheme: dark'
grep -nE '(src|href)="?[a-z]+:' "$work/$page" && fail "the page needs something from elsewhere"
if command -v python3 >/dev/null; then
    python3 - "$work/$page" <<'PYTHON' || fail "$page is not well formed"
import html.parser, sys
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links = [], set(), set()
    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "html"):
            self.open.append(tag)
        attrs = dict(attrs)
        self.ids.add(attrs.get("id"))
        self.links.add(attrs.get("href"))
    def handle_endtag(self, tag):
        if tag != "html" and (not self.open or self.open.pop() != tag):
            sys.exit(f"</{tag}> closes nothing at {self.getpos()}")
page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
missing = {link for link in page.links if link and link[1:] not in page.ids}
sys.exit(f"open: {page.open}, to nowhere: {missing}" if page.open or missing else 0)
PYTHON
fi
expect 0 "" docs "$2/gen/stack.def" -o docs
page=docs/svm_manual.html
has '<td><code>&lt;</code>'
expect 0 "" emit "$isa" --dialect=ed2 --prefix=mine --emit=semantics,tables -o one
[ "$(ls "$work/one" | tr '\n' ' ')" = "lc3_isa.c mine_semantics.c " ] || fail "--prefix wrote $(ls "$work/one")"
expect 0 "" "$here/toy.def" --emit=tables,manual -o toy
mkdir "$work/taken" && : >"$work/taken/file"
expect 2 "taken/file" "$isa" -o taken/file/deep

[ $failures = 0 ] && echo "all is well"
[ $failures = 0 ]
