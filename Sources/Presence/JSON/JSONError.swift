/// Why bytes are not JSON, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// The place of the first byte that is wrong, counted from 0; the number of bytes when they
    /// end too early.
    public let offset: Int
    /// What is wrong there, and what would be right.
    public let reason: String

    /// An error at a place.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }
}

extension JSONError: CustomStringConvertible {
    /// The reason and the place in one line.
    public var description: String { "\(reason) at byte \(offset)" }
}
