/// Which packet identifiers are on their way and unacknowledged.
///
/// The library counts identifiers up and around and does not look whether one is still in use, so
/// this must, before it asks for the next one.
struct PacketIdentifiers {
    /// The identifier that the library gave out last.
    var last: Int32 = 0

    private var inUse: Set<Int32> = []

    var count: Int { inUse.count }

    /// Whether the identifier that the library gives out next is free.
    var isNextFree: Bool { !inUse.contains(last >= 65_535 ? 1 : last + 1) }

    mutating func begin(_ identifier: Int32) { inUse.insert(identifier) }

    /// Notes the acknowledgement; one that nobody waits for changes nothing.
    mutating func end(_ identifier: Int32) { inUse.remove(identifier) }
}
