import Presence

/// The readings of retained topics that are under way.
struct Readings: Sendable {
    /// What a reading is for.
    enum Purpose: Sendable {
        /// Everything, at a connection.
        case connection
        /// All device topics, since some may have been missed.
        case everyDevice
        /// The device topics of some users, by the audit.
        case slice([UserID])
        /// Single topics that were missing from a reading before, asked for so often; others wait
        /// until these are known.
        case confirmation([DeviceEntry], then: ArraySlice<DeviceEntry>, round: Int)
    }

    /// A reading that is under way.
    private struct Open {
        let purpose: Purpose
        /// Whether the broker has dropped something of it.
        var isCut = false
    }

    /// The reading that this connection began with.
    private(set) var atConnection: ReadingID = 0
    /// The reading that was begun last.
    private(set) var last: ReadingID = 0
    private var open: [ReadingID: Open] = [:]
    /// The reading that the lasting subscription takes part in: what comes may be old.
    private(set) var full: ReadingID?
    /// Whether the broker has dropped messages, some of them perhaps births of users who are not
    /// known, whom the audit does not come by.
    var isFullDue = false
    /// Until when a birth that the broker has dropped may not have been found yet, in milliseconds of
    /// uptime.
    private(set) var missedUntil: Int64 = 0
    /// Whether the bridge stalled while everything was being read.
    var isAgainDue = false
    /// When everything was read last in the midst of a connection, in milliseconds of uptime.
    private(set) var lastFull: Int64?
    /// Whether everything is to be read once more.
    var again = Rereading()
    /// Whether a connection was read to its end since this process started.
    var hasReadOnce = false

    /// Begins a reading.
    mutating func begin(_ purpose: Purpose, at now: Instant) -> ReadingID {
        last += 1
        open[last] = Open(purpose: purpose)
        switch purpose {
        case .connection:
            full = last
            again.begin(last, isAtConnection: true, at: now)
            atConnection = last
            isFullDue = false
        case .everyDevice:
            full = last
            isFullDue = false
            again.begin(last, isAtConnection: false, at: now)
            lastFull = now.uptime
        case .slice, .confirmation: break
        }
        return last
    }

    /// Ends a reading: what it was for, and whether it was cut; `nil` if it belongs to an earlier
    /// connection.
    mutating func end(_ id: ReadingID) -> (purpose: Purpose, isCut: Bool)? {
        if full == id { full = nil }
        return open.removeValue(forKey: id).map { ($0.purpose, $0.isCut) }
    }

    /// The broker has dropped something of a reading.
    mutating func cut(_ id: ReadingID) {
        open[id]?.isCut = true
        again.cut(id)
    }

    /// The broker has dropped messages: the audit finds what they said, within its interval.
    mutating func miss(_ limits: Limits, at now: Instant) {
        isFullDue = true
        let latest = now.uptime + limits.auditInterval.milliseconds + Audit.patience
        missedUntil = max(missedUntil, latest)
    }

    /// Gives up all readings, with the connection.
    mutating func abandon() {
        open = [:]
        full = nil
        again = Rereading()
        isAgainDue = false
    }
}
