import Synchronization

/// What a relay was told to do.
final class RelayGate: Sendable {
    private struct State {
        var plan: (loss: DatabaseRelay.Loss, after: Int, isShut: Bool)?
        var isShut = false
        var losses = 0
    }

    private let state = Mutex(State())

    var isShut: Bool { state.withLock { $0.isShut } }
    var losses: Int { state.withLock { $0.losses } }

    func plan(_ loss: DatabaseRelay.Loss, after: Int, thenShut isShut: Bool) {
        state.withLock { $0.plan = (loss, after, isShut) }
    }

    func open() { state.withLock { $0.isShut = false } }

    /// What is to be lost of a `COMMIT` that comes by now; `nil` for nothing.
    func lossOfCommit() -> DatabaseRelay.Loss? {
        state.withLock { state in
            guard let plan = state.plan else { return nil }
            guard plan.after == 0 else {
                state.plan?.after -= 1
                return nil
            }
            state.plan = nil
            state.isShut = plan.isShut
            state.losses += 1
            return plan.loss
        }
    }
}
