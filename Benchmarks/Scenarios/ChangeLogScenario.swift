import BrokerFixture

/// What the change log costs: the same bridge with and without it.
enum ChangeLogScenario: Scenario {
    static let number = 12
    static let title = "a change told to one watcher, with a change log"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        let count = options.size(20_000, quick: 4_000)
        let logged = try WatchedPairs(on: Testbed(), ["history_keep": "7d"])
        let plain = try WatchedPairs(on: Testbed())
        let greatest = try min(
            logged.greatestRate(of: .change, count),
            plain.greatestRate(of: .change, count)
        )
        func side(_ pairs: WatchedPairs) -> Comparison.Side {
            .init(on: pairs.testbed) {
                let delays = try pairs.delays(of: .change, count, rate: greatest / 2)
                return [Figure.percentile(0.5, of: delays) * 1_000]
            }
        }
        let comparison = try Comparison(
            options,
            measuresCost: true,
            bridge: side(logged),
            other: side(plain)
        )
        let without = "without a log"
        var cost = comparison.cost(
            of: count,
            scenario: "12  CPU for a change told to one watcher, history_keep 7d",
            beside: without,
            goal: .atMost(1.3)
        )
        cost.remarks = ["\(Figure.text(greatest / 2)) changes a second"]
        return [cost]
            + comparison.besideOther(
                scenario: "12  change to event, p50, history_keep 7d",
                beside: without,
                unit: "ms"
            )
    }
}
