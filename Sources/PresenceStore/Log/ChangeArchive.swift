import Presence

/// The change log as it lies in a store, read beside the commits that go on meanwhile.
///
/// Any thread may ask; each waits for those that asked before. What a store has not brought to where it stays is
/// not here.
public final class ChangeArchive: Sendable {
    private let source: any TablesSource

    init(_ source: any TablesSource) { self.source = source }

    /// The last id that is not kept any more; changes after a lower one are not all there.
    public func cut() throws(StoreError) -> Int64 { try source.read { try $0.cut() } }

    /// Changes with higher ids than one, the lowest first, and among them those that are kept for webhooks alone.
    public func changes(after id: Int64, limit: Int) throws(StoreError) -> [LoggedChange] {
        try source.read { try $0.changes(after: id, limit: limit) }
    }

    /// Changes of a user, the newest first.
    public func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange] {
        try source.read { try $0.history(query) }
    }

    /// Each user's newest change among those with higher ids than one, through another, the lowest first.
    public func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) throws(StoreError) -> [LoggedChange] {
        try source.read { try $0.newest(of: kinds, after: id, through: end, limit: limit) }
    }

    /// Where a receiver is, after what is too old or too much for it was left out.
    ///
    /// It reads through all that waits, if much has come since the last time.
    public func condense(
        _ position: WebhookPosition,
        _ backlog: Backlog
    ) throws(StoreError) -> WebhookPosition {
        try source.read { try $0.condense(position, backlog) }
    }

    /// Closes the connection; what is asked for afterwards fails.
    public func close() { source.close() }
}
