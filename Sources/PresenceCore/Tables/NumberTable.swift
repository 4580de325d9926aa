/// What is known of some users out of many, by their numbers.
///
/// A dictionary that hashes by one multiplication: the numbers are the core's own, and nobody can
/// choose them. It cannot be walked.
struct NumberTable<Value: Sendable>: Sendable {
    /// No user has this number.
    private static var nobody: UInt32 { .max }
    private static var least: Int { 8 }

    private var numbers: ContiguousArray<UInt32>
    private var values: ContiguousArray<Value?>
    /// How many there are.
    private(set) var count = 0

    /// A table with nothing in it.
    init() {
        numbers = ContiguousArray(repeating: Self.nobody, count: Self.least)
        values = ContiguousArray(repeating: nil, count: Self.least)
    }

    /// Whether there is nothing.
    var isEmpty: Bool { count == 0 }

    /// What is known of a number; `nil` takes it away.
    subscript(number: UInt32) -> Value? {
        get {
            let place = self.place(of: number)
            return numbers[place] == number ? values[place] : nil
        }
        _modify {
            let place = self.place(of: number)
            if numbers[place] == number {
                yield &values[place]
                if values[place] == nil { remove(at: place) }
            } else {
                var value: Value?
                yield &value
                if let value { insert(value, of: number, at: place) }
            }
        }
    }

    /// Changes what is known of a number in place; returns whether anything is.
    @discardableResult
    mutating func change(_ number: UInt32, _ body: (inout Value) -> Void) -> Bool {
        let place = self.place(of: number)
        guard numbers[place] == number, var value = values[place].take() else { return false }
        body(&value)
        values[place] = value
        return true
    }

    /// Whether anything is known of a number.
    func contains(_ number: UInt32) -> Bool { numbers[place(of: number)] == number }

    /// Takes everything away, and keeps the room.
    mutating func removeAll() {
        guard count > 0 else { return }
        for place in numbers.indices where numbers[place] != Self.nobody {
            numbers[place] = Self.nobody
            values[place] = nil
        }
        count = 0
    }

    /// Where a number stands, or would.
    private func place(of number: UInt32) -> Int {
        var place = first(for: number)
        while numbers[place] != number, numbers[place] != Self.nobody {
            place = (place + 1) & (numbers.count - 1)
        }
        return place
    }

    private func first(for number: UInt32) -> Int {
        // The upper bits of the product depend on all bits of the number.
        Int(truncatingIfNeeded: (UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 32)
            & (numbers.count - 1)
    }

    private mutating func insert(_ value: Value, of number: UInt32, at place: Int) {
        var place = place
        if (count + 1) * 2 > numbers.count {
            grow()
            place = self.place(of: number)
        }
        numbers[place] = number
        values[place] = value
        count += 1
    }

    private mutating func remove(at removed: Int) {
        count -= 1
        var free = removed
        var place = removed
        while true {
            place = (place + 1) & (numbers.count - 1)
            guard numbers[place] != Self.nobody else { break }
            let wanted = first(for: numbers[place])
            let isBetween =
                free <= place ? free < wanted && wanted <= place : free < wanted || wanted <= place
            guard !isBetween else { continue }
            numbers[free] = numbers[place]
            values.swapAt(free, place)
            free = place
        }
        numbers[free] = Self.nobody
        values[free] = nil
    }

    private mutating func grow() {
        let (oldNumbers, oldValues) = (numbers, values)
        numbers = ContiguousArray(repeating: Self.nobody, count: oldNumbers.count * 2)
        values = ContiguousArray(repeating: nil, count: oldNumbers.count * 2)
        for (number, value) in zip(oldNumbers, oldValues) where number != Self.nobody {
            let place = self.place(of: number)
            numbers[place] = number
            values[place] = value
        }
    }
}
