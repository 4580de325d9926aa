import DequeModule
import Mosquitto

/// What waits to be published, in order.
///
/// The library's own queue has no bound and is slow when it is long, so no more than a window is
/// handed to it; of a retained topic only the newest content waits.
struct Outbound {
    /// How many publishes may be on their way at once.
    static let window = 256
    /// From how many waiting publishes on the broker is said not to keep up, and below how many it
    /// is said to keep up again.
    static let (congested, relieved) = (20_000, 5_000)

    private enum Item {
        case message(Message)
        case retained(topic: String)
    }

    private var queue = Deque<Item>()
    private var retained: [String: Message] = [:]

    /// How many publishes wait.
    var count: Int { queue.count }

    /// Adds a message at the end; retained content takes the place of what waits for its topic.
    mutating func append(_ message: Message) {
        guard message.retain else {
            queue.append(.message(message))
            return
        }
        if retained.updateValue(message, forKey: message.topic) == nil {
            queue.append(.retained(topic: message.topic))
        }
    }

    /// Takes the first.
    mutating func popFirst() -> Message? {
        switch queue.popFirst() {
        case nil: nil
        case .message(let message)?: message
        case .retained(let topic)?: retained.removeValue(forKey: topic)
        }
    }

    /// Drops everything, with the connection.
    mutating func removeAll() {
        queue.removeAll()
        retained.removeAll()
    }
}
