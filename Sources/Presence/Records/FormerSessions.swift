/// Which connections a device had before its current one: marks of the last two sessions.
///
/// A `lost` of one of them is an old connection's. One of a session that nobody has heard of is
/// that of a newer connection, which came and went while the bridge was away. The marks are 32 bits
/// of FNV-1a, since there is one of these for each device.
public struct FormerSessions: Hashable, Sendable {
    /// The marks, the newer one in the lower half; 0 for none.
    public private(set) var rawValue: UInt64

    /// Those of a raw value.
    public init(rawValue: UInt64 = 0) {
        self.rawValue = rawValue
    }

    /// Adds a session that is over; of more than two the oldest is forgotten.
    public mutating func add(_ session: String) {
        guard !contains(session) else { return }
        rawValue = rawValue << 32 | Self.mark(session)
    }

    /// Whether a session is one of them.
    public func contains(_ session: String) -> Bool {
        let mark = Self.mark(session)
        return rawValue & 0xffff_ffff == mark || rawValue >> 32 == mark
    }

    private static func mark(_ session: String) -> UInt64 {
        var hash: UInt32 = 0x811c_9dc5
        for byte in session.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return UInt64(max(1, hash))
    }
}
