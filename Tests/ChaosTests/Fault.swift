/// What is done to the service.
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

    /// For how long it lasts, in seconds.
    var lasts: ClosedRange<Double> {
        switch self {
        case .bridgeKilled, .bridgeStopped: 0...1.5
        case .brokerKilled, .brokerStopped, .bothKilled: 0...1
        case .bridgePaused, .storm: 1.2...3
        case .brokerPaused: 0.5...2
        case .devicesFrozen, .bridgeFrozen: 1...7
        case .diskFull, .storeLocked: 0.5...4
        case .intruder, .anotherBridge, .idTaken: 0...0.5
        }
    }

    /// Whether nothing else may be done to the service meanwhile.
    var isAlone: Bool { self == .anotherBridge || self == .idTaken }

    /// Whether the store takes no writes, so that the bridge may end by itself.
    var stopsStore: Bool { self == .diskFull || self == .storeLocked }

    /// Whether the broker loses what it has not saved.
    var losesRetained: Bool { self == .brokerKilled || self == .bothKilled }

    /// Whether nobody promises anything of the two together: what was told while the store took no
    /// writes is known to the broker alone.
    func isTooMuch(with other: Fault) -> Bool {
        stopsStore && other.losesRetained || losesRetained && other.stopsStore
    }
}
