import Presence
import Synchronization

@testable import PresenceHTTP

/// A desk that notes what it is asked, and says what it was told to say.
final class FixedDesk: Desk {
    private struct State {
        var asked: [Question] = []
        var answer: Question.Answer = .success(Array("{}".utf8))
        var readiness: Readiness? = .ready
        var changes: [LoggedChange]? = []
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

    func set(_ changes: [LoggedChange]?) { state.withLock { $0.changes = changes } }

    func changesRefusal() -> ChangesRefusal? {
        state.withLock { $0.changes == nil ? .notKept : nil }
    }

    func changes(
        after id: Int64?,
        limit: Int,
        waiting patience: Duration
    ) async throws(ChangesRefusal) -> ChangePage {
        let all = state.withLock { $0.changes } ?? []
        let last = all.last?.id ?? 0
        guard let id else { return ChangePage([], last: last) }
        guard id <= last else { throw .gone }
        let found = Array(all.filter { $0.id > id }.prefix(limit))
        if found.isEmpty, patience > .zero { try? await Task.sleep(for: patience) }
        return ChangePage(found, last: found.last?.id ?? id)
    }

    func measures() async -> [Measure]? {
        guard await readiness() != nil else { return nil }
        return [Measure("presence_events_total", "Messages of events sent.", .counter(3))]
    }
}
