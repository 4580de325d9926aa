import Presence
import PresenceAdoption

/// A retained topic that the bridge writes.
public enum RetainedTopic: Hashable, Sendable {
    /// A device topic, to put it right; the shell marks it as the bridge's.
    case device(Name, Name)
    /// A user's status.
    case status(Name)
    /// A topic by its full name, only ever to be cleared.
    case stray(String)
    /// A message that describes a user to another program, by its full topic.
    case discoveryMessage(String)
    /// Where it is noted below which prefix such messages are, beside the bridge's own state.
    case exportNote
}

/// What is to be read from the retained topics; a marker ends it.
public enum ReadingScope: Hashable, Sendable {
    /// At a connection: the bridge's own state and its mark, the broker's uptime, then all statuses,
    /// then all topics that were adopted, then all device topics.
    case connection
    /// All device topics, and all topics that were adopted.
    case everyDevice
    /// The device topics of these users.
    case users([Name])
    /// Single device topics.
    case devices([DeviceKey])
    /// Single topics that were adopted.
    case adopted([String])
    /// Messages that describe users to another program, by the filter of their topics.
    case discoveryMessages(String)
    /// Of all device topics the names alone, however short the broker's queue is; it counts as cut if the
    /// broker has no way for that.
    case names
}

/// An answer, or what asks a device to announce itself.
public struct Reply: Hashable, Sendable {
    /// The device's response topic or one below it.
    public var topic: String
    /// The payload.
    public var payload: [UInt8]
    /// The quality of service.
    public var qos: UInt8
    /// The Correlation Data of the request.
    public var correlationData: [UInt8]?

    /// An answer to a topic.
    public init(topic: String, payload: [UInt8], qos: UInt8 = 1, correlationData: [UInt8]? = nil) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.correlationData = correlationData
    }
}

/// How much a remark matters.
public enum Severity: Hashable, Sendable {
    /// For whoever looks for why something is as it is.
    case detail
    /// Worth knowing.
    case notice
    /// Something is wrong.
    case error
}

/// What is to be done.
public enum Effect: Hashable, Sendable {
    /// Store these, all or none; a turn has one of them at most.
    ///
    /// What devices alone have changed may be journaled. A request's changes are refused where the store
    /// itself does not take them, and so is the first try after a failure.
    case save([Change], isRequested: Bool)
    /// Read retained topics.
    case read(ReadingID, ReadingScope)
    /// Publish a batch of events to watchers, to each of them the same.
    case notify([Name], [UInt8])
    /// Publish retained.
    case retain(RetainedTopic, [UInt8])
    /// Publish nothing, retained: the topic is emptied.
    case clear(RetainedTopic)
    /// Publish to a device.
    case reply(Reply)
    /// Answer the question of a number.
    case answer(UInt64, Question.Answer)
    /// Read the change log, with what was stored in this turn, while turns go on: ``Input/recalled(_:_:)`` with
    /// this number follows.
    case recall(UInt64, HistoryQuery)
    /// Take requests, and retain the bridge's own state with this epoch and grace in seconds.
    case serve(epoch: Int64, grace: Int64)
    /// Retain a mark beside the bridge's own state, behind it.
    case mark(Int64)
    /// Ask the broker's plugin, if there is one, on which device topics something was stated since the
    /// broker's start.
    case askForStated
    /// Publish something that is not retained on a topic of others, which a line of the configuration allows.
    case command(String, [UInt8])
    /// Subscribe to topics that were learned, beside those that were before, and read what is retained there. For a
    /// connection whose first reading has not been ordered yet, these are all of them, and that reading includes them.
    case listen(to: [TopicFilter])
    /// End the MQTT subscription to topics that were learned.
    case stopListening(to: [String])
    /// Say so in the log.
    case log(Severity, String)
}
