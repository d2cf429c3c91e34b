#!/usr/bin/env bash
# Instructions a message, by valgrind's callgrind: what `wire-cost` measures in time, on machines of any noise. Ends with 1 if
# a bound is broken that holds for Opret.
#
# usage: tests/wire-cost.sh [OPERATION...]

set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --release -p sf209x-tests --bin wire-cost
program="${CARGO_TARGET_DIR:-target}/release/wire-cost"

# What `wire-cost --only WORK OPERATION TIMES` executes; nothing where the work is not done to the operation.
instructions() {
    { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" --only "$1" "$2" "$3" 2>&1 || true; } |
        sed -n '/^usage/q; s/.*Collected : //p'
}

# The difference of two runs leaves out what a program costs to start.
cost() {
    local some more
    some=$(instructions "$1" "$2" 100)
    more=$(instructions "$1" "$2" 600)
    echo "${some:+$(((more - some) / 500))}"
}

ratio() { awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }

broken=0
hold() { # what, figure, bound
    if awk "BEGIN { exit !($2 > $3) }"; then
        echo "broken: $1 is $2, and must be at most $3"
        broken=1
    fi
}

printf '%-22s' operation
for work in scan serde decode encode forward server bare-server client bare-client decode/scan forward/decode; do
    printf '%16s' "$work"
done
echo
for operation in "${@:-Opret}"; do
    printf '%-22s' "$operation"
    declare -A costs=()
    for work in scan serde decode encode forward server bare-server client bare-client; do
        costs[$work]=$(cost "$work" "$operation")
        printf '%16s' "${costs[$work]:--}"
    done
    decode=$(ratio "${costs[decode]}" "${costs[scan]}")
    forward=${costs[forward]:+$(ratio "${costs[forward]}" "${costs[decode]}")}
    printf '%16s%16s\n' "$decode" "${forward:--}"
    if [ "$operation" = Opret ]; then
        hold 'decode in scans' "$decode" 1.5
        hold 'encode' "${costs[encode]}" 18000
        hold 'forward in decodes' "$forward" 1.2
    fi
done
exit "$broken"
