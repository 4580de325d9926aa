import Presence

/// The changes of one turn in a journal: how many bytes follow the first eight (4 bytes), the checksum of
/// those (4 bytes), the turn's sequence number (8 bytes), and the changes as ``ChangeWriter`` writes them.
///
/// The lowest byte of a number comes first.
struct JournalRecord {
    /// The sequence numbers that a turn can have.
    ///
    /// A store begins at a random one of the lower half, and each turn has one more than the one before: no bridge comes to the end, and a journal of one store
    /// hardly ever follows on another's.
    static let sequences: ClosedRange<Int64> = 0...(1 << 62)
    /// Length and checksum.
    private static let frameLength = 8
    /// Frame and sequence number.
    private static let headLength = 16

    let sequence: Int64
    /// The bytes of the changes.
    let payload: ArraySlice<UInt8>
    /// Where the next record begins.
    var end: Int { payload.endIndex }

    /// Reads the record at a place; `nil` if there is none, or no whole one.
    init?(in bytes: [UInt8], at place: Int) {
        guard let end = Self.end(of: bytes, at: place), end <= bytes.count else { return nil }
        let sequence = Self.number(in: bytes, at: place + 8, length: 8)
        guard let sequence = Int64(exactly: sequence), Self.sequences.contains(sequence) else {
            return nil
        }
        let checksum = Self.number(in: bytes, at: place + 4, length: 4)
        let checked = bytes[place + Self.frameLength..<end]
        guard CRC32.checksum(of: checked) == checksum else { return nil }
        self.sequence = sequence
        payload = bytes[place + Self.headLength..<end]
    }

    /// The bytes of a record.
    static func bytes(of changes: [Change], sequence: Int64) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: headLength)
        head.reserveCapacity(headLength + 64 * changes.count)
        put(UInt64(bitPattern: sequence), into: &head, at: 8, length: 8)
        var writer = ChangeWriter(after: head)
        for change in changes { writer.write(change) }
        var bytes = writer.bytes
        put(UInt64(bytes.count - frameLength), into: &bytes, at: 0, length: 4)
        let checksum = CRC32.checksum(of: bytes[frameLength...])
        put(UInt64(checksum), into: &bytes, at: 4, length: 4)
        return bytes
    }

    /// Whether the bytes at a place are the beginning of a record of which the rest is missing, or
    /// nothing but the zeroes that a file system shows where nothing was written.
    static func isIncomplete(in bytes: [UInt8], at place: Int) -> Bool {
        guard bytes.count - place >= frameLength else { return true }
        if let end = end(of: bytes, at: place) { return end > bytes.count }
        return bytes[place...].allSatisfy { $0 == 0 }
    }

    /// Whether a record of a later turn than the given one begins behind a place.
    ///
    /// It can be no later than the bytes have room for, which rules out nearly every place before its
    /// checksum is reckoned.
    static func isFollowed(in bytes: [UInt8], behind place: Int, after sequence: Int64) -> Bool {
        let first = place + 1
        guard bytes.count - first > headLength else { return false }
        return (first..<bytes.count - headLength).contains { place in
            let found = Int64(
                truncatingIfNeeded: Self.number(in: bytes, at: place + 8, length: 8)
            )
            return found > sequence && found - sequence <= bytes.count
                && JournalRecord(in: bytes, at: place) != nil
        }
    }

    /// Where the record at a place ends by its own word, which may be beyond the bytes.
    private static func end(of bytes: [UInt8], at place: Int) -> Int? {
        guard bytes.count - place >= frameLength else { return nil }
        let length = Int(number(in: bytes, at: place, length: 4))
        // A turn without changes is not written.
        guard length > headLength - frameLength else { return nil }
        return place + frameLength + length
    }

    private static func number(in bytes: [UInt8], at place: Int, length: Int) -> UInt64 {
        bytes[place..<place + length].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func put(
        _ number: UInt64,
        into bytes: inout [UInt8],
        at place: Int,
        length: Int
    ) {
        for index in 0..<length {
            bytes[place + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))
        }
    }
}
