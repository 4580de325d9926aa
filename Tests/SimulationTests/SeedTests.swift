import BrokerFixture
import Foundation
import Simulation
import Testing

/// Whole runs of the bridge in its simulated world.
///
/// A failure names its seed: `swift run simulate --trace SEED` prints everything that happened.
@Suite("Simulated runs")
struct SeedTests {
    private static let batch: ClosedRange<UInt64> = 1...500

    @Test("Five hundred seeds keep every rule, and come by every rule and fault")
    func batch() async throws {
        let jobs = max(2, ProcessInfo.processInfo.activeProcessorCount)
        let (coverage, cut, resumed) = try await withThrowingTaskGroup(
            of: (Coverage, Int, Int).self
        ) { group in
            for job in 0..<jobs {
                // Not on the threads of the tests, which have waiting to do.
                group.addTask {
                    let outcomes = try await inBackground {
                        try Self.batch.filter { Int($0) % jobs == job }.map { seed in
                            try Run(Plan(seed: seed)).play()
                        }
                    }
                    var (coverage, cut, resumed) = (Coverage(), 0, 0)
                    for outcome in outcomes {
                        Self.judge(outcome)
                        coverage.add(outcome.coverage)
                        cut += outcome.cutReadings
                        resumed += outcome.resumedSessions
                    }
                    return (coverage, cut, resumed)
                }
            }
            return try await group.reduce(into: (Coverage(), 0, 0)) { sum, part in
                sum.0.add(part.0)
                sum.1 += part.1
                sum.2 += part.2
            }
        }
        #expect(coverage.missing == [])
        // What was cut was read again or listed, and the list took more than one connection.
        #expect(cut > 3 * coverage[.readingsCut])
        #expect(resumed > coverage[.readingsCut])
    }

    @Test("Seeds keep every rule with the plugin in the broker, which passes events on")
    func plugin() async throws {
        let (atOnce, later, first) = try await inBackground {
            try (1...60 as ClosedRange<UInt64>).reduce((0, 0, 0)) { sum, seed in
                let outcome = try Run(Plan(seed: seed, plugin: true)).play()
                Self.judge(outcome)
                let later = outcome.passedOnLater
                let first = outcome.coverage[.plainFirstKilled]
                return (sum.0 + outcome.passedOn - later, sum.1 + later, sum.2 + first)
            }
        }
        // Both releases of the broker were there.
        #expect(atOnce > 100)
        #expect(later > 100)
        // So were things that only the plugin can vouch for.
        #expect(first > 3)
    }

    @Test("Seeds keep every rule with adopted programs, and come by all that is theirs")
    func adopted() async throws {
        let coverage = try await inBackground {
            try (1...100 as ClosedRange<UInt64>).reduce(into: Coverage()) { sum, seed in
                let outcome = try Run(Plan(seed: seed, adopting: true)).play()
                Self.judge(outcome)
                sum.add(outcome.coverage)
            }
        }
        #expect(coverage.missingOfAdopted == [])
    }

    @Test("Seeds keep every rule with an operator who asks by another way than the broker")
    func operated() async throws {
        let coverage = try await inBackground {
            try (1...100 as ClosedRange<UInt64>).reduce(into: Coverage()) { sum, seed in
                let outcome = try Run(Plan(seed: seed, operating: true)).play()
                Self.judge(outcome)
                sum.add(outcome.coverage)
            }
        }
        #expect(coverage[.operatorStated] > 500)
        #expect(coverage[.operatorErased] > 100)
    }

    @Test("Seeds keep every rule with bridges that share a store, whoever of them owns it")
    func shared() async throws {
        let coverage = try await inBackground {
            try (1...100 as ClosedRange<UInt64>).reduce(into: Coverage()) { sum, seed in
                let outcome = try Run(Plan(seed: seed, sharing: true)).play()
                Self.judge(outcome)
                sum.add(outcome.coverage)
            }
        }
        #expect(coverage.missingOfSharing == [])
    }

    @Test("Every seed that has ever failed keeps every rule", arguments: KeptSeed.all)
    func kept(_ kept: KeptSeed) throws {
        let plan = Plan(
            seed: kept.seed,
            plugin: kept.hasPlugin,
            adopting: kept.adopts,
            operating: kept.operates,
            sharing: kept.shares
        )
        Self.judge(try Run(plan).play())
    }

    @Test("A seed makes the same run in every process")
    func replay() async throws {
        let output = try await Child.run(
            URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appending(path: "simulate").path,
            ["--from", "7", "--seeds", "3", "--jobs", "1", "--digests"],
            timeout: .seconds(60)
        )
        for seed: UInt64 in 7...9 {
            let digest = try Run(Plan(seed: seed), digests: true).play().digest
            #expect(output.contains("\(seed) \(String(digest, radix: 16))\n"))
        }
    }

    @Test("To everyone else, whoever is invisible has logged out")
    func invisible() throws {
        for seed: UInt64 in 1...20 {
            var histories: [[Entry]] = []
            for word in ["invisible", "offline"] {
                var plan = Plan(seed: seed)
                plan.compares(hidingAs: word)
                var history: [Entry] = []
                // What the world does after the first rest depends on who is there.
                var isOver = false
                _ = try Run(plan).play { entry in
                    if case .rest = entry.event { isOver = true }
                    if !isOver { history.append(entry) }
                }
                histories.append(history)
            }
            let difference = InvisibleIsLogout.firstDifference(
                histories[0],
                histories[1],
                hiding: Set((1...9).map { "u\($0)" })
            )
            #expect(difference == nil, "seed \(seed)")
        }
    }

    private static func judge(_ outcome: Run.Outcome) {
        if !outcome.breaches.isEmpty {
            Issue.record(
                """
                seed \(outcome.seed):
                \(outcome.breaches.joined(separator: "\n"))
                what happened last:
                \(outcome.tail.joined(separator: "\n"))
                """
            )
        }
    }
}
