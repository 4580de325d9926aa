import PresenceClient

/// Whether what is shown is true, as far as one can know.
struct Freshness: Equatable {
    private var connection: String?
    private var bridgeIsAway = false
    private var isBehind = false

    /// Hears what an update says about it.
    mutating func hear(_ update: Update) {
        switch update {
        case .connection(.up): connection = nil
        case .connection(.down(let words)):
            connection = words
            isBehind = true
        case .connection(.over(let words)): connection = words ?? "closed"
        case .bridge(let state):
            bridgeIsAway = state == nil
            if bridgeIsAway { isBehind = true }
        case .caughtUp: isBehind = false
        case .status, .subscriptionEnded, .deviceRefused, .missed: break
        }
    }

    /// Why statuses may be stale; `nil` while they are not.
    var warning: String? {
        if let connection { return "no connection: statuses may be stale (\(connection))" }
        if bridgeIsAway { return "the bridge is away: statuses may be stale" }
        if isBehind { return "catching up: statuses may be stale" }
        return nil
    }
}
