/// What a figure has to be: the ratio to its yardstick, or the figure itself where it has none.
struct Goal: Hashable, Sendable {
    private enum Side: String {
        case least = "≥"
        case most = "≤"
    }

    private let side: Side
    private let bound: Double
    private let firstBound: Double?

    /// At least so much: of rates.
    ///
    /// - Parameter firstBar: What is enough for now; `nil` where nothing less is.
    static func atLeast(_ bound: Double, firstBar: Double? = nil) -> Goal {
        Goal(side: .least, bound: bound, firstBound: firstBar)
    }

    /// At most so much: of times and of sizes.
    ///
    /// - Parameter firstBar: What is enough for now; `nil` where nothing more is.
    static func atMost(_ bound: Double, firstBar: Double? = nil) -> Goal {
        Goal(side: .most, bound: bound, firstBound: firstBar)
    }

    /// Whether a figure is good enough.
    func isMet(by value: Double) -> Bool { isMet(bound, by: value) }

    /// Whether a figure is good enough for now; `nil` without a first bar.
    func isFirstBarMet(by value: Double) -> Bool? { firstBound.map { isMet($0, by: value) } }

    private func isMet(_ bound: Double, by value: Double) -> Bool {
        switch side {
        case .least: value >= bound
        case .most: value <= bound
        }
    }

    /// The first bar, as in a table.
    var firstBar: String? { firstBound.map(text) }

    private func text(_ bound: Double) -> String { "\(side.rawValue) \(Figure.text(bound))" }
}

extension Goal: CustomStringConvertible {
    /// As in a table.
    var description: String { text(bound) }
}
