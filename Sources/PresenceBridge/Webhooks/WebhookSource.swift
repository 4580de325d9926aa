import Presence
import PresenceStore

/// Where webhooks find what they tell: the change log.
package protocol WebhookSource {
    /// The last id that was given out.
    var last: Int64 { get }

    /// What a receiver is told next of what follows an id, and through which id that is all there is.
    func next(
        for position: WebhookPosition,
        after id: Int64,
        of kinds: Set<LoggedChange.Kind>,
        limit: Int
    ) throws(StoreError) -> (changes: [LoggedChange], through: Int64)

    /// Where a receiver is, after what is too old or too much for it was left out.
    func condense(
        _ position: WebhookPosition,
        _ backlog: Backlog
    ) throws(StoreError) -> WebhookPosition
}

extension ChangeFeed: WebhookSource {
    package func next(
        for position: WebhookPosition,
        after id: Int64,
        of kinds: Set<LoggedChange.Kind>,
        limit: Int
    ) throws(StoreError) -> (changes: [LoggedChange], through: Int64) {
        if id < position.held {
            let (changes, end) = try all(after: id, limit: limit)
            return (changes.filter { $0.id <= position.held }, min(end, position.held))
        }
        let start = max(id, position.passed)
        guard start < position.condensed else { return try all(after: start, limit: limit) }
        let changes = try newest(of: kinds, after: start, through: position.condensed, limit: limit)
        return (changes, changes.count < limit ? position.condensed : changes.last?.id ?? start)
    }
}
