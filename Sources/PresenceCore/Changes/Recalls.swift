import Presence

/// What waits for the change log to be read, which goes on beside the turns.
struct Recalls: Sendable {
    /// Whose answer waits.
    enum Asker: Sendable {
        case request(RequestMessage)
        /// The question of this number.
        case question(UInt64)
    }

    struct Recall: Sendable {
        let call: Call
        let asker: Asker
        /// Whose changes are asked for.
        let user: Name
        /// Changes through this id were erased meanwhile.
        var erased: Int64 = 0
    }

    /// The most that wait at one time.
    private static let most = 256

    private var waiting: [UInt64: Recall] = [:]
    private var last: UInt64 = 0

    /// Takes one in, and returns the number that its answer will have.
    mutating func begin(
        _ call: Call,
        of user: Name,
        for asker: Asker
    ) throws(Refusal) -> UInt64 {
        guard waiting.count < Self.most else {
            throw Refusal(.unavailable, "the change log is read by many now; try later")
        }
        last &+= 1
        waiting[last] = Recall(call: call, asker: asker, user: user)
        return last
    }

    /// A user's changes are erased: what was read of them before is shown to nobody.
    mutating func erase(_ user: Name, through id: Int64) {
        for (number, recall) in waiting where recall.user == user { waiting[number]?.erased = id }
    }

    /// The one of that number is over.
    mutating func end(_ number: UInt64) -> Recall? { waiting.removeValue(forKey: number) }

    /// The connection is gone: requests are asked again.
    mutating func disconnect() {
        waiting = waiting.filter {
            if case .question = $0.value.asker { true } else { false }
        }
    }
}
