import Dispatch
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

    /// Takes a step in a transaction of its own, on another thread, and says what it has done; `nil` where nothing has
    /// gone.
    typealias Stepping =
        @Sendable (
            _ step: @escaping @Sendable (any StoredTables) throws -> CutStep,
            _ then: @escaping @Sendable (CutStep?) -> Void
        ) -> Void

    private let take: Stepping
    private let state = Mutex(State())

    init(by take: @escaping Stepping) { self.take = take }

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
        let (cut, thinned) = state.withLock { state in
            var cut = state.cut
            // What was begun is looked through to its end: what was not wanted then is not wanted now.
            if let thinning = state.thinning, !thinning.isOver || thinning.wanted == cut.wanted {
                cut.wanted = thinning.wanted
                return (cut, thinning.through)
            }
            return (cut, 0)
        }
        take(
            { try $0.cut(cut, thinned: thinned, slice: Self.slice) },
            { [self] step in
                // Where nothing has gone, the next second tries it again.
                guard note(step, of: cut) else { return }
                DispatchQueue.global().asyncAfter(deadline: .now() + Self.pause) { self.goOn() }
            }
        )
    }

    /// Notes what a slice has done; returns whether there is more.
    private func note(_ step: CutStep?, of cut: LogCut) -> Bool {
        state.withLock { state in
            state.gone += step?.gone ?? 0
            state.young += step?.young ?? 0
            if let step { state.thinning = (cut.wanted, step.thinned, step.isThin) }
            state.isUnderWay = step?.isMore ?? false
            return state.isUnderWay
        }
    }
}
