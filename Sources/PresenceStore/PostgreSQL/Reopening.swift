import Dispatch
import Foundation
import Synchronization

/// Opens a session on another thread, again and again until there is one.
final class Reopening: Sendable {
    /// The time between two tries.
    private static let pause = DispatchTimeInterval.milliseconds(500)

    private struct State {
        var opened: StoreSession?
        var reason: String
        /// Why there will be none again.
        var loss: StoreError?
        var isOver = false
        /// Who waits for the end of the next try.
        var waiting: [DispatchSemaphore] = []
    }

    private let state: Mutex<State>
    /// Ends the pause.
    private let hurry = DispatchSemaphore(value: 0)

    /// Begins.
    ///
    /// - Parameter reason: why there is no session now.
    init(because reason: String, _ open: @escaping @Sendable () throws -> StoreSession) {
        state = Mutex(State(reason: reason))
        let thread = Thread { [self] in
            while !state.withLock({ $0.isOver }), !tries(open) {
                _ = hurry.wait(timeout: .now() + Self.pause)
            }
        }
        thread.name = "presence-store"
        thread.start()
    }

    /// An error as the end of a sentence.
    static func reason(_ error: any Error) -> String {
        let words = "\(error)"
        return words.hasSuffix(".") ? String(words.dropLast()) : words
    }

    /// Tries once; returns whether nothing is left to try.
    private func tries(_ open: () throws -> StoreSession) -> Bool {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        defer { for semaphore in waiting { semaphore.signal() } }
        do {
            let session = try open()
            // Whoever has come meanwhile finds it, too.
            let late = state.withLock { state in
                state.opened = state.isOver ? nil : session
                return state.waiting
            }
            for semaphore in late { semaphore.signal() }
            return true
        } catch {
            state.withLock { state in
                state.reason = Self.reason(error)
                switch error {
                case StoreError.inUse, StoreError.displaced: state.loss = error as? StoreError
                default: break
                }
            }
            return false
        }
    }

    /// Why there is no session.
    var reason: String { state.withLock { $0.reason } }

    /// Why there will be none again: another bridge has, or had, the store.
    var loss: StoreError? { state.withLock { $0.loss } }

    /// The session, once there is one.
    ///
    /// - Parameter milliseconds: how long a try that is made for the sake of this call is waited for.
    func take(within milliseconds: Int64) -> StoreSession? {
        if milliseconds > 0 {
            let ended = DispatchSemaphore(value: 0)
            let isThere = state.withLock { state in
                if state.opened == nil { state.waiting.append(ended) }
                return state.opened != nil
            }
            if !isThere {
                hurry.signal()
                _ = ended.wait(timeout: .now() + .milliseconds(Int(clamping: milliseconds)))
            }
        }
        return state.withLock { state in
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
        hurry.signal()
    }
}
