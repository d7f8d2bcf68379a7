#!/bin/bash
# test_streams.sh LC3AS LC3RUN LC3DIS SVM LC3GEN PROJECT -- a full disk, a closed stream, a
# reader that has gone: exit 2 and a message, and nothing that looks whole and is not.
set -u
set -- $(realpath "$@")
lc3as=$1 lc3run=$2 lc3dis=$3 svm=$4 lc3gen=$5 project=$6
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cp "$project"/examples/{hello,producer,consumer}.asm "$project"/examples/svm/gcd.svm "$project"/gen/isa.def .
printf '.ORIG x3000\nLEA R0,A\nLOOP PUTS\nBR LOOP\nA .STRINGZ "a line\\n"\n.END\n' >talker.asm
"$lc3as" -o hello.obj hello.asm && "$lc3as" -o talker.obj talker.asm || exit 1
failures=0

complain() {
    echo "$*: exit $code, said: $(head -c 200 said)"
    failures=$((failures + 1))
}

# Ends with 2 and says why.
refuses() {
    timeout 20 "$@" 2>said
    code=$?
    [ $code -eq 2 ] && [ -s said ] && return
    complain "$@" "(to $where)"
}

# What writes to standard output, in all its ways.
all() {
    refuses "$lc3as" --help
    refuses "$lc3as" --fmt hello.asm
    refuses "$lc3as" -o - hello.asm
    refuses "$lc3run" --help
    refuses "$lc3run" --version
    refuses "$lc3run" hello.obj
    refuses "$lc3run" --threads=2 2*talker.obj
    refuses "$lc3run" --dump=- hello.obj
    refuses "$lc3run" --dump=state.json hello.obj
    refuses "$lc3dis" --help
    refuses "$lc3dis" hello.obj
    refuses "$lc3dis" --json hello.obj
    refuses "$svm" --help
    refuses "$svm" gcd.svm 4 6
    refuses "$svm" --dump=- gcd.svm 4 6
    refuses "$lc3gen" --help
    refuses "$lc3gen" check isa.def
    refuses "$lc3gen" explain isa.def ADD
}
where=/dev/full
all >/dev/full
where='a closed stream'
all >&-
trap '' PIPE # as under many a parent: writing gives an error, not the signal
where='a closed pipe'
mkfifo pipe
exec 4<>pipe 5>pipe 4<&- # its reader has gone
all >&5

# Files that cannot be written.
where=files
refuses "$lc3as" -o /dev/full hello.asm
refuses "$lc3as" --listing=/dev/full hello.asm
refuses "$lc3run" --dump=/dev/full hello.obj
refuses "$svm" --dump=/dev/full gcd.svm 4 6 >out
refuses "$svm" --trace=/dev/full gcd.svm 4 6 >out
refuses "$lc3gen" emit -o /dev/null/x isa.def

# By the signal where nobody ignores it, else by the error; soon in any case.
trap - PIPE
timeout 20 bash -c '"$1" talker.obj | head -1 >out; exit ${PIPESTATUS[0]}' bash "$lc3run" 2>said
code=$?
{ [ $code -eq 141 ] || [ $code -eq 2 ]; } && [ "$(cat out)" = "a line" ] || complain "lc3run | head"

# A message that cannot be written does not change how it ends.
"$lc3run" hello.obj 2>/dev/full >out
code=$?
[ $code -eq 0 ] && grep -q . out || complain "messages to a full disk"
echo "$failures failures"
[ $failures -eq 0 ]
