import Synchronization

/// What one reader has before it.
final class UpdateBuffer: Sendable {
    let bell = Bell()
    private let backlog: Mutex<Backlog>

    init(capacity: Int) { backlog = Mutex(Backlog(capacity: capacity)) }

    deinit { bell.finish() }

    func add(_ update: Update) {
        backlog.withLock { $0.add(update) }
        bell.ring()
    }

    func take() -> Update? { backlog.withLock { $0.next() } }

    func finish() { bell.finish() }
}
