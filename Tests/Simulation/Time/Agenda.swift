import PresenceCore

/// Virtual time, and what is to happen in it.
///
/// Nothing waits: time jumps to the next action. Actions of the same millisecond happen in the order
/// in which they were planned.
package final class Agenda {
    /// The moment that it is.
    package private(set) var now = Instant(uptime: 1_000_000, unix: 1_700_000_000_000)
    private var queue = ActionQueue()

    /// An agenda with nothing on it.
    package init() {}

    /// Plans an action, some milliseconds from now.
    package func after(_ delay: Int64, _ action: @escaping () -> Void) {
        queue.insert(action, at: now.uptime + max(0, delay))
    }

    /// Lets time pass, and with it everything happen that is planned until then.
    package func pass(_ milliseconds: Int64) {
        let end = now.uptime + milliseconds
        while let (time, action) = queue.popFirst(before: end + 1) {
            advance(to: time)
            action()
        }
        advance(to: end)
    }

    /// Lets time pass until something is so, or for so many milliseconds at most; returns whether it is.
    package func pass(atMost milliseconds: Int64, until isSo: () -> Bool) -> Bool {
        let end = now.uptime + milliseconds
        while !isSo() {
            guard let (time, action) = queue.popFirst(before: end + 1) else {
                advance(to: end)
                return isSo()
            }
            advance(to: time)
            action()
        }
        return true
    }

    /// Sets the wall clock forward or back, and no other.
    package func stepClock(by milliseconds: Int64) {
        now = Instant(uptime: now.uptime, unix: now.unix + milliseconds)
    }

    private func advance(to uptime: Int64) {
        let passed = max(0, uptime - now.uptime)
        now = Instant(uptime: now.uptime + passed, unix: now.unix + passed)
    }
}
