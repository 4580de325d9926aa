import Foundation
import Testing

@testable import presence_bench

@Suite("What the bench says")
struct ReportTests {
    private func finding(_ ratios: [Double], _ goal: Goal?) -> Finding {
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

    @Test("Without a yardstick the figure itself counts, and its spread")
    func noYardstick() {
        let finding = Finding(
            scenario: "5  a user",
            unit: "bytes",
            rounds: [130, 150, 120].map { .init(subject: $0) },
            goal: .atMost(128, firstBar: 180)
        )
        #expect(finding.ratio == nil)
        #expect(finding.base == nil)
        #expect(finding.spread == 120...150)
        #expect(finding.isMet == false)
        #expect(finding.isFirstBarMet == true)
    }

    @Test("A line without a goal tells, and is neither met nor missed")
    func noGoal() {
        let finding = finding([0.5], nil)
        #expect(finding.isMet == nil)
        #expect(finding.isFirstBarMet == nil)
        let lines = "\(Table(findings: [finding]))".split(separator: "\n")
        #expect(!lines[1].contains("m"), "\(lines[1])")
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
        #expect(finding([ratio], goal).isFirstBarMet == nil)
    }

    @Test(
        "A first bar is met before the goal is",
        arguments: [
            (Goal.atMost(0.4, firstBar: 0.6), 0.5, true),
            (.atMost(0.4, firstBar: 0.6), 0.61, false),
            (.atLeast(1_000_000, firstBar: 600_000), 600_000, true),
            (.atLeast(1_000_000, firstBar: 600_000), 599_999, false),
        ]
    )
    func firstBar(goal: Goal, ratio: Double, isMet: Bool) {
        #expect(finding([ratio], goal).isMet == false)
        #expect(finding([ratio], goal).isFirstBarMet == isMet)
    }

    @Test("A column says whether the goal is met, and remarks stand below their line")
    func table() {
        var missed = finding([0.5], .atLeast(1))
        missed.remarks = ["for a reason"]
        let lines = "\(Table(findings: [finding([2], .atLeast(1)), missed]))".split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[1].hasPrefix("1  a scenario"))
        #expect(lines[1].trimmingCharacters(in: .whitespaces).hasSuffix("≥ 1.00  met     -"))
        #expect(lines[2].trimmingCharacters(in: .whitespaces).hasSuffix("missed  -"))
        #expect(lines[3].hasSuffix("for a reason"))
    }

    @Test("A line beside another build says both figures, the goal and the first bar")
    func comparisonLine() throws {
        let findings = try comparison().besideOther(
            scenario: "8  CPU for a change",
            unit: "µs",
            goal: .atMost(0.4, firstBar: 0.6)
        )
        let lines = "\(Table(findings: findings))".split(separator: "\n")
        let cells = lines[1].replacing(/\ {2,}/, with: "|")
        #expect(
            cells.hasSuffix(
                "CPU for a change|the other build|50.0 µs|100 µs|0.50|0.50 to 0.50|≤ 0.40|missed"
                    + "|≤ 0.60|met"
            ),
            "\(cells)"
        )
    }

    private func comparison() throws -> Comparison {
        try Comparison(
            RunOptions(rounds: 3),
            bridge: .init { [50] },
            other: .init { [100] },
            yardstick: { [10] }
        )
    }

    @Test("The file for machines has the same of a line beside another build")
    func comparisonJSON() throws {
        let goal = Goal.atMost(0.4, firstBar: 0.6)
        let findings = try comparison().besideOther(scenario: "8  CPU", unit: "µs", goal: goal)
        let line = try #require(try json(findings).first)
        #expect(line["yardstick"] as? String == "the other build")
        #expect(line["measured"] as? Double == 50)
        #expect(line["base"] as? Double == 100)
        #expect(line["ratio"] as? Double == 0.5)
        #expect(line["met"] as? Bool == false)
        #expect(line["firstBar"] as? String == "≤ 0.60")
        #expect(line["firstBarMet"] as? Bool == true)
    }

    @Test("The file for machines leaves out what a line has not, and takes a ratio to nothing")
    func partialJSON() throws {
        let told = Finding(scenario: "6  CPU", unit: "s", rounds: [.init(subject: 1.5)])
        let endless = Finding(
            scenario: "1  CPU",
            yardstick: "nothing",
            unit: "s",
            rounds: [.init(subject: 1, yardstick: 0)]
        )
        let lines = try json([told, endless])
        #expect(
            Set(lines[0].keys) == [
                "scenario", "unit", "measured", "lowest", "highest", "rounds", "remarks",
            ]
        )
        #expect(lines[0]["rounds"] as? [[String: Double]] == [["subject": 1.5]])
        #expect(lines[1]["ratio"] as? String == "infinity")
    }

    @Test("The file for machines is a list with the goal, the ratio and whether it is met")
    func json() throws {
        let line = try #require(try json([finding([2], .atMost(1))]).first)
        #expect(line["scenario"] as? String == "1  a scenario")
        #expect(line["ratio"] as? Double == 2)
        #expect(line["goal"] as? String == "≤ 1.00")
        #expect(line["met"] as? Bool == false)
    }

    private func json(_ findings: [Finding]) throws -> [[String: Any]] {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "bench-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try JSONReport(findings: findings).write(to: path)
        let data = try #require(FileManager.default.contents(atPath: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
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
