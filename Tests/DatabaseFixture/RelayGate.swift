import Dispatch
import Foundation
import Synchronization

/// What a relay was told to do.
final class RelayGate: Sendable {
    /// What becomes of what both sides say, and of whoever comes.
    enum Passage {
        /// It is passed.
        case open
        /// It is held up, and neither side is told; so is whoever comes.
        case silent
        /// Whoever comes is not let in.
        case shut
    }

    private struct State {
        var plan: (loss: DatabaseRelay.Loss, after: Int, isShut: Bool)?
        var passage = Passage.open
        var losses = 0
        /// The sockets of the connections that stand.
        var sockets: Set<Int32> = []
        /// Connections that wait for the end of a silence.
        var waiting: [DispatchSemaphore] = []
    }

    private let state = Mutex(State())

    var isShut: Bool { state.withLock { $0.passage == .shut } }
    var losses: Int { state.withLock { $0.losses } }

    func plan(_ loss: DatabaseRelay.Loss, after: Int, thenShut isShut: Bool) {
        state.withLock { $0.plan = (loss, after, isShut) }
    }

    /// Says what passes from now on.
    ///
    /// - Parameter isEnd: whether the connections that stand are over.
    func set(_ passage: Passage, endingConnections isEnd: Bool) {
        let waiting = state.withLock { state in
            state.passage = passage
            // Whoever waits for one of them finds out.
            if isEnd { for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) } }
            defer { state.waiting = [] }
            return state.waiting
        }
        for semaphore in waiting { semaphore.signal() }
    }

    /// Waits until it is not silent.
    func awaitVoice() {
        while true {
            let semaphore = state.withLock { state -> DispatchSemaphore? in
                guard state.passage == .silent else { return nil }
                let semaphore = DispatchSemaphore(value: 0)
                state.waiting.append(semaphore)
                return semaphore
            }
            guard let semaphore else { return }
            semaphore.wait()
        }
    }

    /// A connection has a socket, which is the gate's to end until ``leave(_:)``.
    func enter(_ socket: Int32) { state.withLock { _ = $0.sockets.insert(socket) } }

    /// A socket is about to be closed.
    func leave(_ socket: Int32) { state.withLock { _ = $0.sockets.remove(socket) } }

    /// What is to be lost of a `COMMIT` that comes by now; `nil` for nothing.
    func lossOfCommit() -> DatabaseRelay.Loss? {
        state.withLock { state in
            guard let plan = state.plan else { return nil }
            guard plan.after == 0 else {
                state.plan?.after -= 1
                return nil
            }
            state.plan = nil
            if plan.isShut { state.passage = .shut }
            state.losses += 1
            return plan.loss
        }
    }
}
