import BrokerFixture
import Foundation
import Presence

/// How many subscriptions a second the bridge makes and stores.
enum SubscribeScenario: Scenario {
    static let number = 9
    static let title = "subscribe of 100 names, durable, 200 outstanding"

    private static let page = 100
    static let depth = 200

    static func run(_ options: RunOptions) async throws -> [Finding] {
        let watchers = options.size(10_000, quick: 2_000)
        let testbed = try Testbed()
        let crowd = try prepare(watchers, on: testbed)
        let plain = try PlainSQLite(path: testbed.broker.folder.file("plain.db"))
        try plain.makeTable()
        // Afterwards the bridge and the store know the names of all watchers, too.
        var last = try crowd.subscribe(depth: depth)
        try plain.write(last.rows, inGroupsOf: last.rowsPerCommit)
        let otherTestbed = try options.against.map { try Testbed(of: $0) }
        let others = try otherTestbed.map { try prepare(watchers, on: $0) }
        _ = try others?.subscribe(depth: depth)

        return try [false, true].flatMap { renews in
            var groups: [Double] = []
            let comparison = try Comparison(
                options,
                yardstickIsLast: true,
                bridge: .init(on: testbed) {
                    last = try crowd.subscribe(depth: depth, renews: renews)
                    groups.append(Double(last.rowsPerCommit))
                    return [last.rate]
                },
                other: others.map { others in
                    .init(on: otherTestbed) {
                        [try others.subscribe(depth: depth, renews: renews).rate]
                    }
                },
                yardstick: {
                    let taken = try seconds {
                        try plain.write(last.rows, inGroupsOf: last.rowsPerCommit)
                    }
                    return [Double(last.rows.count) / taken]
                }
            )
            let name = "9  subscribe of \(page) names, \(renews ? "renewed" : "new")"
            return [
                Finding(
                    scenario: name,
                    yardstick: "SQLite group commit",
                    unit: "rows/s",
                    rounds: comparison.rounds(),
                    goal: .atLeast(0.7),
                    usage: comparison.usage,
                    remarks: [
                        "commits of \(Figure.text(Figure.median(groups))) rows, as counted in the "
                            + "store's log"
                    ]
                )
            ] + comparison.besideOther(scenario: name, unit: "rows/s")
        }
    }

    static func prepare(
        _ watchers: Int,
        on testbed: Testbed,
        _ settings: [String: String] = [:]
    ) throws -> Subscribers {
        // Everyone who is watched is known, so that a round adds rows of one kind.
        let sample = StoreSample(users: 20_000, online: 0, subscriptions: 0)
        try testbed.fillStore(with: sample)
        try testbed.startBridge(settings)
        return try Subscribers(watchers, of: sample.users, page: page, on: testbed)
    }
}
