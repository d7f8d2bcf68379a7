#!/bin/sh
# run_examples.sh LC3RUN LIBRARY EXAMPLES: the examples with interrupts do the same on every
# engine, down to the last word of memory.
run=$1 examples=$3 failures=0
LC3_LIBRARY=$2
export LC3_LIBRARY
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    failures=$((failures + 1))
}

# run_once NAME WANTED-OUTPUT FLAGS...: leaves $work/dump.
run_once() {
    name=$1 wanted=$2
    shift 2
    "$run" -q --seed=7 --max-instructions=1000000 --dump="$work/dump" "$@" "$examples/$name.asm" >"$work/out" 2>"$work/err"
    status=$?
    if [ $status = 2 ] && grep -q 'not built in' "$work/err"; then
        return 1 # an engine this build does not have
    fi
    [ $status = 0 ] || fail "$name $*: exit $status: $(cat "$work/err")"
    printf "$wanted" | cmp -s - "$work/out" || fail "$name $*: wrote $(cat "$work/out")"
}

# check NAME WANTED-OUTPUT FLAGS...
check() {
    name=$1 wanted=$2 first=
    shift 2
    for engine in --dispatch=switch --dispatch=goto --dispatch=tail --engine=jit --engine=auto; do
        run_once "$name" "$wanted" "$engine" "$@" || continue
        if [ -z "$first" ]; then
            first=$engine
            cp "$work/dump" "$work/first"
        fi
        cmp -s "$work/dump" "$work/first" || fail "$name: $engine ends in another state than $first"
    done
}

check keyboard 'HELLO, LC-3\nand 2962 rounds of work\n' --input="$examples/keyboard.keys"
check timer 'tick 1: counted to 1667\ntick 2: counted to 1618\ntick 3: counted to 1623\ntick 4: counted to 1623\ntick 5: counted to 1622\n'
[ $failures = 0 ] && echo "examples with interrupts: all engines agree"
exit $failures
