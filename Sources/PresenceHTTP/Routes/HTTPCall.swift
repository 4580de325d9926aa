/// What a route does.
enum HTTPCall: Hashable, Sendable {
    case livez
    case readyz
    case openAPI
    case metrics
    case status
    case query
    case online
    case describe
    case state
    case forgetDevice
    case subscriptions
    case subscribe
    case unsubscribe
    case watchers
    case erase

    /// Whether its request has a body that is read.
    var hasBody: Bool {
        switch self {
        case .query, .describe, .state, .subscribe: true
        default: false
        }
    }
}
