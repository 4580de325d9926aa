import Presence

/// What tells an old birth from a new one after a restart of the broker.
///
/// A retained word carries no date, so what is found on a device topic may be a copy from before the
/// restart. The bridge's own state is the witness: the broker keeps or loses it together with all
/// else. While the bridge serves it is `online`, and the bridge's will makes it `offline`, after all
/// that the bridge has heard. So
///
/// - `offline` is from after everything that is known: the broker sent the wills as it ended, those of
///   the devices, too, or it had been told of the bridge's end before that;
/// - `online` is that of a broker that died, and what it has kept may be much older than its end;
/// - nothing at all is what a broker has that keeps nothing: what is there was said since. But where a status is
///   there, which bridges alone write, it has kept that: it is a copy from before this bridge's first connection, while
///   another bridge with the same store served.
///
/// An `offline` can be an old copy, too. So a mark lies beside the state, which rises with each
/// connection and is written behind `online`: with one that is older than what the bridge has seen
/// come back, the state proves nothing.
///
/// Nor does an `offline` that another connection left than the mark: the broker had restarted before the
/// bridge connected, and the connection broke before the bridge had read anything, or had left a mark.
struct Witness: Sendable {
    /// What a connection of the bridge has left on the broker.
    private struct Left<Value: Sendable>: Sendable {
        var value: Value
        /// Which one; `nil` by MQTT 3.1.1, which cannot tell.
        var connection: String?
    }

    private static let highestMark: Int64 = 1 << 52

    /// What the broker had kept when it was last restarted.
    private(set) var kept = KeptCopy.older
    /// What was found of the bridge's own state at this connection, and of the mark beside it.
    private var foundState: Left<[UInt8]>?
    private var foundMark: Left<Int64>?
    /// Whether any status was found at this connection, and whether it was concluded before that there was nothing.
    private var hasFoundStatus = false
    private var hasConcludedNothing = false
    /// The mark that was left at this connection.
    private var mark: Int64?
    /// The highest mark that has come back from the broker; 0 for none.
    private(set) var provenMark: Int64 = 0
    /// What that was when this connection was made.
    private var markBefore: Int64 = 0

    /// Takes in what a store knows of marks; those beside another topic mean nothing here.
    mutating func restore(_ record: BrokerRecord, ownTopic: String) {
        kept = record.kept
        if record.markedTopic == ownTopic { provenMark = record.mark }
    }

    mutating func connect() {
        foundState = nil
        foundMark = nil
        (hasFoundStatus, hasConcludedNothing) = (false, false)
        mark = nil
        markBefore = provenMark
    }

    /// What is retained of the bridge's own state was found.
    mutating func findState(_ payload: [UInt8], by connection: String?) {
        foundState = Left(value: payload, connection: connection)
    }

    /// A retained status was found, which comes behind the bridge's state and before what devices have said.
    mutating func findStatus() {
        hasFoundStatus = true
        if hasConcludedNothing { kept = .older }
    }

    /// The mark beside the bridge's state; returns whether it has come back for the first time.
    mutating func hear(mark: Int64, by connection: String?, isRetained: Bool) -> Bool {
        guard (1...Self.highestMark).contains(mark) else { return false }
        if isRetained {
            foundMark = Left(value: mark, connection: connection)
            return false
        }
        guard mark == self.mark else { return false }
        provenMark = mark
        return true
    }

    /// The mark of this connection: higher than all that were left before; `nil` if it was left.
    mutating func takeMark(at now: Instant) -> Int64? {
        guard mark == nil else { return nil }
        let last = max(provenMark, foundMark?.value ?? 0)
        mark = min(max(now.unix, last + 1), Self.highestMark)
        return mark
    }

    /// The broker has restarted: concludes what it has kept, by what was found of the bridge's state.
    ///
    /// - Parameter isSettled: whether the restart before this one was dealt with.
    mutating func conclude(isSettled: Bool) {
        kept = conclusion(isSettled: isSettled)
        hasConcludedNothing = kept == .nothing
    }

    private func conclusion(isSettled: Bool) -> KeptCopy {
        // A bridge that never read what it wrote there can conclude nothing.
        guard markBefore > 0 else { return .older }
        guard let state = foundState else {
            return foundMark == nil && !hasFoundStatus ? .nothing : .older
        }
        guard BridgeState.isOffline(state.value), let mark = foundMark, mark.value >= markBefore,
            mark.connection == state.connection
        else { return .older }
        // What an earlier restart brought back from an older copy is still there.
        return !isSettled && kept == .older ? .older : .everything
    }
}

extension KeptCopy {
    /// How it is told in the log.
    var words: String {
        switch self {
        case .older: "what may be an older copy"
        case .everything: "everything"
        case .nothing: "nothing"
        }
    }
}
