import Presence

/// What one watcher is to be told.
struct Outbox: Hashable, Sendable {
    private static let leastRoom = 64
    /// So many are compared each with each.
    private static let few = 8

    /// One thing to tell: eight bytes, since of a storm there are millions.
    enum Item: Hashable, Sendable {
        /// A user's status, as it is when the message is written.
        case status(UserID)
        /// A user's status as it was when the subscription ended, which is told in any case. The name,
        /// since the number may be another's by the time that this is told.
        indirect case frozen([UInt8], of: Name)
        /// The end of a subscription; `nil` for that to everyone.
        indirect case end([UInt8], of: Name?)
    }

    /// In the order in which it happened; of a user told twice, the last place holds.
    private(set) var items: [Item] = []
    /// How many items there may be before those that are told later again are dropped.
    private var room = Self.leastRoom
    /// From when on the next message may go out, in milliseconds of uptime.
    var opens: Int64 = 0

    init(_ item: Item? = nil) {
        if let item { items = [item] }
    }

    mutating func append(_ item: Item) {
        guard items.last != item else { return }
        items.append(item)
        if items.count > room { compact() }
    }

    /// Drops what is about the users, since it is not to be told any more; with `nil` every status.
    mutating func drop(_ users: [UserID: Name]?) {
        let names = users.map { Set($0.values) } ?? []
        let ended: [Name?] = items.compactMap {
            if case .end(_, let name) = $0 { .some(name) } else { nil }
        }
        items.removeAll { item in
            switch item {
            case .status(let user): users.map { $0[user] != nil } ?? true
            // What is told with an end that is still to be told stays with it.
            case .frozen(_, let name):
                users == nil
                    ? !ended.contains(name) && !ended.contains(nil) : names.contains(name)
            case .end(_, let name): name.map(names.contains) ?? false
            }
        }
    }

    /// Drops the notice of a subscription's end, since there is a new one: what was told of it as it
    /// was then is told as it is.
    mutating func dropEnd(of user: Name?, number: (Name) -> UserID?) {
        items = items.compactMap { item in
            switch item {
            case .end(_, user): nil
            case .frozen(_, let name) where user == nil || name == user:
                number(name).map(Item.status) ?? item
            case .status, .frozen, .end: item
            }
        }
    }

    /// Makes what is to be told of some users stay as it is now; `status` is that, or `nil` for a
    /// user whose status may still change.
    mutating func freeze(_ status: (UserID) -> UserStatus?) {
        compact()
        for index in items.indices {
            if case .status(let user) = items[index], let status = status(user) {
                items[index] = .frozen(status.payload, of: status.username)
            }
        }
    }

    /// Takes what is to be told, of each user the last place.
    mutating func take(_ names: Names) -> [Item] {
        compact()
        dropOvertaken(names)
        defer {
            items = []
            room = Self.leastRoom
        }
        return items
    }

    /// Drops what a user was like of whom it is told anew that it is there: an erased user may come back.
    private mutating func dropOvertaken(_ names: Names) {
        guard items.contains(where: { if case .frozen = $0 { true } else { false } }) else {
            return
        }
        var later: Set<Name> = []
        for index in items.indices.reversed() {
            switch items[index] {
            case .status(let user): names.name(of: user).map { _ = later.insert($0) }
            case .end(_, let name): name.map { _ = later.remove($0) }
            case .frozen(_, let name):
                if !later.insert(name).inserted { items.remove(at: index) }
            }
        }
    }

    /// Leaves of each user the last place.
    private mutating func compact() {
        if items.count > Self.few {
            var seen: Set<UserID> = []
            var write = items.endIndex
            for read in items.indices.reversed() {
                if case .status(let user) = items[read], !seen.insert(user).inserted { continue }
                write -= 1
                if write != read { items[write] = items[read] }
            }
            items.removeSubrange(..<write)
        } else if items.count > 1 {
            for index in items.indices.reversed() {
                guard case .status = items[index] else { continue }
                let later = items[(index + 1)...]
                if later.contains(items[index]) { items.remove(at: index) }
            }
        }
        // At the next time as many have come as are here now: the work is that of each a few times.
        room = 2 * items.count + Self.leastRoom
    }
}
