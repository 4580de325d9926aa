import DequeModule
import Mosquitto
import OrderedCollections
import PresenceCore

/// One connection of a simulated broker: both ways of it, and what the broker knows of the client.
///
/// The broker lets go of it when it closes it; what is still on its way to the client arrives.
final class Session {
    /// After how long without reading a client counts as one that stands still, in milliseconds.
    private static let patience: Int64 = 50

    enum State {
        /// Nothing has come yet.
        case open
        /// A CONNECT was accepted.
        case active
        /// The broker has closed it.
        case closed
    }

    let toBroker: OneWayChannel<ClientPacket>
    let toClient: OneWayChannel<ServerPacket>
    private let agenda: Agenda
    var limits: SimulatedBrokerOptions

    /// What holds for this client, if it is the slow one.
    private var slowness: SimulatedBrokerOptions.SlowReader? {
        limits.slowReader.flatMap { clientID.hasPrefix($0.prefix) ? $0 : nil }
    }
    var isSlow: Bool { slowness != nil }
    private var socketBuffer: Int { slowness?.socketBuffer ?? limits.socketBuffer }
    private var maxQueued: Int { slowness?.maxQueued ?? limits.maxQueued }

    var state = State.open
    var clientID = ""
    var version = ProtocolVersion.v5
    var keepAlive: Int64 = 0
    var will: Message?
    var willDelay: Int64 = 0
    /// When the last packet came.
    var lastHeard: Int64 = 0
    var subscriptions: [String: Subscription] = [:]
    /// Messages of QoS 2 that came and are not released.
    var unreleased: [Int32: Message] = [:]

    /// How many messages of QoS 1 and 2 the client takes at once.
    var inflightMaximum = 20
    /// For how long the broker keeps what the client has not acknowledged once the connection has ended, in
    /// milliseconds.
    var expiry: Int64 = 0
    /// How many packets have arrived at the client, which has not read them.
    var unread = 0
    /// How many messages were dropped since the broker last asked.
    var dropped = 0
    /// Called when some were dropped that were queued.
    var onDropped: (() -> Void)?
    /// What does not fit into the kernel's buffers.
    private var waiting: Deque<ServerPacket> = []
    /// When the client last read, or began to have something waiting for it.
    private var progressed: Int64 = 0
    private var isWatched = false
    /// The unacknowledged messages by their packet identifiers, oldest first.
    private var inflight: OrderedDictionary<Int32, Message> = [:]
    /// Messages of QoS 1 and 2 that must not be on their way yet.
    private var queued: Deque<KeptMessage> = []
    private var lastPacketID: Int32 = 0

    init(_ agenda: Agenda, _ limits: SimulatedBrokerOptions, latency: @escaping () -> Int64) {
        self.agenda = agenda
        self.limits = limits
        toBroker = OneWayChannel(agenda, latency: latency)
        toClient = OneWayChannel(agenda, latency: latency)
    }

    /// Whether nothing passes, either way.
    var isSwallowed: Bool {
        get { toBroker.isHeld }
        set {
            toBroker.isHeld = newValue
            toClient.isHeld = newValue
        }
    }

    /// Hands a packet to the kernel, or lets it wait until that has room.
    func send(_ packet: ServerPacket) {
        guard state != .closed else { return }
        if waiting.isEmpty, hasRoom {
            toClient.send(packet)
        } else {
            if waiting.isEmpty { progressed = agenda.now.uptime }
            waiting.append(packet)
        }
    }

    private var hasRoom: Bool { toClient.count + unread < socketBuffer }

    /// The client has read so many packets: there is room for others.
    func isRead(_ count: Int) {
        unread -= count
        progressed = agenda.now.uptime
        guard state != .closed else { return }
        while hasRoom, let packet = waiting.popFirst() { toClient.send(packet) }
    }

    /// Sends a message, queues it, or drops it.
    func deliver(_ message: Message) {
        guard message.qos > 0 else { return deliverAtMostOnce(message) }
        if inflight.count < inflightMaximum {
            fly(message)
        } else if queued.count < maxQueued {
            queued.append(KeptMessage(message, at: agenda.now.unix))
        } else {
            dropped += 1
        }
    }

    /// Drops a message of QoS 0 if too many wait for a client that does not read.
    ///
    /// One that reads is faster than the broker writes, but for a slow one: it gets the largest
    /// snapshot whole.
    private func deliverAtMostOnce(_ message: Message) {
        guard waiting.count < maxQueued || !(isStalled || slowness != nil) else {
            dropped += 1
            return
        }
        send(.publish(message, packetID: 0))
        guard !isWatched, waiting.count > maxQueued else { return }
        isWatched = true
        watchReading()
    }

    private var isStalled: Bool { agenda.now.uptime - progressed >= Self.patience }

    private func watchReading() {
        agenda.after(progressed + Self.patience - agenda.now.uptime) { [weak self] in
            guard let self else { return }
            guard state != .closed, waiting.count > maxQueued else {
                isWatched = false
                return
            }
            if isStalled { cut() } else { watchReading() }
        }
    }

    /// Drops what the broker would not have queued, had it known that the client stands still.
    private func cut() {
        isWatched = false
        let tail = waiting[maxQueued...]
        waiting.removeLast(tail.count)
        for packet in tail {
            if case .publish(let message, _) = packet, message.qos == 0 {
                dropped += 1
            } else {
                waiting.append(packet)
            }
        }
        onDropped?()
    }

    private func fly(_ message: Message) {
        repeat {
            lastPacketID = lastPacketID >= 65_535 ? 1 : lastPacketID + 1
        } while inflight[lastPacketID] != nil
        inflight[lastPacketID] = message
        // The packet is dropped like any other, but the message is kept for the next connection. Where
        // there is none, dropping is left to what is of QoS 0.
        if expiry > 0, slowness != nil, waiting.count >= maxQueued {
            dropped += 1
        } else {
            send(.publish(message, packetID: lastPacketID))
        }
    }

    /// What the session has to deliver to the client's next connection, oldest first.
    var unacknowledged: [Message] { inflight.values + queued.map(\.message) }

    /// The session of an earlier connection goes on.
    func goOn(with messages: [Message]) {
        for message in messages { deliver(message) }
    }

    /// The client has acknowledged a message: another can fly.
    func acknowledge(_ packetID: Int32) {
        guard inflight.removeValue(forKey: packetID) != nil else { return }
        while inflight.count < inflightMaximum, let next = queued.popFirst() {
            if let message = next.current(at: agenda.now.unix) { fly(message) }
        }
    }

    /// The broker closes its side.
    func close(_ closure: Closure) {
        guard state != .closed else { return }
        state = .closed
        waiting = []
        toClient.send(.end(closure))
    }
}
