#!/usr/bin/env bash
# SwiftPM 6.3.1: what keeps two builds of one package apart lies in the temporary folder, not in the build folder.
#
# One would expect: swift build locks its .build folder by a file inside it: whoever shares the folder waits for the
# other build, and whoever has a folder of its own does not.
# What happens: the lock is an empty file in TMPDIR, named after the path of the build folder, with _ in place of /;
# .build/.lock, which is there at times, has only the number of a process in it.
# Two builds of one package with the same TMPDIR wait for each other. With other TMPDIRs the second one does not see
# the first, goes to work in its folder, and fails with "database is locked". And the other way round: builds of two
# packages whose paths differ in / and _ alone wait for each other, though they share nothing.
# For who builds a bridge or devices in Swift: containers or services with a /tmp of their own and a common package
# fail by chance; containers that share /tmp, with a package of their own each at the same path, wait for each other.
# What helps: one TMPDIR for those who share a folder and another one for those who do not, or --scratch-path.
# Versions: Swift 6.3.1 (installed), Linux. About a minute. The result is the exit code.
set -euo pipefail
dir=$(cd "$(mktemp -d)" && pwd -P)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
export HOME=$dir/home
mkdir -p home tmp/one tmp/other a/b a_b
# a/b has a build step of its own, which takes 8 s and says when it begins.
mkdir -p a/b/Sources/Tiny a/b/Plugins/Slow a_b/Sources/Tiny
echo 'public let answer = 42' | tee a/b/Sources/Tiny/Tiny.swift > a_b/Sources/Tiny/Tiny.swift
cat > a_b/Package.swift <<'SWIFT'
// swift-tools-version: 6.0
import PackageDescription
let package = Package(name: "Tiny", targets: [.target(name: "Tiny")])
SWIFT
cat > a/b/Package.swift <<'SWIFT'
// swift-tools-version: 6.0
import PackageDescription
let slow = Target.plugin(name: "Slow", capability: .buildTool())
let package = Package(name: "Tiny", targets: [.target(name: "Tiny", plugins: ["Slow"]), slow])
SWIFT
cat > a/b/Plugins/Slow/Slow.swift <<'SWIFT'
import Foundation
import PackagePlugin
@main struct Slow: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let folder = context.pluginWorkDirectoryURL.path
        let shell = URL(fileURLWithPath: "/bin/sh")
        return [.buildCommand(
            displayName: "Slow", executable: shell,
            arguments: ["-c", "cd '\(folder)' && touch begun && sleep 8 && touch done.txt"],
            outputFiles: [context.pluginWorkDirectoryURL.appending(path: "done.txt")])]
    }
}
SWIFT
swift --version 2>&1 | grep '^Swift version'
# beside TMPDIR PACKAGE: a build of PACKAGE in TMPDIR, while a/b is built in tmp/one; the exit code is in $code.
beside() {
    rm -rf a/b/.build
    TMPDIR=$dir/tmp/one swift build --package-path a/b > first.txt 2>&1 &
    local first=$!
    for _ in $(seq 400); do
        [ -z "$(find a/b/.build -name begun 2> /dev/null)" ] || break
        sleep 0.1
    done
    [ -n "$(find a/b/.build -name begun)" ]
    # The one lock for a/b and a_b, and that it is held now.
    local lock
    lock=$(find tmp/one -name '*_a_b_.build.lock')
    [ -n "$lock" ]
    if flock -n "$lock" true; then return 1; fi
    code=0
    TMPDIR=$dir/$1 swift build --package-path "$2" > second.txt 2>&1 || code=$?
    wait $first
    echo "$2 with $1, beside a/b with tmp/one: exit code $code"
    grep -o -i 'another instance.*running\|database is locked\|build complete' second.txt | sed 's/^/    /'
}
# expect CODE waited|alone [TEXT]: what the second build did and said.
expect() {
    [ $code = "$1" ]
    [ "$(grep -q 'Another instance' second.txt && echo waited || echo alone)" = "$2" ]
    grep -q "${3:-Build complete}" second.txt
}
beside tmp/one a/b
expect 0 waited
beside tmp/other a/b
expect 1 alone 'database is locked'
beside tmp/one a_b
expect 0 waited
rm -rf a_b/.build
beside tmp/other a_b
expect 0 alone
