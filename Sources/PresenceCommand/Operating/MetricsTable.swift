import Foundation
import PresenceClient

/// The bridge's numbers for people and for programs.
struct MetricsTable {
    let metrics: BridgeMetrics
    let before: BridgeMetrics?

    /// What is counted, and how it is called.
    static let counted = [
        ("requests", "requests"), ("errors", "errors"), ("events", "events"),
        ("updates", "updates in events"), ("statuses", "statuses written"),
        ("broker/drops", "drops by the broker"),
    ]

    static let present = [
        ("users/online", "users online"), ("users/known", "users known"),
        ("devices/online", "devices online"), ("subscriptions", "subscriptions"),
        ("store/rows", "rows in the store"), ("audit/mended", "statements mended"),
    ]

    func rate(_ name: String) -> String? {
        before.flatMap { metrics.rate(of: name, since: $0) }.map { String(format: "%.1f", $0) }
    }

    /// A line for pipes, with tabs between: the time, the bridge, and pairs of a name and a number.
    func line(now: Int64) -> String {
        var parts = [
            HumanTime.stamp(now, seconds: true), DisplayText.safe(metrics.bridge.text),
        ]
        for (name, _) in Self.present.prefix(4) where metrics[name] != nil {
            parts.append("\(name) \(metrics[name] ?? 0)")
        }
        for (name, _) in Self.counted.prefix(3) {
            parts.append("\(name)/s \(rate(name) ?? "-")")
        }
        return parts.joined(separator: "\t")
    }

    /// An object for programs: the bridge's numbers under their own names, and the rates.
    func json(now: Int64) -> String {
        JSONText.line { json in
            json.beginObject()
            json.member("time", now)
            json.member("bridge", metrics.bridge.text)
            for (name, value) in metrics.values.sorted(by: { $0.key < $1.key }) {
                json.key(name)
                json.integer(value)
            }
            json.key("rates")
            json.beginObject()
            for (name, _) in Self.counted {
                json.key(name)
                if let rate = rate(name) { json.raw(Array(rate.utf8)) } else { json.null() }
            }
            json.endObject()
            json.endObject()
        }
    }
}
