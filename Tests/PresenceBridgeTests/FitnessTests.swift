import Presence
import Testing

@testable import PresenceBridge

@Suite("The trial of the bridge's rights")
struct FitnessTests {
    private let topics = Topics()
    private var probes: ProbeTopics { ProbeTopics(topics, "b", nonce: 1) }

    private func lines(_ out: inout Sender) -> [String] {
        out.takeOrders().compactMap { if case .log(_, let line) = $0 { line } else { nil } }
    }

    private func fitness() -> (Fitness, Sender) {
        let out = Sender(topics, Settings(), Greeting(probes: probes))
        return (Fitness(topics, probes), out)
    }

    @Test(
        "What is missing is told together when the last one is tried, and once",
        arguments: [
            ([[]], []), ([[.event]], [[.event]]),
            // All are waited for.
            ([[.event, .status]], [[.status, .event]]),
            // On the next connection the same is no news.
            ([[.event], [.event]], [[.event]]),
            // One more is, and then all that are missing are told.
            ([[.event], [.event, .status]], [[.event], [.status, .event]]),
            // What was given and taken away again is told again.
            ([[.event], [], [.event]], [[.event], [.event]]),
        ] as [([[Right]], [[Right]])]
    )
    func news(_ connections: [[Right]], _ news: [[Right]]) {
        var (fitness, out) = fitness()
        var told: [String] = []
        for denied in connections {
            fitness.tryRights(questions: "q", at: 0, &out)
            for right in denied + denied { fitness.deny(right, &out) }
            for right in Right.allCases where !denied.contains(right) {
                #expect(lines(&out) == [])
                fitness.confirm(right, &out)
            }
            told += lines(&out)
            fitness.end()
        }
        #expect(told == news.map { Right.complaint(of: $0, topics) })
    }

    @Test("A right is missing when its time is over, as long as nothing came of it")
    func overdue() {
        var (fitness, out) = fitness()
        fitness.tryRights(questions: "q", at: 0, &out)
        for right in Right.allCases where right != .device { fitness.confirm(right, &out) }
        #expect(fitness.check(at: 5_000, &out) == .goesOn)
        #expect(lines(&out) == [])
        #expect(fitness.check(at: 5_001, &out) == .goesOn)
        #expect(lines(&out) == [Right.complaint(of: [.device], topics)])
        fitness.end()
        #expect(fitness.check(at: 5_001, &out) == .goesOn)
        #expect(lines(&out) == [])
    }

    @Test("Without the own question coming back the broker lets this process hear no other bridge")
    func deaf() {
        var (fitness, out) = fitness()
        fitness.tryRights(questions: "q", at: 0, &out)
        #expect(fitness.check(at: 4_000, &out) == .goesOn)
        #expect(fitness.check(at: 4_001, &out) == .isDeaf)
    }
}
