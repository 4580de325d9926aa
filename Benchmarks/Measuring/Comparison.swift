/// A scenario and its yardstick, measured in turn on one testbed.
struct Comparison {
    /// The figures of each round: one list for each figure that a measurement yields.
    private(set) var rounds: [[Finding.Round]] = []
    /// What the bridge's turns used.
    private(set) var usage: Usage

    /// Measures both in each round, each of them first in every other round.
    ///
    /// Both yield the same figures in the same order.
    init(
        _ runSize: RunSize,
        on testbed: Testbed,
        bridge: () throws -> [Double],
        yardstick: () throws -> [Double]
    ) throws {
        usage = testbed.usage()
        usage.reset()
        for round in 0..<runSize.rounds {
            var base = round.isMultiple(of: 2) ? [] : try yardstick()
            let before = testbed.usage()
            var subject: [Double] = []
            let elapsed = try seconds { subject = try bridge() }
            usage.add(testbed.usage().since(before, elapsed: elapsed))
            if base.isEmpty { base = try yardstick() }
            if rounds.isEmpty { rounds = subject.map { _ in [] } }
            for (index, (subject, base)) in zip(subject, base).enumerated() {
                rounds[index].append(.init(subject: subject, yardstick: base))
            }
        }
    }
}
