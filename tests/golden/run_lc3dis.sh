#!/bin/sh
# run_lc3dis.sh LC3AS LC3DIS EXAMPLES: from source to object to source to the same
# object, and what happens to files that are none.
as=$(realpath "$1") dis=$(realpath "$2") examples=$(realpath "$3") failures=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
    echo "$*"
    failures=$((failures + 1))
}

# refuse TEXT ARGS...: exit 2, nothing on standard output, and a message with TEXT.
refuse() {
    text=$1
    shift
    "$dis" "$@" >out 2>err
    status=$?
    [ $status = 2 ] || fail "$*: exit $status, not 2"
    [ -s out ] && fail "$*: wrote something"
    grep -q -- "$text" err || fail "$*: \"$(cat err)\" does not say \"$text\""
}

for source in "$examples"/hello.asm "$examples"/keyboard.asm "$examples"/timer.asm; do
    LC3_LIBRARY=$examples/../stdlib "$as" -Wno-all -o one.obj "$source" || fail "$source: not assembled"
    "$dis" one.obj >two.asm || fail "$source: not taken apart"
    "$as" -Wno-all -o two.obj two.asm || fail "$source: not assembled again"
    cmp -s one.obj two.obj || fail "$source: another object came back"
    rm one.sym
    "$dis" one.obj >two.asm
    "$as" -Wno-all -o two.obj two.asm
    cmp -s one.obj two.obj || fail "$source: another object came back without symbols"
    "$dis" --json one.obj >json || fail "$source: no JSON"
    command -v python3 >/dev/null && { python3 -m json.tool json >/dev/null || fail "$source: damaged JSON"; }
done

"$as" -Wno-all -o hello.obj "$examples/hello.asm"
"$as" -Wno-all --format=lc3tools -o other.obj "$examples/hello.asm"
rm -f hello.sym other.sym
"$dis" hello.obj >a
"$dis" other.obj >b
cmp -s a b || fail "an object of lc3tools reads otherwise"

: >empty.obj
printf '\060' >odd.obj
printf '\376\000\000\001' >device.obj
refuse "empty.obj" empty.obj
refuse "odd.obj" odd.obj
refuse "missing.obj" missing.obj
refuse "no file"
refuse "unknown option" --what hello.obj
refuse "one file" hello.obj hello.obj
if [ -e /dev/full ]; then
    "$dis" hello.obj >/dev/full 2>err
    [ $? = 2 ] || fail "a full disk goes unnoticed"
fi
"$dis" --help | grep -q -- --json || fail "--help does not help"
"$dis" --version | grep -q lc3dis || fail "--version does not say"
[ $failures = 0 ] && echo "lc3dis: fine"
exit $failures
