/// Reads the fields of a Protobuf message in place (protobuf.dev, "Encoding").
///
/// Two kinds speak Protobuf, and of each two fields matter. swift-protobuf would bring its runtime and generated
/// sources into every bridge for that, and would decode thousands of metrics of a Sparkplug birth to find
/// one number.
struct ProtobufFields {
    /// What a field holds.
    enum Value: Equatable {
        case number(UInt64)
        case bytes(Range<Int>)
        /// Eight or four bytes that nobody here has a use for.
        case other
    }

    private let bytes: [UInt8]
    private var place: Int
    private let end: Int
    /// Whether what follows cannot be read.
    private(set) var isBroken = false

    /// The fields of a message that stands in some bytes, or in all.
    init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
        self.bytes = bytes
        place = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    /// The next field; `nil` at the end, and where it cannot be read.
    mutating func next() -> (number: UInt64, value: Value)? {
        guard place < end, !isBroken else { return nil }
        guard let key = varint() else { return fail() }
        let number = key >> 3
        switch key & 7 {
        case 0:
            guard let value = varint() else { return fail() }
            return (number, .number(value))
        case 1: return skip(8) ? (number, .other) : fail()
        case 5: return skip(4) ? (number, .other) : fail()
        case 2:
            guard let count = varint(), count <= UInt64(end - place) else { return fail() }
            let start = place
            place += Int(count)
            return (number, .bytes(start..<place))
        default: return fail()
        }
    }

    private mutating func fail() -> (number: UInt64, value: Value)? {
        isBroken = true
        return nil
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard end - place >= count else { return false }
        place += count
        return true
    }

    private mutating func varint() -> UInt64? {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while place < end, shift < 70 {
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
