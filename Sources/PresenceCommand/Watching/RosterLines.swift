import PresenceClient
import Synchronization

/// The roster as lines, for pipes: at first the present statuses, then each that has changed.
///
/// What is to be said of the connection goes to the other stream.
final class RosterLines: Watch.Display {
    private struct State {
        var seqs: [Name: Int64] = [:]
        var freshness = Freshness()
    }

    private let state = Mutex(State())
    private let isJSON: Bool

    init(json: Bool) {
        isJSON = json
    }

    func show(_ update: Update) throws {
        if case .status(let status) = update { try write(status) }
        let news: String? = state.withLock { state in
            let before = state.freshness.warning
            state.freshness.hear(update)
            let now = state.freshness.warning
            return now == before ? nil : now ?? "all is well again: statuses are up to date"
        }
        if let news { Output.error.say(news) }
    }

    private func write(_ status: UserStatus) throws {
        let isNews = state.withLock { state in
            if let seq = state.seqs[status.username], seq >= status.seq { return false }
            state.seqs[status.username] = status.seq
            return true
        }
        guard isNews else { return }
        let line =
            isJSON
            ? JSONText.line(status.payload) : StatusTable.line(status, now: HumanTime.now)
        try Output.standard.write(line + "\n")
    }
}
