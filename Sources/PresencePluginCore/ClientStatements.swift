import Presence

/// What clients have stated themselves and not taken back: it is what the plugin ends in the place of a
/// missing will.
///
/// Of each topic the last statement counts: what another connection has stated there since does not
/// end with the first one.
struct ClientStatements: Sendable {
    /// The most topics that are kept of a connection; a user has 64 devices, if no more are allowed.
    static let mostTopics = 64

    /// A device whose connection has ended.
    struct Left: Hashable, Sendable {
        var device: DeviceKey
        var session: String?
    }

    private struct Last {
        /// The connection that made it.
        var key: UInt
        var session: String?
    }

    private var last: [DeviceKey: Last] = [:]
    private var topics: [UInt: [DeviceKey]] = [:]

    var count: Int { last.count }

    /// A client has stated something, or, with `nil`, has cleared the topic.
    mutating func state(_ key: UInt, _ device: DeviceKey, _ statement: Statement?) {
        guard let statement, !statement.status.isEnd else { return forget(device) }
        if last[device]?.key == key {
            last[device]?.session = statement.session
            return
        }
        forget(device)
        guard topics[key, default: []].count < Self.mostTopics else { return }
        last[device] = Last(key: key, session: statement.session)
        topics[key, default: []].append(device)
    }

    /// A connection has ended; returns the devices whose last statement was made over it.
    mutating func end(_ key: UInt) -> [Left] {
        (topics.removeValue(forKey: key) ?? []).compactMap { device in
            last.removeValue(forKey: device).map { Left(device: device, session: $0.session) }
        }
    }

    private mutating func forget(_ device: DeviceKey) {
        guard let key = last.removeValue(forKey: device)?.key else { return }
        topics[key]?.removeAll { $0 == device }
        if topics[key]?.isEmpty == true { topics[key] = nil }
    }
}

extension StatusWord {
    /// Whether a device that says so has gone.
    var isEnd: Bool { self == .offline || self == .lost }
}
