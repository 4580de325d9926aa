import PresenceCore

/// What a run has of bridges that share a store: how many there are, and what goes wrong with the database.
package struct SharingPlan: Sendable {
    /// The ids of the bridges.
    let bridges: [String]
    /// For how long a bridge counts as alive after its last sign of life, in milliseconds.
    let lease: Int64
    let faults: Set<Fault>

    /// Draws with dice of their own, so that all else goes as it would without them.
    init(seed: UInt64) {
        var dice = Dice(seed: seed, part: "plan of the sharing")
        bridges = ["", "-b", "-c", "-d"].prefix(dice.count(2...4)).map { World.bridgeID + $0 }
        lease = dice.pick([1_000, 2_000, 5_000])
        let share = dice.pick([40, 80, 100])
        faults = Set(Fault.allCases.filter { $0.isOfSharing && dice.chance(share) })
    }
}

extension Fault {
    /// Whether it strikes bridges alone that share a store.
    var isOfSharing: Bool {
        switch self {
        case .bridgeFrozen, .databaseCutOff, .databaseRestarted, .databaseSilent, .standbyKilled:
            true
        default: false
        }
    }
}
