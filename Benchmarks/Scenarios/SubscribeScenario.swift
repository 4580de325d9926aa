import BrokerFixture
import Foundation
import Presence

/// How many subscriptions a second the bridge makes and stores.
enum SubscribeScenario: Scenario {
    static let number = 9
    static let title = "subscribe of 100 names, durable, 200 outstanding"

    private static let page = 100
    private static let depth = 200

    static func run(_ runSize: RunSize) async throws -> [Finding] {
        let testbed = try Testbed()
        // Everyone who is watched is known, so that a round adds rows of one kind.
        let sample = StoreSample(users: 20_000, online: 0, subscriptions: 0)
        try sample.write(to: testbed.broker.folder.file("presence.db"))
        try testbed.startBridge()
        let watchers = runSize.size(10_000, quick: 2_000)
        let crowd = try Subscribers(watchers, of: sample.users, page: page, on: testbed)
        let plain = try PlainSQLite(path: testbed.broker.folder.file("plain.db"))
        try plain.makeTable()

        // Afterwards the bridge and the store know the names of all watchers, too.
        let first = try crowd.subscribe(depth: depth)
        try plain.write(first.rows, inGroupsOf: first.rowsPerCommit)
        var findings: [Finding] = []
        for renews in [false, true] {
            var rounds: [Finding.Round] = []
            var groups: [Double] = []
            var usage = testbed.usage()
            usage.reset()
            for _ in 0..<runSize.rounds {
                let before = testbed.usage()
                let done = try crowd.subscribe(depth: depth, renews: renews)
                usage.add(testbed.usage().since(before, elapsed: done.seconds))
                let taken = try seconds {
                    try plain.write(done.rows, inGroupsOf: done.rowsPerCommit)
                }
                let rows = Double(done.rows.count)
                rounds.append(.init(subject: rows / done.seconds, yardstick: rows / taken))
                groups.append(Double(done.rowsPerCommit))
            }
            findings.append(
                Finding(
                    scenario: "9  subscribe of \(page) names, \(renews ? "renewed" : "new")",
                    yardstick: "SQLite group commit",
                    unit: "rows/s",
                    rounds: rounds,
                    goal: .atLeast(0.7),
                    usage: usage,
                    remarks: [
                        "commits of \(Figure.text(Figure.median(groups))) rows, as counted in the "
                            + "store's log"
                    ]
                )
            )
        }
        return findings
    }
}
