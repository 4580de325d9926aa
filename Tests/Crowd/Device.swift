import Chance
import Mosquitto
import Presence

/// A device that keeps to the protocol, and knows what is true of itself.
///
/// It connects with a will, subscribes, states a word; connects again when it must, with growing
/// pauses; states its word again when the bridge asks or the epoch rises, and in time for its `ttl`;
/// asks, and asks again until it is answered; and keeps what it learns of those it watches. It lives
/// on the thread of its crowd.
public final class Device: Member {
    /// How far its connection has come.
    enum Link {
        /// There is none, and none is wanted until a time.
        case resting(until: ContinuousClock.Instant)
        /// The broker was called at a time.
        case calling(Connection, since: ContinuousClock.Instant)
        /// The broker has accepted it.
        case standing(Connection)
        /// It has said that it logs out, and waits for that to be acknowledged.
        case parting(Connection, packet: Int32)
        /// It is gone, and does not come back by itself.
        case gone
    }

    /// How it goes.
    public enum Departure: Sendable, CaseIterable {
        /// It states `offline`, waits until that is acknowledged, and disconnects.
        case logout
        /// It closes its socket, as a crash does.
        case drop
        /// It disconnects and has the broker publish its will.
        case will
    }

    /// What it was made with.
    public let options: DeviceOptions
    /// The word that is true of it while it is present.
    public private(set) var word: String
    /// Called once when it is there: connected, subscribed, its birth acknowledged.
    public var onArrival: (() -> Void)?
    /// Called with each status that it is told, by an event or an answer.
    public var onStatus: ((SeenStatus) -> Void)?
    /// Since when it is there without a break: connected, subscribed, its word acknowledged.
    public private(set) var thereSince: ContinuousClock.Instant?

    let members: Members
    let ledger: SharedTally
    var link = Link.gone
    var random: SeededNumbers
    /// Statements on their way: packet identifier and word.
    var unacknowledged: [Int32: String] = [:]
    var subscribePacket: Int32?
    var isSubscribed = false
    /// The word that was acknowledged on this connection.
    var stated: String?
    /// When it states its word again, if nothing else happens.
    var restatesAt: ContinuousClock.Instant?
    var renewsAt: ContinuousClock.Instant?
    /// What it has seen of each bridge.
    var bridges: [String: SeenBridge] = [:]
    /// What it has asked and not been answered, the oldest first.
    var questions: [PendingRequest] = []
    var lastQuestion = 0
    /// What it knows of those it watches.
    public internal(set) var view = View()

    private var attempts = 0
    private var session = 0

    /// A device that is not there yet; see ``arrive(_:)``.
    public init(
        _ options: DeviceOptions,
        in members: Members,
        ledger: SharedTally,
        random: SeededNumbers
    ) {
        self.options = options
        self.members = members
        self.ledger = ledger
        self.random = random
        word = "online"
    }

    /// Its connection, if there is one.
    public var connection: Connection? {
        switch link {
        case .calling(let connection, _), .standing(let connection), .parting(let connection, _):
            connection
        case .resting, .gone: nil
        }
    }

    // MARK: - What is true

    /// Whether it is there, or wants to be.
    public var isPresent: Bool {
        switch link {
        case .resting, .calling, .standing: true
        case .parting, .gone: false
        }
    }

    /// Whether what is true of it has been said: it is gone, or its word is acknowledged.
    public var isSettled: Bool {
        switch link {
        case .gone: true
        // What it only repeats, to keep its promise, changes nothing.
        case .standing:
            isArrived && restatesAt == nil && unacknowledged.values.allSatisfy { $0 == word }
        case .resting, .calling, .parting: false
        }
    }

    /// Whether it is connected and its word was acknowledged on this connection.
    public var isArrived: Bool {
        guard case .standing = link else { return false }
        return isSubscribed && stated == word
    }

    var sessionName: String? { options.hasSessions ? "\(options.device)-\(session)" : nil }

    // MARK: - Coming and going

    /// Comes with a word, or states it if it is there.
    public func arrive(_ word: String? = nil) {
        if let word { self.word = word }
        switch link {
        case .standing:
            speak()
        case .resting, .calling:
            break
        case .gone, .parting:
            attempts = 0
            rest(until: .now)
        }
        members.touch(self)
    }

    /// Goes.
    public func leave(_ departure: Departure) {
        guard case .standing(let connection) = link else {
            // There is no connection that it could end in order.
            if isPresent { drop(.gone) }
            return
        }
        switch departure {
        case .drop: drop(.gone)
        case .will:
            connection.disconnect(reason: .disconnectWithWill)
            drop(.gone, flushing: connection)
        case .logout:
            let message = Message(
                topic: options.deviceTopic,
                payload: payload("offline"),
                qos: 1,
                retain: true
            )
            do {
                link = .parting(connection, packet: try connection.publish(message))
                unacknowledged = [:]
            } catch {
                drop(.gone)
            }
        }
        members.touch(self)
    }

