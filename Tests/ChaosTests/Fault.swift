/// What is done to the service.
///
/// The bridge is the one that serves, where there are several.
enum Fault: String, CaseIterable, Sendable {
    /// The bridge is killed, and started again after a while.
    case bridgeKilled = "bridge killed"
    /// The bridge is asked to end, and started again after a while.
    case bridgeStopped = "bridge stopped"
    /// The bridge gets no processor for a while.
    case bridgePaused = "bridge paused"
    /// The same, while thousands log in, and more is sent than the broker keeps for it.
    case storm = "login storm"
    /// The broker is killed, and started again after a while.
    case brokerKilled = "broker killed"
    /// The broker is asked to end, and started again after a while.
    case brokerStopped = "broker stopped"
    /// The broker gets no processor for a while.
    case brokerPaused = "broker paused"
    /// Both are killed at once.
    case bothKilled = "both killed"
    /// The connections of some devices stand and carry nothing.
    case devicesFrozen = "devices half-open"
    /// The bridge's connection stands and carries nothing.
    case bridgeFrozen = "bridge half-open"
    /// The disk with the store has no room left.
    case diskFull = "disk full"
    /// Another program holds the lock that writing the store needs.
    case storeLocked = "store locked"
    /// Another bridge is started on the same store.
    case intruder = "second bridge on the store"
    /// Another bridge is started on a store of its own.
    case anotherBridge = "second bridge with another store"
    /// A user takes the bridge id as its client identifier.
    case idTaken = "bridge id taken as client id"

    // Where bridges share a database:

    /// The bridge gets no processor until another one serves, and for a while more.
    case bridgeStalled = "bridge paused beyond its lease"
    /// The bridge reaches the broker no more, for a while; it owns the store, so no other one serves.
    case bridgeCutOff = "bridge cut off from the broker"
    /// What the bridge and the database say is swallowed, until another one serves or for a moment.
    case databaseSilent = "bridge half-open to the database"
    /// The bridge's sessions are closed, and it gets no other one, until another bridge serves or for a moment.
    case databaseClosed = "bridge cut off from the database"
    /// The bridge reaches neither until another one serves, and for a while more.
    case isolated = "bridge cut off from both"
    /// The same, and then the broker is told what the bridge has said meanwhile.
    ///
    /// It has no turn by itself: what a bridge decides while it hears nobody is not put right yet where it comes to the
    /// broker after another one has begun to serve.
    case heardLate = "bridge cut off from both, and heard late"
    /// The database is asked to end, and started again after a while.
    case databaseStopped = "database stopped"
    /// The database is killed, and started again after a while.
    case databaseKilled = "database killed"
    /// A bridge that does not serve is killed, and started again after a while.
    case standbyKilled = "stand-by killed"

    /// What may be done to one bridge whose store is a file.
    static let ofOneBridge: [Fault] = [
        .bridgeKilled, .bridgeStopped, .bridgePaused, .storm, .brokerKilled, .brokerStopped,
        .brokerPaused, .bothKilled, .devicesFrozen, .bridgeFrozen, .diskFull, .storeLocked,
        .intruder, .anotherBridge, .idTaken,
    ]

    /// What may be done to bridges that share a database.
    static let ofCluster: [Fault] = [
        .bridgeKilled, .bridgeStopped, .bridgePaused, .bridgeStalled, .storm, .brokerKilled,
        .brokerStopped, .brokerPaused, .bothKilled, .devicesFrozen, .bridgeFrozen, .bridgeCutOff,
        .databaseSilent, .databaseClosed, .isolated, .databaseStopped, .databaseKilled,
        .standbyKilled, .idTaken,
    ]

    /// A handful of these.
    static let ofShortCluster: [Fault] = [
        .bridgeKilled, .bridgeStopped, .bridgeStalled, .isolated, .databaseClosed, .standbyKilled,
    ]

    /// For how long it lasts, in seconds.
    var lasts: ClosedRange<Double> {
        switch self {
        case .bridgeKilled, .bridgeStopped, .standbyKilled: 0...1.5
        case .brokerKilled, .brokerStopped, .bothKilled: 0...1
        case .bridgePaused, .storm: 1.2...3
        case .bridgeStalled, .isolated, .heardLate: 0...3
        case .brokerPaused: 0.5...2
        case .devicesFrozen, .bridgeFrozen, .bridgeCutOff: 1...7
        case .databaseSilent, .databaseClosed: 0.2...1.5
        case .databaseStopped, .databaseKilled: 0...3
        case .diskFull, .storeLocked: 0.5...4
        case .intruder, .anotherBridge, .idTaken: 0...0.5
        }
    }

    /// Whether nothing else may be done to the service meanwhile.
    var isAlone: Bool { self == .anotherBridge || self == .idTaken }

    /// Whether the store takes no writes, so that the bridge may end by itself.
    var stopsStore: Bool {
        switch self {
        case .diskFull, .storeLocked, .databaseSilent, .databaseClosed, .isolated, .heardLate,
            .databaseStopped, .databaseKilled:
            true
        default: false
        }
    }

    /// Whether it is done to a bridge that serves, and not to the broker, the database or others.
    var isOfBridge: Bool {
        switch self {
        case .brokerKilled, .brokerStopped, .brokerPaused, .devicesFrozen, .diskFull,
            .databaseStopped, .databaseKilled, .standbyKilled:
            false
        default: true
        }
    }

    /// Whether the broker loses what it has not saved.
    var losesRetained: Bool { self == .brokerKilled || self == .bothKilled }

    /// Whether nobody promises anything of the two together: what was told while the store took no
    /// writes is known to the broker alone.
    func isTooMuch(with other: Fault) -> Bool {
        stopsStore && other.losesRetained || losesRetained && other.stopsStore
    }
}
