import DequeModule
import Presence

/// Retained messages on topics with a name that nobody can have, which wait for being cleared.
struct MisnamedTopics: Sendable {
    /// The most that wait; what is more is cleared after the next connection.
    static let most = 1_024

    private var topics = Deque<String>()
    private var waiting: Set<String> = []

    /// The one that waits longest.
    var first: String? { topics.first }

    /// Adds a topic, unless it waits already.
    mutating func append(_ topic: String) {
        guard topics.count < Self.most, waiting.insert(topic).inserted else { return }
        topics.append(topic)
    }

    /// Takes the one that waits longest.
    mutating func removeFirst() {
        if let first = topics.popFirst() { waiting.remove(first) }
    }

    /// Drops all, with the connection.
    mutating func removeAll() { self = MisnamedTopics() }
}
