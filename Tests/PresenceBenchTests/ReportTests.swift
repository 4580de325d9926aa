import Foundation
import Testing

@testable import presence_bench

@Suite("What the bench says")
struct ReportTests {
    private func finding(_ ratios: [Double], _ goal: Goal) -> Finding {
        Finding(
            scenario: "1  a scenario",
            yardstick: "its yardstick",
            unit: "/s",
            rounds: ratios.map { .init(subject: $0 * 2_000, yardstick: 2_000) },
            goal: goal
        )
    }

    @Test("The ratio is the median of the rounds' ratios, and the spread their least and greatest")
    func ratio() {
        let finding = finding([0.5, 3, 1], .atLeast(1))
        #expect(finding.ratio == 1)
        #expect(finding.spread == 0.5...3)
        #expect(finding.subject == 2_000)
        #expect(Figure.median([1, 2, 3, 10]) == 2.5)
    }

    @Test(
        "Rates must reach a goal, times must not pass it",
        arguments: [
            (Goal.atLeast(0.9), 0.9, true), (.atLeast(0.9), 0.89, false),
            (.atMost(1.3), 1.3, true), (.atMost(1.3), 1.31, false),
        ]
    )
    func goals(goal: Goal, ratio: Double, isMet: Bool) {
        #expect(finding([ratio], goal).isMet == isMet)
    }

    @Test("The last column says whether the goal is met, and remarks stand below their line")
    func table() {
        var missed = finding([0.5], .atLeast(1))
        missed.remarks = ["for a reason"]
        let lines = "\(Table(findings: [finding([2], .atLeast(1)), missed]))".split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[1].hasPrefix("1  a scenario"))
        #expect(lines[1].trimmingCharacters(in: .whitespaces).hasSuffix("≥ 1.00  met"))
        #expect(lines[2].trimmingCharacters(in: .whitespaces).hasSuffix("missed"))
        #expect(lines[3].hasSuffix("for a reason"))
    }

    @Test("The file for machines is a list with the goal, the ratio and whether it is met")
    func json() throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "bench-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try JSONReport(findings: [finding([2], .atMost(1))]).write(to: path)
        let data = try #require(FileManager.default.contents(atPath: path))
        let list = try JSONSerialization.jsonObject(with: data) as? [[String: Any]]
        let line = try #require(list?.first)
        #expect(line["scenario"] as? String == "1  a scenario")
        #expect(line["ratio"] as? Double == 2)
        #expect(line["goal"] as? String == "≤ 1.00")
        #expect(line["met"] as? Bool == false)
    }

    @Test("Numbers have the digits that matter")
    func numbers() {
        #expect(
            [0.123, 9.876, 12.34, 1_234_567].map(Figure.text) == [
                "0.12", "9.88", "12.3", "1,234,567",
            ]
        )
        #expect(Figure.percentile(0.99, of: (1...100).map(Double.init)) == 100)
    }
}
