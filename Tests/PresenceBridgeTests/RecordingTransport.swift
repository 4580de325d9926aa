import Mosquitto
import PresenceBridge

/// A connection to nowhere, on which everything that is published is noted.
final class RecordingTransport: Transport {
    var events: [Event] = []
    var published: [Message] = []
    /// The filters that were subscribed, each by itself.
    var subscribed: [String] = []
    private(set) var lastPacket: Int32 = 0

    /// The watchers to whom something was published, in the order of it.
    var told: [String] {
        published.filter { $0.topic.hasPrefix("presence/event/") }
            .map { String($0.topic.dropFirst("presence/event/".count)) }
    }

    /// What comes back of what was published, where nothing is retained: the question who serves, and
    /// the marker of each reading.
    var echoes: [Event] {
        published.filter {
            $0.topic.contains("/$bridge/") || $0.topic.hasSuffix("/duty")
                || $0.topic.hasSuffix("/retained")
        }
        .map(Event.message)
    }

    func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    func publish(_ message: Message) -> Int32 {
        published.append(message)
        lastPacket += 1
        return lastPacket
    }

    func connect() {}
    func read(limit: Int) -> Bool { false }
    func write() {}
    func tick() {}
    func subscribe(_ filters: [String], options: SubscriptionOptions, identifier: UInt32?) -> Int32
    {
        subscribed += filters
        return 0
    }
    func unsubscribe(_ filters: [String]) -> Int32 { 0 }
    func disconnect(reason: ReasonCode) {}
    var isConnected: Bool { true }
    var wantsWrite: Bool { false }
    var unacknowledged: Int { 0 }
    var fileDescriptor: Int32? { nil }
}
