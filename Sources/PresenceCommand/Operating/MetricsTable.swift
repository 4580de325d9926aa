import Foundation
import PresenceClient

/// The bridge's numbers for people and for programs.
struct MetricsTable {
    let metrics: BridgeMetrics
    let before: BridgeMetrics?

    /// What is counted, and how it is called.
    private static let counted = [
        ("requests", "requests"), ("errors", "errors"), ("events", "events"),
        ("updates", "updates in events"), ("statuses", "statuses written"),
    ]

    private static let present = [
        ("users/online", "users online"), ("users/known", "users known"),
        ("devices/online", "devices online"), ("subscriptions", "subscriptions"),
        ("store/rows", "rows in the store"), ("audit/mended", "statements mended"),
    ]

    private func rate(_ name: String) -> String? {
        before.flatMap { metrics.rate(of: name, since: $0) }.map { String(format: "%.1f", $0) }
    }

    /// The page for a terminal: a warning above all, if there is one, and each bridge's numbers.
    static func page(
        _ tables: [MetricsTable],
        warning: String?,
        size: Screen.Size,
        style: Style
    ) -> [String] {
        var lines: [String] = []
        if let warning {
            let text = DisplayText.cut(DisplayText.safe(warning), to: size.columns)
            lines.append(style.paint(text, .alarm))
        }
        for table in tables {
            if !lines.isEmpty { lines.append("") }
            lines += table.lines(size: size, style: style)
        }
        return Array(lines.prefix(size.rows))
    }

    private func lines(size: Screen.Size, style: Style) -> [String] {
        let uptime = metrics["uptime"].map { "up " + HumanTime.length($0) } ?? ""
        let memory = metrics["memory/resident"].map { "\($0 >> 20) MiB" } ?? ""
        let title = [DisplayText.safe(metrics.bridge.text), uptime, memory]
            .filter { !$0.isEmpty }.joined(separator: " · ")
        let head = style.paint(DisplayText.cut(title, to: size.columns), .bold)
        let table = Table(
            columns: [
                Table.Column(title: ""), Table.Column(title: "NOW"),
                Table.Column(title: "A SECOND", dispensable: 1),
            ],
            rows: (Self.present + Self.counted).map { name, words in
                let isCounted = Self.counted.contains { $0.0 == name }
                return [
                    Table.Cell(text: words),
                    Table.Cell(text: metrics[name].map(String.init) ?? "-", paint: .bold),
                    Table.Cell(text: isCounted ? rate(name) ?? "-" : ""),
                ]
            }
        )
        let places = table.layout(table.naturalWidths, width: size.columns)
        return [head] + ([table.titles] + table.rows).map { Table.placed($0, places, style) }
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
