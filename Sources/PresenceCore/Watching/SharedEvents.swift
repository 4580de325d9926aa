import Presence

/// What watchers who come one after the other are told in the same words: it is written once.
struct SharedEvents {
    /// What it tells.
    let items: [Outbox.Item]
    /// The messages that it takes.
    let messages: [[UInt8]]
    /// How many updates there are in these.
    let updates: Int
    /// How many bytes they have.
    let bytes: Int
    /// Who is told.
    private(set) var watchers: [Name] = []

    /// Events of nothing to nobody.
    init() { self.init([], limit: 0) { _ in nil } }

    /// Events of some items, in messages of so many bytes at most.
    ///
    /// - Parameter payload: of a user's status; `nil` for one who is forgotten.
    init(_ items: [Outbox.Item], limit: Int, _ payload: (UserID) -> [UInt8]?) {
        var batch = EventBatch(limit: limit)
        for item in items {
            switch item {
            case .frozen(let bytes, _), .end(let bytes, _): batch.append(bytes)
            case .status(let user): if let bytes = payload(user) { batch.append(bytes) }
            }
        }
        self.items = items
        updates = batch.count
        messages = batch.take()
        bytes = messages.reduce(0) { $0 + $1.count }
    }

    /// Tells another one.
    mutating func append(_ watcher: Name) { watchers.append(watcher) }

    /// Tells them.
    func publish(into effects: inout [Effect]) {
        guard !watchers.isEmpty else { return }
        for message in messages { effects.append(.notify(watchers, message)) }
    }
}
