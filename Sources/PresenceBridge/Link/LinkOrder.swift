import Logging
import Mosquitto
import PresenceAdoption
import PresenceCore

/// What the link's machine is told.
enum LinkInput: Sendable {
    case happened(Event)
    /// The broker could not even be called.
    case notCalled(MosquittoError)
    /// The library has taken something, as a packet with an identifier.
    case sent(LinkPacket, as: Int32)
    case notSent(LinkPacket, MosquittoError)
    case decided(Effect)
    /// One of the bridge's numbers is to be retained.
    case counted(name: String, value: String)
    /// Something of these has happened to the connection beside.
    indirect case side(LinkInput)
}

/// What the link does for its machine, in the order in which it is ordered.
enum LinkOrder: Equatable, Sendable {
    indirect case call(ConnectionOptions)
    /// Let go of the transport, whatever it still has.
    case hangUp
    /// Keep the connection alive: a second has gone by.
    case keepAlive
    /// Send a DISCONNECT after what is queued.
    case disconnect(ReasonCode)
    case send(LinkPacket)
    case tell(Input)
    case log(Logger.Level, String)
    /// Do that with the connection beside the one that the bridge serves by.
    indirect case side(LinkOrder)
}

/// What the library is given to send.
enum LinkPacket: Equatable, CustomStringConvertible {
    case subscribe(Subscription)
    case unsubscribe([String])
    /// A publish that counts in the window.
    case publish(Message)
    /// A publish past everything that waits.
    case publishAhead(Message)

    var description: String {
        switch self {
        case .publish(let message), .publishAhead(let message): "publish to \(message.topic)"
        case .subscribe(let subscription): "subscribe to \(subscription.filters.first ?? "")"
        case .unsubscribe(let filters): "unsubscribe from \(filters.first ?? "")"
        }
    }
}

/// The filters of one SUBSCRIBE, and how the broker delivers what they match.
struct Subscription: Equatable {
    /// The subscriptions that last as long as the connection, with the numbers that come back with each
    /// message.
    enum Lasting: UInt32 {
        case device = 1
        case status = 2
        case uptime = 3
        case request = 4
        case bridge = 5
        case adopted = 6
    }

    let filters: [String]
    private(set) var options = SubscriptionOptions(qos: 0)
    var identifier: UInt32?

    init(_ filters: [String], _ lasting: Lasting) {
        self.init(filters, identifier: lasting.rawValue)
        // Each request comes with the QoS that it was sent with, since its answer has the same.
        // Retained ones come, too, for as long as there are any: they are refused and cleared.
        if lasting == .request { options.qos = 2 }
        options.retainAsPublished = lasting == .device || lasting == .request
    }

    init(_ filters: [String], identifier: UInt32) {
        self.filters = filters
        self.identifier = identifier
    }

    /// Topics that were adopted, for as long as the connection lasts.
    ///
    /// What comes with the retain flag was found: the flag of what is published live is not wanted.
    init(adopting filters: [String], qos: UInt8) {
        self.init(filters, identifier: Lasting.adopted.rawValue)
        options.qos = qos
    }

    /// As few as these filters take, by quality of service.
    ///
    /// - Parameter last: What each of them asks for last, if anything. With QoS 1 it would tell nothing: what is
    ///   retained comes in another lane then.
    static func adopting(_ filters: [TopicFilter], last: String? = nil) -> [Subscription] {
        [0, 1].flatMap { qos in
            filters.filter { $0.qos == qos }.map(\.text).packets(last: qos == 0 ? last : nil)
                .map { Subscription(adopting: $0, qos: qos) }
        }
    }

    /// The subscription of a connection beside: the broker keeps for its session what it has to deliver
    /// with QoS 1.
    init(kept filters: [String]) {
        self.filters = filters
        options.qos = 1
    }
}

/// How a connection has begun.
struct Greeting {
    var acknowledgement = Acknowledgement()
    var version = ProtocolVersion.v5
    var clientID = ""
    /// What tells the connection from all others.
    var connectionID = ""
    var probes: ProbeTopics

    /// Whether the broker says by which subscription a message comes.
    var hasIdentifiers: Bool { acknowledgement.subscriptionIdentifiersAvailable }
}

extension [String] {
    /// These filters in packets of as many, and as many bytes, as one may have.
    ///
    /// - Parameter last: What stands at the end of each packet, if anything.
    func packets(last: String? = nil) -> [[String]] {
        var packets: [[String]] = []
        var bytes = 0
        let most = LinkBounds.filtersPerPacket - (last == nil ? 0 : 1)
        for filter in self {
            // Its length stands before it, and its options behind.
            let length = filter.utf8.count + 3
            bytes += length
            if packets.isEmpty || packets[packets.count - 1].count == most
                || bytes > LinkBounds.bytesPerPacket
            {
                packets.append([])
                bytes = length
            }
            packets[packets.count - 1].append(filter)
        }
        return packets.map { $0 + [last].compactMap(\.self) }
    }
}

/// What a transport is at, for the machine to decide by.
struct TransportState {
    /// Whether the broker has accepted the connection and it is not over.
    var isConnected = false
    /// Whether something waits to be handed to the network.
    var wantsWrite = false
    /// How many publishes of QoS 1 and 2 the broker has not acknowledged.
    var unacknowledged = 0
}
