/// One seed's run, from the first connection to the last rest, with all that watches over it.
package struct Run {
    /// What came of it.
    package struct Outcome: Sendable {
        /// The seed that was played.
        package var seed: UInt64
        /// What was wrong, a sentence each; none where all was well.
        package var breaches: [String]
        /// Which rules and faults the run has reached.
        package var coverage: Coverage
        /// The last things that happened before the first breach, or before the end.
        package var tail: [String]
        /// A number that differs where two runs do.
        package var digest: UInt64
        /// How many things happened.
        package var entries: Int
        /// How many events the plugin in the broker has passed on.
        package var passedOn: Int
        /// How many of them went out in a later turn than that of their fan-out.
        package var passedOnLater: Int
        /// How many readings the broker has cut.
        package var cutReadings: Int
        /// How many sessions have gone on with another connection: the bridge lists device topics by them.
        package var resumedSessions: Int
    }

    private let plan: Plan
    /// How many of the last entries a failure shows.
    private let tailLength: Int
    /// Whether all entries go into the digest, which takes longer than the run.
    private let digests: Bool

    /// The run of a plan.
    package init(_ plan: Plan, tailLength: Int = 40, digests: Bool = false) {
        self.plan = plan
        self.tailLength = tailLength
        self.digests = digests
    }

    /// Plays it; each entry is handed on as it happens.
    package func play(onEntry: (Entry) -> Void = { _ in }) throws -> Outcome {
        try withoutActuallyEscaping(onEntry) { onEntry in
            let world = try World(plan)
            var inspection = Inspection(plan.limits)
            var last: [Entry] = []
            var digest = Digest()
            var entries = 0
            world.onEntry = { entry in
                onEntry(entry)
                entries += 1
                if digests { digest.add(entry.description) }
                if inspection.breaches.isEmpty {
                    if last.count >= 2 * tailLength { last.removeFirst(tailLength) }
                    last.append(entry)
                }
                inspection.read(entry)
            }
            world.play()
            world.onEntry = { _ in }
            return Outcome(
                seed: plan.seed,
                breaches: inspection.breaches,
                coverage: inspection.coverage,
                tail: last.suffix(tailLength).map(\.description),
                digest: digest.value,
                entries: entries,
                passedOn: world.broker.passedOn,
                passedOnLater: world.broker.passedOnLater,
                cutReadings: world.broker.cutSnapshots,
                resumedSessions: world.broker.resumedSessions
            )
        }
    }
}

/// FNV-1a over lines of text.
private struct Digest {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ line: String) {
        for byte in line.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        value = (value ^ 10) &* 0x0000_0100_0000_01b3
    }
}
