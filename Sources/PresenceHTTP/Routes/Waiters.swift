import Synchronization

/// How many connections wait for changes: some must be left for everything else.
final class Waiters: Sendable {
    private let most: Int
    private let count = Mutex(0)

    init(most: Int) { self.most = most }

    /// The place of one that waits: it is free again when nobody holds it any more.
    final class Seat: Sendable {
        private let waiters: Waiters

        fileprivate init(_ waiters: Waiters) { self.waiters = waiters }

        deinit { waiters.count.withLock { $0 -= 1 } }
    }

    /// A place, if there is room for one more.
    func enter() -> Seat? {
        let hasRoom = count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
        return hasRoom ? Seat(self) : nil
    }
}
