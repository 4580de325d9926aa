import Crowd
import Foundation

/// What a run did, and what it saw.
struct RunCounts: CustomStringConvertible {
    private let name: String
    var rounds = 0
    var logins = 0
    var drops = 0
    private(set) var faults: [String: Int] = [:]
    private(set) var tally = Tally()
    /// How long it took each time until another bridge served.
    var takeOvers: [Duration] = []
    /// How many different statuses were seen, where all were compared.
    var statuses = 0

    init(_ name: String) { self.name = name }

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
        \(name): \(rounds) rounds in which nothing was lost
          faults: \(faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", "))
          logins in storms \(logins), times that the broker began to drop \(drops)
          connections \(tally.connections), of which lost \(tally.losses)
          statements \(tally.statements), requests answered \(tally.answers), asked again \
        \(tally.retries), refused for the moment \(tally.refusals)
          acknowledged subscriptions \(tally.subscriptions), events \(tally.events), syncs \
        \(tally.syncs), announcements \(tally.announcements)\(shared)
        """
    }

    /// What there is to tell where bridges share a store.
    private var shared: String {
        guard !takeOvers.isEmpty else { return "" }
        let sorted = takeOvers.sorted().map { String(format: "%.1f s", $0 / .seconds(1)) }
        return """

              take-overs \(sorted.count), another bridge served after \(sorted[sorted.count / 2]) in \
            the median, \(sorted[sorted.count - 1]) at worst
              statuses of which each had a seq of its own \(statuses)
            """
    }
}
