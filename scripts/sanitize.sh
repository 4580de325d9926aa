#!/usr/bin/env bash
# Runs tests under AddressSanitizer and ThreadSanitizer, the boundary to C above all; ends with an
# error if a test fails or a sanitizer finds anything, also in the bridges that tests start.
#
#     scripts/sanitize.sh [address] [thread]
#
# Each is built in a folder of its own below .build; the first time takes many minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

# What is tested in one process: of the core, which touches no memory by itself, what fuzzing comes
# to. What has but one thread needs no look at threads.
everything='^(PresenceTests|PresenceStoreTests|PresenceBridgeTests|PresencePluginTests|MosquittoTests|FuzzTests)\.'
client='^PresenceClientTests\.|^IntegrationTests\.(ChatTests|LoginTests|ComebackTests|ConnectingClientTests)/'
threads='^(PresenceStoreTests|PresenceBridgeTests|MosquittoTests)\.'"|$client"
# Of the bridge as a process what crosses its edges.
bridge='^IntegrationTests\.(ConnectionTests|StoreTests|BridgeRestartTests|EventTests|DevicePayloadTests|ResponseTopicTests)/'

[ $# -gt 0 ] || set -- address thread
status=0

# Where a container forbids it, a sanitizer ends every program at once; then there is nothing to run.
runs() {
    local folder
    folder=$(mktemp -d)
    echo 'print("runs")' >"$folder/main.swift"
    swiftc -sanitize="$1" "$folder/main.swift" -o "$folder/main" 2>/dev/null &&
        [ "$("$folder/main" 2>/dev/null)" = runs ]
    local result=$?
    rm -rf "$folder"
    return $result
}

for sanitizer in "$@"; do
    case $sanitizer in
    address) inside=$everything ;;
    thread) inside=$threads ;;
    *)
        echo "sanitize.sh: \"$sanitizer\" is none of address, thread" >&2
        exit 2
        ;;
    esac
    if ! runs "$sanitizer"; then
        echo "Skipped: a program with -sanitize=$sanitizer does not run here." >&2
        continue
    fi
    scratch=.build/$sanitizer
    reports=$PWD/$scratch/reports
    echo "Building with -sanitize=$sanitizer" >&2
    # The linker lists every symbol that it need not export.
    swift build --build-tests --sanitize "$sanitizer" --scratch-path "$scratch" \
        2> >(grep -v 'Cannot export local symbol' >&2)
    rm -rf "$reports"
    mkdir -p "$reports"
    export ASAN_OPTIONS="detect_leaks=1:log_path=$reports/report"
    export LSAN_OPTIONS="suppressions=$PWD/scripts/sanitize-leaks.txt:print_suppressions=0"
    export TSAN_OPTIONS="suppressions=$PWD/scripts/sanitize-races.txt:log_path=$reports/report"
    for filter in "$inside" "$bridge"; do
        swift test --skip-build --sanitize "$sanitizer" --scratch-path "$scratch" \
            --filter "$filter" || status=1
    done
    for report in "$reports"/*; do
        [ -s "$report" ] || continue
        echo "A finding of -sanitize=$sanitizer: $report" >&2
        grep -m 1 SUMMARY "$report" >&2 || head -n 20 "$report" >&2
        status=1
    done
done
[ $status -eq 0 ] && echo "No finding."
exit $status
