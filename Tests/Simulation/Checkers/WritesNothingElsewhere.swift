/// To topics that were adopted the bridge writes nothing, and to no other that is not the protocol's.
package struct WritesNothingElsewhere: Checker {
    package static let rule = "the bridge writes to the protocol's topics alone"

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        if case .wroteElsewhere(let topic) = entry.event {
            breaches.append("the bridge has written to \(topic)")
        }
    }
}
