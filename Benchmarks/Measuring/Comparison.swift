/// The bridge, its yardstick and another build of the bridge, measured in turns.
///
/// Each of them is first in every other round, or in the middle. All yield the same figures in the
/// same order; whoever has fewer is not held against the rest.
struct Comparison {
    /// One build of the bridge: where it runs, and what yields its figures.
    struct Side {
        /// Where the bridge runs; `nil` where each measurement has a testbed of its own.
        var testbed: Testbed?
        /// Measures it once.
        let measure: () throws -> [Double]

        /// A side on a testbed that stays.
        init(on testbed: Testbed? = nil, _ measure: @escaping () throws -> [Double]) {
            self.testbed = testbed
            self.measure = measure
        }
    }

    /// What a yardstick is called that is another build of the bridge.
    static let otherBuild = "the other build"

    /// What the bridge's turns used; `nil` without a testbed.
    private(set) var usage: Usage?
    private let measuresCost: Bool
    // The figures of each round, and the seconds that the bridge's processor was busy for them.
    private var own: [(figures: [Double], busy: Double)] = []
    private var other: [(figures: [Double], busy: Double)] = []
    private var yardstick: [[Double]] = []

    /// Measures all of them in each round.
    ///
    /// - Parameters:
    ///   - measuresCost: Whether to wait after each turn of a bridge for what it leaves for later,
    ///     so that ``cost(of:scenario:goal:)`` can tell all that the turn has cost.
    ///   - yardstickIsLast: Whether the yardstick needs what the bridge did in the same round.
    init(
        _ options: RunOptions,
        measuresCost: Bool = false,
        yardstickIsLast: Bool = false,
        bridge: Side,
        other: Side? = nil,
        yardstick: (() throws -> [Double])? = nil
    ) throws {
        self.measuresCost = measuresCost
        usage = bridge.testbed?.usage()
        usage?.reset()
        for round in 0..<options.rounds {
            let isEven = round.isMultiple(of: 2)
            if let yardstick, !isEven, !yardstickIsLast { self.yardstick.append(try yardstick()) }
            if let other, !isEven { self.other.append(try measure(other)) }
            own.append(try measure(bridge, isCounted: true))
            if let other, isEven { self.other.append(try measure(other)) }
            if let yardstick, isEven || yardstickIsLast {
                self.yardstick.append(try yardstick())
            }
        }
    }

    private mutating func measure(
        _ side: Side,
        isCounted: Bool = false
    ) throws -> (figures: [Double], busy: Double) {
        guard let testbed = side.testbed else { return (try side.measure(), .nan) }
        let before = testbed.usage()
        var figures: [Double] = []
        let elapsed = try seconds { figures = try side.measure() }
        if isCounted { usage?.add(testbed.usage().since(before, elapsed: elapsed)) }
        if measuresCost { testbed.waitForRest() }
        return (figures, testbed.usage().bridge.since(before.bridge).seconds)
    }

    /// The rounds of a figure, beside the yardstick's.
    func rounds(_ figure: Int = 0) -> [Finding.Round] {
        zip(own, yardstick).map { .init(subject: $0.figures[figure], yardstick: $1[figure]) }
    }

    /// A line that holds a figure against the other build's; none without another build.
    func besideOther(
        _ figure: Int = 0,
        scenario: String,
        beside name: String = otherBuild,
        unit: String,
        goal: Goal? = nil
    ) -> [Finding] {
        guard !other.isEmpty else { return [] }
        return [
            Finding(
                scenario: scenario,
                yardstick: name,
                unit: unit,
                rounds: zip(own, other).map {
                    .init(subject: $0.figures[figure], yardstick: $1.figures[figure])
                },
                goal: goal
            )
        ]
    }

    /// A line that tells a figure by itself.
    func line(_ figure: Int = 0, scenario: String, unit: String, goal: Goal? = nil) -> Finding {
        Finding(
            scenario: scenario,
            unit: unit,
            rounds: own.map { .init(subject: $0.figures[figure]) },
            goal: goal
        )
    }

    /// A line that tells how long the bridge's processor is busy for one thing, beside the other
    /// build's; without another build it has no goal.
    ///
    /// - Parameters:
    ///   - count: how many of the things a turn of a bridge is made of.
    ///   - name: what the other one is called.
    ///   - goal: what the ratio of both has to be.
    func cost(
        of count: Int,
        scenario: String,
        beside name: String = otherBuild,
        goal: Goal
    ) -> Finding {
        let microseconds = { (busy: Double) in busy / Double(count) * 1e6 }
        let hasOther = !other.isEmpty
        return Finding(
            scenario: scenario,
            yardstick: hasOther ? name : nil,
            unit: "µs",
            rounds: own.indices.map { round in
                .init(
                    subject: microseconds(own[round].busy),
                    yardstick: hasOther ? microseconds(other[round].busy) : nil
                )
            },
            goal: hasOther ? goal : nil
        )
    }
}
