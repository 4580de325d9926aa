import Presence
import PresenceStore

/// The change log as it lies in a store: SQLite's file, or a simulated disk.
///
/// What each call does is said at ``ChangeArchive``.
package protocol Archive: Sendable {
    /// The last id that was cut off.
    func cut() throws(StoreError) -> Int64
    /// Changes with higher ids than one, the lowest first.
    func changes(after id: Int64, limit: Int) throws(StoreError) -> [LoggedChange]
    /// Changes of a user, the newest first.
    func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange]
    /// Frees the file.
    func close()
}

extension ChangeArchive: Archive {}
