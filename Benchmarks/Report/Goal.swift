/// What the ratio of what is measured to its yardstick has to be.
enum Goal: Hashable, Sendable {
    /// At least so many times the yardstick: of rates.
    case atLeast(Double)
    /// At most so many times the yardstick: of times and of sizes.
    case atMost(Double)

    /// Whether a ratio is good enough.
    func isMet(by ratio: Double) -> Bool {
        switch self {
        case .atLeast(let least): ratio >= least
        case .atMost(let most): ratio <= most
        }
    }
}

extension Goal: CustomStringConvertible {
    /// As in a table.
    var description: String {
        switch self {
        case .atLeast(let least): "≥ \(Figure.text(least))"
        case .atMost(let most): "≤ \(Figure.text(most))"
        }
    }
}
