import Presence
import PresenceStore

/// What outlives the process, as the shell uses it: SQLite's file and its journal, SQLite alone, a schema of a
/// PostgreSQL database, or a simulated disk.
///
/// What each call does is said at ``JournaledStore``, and of sharing at ``PostgreSQLStore``. All kinds pass one suite of tests.
package protocol Store: AnyObject {
    /// Hands out everything that is stored: the subscriptions last, some of one watcher's at a time, and
    /// the rest as `put` changes.
    func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError)
    /// Stores the changes, all of them or, when it throws, none.
    ///
    /// - Parameter isRequested: whether a store that accepts no changes from requests must throw.
    func commit(_ changes: [Change], isRequested: Bool) throws(StoreError)
    /// Begins to bring what is journaled to where it stays, or gives the database a sign of life. A database that does
    /// not answer takes a second.
    func beginApplying()
    /// How long that may wait, in milliseconds.
    var applyingPause: Int64 { get }
    /// The users, devices and subscriptions stored.
    var rows: Int64 { get }
    /// The change log where it stays.
    func archive() throws(StoreError) -> any Archive
    /// The id through which ``archive()`` has every change that this bridge has added.
    var archivedThrough: Int64 { get }
    /// The changes that an earlier bridge has added and that the archive does not have, in the order of their
    /// ids; asked for behind the replay.
    var unarchived: [LoggedChange] { get }
    /// Begins to cut off what may go of the change log; nothing waits for it.
    func beginCutting(_ cut: LogCut)
    /// Begins what keeps commits quick; nothing waits for it.
    func beginCheckpoint() throws(StoreError)
    /// Under which term the store is this bridge's.
    var ownership: StoreTerm { get }
    /// Whether it has said lately that it is this bridge's: a database may not answer.
    var isConfirmed: Bool { get }
    /// Why the store is this bridge's no more; `nil` while it is.
    var loss: StoreError? { get }
    /// Asks whether it still is this bridge's where another one may have taken it meanwhile; called in each turn, and
    /// before anybody is told anything.
    ///
    /// - Returns: whether that is known; a database may not answer.
    func confirmAfterPause() -> Bool
    /// Frees the store for others.
    func close()
}

/// A store that bridges do not share.
extension Store {
    package var applyingPause: Int64 { 1_000 }
    package var ownership: StoreTerm { StoreTerm() }
    package var isConfirmed: Bool { true }
    package var loss: StoreError? { nil }
    package func confirmAfterPause() -> Bool { true }
}

extension JournaledStore: Store {
    package func archive() throws(StoreError) -> any Archive {
        try archive() as ChangeArchive
    }
}

extension SQLiteStore: Store {
    package func commit(_ changes: [Change], isRequested: Bool) throws(StoreError) {
        try commit(changes)
    }

    package func beginApplying() {}

    package func archive() throws(StoreError) -> any Archive {
        try archive() as ChangeArchive
    }

    package var archivedThrough: Int64 { .max }

    package func beginCutting(_ cut: LogCut) { _ = beginCutting(cut) as Int64? }

    package var unarchived: [LoggedChange] { [] }
}

extension PostgreSQLStore: Store {
    package var ownership: StoreTerm { StoreTerm(number: term, store: storeID) }

    package func archive() throws(StoreError) -> any Archive { archive() as ChangeArchive }

    package var archivedThrough: Int64 { .max }

    package func beginCheckpoint() {}

    package var unarchived: [LoggedChange] { [] }
}
