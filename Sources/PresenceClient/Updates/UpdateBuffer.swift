import Synchronization

/// What one reader has before it.
final class UpdateBuffer: Sendable {
    /// Rings once for any number of updates since the last time.
    let doorbell: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let backlog: Mutex<Backlog>

    init(capacity: Int) {
        (doorbell, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        backlog = Mutex(Backlog(capacity: capacity))
    }

    deinit { bell.finish() }

    func add(_ update: Update) {
        backlog.withLock { $0.add(update) }
        bell.yield()
    }

    func take() -> Update? { backlog.withLock { $0.next() } }

    func finish() { bell.finish() }
}
