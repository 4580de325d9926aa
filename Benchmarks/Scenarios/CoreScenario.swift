import CoreLoad

/// The core alone: what is decided, without a broker and a disk.
enum CoreScenario: Scenario {
    static let number = 7
    static let title = "the core alone, mixed inputs"

    static func run(_ options: RunOptions) throws -> [Finding] {
        let sizes = [1_000, 10_000, 100_000, options.size(1_000_000, quick: 200_000)]
        let turns = options.size(2_000, quick: 500)
        var loads: [CoreLoad] = []
        for size in sizes { loads.append(try CoreLoad(users: size)) }
        var costs = sizes.map { _ in [Double]() }
        for _ in 0..<options.rounds {
            for place in loads.indices {
                costs[place].append(try loads[place].run(turns: turns, of: .usual))
            }
        }
        var rates = Finding(
            scenario: "7  core alone, \(Figure.text(Double(sizes[3]))) users",
            unit: "inputs/s",
            rounds: costs[3].map { .init(subject: 1 / $0) },
            goal: .atLeast(1_000_000, firstBar: 600_000)
        )
        rates.remarks = [
            "by users: "
                + zip(sizes, costs).map { size, costs in
                    "\(Figure.text(Double(size))): \(Figure.text(Figure.median(costs) * 1e9)) ns"
                }.joined(separator: ", "),
            try byKind(&loads[3], turns: turns / 20),
        ]
        let growth = Finding(
            scenario: "7  an input, \(Figure.text(Double(sizes[3]))) users",
            yardstick: "an input, \(Figure.text(Double(sizes[0]))) users",
            unit: "ns",
            rounds: zip(costs[3], costs[0]).map { .init(subject: $0 * 1e9, yardstick: $1 * 1e9) },
            goal: .atMost(3)
        )
        return [rates, growth]
    }

    /// What each kind of input costs alone.
    private static func byKind(_ load: inout CoreLoad, turns: Int) throws -> String {
        var words: [String] = []
        for kind in InputMix.Kind.allCases {
            let mix: InputMix =
                switch kind {
                case .birth, .end: InputMix([.birth: 1, .end: 1])
                case .subscribe, .unsubscribe: InputMix([.subscribe: 1, .unsubscribe: 1])
                default: InputMix([kind: 1])
                }
            let cost = try load.run(turns: max(1, turns), of: mix)
            words.append("\(kind.rawValue) \(Figure.text(cost * 1e9)) ns")
        }
        return "alone: " + words.joined(separator: ", ")
    }
}
