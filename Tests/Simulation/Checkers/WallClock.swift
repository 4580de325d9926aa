import PresenceCore

/// The bridge's wall clock as far as the history tells, which may be set while a message is on its way.
struct WallClock: Sendable {
    /// How long a message may be on its way to the broker, in milliseconds.
    static let latency: Int64 = 2_000

    private var offset: Int64?
    private var previous: (offset: Int64, until: Int64)?

    /// Reads the time of the next entry; returns what the clock showed at most before it was set
    /// back, if it was, in milliseconds.
    mutating func read(_ time: Instant) -> Int64? {
        let now = time.unix - time.uptime
        guard let old = offset else {
            offset = now
            return nil
        }
        guard now != old else { return nil }
        offset = now
        previous = (max(old, now) == now ? old : now, time.uptime + Self.latency)
        return now < old ? time.uptime + old : nil
    }

    /// The earliest that the clock may have shown when something was sent that the broker takes now.
    func earliest(at time: Instant) -> Int64 {
        guard let previous, time.uptime <= previous.until else { return time.unix }
        return min(time.unix, time.uptime + previous.offset)
    }
}
