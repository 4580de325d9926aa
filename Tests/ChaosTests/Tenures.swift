import Presence

/// Which bridge has served, from when on, as its retained state tells everybody.
///
/// A process that has lost the store ends, so each one serves once, over some connections perhaps: an old copy that the
/// broker brings back is told by that.
struct Tenures: Sendable {
    /// The time in which one process serves.
    struct Tenure: Hashable, Sendable {
        let bridge: String
        /// When the process was started, as it says: no other one of the bridge has that.
        let started: Int64
        /// When it was first heard to serve.
        let begun: ContinuousClock.Instant
    }

    /// All of them, in order.
    private(set) var all: [Tenure] = []
    /// What stands on the topics of the bridges that are online.
    private var online: [String: Int64] = [:]

    /// The state of a bridge has come.
    mutating func hear(_ state: JSONValue?, of bridge: String, at now: ContinuousClock.Instant) {
        guard let state = state?.object, state["state"]?.string == "online",
            let started = state["started"]?.integer
        else {
            online[bridge] = nil
            return
        }
        online[bridge] = started
        guard !all.contains(where: { $0.bridge == bridge && $0.started == started }) else { return }
        all.append(Tenure(bridge: bridge, started: started, begun: now))
    }

    /// The one that serves now; `nil` where the last one has said that it does not.
    var current: Tenure? { all.last.flatMap { online[$0.bridge] == $0.started ? $0 : nil } }
}
