import PresenceClient

/// Whether what is shown is true, as far as one can know.
struct Freshness: Equatable {
    private var connection: String?
    private var bridgeIsAway = false
    private var isBehind = false
    private var missingTopic: String?
    private var bridges: [Name] = []

    /// Hears an update; returns the warning, or `well` when it has gone, if that is a change.
    mutating func news(after update: Update, well: String) -> String? {
        let before = warning
        hear(update)
        return warning == before ? nil : warning ?? well
    }

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
        case .missingEvents(let topic): missingTopic = topic
        case .severalBridges(let ids): bridges = ids
        case .status, .subscriptionEnded, .deviceRefused, .deviceReplaced, .missed: break
        }
    }

    /// Why statuses may be stale, or what else is wrong; `nil` while nothing is.
    var warning: String? {
        if let connection { return "no connection: statuses may be stale (\(connection))" }
        if bridgeIsAway { return "the bridge is away: statuses may be stale" }
        if isBehind { return "catching up: statuses may be stale" }
        if let missingTopic {
            return "events do not arrive, statuses come late: may this user read \(missingTopic)?"
        }
        if bridges.count > 1 {
            let ids = bridges.map(\.text).joined(separator: ", ")
            return "\(bridges.count) bridges serve this prefix, where there should be one: \(ids)"
        }
        return nil
    }
}
