/// A set of small numbers, one bit each, walked in order.
struct BitSet: Hashable, Sendable {
    private var words: ContiguousArray<UInt64> = []
    /// How many numbers are in it.
    private(set) var count = 0

    /// Whether a number is in it.
    func contains(_ number: Int) -> Bool {
        let word = number >> 6
        return word < words.count && words[word] & (1 << UInt64(number & 63)) != 0
    }

    /// Puts a number in or takes it out.
    mutating func set(_ number: Int, to isMember: Bool) {
        guard contains(number) != isMember else { return }
        let word = number >> 6
        if words.count <= word {
            words += repeatElement(0, count: word + 1 - words.count)
        }
        words[word] ^= 1 << UInt64(number & 63)
        count += isMember ? 1 : -1
    }

    /// Puts a number in; returns whether it was not there.
    mutating func insert(_ number: Int) -> Bool {
        let before = count
        set(number, to: true)
        return count > before
    }

    /// The least number in it that is not below another.
    func first(from number: Int) -> Int? {
        var word = number >> 6
        guard word < words.count else { return nil }
        var bits = words[word] & (UInt64.max << UInt64(number & 63))
        while bits == 0 {
            word += 1
            guard word < words.count else { return nil }
            bits = words[word]
        }
        return word << 6 + bits.trailingZeroBitCount
    }
}
