/// The findings as a table for people.
struct Table: CustomStringConvertible {
    private static let titles = [
        "scenario", "yardstick", "measured", "yardstick's", "ratio", "spread", "goal", "",
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
        [
            finding.scenario, finding.yardstick,
            "\(Figure.text(finding.subject)) \(finding.unit)",
            "\(Figure.text(finding.base)) \(finding.unit)",
            Figure.text(finding.ratio),
            "\(Figure.text(finding.spread.lowerBound)) to \(Figure.text(finding.spread.upperBound))",
            "\(finding.goal)", finding.isMet ? "met" : "missed",
        ]
    }
}
