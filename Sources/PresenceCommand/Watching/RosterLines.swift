import PresenceClient
import Synchronization

/// The roster as lines, for pipes: at first the present statuses, then each that has changed.
///
/// One act of a person is often several changes: a word and a description, or a logout that takes the
/// description along. So a change waits for a moment for what follows on it, and one line tells both.
/// What is to be said of the connection goes to the other stream, at once.
final class RosterLines: Watch.Display {
    /// How long a change waits; twice the bridge's usual `event_interval`, and some way.
    private static let moment: Duration = .milliseconds(300)

    private struct State {
        var seqs: [Name: Int64] = [:]
        var freshness = Freshness()
        /// The newest of each user, in the order in which the users came.
        var waiting: [Name: UserStatus] = [:]
        var order: [Name] = []
    }

    private let state = Mutex(State())
    private let isJSON: Bool
    private let bell: AsyncStream<Void>
    private let ringing: AsyncStream<Void>.Continuation

    init(json: Bool) {
        isJSON = json
        (bell, ringing) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func show(_ update: Update) {
        let news: String? = state.withLock { state in
            if case .status(let status) = update { Self.keep(status, in: &state) }
            let before = state.freshness.warning
            state.freshness.hear(update)
            let now = state.freshness.warning
            return now == before ? nil : now ?? "all is well again: statuses are up to date"
        }
        ringing.yield()
        if let news { Output.error.say(news) }
    }

    /// Writes what changes, until the task is cancelled.
    func run() async throws {
        for await _ in bell {
            try await Task.sleep(for: Self.moment)
            try flush()
        }
    }

    /// Writes what waits.
    func flush() throws {
        let statuses = state.withLock { state in
            defer { (state.waiting, state.order) = ([:], []) }
            return state.order.compactMap { state.waiting[$0] }
        }
        for status in statuses {
            let line =
                isJSON
                ? JSONText.line(status.payload) : StatusTable.line(status, now: HumanTime.now)
            try Output.standard.write(line + "\n")
        }
    }

    private static func keep(_ status: UserStatus, in state: inout State) {
        let name = status.username
        if let seq = state.seqs[name], seq >= status.seq { return }
        state.seqs[name] = status.seq
        if state.waiting.updateValue(status, forKey: name) == nil { state.order.append(name) }
    }
}
