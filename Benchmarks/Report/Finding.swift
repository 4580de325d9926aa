/// One line of the table: what was measured beside what, and whether that is enough.
struct Finding: Sendable {
    /// What was measured, and its yardstick, right after each other.
    struct Round: Codable, Hashable, Sendable {
        /// What the bridge did.
        var subject: Double
        /// What it is held against; `nil` where the figure stands for itself.
        var yardstick: Double?

        /// What counts: how the one compares to the other, whatever else the machine did at that
        /// time, or the figure itself.
        var value: Double { yardstick.map { subject / $0 } ?? subject }
    }

    /// What was measured.
    let scenario: String
    /// What it is held against; `nil` where the figures stand for themselves.
    var yardstick: String?
    /// The unit of both figures.
    let unit: String
    /// All that was measured; not empty, and all with a yardstick or all without.
    let rounds: [Round]
    /// What the ratio has to be, or the figure where it stands for itself; `nil` where the line
    /// only tells.
    var goal: Goal?
    /// What it cost while the bridge was measured; `nil` where no other process took part.
    var usage: Usage?
    /// What one has to know to read the figures.
    var remarks: [String] = []

    /// The median of what was measured.
    var subject: Double { Figure.median(rounds.map(\.subject)) }
    /// The median of the yardstick.
    var base: Double? {
        yardstick == nil ? nil : Figure.median(rounds.compactMap(\.yardstick))
    }
    /// The median of the rounds' ratios.
    var ratio: Double? { yardstick == nil ? nil : value }
    /// The lowest and the highest ratio of a round, or figure where it stands for itself.
    var spread: ClosedRange<Double> {
        let values = rounds.map(\.value)
        return (values.min() ?? 0)...(values.max() ?? 0)
    }
    /// Whether the median is good enough; `nil` without a goal.
    var isMet: Bool? { goal?.isMet(by: value) }
    /// Whether the median is good enough for now; `nil` without a first bar.
    var isFirstBarMet: Bool? { goal?.isFirstBarMet(by: value) }

    private var value: Double { Figure.median(rounds.map(\.value)) }
}
