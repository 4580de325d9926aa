import PresenceStore

/// What a store has remarked.
final class Remarks {
    private(set) var all: [StoreRemark] = []

    func add(_ remark: StoreRemark) { all.append(remark) }

    /// How often it was said that the database is away.
    var losses: Int { all.count { if case .databaseLost = $0 { true } else { false } } }

    /// How often it was said that it is there again.
    var finds: Int { all.count { $0 == .databaseFound } }
}
