/// A server's whole answer (RFC 9110).
public struct HTTPResponse: Sendable {
    /// The status code: 200, 404, ….
    public let status: Int
    /// The body, as far as it was to be kept.
    public let body: [UInt8]
    /// The value of the field `Retry-After`, if there is one.
    public let retryAfter: String?
    /// The value of the field `Location`, if there is one.
    public let location: String?

    /// An answer.
    public init(
        status: Int,
        body: [UInt8] = [],
        retryAfter: String? = nil,
        location: String? = nil
    ) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
        self.location = location
    }
}