    /// Publishes something that is neither a statement nor a request of its own, if it is connected.
    public func publish(_ message: Message) {
        guard case .standing(let connection) = link else { return }
        do {
            try connection.publish(message)
        } catch {
            failed(error)
        }
        members.touch(self)
    }

    /// Loses its connection, and comes back after a while.
    public func stumble(for pause: Duration) {
        guard isPresent else { return }
        drop(.resting(until: .now + pause))
    }

    /// Lets go of the connection.
    private func drop(_ next: Link, flushing connection: Connection? = nil) {
        connection?.write()
        link = next
        reset()
        members.touch(self)
    }

    private func rest(until: ContinuousClock.Instant) {
        link = .resting(until: until)
        reset()
    }

    private func reset() {
        unacknowledged = [:]
        subscribePacket = nil
        isSubscribed = false
        stated = nil
        thereSince = nil
        restatesAt = nil
        renewsAt = nil
    }

    // MARK: - The connection

    /// Does what is due.
    public func wake(at now: ContinuousClock.Instant) {
        switch link {
        case .resting(let until):
            if now >= until { call(at: now) }
        case .calling(_, let since):
            if now - since > .seconds(5) { rest(until: now) }
        case .standing:
            if let due = [restatesAt, renewsAt].compactMap(\.self).min(), now >= due { speak() }
            askAgain(at: now)
        case .parting, .gone: break
        }
    }

    private func call(at now: ContinuousClock.Instant) {
        session += 1
        let suffix = options.hasSessions ? "/\(session)" : ""
        var settings = ConnectionOptions(
            clientID: "\(options.user)/\(options.device)\(suffix)",
            host: options.host,
            port: options.port
        )
        settings.username = options.user
        settings.password = options.user
        settings.keepAlive = options.keepAlive
        settings.will = Message(
            topic: options.deviceTopic,
            payload: payload("lost"),
            qos: 1,
            retain: true
        )
        do {
            let connection = try Connection(settings)
            link = .calling(connection, since: now)
            try connection.connect()
        } catch {
            failed(error)
            rest(until: now + .seconds(1))
        }
        members.touch(self)
    }

    /// Learns what happened on its connection.
    public func take(_ event: Event, at now: ContinuousClock.Instant) {
        switch event {
        case .connected: greet(at: now)
        case .refused(let refusal):
            ledger.tally.complain("\(options.user)/\(options.device): \(refusal)")
            retry(at: now)
        case .message(let message): hear(message, at: now)
        case .published(let packet, let reason): acknowledged(packet, reason)
        case .subscribed(let packet, _):
            if packet == subscribePacket { isSubscribed = true }
            arrived()
        case .unsubscribed: break
        case .closed:
            if case .parting = link {
                drop(.gone)
            } else {
                retry(at: now)
            }
        }
    }

    private func retry(at now: ContinuousClock.Instant) {
        guard isPresent else { return }
        if isSubscribed { ledger.tally.losses += 1 }
        let most = min(options.longestPause, .milliseconds(100 << min(attempts, 6)))
        attempts += 1
        rest(until: now + most * Double.random(in: 0.5...1, using: &random))
    }

    private func greet(at now: ContinuousClock.Instant) {
        guard case .calling(let connection, _) = link else { return }
        ledger.tally.connections += 1
        link = .standing(connection)
        attempts = 0
        var qos = SubscriptionOptions(qos: 1)
        qos.noLocal = false
        do {
            subscribePacket = try connection.subscribe(
                [
                    "\(options.responseTopic)/#", "presence/event/\(options.user)",
                    "presence/bridge/+",
                ],
                options: qos
            )
        } catch {
            failed(error)
        }
        speak()
        view.missed()
        for index in questions.indices { questions[index].due = now }
    }

    /// Something could not be asked of the connection: a fault, unless it was over already and the
    /// event that says so is still to come.
    func failed(_ error: MosquittoError) {
        if error != .notConnected {
            ledger.tally.complain("\(options.user)/\(options.device): \(error)")
        }
    }

    func arrived() {
        guard isArrived else { return }
        thereSince = thereSince ?? .now
        guard let onArrival else { return }
        self.onArrival = nil
        onArrival()
    }

    /// Says that what was on its way with this connection is over, and that it is gone.
    func parted() {
        if let connection {
            connection.disconnect()
            drop(.gone, flushing: connection)
        }
    }
}
