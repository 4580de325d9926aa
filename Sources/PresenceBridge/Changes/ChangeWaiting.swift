import Dispatch
import Synchronization

/// Those who wait for the change log to grow: they are woken together, and not for each turn of the loop.
final class ChangeWaiting: Sendable {
    /// The time between two wakings: for so long a change may be on its way.
    private static let pause = DispatchTimeInterval.milliseconds(20)
    /// By how much somebody may wait longer than wanted.
    private static let slack = DispatchTimeInterval.milliseconds(200)

    private struct Waiter {
        let after: Int64
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var waiters: [UInt64: Waiter] = [:]
        var next: UInt64 = 0
        var last: Int64 = 0
        /// Whether those are woken soon who wait for what is there.
        var isDue = false
        /// Whether those are looked for who have waited long enough.
        var isSweeping = false

        /// Takes out whoever waits no longer.
        mutating func take(where isOver: (Waiter) -> Bool) -> [Waiter] {
            let over = waiters.filter { isOver($0.value) }
            for number in over.keys { waiters[number] = nil }
            return Array(over.values)
        }
    }

    private let state = Mutex(State())

    /// The log has grown to an id.
    func tell(_ last: Int64) {
        let begins = state.withLock { state in
            state.last = last
            guard !state.waiters.isEmpty, !state.isDue else { return false }
            state.isDue = true
            return true
        }
        guard begins else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.pause) { [self] in
            let due = state.withLock { state in
                state.isDue = false
                return state.take { [last = state.last] in $0.after < last }
            }
            for waiter in due { waiter.continuation.resume() }
        }
    }

    /// Nobody waits any longer.
    func endAll() {
        let all = state.withLock { $0.take { _ in true } }
        for waiter in all { waiter.continuation.resume() }
    }

    /// Waits until the log has grown beyond an id, so long and hardly longer.
    ///
    /// - Parameter last: the last id now.
    func wait(after id: Int64, for patience: Duration, last: @Sendable () -> Int64) async {
        let deadline = ContinuousClock.now + patience
        let number = state.withLock { state in
            state.next &+= 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, sweeps) = state.withLock { state in
                    // What was told before this moment is not told again.
                    guard last() <= id, !Task.isCancelled else { return (true, false) }
                    state.waiters[number] = Waiter(
                        after: id,
                        deadline: deadline,
                        continuation: continuation
                    )
                    defer { state.isSweeping = true }
                    return (false, !state.isSweeping)
                }
                if isOver { continuation.resume() }
                if sweeps { sweep() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume()
        }
    }

    /// Ends the waiting of those who have waited long enough, now and then while anybody waits.
    private func sweep() {
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.slack) { [self] in
            let now = ContinuousClock.now
            let (late, goesOn) = state.withLock { state in
                let late = state.take { $0.deadline <= now }
                state.isSweeping = !state.waiters.isEmpty
                return (late, state.isSweeping)
            }
            for waiter in late { waiter.continuation.resume() }
            if goesOn { sweep() }
        }
    }
}
