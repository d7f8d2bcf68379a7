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

# expect CODE "message part" ARGUMENTS...: runs lc3gen, looks at its exit code and output.
expect()
{
    code=$1
    part=$2
    shift 2
    (cd "$work" && "$lc3gen" "$@") >"$work/said" 2>&1
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
[ "$(ls "$work/docs")" = lc3_manual.md ] || fail "docs wrote $(ls "$work/docs")"
expect 0 "" emit "$isa" --dialect=ed2 --prefix=mine --emit=semantics,tables -o one
[ "$(ls "$work/one" | tr '\n' ' ')" = "lc3_isa.c mine_semantics.c " ] || fail "--prefix wrote $(ls "$work/one")"
expect 0 "" "$here/toy.def" --emit=tables,manual -o toy
mkdir "$work/taken" && : >"$work/taken/file"
expect 2 "taken/file" "$isa" -o taken/file/deep

[ $failures = 0 ] && echo "all is well"
[ $failures = 0 ]
