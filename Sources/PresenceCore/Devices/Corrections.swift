import Presence

/// What the bridge wrote to device topics and has not seen come back.
///
/// A statement of the device may have arrived just before such a write, and been written over. While the
/// connection stands, both come back, and the statement is put back; if the connection breaks before,
/// the bridge never hears of the statement. So once the next connection is read, the devices are asked
/// to announce themselves. The same holds for a statement that the broker dropped, which shows later.
struct Corrections: Sendable {
    /// The most that are remembered; a broker that drops what comes back may leave many.
    static let most = 10_000

    /// What this turn is to write.
    private var pending: Set<DeviceKey> = []
    /// The writes, each with the last reading that was begun before it.
    private var writes: [DeviceKey: ReadingID] = [:]
    /// What was written of late, and some time before that, whether it came back or not.
    private var late: Set<DeviceKey> = []
    private var earlier: Set<DeviceKey> = []
    private var lateSince: Int64 = 0

    /// Notes that this turn is to write to a topic.
    mutating func prepare(_ key: DeviceKey) { pending.insert(key) }

    /// What was to be written is written, or is not, since something newer is there or the connection
    /// is gone.
    mutating func dropPending() { pending = [] }

    /// Whether this turn is to write to a topic.
    func isPending(_ key: DeviceKey) -> Bool { pending.contains(key) }

    /// Notes a write.
    ///
    /// - Parameters:
    ///   - isAsked: Whether the device is asked where its word may have been written over.
    ///   - memory: For how long it is remembered at least, in milliseconds.
    mutating func insert(
        _ key: DeviceKey,
        after reading: ReadingID,
        isAsked: Bool = true,
        memory: Int64,
        at now: Instant
    ) {
        pending.remove(key)
        if writes.count < Self.most || writes[key] != nil { writes[key] = reading }
        if now.uptime - lateSince > memory {
            (earlier, late, lateSince) = (late, [], now.uptime)
        }
        if isAsked, late.count < Self.most { late.insert(key) }
    }

    /// What was written of late, which is then forgotten.
    mutating func takeRecent() -> [DeviceKey] {
        defer { (earlier, late) = ([], []) }
        return late.union(earlier).sorted()
    }

    mutating func confirm(_ key: DeviceKey) { writes[key] = nil }

    /// Whether a topic may have been written after a reading had passed by.
    func outrun(_ reading: ReadingID, _ key: DeviceKey) -> Bool {
        writes[key].map { reading <= $0 } ?? false
    }

    /// All of them, which are then forgotten.
    mutating func takeAll() -> [DeviceKey] {
        defer { writes = [:] }
        return writes.keys.sorted()
    }
}
