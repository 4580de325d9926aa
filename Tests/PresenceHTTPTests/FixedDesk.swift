import Presence
import Synchronization

@testable import PresenceHTTP

/// A desk that notes what it is asked, and says what it was told to say.
final class FixedDesk: Desk {
    private struct State {
        var asked: [Question] = []
        var answer: Question.Answer = .success(Array("{}".utf8))
        var readiness: Readiness? = .ready
    }

    private let state = Mutex(State())

    var asked: [Question] { state.withLock { $0.asked } }

    func set(_ answer: Question.Answer) { state.withLock { $0.answer = answer } }
    func set(_ readiness: Readiness?) { state.withLock { $0.readiness = readiness } }

    func ask(_ question: Question) async -> Question.Answer {
        state.withLock { state in
            state.asked.append(question)
            return state.answer
        }
    }

    func readiness() async -> Readiness? { state.withLock { $0.readiness } }

    func measures() async -> [Measure]? {
        guard await readiness() != nil else { return nil }
        return [Measure("presence_events_total", "Messages of events sent.", .counter(3))]
    }
}
