import Presence

/// A user's status as a watcher was told it.
public struct SeenStatus: Hashable, Sendable {
    /// Who it is about.
    public var username: String
    /// What tells news from a late duplicate.
    public var seq: Int64
    /// The user's word.
    public var status: String
    /// The words of its devices.
    public var devices: [String: String]

    /// Reads a status object; `nil` when it is none.
    public init?(_ value: JSONValue) {
        guard let status = value.object, let username = status["username"]?.string,
            let seq = status["seq"]?.integer, let word = status["status"]?.string,
            let devices = status["devices"]?.object
        else { return nil }
        self.username = username
        self.seq = seq
        self.status = word
        self.devices = [:]
        for (name, value) in devices { self.devices[name] = value.string }
    }
}

/// What a watcher knows: to whom it is subscribed, and what it was told of them.
///
/// It takes events as they come, and asks what it missed when it was away, when the bridge was, and
/// when there is a new epoch.
public struct View: Sendable {
    /// Acknowledged subscriptions and when they end.
    public private(set) var subscriptions: [String: Int64] = [:]
    /// The newest status of each user to whom it is, or was, subscribed.
    public private(set) var users: [String: SeenStatus] = [:]
    /// Whether something may have been missed and was not asked for yet.
    public private(set) var isBehind = false
    /// From when on changes are asked for.
    private(set) var syncedUpTo: Int64 = 0

    private var isSyncing = false
    private var nextSync: Int64?
    /// The highest `seq` of each user in an event.
    private var highest: [String: Int64] = [:]

    /// Whether all that was missed has been asked for and answered.
    public var isUpToDate: Bool { (!isBehind && !isSyncing) || subscriptions.isEmpty }

    /// An event tells a status; returns the `seq` of an earlier one that was higher.
    mutating func told(_ status: SeenStatus) -> Int64? {
        let before = highest[status.username] ?? 0
        highest[status.username] = max(before, status.seq)
        learnt(status)
        return before > status.seq ? before : nil
    }

    /// An answer tells a status.
    mutating func learnt(_ status: SeenStatus) {
        if let known = users[status.username], known.seq > status.seq { return }
        users[status.username] = status
    }

    mutating func subscribed(_ status: SeenStatus, expires: Int64) {
        subscriptions[status.username] = expires
        learnt(status)
    }

    mutating func unsubscribed(_ name: String) {
        subscriptions[name] = nil
        users[name] = nil
    }

    mutating func expired(_ name: String) {
        // What was subscribed to again meanwhile goes on.
        users[name] = subscriptions[name] == nil ? nil : users[name]
    }

    mutating func missed() { isBehind = true }

    mutating func beginSync() {
        isBehind = false
        isSyncing = true
        nextSync = nil
    }

    mutating func page(time: Int64?) { nextSync = nextSync ?? time }

    mutating func endSync() {
        isSyncing = false
        syncedUpTo = nextSync ?? syncedUpTo
    }
}
