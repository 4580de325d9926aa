import Chance

/// Where a fuzzer's choices come from: a seed, or a tape of bytes that a coverage-guided fuzzer
/// writes.
///
/// The same seed or tape gives the same choices everywhere.
public struct Dice: Sendable {
    private enum Source {
        case seed(SeededNumbers)
        case tape(ArraySlice<UInt8>)
    }

    private var source: Source

    /// Choices that follow from a number.
    public init(seed: UInt64) { source = .seed(SeededNumbers(seed: seed)) }

    /// Choices that are read from bytes; behind their end each is the first of its alternatives.
    public init(tape: [UInt8]) { source = .tape(tape[...]) }

    /// Whether the tape has ended.
    public var isSpent: Bool {
        if case .tape(let rest) = source { rest.isEmpty } else { false }
    }

    /// A number from 0 to one less than the bound.
    public mutating func roll(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        switch source {
        case .seed(var numbers):
            let number = numbers.next()
            source = .seed(numbers)
            return Int(number % UInt64(bound))
        case .tape(var rest):
            var number = 0
            var span = 1
            while span < bound {
                number = number << 8 | Int(rest.popFirst() ?? 0)
                span <<= 8
            }
            source = .tape(rest)
            return number % bound
        }
    }

    /// A number in a range.
    public mutating func roll(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + roll(range.count)
    }

    /// True once in so many times.
    public mutating func once(in times: Int) -> Bool { roll(times) == times - 1 }

    /// One of the elements.
    public mutating func pick<Element>(_ first: Element, _ rest: Element...) -> Element {
        let place = roll(rest.count + 1)
        return place == 0 ? first : rest[place - 1]
    }

    /// One of the elements; `nil` where there is none.
    public mutating func pick<Element>(from elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[roll(elements.count)]
    }
}
