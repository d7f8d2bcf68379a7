#!/usr/bin/env bash
# The description is the only place that knows an instruction.  This looks for
# mnemonics in strings, opcode numbers and TRAP numbers in the hand-written part
# of asm/ and runtime/, and fails with every place it finds.
#
#   knowledge.sh SOURCE_ROOT
set -euo pipefail
cd "$1"

# Names come from the description itself, so that a new instruction is looked for too.
names=$(sed -nE \
    -e 's/^insn +([A-Z]+) .*/\1/p' \
    -e 's/^alias +([A-Z]+) .*/\1/p' \
    -e 's/^ +0x[0-9A-F]+ +([A-Z]+) .*/\1/p' gen/isa.def | sort -u | paste -sd'|')
[ -n "$names" ] || { echo "found no instruction names in gen/isa.def"; exit 1; }
vectors=$(sed -nE 's/^ +0x([0-9A-F]+) +[A-Z]+ .*/\1/p' gen/isa.def | sort -u | paste -sd'|')

# Removes comments, keeps line numbers and strings.
code_of() {
    awk '
    { line = $0; out = ""
      while (length(line)) {
        if (block) { i = index(line, "*/"); if (!i) { line = ""; break }
                     line = substr(line, i + 2); block = 0; continue }
        if (match(line, /^"([^"\\]|\\.)*"/)) { out = out substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1); continue }
        if (substr(line, 1, 2) == "//") break
        if (substr(line, 1, 2) == "/*") { block = 1; line = substr(line, 3); continue }
        out = out substr(line, 1, 1); line = substr(line, 2) }
      printf "%s:%d:%s\n", FILENAME, FNR, out }' "$1"
}

status=0
complain() { # what, lines
    if [ -n "$2" ]; then
        printf '%s:\n%s\n' "$1" "$2"
        status=1
    fi
}

code=$(for file in $(find asm runtime -name '*.c' -o -name '*.h' -o -name '*.re' -o -name '*.y' | sort); do
    code_of "$file"
done)
[ "$(wc -l <<<"$code")" -gt 100 ] || { echo "found no code in asm/ and runtime/"; exit 1; }

complain "mnemonics in strings" \
    "$(grep -E "\"([^\"]*[^A-Za-z_\"])?($names)([^A-Za-z_0-9\"][^\"]*)?\"" <<<"$code" || true)"
complain "mnemonics in strings, lower case" \
    "$(grep -E "\"(${names,,})\"" <<<"$code" | grep -vE '"(halt|in|out|not|and|trap)"' || true)"
complain "opcode numbers" \
    "$(grep -E '>> ?12\b|& ?0x[Ff]000\b|== ?0x[Ff]025|case 0x[0-9A-Fa-f]000' <<<"$code" || true)"
complain "TRAP numbers" \
    "$(grep -E "0x0*($vectors|${vectors,,})\b|0x[Ff]0($vectors|${vectors,,})\b" <<<"$code" || true)"

[ $status -eq 0 ] && echo "no instruction is known outside the description"
exit $status
