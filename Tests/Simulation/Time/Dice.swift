import Chance

/// A seeded source of chance: the same seed and part give the same throws, in every process.
///
/// Each part of a simulation has dice of its own, so that one that throws more often does not change
/// what happens to the others.
package struct Dice: RandomNumberGenerator, Sendable {
    private var numbers: SeededNumbers

    /// The dice of a seed's part.
    package init(seed: UInt64, part: String) {
        // FNV-1a: `hashValue` differs from process to process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        numbers = SeededNumbers(seed: seed &* 0x9e37_79b9_7f4a_7c15 ^ hash)
        _ = next()
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 { numbers.next() }

    /// Whether something happens that does so `percent` times of a hundred.
    package mutating func chance(_ percent: Int) -> Bool { next() % 100 < UInt64(percent) }

    /// A number out of a range.
    package mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// A count out of a range.
    package mutating func count(_ range: ClosedRange<Int>) -> Int {
        Int(number(Int64(range.lowerBound)...Int64(range.upperBound)))
    }

    /// One of several, which are not none.
    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }
}
