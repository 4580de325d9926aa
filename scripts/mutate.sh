#!/usr/bin/env bash
# Breaks the bridge on purpose, one small change at a time, and shows what notices.
#
#     [SEEDS=1000] [JOBS=2] [PATIENCE=600] scripts/mutate.sh [mutation ...]
#
# Each patch in Tests/Mutations is applied to a copy of the sources. The simulation plays its seeds
# until one fails, without the plugin, with it, with adopted programs, with an operator, and with bridges that share a store;
# what it does not catch, the tests of core, store, shell and plugin must. A patch that does not
# apply or build is a mistake and no catch. The table in docs/mutations.md is written anew, with the
# last result of each. Exits with 1 if a mutation survives or is a mistake.
#
# The copy and what is built from it stay in .build/mutations, so that the next run is quicker.
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=${SEEDS:-1000}
jobs=${JOBS:-2}
root=$PWD
patches=$root/Tests/Mutations
document=$root/docs/mutations.md
work=$root/.build/mutations
tree=$work/tree
log=$work/log
# In seconds. Playing the seeds takes a minute or two; a mutation may lead into a loop without an end.
patience=${PATIENCE:-600}

fail() {
    echo "mutate.sh: $*" >&2
    exit 1
}

# The copy is as the sources are; files that are so already stay untouched, and are not built again.
copy_sources() {
    mkdir -p "$tree" "$work/results"
    local file
    while IFS= read -r file; do
        cmp -s "$file" "$tree/$file" || install -D -m 644 "$file" "$tree/$file"
    done < <(find . -type f -not -path './.*/*' -not -path './run/*')
    while IFS= read -r file; do
        [ -e "$file" ] || rm "$tree/$file"
    done < <(cd "$tree" && find . -type f -not -path './.*/*')
}

# The copy lies inside a checkout that it is no part of.
apply() { (cd "$tree" && GIT_CEILING_DIRECTORIES=$work git apply "$@"); }

# Builds from the copy, quietly. Optimised file by file: a change is built as quickly as for debugging, and seeds
# are played ten times as fast.
build() { (cd "$tree" && swift build --scratch-path "$work/build" -Xswiftc -O "$@") >"$log" 2>&1; }

# The message with which a process that was killed by a trap ended.
last_words() { sed -n 's/.*Fatal error: //p' "$log" | head -n 1 | cut -c 1-100; }

# Plays the seeds, first without and then with the plugin in the broker, then with adopted programs, then with an
# operator, then with bridges that share a store, and prints what was caught, nothing if nothing was.
simulate() {
    local caught
    caught=$(play simulation)
    [ -n "$caught" ] || caught=$(play "simulation with the plugin" --plugin)
    [ -n "$caught" ] || caught=$(play "simulation with adopted things" --adopted)
    [ -n "$caught" ] || caught=$(play "simulation with an operator" --operated)
    [ -n "$caught" ] || caught=$(play "simulation with a shared store" --shared)
    printf '%s' "$caught"
}

# Plays the seeds with further options, and prints what was caught, under a name.
play() {
    local name=$1 status=0
    shift
    timeout "$patience" "$work/build/debug/simulate" --stop --seeds "$seeds" --jobs "$jobs" "$@" \
        >"$log" 2>&1 || status=$?
    case $status in
    0) ;;
    # The earliest seed that failed, and the rule of its first breach: "  <rule>: <sentence>".
    1) awk -v name="$name" '
        /^seed [0-9]+ failed:/ { seed = $2; next }
        seed != "" {
            sub(/^ +/, ""); sub(/: .*/, "")
            if (first == "" || seed + 0 < first + 0) { first = seed; rule = $0 }
            seed = ""
        }
        END { print name ", seed " first ": " (rule == "" ? "it failed" : rule) }' "$log" ;;
    124) echo "$name: it came to no end" ;;
    *) echo "$name: the process ended itself, \"$(last_words)\"" ;;
    esac
}

# Runs the tests of core, store, shell and plugin, which must be built, and prints what was caught.
run_tests() {
    local status=0 name
    (cd "$tree" && timeout "$patience" swift test --scratch-path "$work/build" --skip-build \
        --filter 'PresenceCoreTests|PresenceStoreTests|PresenceBridgeTests|PresencePluginTests') >"$log" 2>&1 || status=$?
    name=$(sed -n 's/.*Test "\(.*\)" recorded an issue.*/\1/p' "$log" | sort | head -n 1)
    case $status in
    0) ;;
    124) echo "tests: they came to no end" ;;
    *) echo "test: ${name:-the process ended itself, \"$(last_words)\"}" ;;
    esac
}

# What a patch says it breaks.
words_of() { sed -n 1p "$patches/$1.patch"; }

record() {
    printf '%s\n' "$2" >"$work/results/$1"
    printf '%-28s %s\n' "$1" "$2"
}

# The sources as they are must pass, or nothing that fails means anything.
check_unbroken() {
    local caught
    if [ "$1" = simulate ]; then
        build --product simulate || { cat "$log"; fail "the sources do not build"; }
        caught=$(simulate)
    else
        build --build-tests || { cat "$log"; fail "the tests do not build"; }
        caught=$(run_tests)
    fi
    [ -z "$caught" ] || fail "without any mutation: $caught"
}

# Breaks the copy, builds it, and has it judged by what is given.
try() {
    local name=$1 judge=$2 caught
    shift 2
    if ! apply "$patches/$name.patch" 2>"$log"; then
        cat "$log" >&2
        record "$name" "MISTAKE: does not apply"
        return
    fi
    if ! build "$@"; then
        grep -m 3 'error:' "$log" >&2 || true
        record "$name" "MISTAKE: does not build"
    else
        caught=$("$judge")
        [ -n "$caught" ] || caught=SURVIVED
        record "$name" "$caught"
    fi
    apply -R "$patches/$name.patch"
}

# The first lines of the document stay, the table is new.
write_table() {
    local name
    for name in "${all[@]}"; do
        [ -e "$work/results/$name" ] || return 0
    done
    {
        sed '/^| /,$d' "$document"
        echo "| mutation | what is wrong | caught by |"
        echo "|---|---|---|"
        for name in "${all[@]}"; do
            echo "| $name | $(words_of "$name") | $(cat "$work/results/$name") |"
        done
    } >"$work/table"
    cp "$work/table" "$document"
}

all=()
for patch in "$patches"/*.patch; do
    all+=("$(basename "$patch" .patch)")
done
names=("$@")
[ $# -gt 0 ] || names=("${all[@]}")
for name in "${names[@]}"; do
    [ -e "$patches/$name.patch" ] || fail "there is no Tests/Mutations/$name.patch"
done

copy_sources
echo "The sources as they are, $seeds seeds ..."
check_unbroken simulate
survivors=()
for name in "${names[@]}"; do
    try "$name" simulate --product simulate
    if grep -q '^SURVIVED' "$work/results/$name"; then survivors+=("$name"); fi
done
if [ ${#survivors[@]} -gt 0 ]; then
    echo "The tests of core, store, shell and plugin have a try at ${#survivors[@]} ..."
    check_unbroken tests
    for name in "${survivors[@]}"; do
        try "$name" run_tests --build-tests
    done
fi
write_table

bad=0
for name in "${names[@]}"; do
    if grep -qE '^(SURVIVED|MISTAKE)' "$work/results/$name"; then bad=$((bad + 1)); fi
done
echo "${#names[@]} mutations, $((${#names[@]} - bad)) caught"
[ "$bad" -eq 0 ]
