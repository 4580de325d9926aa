/// One line of the table: what was measured beside what, and whether that is enough.
struct Finding: Sendable {
    /// What was measured, and its yardstick, right after each other.
    struct Round: Hashable, Sendable {
        /// What the bridge did.
        var subject: Double
        /// What it is held against.
        var yardstick: Double

        /// How the one compares to the other, whatever else the machine did at that time.
        var ratio: Double { subject / yardstick }
    }

    /// What was measured.
    let scenario: String
    /// What it is held against.
    let yardstick: String
    /// The unit of both figures.
    let unit: String
    /// All that was measured; not empty.
    let rounds: [Round]
    /// What the ratio has to be.
    let goal: Goal
    /// What it cost while the bridge was measured; `nil` where no other process took part.
    var usage: Usage?
    /// What one has to know to read the figures.
    var remarks: [String] = []

    /// The median of what was measured.
    var subject: Double { Figure.median(rounds.map(\.subject)) }
    /// The median of the yardstick.
    var base: Double { Figure.median(rounds.map(\.yardstick)) }
    /// The median of the rounds' ratios.
    var ratio: Double { Figure.median(rounds.map(\.ratio)) }
    /// The lowest and the highest ratio of a round.
    var spread: ClosedRange<Double> {
        let ratios = rounds.map(\.ratio)
        return (ratios.min() ?? 0)...(ratios.max() ?? 0)
    }
    /// Whether the median is good enough.
    var isMet: Bool { goal.isMet(by: ratio) }
}
