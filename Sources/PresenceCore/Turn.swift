import Presence

/// What a turn has gathered that goes out when it ends.
struct Turn: Sendable {
    /// How a user's change is told.
    struct Told: Hashable, Sendable {
        var user: UserID
        /// Whether the watchers are told; otherwise only the retained status is put right.
        var isTold = true
        /// Whether a request made it, which is taken back when the store fails.
        var isRequested = false
    }

    /// A request and its answer, which waits for the store and for the answers before it.
    struct Answered: Sendable {
        var message: RequestMessage
        /// What was carried out; `nil` when it was refused, whatever becomes of the store.
        var call: Call?
        var payload: [UInt8]
    }

    /// How to take back what a request changed.
    enum Undo: Sendable {
        case subscription(watcher: UserID, user: UserID, UInt32?)
        case publish(
            UserID,
            description: String,
            expires: Int64?,
            updated: Int64?,
            seq: Int64
        )
    }

    /// Requests that have come in.
    var requests: [RequestMessage] = []
    /// Users who have changed, in the order in which it happened.
    var told: [Told] = []
    /// Corrections to device topics.
    var writes: [Effect] = []
    /// What devices are told that have asked nothing.
    var replies: [Reply] = []
    /// Answers to requests, in the order in which those came: a client of MQTT 3.1.1 may tell them
    /// apart by nothing else.
    var answered: [Answered] = []
    /// How to take back what the requests changed.
    var undo: [Undo] = []
    /// Whose subscriptions gave way to longer ones, watcher by watcher.
    var evicted: [UserID: [UserID]] = [:]
    /// Who has changed so far; `nil` as long as no subscription has given way.
    var changed: Set<UserID>?
    /// Subscriptions that gave way after a change in this turn, which is told before.
    var parting: [UserID: Set<UserID>] = [:]
    /// Of whom watchers asked to be told no longer; `nil` for everyone.
    var ended: [(watcher: UserID, users: Set<UserID>?)] = []
    /// Watchers that watch everyone from now on.
    var joined: [UserID] = []
    /// Subscriptions that are new: watcher and user.
    var begun: [(watcher: UserID, user: UserID)] = []
    /// Whether the bridge begins to serve, or serves under another epoch, with this turn.
    var serves = false
    /// Whether the broker's plugin is asked what was stated since the broker's start.
    var asksForStated = false
}

extension Turn {
    /// A user has changed.
    mutating func tell(_ change: Told) {
        told.append(change)
        if change.isTold { changed?.insert(change.user) }
    }

    /// A subscription has given way to a longer one.
    mutating func evict(_ user: UserID, from watcher: UserID) {
        evicted[watcher, default: []].append(user)
        let before = changed ?? Set(told.lazy.filter(\.isTold).map(\.user))
        changed = before
        if before.contains(user) { parting[watcher, default: []].insert(user) }
    }
}

/// A user who has changed since its status was sealed.
struct Touch: Hashable, Sendable {
    /// What was visible.
    var before: Visible
    /// The device that went last.
    var departure: Departure?
}
