/// A refusal: the code for programs, the message for people.
public struct Refusal: Error, Hashable, Sendable {
    /// What was wrong, for programs.
    public var code: ErrorCode
    /// What was wrong and what is right, for people.
    public var message: String
    /// In how many seconds to try again, with ``ErrorCode/rateLimited``.
    public var retryAfter: Int64?

    /// A refusal with its reason.
    public init(_ code: ErrorCode, _ message: String, retryAfter: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
}
