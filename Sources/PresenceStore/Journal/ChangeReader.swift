import Presence

/// Reads changes that a ``ChangeWriter`` has written, and believes none of the bytes.
struct ChangeReader {
    /// The bytes are no changes, or one of the changes breaks a rule of what may be stored.
    struct Unreadable: Error {}

    private let bytes: ArraySlice<UInt8>
    private var place: Int

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// All changes that the bytes hold, in their order.
    static func changes(in bytes: ArraySlice<UInt8>) throws(Unreadable) -> [Change] {
        var reader = ChangeReader(bytes)
        var changes: [Change] = []
        while reader.place < bytes.endIndex {
            let change = try reader.change()
            guard change.brokenRuleAsFound == nil else { throw Unreadable() }
            changes.append(change)
        }
        return changes
    }

    private mutating func change() throws(Unreadable) -> Change {
        guard let kind = ChangeKind(rawValue: try byte()) else { throw Unreadable() }
        switch kind {
        case .putBroker: return .putBroker(try broker())
        case .putUser: return .putUser(try user())
        case .removeUser: return .removeUser(try userID())
        case .putDevice: return .putDevice(try device())
        case .removeDevice:
            let user = try userID()
            return .removeDevice(user: user, name: Name(checked: try text()))
        case .putSubscription:
            let (watcher, user) = (try userID(), try userID())
            let expires = try integer()
            return .putSubscription(
                SubscriptionRecord(watcher: watcher, user: user, expires: expires)
            )
        case .removeSubscription:
            let watcher = try userID()
            return .removeSubscription(watcher: watcher, user: try userID())
        case .putLogged: return .log(.put(try loggedChange()))
        case .eraseLogged:
            let user = Name(checked: try text())
            return .log(.erase(user, through: try integer()))
        case .putLogEnd: return .log(.end(try integer()))
        case .putWebhook: return .log(.putWebhook(try webhook()))
        case .removeWebhook: return .log(.removeWebhook(try text()))
        }
    }

    // The arguments of a call are read in the order in which they stand there.

    private mutating func broker() throws(Unreadable) -> BrokerRecord {
        let flags = try flags(outOf: .ofBroker)
        let started = flags.contains(.started) ? try integer() : nil
        let (epoch, clock, lastStart) = (try integer(), try integer(), try integer())
        guard let kept = KeptCopy(rawValue: try integer()) else { throw Unreadable() }
        return BrokerRecord(
            started: started,
            epoch: epoch,
            isSettled: flags.contains(.isSettled),
            clock: clock,
            lastStart: lastStart,
            kept: kept,
            mark: try integer(),
            markedTopic: flags.contains(.markedTopic) ? try text() : nil
        )
    }

    private mutating func user() throws(Unreadable) -> UserRecord {
        let id = try userID()
        let flags = try flags(outOf: .ofUser)
        let name = Name(checked: try text())
        let description = try text()
        let expires = flags.contains(.descriptionExpires) ? try integer() : nil
        var cause: Cause?
        if flags.contains(.cause) {
            cause = Cause(rawValue: try text())
            guard cause != nil else { throw Unreadable() }
        }
        return UserRecord(
            id: id,
            name: name,
            description: description,
            descriptionExpires: expires,
            cause: cause,
            since: flags.contains(.since) ? try integer() : nil,
            updated: flags.contains(.updated) ? try integer() : nil,
            seq: try integer()
        )
    }

    private mutating func device() throws(Unreadable) -> DeviceRecord {
        let user = try userID()
        let flags = try flags(outOf: .ofDevice)
        return DeviceRecord(
            user: user,
            name: Name(checked: try text()),
            status: StatusWord(checked: try text()),
            ttl: flags.contains(.ttl) ? try integer() : nil,
            session: flags.contains(.session) ? try text() : nil,
            epoch: try integer(),
            heard: try integer()
        )
    }

    private mutating func loggedChange() throws(Unreadable) -> LoggedChange {
        let (id, user, time) = (try integer(), Name(checked: try text()), try integer())
        guard let kind = LoggedChange.Kind(rawValue: try text()) else { throw Unreadable() }
        return LoggedChange(
            id: id,
            user: user,
            time: time,
            kind: kind,
            status: Array(try text().utf8)
        )
    }

    private mutating func webhook() throws(Unreadable) -> WebhookPosition {
        guard
            let position = WebhookPosition(
                try text(),
                taken: try integer(),
                held: try integer(),
                passed: try integer(),
                condensed: try integer(),
                skipped: try integer()
            )
        else { throw Unreadable() }
        return position
    }

    // MARK: - Values

    private mutating func byte() throws(Unreadable) -> UInt8 {
        guard place < bytes.endIndex else { throw Unreadable() }
        defer { place += 1 }
        return bytes[place]
    }

    private mutating func flags(outOf all: ChangeFlags) throws(Unreadable) -> ChangeFlags {
        let flags = ChangeFlags(rawValue: try byte())
        guard all.isSuperset(of: flags) else { throw Unreadable() }
        return flags
    }

    private mutating func integer() throws(Unreadable) -> Int64 {
        var integer: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            // Of the tenth byte a single bit is left.
            guard shift < 63 || byte <= 1 else { throw Unreadable() }
            integer |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: integer) }
        }
        throw Unreadable()
    }

    private mutating func userID() throws(Unreadable) -> UserID {
        guard let id = UserID(exactly: try integer()) else { throw Unreadable() }
        return id
    }

    private mutating func text() throws(Unreadable) -> String {
        let count = try integer()
        guard count >= 0, count <= bytes.endIndex - place else { throw Unreadable() }
        let end = place + Int(count)
        guard let text = String(validating: bytes[place..<end], as: UTF8.self) else {
            throw Unreadable()
        }
        place = end
        return text
    }
}
