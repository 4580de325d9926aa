import ArgumentParser
import Simulation
import Synchronization

/// Plays many seeds, or one with all that happens in it.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Plays the bridge in a simulated world, seed by seed, and checks what happens."
    )

    @Option(help: "How many seeds are played.")
    var seeds = 500

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "How many are played at once.")
    var jobs = 2

    @Option(help: "Plays this seed alone, and prints everything that happens.")
    var trace: UInt64?

    @Flag(help: "Ends with the first seed that fails, which is always the same.")
    var stop = false

    @Flag(help: "Plays them with the plugin in the broker.")
    var plugin = false

    @Flag(help: "Plays them with programs that know nothing of the protocol, and are adopted.")
    var adopted = false

    @Flag(help: "Plays them with an operator who asks by another way than the broker.")
    var operated = false

    @Flag(help: "Plays them with several bridges, which share a store in a database.")
    var shared = false

    @Flag(help: "Prints a digest of each run, which is the same in every process.")
    var digests = false

    func run() async throws {
        if let trace {
            try play(trace)
            return
        }
        let total = try await playAll()
        print(total.summary)
        if total.failures > 0 { throw ExitCode.failure }
    }

    private func play(_ seed: UInt64) throws {
        let plan = world(seed)
        print(plan)
        let outcome = try Run(plan, digests: true).play { print($0) }
        for breach in outcome.breaches { print("BREACH \(breach)") }
        print("digest \(String(outcome.digest, radix: 16)), \(outcome.entries) entries")
        if !outcome.breaches.isEmpty { throw ExitCode.failure }
    }

    private func world(_ seed: UInt64) -> Plan {
        Plan(
            seed: seed,
            plugin: plugin,
            adopting: adopted,
            operating: operated,
            sharing: shared
        )
    }

    private func playAll() async throws -> Total {
        let (jobs, failed) = (UInt64(max(1, jobs)), FirstFailure())
        let end = from + UInt64(max(0, seeds))
        let none = Total(adopting: adopted, sharing: shared)
        return try await withThrowingTaskGroup(of: Total.self) { group in
            for job in 0..<jobs {
                group.addTask { [self] in
                    var total = none
                    for seed in stride(from: from + job, to: end, by: Int(jobs)) {
                        if stop, failed.isBefore(seed) { break }
                        let outcome = try Run(world(seed), digests: digests).play()
                        total.add(outcome, seed: seed)
                        if !outcome.breaches.isEmpty { failed.note(seed) }
                        if digests { print("\(seed) \(String(outcome.digest, radix: 16))") }
                    }
                    return total
                }
            }
            return try await group.reduce(into: none) { $0.add($1) }
        }
    }
}

/// The first seed that has failed so far, of all that are played at once.
private final class FirstFailure: Sendable {
    private let seed = Mutex(UInt64.max)

    func note(_ failed: UInt64) { seed.withLock { $0 = min($0, failed) } }

    func isBefore(_ other: UInt64) -> Bool { seed.withLock { $0 < other } }
}

/// What many runs come to.
struct Total: Sendable {
    /// Whether things were adopted, so that what comes by with them alone is to be reached.
    private let adopts: Bool
    /// Whether bridges share a store, likewise.
    private let shares: Bool
    private var runs = 0
    private var entries = 0
    private var passedOn = 0
    private var passedOnLater = 0
    private var cutReadings = 0
    private var resumedSessions = 0
    private(set) var failures = 0
    private var coverage = Coverage()

    init(adopting adopts: Bool, sharing shares: Bool) {
        (self.adopts, self.shares) = (adopts, shares)
    }

    mutating func add(_ outcome: Run.Outcome, seed: UInt64) {
        runs += 1
        entries += outcome.entries
        passedOn += outcome.passedOn
        passedOnLater += outcome.passedOnLater
        cutReadings += outcome.cutReadings
        resumedSessions += outcome.resumedSessions
        coverage.add(outcome.coverage)
        guard !outcome.breaches.isEmpty else { return }
        failures += 1
        print("seed \(seed) failed:")
        for breach in outcome.breaches.prefix(4) { print("  \(breach)") }
    }

    mutating func add(_ other: Total) {
        runs += other.runs
        entries += other.entries
        passedOn += other.passedOn
        passedOnLater += other.passedOnLater
        cutReadings += other.cutReadings
        resumedSessions += other.resumedSessions
        failures += other.failures
        coverage.add(other.coverage)
    }

    private var never: [String] {
        coverage.missing + (adopts ? coverage.missingOfAdopted : [])
            + (shares ? coverage.missingOfSharing : [])
    }

    var summary: String {
        """
        \(coverage.counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
        passed on by the plugin: \(passedOn), in a later turn: \(passedOnLater)
        readings that the broker cut: \(cutReadings)
        sessions that went on with another connection: \(resumedSessions)
        never: \(never.joined(separator: ", "))
        \(runs) seeds, \(entries) things that happened, \(failures) seeds failed
        """
    }
}
