import Presence
import PresenceHTTP
import Synchronization

/// Where the HTTP side asks: the loop, by its mailbox.
struct LoopDesk: Desk {
    let mailbox: Mailbox
    /// How long the loop may take to turn; a question waits three times as long.
    var patience = Duration.seconds(5)

    func ask(_ question: Question) async -> Question.Answer {
        await answer(within: patience * 3) { mailbox.post(.question(question, $0)) }
            ?? .failure(Refusal(.unavailable, "the bridge does not answer; try later"))
    }

    func readiness() async -> Readiness? {
        let standing: Standing? = await answer(within: patience) {
            mailbox.post(.standing($0))
        }
        return switch standing {
        case nil: nil
        case .serving(_, nil)?: .ready
        case let standing?: .unready("\(standing)")
        }
    }

    func measures() async -> [Measure]? {
        await answer(within: patience) { mailbox.post(.measures($0)) }
    }

    /// Waits for an answer, so long and no longer.
    private func answer<Value: Sendable>(
        within patience: Duration,
        _ ask: (@escaping @Sendable (Value) -> Void) -> Void
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let first = First(continuation)
            let timer = Task {
                try? await Task.sleep(for: patience)
                first.take(nil)
            }
            ask { value in
                first.take(value)
                timer.cancel()
            }
        }
    }
}

/// Goes on with what comes first.
private final class First<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value?, Never>?>

    init(_ continuation: CheckedContinuation<Value?, Never>) {
        self.continuation = Mutex(continuation)
    }

    func take(_ value: Value?) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: value)
    }
}
