import Presence

@testable import PresenceStore

extension JournaledStore {
    /// Everything that is stored, in the order of the replay.
    func everything() throws -> [Change] {
        var changes: [Change] = []
        try replay { changes.append($0) }
        return changes
    }

    /// Opens a store as the next bridge would, reads everything and closes it; what was remarked comes
    /// with it.
    static func next(
        _ path: String
    ) throws -> (everything: [Change], remarks: [StoreRemark]) {
        var remarks: [StoreRemark] = []
        let store = try JournaledStore(path: path, synchronous: .normal) { remarks.append($0) }
        let everything = try store.everything()
        store.close()
        return (everything, remarks)
    }
}
