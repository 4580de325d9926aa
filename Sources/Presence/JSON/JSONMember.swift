/// The value of a member, as far as anyone has a use for it where it was read.
@safe enum JSONMember {
    /// A text in place.
    case text(RawText)
    /// A number written without fraction and exponent, as in ``JSONValue/integer(_:)``.
    case integer(Int64)
    /// The literal `true` or `false`.
    case bool(Bool)
    /// An array of nothing but texts.
    case texts([String])
    /// Any other value.
    case other

    /// The text, `nil` when the value is of another type.
    var text: RawText? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The integer, `nil` when the value is of another type.
    var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The truth value, `nil` when the value is of another type.
    var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The texts, `nil` when the value is of another type.
    var texts: [String]? {
        if case .texts(let texts) = self { texts } else { nil }
    }
}
