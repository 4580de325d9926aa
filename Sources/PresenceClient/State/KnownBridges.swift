import Presence

/// What the bridges of a broker say of themselves.
///
/// There should be one bridge. A state under another id is left of a bridge that was renamed; or an
/// operator runs two by mistake, and then everything is told twice.
package struct KnownBridges: Sendable {
    /// What a message on a bridge's topic means.
    enum Change: Equatable {
        /// It says what it said before.
        case none
        /// It has gone: what it told may be stale.
        case gone
        /// It is there.
        ///
        /// `missed`: what it told may have been lost on the way here. `epochRose`: the
        /// broker was restarted, and devices have the grace to state themselves again.
        case here(BridgeState, missed: Bool, epochRose: Bool)
    }

    private var online: [Name: BridgeState] = [:]
    private var last: [Name: BridgeState] = [:]
    private var wasHeard = false

    var state: BridgeState? { online.values.max { $0.started < $1.started } }

    /// The ids of those that are online, sorted.
    var ids: [Name] { online.keys.sorted() }

    /// The ids if several bridges are online; empty if it is one, or none.
    var several: [Name] { online.count > 1 ? ids : [] }

    /// Whether something was heard of bridges, and none of them is online.
    var isAway: Bool { wasHeard && online.isEmpty }

    /// Hears what is retained under a bridge's id.
    mutating func hear(_ payload: [UInt8], of id: Name) -> Change {
        defer { wasHeard = true }
        guard let state = BridgeState(reading: payload) else {
            guard online.removeValue(forKey: id) != nil || !wasHeard else { return .none }
            return online.isEmpty ? .gone : .none
        }
        let wasOnline = online.updateValue(state, forKey: id)
        let before = last.updateValue(state, forKey: id)
        guard wasOnline != state else { return .none }
        return .here(
            state,
            missed: before != nil,
            epochRose: before.map { $0.epoch < state.epoch } ?? false
        )
    }
}
