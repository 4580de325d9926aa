import Presence

/// What clients have stated themselves, and have not taken back: for when one ends of which nothing
/// will tell.
///
/// Of each topic the last word counts: what another connection has stated there since is not ended
/// with the first one.
struct OwnWords: Sendable {
    /// The most topics that are kept of a connection; a user has 64 devices, if no more are allowed.
    static let mostTopics = 64

    /// A device that a connection has left behind.
    struct Left: Hashable, Sendable {
        var device: DeviceKey
        /// The session of its last word.
        var session: String?
    }

    private struct Word {
        var key: UInt
        var session: String?
    }

    private var words: [DeviceKey: Word] = [:]
    private var topics: [UInt: [DeviceKey]] = [:]

    /// How many topics are kept.
    var count: Int { words.count }

    /// A client has stated something; `nil` for that it has cleared the topic.
    mutating func state(_ key: UInt, _ device: DeviceKey, _ statement: Statement?) {
        guard let statement, !statement.status.isEnd else {
            forget(device)
            return
        }
        if words[device]?.key == key {
            words[device]?.session = statement.session
            return
        }
        forget(device)
        guard topics[key, default: []].count < Self.mostTopics else { return }
        words[device] = Word(key: key, session: statement.session)
        topics[key, default: []].append(device)
    }

    /// A connection has ended; returns the devices on whose topics its word was the last.
    mutating func end(_ key: UInt) -> [Left] {
        (topics.removeValue(forKey: key) ?? []).compactMap { device in
            words.removeValue(forKey: device).map { Left(device: device, session: $0.session) }
        }
    }

    /// Forgets all.
    mutating func removeAll() { self = OwnWords() }

    private mutating func forget(_ device: DeviceKey) {
        guard let key = words.removeValue(forKey: device)?.key else { return }
        topics[key]?.removeAll { $0 == device }
        if topics[key]?.isEmpty == true { topics[key] = nil }
    }
}

extension StatusWord {
    /// Whether a device that says so has gone.
    var isEnd: Bool { self == .offline || self == .lost }
}
