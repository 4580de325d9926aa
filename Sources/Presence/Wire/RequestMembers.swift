/// The members of a request that any operation has a use for, read from its payload without an object.
public struct RequestMembers {
    var id = JSONField<RequestID>.absent
    var usernames = JSONField<[String]>.absent
    var all = JSONField<Bool>.absent
    var expiry = JSONField<Int64>.absent
    var description = JSONField<String>.absent
    var brief = JSONField<Bool>.absent
    var pageNum = JSONField<Int64>.absent
    var pageSize = JSONField<Int64>.absent
    var cursor = JSONField<String>.absent
    var after = JSONField<Int64>.absent
    var before = JSONField<Int64>.absent

    /// Reads a payload that must be a JSON object; an empty one counts as `{}`.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` that says where the text goes wrong.
    public init(readingPayload payload: [UInt8]) throws(Refusal) {
        guard !payload.isEmpty else { return }
        let isRead = unsafe payload.withUnsafeBufferPointer { bytes in
            unsafe JSONReader.members(of: bytes) { key, value in
                switch key {
                case "id": id = JSONField(found: RequestID(value))
                case "usernames": usernames = JSONField(found: value.texts)
                case "all": all = JSONField(found: value.bool)
                case "expiry": expiry = JSONField(found: value.integer)
                case "description": description = JSONField(found: value.text?.string)
                case "brief": brief = JSONField(found: value.bool)
                case "pageNum": pageNum = JSONField(found: value.integer)
                case "pageSize": pageSize = JSONField(found: value.integer)
                case "cursor": cursor = JSONField(found: value.text?.string)
                case "after": after = JSONField(found: value.integer)
                case "before": before = JSONField(found: value.integer)
                default: break
                }
            }
        }
        if !isRead { _ = try JSONObject(readingPayload: payload) }
    }

    /// The usernames, each once at its first place; `nil` where the key is absent.
    func readUsernames() throws(Refusal) -> [String]? {
        guard let texts = try usernames.texts("usernames") else { return nil }
        guard !texts.isEmpty else {
            throw Refusal(.malformedRequest, "usernames is empty; it has 1 or more")
        }
        return texts.eachOnce
    }
}

extension [String] {
    /// The texts without those that stand there before.
    fileprivate var eachOnce: [String] {
        // Where no two hashes are equal, no two texts are, which is the rule.
        guard count > 1, hasEqualHashes else { return self }
        var seen = Set<ExactText>(minimumCapacity: count)
        return filter { seen.insert(ExactText($0)).inserted }
    }

    private var hasEqualHashes: Bool {
        // At least half of the places stay free; a free one is 0.
        var places = [UInt64](repeating: 0, count: 2 << (Int.bitWidth - count.leadingZeroBitCount))
        for text in self {
            let hash = text.quickHash(seed: 0) | 1
            var place = Int(truncatingIfNeeded: hash >> 32) & (places.count - 1)
            while places[place] != 0 {
                if places[place] == hash { return true }
                place = (place + 1) & (places.count - 1)
            }
            places[place] = hash
        }
        return false
    }
}
