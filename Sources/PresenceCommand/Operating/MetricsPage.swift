import Foundation
import PresenceClient

/// The page of `presence top`: each bridge's numbers, how they have gone, and what keys there are.
struct MetricsPage {
    private static let latencies = [
        ("latency/event", "age of an event"), ("latency/turn", "a turn"),
        ("latency/commit", "a commit"),
    ]
    /// Fewer letters than that say nothing.
    private static let shortestLine = 6

    let histories: [MetricsHistory]
    let warning: String?

    func lines(size: Screen.Size, style: Style) -> [String] {
        var lines: [String] = []
        if let warning {
            let text = DisplayText.cut(DisplayText.safe(warning), to: size.columns)
            lines.append(style.paint(text, .alarm))
        }
        for history in histories {
            if !lines.isEmpty { lines.append("") }
            lines += block(history, size, style)
        }
        lines = Array(lines.prefix(max(0, size.rows - 1)))
        return lines + [style.paint(DisplayText.cut(foot, to: size.columns), .gray)]
    }

    /// How many bridges there are, why something is missing, and how to end.
    private var foot: String {
        var parts = [histories.count.of("bridge"), "q quits"]
        if histories.contains(where: { $0.rounds.count < 2 }) {
            parts.append("- until the numbers have come a second time (metrics_interval)")
        }
        return parts.joined(separator: " · ")
    }

    private func block(
        _ history: MetricsHistory,
        _ size: Screen.Size,
        _ style: Style
    ) -> [String] {
        guard let metrics = history.rounds.last?.metrics else { return [] }
        let before = history.rounds.dropLast().last?.metrics
        let table = MetricsTable(metrics: metrics, before: before)
        let uptime = metrics["uptime"].map { "up " + HumanTime.length($0) } ?? ""
        let memory = metrics["memory/resident"].map { "\($0 >> 20) MiB" } ?? ""
        let title = [DisplayText.safe(metrics.bridge.text), uptime, memory]
            .filter { !$0.isEmpty }.joined(separator: " · ")
        var numbers = (MetricsTable.present + MetricsTable.counted).map { name, words -> [String] in
            let isCounted = MetricsTable.counted.contains { $0.0 == name }
            let rate = isCounted ? table.rate(name) ?? "-" : ""
            return [words, metrics[name].map(String.init) ?? "-", rate]
        }
        let times = Self.latencies.compactMap { name, words -> [String]? in
            guard let median = metrics[name + "/median"], let p99 = metrics[name + "/p99"]
            else { return nil }
            return [words, Self.text(median), Self.text(p99)]
        }
        numbers.insert(["", "NOW", "A SECOND"], at: 0)
        let heads = times.isEmpty ? [] : [["TIME", "MEDIAN", "99 %"]]
        let widths = (0..<3).map { column in
            (numbers + heads + times).map { DisplayText.width($0[column]) }.max() ?? 0
        }
        let used = widths.reduce(0, +) + 3 * Table.gap
        let room = min(size.columns - used, MetricsHistory.most)
        let line = room >= Self.shortestLine ? room : 0
        let span = line > 0 ? self.span(history, line) : ""
        var rows = numbers.enumerated().map { place, row in
            let isHead = place == 0
            let text = isHead ? span : sparkline(history, place - 1, line)
            return Self.row(row, text, isHead: isHead)
        }
        if !times.isEmpty {
            rows.append(Self.row(heads[0], "", isHead: true))
            rows += zip(Self.latencies, times).map { latency, row in
                let isNew = history.rounds.count < 2
                let values = isNew ? [] : history.values(of: latency.0 + "/p99", line)
                return Self.row(row, Sparkline.text(values, isFromZero: true), isHead: false)
            }
        }
        let layout = Table(
            columns: [
                Table.Column(title: ""), Table.Column(title: ""),
                Table.Column(title: "", dispensable: 1), Table.Column(title: "", dispensable: 2),
            ],
            rows: rows
        )
        let places = layout.layout(widths + [line], width: size.columns)
        return [style.paint(DisplayText.cut(title, to: size.columns), .bold)]
            + rows.map { Table.placed($0, places, style) }
    }

    private func sparkline(_ history: MetricsHistory, _ place: Int, _ count: Int) -> String {
        guard count > 0, history.rounds.count > 1 else { return "" }
        let present = MetricsTable.present
        if place < present.count {
            return Sparkline.text(history.values(of: present[place].0, count), isFromZero: false)
        }
        let name = MetricsTable.counted[place - present.count].0
        return Sparkline.text(history.rates(of: name, count), isFromZero: true)
    }

    private func span(_ history: MetricsHistory, _ count: Int) -> String {
        guard history.rounds.count > 1 else { return "" }
        return DisplayText.cut(
            "LAST " + HumanTime.length(history.length(of: count)).uppercased(),
            to: count
        )
    }

    private static func row(_ texts: [String], _ line: String, isHead: Bool) -> [Table.Cell] {
        [
            Table.Cell(text: texts[0], paint: isHead ? .gray : nil),
            Table.Cell(text: texts[1], paint: isHead ? .gray : .bold),
            Table.Cell(text: texts[2], paint: isHead ? .gray : nil),
            Table.Cell(text: line, paint: isHead ? .gray : .green),
        ]
    }

    /// Microseconds in the unit that fits; nothing for none.
    static func text(_ microseconds: Int64) -> String {
        switch microseconds {
        case ...0: "-"
        case ..<1_000: "\(microseconds) µs"
        case ..<10_000: String(format: "%.1f ms", Double(microseconds) / 1_000)
        case ..<1_000_000: "\(microseconds / 1_000) ms"
        case ..<10_000_000: String(format: "%.1f s", Double(microseconds) / 1_000_000)
        default: HumanTime.length(microseconds / 1_000_000)
        }
    }
}
