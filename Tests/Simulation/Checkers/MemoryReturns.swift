/// When all have left and been forgotten, nothing of them is held.
package struct MemoryReturns: Checker {
    package static let rule = "nothing is held of those who are forgotten"

    /// Names that may be held: those of whoever was told of an end within the last interval.
    private static let names = 4

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        guard case .deserted(let footprint) = entry.event else { return }
        for (count, what, most) in [
            (footprint.users, "users", 0), (footprint.subscriptions, "subscriptions", 0),
            (footprint.rows, "rows", 0), (footprint.retained, "retained messages", 0),
            (footprint.names, "names", Self.names),
        ] where count > most {
            breaches.append("\(count) \(what) are held, \(most) at most when all have left")
        }
    }
}
