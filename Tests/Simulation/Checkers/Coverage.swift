import Presence

/// How often histories came by each rule and each fault: what was never reached was never tested.
///
/// It adds up over runs, and lists what is still at none.
package struct Coverage: Hashable, Sendable {
    /// What a history can come by, besides each fault and each error code.
    package enum Rule: String, CaseIterable, Hashable, Sendable {
        // Devices.
        /// The will of an old connection, after which the bridge put the device's word back.
        case staleWillIgnored = "stale will ignored"
        /// A device was gone and back, and nothing was told.
        case flapAbsorbed = "flap absorbed"
        /// A device hid.
        case invisible = "invisible"
        /// Something that is no statement was answered, and the last word put back.
        case garbagePutRight = "garbage put right"
        /// A user went by its own word.
        case logout = "logout"
        /// A user went by a will.
        case lost = "lost"
        /// A user's device broke its promise.
        case ttl = "ttl verdict"
        /// A user was not back after a restart of the broker.
        case restart = "restart verdict"
        /// A device came online that had said so long before: a reading found what was dropped.
        case wordFoundLate = "word found late"

        // Plain things.
        /// One was back before the bridge, the broker having ended in order.
        case plainFirstInOrder = "plain thing first after an orderly end"
        /// One was back before the bridge, the broker having been killed.
        case plainFirstKilled = "plain thing first after a crash"
        /// One was back before the bridge, the broker having kept nothing.
        case plainFirstEmptied = "plain thing first at an empty broker"
        /// One was back after the bridge.
        case plainAfter = "plain thing back after the bridge"
        /// The broker's end sent the will of one.
        case plainWill = "plain thing's will at the broker's end"
        /// One was told lost after a restart of the broker.
        case plainLost = "plain thing lost by a restart"

        // An operator, in runs that have one.
        case operatorStated = "operator's statement stored"
        case operatorErased = "user erased by the operator"

        // Bridges that share a store, in runs that have several.
        /// One took it over from another.
        case storeTakenOver = "store taken over"
        /// One found that it had lost it.
        case storeLost = "store lost"

        // Webhooks.
        /// A receiver has taken a batch of changes.
        case webhookTold = "webhook told"
        /// It has taken one that it had taken already.
        case webhookRepeated = "webhook told again"
        /// It was told that changes were skipped.
        case webhookSkipped = "webhook told of skipped changes"
        /// It wants nothing any more.
        case webhookEnded = "webhook ended by its receiver"

        // Adopted things, in runs that have any.
        /// One has gone by a word for that, by its will, by its silence, or with the broker.
        case adoptedLogout = "adopted thing's logout"
        case adoptedLost = "adopted thing lost"
        case adoptedTTL = "adopted thing's ttl"
        case adoptedRestart = "adopted thing lost by a restart"
        /// One was gone and back, and nothing was told.
        case adoptedFlap = "adopted thing's flap absorbed"
        /// One that is there has said something that is no word.
        case adoptedGarbage = "adopted thing's garbage"
        /// One sleeps, and one did not wake.
        case adoptedSleeps = "adopted sleeper asleep"
        case adoptedOverslept = "adopted sleeper lost"
        /// One went with its gateway, and was back with it, having said nothing.
        case goneWithGateway = "gone with the gateway"
        case backWithGateway = "back with the gateway"
        /// One was back before the bridge after a restart of the broker, and one after it.
        case adoptedFirst = "adopted thing first after a restart"
        case adoptedAfter = "adopted thing back after the bridge"

        // Statuses.
        /// A description went away by itself.
        case descriptionExpired = "description expired"
        /// A status was cleared.
        case forgotten = "user forgotten"
        /// A status was retained again as it was.
        case statusPutRight = "status put right"

        // Watching.
        /// A subscription gave way to a longer one.
        case replaced = "subscription replaced"
        /// There was no place for a subscription.
        case rejected = "subscription rejected"
        /// A watcher was told that a subscription ran out.
        case expiryTold = "expiry told"
        /// A watcher was told that one gave way.
        case evictionTold = "eviction told"
        /// A watcher was told of a newer status, and never of the one before.
        case overtaken = "status overtaken"
        /// A watcher was told that watches the user by `all` only.
        case toldByAll = "told by all"
        /// A batch had several statuses.
        case batch = "batch of several"
        /// A batch was split.
        case splitBatch = "batch split"

        // Requests and restarts.
        /// A request came twice.
        case askedTwice = "request twice"
        /// A request was never answered.
        case unanswered = "request unanswered"
        /// A device was asked to announce itself.
        case announce = "announce sent"
        /// The store refused a turn.
        case storeRefused = "store refused"
        /// A restart of the broker was found.
        case epochRose = "epoch rose"
        /// The bridge was started again, and nobody heard of it.
        case quietBridgeRestart = "quiet restart of the bridge"
        /// The broker was, and nobody heard of it.
        case quietBrokerRestart = "quiet restart of the broker"
        /// All was at rest.
        case rest = "rest"
        /// All had left.
        case deserted = "deserted"
    }

    /// The names of all that can be reached where nothing is adopted, and no operator asks.
    package static let everything: [String] =
        Rule.allCases.filter { !$0.isOfAdopted && !$0.isOfOperator && !$0.isOfSharing }
        .map(\.rawValue)
        + Fault.allCases.filter { !$0.isOfAdopted && !$0.isOfSharing }.map { name(of: $0) }
        + ErrorCode.allCases.map { name(ofError: $0.rawValue) }

    /// The names of what can be reached only where something is.
    package static let ofAdopted: [String] =
        Rule.allCases.filter(\.isOfAdopted).map(\.rawValue)
        + Fault.allCases.filter(\.isOfAdopted).map { name(of: $0) }

    /// The names of what can be reached only where bridges share a store.
    package static let ofSharing: [String] =
        Rule.allCases.filter(\.isOfSharing).map(\.rawValue)
        + Fault.allCases.filter(\.isOfSharing).map { name(of: $0) }

    /// How often each was, by name; absent is never.
    package private(set) var counts: [String: Int] = [:]

    /// Nothing reached yet.
    package init() {}

    /// What was never reached, by name.
    package var missing: [String] { Self.everything.filter { counts[$0] == nil } }

    /// What of adopted things was never reached, by name.
    package var missingOfAdopted: [String] { Self.ofAdopted.filter { counts[$0] == nil } }

    /// What of bridges that share a store was never reached, by name.
    package var missingOfSharing: [String] { Self.ofSharing.filter { counts[$0] == nil } }

    /// How often a rule was reached.
    package subscript(rule: Rule) -> Int { counts[rule.rawValue] ?? 0 }

    /// How often a fault was done.
    package subscript(fault: Fault) -> Int { counts[Self.name(of: fault)] ?? 0 }

    /// How often an error code was answered.
    package subscript(error code: String) -> Int { counts[Self.name(ofError: code)] ?? 0 }

    /// Adds what another run reached.
    package mutating func add(_ other: Coverage) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    mutating func note(_ rule: Rule) { counts[rule.rawValue, default: 0] += 1 }
    mutating func note(_ fault: Fault) { counts[Self.name(of: fault), default: 0] += 1 }
    mutating func note(error code: String) { counts[Self.name(ofError: code), default: 0] += 1 }

    private static func name(of fault: Fault) -> String { "fault \(fault.rawValue)" }
    private static func name(ofError code: String) -> String { "error \(code)" }
}

extension Coverage.Rule {
    /// Whether it can be reached only where an operator asks.
    package var isOfOperator: Bool { self == .operatorStated || self == .operatorErased }

    /// Whether it can be reached only where bridges share a store.
    fileprivate var isOfSharing: Bool { self == .storeTakenOver || self == .storeLost }

    /// Whether it can be reached only where something is adopted.
    fileprivate var isOfAdopted: Bool {
        switch self {
        case .adoptedLogout, .adoptedLost, .adoptedTTL, .adoptedRestart, .adoptedFlap,
            .adoptedGarbage, .adoptedSleeps, .adoptedOverslept, .goneWithGateway, .backWithGateway,
            .adoptedFirst, .adoptedAfter:
            true
        default: false
        }
    }
}
