import DequeModule
import Mosquitto

/// What waits to be published, in order.
///
/// The library's own queue has no bound and is slow when it is long, so no more than a window is
/// handed to it. Of a retained topic only the newest content waits, behind all that was there
/// before it: a status never overtakes the event that tells of it.
struct Outbound {
    /// How much may wait.
    struct Load {
        var count = 0
        var bytes = 0

        fileprivate mutating func add(_ message: Message) {
            count += 1
            bytes += message.payload.count
        }

        fileprivate mutating func remove(_ message: Message) {
            count -= 1
            bytes -= message.payload.count
        }

        func exceeds(_ other: Load) -> Bool { count > other.count || bytes > other.bytes }
    }

    private enum Item {
        case message(Message, isAnswer: Bool)
        /// The place of a retained topic; an older one than the topic's own counts for nothing.
        case retained(topic: String, serial: UInt64)
    }

    private var queue = Deque<Item>()
    private var retained: [String: (message: Message, serial: UInt64)] = [:]
    private var serial: UInt64 = 0
    private var isCongested = false

    private(set) var load = Load()
    private(set) var answers = Load()

    /// How many places are kept, with those that count for nothing any more: at most twice as many
    /// as publishes wait.
    var places: Int { queue.count }

    /// Adds a message at the end; retained content replaces what waits for its topic.
    mutating func append(_ message: Message, isAnswer: Bool = false) {
        load.add(message)
        if isAnswer { answers.add(message) }
        guard message.retain else {
            return queue.append(.message(message, isAnswer: isAnswer))
        }
        serial += 1
        queue.append(.retained(topic: message.topic, serial: serial))
        if let before = retained.updateValue((message, serial), forKey: message.topic) {
            load.remove(before.message)
            if queue.count > 2 * load.count { queue.removeAll(where: isOutdated) }
        }
    }

    var first: Message? {
        mutating get {
            while let item = queue.first {
                if let message = message(of: item) { return message }
                queue.removeFirst()
            }
            return nil
        }
    }

    mutating func popFirst(if isWanted: (Message) -> Bool = { _ in true }) -> Message? {
        guard let message = first, isWanted(message) else { return nil }
        if case .message(_, isAnswer: true) = queue.removeFirst() { answers.remove(message) }
        if message.retain { retained[message.topic] = nil }
        load.remove(message)
        return message
    }

    /// What stands at a place; `nil` if it counts for nothing any more.
    private func message(of item: Item) -> Message? {
        switch item {
        case .message(let message, _): message
        case .retained(let topic, _): isOutdated(item) ? nil : retained[topic]?.message
        }
    }

    private func isOutdated(_ item: Item) -> Bool {
        guard case .retained(let topic, let serial) = item else { return false }
        return retained[topic]?.serial != serial
    }

    /// Whether the broker keeps up no more, or again; `nil` if that is as it was.
    mutating func takeCongestion() -> Bool? {
        let isNow = load.exceeds(isCongested ? LinkBounds.relieved : LinkBounds.congested)
        guard isNow != isCongested else { return nil }
        isCongested = isNow
        return isNow
    }

    /// Drops everything that waits.
    mutating func removeAll() {
        queue.removeAll()
        retained.removeAll()
        (load, answers) = (Load(), Load())
    }
}
