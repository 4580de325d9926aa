import Presence

/// A subscription and what there is to see by it.
public struct Subscription: Hashable, Sendable {
    /// The status of the user who is watched.
    public var status: UserStatus
    /// When the subscription ends, in Unix seconds.
    public var expires: Int64

    package init?(_ value: JSONValue) {
        guard let object = value.object, let status = UserStatus(reading: object),
            let expires = object["expires"]?.integer
        else { return nil }
        self.status = status
        self.expires = expires
    }
}
