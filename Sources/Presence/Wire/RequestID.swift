/// What a requester gave its request to know the answer by: a string of up to 128 bytes or an
/// integer within ±2^53.
public enum RequestID: Hashable, Sendable {
    /// A whole number.
    case integer(Int64)
    /// A text.
    case text(String)

    private static let malformed = Refusal(
        .malformedRequest,
        "id is a string of up to 128 bytes or an integer within ±2^53"
    )

    /// The id in a request; `nil` where there is none.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` for one of another form.
    public init?(reading members: RequestMembers) throws(Refusal) {
        switch members.id {
        case .absent: return nil
        case .wrong: throw Self.malformed
        case .given(let id): self = id
        }
    }

    /// The id in an answer; `nil` where there is none.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` for one of another form.
    public init?(reading object: JSONObject) throws(Refusal) {
        guard let value = object["id"] else { return nil }
        let id: RequestID? =
            switch value {
            case .integer(let value): Self(value)
            case .string(let text): Self(text)
            default: nil
            }
        guard let id else { throw Self.malformed }
        self = id
    }

    /// The id in a request; `nil` for a value of another form.
    init?(_ member: JSONMember) {
        let id: RequestID? =
            switch member {
            case .integer(let value): Self(value)
            case .text(let text): Self(text.string)
            default: nil
            }
        guard let id else { return nil }
        self = id
    }

    private init?(_ value: Int64) {
        guard value.magnitude <= 1 << 53 else { return nil }
        self = .integer(value)
    }

    private init?(_ text: String) {
        guard text.utf8.count <= 128 else { return nil }
        self = .text(text)
    }
}
