import Fuzzing
import Testing

@Suite("Fuzzing")
struct FuzzTests {
    /// How many inputs of each target a test run has time for.
    private static let counts = [
        "service": 150, "topics": 6_000, "configuration": 500, "store": 200,
    ]

    @Test("No mutated input breaks a rule", arguments: Targets.all.map(\.name))
    func seeds(_ name: String) throws {
        let target = try #require(Targets.all.first { $0.name == name })
        for seed in 0..<UInt64(Self.counts[name] ?? 0) {
            if let finding = target.finding(seed: seed) {
                Issue.record("\(finding)")
                return
            }
        }
    }
}
