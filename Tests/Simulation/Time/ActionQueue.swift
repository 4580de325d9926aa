/// Actions in the order of their times, and of equals in that of their coming: a binary heap of our
/// own, since a generic one takes a tenth of a run that is not optimised.
struct ActionQueue {
    /// A time and a serial number in one, so that one comparison orders them.
    private var keys: [UInt64] = []
    private var actions: [() -> Void] = []
    private var serial: UInt64 = 0

    private static let serialBits: UInt64 = 28

    mutating func insert(_ action: @escaping () -> Void, at time: Int64) {
        serial += 1
        precondition(serial < 1 << Self.serialBits, "a run plans fewer actions than \(serial)")
        let key = UInt64(time) << Self.serialBits | serial
        keys.append(key)
        actions.append(action)
        var index = keys.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard keys[parent] > key else { break }
            swap(index, parent)
            index = parent
        }
    }

    /// Takes the first action, if its time is before another.
    mutating func popFirst(before end: Int64) -> (time: Int64, action: () -> Void)? {
        guard let first = keys.first else { return nil }
        let time = Int64(first >> Self.serialBits)
        guard time < end else { return nil }
        let action = actions[0]
        swap(0, keys.count - 1)
        keys.removeLast()
        actions.removeLast()
        sink()
        return (time, action)
    }

    private mutating func sink() {
        let count = keys.count
        var index = 0
        while true {
            let left = 2 * index + 1
            guard left < count else { return }
            let right = left + 1
            let child = right < count && keys[right] < keys[left] ? right : left
            guard keys[child] < keys[index] else { return }
            swap(index, child)
            index = child
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        keys.swapAt(one, other)
        actions.swapAt(one, other)
    }
}
