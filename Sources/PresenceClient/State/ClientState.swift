import Mosquitto
import Presence

/// What one client knows, and what it makes of the messages that come to it.
///
/// A message may hold anything. What it means is decided here, without a connection and without a
/// clock; the client does what the outcomes say.
package struct ClientState: Sendable {
    let topics: Topics
    let user: Name
    let deviceName: Name
    let announces: Bool
    /// Sets the ids of this client's requests apart from those of another one of the same device.
    package let mark = String.randomHexadecimal(bytes: 4)

    package var device: OwnDevice
    package var requests = PendingRequests()
    package var bridges = KnownBridges()
    var watchlist = Watchlist()
    package var proof = EventProof()
    package var renewals = Renewals()
    var metrics = MetricsRounds()

    /// What a message leads to.
    package enum Outcome: Hashable, Sendable {
        /// The app is told.
        case tell(Update)
        /// The request of that number is answered.
        case answered(Int64, JSONObject)
        /// The request of that number is refused.
        case refused(Int64, PresenceError)
        /// The device states its word again.
        case restate
        /// What was missed is asked for.
        case catchUp
        /// A round of the bridge's numbers is whole.
        case metrics(BridgeMetrics)
    }

    package init(
        user: Name,
        device: Name,
        word: StatusWord = .online,
        ttl: Duration? = nil,
        announces: Bool = true,
        topics: Topics = Topics()
    ) {
        self.user = user
        deviceName = device
        self.announces = announces
        self.topics = topics
        self.device = OwnDevice(word, ttl: ttl)
    }

    /// Hears a message; returns what it leads to, in order.
    package mutating func hear(
        _ message: Message,
        at now: ContinuousClock.Instant,
        using random: inout some RandomNumberGenerator
    ) -> [Outcome] {
        let own = topics.response(user, deviceName)
        let bridge = topics.bridge("")
        if message.topic == topics.event(user) {
            return hearEvent(message.payload, at: now)
        } else if message.topic == topics.status(user) {
            return hearOwnStatus(message.payload, at: now)
        } else if message.topic.utf8.starts(with: own.utf8) {
            return Response(reading: message.payload).map { hear($0, at: now) } ?? []
        } else if message.topic.utf8.starts(with: bridge.utf8) {
            let levels = message.topic.dropFirst(bridge.count)
                .split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            let id = Name(checked: levels.first.map(String.init) ?? "")
            if levels.count == 3, levels[1] == "metrics" {
                return hearMetric(String(levels[2]), of: id, message)
            }
            return hearBridge(message.payload, of: id, at: now, using: &random)
        }
        return []
    }

    // MARK: Bridges

    private mutating func hearBridge(
        _ payload: [UInt8],
        of id: Name,
        at now: ContinuousClock.Instant,
        using random: inout some RandomNumberGenerator
    ) -> [Outcome] {
        let before = bridges.several
        var outcomes: [Outcome] = []
        switch bridges.hear(payload, of: id) {
        case .none: break
        case .gone: outcomes.append(.tell(.bridge(nil)))
        case .here(let state, let missed, let epochRose):
            outcomes.append(.tell(.bridge(state)))
            requests.resendAll(at: now)
            if missed { outcomes.append(.catchUp) }
            if epochRose, announces {
                device.brokerRestarted(grace: state.grace, at: now, using: &random)
            }
        }
        if bridges.several != before { outcomes.append(.tell(.severalBridges(bridges.several))) }
        return outcomes
    }

    private mutating func hearMetric(_ name: String, of id: Name, _ message: Message) -> [Outcome] {
        guard let value = Int64(message.text) else { return [] }
        let round = metrics.hear(name, of: id, value, isRetained: message.retain)
        return round.map { [.metrics($0)] } ?? []
    }

    // MARK: Answers

    private mutating func hear(
        _ response: Response,
        at now: ContinuousClock.Instant
    ) -> [Outcome] {
        if case .announce = response.content {
            // Another client's word stands there, and that one is asked, too.
            return device.isReplaced ? [] : [.restate]
        }
        guard case .text(let id)? = response.id, id.hasPrefix(mark + "-"),
            let number = Int64(id.dropFirst(mark.count + 1))
        else {
            guard case .refusal(let code, let message, let retryAfter) = response.content,
                response.operation == "device"
            else { return [] }
            let error = PresenceError.refused(code: code, message: message, retryAfter: retryAfter)
            return [.tell(.deviceRefused(error))]
        }
        switch response.content {
        case .announce: return []
        case .result(let result):
            return requests.end(number) == nil ? [] : [.answered(number, result)]
        case .refusal(let code, let message, let retryAfter):
            if let retryAfter, requests.postpone(number, by: retryAfter, at: now) { return [] }
            guard requests.end(number) != nil else { return [] }
            let error = PresenceError.refused(code: code, message: message, retryAfter: retryAfter)
            return [.refused(number, error)]
        }
    }

    // MARK: The user's own device

    /// Hears the user's own status: what becomes of the device's word shows whether another client
    /// states it, too.
    private mutating func hearOwnStatus(
        _ payload: [UInt8],
        at now: ContinuousClock.Instant
    ) -> [Outcome] {
        guard announces, let status = UserStatus(reading: payload, of: user) else { return [] }
        switch device.hear(status, of: deviceName, at: now) {
        case .asStated: return []
        case .replaced(let word): return [.tell(.deviceReplaced(word))]
        case .loggedOut: return [.tell(.deviceReplaced(nil))]
        }
    }
}
