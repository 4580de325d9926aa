#!/usr/bin/env bash
# Shows whether the simulated world plays as it did at another commit: the digests of all traces are equal.
#
#     [SEEDS=500] [FROM=1] [JOBS=2] scripts/compare-traces.sh [commit]
#
# Plays the seeds with the sources as they are, without the plugin and then with it, and compares the
# digests with those of the commit (HEAD, if none is given). Exits with 1 if a seed differs.
#
# The digests of a commit are kept in .build/traces: those of the sources as they are, too, where nothing
# of them is uncommitted. A commit whose digests are not there is built in .build/traces, which takes
# minutes. The digests of two commits say nothing where the simulated world itself has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=${SEEDS:-500}
from=${FROM:-1}
jobs=${JOBS:-2}
base=$(git rev-parse --verify "${1:-HEAD}^{commit}")
work=$PWD/.build/traces
built_from=(Package.swift Package.resolved Sources Tests/Simulation Tests/simulate Tests/Chance)

fail() {
    echo "compare-traces.sh: $*" >&2
    exit 1
}

kept() { echo "$work/$1-$from-$seeds"; }

# Plays all seeds with a build of simulate, and writes "seed digest" lines, of both worlds, to a file.
play() {
    local simulate=$1 file=$2 world
    for world in "" --plugin; do
        # A seed that fails has a trace, too.
        # shellcheck disable=SC2086 # No argument where there is no plugin.
        "$simulate" --digests --seeds "$seeds" --from "$from" --jobs "$jobs" $world >"$file.log" || true
        grep -E '^[0-9]+ [0-9a-f]+$' "$file.log" | sort -n | sed "s/\$/${world:+ with the plugin}/" || true
    done >"$file.new"
    [ "$(wc -l <"$file.new")" -eq $((2 * seeds)) ] || fail "not all seeds were played: $file.log"
    mv "$file.new" "$file"
}

build() { swift build -c release --product simulate "$@" >&2; }

play_commit() {
    local tree=$work/tree
    rm -rf "$tree"
    mkdir -p "$tree"
    git archive "$base" | tar -x -C "$tree"
    build --package-path "$tree" --scratch-path "$work/build"
    play "$work/build/release/simulate" "$(kept "$base")"
}

mkdir -p "$work"
build
play .build/release/simulate "$work/now"
if [ -z "$(git status --porcelain -- "${built_from[@]}")" ]; then
    cp "$work/now" "$(kept "$(git rev-parse HEAD)")"
fi
[ -e "$(kept "$base")" ] || play_commit

differing=$({ diff "$(kept "$base")" "$work/now" || true; } | sed -n 's/^> //p')
if [ -n "$differing" ]; then
    head -n 20 <<<"$differing"
    fail "$(wc -l <<<"$differing") of $((2 * seeds)) traces differ from those of ${base:0:12};" \
        "simulate --trace SEED shows what happens in one"
fi
echo "all $((2 * seeds)) traces are equal to those of ${base:0:12}"
