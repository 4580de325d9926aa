import Presence

/// What watchers who come one after the other are told in the same words: it is written once.
struct SharedEvents {
    let items: [Outbox.Item]
    /// The updates, as JSON arrays.
    private(set) var messages: [[UInt8]] = []
    /// How many updates there are in the messages.
    private(set) var updates = 0
    private(set) var watchers: [Name] = []

    /// The bytes of all messages.
    var bytes: Int { messages.reduce(0) { $0 + $1.count } }

    /// Events of some items, in messages of so many bytes at most, unless one update is longer.
    ///
    /// - Parameter payload: of a user's status; `nil` for one who is forgotten.
    init(_ items: [Outbox.Item], limit: Int, _ payload: (UserID) -> [UInt8]?) {
        self.items = items
        var message: [UInt8] = []
        for item in items {
            let update: [UInt8]? =
                switch item {
                case .frozen(let bytes, _), .end(let bytes, _): bytes
                case .status(let user): payload(user)
                }
            guard let update else { continue }
            if !message.isEmpty, message.count + update.count + 2 > limit { close(&message) }
            if message.isEmpty { message.reserveCapacity(update.count + 2) }
            message.append(message.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
            message.append(contentsOf: update)
            updates += 1
        }
        if updates > 0 { close(&message) }
    }

    private mutating func close(_ message: inout [UInt8]) {
        message.append(UInt8(ascii: "]"))
        messages.append(message)
        message = []
    }

    /// Tells another watcher the same.
    mutating func append(_ watcher: Name) { watchers.append(watcher) }

    func publish(into effects: inout [Effect]) {
        guard !watchers.isEmpty else { return }
        for message in messages { effects.append(.notify(watchers, message)) }
    }
}
