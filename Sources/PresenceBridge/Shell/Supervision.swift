/// What a service manager is told, turn by turn: that the bridge is up, how it stands, and that it
/// goes on turning (sd_notify(3): `READY`, `STATUS`, `WATCHDOG`, `STOPPING`).
///
/// The bridge is up once it has read its store. Whether a broker is there is not its doing, so it is told
/// by the status alone.
struct Supervision {
    /// Time between two statuses that differ by numbers alone, in milliseconds.
    private static let pause: Int64 = 5_000

    /// Time between two signs of life, in milliseconds; `nil` where the manager wants none.
    let interval: Int64?
    private var nextSign: Int64 = 0
    private var told: (standing: Standing, at: Int64)?

    /// Reads what the manager wants from the environment that it has made: `WATCHDOG_USEC`, and the
    /// process whom that is for, `WATCHDOG_PID`.
    init(environment: [String: String], process: Int32) {
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        // Twice in the time that it may take.
        interval = isMeant && limit > 0 ? max(1, limit / 2_000) : nil
    }

    /// What to tell in a turn, at a time in milliseconds of uptime; nothing as a rule.
    mutating func lines(_ standing: Standing, at uptime: Int64) -> [String] {
        var lines: [String] = []
        if told == nil { lines.append("READY=1") }
        if isNews(standing, at: uptime) {
            if standing == .ending { lines.append("STOPPING=1") }
            lines.append("STATUS=\(standing)")
            told = (standing, uptime)
        }
        if let interval, uptime >= nextSign {
            nextSign = uptime + interval
            lines.append("WATCHDOG=1")
        }
        return lines
    }

    private func isNews(_ standing: Standing, at uptime: Int64) -> Bool {
        guard let told else { return true }
        guard told.standing.isKin(of: standing) else { return true }
        return told.standing != standing && uptime - told.at >= Self.pause
    }

    /// Whether the manager knows that the bridge is up, and awaits signs of life.
    var hasBegun: Bool { told != nil }

    /// When the next sign of life is due, in milliseconds of uptime; `nil` where none is wanted.
    var nextStep: Int64? { interval == nil ? nil : nextSign }
}
