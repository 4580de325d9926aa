/// The number that stands for a user's name, in memory and in the store: from 1; 0 is
/// ``everyone``.
public typealias UserID = UInt32

extension UserID {
    /// In a subscription's place of the user watched: the subscription to every user.
    public static let everyone: UserID = 0
}

/// What is known of one user beyond a restart, or only the name, when it is merely watched or
/// watching.
public struct UserRecord: Hashable, Sendable {
    /// The number of the user.
    public var id: UserID
    /// The name of the user.
    public var name: Name
    /// The description last published, `""` if there is none.
    public var description: String
    /// The Unix second at which the description goes away by itself.
    public var descriptionExpires: Int64?
    /// Why the last device went; `nil` while online and for a user who never was.
    public var cause: Cause?
    /// The Unix second at which the user came online or was last seen.
    public var since: Int64?
    /// The Unix second of the last change.
    public var updated: Int64?
    /// The number of the last change, 0 for a user who was never seen.
    public var seq: Int64

    /// A record of a user, by default of one of whom only the name is known.
    public init(
        id: UserID,
        name: Name,
        description: String = "",
        descriptionExpires: Int64? = nil,
        cause: Cause? = nil,
        since: Int64? = nil,
        updated: Int64? = nil,
        seq: Int64 = 0
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.descriptionExpires = descriptionExpires
        self.cause = cause
        self.since = since
        self.updated = updated
        self.seq = seq
    }
}

/// A device that is remembered, as last told.
public struct DeviceRecord: Hashable, Sendable {
    /// The number of the user.
    public var user: UserID
    /// The name of the device.
    public var name: Name
    /// The word with which it is online, or its last one.
    public var status: StatusWord
    /// Its promise to state something again, in seconds.
    public var ttl: Int64?
    /// The name of its connection.
    public var session: String?
    /// The epoch of the broker in which it last spoke.
    public var epoch: Int64
    /// The Unix second of its last statement that changed this record.
    public var heard: Int64

    /// A record of a device.
    public init(
        user: UserID,
        name: Name,
        status: StatusWord,
        ttl: Int64? = nil,
        session: String? = nil,
        epoch: Int64,
        heard: Int64
    ) {
        self.user = user
        self.name = name
        self.status = status
        self.ttl = ttl
        self.session = session
        self.epoch = epoch
        self.heard = heard
    }
}

/// A subscription: who watches, who is watched, and until when.
public struct SubscriptionRecord: Hashable, Sendable {
    /// The user who watches.
    public var watcher: UserID
    /// The user who is watched, or ``UserID/everyone``.
    public var user: UserID
    /// The Unix second at which the subscription ends.
    public var expires: Int64

    /// A record of a subscription.
    public init(watcher: UserID, user: UserID, expires: Int64) {
        self.watcher = watcher
        self.user = user
        self.expires = expires
    }
}

/// What a broker that was restarted has kept of what was retained before.
public enum KeptCopy: Int64, Hashable, Sendable {
    /// A copy that may be older than its end, or nobody can say.
    case older = 0
    /// All that had been said before it ended, or before the bridge did.
    case everything = 1
    /// Nothing: what is retained was said since.
    case nothing = 2
}

/// What the bridge knows of the broker and of the time beyond a restart.
public struct BrokerRecord: Hashable, Sendable {
    /// The Unix second at which the broker started, `nil` while it was never learnt.
    public var started: Int64?
    /// Rises with every restart of the broker.
    public var epoch: Int64
    /// Whether every device that was online has spoken since, or was given up.
    public var isSettled: Bool
    /// The latest Unix second that was told to anyone: time does not go back behind it.
    public var clock: Int64
    /// The Unix second that was told as that of the bridge's last start.
    public var lastStart: Int64
    /// What the broker had kept when it was last restarted; it matters until all is settled.
    public var kept: KeptCopy
    /// The highest mark that the bridge has left beside its own state and seen come back; 0 for none.
    public var mark: Int64
    /// The topic of the state that the mark belongs to.
    public var markedTopic: String?

    /// A record of the broker.
    public init(
        started: Int64? = nil,
        epoch: Int64 = 1,
        isSettled: Bool = true,
        clock: Int64 = 0,
        lastStart: Int64 = 0,
        kept: KeptCopy = .older,
        mark: Int64 = 0,
        markedTopic: String? = nil
    ) {
        self.started = started
        self.epoch = epoch
        self.isSettled = isSettled
        self.clock = clock
        self.lastStart = lastStart
        self.kept = kept
        self.mark = mark
        self.markedTopic = markedTopic
    }
}

/// One step by which what is stored changes; a store replays itself as `put` steps.
public enum Change: Hashable, Sendable {
    /// Adds the user or replaces what is stored of it.
    case putUser(UserRecord)
    /// Takes the user away. Its devices and subscriptions have gone before.
    case removeUser(UserID)
    /// Adds the device or replaces it.
    case putDevice(DeviceRecord)
    /// Takes the device away, if it is there.
    case removeDevice(user: UserID, name: Name)
    /// Adds the subscription or replaces its end.
    case putSubscription(SubscriptionRecord)
    /// Takes the subscription away, if it is there.
    case removeSubscription(watcher: UserID, user: UserID)
    /// Replaces what is stored of the broker.
    case putBroker(BrokerRecord)
}
