/// Where the levels of a topic lie; those beyond the fourth are only counted.
struct TopicLevels {
    private var places = InlineArray<4, Range<Int>>(repeating: 0..<0)
    /// How many there are: at least one.
    private(set) var count = 0

    /// The levels of a topic from a byte on.
    init(of topic: Span<UInt8>, from start: Int) {
        var begin = start
        for index in start..<max(start, topic.count) where topic[index] == slash {
            add(begin..<index)
            begin = index + 1
        }
        add(begin..<max(begin, topic.count))
    }

    private mutating func add(_ place: Range<Int>) {
        if count < 4 { places[count] = place }
        count += 1
    }

    /// Where a level lies; an empty place if there is none, or none is known.
    subscript(level: Int) -> Range<Int> { level < min(count, 4) ? places[level] : 0..<0 }
}

extension Span<UInt8> {
    /// Whether a part of the bytes is a word.
    func has(_ word: StaticString, at place: Range<Int>) -> Bool {
        word.withUTF8Buffer { unsafe has($0.span, at: place) }
    }

    func has(_ other: Span<UInt8>, at place: Range<Int>) -> Bool {
        guard place.count == other.count, place.upperBound <= count else { return false }
        for index in 0..<other.count where self[place.lowerBound + index] != other[index] {
            return false
        }
        return true
    }

    func begins(with head: Span<UInt8>) -> Bool { has(head, at: 0..<head.count) }

    func equals(_ other: Span<UInt8>) -> Bool { has(other, at: 0..<count) }
}

let slash = UInt8(ascii: "/")
