#!/usr/bin/env bash
# Instructions for each octet of a message that grows in one dimension, by valgrind's callgrind: depth, attributes, elements,
# list items, references, comments, violations and more. It ends with 1 if they grow more than threefold from one size to a
# larger one; small messages cost more for each octet, since what every message costs is in them.
#
# usage: tests/linear.sh [DIMENSION...]

set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --release -p sf209x-soap --example linear
program="${CARGO_TARGET_DIR:-target}/release/examples/linear"

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

status=0
while read -r dimension sizes; do
    if [ $# -gt 0 ] && [[ " $* " != *" $dimension "* ]]; then continue; fi
    printf '%-20s' "$dimension"
    least=
    for size in $sizes; do
        octets=$("$program" "$dimension" "$size" 0)
        # The difference of two runs leaves out what a program costs to start.
        one=$(instructions "$dimension" "$size" 1)
        more=$(instructions "$dimension" "$size" 3)
        cost=$(((more - one) / 2 * 10 / octets))
        printf '%10s:%5d.%d' "$size" $((cost / 10)) $((cost % 10))
        if [ -n "$least" ] && [ "$cost" -gt $((3 * least)) ]; then status=1; fi
        if [ -z "$least" ] || [ "$cost" -lt "$least" ]; then least=$cost; fi
    done
    printf '\n'
done < <("$program")
exit $status
