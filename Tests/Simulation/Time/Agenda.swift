import HeapModule
import PresenceCore

/// Virtual time, and what is to happen in it.
///
/// Nothing waits: time jumps to the next action. Actions of the same millisecond happen in the order
/// in which they were planned.
package final class Agenda {
    private struct Item: Comparable {
        let time: Int64
        let serial: UInt64
        let action: () -> Void

        static func == (left: Item, right: Item) -> Bool { left.serial == right.serial }

        static func < (left: Item, right: Item) -> Bool {
            (left.time, left.serial) < (right.time, right.serial)
        }
    }

    /// The moment that it is.
    package private(set) var now = Instant(uptime: 1_000_000, unix: 1_700_000_000_000)
    private var items = Heap<Item>()
    private var serial: UInt64 = 0

    /// An agenda with nothing on it.
    package init() {}

    /// Plans an action, some milliseconds from now.
    package func after(_ delay: Int64, _ action: @escaping () -> Void) {
        serial += 1
        items.insert(Item(time: now.uptime + max(0, delay), serial: serial, action: action))
    }

    /// Lets time pass, and with it everything happen that is planned until then.
    package func pass(_ milliseconds: Int64) {
        let end = now.uptime + milliseconds
        while let item = items.min, item.time <= end {
            _ = items.popMin()
            advance(to: item.time)
            item.action()
        }
        advance(to: end)
    }

    /// Lets time pass until something is so, or for so many milliseconds at most; returns whether it is.
    package func pass(atMost milliseconds: Int64, until isSo: () -> Bool) -> Bool {
        let end = now.uptime + milliseconds
        while !isSo() {
            guard let item = items.min, item.time <= end else {
                advance(to: end)
                return isSo()
            }
            _ = items.popMin()
            advance(to: item.time)
            item.action()
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
