#!/bin/sh
# all_tested.sh LIBRARY TESTS: every name the library exports is documented where it
# stands, listed in its README, and tested.
library=$1 tests=$2 failures=0
for file in "$library"/*.asm; do
    grep -q '^ *\.ORIG' "$file" && continue # part of the system
    for name in $(sed -n 's/^ *\.GLOBAL *//p' "$file"); do
        grep -q "^; $name: " "$file" || { echo "$name: no comment in $file"; failures=1; }
        grep -q "^; $name:" "$file" && sed -n "/^; $name: /,/^$name/p" "$file" | grep -q '^;   changes ' ||
            { echo "$name: its comment does not say what changes"; failures=1; }
        grep -q "\`$name\`" "$library/README.md" || { echo "$name: not in README.md"; failures=1; }
        grep -q "\"$name\"" "$tests"/*.c || { echo "$name: no test"; failures=1; }
    done
done
exit $failures
