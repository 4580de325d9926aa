import Mosquitto
import Presence

/// One device of one user on a broker with a presence bridge.
///
/// It announces itself, asks, and is told. Connections that are lost are made anew; what changed
/// meanwhile, also while the bridge was away, is caught up on, so that the streams miss nothing.
///
///     let client = try PresenceClient(
///         ClientOptions(username: "alice", password: "demo-alice", device: "laptop")
///     )
///     let updates = client.updates()
///     try await client.connect()
///     try await client.subscribe(to: ["bob"])
///     for await case .status(let status) in updates {
///         print(status.username, status.status)
///     }
///
/// Every call that asks the bridge throws ``PresenceError``, or `CancellationError` when its task
/// is cancelled; what was asked may have been done then. A client that is let go without
/// ``close()`` counts as lost: the broker publishes its will.
public actor PresenceClient {
    /// How the client stands with the broker, from call to call of ``turn()``.
    ///
    /// idle → connecting → up ⇄ waiting → connecting; from each to over.
    enum Phase {
        /// ``connect()`` was not called yet, or it failed.
        case idle
        /// A connection is on its way, since then.
        case connecting(Connecting)
        /// The broker takes requests.
        case up(Connection)
        /// The next try comes then.
        case waiting(until: ContinuousClock.Instant)
        /// The client was closed.
        case over
    }

    /// A connection on its way, and what the broker has not confirmed of it.
    struct Connecting {
        let connection: Connection
        let begun: ContinuousClock.Instant
        var subscribing: Int32?
        /// What that subscribes to, in the order of the broker's answer.
        var filters: [String] = []
        var announcing: Int32?
    }

    /// What the client was made with.
    public nonisolated let options: ClientOptions
    /// The user.
    public nonisolated let user: Name
    nonisolated let deviceName: Name
    nonisolated let topics: Topics
    nonisolated let clientID: String
    nonisolated let readers = UpdateReaders()
    nonisolated let loop: ClientLoop
    /// Runs the client's calls on its own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    var phase = Phase.idle
    var backoff = Backoff()
    var upSince = ContinuousClock.now
    var nextTick = ContinuousClock.now
    /// How often the loop has turned: hardly ever while nothing happens.
    var turns = 0
    /// Who waits for the first connection, by number.
    var connecting: [Int: CheckedContinuation<Void, any Error>] = [:]
    var lastConnecting = 0
    /// Whether the last word is on its way: nothing is stated after it.
    var isClosing = false

    var state: ClientState
    var ownStatus = OptionalSubscription()
    /// Who waits for the answer to a request, by its number.
    var requesters: [Int64: CheckedContinuation<JSONObject, any Error>] = [:]
    /// The requests by the packets that they were published in last.
    var packets: [Int32: Int64] = [:]
    /// Who waits for the broker to have a message.
    var publishers: [Int32: CheckedContinuation<Void, any Error>] = [:]

    var catchingUp: Task<Void, Never>?
    var mustCatchUpAgain = false
    var metricReaders: [AsyncStream<BridgeMetrics>.Continuation] = []
    /// The packet that subscribed to the numbers.
    var metricsPacket: Int32?
    /// The bridge's time up to which nothing was missed, in Unix seconds.
    var caughtUpTo: Int64 = 0

    /// A client that is not connected yet.
    ///
    /// - Throws: ``PresenceError/invalidOption(_:)``.
    public init(_ options: ClientOptions) throws(PresenceError) {
        self.options = options
        (user, deviceName) = try options.names()
        topics = Topics(prefix: options.topicPrefix)
        clientID = options.chosenClientID
        state = ClientState(
            user: user,
            device: deviceName,
            word: options.status,
            ttl: options.ttl,
            announces: options.announces,
            topics: topics
        )
        loop = try ClientLoop()
        loop.start(for: self)
    }

    deinit {
        readers.finish()
        Self.finish(metricReaders)
        loop.stop()
    }

    /// The bridge that is there; `nil` when none is, or none was heard of yet.
    public var bridge: BridgeState? { state.bridges.state }

    /// The ids of the bridges that say that they are online, sorted.
    ///
    /// There is one, unless an operator made a mistake. With several, everything is told and answered
    /// several times.
    public var bridgeIDs: [Name] { state.bridges.ids }

    /// Whether the broker takes requests now.
    public var isConnected: Bool {
        if case .up = phase { true } else { false }
    }

    /// What the client learns from now on; each call makes a stream of its own.
    ///
    /// - Parameter capacity: How many updates wait at most for a slow reader. Of each user only the
    ///   newest waits, so this is the most users whom it may be behind with.
    public nonisolated func updates(capacity: Int = 10_000) -> Updates {
        readers.join(capacity: max(1, capacity))
    }
}
