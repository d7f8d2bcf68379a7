#!/bin/bash
# run.sh -- runs one fuzz target.
#
#     run.sh PROGRAM                     its inputs, once each
#     run.sh PROGRAM SECONDS [OPTION...] libFuzzer looks for new ones; options as libFuzzer's
#
# The inputs: the folder of the target's name beside this script, and what lies in the
# project anyway.  New ones are kept in corpus/ beside the program, where the next run
# begins; an input that breaks a promise is left beside it as NAME-crash-....
set -euo pipefail
program=$1 seconds=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
name=${program##*/fuzz_}

folders=() files=()
case $name in
asm) folders=("$root"/tests/asm/findings "$root"/tests/asm/students "$root"/tests/book "$root"/examples/nic) ;;
description)
    folders=("$root/tests/gen/negative")
    files=("$root"/gen/isa.def "$root"/gen/stack.def "$root"/tests/gen/{toy,pile,odd}.def)
    ;;
svm) folders=("$root/examples/svm") ;;
esac
[ -d "$here/$name" ] && folders+=("$here/$name")

[ -n "$seconds" ] || exec "$program" "${folders[@]}" "${files[@]}"
corpus=$(dirname "$program")/corpus/$name
mkdir -p "$corpus"
[ ${#files[@]} -eq 0 ] || cp "${files[@]}" "$corpus"
exec "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 -verbosity=0 \
    -dict="$here/$name.dict" -artifact_prefix="$(dirname "$program")/$name-" "${@:3}" "$corpus" "${folders[@]}"
