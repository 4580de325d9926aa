import Testing

@testable import presence_bench

@Suite("What is measured in turns")
struct ComparisonTests {
    /// Lets three take turns that note who they are; each yields how many were before it.
    private func play(
        rounds: Int,
        yardstickIsLast: Bool = false
    ) throws -> (turns: [String], comparison: Comparison) {
        var turns: [String] = []
        func turn(_ name: String) -> [Double] {
            turns.append(name)
            return [Double(turns.count), -Double(turns.count)]
        }
        let comparison = try Comparison(
            RunOptions(rounds: rounds),
            yardstickIsLast: yardstickIsLast,
            bridge: .init { turn("own") },
            other: .init { turn("other") },
            yardstick: { turn("yardstick") }
        )
        return (turns, comparison)
    }

    @Test("Which build goes first changes from round to round, and so does the yardstick's turn")
    func order() throws {
        #expect(
            try play(rounds: 3).turns == [
                "own", "other", "yardstick", "yardstick", "other", "own", "own", "other",
                "yardstick",
            ]
        )
    }

    @Test("A yardstick that needs what the bridge did comes after both builds")
    func lastYardstick() throws {
        #expect(
            try play(rounds: 2, yardstickIsLast: true).turns == [
                "own", "other", "yardstick", "other", "own", "yardstick",
            ]
        )
    }

    @Test("A line has the figures of the same round, of either yardstick")
    func lines() throws {
        let comparison = try play(rounds: 2).comparison
        #expect(
            comparison.rounds() == [
                .init(subject: 1, yardstick: 3), .init(subject: 6, yardstick: 4),
            ]
        )
        #expect(
            comparison.besideOther(1, scenario: "x", unit: "s").map(\.rounds) == [
                [.init(subject: -1, yardstick: -2), .init(subject: -6, yardstick: -5)]
            ]
        )
    }

    @Test("Without another build there is no line beside it, and one that only tells")
    func alone() throws {
        let comparison = try Comparison(RunOptions(rounds: 1), bridge: .init { [7] })
        #expect(comparison.besideOther(scenario: "x", unit: "s").isEmpty)
        #expect(comparison.line(scenario: "x", unit: "s").rounds == [.init(subject: 7)])
        let cost = comparison.cost(of: 1, scenario: "x", goal: .atMost(1))
        #expect(cost.yardstick == nil)
        #expect(cost.isMet == nil)
    }
}
