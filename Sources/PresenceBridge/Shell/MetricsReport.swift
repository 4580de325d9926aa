import Foundation
import PresenceCore

/// The bridge's numbers, retained below its own topic every `metrics_interval`.
struct MetricsReport {
    private var due: Int64 = 0

    /// When they are published next, in milliseconds of uptime; `nil` for never.
    func next(_ interval: Duration) -> Int64? { interval > .zero ? due : nil }

    mutating func isDue(_ interval: Duration, at now: Instant) -> Bool {
        guard interval > .zero, now.uptime >= due else { return false }
        due = now.uptime + interval.milliseconds
        return true
    }

    static func values(
        _ metrics: Metrics,
        rows: Int64,
        drops: Int64,
        uptime: Int64
    ) -> [(name: String, value: Int64)] {
        [
            ("users/online", Int64(metrics.usersOnline)),
            ("users/known", Int64(metrics.usersKnown)),
            ("devices/online", Int64(metrics.devicesOnline)),
            ("subscriptions", Int64(metrics.subscriptions)),
            ("requests", Int64(metrics.requests)),
            ("requests/refused", Int64(metrics.refused)),
            ("errors", Int64(metrics.errors)),
            ("events", Int64(metrics.events)),
            ("updates", Int64(metrics.updates)),
            ("statuses", Int64(metrics.statuses)),
            ("statuses/shortened", Int64(metrics.shortened)),
            ("audit/mended", Int64(metrics.mended)),
            ("broker/drops", drops),
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
