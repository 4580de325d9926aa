import Presence

/// Where the audit is: it goes through the known users' device topics in slices, since a broker
/// drops messages to a slow reader, and a wrong status must not stand.
struct Audit: Sendable {
    /// Time between two slices, in milliseconds.
    static let pace: Int64 = 1_000
    /// How many intervals there are at least between two readings of everything, while the broker
    /// drops messages again and again.
    ///
    /// It may have dropped them to anyone, and reading a million topics stalls it for seconds.
    static let fullAfter: Int64 = 12
    /// How long a reading may take before it is given up, in milliseconds.
    static let patience: Int64 = 30_000

    private(set) var next: UserID = 1
    /// When this round began, in milliseconds of uptime.
    private var began: Int64 = 0
    private var reading: (id: ReadingID, since: Int64)?
    /// Whether an alarm is set.
    var isScheduled = false

    /// Whether the last slice is still being read.
    func isBusy(at now: Instant) -> Bool {
        reading.map { now.uptime - $0.since < Self.patience } ?? false
    }

    /// Everything was just read: the round begins anew.
    mutating func beginRound(at now: Instant) {
        next = 1
        began = now.uptime
    }

    /// The users who are next, so that all are seen evenly over the interval.
    mutating func slice(of end: UserID, interval: Int64, at now: Instant) -> Range<UserID> {
        let elapsed = min(now.uptime - began, interval)
        let share = UserID(Int64(end - 1) * elapsed / interval)
        let slice = next..<max(next, min(end, share + 1))
        next = slice.upperBound
        if next >= end, elapsed == interval { beginRound(at: now) }
        return slice
    }

    mutating func begin(_ id: ReadingID, at now: Instant) { reading = (id, now.uptime) }

    /// What was missing from the slice is asked for alone.
    mutating func goOn(from id: ReadingID, to confirmation: ReadingID) {
        if let reading, reading.id == id { self.reading = (confirmation, reading.since) }
    }

    /// A reading has ended, perhaps the slice's.
    mutating func endReading(_ id: ReadingID) {
        if reading?.id == id { reading = nil }
    }

    mutating func abandon() { reading = nil }
}
