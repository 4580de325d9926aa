import PresenceClient
import Synchronization

/// The roster as lines, for pipes: at first the present statuses, then each that has changed, a
/// moment later.
///
/// What is to be said of the connection goes to the other stream, at once.
final class RosterLines: Watch.Display {
    private struct State {
        var changes = PendingChanges()
        var freshness = Freshness()
    }

    private let state = Mutex(State())
    private let isJSON: Bool
    private let bell = Bell()

    init(json: Bool) { isJSON = json }

    func show(_ update: Update) {
        let news: String? = state.withLock { state in
            if case .status(let status) = update { state.changes.take(status, at: .now) }
            let well = "all is well again: statuses are up to date"
            return state.freshness.news(after: update, well: well)
        }
        bell.ring()
        if let news { Output.error.say(news) }
    }

    func run() async throws {
        for await _ in bell.rings {
            while let next = state.withLock({ $0.changes.next }) {
                try await Task.sleep(until: next)
                try write(state.withLock { $0.changes.due(at: .now) })
            }
        }
    }

    func flush() throws {
        try write(state.withLock { $0.changes.due(at: nil) })
    }

    private func write(_ statuses: [UserStatus]) throws {
        for status in statuses {
            let line =
                isJSON
                ? JSONText.line(status.payload) : StatusTable.line(status, now: HumanTime.now)
            try Output.standard.write(line + "\n")
        }
    }
}
