import Foundation

/// The findings as a file for machines: a list of objects, each without the keys that it has no value
/// for.
struct JSONReport {
    private struct Line: Encodable {
        let scenario: String
        let yardstick: String?
        let unit: String
        let measured: Double
        let base: Double?
        let ratio: Double?
        let lowest: Double
        let highest: Double
        let goal: String?
        let met: Bool?
        let firstBar: String?
        let firstBarMet: Bool?
        let rounds: [Finding.Round]
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
            goal = finding.goal?.description
            met = finding.isMet
            firstBar = finding.goal?.firstBar
            firstBarMet = finding.isFirstBarMet
            rounds = finding.rounds
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
        // A ratio to nothing is no reason to lose the rest.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity",
            negativeInfinity: "-infinity",
            nan: "nan"
        )
        try encoder.encode(findings.map(Line.init)).write(to: URL(fileURLWithPath: path))
    }
}
