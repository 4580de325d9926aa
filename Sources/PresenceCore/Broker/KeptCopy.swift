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
/// - nothing at all is what a broker has that keeps nothing: what is there was said since.
///
/// An `offline` can be an old copy, too. So a mark lies beside the state, which rises with each
/// connection and is written behind `online`: with one that is older than what the bridge has seen
/// come back, the state proves nothing.
extension PresenceCore {
    /// The topic of the bridge's own state.
    var ownTopic: String { topics.bridge(bridgeID) }

    /// What the broker has kept, by what was found of the bridge's own state.
    var keptCopy: KeptCopy {
        // A bridge that never read what it wrote there can conclude nothing.
        guard broker.markBefore > 0 else { return .older }
        guard let state = broker.foundState else {
            return broker.foundMark == nil ? .nothing : .older
        }
        guard BridgeState.isOffline(state), let mark = broker.foundMark, mark >= broker.markBefore
        else { return .older }
        // What an earlier restart brought back from an older copy is still there.
        return !broker.isSettled && broker.kept == .older ? .older : .everything
    }

    /// The mark beside the bridge's state.
    mutating func hear(mark: Int64, isRetained: Bool) {
        guard (1...Self.highestMark).contains(mark) else { return }
        if isRetained {
            broker.foundMark = mark
        } else if mark == broker.mark {
            broker.provenMark = mark
            ledger.isBrokerDue = true
        }
    }

    /// The mark of this connection: higher than all that were left before.
    mutating func takeMark(at now: Instant) -> Int64 {
        let last = max(broker.provenMark, broker.foundMark ?? 0)
        let mark = min(max(now.unix, last + 1), Self.highestMark)
        broker.mark = mark
        return mark
    }

    /// Takes in what a store knows of marks; those beside another topic mean nothing here.
    mutating func restoreMark(_ record: BrokerRecord) {
        broker.kept = record.kept
        if record.markedTopic == ownTopic { broker.provenMark = record.mark }
    }

    /// Whether a word that is found was said since the broker was restarted.
    ///
    /// The bridge's own words prove nothing: a device's will writes over them, if it is retained.
    func isProven(_ found: Statement, of device: Device?, isOwn: Bool) -> Bool {
        guard !broker.isSettled, !isOwn else { return false }
        switch broker.kept {
        case .older: return false
        case .nothing: return true
        case .everything:
            // The device's will would stand there, had its connection ended with the broker. Only
            // one without a will can be gone: if it ever named a session it knows the protocol, and
            // must speak, unless the session is one that nobody has heard of.
            guard found.status.isOnline || found.status == .invisible else { return false }
            guard let known = device?.statement.session else { return true }
            return found.session != nil && found.session != known
        }
    }

    /// Whether a device that counts as online has spoken since the restart that was just noticed.
    func hasSpokenSince(_ device: Device) -> Bool {
        if device.connection == connection { return true }
        // It was found at this connection, before the restart was known.
        guard device.reading >= readings.atConnection, readings.atConnection > 0,
            device.departure == nil, !device.isFoundOwn
        else { return false }
        switch broker.kept {
        case .older: return false
        case .nothing: return true
        case .everything: return device.statement.session == nil
        }
    }

    private static var highestMark: Int64 { 1 << 52 }
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
