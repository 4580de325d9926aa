import Presence

/// Marks where the next page goes on: opaque, bound to the caller, the operation and this run of
/// the bridge.
struct Cursors: Hashable, Sendable {
    private var salt: Int64?

    /// Cursors of an earlier run are too old.
    mutating func begin(at now: Instant) {
        if salt == nil { salt = now.unix }
    }

    func cursor(at place: Int64, _ operation: Request.Operation, of caller: Name) -> String {
        "\(place)-" + String(seal(place, operation, caller), radix: 36)
    }

    /// The place that a cursor stands for.
    ///
    /// - Throws: ``ErrorCode/invalidPage`` for one that is foreign or too old.
    func place(
        of cursor: String,
        _ operation: Request.Operation,
        of caller: Name
    ) throws(Refusal) -> Int64 {
        let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let place = Int64(parts[0]),
            self.cursor(at: place, operation, of: caller) == cursor
        else {
            throw Refusal(
                .invalidPage,
                "cursor is none of this caller and operation, or too old; begin without one"
            )
        }
        return place
    }

    /// FNV-1a: it keeps apart, it does not keep secret; a place is worth nothing to a forger.
    private func seal(_ place: Int64, _ operation: Request.Operation, _ caller: Name) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(salt ?? 0)/\(place)/\(operation)/\(caller)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return hash
    }
}
