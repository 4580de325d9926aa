import PresenceClient

/// Changes that wait a moment for what follows on them.
///
/// One act of a person is often several changes: a word and a description, or a logout that takes the
/// description along. Told after a moment, it is one.
struct PendingChanges {
    /// How long a change waits; twice the bridge's usual `event_interval`, and some way.
    static let moment: Duration = .milliseconds(300)

    private struct Entry {
        var status: UserStatus
        let since: ContinuousClock.Instant
    }

    /// The newest change that was taken of each user.
    private var seqs: [Name: Int64] = [:]
    private var waiting: [Name: Entry] = [:]
    private var order: [Name] = []

    mutating func take(_ status: UserStatus, at now: ContinuousClock.Instant) {
        let name = status.username
        if let seq = seqs[name], seq >= status.seq { return }
        seqs[name] = status.seq
        if waiting[name] == nil {
            waiting[name] = Entry(status: status, since: now)
            order.append(name)
        } else {
            waiting[name]?.status = status
        }
    }

    /// Takes out what has waited long enough, or all of it, in the order in which it came.
    mutating func due(at now: ContinuousClock.Instant?) -> [UserStatus] {
        var statuses: [UserStatus] = []
        while let name = order.first, let entry = waiting[name] {
            if let now, entry.since + Self.moment > now { break }
            statuses.append(entry.status)
            order.removeFirst()
            waiting[name] = nil
        }
        return statuses
    }

    /// When the first of those that wait has waited long enough.
    var next: ContinuousClock.Instant? {
        order.first.flatMap { waiting[$0] }.map { $0.since + Self.moment }
    }
}
