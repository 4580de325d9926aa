/// A value for a parameter of a statement, in PostgreSQL's binary format.
public enum Argument: Hashable, Sendable {
    /// A `bigint`.
    case integer(Int64?)
    /// A `text`, without U+0000.
    case text(String?)
    /// A `bytea`.
    case bytes([UInt8])
    /// A `bigint[]`.
    case integers([Int64?])
    /// A `text[]`, of texts without U+0000.
    case texts([String?])
    /// A `text[]`, of texts given as their UTF-8.
    case utf8([[UInt8]?])
    /// A `bytea[]`.
    case byteStrings([[UInt8]?])

    /// The number of its type (`pg_type.oid`).
    var type: UInt32 {
        switch self {
        case .integer: 20
        case .text: 25
        case .bytes: 17
        case .integers: 1_016
        case .texts, .utf8: 1_009
        case .byteStrings: 1_001
        }
    }

    /// Appends its bytes; returns whether it has any, or is null.
    func append(to bytes: inout [UInt8]) -> Bool {
        switch self {
        case .integer(let value):
            guard let value else { return false }
            Self.append(value, to: &bytes)
        case .text(let value):
            guard let value else { return false }
            bytes += value.utf8
        case .bytes(let value): bytes += value
        case .integers(let values):
            Self.appendArray(values, of: 20, to: &bytes) { Self.append($0, to: &$1) }
        case .texts(let values):
            Self.appendArray(values, of: 25, to: &bytes) { $1 += $0.utf8 }
        case .utf8(let values): Self.appendArray(values, of: 25, to: &bytes) { $1 += $0 }
        case .byteStrings(let values):
            Self.appendArray(values, of: 17, to: &bytes) { $1 += $0 }
        }
        return true
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// An array of one dimension, from 1: `array_send` of PostgreSQL.
    private static func appendArray<Value>(
        _ values: [Value?],
        of type: Int32,
        to bytes: inout [UInt8],
        _ appendValue: (Value, inout [UInt8]) -> Void
    ) {
        append(Int32(values.isEmpty ? 0 : 1), to: &bytes)
        append(Int32(1), to: &bytes)
        append(type, to: &bytes)
        guard !values.isEmpty else { return }
        append(Int32(clamping: values.count), to: &bytes)
        append(Int32(1), to: &bytes)
        for value in values {
            let place = bytes.count
            append(Int32(-1), to: &bytes)
            guard let value else { continue }
            appendValue(value, &bytes)
            let length = UInt32(clamping: bytes.count - place - 4)
            for index in 0..<4 {
                bytes[place + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index))
            }
        }
    }
}
