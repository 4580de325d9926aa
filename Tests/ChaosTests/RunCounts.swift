import Crowd

/// What a run did, and what it saw.
struct RunCounts: CustomStringConvertible {
    var rounds = 0
    var logins = 0
    var drops = 0
    private(set) var faults: [String: Int] = [:]
    private(set) var tally = Tally()

    mutating func add(_ counts: [String: Int], _ more: Tally) {
        faults.merge(counts, uniquingKeysWith: +)
        tally.connections += more.connections
        tally.losses += more.losses
        tally.statements += more.statements
        tally.answers += more.answers
        tally.retries += more.retries
        tally.refusals += more.refusals
        tally.subscriptions += more.subscriptions
        tally.events += more.events
        tally.announcements += more.announcements
        tally.syncs += more.syncs
    }

    /// In lines.
    var description: String {
        """
        chaos: \(rounds) rounds in which nothing was lost
          faults: \(faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", "))
          logins in storms \(logins), times that the broker began to drop \(drops)
          connections \(tally.connections), of which lost \(tally.losses)
          statements \(tally.statements), requests answered \(tally.answers), asked again \
        \(tally.retries), refused for the moment \(tally.refusals)
          acknowledged subscriptions \(tally.subscriptions), events \(tally.events), syncs \
        \(tally.syncs), announcements \(tally.announcements)
        """
    }
}
