import Presence

/// What is known of the broker and of readings at a moment: it decides what a word on a device topic
/// proves.
struct Evidence: Sendable {
    var now: Instant
    /// The second to tell of what happens at that moment.
    var second: Int64
    /// Rises with every restart of the broker.
    var epoch: Int64
    /// Whether every device that was online has spoken since the last restart, or was given up.
    var isSettled: Bool
    /// What the broker had kept when it was last restarted.
    var kept: KeptCopy
    var connection: UInt32
    /// The reading that the lasting subscription takes part in: what comes may be old.
    var full: ReadingID?
    var lastReading: ReadingID
    /// The reading that this connection began with.
    var connectionReading: ReadingID
    /// Until when a birth that the broker has dropped may not have been found yet, in milliseconds of
    /// uptime.
    var missedUntil: Int64
    /// Whether a connection was read to its end since this process started.
    var hasReadOnce: Bool
    /// Whether it is open whether the broker has restarted.
    var isUncertain: Bool

    /// Whether a word may have been dropped and not been found yet.
    var mayHaveMissed: Bool { now.uptime < missedUntil }

    /// Whether what is found on the topic of a device that spoke last in an epoch may be a copy from
    /// before the restart.
    func isDoubtful(epoch spoke: Int64) -> Bool { !isSettled && spoke < epoch }

    /// Whether a word that is found was said since the broker was restarted.
    ///
    /// The bridge's own words prove nothing: a device's will writes over them, if it is retained.
    ///
    /// - Parameter session: the connection of the device that is known.
    func isProven(_ found: Statement, session known: String?, isOwn: Bool) -> Bool {
        guard !isSettled, !isOwn else { return false }
        switch kept {
        case .older: return false
        case .nothing: return true
        case .everything:
            // The device's will would stand there, had its connection ended with the broker. Only
            // one without a will can be gone: if it ever named a session it knows the protocol, and
            // must speak, unless the session is one that nobody has heard of.
            guard found.status.isOnline || found.status == .invisible else { return false }
            guard let known else { return true }
            return found.session != nil && found.session != known
        }
    }

    /// Whether a device that counts as online has spoken since the restart that was just noticed.
    func hasSpoken(_ device: Device) -> Bool {
        if device.connection == connection { return true }
        // It was found at this connection, before the restart was known.
        guard device.reading >= connectionReading, connectionReading > 0,
            device.departure == nil, !device.isFoundOwn
        else { return false }
        switch kept {
        case .older: return false
        case .nothing: return true
        case .everything: return device.statement.session == nil
        }
    }

    /// Whether a device has still to speak after a restart of the broker.
    func isSuspect(_ device: Device) -> Bool {
        device.awaitsProof || (device.shown != nil && device.epoch < epoch)
    }
}
