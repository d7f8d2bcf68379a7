#!/usr/bin/env bash
# Man pages say the options that --help says, and no others; completion offers them.
#
#     manuals.sh SOURCE_ROOT [COMMAND PAGE]...
set -uo pipefail
root=$(realpath "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail()
{
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# Everything in the text that looks like an option, values cut off.
names()
{
    grep -oE -- '(^|[ ,(])--?[A-Za-z][A-Za-z-]*' | sed -E 's/^[ ,(]//' | sort -u
}

# In --help an option begins a line, or follows another one and a comma or a blank.
help_options()
{
    "$1" --help | grep -E '^ {2,6}-' | sed -E 's/^ +//; s/(   |  [a-z]).*//' | names
}

page_options()
{
    sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' "$1" | grep '^\.B ' | sed 's/^\.B //; s/\\-/-/g' | names
}

check_page()
{
    local command=$1 page=$2 section
    help_options "$command" >"$work/help"
    page_options "$page" >"$work/page"
    [ "$(wc -l <"$work/help")" -ge 2 ] || fail "$command --help has no options"
    diff "$work/help" "$work/page" || fail "$page and $command --help differ (< only in the help, > only in the page)"
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS "SEE ALSO"; do
        grep -q "^\.SH $section" "$page" || fail "$page has no $section"
    done
    grep -nE '@[A-Z]+' "$page" && fail "$page is not filled in"
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W error "$page" || fail "$page: mandoc finds mistakes"
    elif command -v groff >/dev/null; then
        groff -man -z -w mac -w syntax -w missing -W break "$page" 2>&1 | grep . && fail "$page: groff finds mistakes"
    fi
}

# Nothing in a page's own words names an option that the command does not have.
check_words()
{
    local command=$1 page=$2
    sed 's/\\-/-/g; s/\\f[BIR]//g' "$page" | sed '/^\.SH OPTIONS/,/^\.SH [^O]/d' | grep -v '^\.B cc\|cc -O2\|lc3run --profile\|^.B svm --profile\|^\.B lc3run' |
        grep -oE -- '--[a-z][a-z-]+' | sort -u | grep -vxFf "$work/help" | grep . && fail "$page names options that $command does not have"
}

# completes COMMAND "LINE" WORD...: the words are offered at the end of the line.
completes()
{
    local command=$1 line=$2 word
    shift 2
    COMP_LINE="x $line" COMP_POINT=1000
    COMP_CWORD=$(wc -w <<<"${line}x")
    _lc3 "$command"
    for word in "$@"; do
        printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$word" || fail "'$line' does not offer $word: ${COMPREPLY[*]}"
    done
}

# shellcheck source=/dev/null
. "$root/gen/completion.bash"
while [ $# -gt 0 ]; do
    check_page "$1" "$2"
    check_words "$1" "$2"
    COMP_LINE="x -" COMP_POINT=1000 COMP_CWORD=1
    _lc3 "$(realpath "$1")"
    printf '%s\n' "${COMPREPLY[@]%=}" | sort -u | diff "$work/help" - || fail "$(basename "$1"): help and completion differ"
    case $1 in
    *lc3run) run=$(realpath "$1") ;;
    *lc3gen) gen=$(realpath "$1") ;;
    esac
    shift 2
done

cd "$work" || exit 1
mkdir sub
touch a.asm b.obj c.txt my.so m.def
completes "$run" "--eng" --engine=
completes "$run" "--engine=" auto interp jit my.so
completes "$run" "--wait=s" spin
completes "$run" "" a.asm b.obj sub/
printf '%s\n' "${COMPREPLY[@]}" | grep -q 'c.txt' && fail "lc3run is offered a text file"
completes "$run" "--dump=c" c.txt
completes "$gen" "ex" explain
completes "$gen" "check " m.def sub/

[ $failures = 0 ] && echo "pages, help and completion agree"
[ $failures = 0 ]
