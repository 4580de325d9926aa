import DequeModule
import Mosquitto
import PresenceBridge
import PresenceCore

/// A client's connection to a simulated broker, which behaves as libmosquitto's does.
///
/// As that, it does nothing by itself: its owner reads, writes and ticks, and ``onReadable`` says
/// when there is something to read. One that is let go closes its socket without a DISCONNECT, and
/// the broker publishes the will: who only does harm to it should hold it weakly.
package final class SimulatedTransport: Transport {
    enum State {
        case idle
        case connecting
        case connected
        case finished
    }

    /// How much of what was written, and has not arrived, is lost with a connection.
    package enum Loss: Sendable {
        /// All of it arrives.
        case nothing
        /// A random part of it, of what was written last.
        case tail
        /// None of it arrives.
        case everything
    }

    /// What the connection was made with.
    package let options: ConnectionOptions
    private let broker: SimulatedBroker
    private(set) var session: Session?
    var state = State.idle
    var events: [Event] = []

    /// Packets that have arrived and are not read.
    private var received: Deque<ServerPacket> = []
    /// Packets that wait for ``write()``.
    var outgoing: Deque<ClientPacket> = []
    /// Publishes of QoS 1 and 2 that wait for others to be acknowledged.
    var held: Deque<ClientPacket> = []
    /// The publishes of QoS 1 and 2 that are not acknowledged, those that wait too.
    var pending: Set<Int32> = []
    /// Messages of QoS 2 that came and are not released.
    var unreleased: [Int32: Message] = [:]
    var window = 0
    var lastPacketID: Int32 = 0
    var duplicatesNext = false
    private var lastIn: Int64 = 0
    private var nextOut: Int64 = 0
    private var awaitsPong = false

    /// Called, at the time of arrival, when something new can be read, be it the end.
    package var onReadable: (() -> Void)?
    /// How many events it has handed out, and how many messages it was given.
    package private(set) var takenCount = 0
    package internal(set) var publishedCount = 0
    /// Called with each event as ``takeEvents()`` hands it out.
    package var onTaken: ((Event) -> Void)?

    /// Whether nothing passes, either way, and neither side learns of it.
    package var isSwallowed = false {
        didSet { session?.isSwallowed = isSwallowed }
    }

    /// Whether the process reads; one that stands still leaves all that comes to pile up.
    package var isReading = true {
        didSet { if isReading, !received.isEmpty { onReadable?() } }
    }

    init(_ options: ConnectionOptions, broker: SimulatedBroker) {
        self.options = options
        self.broker = broker
    }

    deinit {
        session?.toBroker.send(.end)
    }

    /// The process dies: what has not arrived may be lost, and nobody is left to be told anything.
    ///
    /// The broker learns of it as soon as what is not lost has arrived, and publishes the will.
    package func sever(losing loss: Loss = .tail) {
        received = []
        events = []
        state = .finished
        hangUp(losing: loss)
    }

    /// The connection breaks: broker and client learn of it.
    package func cut(losing loss: Loss = .tail) {
        guard let session, state != .finished else { return }
        session.toClient.lose(broker.lost(loss, of: session.toClient.count))
        session.toClient.send(.end(.lost("Connection reset by peer")))
        lose(loss, of: session)
    }

    /// Sends the next publish of QoS 1 twice, as when its PUBACK was lost.
    package func duplicateNext() { duplicatesNext = true }

    private func lose(_ loss: Loss, of session: Session) {
        session.toBroker.lose(broker.lost(loss, of: session.toBroker.count))
        session.toBroker.send(.end)
    }

    private func hangUp(losing loss: Loss) {
        guard let session else { return }
        lose(loss, of: session)
        session.toClient.onArrival = nil
        session.toClient.onPause = nil
        self.session = nil
    }

    /// The end: one last event, and none after it.
    func finish(_ closure: Closure) { finish(with: .closed(closure)) }

    func finish(with event: Event) {
        guard state != .finished else { return }
        state = .finished
        events.append(event)
        hangUp(losing: .nothing)
    }

    // MARK: - Transport

    package func connect() throws(MosquittoError) {
        precondition(state == .idle, "connect() is called once; the state is \(state)")
        state = .connecting
        let session = broker.open()
        session.isSwallowed = isSwallowed
        session.toClient.onArrival = { [weak self, weak session] packet in
            session?.unread += 1
            self?.received.append(packet)
        }
        session.toClient.onPause = { [weak self] in
            guard let self, isReading else { return }
            onReadable?()
        }
        self.session = session
        lastIn = now
        nextOut = now + keepAlive
        outgoing.append(.connect(options))
    }

    package func read(limit: Int) -> Bool {
        guard isReading else { return false }
        var count = 0
        while count < limit, state != .finished, let packet = received.popFirst() {
            count += 1
            lastIn = now
            // What it frees is sent at once, but arrives later.
            session?.isRead(1)
            if case .pingresp = packet { awaitsPong = false } else { take(packet) }
        }
        return count == limit
    }

    package func write() {
        guard state == .connecting || state == .connected, let session else { return }
        while let packet = outgoing.popFirst() {
            nextOut = now + keepAlive
            session.toBroker.send(packet)
            if case .publish(let message, let packetID, _) = packet, message.qos == 0 {
                events.append(.published(packetID: packetID, reason: .success))
            }
        }
    }

    package func tick() {
        guard state == .connecting || state == .connected, keepAlive > 0 else { return }
        guard now >= nextOut || now - lastIn >= keepAlive else { return }
        guard state == .connected, !awaitsPong else { return finish(.keepAliveTimeout) }
        awaitsPong = true
        outgoing.append(.pingreq)
        lastIn = now
        nextOut = now + keepAlive
    }

    package func takeEvents() -> [Event] {
        var taken: [Event] = []
        swap(&taken, &events)
        takenCount += taken.count
        if let onTaken {
            for event in taken { onTaken(event) }
        }
        return taken
    }

    package func disconnect(reason: ReasonCode) {
        guard state == .connected else { return finish(.byUs) }
        outgoing.append(.disconnect(options.protocolVersion == .v5 ? reason : .success))
        write()
        finish(.byUs)
    }

    package var isConnected: Bool { state == .connected }

    package var wantsWrite: Bool { state != .finished && !outgoing.isEmpty }

    package var unacknowledged: Int { pending.count }

    package var fileDescriptor: Int32? { nil }

    private var now: Int64 { broker.agenda.now.uptime }

    private var keepAlive: Int64 { Int64(options.keepAlive) * 1_000 }
}

extension SimulatedBroker {
    fileprivate func lost(_ loss: SimulatedTransport.Loss, of count: Int) -> Int {
        switch loss {
        case .nothing: 0
        case .tail: dice.count(0...count)
        case .everything: count
        }
    }
}
