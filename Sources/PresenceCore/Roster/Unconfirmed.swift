import Presence

/// What the bridge wrote to device topics and has not seen come back.
///
/// A word of the device may have arrived just before it, and been overwritten. While the connection
/// stands both come back, and the word is put back; if it breaks before, nobody knows of the word.
/// So once the next connection is read the devices are asked to announce themselves. The same holds
/// for a word that the broker dropped, which is known only a while later.
struct Unconfirmed: Sendable {
    /// The most that are remembered; a broker that drops what comes back may leave many.
    static let most = 10_000

    /// The writes, each with the last reading that was begun before it.
    private var writes: [DeviceKey: ReadingID] = [:]
    /// What was written of late, and some time before that, whether it came back or not.
    private var late: Set<DeviceKey> = []
    private var earlier: Set<DeviceKey> = []
    private var lateSince: Int64 = 0

    /// Notes a write.
    ///
    /// - Parameter memory: For how long it is remembered at least, in milliseconds.
    mutating func insert(
        _ key: DeviceKey,
        after reading: ReadingID,
        memory: Int64,
        at now: Instant
    ) {
        if writes.count < Self.most || writes[key] != nil { writes[key] = reading }
        if now.uptime - lateSince > memory {
            (earlier, late, lateSince) = (late, [], now.uptime)
        }
        if late.count < Self.most { late.insert(key) }
    }

    /// What was written of late, which is then forgotten.
    mutating func takeRecent() -> [DeviceKey] {
        defer { (earlier, late) = ([], []) }
        return late.union(earlier).sorted()
    }

    /// It came back.
    mutating func remove(_ key: DeviceKey) { writes[key] = nil }

    /// Whether a reading may have passed by a topic before it was written.
    func outruns(_ reading: ReadingID, _ key: DeviceKey) -> Bool {
        writes[key].map { reading <= $0 } ?? false
    }

    /// All of them, which are then forgotten.
    mutating func takeAll() -> [DeviceKey] {
        defer { writes = [:] }
        return writes.keys.sorted()
    }
}

extension PresenceCore {
    /// Notes what is about to be written to device topics.
    mutating func noteUnconfirmed(at now: Instant) {
        for write in turn.writes {
            switch write {
            case .retain(.device(let user, let device), _), .clear(.device(let user, let device)):
                unconfirmed.insert(
                    DeviceKey(user, device),
                    after: readings.last,
                    memory: limits.auditInterval.milliseconds,
                    at: now
                )
            default: continue
            }
        }
    }

    /// The broker has dropped messages: the audit finds what they said, but for what was overwritten
    /// since, whose devices are asked.
    mutating func hearOfDrops(at now: Instant) {
        readings.miss(limits, at: now)
        for key in unconfirmed.takeRecent() {
            turn.replies.append(announcement(key.user, key.device))
        }
    }

    /// Asks those whose word may have been overwritten as the last connection broke.
    mutating func askUnconfirmed() {
        for key in unconfirmed.takeAll() {
            turn.replies.append(announcement(key.user, key.device))
        }
    }
}
