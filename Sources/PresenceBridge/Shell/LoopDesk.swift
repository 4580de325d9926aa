import Dispatch
import Presence
import PresenceHTTP
import PresenceStore
import Synchronization

/// Where the HTTP side asks: the loop, by its mailbox.
struct LoopDesk: Desk {
    /// Reads the change log's file, for one call after the other.
    private static let reading = DispatchQueue(label: "presence-bridge.changes")

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

    func changesRefusal() -> ChangesRefusal? {
        guard let feed = mailbox.feed else { return .unavailable(Self.unserved) }
        if !feed.isKept { return .notKept }
        return feed.isServing ? nil : .unavailable(Self.unserved)
    }

    private static let unserved =
        "the bridge has no broker, or has not read all of it yet; try later"

    func changes(
        after id: Int64?,
        limit: Int,
        waiting patience: Duration
    ) async throws(ChangesRefusal) -> ChangePage {
        guard let feed = mailbox.feed else { throw .unavailable(Self.unserved) }
        guard feed.isKept else { throw .notKept }
        let deadline = ContinuousClock.now + patience
        var page = try await Self.page(of: feed, after: id ?? feed.last, limit)
        // What was erased may have been all there was.
        while page.changes.isEmpty, !Task.isCancelled {
            let left = deadline - .now
            guard left > .zero else { break }
            await feed.wait(after: page.last, for: left)
            guard feed.isKept else { throw .notKept }
            page = try await Self.page(of: feed, after: page.last, limit)
        }
        return page
    }

    private static func page(
        of feed: ChangeFeed,
        after id: Int64,
        _ limit: Int
    ) async throws(ChangesRefusal) -> ChangePage {
        let found: ChangeFeed.Found
        do throws(StoreError) {
            if let recent = feed.recent(after: id, limit: limit) {
                found = recent
            } else {
                found = try await read(feed, after: id, limit).get()
            }
        } catch {
            throw .unavailable("the change log cannot be read: \(error)")
        }
        switch found {
        case .gone: throw .gone
        case .changes(let changes, let last): return ChangePage(changes, last: last)
        }
    }

    /// Reads what is in the file alone, where it may wait for the disk.
    private static func read(
        _ feed: ChangeFeed,
        after id: Int64,
        _ limit: Int
    ) async -> Result<ChangeFeed.Found, StoreError> {
        await withCheckedContinuation { continuation in
            reading.async {
                continuation.resume(
                    returning: Result { () throws(StoreError) in
                        try feed.changes(after: id, limit: limit)
                    }
                )
            }
        }
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
