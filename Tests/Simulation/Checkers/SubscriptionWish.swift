import Presence

/// What a request about subscriptions asks for, read naively.
enum SubscriptionWish: Hashable, Sendable {
    case subscribe([String], expiry: ClosedRange<Int64>)
    case unsubscribe([String])
    case unsubscribeFromAll

    /// The name under which a subscription to everyone stands.
    static let everyone = "*"
    /// How long a subscription lasts that does not say it: by the bridge's configuration.
    private static let anyExpiry: ClosedRange<Int64> = 1...2_592_000

    /// Reads a request; `nil` for one that cannot change a subscription.
    init?(_ request: RequestSeen) {
        guard request.operation == "subscribe" || request.operation == "unsubscribe",
            let object = request.payload?.object
        else { return nil }
        let isForAll = object["all"]?.bool == true
        let names = object["usernames"]?.array?.compactMap(\.string) ?? []
        guard isForAll != !names.isEmpty else { return nil }
        if request.operation == "unsubscribe" {
            self = isForAll ? .unsubscribeFromAll : .unsubscribe(names)
        } else {
            let expiry = object["expiry"]?.integer.map { $0...$0 } ?? Self.anyExpiry
            self = .subscribe(isForAll ? [Self.everyone] : names, expiry: expiry)
        }
    }

    /// Whether it may make a subscription to a user.
    func mayBegin(_ user: String) -> Bool {
        if case .subscribe(let users, _) = self { users.contains(user) } else { false }
    }

    /// Whether it may end the subscription to a user.
    func mayEnd(_ user: String) -> Bool {
        switch self {
        case .subscribe: false
        case .unsubscribe(let users): users.contains(user)
        case .unsubscribeFromAll: true
        }
    }
}
