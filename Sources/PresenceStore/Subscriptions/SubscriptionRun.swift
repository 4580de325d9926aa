import Presence

/// Neighbouring subscriptions of one watcher, which are one row of the store.
///
/// There may be tens of millions of subscriptions, and a row for each would take several times as long to be
/// read, and twice the room. A run has all of the watcher's subscriptions to users from one number on, up to
/// where the watcher's next run begins. Most watchers have a single one, which begins at 0.
struct SubscriptionRun: Hashable {
    /// The most subscriptions of a run: three such rows fit on a page, so that a change rewrites little.
    static let longest = 128
    /// With how many a run begins where more come than it can have: some more find room in it then.
    static let filling = 96
    /// With fewer than this a run takes in the next one, if both together leave room.
    static let shortest = 32

    /// The user who watches.
    var watcher: UserID
    /// The number from which on users belong to it; ``UserID/everyone`` is the lowest.
    var start: UserID
    /// Who is watched, sorted by number.
    var watched: [WatchedUser]

    /// The number of the row: sorted by it, rows are sorted by watcher and then by user.
    var id: Int64 { Self.id(of: watcher, start) }

    /// The number of the run of a watcher that begins at a user.
    static func id(of watcher: UserID, _ start: UserID) -> Int64 {
        Int64(watcher) << 32 | Int64(start)
    }

    /// Shares subscriptions, sorted by user, among as many runs as they need.
    ///
    /// - Parameter start: where the first one begins, at or before the first user.
    static func runs(of watcher: UserID, from start: UserID, _ watched: [WatchedUser]) -> [Self] {
        guard watched.count > longest else {
            return [Self(watcher: watcher, start: start, watched: watched)]
        }
        let count = (watched.count + filling - 1) / filling
        return (0..<count).map { index in
            let from = watched.count * index / count
            let part = watched[from..<watched.count * (index + 1) / count]
            return Self(
                watcher: watcher,
                start: index == 0 ? start : watched[from].user,
                watched: Array(part)
            )
        }
    }
}

/// A run as bytes: for each subscription four of the user's number and five of the Unix second of its end,
/// the highest first.
extension SubscriptionRun {
    static let entryLength = 9

    /// The bytes of its subscriptions.
    var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: watched.count * Self.entryLength) {
            bytes,
            count in
            let raw = UnsafeMutableRawBufferPointer(bytes)
            for entry in watched {
                let expires = UInt64(truncatingIfNeeded: entry.expires)
                // The user's number is written over the upper three of the eight bytes.
                unsafe raw.storeBytes(
                    of: expires.bigEndian,
                    toByteOffset: count + 1,
                    as: UInt64.self
                )
                unsafe raw.storeBytes(
                    of: entry.user.bigEndian,
                    toByteOffset: count,
                    as: UInt32.self
                )
                count += Self.entryLength
            }
        }
    }

    /// Reads the row of a query for `id` and `entries`.
    init(_ rows: some StoredRows) throws {
        watched = []
        (watcher, start) = try Self.read(rows, into: &watched)
    }

    /// Reads the row of a query for `id` and `entries`, and believes none of it.
    ///
    /// - Parameter watched: what the run has is put there in place of what is there: rows are read by the
    ///   million, and need no memory of their own.
    /// - Returns: the watcher, and where the run begins.
    static func read(
        _ rows: some StoredRows,
        into watched: inout [WatchedUser]
    ) throws -> (watcher: UserID, start: UserID) {
        let id = try rows.integer(0, "subscription_run.id")
        guard id >= 0, let watcher = UserID(exactly: id >> 32), watcher != .everyone else {
            throw Damage(reason: "subscription_run.id is \(id)")
        }
        let start = UserID(truncatingIfNeeded: id)
        try unsafe rows.withBytes(1, "subscription_run.entries") { bytes in
            try unsafe read(bytes, of: watcher, from: start, into: &watched)
        }
        return (watcher, start)
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer,
        of watcher: UserID,
        from start: UserID,
        into watched: inout [WatchedUser]
    ) throws(Damage) {
        guard (1...longest * entryLength).contains(bytes.count),
            bytes.count.isMultiple(of: entryLength)
        else {
            let reason = "a run of subscriptions of user \(watcher) has \(bytes.count) bytes"
            throw Damage(reason: reason)
        }
        watched.removeAll(keepingCapacity: true)
        var lowest = Int64(start)
        for place in stride(from: 0, to: bytes.count, by: entryLength) {
            let user = unsafe UInt32(
                bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            )
            // Eight bytes are one load: the upper three of them are the user's.
            let end = unsafe UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: place + 1, as: UInt64.self)
            )
            guard Int64(user) >= lowest else {
                let reason = "the subscriptions of user \(watcher) are out of order"
                throw Damage(reason: reason)
            }
            lowest = Int64(user) + 1
            watched.append(WatchedUser(user: user, expires: Int64(end & 0xFF_FFFF_FFFF)))
        }
    }
}
