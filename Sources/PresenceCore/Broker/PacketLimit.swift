import Presence

/// How large a publish the broker takes.
///
/// MQTT 5 tells it at the connection: the Maximum Packet Size. What a broker keeps to itself, as
/// mosquitto does with its `message_size_limit`, shows when it refuses.
public struct PacketLimit: Hashable, Sendable {
    /// The most bytes that MQTT itself lets a packet have (MQTT 5, section 2.1.4).
    public static let mqtt = 268_435_460

    /// The most bytes of a packet.
    public var packet: Int
    /// The most bytes of a payload.
    public var payload: Int

    /// A limit, by default that of MQTT itself.
    public init(packet: Int = mqtt, payload: Int = mqtt) {
        self.packet = packet
        self.payload = payload
    }

    /// The most bytes that the payload of a publish may have; below 0 where not even the rest fits.
    ///
    /// - Parameters:
    ///   - topic: The bytes of the topic.
    ///   - properties: The bytes of the properties, each with its identifier.
    public func room(topic: Int, qos: UInt8, properties: Int = 0) -> Int {
        let identifier = qos > 0 ? 2 : 0
        let head = 2 + topic + identifier + Self.lengthOfLength(properties) + properties
        return min(payload, longestRemaining - head)
    }

    /// The bytes of the packet in which a publish goes, the same way as ``room(topic:qos:properties:)``.
    public static func packet(payload: Int, topic: Int, qos: UInt8, properties: Int = 0) -> Int {
        let identifier = qos > 0 ? 2 : 0
        let remaining =
            2 + topic + identifier + lengthOfLength(properties) + properties + payload
        return 1 + lengthOfLength(remaining) + remaining
    }

    /// The most bytes that may stand behind the length in a packet.
    private var longestRemaining: Int {
        let (short, long) = (
            max(min(packet - 2, 127), min(packet - 3, 16_383)),
            max(min(packet - 4, 2_097_151), min(packet - 5, 268_435_455))
        )
        return max(0, short, long)
    }

    /// How many bytes a length takes (MQTT 5, section 1.5.5).
    private static func lengthOfLength(_ length: Int) -> Int {
        switch length {
        case ...127: 1
        case ...16_383: 2
        case ...2_097_151: 3
        default: 4
        }
    }
}

extension PacketLimit {
    /// The bytes that Correlation Data adds to the properties.
    static func correlation(_ data: [UInt8]?) -> Int { data.map { $0.count + 3 } ?? 0 }

    private static let expiry = 5

    /// The room for a batch of events to any watcher.
    func eventRoom(_ topics: Topics) -> Int {
        // The longest name, with `/event/` in front.
        let topic = topics.prefix.utf8.count + 7 + Name.longestUser
        return room(topic: topic, qos: 1, properties: Self.expiry)
    }

    /// The room for any user's status, retained or alone in a batch of events.
    func statusRoom(_ topics: Topics) -> Int { eventRoom(topics) - 2 }
}

extension Limits {
    /// About how many bytes the longest packet has that these limits can bring about.
    public var longestPacket: Int {
        let longest = max(
            longestStatus * maxUsernames,
            Self.longestName * max(maxSubscriptions, maxBriefUsernames),
            maxMessage
        )
        // The topic, the Correlation Data and the id are the client's own.
        return longest + 2_048
    }

    /// In JSON a byte of a name becomes two at most.
    private static let longestName = 2 * Name.longestUser + 8

    /// About how many bytes the longest status has that these limits can bring about.
    var longestStatus: Int {
        let device = 2 * Name.longestDevice + StatusWord.longest + 8
        // A byte of a description becomes six at most.
        return 300 + Self.longestName + 6 * maxDescription + device * maxDevices
    }
}
