import GRDB
import Synchronization

/// Cuts off what may go of the change log: on another thread, some rows at a time, between the commits that
/// go on meanwhile.
final class LogCutting: Sendable {
    /// How many rows go at a time: for so long a commit may have to wait.
    private static let slice: Int64 = 200

    /// The time between two times that it is said how many rows went which were not old.
    private static let silence = Duration.seconds(3_600)

    private struct State {
        var isUnderWay = false
        var young: Int64 = 0
        var told: ContinuousClock.Instant?
    }

    private let queue: DatabaseQueue
    private let state = Mutex(State())

    init(in queue: DatabaseQueue) { self.queue = queue }

    /// Begins, unless it is at it already.
    func begin(_ cut: LogCut) {
        let begins = state.withLock { state in
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
        if begins { goOn(cut) }
    }

    /// How many rows went that were not old, now and then; `nil` where there is nothing to say.
    func takeYoung() -> Int64? {
        state.withLock { state in
            let now = ContinuousClock.now
            let isSaid = state.told.map { now - $0 < Self.silence } ?? false
            guard state.young > 0, !isSaid else { return nil }
            defer { (state.young, state.told) = (0, now) }
            return state.young
        }
    }

    private func goOn(_ cut: LogCut) {
        queue.asyncWriteWithoutTransaction { [self] database in
            var (all, young): (Int64, Int64) = (0, 0)
            // What fails now is tried again the next time.
            try? database.inTransaction(.immediate) {
                (all, young) = try LogWriter(to: database).cut(cut, slice: Self.slice)
                return .commit
            }
            let isMore = all == Self.slice
            state.withLock { [young] state in
                state.young += young
                state.isUnderWay = isMore
            }
            if isMore { goOn(cut) }
        }
    }
}
