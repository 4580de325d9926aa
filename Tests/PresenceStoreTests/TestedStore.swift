import Presence

@testable import PresenceStore

/// A store as the tests use it, whatever it is kept in.
protocol TestedStore: AnyObject {
    func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError)
    func commit(_ changes: [Change]) throws(StoreError)
    func checkpoint() throws(StoreError)
    var rows: Int64 { get }
    func archive() throws(StoreError) -> ChangeArchive
    func cutLog(_ cut: LogCut)
    var isCutting: Bool { get }
    func close()
}

extension TestedStore {
    /// Everything that is stored, in the order of the replay.
    func everything() throws -> [Change] {
        var changes: [Change] = []
        try replay(
            { changes.append($0) },
            subscriptions: { $1.replay(of: $0) { changes.append($0) } }
        )
        return changes
    }
}

extension SQLiteStore: TestedStore {
    func checkpoint() throws(StoreError) { try beginCheckpoint() }

    func cutLog(_ cut: LogCut) { beginCutting(cut) }
}

extension PostgreSQLStore: TestedStore {
    func commit(_ changes: [Change]) throws(StoreError) {
        try commit(changes, isRequested: true)
    }

    func checkpoint() {}

    func cutLog(_ cut: LogCut) { beginCutting(cut) }
}
