import PresenceStore

/// What a store has remarked.
final class Remarks {
    private(set) var all: [StoreRemark] = []

    func add(_ remark: StoreRemark) { all.append(remark) }

    /// How often it was said that the database is away, or that the store is another bridge's.
    var losses: Int {
        all.count { remark in
            switch remark {
            case .databaseLost, .storeLost: true
            default: false
            }
        }
    }

    /// How often it was said that it is there again.
    var finds: Int { all.count { $0 == .databaseFound } }
}
