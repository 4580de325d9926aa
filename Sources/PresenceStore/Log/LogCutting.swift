import Dispatch
import GRDB
import Synchronization

/// Cuts off what may go of the change log: on another thread, some rows at a time, between the commits that
/// go on meanwhile.
final class LogCutting: Sendable {
    /// How many rows go at a time: for so long a commit may have to wait.
    private static let slice: Int64 = 200
    /// The time between two such slices, which commits have for themselves.
    private static let pause = DispatchTimeInterval.milliseconds(5)
    /// The time between two times that it is said how many rows went which were not old.
    private static let silence = Duration.seconds(3_600)

    private struct State {
        /// Which rows may go, as it was said last.
        var cut = LogCut(through: 0, time: 0)
        var isUnderWay = false
        var gone: Int64 = 0
        var young: Int64 = 0
        var told: ContinuousClock.Instant?
        /// What was looked through last for what receivers want no more, and how far.
        var thinning: (wanted: LogCut.Wanted, through: Int64, isOver: Bool)?
    }

    private let queue: DatabaseQueue
    private let state = Mutex(State())

    init(in queue: DatabaseQueue) { self.queue = queue }

    /// Begins, or goes on with another cut if it is at it already.
    func begin(_ cut: LogCut) {
        let begins = state.withLock { state in
            defer { (state.cut, state.isUnderWay) = (cut, true) }
            return !state.isUnderWay
        }
        if begins { goOn() }
    }

    var isUnderWay: Bool { state.withLock { $0.isUnderWay } }

    /// How many rows went since the last time.
    func takeGone() -> Int64 {
        state.withLock { state in
            defer { state.gone = 0 }
            return state.gone
        }
    }

    /// How many rows went that were not old, now and then; `nil` where there is nothing to say.
    func takeYoung() -> Int64? {
        state.withLock { state in
            let now = ContinuousClock.now
            let isSaid = state.told.map { now - $0 < Self.silence } ?? false
            guard state.young > 0, !state.isUnderWay, !isSaid else { return nil }
            defer { (state.young, state.told) = (0, now) }
            return state.young
        }
    }

    private func goOn() {
        queue.asyncWriteWithoutTransaction { [self] database in
            let (cut, thinned) = state.withLock { state in
                var cut = state.cut
                // What was begun is looked through to its end: what was not wanted then is not wanted now.
                if let thinning = state.thinning, !thinning.isOver || thinning.wanted == cut.wanted
                {
                    cut.wanted = thinning.wanted
                    return (cut, thinning.through)
                }
                return (cut, 0)
            }
            let writer = LogWriter(to: database)
            var step: LogWriter.Step?
            do {
                try database.inTransaction(.immediate) {
                    step = try writer.cut(cut, thinned: thinned, slice: Self.slice)
                    return .commit
                }
            } catch {
                // Nothing has gone; the next second tries it again.
                step = nil
            }
            let isMore = note(step, of: cut)
            guard isMore else { return }
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.pause) { self.goOn() }
        }
    }

    /// Notes what a slice has done; returns whether there is more.
    private func note(_ step: LogWriter.Step?, of cut: LogCut) -> Bool {
        state.withLock { state in
            state.gone += step?.gone ?? 0
            state.young += step?.young ?? 0
            if let step { state.thinning = (cut.wanted, step.thinned, step.isThin) }
            state.isUnderWay = step?.isMore ?? false
            return state.isUnderWay
        }
    }
}
