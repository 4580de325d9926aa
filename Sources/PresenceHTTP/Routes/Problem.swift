import HTTPTypes
import Presence

/// Why a call is refused, as it is told: a problem document (RFC 9457) with the protocol's code.
struct Problem: Error, Hashable, Sendable {
    static let contentType = "application/problem+json"

    var status: HTTPResponse.Status
    /// The protocol's code, for programs.
    var code: String
    /// What was wrong and what is right, for people.
    var detail: String
    /// In how many seconds to try again.
    var retryAfter: Int64?
    /// The methods that the path has, with 405.
    var allowed: [String] = []

    init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, retryAfter: Int64? = nil)
    {
        self.status = status
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
    }

    init(_ refusal: Refusal) {
        self.init(refusal.code.status, refusal.code.rawValue, refusal.message)
        switch refusal.code {
        case .unavailable: retryAfter = refusal.retryAfter ?? 1
        default: retryAfter = refusal.retryAfter
        }
    }

    static let noPath = Problem(
        .notFound,
        ErrorCode.unknownOperation.rawValue,
        "there is nothing at this path; /openapi.json has all there is"
    )
    static let noToken = Problem(
        .unauthorized,
        "unauthorized",
        "a token is wanted: Authorization: Bearer TOKEN; the bridge knows none that is like this"
    )
    static func outOfScope(_ wanted: Scope) -> Problem {
        Problem(
            .forbidden,
            ErrorCode.forbidden.rawValue,
            "this token is not good for that, which wants the scope \(wanted.rawValue)"
        )
    }
    static func tooLarge(_ most: Int) -> Problem {
        Problem(
            .contentTooLarge,
            ErrorCode.payloadTooLarge.rawValue,
            "a body has \(most) bytes at most"
        )
    }
    static func limited(_ seconds: Int64) -> Problem {
        Problem(
            .tooManyRequests,
            ErrorCode.rateLimited.rawValue,
            "more calls than http_rate allows this token",
            retryAfter: seconds
        )
    }
    static func wrongMethod(_ allowed: [String]) -> Problem {
        var problem = Problem(
            .methodNotAllowed,
            ErrorCode.unknownOperation.rawValue,
            "this path has \(allowed.joined(separator: ", "))"
        )
        problem.allowed = allowed
        return problem
    }
    static func unready(_ words: String) -> Problem {
        Problem(.serviceUnavailable, ErrorCode.unavailable.rawValue, words, retryAfter: 1)
    }

    /// The document.
    var body: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", "about:blank")
        json.member("title", status.reasonPhrase)
        json.member("status", Int64(status.code))
        json.member("detail", detail)
        json.member("code", code)
        json.member("retryAfter", retryAfter)
        json.endObject()
        return json.bytes
    }

    /// What stands above it.
    var fields: HTTPFields {
        var fields: HTTPFields = [.contentType: Self.contentType]
        if let retryAfter { fields[.retryAfter] = "\(retryAfter)" }
        if !allowed.isEmpty { fields[.allow] = allowed.joined(separator: ", ") }
        if status == .unauthorized { fields[.wwwAuthenticate] = "Bearer" }
        return fields
    }
}

extension ErrorCode {
    /// The status of HTTP that tells the same.
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .rateLimited: .tooManyRequests
        case .payloadTooLarge: .contentTooLarge
        case .unknownOperation: .notFound
        case .forbidden: .forbidden
        case .tooManyDevices, .limitExceeded: .conflict
        case .unavailable: .serviceUnavailable
        case .malformedRequest, .invalidResponseTopic, .tooManyUsers, .invalidUsername,
            .invalidExpiry, .invalidDescription, .invalidStatus, .invalidPage:
            .badRequest
        }
    }
}
