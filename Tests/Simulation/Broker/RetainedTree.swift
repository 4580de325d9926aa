import Mosquitto

/// A message that the broker keeps, or holds for a client.
struct KeptMessage {
    var message: Message
    /// When it expires, in Unix milliseconds.
    var expires: Int64?
    /// When it came, as a number among all.
    var serial: UInt64 = 0

    init(_ message: Message, at unix: Int64) {
        self.message = message
        expires = message.properties.messageExpiry.map { unix + Int64($0) * 1_000 }
    }

    /// The message with what is left of its expiry, or `nil` if nothing is.
    func current(at unix: Int64) -> Message? {
        guard let expires else { return message }
        guard expires > unix else { return nil }
        var message = message
        message.properties.messageExpiry = UInt32(clamping: (expires - unix + 999) / 1_000)
        return message
    }
}

/// The retained messages of a broker, by the levels of their topics.
struct RetainedTree {
    private struct Node {
        var children: [Int: Int] = [:]
        var kept: KeptMessage?
        /// Whether it is a first level that begins with `$`.
        var isHidden = false
    }

    private let levels: TopicLevels
    private var nodes = [Node()]
    private var serial: UInt64 = 0

    init(_ levels: TopicLevels) {
        self.levels = levels
    }

    /// Keeps a message, or with an empty payload nothing, on its topic.
    mutating func set(_ message: Message, at unix: Int64) {
        let path = levels.path(message.topic)
        var index = 0
        for level in path.levels {
            if let child = nodes[index].children[level] {
                index = child
            } else {
                let isHidden = index == 0 && path.isHidden
                nodes[index].children[level] = nodes.count
                index = nodes.count
                nodes.append(Node(isHidden: isHidden))
            }
        }
        guard !message.payload.isEmpty else {
            nodes[index].kept = nil
            return
        }
        serial += 1
        var kept = KeptMessage(message, at: unix)
        kept.serial = serial
        nodes[index].kept = kept
    }

    /// All messages that have not expired, by topic, but those below `$`.
    func all(at unix: Int64) -> [String: Message] {
        var all: [String: Message] = [:]
        for message in matches("#", at: unix) { all[message.topic] = message }
        return all
    }

    /// The messages that a filter matches and that have not expired, in the order in which they came.
    func matches(_ filter: String, at unix: Int64) -> [Message] {
        let path = levels.path(filter)
        var found: [KeptMessage] = []
        collect(0, path, 0, &found)
        if found.count > 1 { found.sort { $0.serial < $1.serial } }
        return found.compactMap { $0.current(at: unix) }
    }

    private func collect(
        _ index: Int,
        _ path: TopicLevels.Path,
        _ depth: Int,
        _ found: inout [KeptMessage]
    ) {
        guard depth < path.levels.count else {
            if let kept = nodes[index].kept { found.append(kept) }
            return
        }
        let level = path.levels[depth]
        if level == TopicLevels.hash {
            collectAll(index, &found)
        } else if level == TopicLevels.plus {
            // Of a dictionary, but what is found is sorted.
            for child in nodes[index].children.values where !nodes[child].isHidden {
                collect(child, path, depth + 1, &found)
            }
        } else if let child = nodes[index].children[level] {
            collect(child, path, depth + 1, &found)
        }
    }

    private func collectAll(_ index: Int, _ found: inout [KeptMessage]) {
        if let kept = nodes[index].kept { found.append(kept) }
        for child in nodes[index].children.values where !nodes[child].isHidden {
            collectAll(child, &found)
        }
    }
}
