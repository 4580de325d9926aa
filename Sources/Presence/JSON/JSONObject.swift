/// The members of a JSON object, in the order in which they were written.
///
/// Of a key that stands twice the last value holds, in the place of the first. Keys are compared
/// byte for byte. Two objects are equal when they have equal members in the same order.
public struct JSONObject: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        var key: String
        var value: JSONValue
    }

    /// Up to so many members, comparing each with each is quicker than hashing.
    private static let few = 16

    private var members: [Member]

    /// An object of the pairs.
    public init(_ pairs: some Sequence<(key: String, value: JSONValue)>) {
        self.init(members: pairs.map { Member(key: $0.key, value: $0.value) })
    }

    init(members: [Member]) {
        if members.count > Self.few || Self.repeatsKey(members) {
            self.members = Self.merged(members)
        } else {
            self.members = members
        }
    }

    /// The value under the key, `nil` when there is none.
    ///
    /// Takes time in proportion to ``count``.
    public subscript(key: String) -> JSONValue? {
        for member in members where member.key.hasSameBytes(as: key) {
            return member.value
        }
        return nil
    }

    /// The keys in their order.
    public var keys: [String] { members.map(\.key) }

    /// The values in their order, each under its key.
    package var entries: some Sequence<(key: String, value: JSONValue)> {
        members.lazy.map { ($0.key, $0.value) }
    }

    private static func repeatsKey(_ members: [Member]) -> Bool {
        for index in members.indices.dropFirst() {
            for earlier in 0..<index where members[earlier].key.hasSameBytes(as: members[index].key)
            {
                return true
            }
        }
        return false
    }

    /// The members without repeated keys, in linear time: a payload of thousands of keys must not
    /// cost the square of them.
    private static func merged(_ members: [Member]) -> [Member] {
        var places: [ExactText: Int] = [:]
        places.reserveCapacity(members.count)
        var merged: [Member] = []
        merged.reserveCapacity(members.count)
        for member in members {
            let key = ExactText(member.key)
            if let place = places[key] {
                merged[place].value = member.value
            } else {
                places[key] = merged.count
                merged.append(member)
            }
        }
        return merged
    }
}

extension JSONObject: RandomAccessCollection {
    /// The place of the first member.
    public var startIndex: Int { members.startIndex }

    /// The place behind the last member.
    public var endIndex: Int { members.endIndex }

    /// The member at a place.
    public subscript(position: Int) -> (key: String, value: JSONValue) {
        (members[position].key, members[position].value)
    }
}
