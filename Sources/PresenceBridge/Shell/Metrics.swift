import Foundation
import PresenceCore

/// The bridge's numbers, retained below its own topic every `metrics_interval`.
struct Metrics {
    private var due: Int64 = 0

    /// When they are published next, in milliseconds of uptime; `nil` for never.
    func next(_ interval: Duration) -> Int64? { interval > .zero ? due : nil }

    mutating func isDue(_ interval: Duration, at now: Instant) -> Bool {
        guard interval > .zero, now.uptime >= due else { return false }
        due = now.uptime + interval.milliseconds
        return true
    }

    static func values(
        _ figures: Figures,
        rows: Int64,
        uptime: Int64
    ) -> [(name: String, value: Int64)] {
        [
            ("users/online", Int64(figures.usersOnline)),
            ("users/known", Int64(figures.usersKnown)),
            ("devices/online", Int64(figures.devicesOnline)),
            ("subscriptions", Int64(figures.subscriptions)),
            ("requests", Int64(figures.requests)),
            ("requests/refused", Int64(figures.refused)),
            ("errors", Int64(figures.errors)),
            ("events", Int64(figures.events)),
            ("updates", Int64(figures.updates)),
            ("statuses", Int64(figures.statuses)),
            ("statuses/shortened", Int64(figures.shortened)),
            ("audit/mended", Int64(figures.mended)),
            ("store/rows", rows),
            ("memory/resident", residentBytes),
            ("uptime", uptime),
        ]
    }

    /// The memory that the process has, in bytes; 0 where the system does not tell.
    private static var residentBytes: Int64 {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
            return 0
        }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int64(fields[1]) else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
