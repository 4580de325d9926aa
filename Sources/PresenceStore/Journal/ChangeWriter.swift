import Presence

/// Writes changes as bytes, one after the other; ``ChangeReader`` reads them.
///
/// A change is its ``ChangeKind`` and its values. Integers take as few bytes as they need (LEB128: seven
/// bits a byte, the lowest first), texts are their length and their UTF-8, and what may be missing is
/// announced by ``ChangeFlags``.
struct ChangeWriter {
    private(set) var bytes: [UInt8]

    /// Begins behind bytes that are there already.
    init(after bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    mutating func write(_ change: Change) {
        switch change {
        case .putBroker(let record): write(record)
        case .putUser(let record): write(record)
        case .removeUser(let id): begin(.removeUser, of: id)
        case .putDevice(let record): write(record)
        case .removeDevice(let user, let name):
            begin(.removeDevice, of: user)
            write(name.text)
        case .putSubscription(let record):
            begin(.putSubscription, of: record.watcher)
            write(Int64(record.user))
            write(record.expires)
        case .removeSubscription(let watcher, let user):
            begin(.removeSubscription, of: watcher)
            write(Int64(user))
        case .log(let step): write(step)
        }
    }

    private mutating func write(_ step: LogStep) {
        switch step {
        case .put(let change):
            bytes.append(ChangeKind.putLogged.rawValue)
            write(change.id)
            write(change.user.text)
            write(change.time)
            write(change.kind.rawValue)
            write(Int64(change.status.count))
            bytes += change.status
        case .erase(let user, let id):
            bytes.append(ChangeKind.eraseLogged.rawValue)
            write(user.text)
            write(id)
        case .end(let id):
            bytes.append(ChangeKind.putLogEnd.rawValue)
            write(id)
        case .putWebhook(let position):
            bytes.append(ChangeKind.putWebhook.rawValue)
            write(position.url)
            write(position.taken)
            write(position.held)
            write(position.passed)
            write(position.condensed)
            write(position.skipped)
        case .removeWebhook(let url):
            bytes.append(ChangeKind.removeWebhook.rawValue)
            write(url)
        }
    }

    private mutating func write(_ broker: BrokerRecord) {
        var flags: ChangeFlags = broker.isSettled ? .isSettled : []
        if broker.started != nil { flags.insert(.started) }
        if broker.markedTopic != nil { flags.insert(.markedTopic) }
        bytes.append(ChangeKind.putBroker.rawValue)
        bytes.append(flags.rawValue)
        if let started = broker.started { write(started) }
        write(broker.epoch)
        write(broker.clock)
        write(broker.lastStart)
        write(broker.kept.rawValue)
        write(broker.mark)
        if let markedTopic = broker.markedTopic { write(markedTopic) }
    }

    private mutating func write(_ user: UserRecord) {
        var flags: ChangeFlags = []
        if user.descriptionExpires != nil { flags.insert(.descriptionExpires) }
        if user.cause != nil { flags.insert(.cause) }
        if user.since != nil { flags.insert(.since) }
        if user.updated != nil { flags.insert(.updated) }
        begin(.putUser, of: user.id)
        bytes.append(flags.rawValue)
        write(user.name.text)
        write(user.description)
        if let expires = user.descriptionExpires { write(expires) }
        if let cause = user.cause { write(cause.rawValue) }
        if let since = user.since { write(since) }
        if let updated = user.updated { write(updated) }
        write(user.seq)
    }

    private mutating func write(_ device: DeviceRecord) {
        var flags: ChangeFlags = []
        if device.ttl != nil { flags.insert(.ttl) }
        if device.session != nil { flags.insert(.session) }
        begin(.putDevice, of: device.user)
        bytes.append(flags.rawValue)
        write(device.name.text)
        write(device.status.text)
        if let ttl = device.ttl { write(ttl) }
        if let session = device.session { write(session) }
        write(device.epoch)
        write(device.heard)
    }

    private mutating func begin(_ kind: ChangeKind, of user: UserID) {
        bytes.append(kind.rawValue)
        write(Int64(user))
    }

    /// Writes an integer; a negative one takes ten bytes.
    private mutating func write(_ integer: Int64) {
        var rest = UInt64(bitPattern: integer)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func write(_ text: String) {
        write(Int64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}
