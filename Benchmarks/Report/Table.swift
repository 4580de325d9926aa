/// The findings as a table for people.
struct Table: CustomStringConvertible {
    private static let titles = [
        "scenario", "yardstick", "measured", "yardstick's", "ratio", "spread", "goal", "",
        "first bar", "",
    ]

    /// What was found, line by line.
    let findings: [Finding]

    /// The table, with what each line cost and what there is to say below it.
    var description: String {
        let rows = [Self.titles] + findings.map(cells)
        let widths = Self.titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines: [String] = []
        for (index, row) in rows.enumerated() {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            lines.append(cells.joined(separator: "  "))
            guard index > 0 else { continue }
            let finding = findings[index - 1]
            if let usage = finding.usage { lines.append("    \(usage)") }
            lines += finding.remarks.map { "    \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    private func cells(_ finding: Finding) -> [String] {
        let spread = finding.spread
        return [
            finding.scenario, finding.yardstick ?? "-",
            "\(Figure.text(finding.subject)) \(finding.unit)",
            finding.base.map { "\(Figure.text($0)) \(finding.unit)" } ?? "-",
            finding.ratio.map(Figure.text) ?? "-",
            "\(Figure.text(spread.lowerBound)) to \(Figure.text(spread.upperBound))",
            finding.goal?.description ?? "-", Self.verdict(finding.isMet),
            finding.goal?.firstBar ?? "-", Self.verdict(finding.isFirstBarMet),
        ]
    }

    private static func verdict(_ isMet: Bool?) -> String {
        isMet.map { $0 ? "met" : "missed" } ?? ""
    }
}
