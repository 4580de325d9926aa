import Foundation

/// The findings as a file for machines: a list of objects.
struct JSONReport {
    private struct Line: Encodable {
        let scenario: String
        let yardstick: String
        let unit: String
        let measured: Double
        let base: Double
        let ratio: Double
        let lowest: Double
        let highest: Double
        let goal: String
        let met: Bool
        let usage: Usage?
        let remarks: [String]

        init(_ finding: Finding) {
            scenario = finding.scenario
            yardstick = finding.yardstick
            unit = finding.unit
            measured = finding.subject
            base = finding.base
            ratio = finding.ratio
            lowest = finding.spread.lowerBound
            highest = finding.spread.upperBound
            goal = finding.goal.description
            met = finding.isMet
            usage = finding.usage
            remarks = finding.remarks
        }
    }

    /// What was found.
    let findings: [Finding]

    /// Writes it.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(findings.map(Line.init)).write(to: URL(fileURLWithPath: path))
    }
}
