import Dispatch
import Foundation
import Synchronization

/// Opens a session on another thread, again and again until there is one.
final class Reopening: Sendable {
    /// The time between two tries, in microseconds.
    private static let pause: UInt32 = 500_000

    private struct State {
        var opened: StoreSession?
        var reason: String
        var isOver = false
    }

    private let state: Mutex<State>

    /// Begins.
    ///
    /// - Parameter reason: why there is no session now.
    init(because reason: String, _ open: @escaping @Sendable () throws(StoreError) -> StoreSession)
    {
        state = Mutex(State(reason: reason))
        let thread = Thread { [self] in
            while !state.withLock({ $0.isOver }) {
                do throws(StoreError) {
                    let session = try open()
                    state.withLock { $0.opened = $0.isOver ? nil : session }
                    return
                } catch {
                    state.withLock { $0.reason = "\(error)" }
                }
                usleep(Self.pause)
            }
        }
        thread.name = "presence-store"
        thread.start()
    }

    /// Why there is no session.
    var reason: String { state.withLock { $0.reason } }

    /// The session, once there is one.
    func take() -> StoreSession? {
        state.withLock { state in
            defer { state.opened = nil }
            return state.opened
        }
    }

    /// Gives up.
    func end() {
        state.withLock { state in
            state.isOver = true
            state.opened = nil
        }
    }
}
