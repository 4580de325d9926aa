/// A JSON value read from a payload (RFC 8259).
///
/// Whether a payload is accepted is decided by the grammar alone: a number that is too large to be
/// held is accepted and saturates, so that one under a key that nobody reads does no harm, and one
/// that is read is refused by the check of its range.
public enum JSONValue: Hashable, Sendable {
    /// The literal `null`.
    case null
    /// The literal `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent. Beyond `Int64` it is `Int64.max` or
    /// `Int64.min`.
    case integer(Int64)
    /// A number written with a fraction or an exponent. It is always finite: beyond `Double` it is
    /// the largest of its sign.
    case number(Double)
    /// A text, with its escapes resolved.
    case string(String)
    /// The elements in their order.
    case array([JSONValue])
    /// The members in their order.
    case object(JSONObject)

    /// How many arrays and objects may stand in one another; one more is an
    /// error.
    public static let deepest = 64
}

extension JSONValue {
    /// Reads the bytes, all of which must be one value with white space around it.
    ///
    /// The grammar is that of RFC 8259 to the letter: UTF-8 without a byte order mark, no
    /// comments, no trailing commas. The caller limits the size.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        self = unsafe try bytes.withUnsafeBufferPointer { unsafe JSONReader.read($0) }.get()
    }

    /// Reads the bytes in place, as ``init(parsing:)-([UInt8])`` does.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
        self = unsafe try bytes.withMemoryRebound(to: UInt8.self) { unsafe JSONReader.read($0) }
            .get()
    }
}

extension JSONValue {
    /// The text, `nil` when the value is of another type.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The integer, `nil` when the value is of another type: also for `1.0` and `1e3`.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The truth value, `nil` when the value is of another type.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements, `nil` when the value is of another type.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, `nil` when the value is of another type.
    public var object: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }
}
