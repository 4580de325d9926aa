import Presence
import PresenceBridge
import PresenceStore

/// A store in memory that another bridge can take.
final class LosableStore: Store {
    private let store: SQLiteStore
    var loss: StoreError?
    /// Whether it is known whose it is.
    var isConfirmed = true

    init() throws(StoreError) { store = try SQLiteStore(path: ":memory:", synchronous: .normal) }

    func confirmAfterPause() -> Bool { isConfirmed }

    func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError) {
        try store.replay(body, subscriptions: subscriptions)
    }

    func commit(_ changes: [Change], isRequested: Bool) throws(StoreError) {
        if let loss { throw loss }
        try store.commit(changes, isRequested: isRequested)
    }

    var rows: Int64 { store.rows }
    func archive() throws(StoreError) -> any Archive { try store.archive() as ChangeArchive }
    var archivedThrough: Int64 { store.archivedThrough }
    var unarchived: [LoggedChange] { [] }
    func beginApplying() {}
    func beginCutting(_ cut: LogCut) {}
    func beginCheckpoint() throws(StoreError) {}
    func close() { store.close() }
}
