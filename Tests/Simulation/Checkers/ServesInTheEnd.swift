/// When all is at rest the bridge answers, whatever has happened before.
package struct ServesInTheEnd: Checker {
    package static let rule = "the bridge serves in the end"

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        guard case .unanswered = entry.event else { return }
        breaches.append("what was asked at rest has no answer")
    }
}
