import DequeModule
import Presence

/// Retained messages on topics with a name that nobody can have, which wait for being cleared.
struct Strays: Sendable {
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
    mutating func removeAll() { self = Strays() }
}

extension PresenceCore {
    /// Something retained on a topic with a name that nobody can have.
    mutating func clearStray(_ topic: String, at now: Instant) {
        guard TopicName.isPublishable(topic) else { return }
        let isFirst = strays.first == nil
        strays.append(topic)
        if isFirst { clearStrays(at: now) }
    }

    /// Clears what waits, one for each token of its user's.
    mutating func clearStrays(at now: Instant) {
        while let topic = strays.first {
            // The level that the broker's ACL ties to the login has the bucket, whatever it is.
            // Levels are parted by bytes: what stands behind a slash may combine with it.
            let levels = topic.utf8.dropFirst(topics.prefix.utf8.count + 1)
                .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let user = Name(checked: levels.count > 1 ? String(Substring(levels[1])) : "")
            guard takeToken(user, at: now) else {
                let wait = max(1, statements.wait(user, rate: limits.deviceRate))
                alarms.set(.strays, at: now.uptime + wait)
                return
            }
            strays.removeFirst()
            turn.writes.append(.clear(.stray(topic)))
        }
    }
}
