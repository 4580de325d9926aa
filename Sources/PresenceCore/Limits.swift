import Presence

/// Every limit and permission that the core keeps, with the protocol's defaults.
public struct Limits: Hashable, Sendable {
    /// The most bytes of a request.
    static let longestRequest = 65_536
    /// The page sizes of lists of names.
    static let namePages: ClosedRange<Int64> = 0...500
    /// The page sizes of subscriptions and of statuses.
    static let fullPages: ClosedRange<Int64> = 1...500

    /// The most subscriptions that one user holds.
    public var maxSubscriptions = 3_000
    /// The most usernames in one request.
    public var maxUsernames = 100
    /// The most usernames in one `get` that asks only who is online.
    public var maxBriefUsernames = 1_000
    /// The most watchers of one user; 0 for no such limit.
    public var maxWatchers = 0
    /// The most devices of one user that are online, and as many that are remembered offline.
    public var maxDevices = 64
    /// The longest subscription and the longest life of a description, in seconds.
    public var maxExpiry: Int64 = 2_592_000
    /// How long a subscription lasts that names no expiry, in seconds.
    public var defaultExpiry: Int64 = 604_800
    /// The longest description, in bytes of UTF-8.
    public var maxDescription = 1_024
    /// The longest batch of events, or page of an answer, in bytes.
    public var maxMessage = 65_536
    /// The longest payload of a device topic, in bytes.
    public var maxStatement = Statement.longest

    /// How long after its last will a device still counts as online.
    public var offlineGrace: Duration = .seconds(3)
    /// How long after its logout a device still counts as online.
    public var logoutGrace: Duration = .seconds(1)
    /// Whether a restart of the broker makes a suspect of every device.
    public var watchesBrokerRestart = true
    /// How long a device has to state something after a restart of the broker.
    public var brokerRestartGrace: Duration = .seconds(60)
    /// Within which time every known device topic is read again; zero for never.
    public var auditInterval: Duration = .seconds(300)
    /// How long an offline device is remembered.
    public var deviceForgetAfter: Duration = .seconds(86_400)
    /// How long a user without a device online is remembered after the last change.
    public var forgetAfter: Duration = .seconds(2_592_000)
    /// How long changes stay in the change log; zero where nobody reads them there.
    public var historyKeep: Duration = .zero
    /// The kinds of change that are logged for webhooks, too.
    public var webhookEvents: Set<LoggedChange.Kind> = []
    /// The least time between two messages of events to one watcher.
    public var eventInterval: Duration = .milliseconds(100)

    /// Requests a second that one user may send.
    public var requestRate = 50
    /// Requests that one user may send at once.
    public var requestBurst = 200
    /// Statements a second that the devices of one user may make.
    public var deviceRate = 10
    /// Statements that the devices of one user may make at once.
    public var deviceBurst = 50

    /// Who may subscribe to everyone.
    public var allowSubscribeAll = Permission.nobody
    /// Who may ask who is online.
    public var allowOnline = Permission.everyone
    /// Who may ask who watches them.
    public var allowWatchers = Permission.everyone

    /// Whether the log says when graces begin and end.
    public var tellsGraces = false

    /// The protocol's defaults.
    public init() {}

    /// Whether anybody reads the change log.
    var logsChanges: Bool { historyKeep > .zero || !webhookEvents.isEmpty }

    /// Whether anybody reads changes of a kind in the change log.
    func logs(_ kind: LoggedChange.Kind) -> Bool {
        historyKeep > .zero || webhookEvents.contains(kind)
    }
}

/// Who may do something.
public enum Permission: Hashable, Sendable {
    /// Every user.
    case everyone
    /// No user.
    case nobody
    /// The users named.
    case users(Set<Name>)

    /// Whether the user is among those who may.
    public func includes(_ user: Name) -> Bool {
        switch self {
        case .everyone: true
        case .nobody: false
        case .users(let users): users.contains(user)
        }
    }
}
