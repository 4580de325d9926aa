import DequeModule
import Mosquitto

/// What waits to be published, in order.
///
/// The library's own queue has no bound and is slow when it is long, so no more than a window is
/// handed to it. Of a retained topic only the newest content waits, behind all that was there
/// before it: a status never overtakes the event that tells of it.
struct Outbound {
    /// From how many waiting publishes on the broker is said not to keep up, and below how many it
    /// is said to keep up again.
    static let (congested, relieved) = (20_000, 5_000)

    private enum Item {
        case message(Message)
        /// The place of a retained topic; an older one than the topic's own counts for nothing.
        case retained(topic: String, serial: UInt64)
    }

    private var queue = Deque<Item>()
    private var retained: [String: (message: Message, serial: UInt64)] = [:]
    private var serial: UInt64 = 0

    /// How many publishes wait.
    private(set) var count = 0

    /// How many places are kept, with those that count for nothing any more: at most twice as many
    /// as publishes wait.
    var places: Int { queue.count }

    /// Adds a message at the end; retained content replaces what waits for its topic.
    mutating func append(_ message: Message) {
        guard message.retain else {
            count += 1
            queue.append(.message(message))
            return
        }
        serial += 1
        queue.append(.retained(topic: message.topic, serial: serial))
        if retained.updateValue((message, serial), forKey: message.topic) == nil {
            count += 1
        } else if queue.count > 2 * count {
            queue.removeAll(where: isOutdated)
        }
    }

    /// Takes the first.
    mutating func popFirst() -> Message? {
        while let item = queue.popFirst() {
            if isOutdated(item) { continue }
            count -= 1
            switch item {
            case .message(let message): return message
            case .retained(let topic, _): return retained.removeValue(forKey: topic)?.message
            }
        }
        return nil
    }

    private func isOutdated(_ item: Item) -> Bool {
        guard case .retained(let topic, let serial) = item else { return false }
        return retained[topic]?.serial != serial
    }

    /// Drops everything, with the connection.
    mutating func removeAll() {
        queue.removeAll()
        retained.removeAll()
        count = 0
    }
}
