/// Why a request or a statement was refused, in the protocol's words.
public enum ErrorCode: String, Hashable, Sendable, CaseIterable {
    /// The user's token bucket is empty.
    case rateLimited = "rate_limited"
    /// More bytes than the limit.
    case payloadTooLarge = "payload_too_large"
    /// No operation of that name.
    case unknownOperation = "unknown_operation"
    /// Not the form that the operation asks for.
    case malformedRequest = "malformed_request"
    /// A Response Topic that is not the requester's own.
    case invalidResponseTopic = "invalid_response_topic"
    /// More usernames than a request may have.
    case tooManyUsers = "too_many_users"
    /// A username that no user can have.
    case invalidUsername = "invalid_username"
    /// An expiry or a ttl out of range.
    case invalidExpiry = "invalid_expiry"
    /// A description longer than the limit.
    case invalidDescription = "invalid_description"
    /// Not a status word.
    case invalidStatus = "invalid_status"
    /// A page size, page number or cursor that leads nowhere.
    case invalidPage = "invalid_page"
    /// The operator has not given leave.
    case forbidden
    /// One device online more than a user may have.
    case tooManyDevices = "too_many_devices"
    /// Every username was rejected.
    case limitExceeded = "limit_exceeded"
    /// The store does not accept writes.
    case unavailable
}
