import BrokerFixture
import Mosquitto
import PresenceBridge

/// A client on a stage: what it was told waits until the test asks for it.
final class Peer {
    let id: String
    private unowned let stage: any Stage
    private(set) var transport: (any Transport)?
    private(set) var events: [Event] = []
    /// Whether it reads what comes.
    var isReading = true

    /// A client that calls the broker at once.
    init(
        on stage: any Stage,
        _ id: String,
        _ version: ProtocolVersion = .v5,
        _ change: (inout ConnectionOptions) -> Void = { _ in }
    ) throws {
        self.id = id
        self.stage = stage
        let (host, port) = stage.address
        var options = ConnectionOptions(clientID: id, host: host, port: port)
        options.protocolVersion = version
        // Between two steps of a test those of other tests may take longer than a minute.
        options.keepAlive = 600
        change(&options)
        let transport = try stage.dial(options)
        self.transport = transport
        try transport.connect()
        stage.peers.append(self)
    }

    /// A client that the broker has accepted.
    static func connected(
        on stage: any Stage,
        _ id: String,
        _ version: ProtocolVersion = .v5,
        _ change: (inout ConnectionOptions) -> Void = { _ in }
    ) throws -> Peer {
        let peer = try Peer(on: stage, id, version, change)
        _ = try peer.acknowledgement()
        return peer
    }

    /// Writes and reads.
    func pump() {
        guard let transport else { return }
        if isReading { while transport.read(limit: 64) {} }
        transport.write()
        events += transport.takeEvents()
    }

    /// Forgets what came.
    func forget() { events = [] }

    /// Closes the socket without a DISCONNECT.
    func drop() { transport = nil }

    /// What it calls, if it still has a connection.
    func open() throws -> any Transport {
        guard let transport else { throw MosquittoError.notConnected }
        return transport
    }

    // MARK: - What came

    private func take<Found>(_ what: String, _ find: (Event) -> Found?) throws -> Found {
        try stage.await("\(id): \(what)") {
            for (index, event) in events.enumerated() {
                guard let found = find(event) else { continue }
                events.remove(at: index)
                return found
            }
            return nil
        }
    }

    /// Awaits the CONNACK.
    func acknowledgement() throws -> Acknowledgement {
        try take("a CONNACK") { if case .connected(let words) = $0 { words } else { nil } }
    }

    /// Awaits the end of the connection.
    func closure() throws -> Closure {
        try take("the end") { if case .closed(let closure) = $0 { closure } else { nil } }
    }

    /// Awaits the refusal of the connection.
    func refusal() throws -> ConnectionRefusal {
        try take("a refusal") { if case .refused(let words) = $0 { words } else { nil } }
    }

    /// Whether it was told that the connection is over.
    var isOver: Bool {
        events.contains { if case .closed = $0 { true } else { false } }
    }

    /// Awaits the next message.
    func message() throws -> Message {
        try take("a message") { if case .message(let message) = $0 { message } else { nil } }
    }

    /// Awaits so many messages.
    func messages(_ count: Int) throws -> [Message] {
        try (0..<count).map { _ in try message() }
    }

    /// Awaits what becomes of a publish.
    func reason(of packet: Int32) throws -> ReasonCode {
        try take("the acknowledgement of \(packet)") { event in
            guard case .published(packet, let reason) = event else { return nil }
            return reason
        }
    }

    /// All messages that the broker had sent by now: those before one to itself.
    func drain() throws -> [Message] {
        // No wildcard of the test matches it.
        let own = "$drain/\(id)"
        try subscribe(own, qos: 0)
        try publish(own, "end", qos: 0)
        let messages = try stage.await("\(id): its own message") { () -> [Message]? in
            let messages = events.compactMap { event in
                if case .message(let message) = event { message } else { nil }
            }
            guard let end = messages.firstIndex(where: { $0.topic == own }) else { return nil }
            events = messages[(end + 1)...].map { .message($0) } + events.filter(\.isNoMessage)
            return Array(messages[..<end])
        }
        try unsubscribe(own)
        return messages
    }

    // MARK: - Asking

    /// Publishes, and awaits the acknowledgement.
    @discardableResult
    func publish(
        _ topic: String,
        _ payload: String,
        qos: UInt8 = 1,
        retain: Bool = false,
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) throws -> ReasonCode {
        var message = Message(topic: topic, payload: payload, qos: qos, retain: retain)
        change(&message.properties)
        return try reason(of: open().publish(message))
    }

    /// Subscribes, and awaits the SUBACK.
    @discardableResult
    func subscribe(
        _ filters: String...,
        qos: UInt8,
        identifier: UInt32? = nil,
        _ change: (inout SubscriptionOptions) -> Void = { _ in }
    ) throws -> [ReasonCode] {
        var options = SubscriptionOptions(qos: qos)
        change(&options)
        let packet = try open().subscribe(filters, options: options, identifier: identifier)
        return try take("a SUBACK") { event in
            guard case .subscribed(packet, let granted) = event else { return nil }
            return granted
        }
    }

    /// Unsubscribes, and awaits the UNSUBACK.
    func unsubscribe(_ filters: String...) throws {
        let packet = try open().unsubscribe(filters)
        _ = try take("an UNSUBACK") { $0 == .unsubscribed(packetID: packet) ? true : nil }
    }
}

extension Event {
    fileprivate var isNoMessage: Bool {
        if case .message = self { false } else { true }
    }
}
