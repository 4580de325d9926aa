import BrokerFixture

/// How long it takes from a change to the event that tells of it.
enum LatencyScenario: Scenario {
    static let number = 8
    static let title = "from a change to its event, at half the greatest rate"

    private static let percentiles = [(name: "p50", part: 0.5), (name: "p99", part: 0.99)]
    private static let goals: [Goal] = [
        .atMost(0.9, firstBar: 1.1), .atMost(1.2, firstBar: 1.5),
    ]

    static func run(_ options: RunOptions) async throws -> [Finding] {
        let count = options.size(20_000, quick: 4_000)
        let pairs = try WatchedPairs(on: Testbed())
        try pairs.testbed.startResponder(.echo, answerSize: pairs.eventSize)
        _ = try pairs.greatestRate(of: .hop, count)
        let greatest = try pairs.greatestRate(of: .change, count)
        let comparison = try Comparison(
            options,
            measuresCost: true,
            bridge: side(pairs, count, rate: greatest / 2),
            yardstick: { try percentiles(of: .hop, pairs, count, rate: greatest / 2) }
        )
        let delays = percentiles.indices.map { place in
            Finding(
                scenario: "8  change to event, \(percentiles[place].name)",
                yardstick: "two raw hops",
                unit: "ms",
                rounds: comparison.rounds(place),
                goal: goals[place],
                usage: comparison.usage,
                remarks: [
                    "\(Figure.text(greatest / 2)) changes a second, half of what the bridge can do",
                    "events of \(pairs.eventSize) bytes",
                ]
            )
        }
        guard let program = options.against else {
            return delays + [cost(comparison, count, rate: greatest / 2)]
        }
        return delays + (try compare(options, pairs, greatest, with: program, count))
    }

    /// Holds both builds against each other, at a rate that neither of them is short of.
    private static func compare(
        _ options: RunOptions,
        _ pairs: WatchedPairs,
        _ greatest: Double,
        with program: BridgeProgram,
        _ count: Int
    ) throws -> [Finding] {
        let others = try WatchedPairs(on: Testbed(of: program))
        let rate = min(greatest, try others.greatestRate(of: .change, count)) / 2
        let comparison = try Comparison(
            options,
            measuresCost: true,
            bridge: side(pairs, count, rate: rate),
            other: side(others, count, rate: rate)
        )
        let rates = try Comparison(
            options,
            bridge: .init(on: pairs.testbed) { [try pairs.greatestRate(of: .change, count)] },
            other: .init(on: others.testbed) { [try others.greatestRate(of: .change, count)] }
        )
        return percentiles.indices.flatMap { place in
            comparison.besideOther(
                place,
                scenario: "8  change to event, \(percentiles[place].name)",
                unit: "ms"
            )
        } + rates.besideOther(scenario: "8  changes, the greatest rate", unit: "/s") + [
            cost(comparison, count, rate: rate)
        ]
    }

    private static func side(_ pairs: WatchedPairs, _ count: Int, rate: Double) -> Comparison.Side {
        .init(on: pairs.testbed) { try percentiles(of: .change, pairs, count, rate: rate) }
    }

    /// In milliseconds.
    private static func percentiles(
        of message: WatchedPairs.Message,
        _ pairs: WatchedPairs,
        _ count: Int,
        rate: Double
    ) throws -> [Double] {
        let delays = try pairs.delays(of: message, count, rate: rate)
        return percentiles.map { Figure.percentile($0.part, of: delays) * 1_000 }
    }

    private static func cost(_ comparison: Comparison, _ count: Int, rate: Double) -> Finding {
        var cost = comparison.cost(
            of: count,
            scenario: "8  CPU for a change told to one watcher",
            goal: .atMost(0.4, firstBar: 0.6)
        )
        cost.remarks = ["\(Figure.text(rate)) changes a second"]
        return cost
    }
}
