#!/usr/bin/env bash
# Counts the instructions of the core's hot paths, with callgrind: a line for each, "name count".
# .build/release/core-counts must have been built.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# It collects in one function only, and writes a file at the end of each of its calls.
function=$(nm .build/release/core-counts | awk '/CoreCounts.*7measure/ { print $3 }')
SWIFT_DETERMINISTIC_HASHING=1 valgrind --tool=callgrind --callgrind-out-file="$folder/out" \
    --toggle-collect="$function" --dump-after="$function" \
    .build/release/core-counts >"$folder/paths" 2>"$folder/log" || { cat "$folder/log" >&2; exit 1; }

number=0
while read -r name repetitions; do
    number=$((number + 1))
    total=$(awk '/^totals:/ { print $2 }' "$folder/out.$number")
    echo "$name $((total / repetitions))"
done <"$folder/paths"
