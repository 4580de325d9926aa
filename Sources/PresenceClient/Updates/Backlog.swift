import DequeModule

/// What a slow reader has not read yet: of each matter only the newest, and not without end.
///
/// A user's news keeps its place in the queue when a newer one takes it. So what is read is always
/// true of some moment, and nobody waits for ever behind a user who changes all the time.
struct Backlog {
    private var queue: Deque<Update> = []
    /// How many were taken from the front: the place of a matter less this is its index.
    private var taken = 0
    private var places: [Update.Subject: Int] = [:]
    private var missed = 0
    private let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0, "a backlog of \(capacity) updates")
        self.capacity = capacity
    }

    var count: Int { queue.count }

    /// Adds an update; past the capacity the oldest gives way, and is counted.
    mutating func add(_ update: Update) {
        if case .subscriptionEnded(let username?, _) = update {
            // What comes after the end belongs to a new subscription, and stands behind it; so does
            // the end of that one.
            if places.removeValue(forKey: .status(username)) != nil {
                places[update.subject] = nil
            }
        }
        if let place = places[update.subject] {
            queue[place - taken] = update
            return
        }
        if queue.count == capacity, takeFirst() != nil {
            missed += 1
        }
        places[update.subject] = taken + queue.count
        queue.append(update)
    }

    /// Takes the oldest; first of all how many were missed, if any were.
    mutating func next() -> Update? {
        if missed > 0 {
            defer { missed = 0 }
            return .missed(missed)
        }
        return takeFirst()
    }

    private mutating func takeFirst() -> Update? {
        guard let first = queue.popFirst() else { return nil }
        if places[first.subject] == taken {
            places[first.subject] = nil
        }
        taken += 1
        return first
    }
}
