#!/usr/bin/env bash
# Instructions a message, by valgrind's callgrind: what `wire-cost` measures in time, on machines of any noise.
#
# usage: tests/wire-cost.sh [OPERATION...]

set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --release -p sf209x-tests --bin wire-cost
program="${CARGO_TARGET_DIR:-target}/release/wire-cost"

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" --only "$1" "$2" "$3" 2>&1 |
        sed -n 's/.*Collected : //p'
}

printf '%-22s%10s%10s%10s%10s%16s\n' operation scan serde decode encode 'decode/scan'
for operation in "${@:-Opret}"; do
    printf '%-22s' "$operation"
    for work in scan serde decode encode; do
        # The difference of two runs leaves out what a program costs to start.
        one=$(instructions "$work" "$operation" 100)
        more=$(instructions "$work" "$operation" 600)
        cost=$(((more - one) / 500))
        printf '%10d' "$cost"
        case "$work" in
            scan) scan=$cost ;;
            decode) ratio=$((100 * cost / scan)) ;;
        esac
    done
    printf '%13d.%02d\n' $((ratio / 100)) $((ratio % 100))
done
