import PresenceCore

/// Of the bridges that share a store one writes: neither one that has lost the store, nor one that does not serve yet.
package struct OneTells: Checker {
    package static let rule = "only the bridge that serves writes anything"

    /// How long something may be on its way, in milliseconds.
    private static let latency: Int64 = 60

    private var changed: Int64 = .min / 2

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .bridgeStarted, .bridgeEnded: changed = entry.time.uptime
        case .wroteBesides(let bridge, let topic):
            guard entry.time.uptime - changed > Self.latency else { return }
            breaches.append("\(bridge) wrote to \(topic)")
        default: break
        }
    }
}
