import Presence
import PresenceStore

/// The change log as it lies in a store: SQLite's file, or a simulated disk.
///
/// What each call does is said at ``ChangeArchive``.
package protocol Archive: Sendable {
    /// The last id that is not kept any more.
    func cut() throws(StoreError) -> Int64
    /// Changes with higher ids than one, the lowest first, and among them those that are kept for webhooks alone.
    func changes(after id: Int64, limit: Int) throws(StoreError) -> [LoggedChange]
    /// Changes of a user, the newest first.
    func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange]
    /// Each user's newest change among those with higher ids than one, through another, the lowest first.
    func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) throws(StoreError) -> [LoggedChange]
    /// Where a webhook's receiver is, after what is too old or too much for it was left out.
    func condense(
        _ position: WebhookPosition,
        _ backlog: Backlog
    ) throws(StoreError) -> WebhookPosition
    /// Frees the file.
    func close()
}

extension ChangeArchive: Archive {}
