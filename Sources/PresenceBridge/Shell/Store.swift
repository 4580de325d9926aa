import Presence
import PresenceStore

/// What outlives the process, as the shell uses it: SQLite's file, or that of a simulated disk.
///
/// What each call does is said at ``SQLiteStore``. Both kinds pass one suite of tests.
package protocol Store: AnyObject {
    /// Hands out everything that is stored, as `put` changes.
    func replay(_ body: (Change) -> Void) throws(StoreError)
    /// Stores the changes, all of them or, when it throws, none.
    func commit(_ changes: [Change]) throws(StoreError)
    /// The users, devices and subscriptions stored.
    var rows: Int64 { get }
    /// Begins what keeps commits quick; nothing waits for it.
    func beginCheckpoint() throws(StoreError)
    /// Frees the file for others.
    func close()
}

extension SQLiteStore: Store {}
