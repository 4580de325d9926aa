/// What a requester gave its request to know the answer by: a string of up to 128 bytes or an
/// integer within ±2^53.
public enum RequestID: Hashable, Sendable {
    /// A whole number.
    case integer(Int64)
    /// A text.
    case text(String)

    /// The id in a request; `nil` where there is none.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` for one of another form.
    public init?(reading object: JSONObject) throws(Refusal) {
        switch object["id"] {
        case nil: return nil
        case .integer(let value)? where value.magnitude <= 1 << 53: self = .integer(value)
        case .string(let text)? where text.utf8.count <= 128: self = .text(text)
        default:
            throw Refusal(
                .malformedRequest,
                "id is a string of up to 128 bytes or an integer within ±2^53"
            )
        }
    }
}
