import Presence

/// A set of users, a bit each.
///
/// The bits lie in blocks of 65,536 that are made when the first one is set: ids are given out from
/// 1 and used again, so few blocks are needed, and a wild id in a damaged file makes just one.
struct UserSet {
    private var blocks = [[UInt64]](repeating: [], count: 1 << 16)

    /// Adds a user.
    mutating func insert(_ id: UserID) {
        let block = Int(id >> 16)
        if blocks[block].isEmpty { blocks[block] = [UInt64](repeating: 0, count: 1 << 10) }
        blocks[block][Int(id >> 6) & 0x3FF] |= 1 << UInt64(id & 63)
    }

    /// Whether the user was added.
    func contains(_ id: UserID) -> Bool {
        let block = blocks[Int(id >> 16)]
        return !block.isEmpty && block[Int(id >> 6) & 0x3FF] & (1 << UInt64(id & 63)) != 0
    }
}
