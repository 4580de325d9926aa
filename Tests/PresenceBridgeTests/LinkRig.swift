import Chance
import Logging
import Mosquitto
import Presence
import PresenceCore

@testable import PresenceBridge

/// The machine of a link beside a library that is none: what the machine orders is noted, and packets
/// are numbered.
struct LinkRig {
    private var machine: LinkMachine
    private var packets: [Int32: Message] = [:]
    private var lastPacket: Int32 = 0

    var now = Instant(uptime: 0, unix: 1_000_000)
    /// What the library does not take, and why.
    var refuses: (LinkPacket) -> MosquittoError? = { _ in nil }
    /// What was ordered and is not looked at elsewhere, oldest first.
    var orders: [LinkOrder] = []
    var calls: [ConnectionOptions] = []
    var published: [Message] = []
    var ahead: [Message] = []
    var subscribed: [Subscription] = []
    var unsubscribed: [String] = []
    var told: [Input] = []
    var lines: [String] = []
    /// What was ordered for the connection beside.
    var beside: [LinkOrder] = []
    /// The last packet that was sent by it.
    private(set) var besidePacket: Int32 = 0

    /// A link that has called nobody yet.
    init(_ arguments: [String] = [], _ change: (inout Settings) -> Void = { _ in }) throws {
        var settings = try Configuration.load(Configuration.Origin(arguments: arguments)).settings
        change(&settings)
        machine = LinkMachine(
            settings,
            random: SeededNumbers(seed: 1),
            started: Instant(uptime: 0, unix: 1_000),
            second: 1
        )
    }

    var phase: LinkMachine.Phase { machine.phase }
    var nextStep: Int64 { machine.nextStep }
    var readLimit: Int { machine.readLimit }
    var topics: [String] { published.map(\.topic) }
    var filters: [String] { subscribed.flatMap(\.filters) }

    /// The watchers to whom something was published, in the order of it.
    var watchers: [String] {
        topics.filter { $0.hasPrefix("presence/event/") && !$0.contains("$") }
            .map { String($0.dropFirst("presence/event/".count)) }
    }

    /// Where the plugin in the broker would answer.
    var pluginTopic: String {
        Topics().plugin(calls.last?.clientID ?? "")
    }

    // MARK: - What happens

    mutating func step(after milliseconds: Int64 = 0) {
        now = Instant(uptime: now.uptime + milliseconds, unix: now.unix + milliseconds)
        machine.step(at: now)
        carryOut()
    }

    mutating func handle(_ inputs: LinkInput...) {
        for input in inputs {
            machine.handle(input, at: now)
            carryOut()
        }
    }

    mutating func hear(_ topic: String, _ payload: String = "", retain: Bool = false) {
        handle(.happened(.message(Message(topic: topic, payload: payload, retain: retain))))
    }

    mutating func pump() {
        machine.pump()
        carryOut()
    }

    mutating func canPump(_ transport: TransportState) -> Bool { machine.canPump(transport) }

    mutating func reportLoad() {
        machine.reportLoad()
        carryOut()
    }

    mutating func leave(by uptime: Int64) { machine.leave(by: uptime) }

    mutating func leaveIfDone(unacknowledged: Int = 0) {
        let transport = TransportState(isConnected: true, unacknowledged: unacknowledged)
        machine.leaveIfDone(transport, at: now)
        carryOut()
    }

    /// The broker acknowledges what it has, or all of it that meets a condition.
    mutating func acknowledge(
        _ reason: ReasonCode = .success,
        where isMeant: (Message) -> Bool = { _ in true }
    ) {
        for (packet, message) in packets.sorted(by: { $0.key < $1.key }) where isMeant(message) {
            packets[packet] = nil
            handle(.happened(.published(packetID: packet, reason: reason)))
        }
    }

    /// The broker answers the SUBSCRIBE of a filter.
    mutating func answer(_ filter: String, _ reason: ReasonCode) {
        for (packet, filters) in subscriptions where filters.contains(filter) {
            let granted = filters.map { $0 == filter ? reason : .success }
            handle(.happened(.subscribed(packetID: packet, granted: granted)))
        }
    }
    private var subscriptions: [Int32: [String]] = [:]

    // MARK: - As far as it often comes

    /// A connection that the broker has accepted.
    static func connected(
        _ arguments: [String] = [],
        _ change: (inout Acknowledgement) -> Void = { _ in }
    ) throws -> LinkRig {
        var rig = try LinkRig(arguments)
        rig.step()
        var acknowledgement = Acknowledgement()
        change(&acknowledgement)
        rig.handle(.happened(.connected(acknowledgement)))
        rig.pump()
        return rig
    }

    /// A connection on which this process has found that it serves, and on which nothing is on its way.
    static func serving(
        _ arguments: [String] = [],
        _ change: (inout Acknowledgement) -> Void = { _ in }
    ) throws -> LinkRig {
        var rig = try connected(arguments, change)
        rig.find()
        rig.handle(.decided(.serve(epoch: 1, grace: 60)))
        for _ in 1...5 {
            rig.acknowledge()
            rig.pump()
        }
        rig.acknowledge()
        rig.forget()
        return rig
    }

    /// Everything that is published is acknowledged and comes back, but what is below one kind of topic.
    mutating func find(but kind: String? = nil) {
        var found = 0
        while found < published.count {
            let echo = published[found]
            found += 1
            acknowledge { !$0.isOf(kind) }
            pump()
            if echo.topic == ControlMessage.topic || echo.isOf(kind) { continue }
            handle(.happened(.message(echo)))
        }
        acknowledge { !$0.isOf(kind) }
    }

    /// Forgets what was noted.
    mutating func forget() {
        (orders, published, ahead, subscribed, unsubscribed) = ([], [], [], [], [])
        (told, lines, beside) = ([], [], [])
    }

    // MARK: - Orders

    private mutating func carryOut() {
        while true {
            let orders = machine.takeOrders()
            guard !orders.isEmpty else { return }
            for order in orders { carryOut(order) }
        }
    }

    private mutating func carryOut(_ order: LinkOrder) {
        switch order {
        case .call(let options): calls.append(options)
        case .tell(let input): told.append(input)
        case .log(_, let line): lines.append(line)
        case .send(let packet): send(packet)
        case .hangUp, .keepAlive, .disconnect: orders.append(order)
        case .side(let order):
            beside.append(order)
            guard case .send(let packet) = order else { break }
            lastPacket += 1
            besidePacket = lastPacket
            machine.handle(.side(.sent(packet, as: lastPacket)), at: now)
        }
    }

    private mutating func send(_ packet: LinkPacket) {
        if let error = refuses(packet) { return machine.handle(.notSent(packet, error), at: now) }
        lastPacket += 1
        switch packet {
        case .publish(let message):
            published.append(message)
            packets[lastPacket] = message
        case .publishAhead(let message): ahead.append(message)
        case .subscribe(let subscription):
            subscribed.append(subscription)
            subscriptions[lastPacket] = subscription.filters
        case .unsubscribe(let filters): unsubscribed += filters
        }
        machine.handle(.sent(packet, as: lastPacket), at: now)
    }
}

extension Message {
    /// Whether it is below one kind of topic.
    fileprivate func isOf(_ kind: String?) -> Bool {
        kind.map { topic.hasPrefix("presence/\($0)/") } ?? false
    }
}
