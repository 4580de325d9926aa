import Presence

/// The number of a reading of retained topics that the core has ordered.
public typealias ReadingID = UInt32

/// What a device topic was found or heard to say.
public struct Report: Hashable, Sendable {
    /// The user in the topic.
    public var user: Name
    /// The device in the topic.
    public var device: Name
    /// The payload as it came; empty where the topic was emptied.
    public var payload: [UInt8]
    /// Whether it was published with the retain flag; `nil` where that cannot be known.
    public var isRetained: Bool?
    /// The `by` user property: the id of the bridge that wrote it.
    public var by: String?
    /// The reading that found it; `nil` for what came by the lasting subscription.
    public var reading: ReadingID?
    /// The session of a statement that was deferred until this one took its place: the device's
    /// newest, as far as was heard.
    var deferredSession: String?
    /// When it came, in milliseconds of uptime; `nil` for what takes effect as it comes.
    var arrived: Int64?
    /// Whether an online word of the device was deferred until this one took its place: the device
    /// has been there meanwhile.
    var cameBack = false
    /// Whether it was found after a restart of the broker, and said since.
    var isProven = false
    /// Whether something that cannot be read came after it while it was deferred: perhaps the will.
    var isFollowedByRefused = false
    /// The reading in which the known word was found while this one was deferred: a copy of it, or said since.
    var metKnownWordIn: ReadingID?

    /// A report of a device topic.
    public init(
        user: Name,
        device: Name,
        payload: [UInt8],
        isRetained: Bool? = true,
        by: String? = nil,
        reading: ReadingID? = nil
    ) {
        self.user = user
        self.device = device
        self.payload = payload
        self.isRetained = isRetained
        self.by = by
        self.reading = reading
    }
}

/// A request as it came.
public struct RequestMessage: Hashable, Sendable {
    /// The user in the topic.
    public var user: Name
    /// The device in the topic.
    public var device: Name
    /// The operation in the topic, as it was written.
    public var operation: String
    /// The payload.
    public var payload: [UInt8]
    /// The quality of service that it came with, which the answer has too.
    public var qos: UInt8
    /// Whether it was published with the retain flag.
    public var isRetained: Bool
    /// The topic that it came on, to be cleared if it was retained.
    public var topic: String
    /// The MQTT 5 Response Topic.
    public var responseTopic: String?
    /// The MQTT 5 Correlation Data.
    public var correlationData: [UInt8]?

    /// A request as it came.
    public init(
        user: Name,
        device: Name,
        operation: String,
        payload: [UInt8],
        qos: UInt8 = 1,
        isRetained: Bool = false,
        topic: String = "",
        responseTopic: String? = nil,
        correlationData: [UInt8]? = nil
    ) {
        self.user = user
        self.device = device
        self.operation = operation
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.topic = topic
        self.responseTopic = responseTopic
        self.correlationData = correlationData
    }
}

/// How many more answers may be given before the broker has taken those that wait for it.
public struct AnswerRoom: Hashable, Sendable {
    /// The answers that are no refusals for want of room.
    public var answers: Int
    /// The bytes of their payloads.
    public var bytes: Int
    /// The refusals for want of room.
    public var refusals: Int

    /// Room for so many.
    public init(answers: Int, bytes: Int, refusals: Int) {
        self.answers = answers
        self.bytes = bytes
        self.refusals = refusals
    }

    /// As long as nobody knows better.
    static let unlimited = AnswerRoom(answers: .max, bytes: .max, refusals: .max)

    /// An answer is given.
    mutating func take(_ length: Int) {
        answers = max(0, answers - 1)
        bytes = max(0, bytes - length)
    }

    /// Whether a request may be carried out.
    package var isOpen: Bool { answers > 0 && bytes > 0 }
}

/// What has happened.
public enum Input: Hashable, Sendable {
    /// The broker is there. What the core orders next is a reading of everything.
    case brokerFound
    /// The broker is gone, and what was known of its limits with it.
    case brokerLost
    /// How large a publish the broker takes: said before ``brokerFound``, and whenever it shows that
    /// it takes less.
    case packetsLimited(PacketLimit)
    /// The broker has refused an answer for its length.
    case answerRefused(Reply)
    /// The broker's uptime in seconds, and whether it is the retained one.
    case uptimeReported(Int64, isRetained: Bool)
    /// A device topic's content.
    case deviceReported(Report)
    /// What is retained of the bridge's own state, found at a connection before anything else, and by
    /// which connection of the bridge it was left, where the broker tells.
    case ownStateFound([UInt8], by: String?)
    /// The mark beside the bridge's own state, and which connection left it: as it was found with the
    /// state, or as it has just been written.
    case markReported(Int64, by: String?, isRetained: Bool)
    /// Some of the device topics on which something was stated since the broker's start, as its plugin
    /// says: in answer to ``Effect/askForStated``.
    case statedSinceStart([DeviceKey])
    /// A message on a topic that was adopted.
    case adoptedHeard(AdoptedMessage)
    /// Another bridge has left its state on the same prefix: what it wrote to device topics is no word of theirs, either.
    case bridgeFound(String)
    /// Below which prefix messages that describe users were written, as it is noted beside the bridge's own state.
    case exportNoteFound(String)
    /// A message that describes a user to another program, found by a reading of those.
    case discoveryMessageFound(topic: String, payload: [UInt8])
    /// A retained status, found by the reading at a connection.
    case statusFound(user: Name, payload: [UInt8])
    /// Something retained on a device or request topic whose names nobody can have.
    case misnamedFound(topic: String)
    /// The reading of names has found a device topic on which something is retained.
    case deviceListed(DeviceKey)
    /// The broker has dropped something of a reading, which is about to end.
    case readingCut(ReadingID)
    /// The broker is proved to send only so many retained messages to a subscription with a wildcard.
    case readingsLimited
    /// A reading has come to its end.
    case readingEnded(ReadingID)
    /// A request.
    case requestReceived(RequestMessage)
    /// A question that did not come by the broker; it is answered in the same turn, whatever happens.
    case asked(Question)
    /// What was read of the change log for ``Effect/recall(_:_:)``; `nil` where it could not be read.
    case recalled(UInt64, [LoggedChange]?)
    /// The shell has not read for so long that the broker may have dropped messages.
    case readingStalled
    /// The broker has dropped messages, to whomever.
    case messagesDropped
    /// More is on its way to the broker than it keeps up with, or no longer.
    case brokerCongested(Bool)
    /// How many answers may be given until this is said again.
    case answersLimited(AnswerRoom)
    /// The operator has changed the limits.
    case limitsChanged(Limits)
    /// Everything that has happened is in; what is to be stored comes now.
    case turnEnded
    /// What the turn wanted stored is stored.
    case saved
    /// What the turn wanted stored is not, and why.
    case saveFailed(String)
}
