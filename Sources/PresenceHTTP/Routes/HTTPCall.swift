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
    case history
    case explanation
    case changes
    case erase

    /// Whether it is a call of `/v1`, which the bridge's core answers.
    var isAboutUsers: Bool {
        switch self {
        case .livez, .readyz, .openAPI, .metrics: false
        default: true
        }
    }

    /// Whether its request has a body that is read.
    var hasBody: Bool {
        switch self {
        case .query, .describe, .state, .subscribe: true
        default: false
        }
    }
}
