import Presence
import PresenceStore

/// What outlives the process, as the shell uses it: SQLite's file and its journal, SQLite alone, or a
/// simulated disk.
///
/// What each call does is said at ``JournaledStore``. All kinds pass one suite of tests.
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
    /// Begins to bring what is journaled to where it stays; nothing waits for it.
    func beginApplying()
    /// The users, devices and subscriptions stored.
    var rows: Int64 { get }
    /// Begins what keeps commits quick; nothing waits for it.
    func beginCheckpoint() throws(StoreError)
    /// Frees the file for others.
    func close()
}

extension JournaledStore: Store {}

extension SQLiteStore: Store {
    package func commit(_ changes: [Change], isRequested: Bool) throws(StoreError) {
        try commit(changes)
    }

    package func beginApplying() {}
}
