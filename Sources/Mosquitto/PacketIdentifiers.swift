/// Which packet identifiers are on their way and unacknowledged.
///
/// The library counts identifiers up and around and does not look whether one is still in use, so
/// this must, before it asks for the next one.
struct PacketIdentifiers {
    /// The identifier that the library gave out last.
    var last: Int32 = 0

    /// How many are unacknowledged.
    private(set) var count = 0

    private var inUse = [UInt64](repeating: 0, count: 1024)

    /// Whether the identifier that the library gives out next is free.
    var isNextFree: Bool {
        let next = last >= 65_535 ? 1 : last + 1
        return inUse[Int(next) >> 6] & (1 << UInt64(next & 63)) == 0
    }

    /// Notes that a packet with this identifier waits for its acknowledgement.
    mutating func begin(_ identifier: Int32) {
        inUse[Int(identifier & 0xFFFF) >> 6] |= 1 << UInt64(identifier & 63)
        count += 1
    }

    /// Notes the acknowledgement; one that nobody waits for changes nothing.
    mutating func end(_ identifier: Int32) {
        let bit: UInt64 = 1 << UInt64(identifier & 63)
        guard inUse[Int(identifier & 0xFFFF) >> 6] & bit != 0 else { return }
        inUse[Int(identifier & 0xFFFF) >> 6] &= ~bit
        count -= 1
    }
}
