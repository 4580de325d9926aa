import HTTPTypes

/// One call: a method, a path, what a token must be good for, and what is done.
struct Route: Hashable, Sendable {
    /// A part of a path between two slashes.
    enum Segment: Hashable, Sendable {
        /// These very characters.
        case literal(String)
        /// Anything, under a name.
        case parameter(String)
    }

    let method: HTTPRequest.Method
    /// The path as the documents write it: `/v1/users/{user}`.
    let path: String
    let pattern: [Segment]
    /// What a token must be good for; `nil` where none is wanted.
    let scope: Scope?
    let call: HTTPCall

    init(_ method: HTTPRequest.Method, _ path: String, _ scope: Scope?, _ call: HTTPCall) {
        self.method = method
        self.path = path
        self.scope = scope
        self.call = call
        pattern = path.dropFirst().split(separator: "/").map { part in
            part.hasPrefix("{")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    func matches(_ target: RequestTarget) -> Bool {
        guard target.segments.count == pattern.count else { return false }
        return zip(pattern, target.segments).allSatisfy { wanted, segment in
            switch wanted {
            case .parameter: true
            case .literal(let text): RequestTarget.decode(segment) == text
            }
        }
    }

    /// Every call there is.
    static let all = [
        Route(.get, "/livez", nil, .livez),
        Route(.get, "/readyz", nil, .readyz),
        Route(.get, "/openapi.json", nil, .openAPI),
        Route(.get, "/metrics", .metrics, .metrics),
        Route(.get, "/v1/users/{user}", .read, .status),
        Route(.delete, "/v1/users/{user}", .write, .erase),
        Route(.post, "/v1/users/query", .read, .query),
        Route(.get, "/v1/online", .read, .online),
        Route(.put, "/v1/users/{user}/description", .write, .describe),
        Route(.put, "/v1/users/{user}/devices/{device}", .write, .state),
        Route(.delete, "/v1/users/{user}/devices/{device}", .write, .forgetDevice),
        Route(.get, "/v1/users/{user}/subscriptions", .read, .subscriptions),
        Route(.post, "/v1/users/{user}/subscriptions", .write, .subscribe),
        Route(.delete, "/v1/users/{user}/subscriptions", .write, .unsubscribe),
        Route(.get, "/v1/users/{user}/watchers", .read, .watchers),
        Route(.get, "/v1/users/{user}/history", .read, .history),
        Route(.get, "/v1/users/{user}/explanation", .read, .explanation),
        Route(.get, "/v1/changes", .read, .changes),
    ]
}
