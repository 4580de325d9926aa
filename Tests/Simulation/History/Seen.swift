import Presence

/// A status object as it was seen on the wire.
package struct StatusSeen: Hashable, Sendable {
    package var username: String
    package var online: Bool
    package var status: String
    package var description: String
    package var devices: [String: String]
    package var cause: String?
    package var since: Int64?
    package var updated: Int64?
    package var seq: Int64
    /// The end of the subscription, in answers to `subscribe` and `sync`.
    package var expires: Int64?

    package init(
        username: String,
        status: String = "offline",
        description: String = "",
        devices: [String: String] = [:],
        cause: String? = nil,
        since: Int64? = nil,
        updated: Int64? = nil,
        seq: Int64,
        expires: Int64? = nil
    ) {
        self.username = username
        online = !devices.isEmpty
        self.status = status
        self.description = description
        self.devices = devices
        self.cause = cause
        self.since = since
        self.updated = updated
        self.seq = seq
        self.expires = expires
    }

    /// Reads a status object; `nil` for what is none.
    package init?(_ value: JSONValue) {
        guard let object = value.object, let username = object["username"]?.string,
            let online = object["online"]?.bool, let status = object["status"]?.string,
            let description = object["description"]?.string, let seq = object["seq"]?.integer,
            let devices = object["devices"]?.object
        else { return nil }
        self.username = username
        self.online = online
        self.status = status
        self.description = description
        self.seq = seq
        self.devices = [:]
        for (name, word) in devices { self.devices[name] = word.string }
        cause = object["cause"]?.string
        since = object["since"]?.integer
        updated = object["updated"]?.integer
        expires = object["expires"]?.integer
    }
}

/// One thing that a watcher is told.
package enum EventSeen: Hashable, Sendable {
    /// A user's status has changed.
    case status(StatusSeen)
    /// A subscription has ended: `expired` or `evicted`; `user` is `nil` for the one to everyone.
    case ended(user: String?, how: String)
}

/// A request as it reached the bridge.
package struct RequestSeen: Hashable, Sendable {
    package var user: String
    package var device: String
    package var operation: String
    /// What tells it from all others, its Correlation Data or `id`; two copies of one have the same.
    package var tag: String
    /// The payload, where it is a JSON object.
    package var payload: JSONValue?

    package init(
        user: String,
        device: String = "d",
        operation: String,
        tag: String,
        payload: JSONValue? = nil
    ) {
        self.user = user
        self.device = device
        self.operation = operation
        self.tag = tag
        self.payload = payload
    }
}

/// An answer as the broker took it.
package struct AnswerSeen: Hashable, Sendable {
    package var user: String
    package var device: String
    package var operation: String
    /// The tag of the request; `nil` for what was not asked for, such as `announce`, and for errors
    /// about device topics.
    package var tag: String?
    /// The code of the error, or `nil` with a result.
    package var code: String?
    /// The `result`, or the whole object where there is none.
    package var content: JSONValue

    package init(
        user: String,
        device: String = "d",
        operation: String,
        tag: String?,
        code: String? = nil,
        content: JSONValue
    ) {
        self.user = user
        self.device = device
        self.operation = operation
        self.tag = tag
        self.code = code
        self.content = content
    }
}

/// What is and what should be when all is at rest.
package struct Rest: Hashable, Sendable {
    /// What the devices of each user are that are online, by what they and their wills last said.
    ///
    /// This is the oracle's word. Users without any are there with none.
    package var truth: [String: [String: String]]
    /// The devices of which nobody can say what they are, `user/device`: not to be judged.
    package var unsure: Set<String>
    /// The retained statuses at the broker.
    package var statuses: [String: StatusSeen]
    /// What `get` answers for every user.
    package var answers: [String: StatusSeen]
    /// What `subscriptions` answers each watcher: user and Unix second, with `*` for everyone.
    package var subscriptions: [String: [String: Int64]]

    package init(
        truth: [String: [String: String]] = [:],
        unsure: Set<String> = [],
        statuses: [String: StatusSeen] = [:],
        answers: [String: StatusSeen] = [:],
        subscriptions: [String: [String: Int64]] = [:]
    ) {
        self.truth = truth
        self.unsure = unsure
        self.statuses = statuses
        self.answers = answers
        self.subscriptions = subscriptions
    }
}

/// How much is held.
package struct Footprint: Hashable, Sendable {
    /// Names that the core has interned.
    package var names = 0
    /// Users with a status.
    package var users = 0
    /// Subscriptions.
    package var subscriptions = 0
    /// Rows in the store.
    package var rows = 0
    /// Retained messages on device and status topics.
    package var retained = 0

    package init() {}
}
