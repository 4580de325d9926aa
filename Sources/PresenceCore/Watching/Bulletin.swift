import Presence

/// What watchers who come one after the other are told in the same words: it is written once.
struct Bulletin {
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

    /// A bulletin of nothing to nobody.
    init() { self.init([], Batch(limit: 0)) }

    /// A bulletin of some items, written into a batch.
    init(_ items: [Outbox.Item], _ batch: consuming Batch) {
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
